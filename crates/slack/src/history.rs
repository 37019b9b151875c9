//! Finding a message of our own again, after a call that gave no sure answer.
//!
//! Every message that must not be posted twice carries a mark in its metadata. Reading a channel's
//! history is expensive (for some apps one page a minute), so this happens only when a call is repeated,
//! and only between the times at which the message can have been posted: what is said later never
//! makes it harder to find. All these times are Slack's. [Slack: message metadata; conversations.history]

use super::client::{METADATA_TYPE, SlackClient};
use super::error::CallError;
use domain::ids::{ChannelId, MessageTs};
use domain::tenant::Installation;
use jiff::{SignedDuration, Timestamp};
use platform::walk::Walk;
use serde::Deserialize;
use serde_json::Value;

/// Messages on the first page, which is what Slack recommends at most. If they are too large together,
/// fewer are asked for.
const PAGE: u32 = 200;

/// Pages that one lookup asks for. Slack allows 50 a minute.
const MOST_PAGES: usize = 40;

/// Around a message that alone is too large to be read, so little is left out. It can't be ours: we post
/// less than a quarter of what is read.
const SLICE: SignedDuration = SignedDuration::from_millis(100);

/// The times between which a message was posted, if it was, by Slack's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub oldest: Timestamp,
    /// Not after.
    pub latest: Timestamp,
}

impl Window {
    /// The later half and the earlier half; `None` when it is too short for that.
    fn halves(self) -> Option<[Self; 2]> {
        let length = self.latest.duration_since(self.oldest);
        let middle = self.oldest + length / 2;
        (length > SLICE)
            .then_some([Self { latest: middle, ..self }, Self { oldest: middle, ..self }])
    }
}

/// How a message of ours is told from others.
#[derive(Debug, Clone, Copy)]
pub enum Sought<'s> {
    /// By the mark in its metadata.
    Mark(&'s str),
    /// By the name of a file in it: Slack puts no metadata on what shares a file.
    File(&'s str),
}

impl Sought<'_> {
    fn is(self, message: &Value) -> bool {
        match self {
            Self::Mark(mark) => is_marked(message, mark),
            Self::File(name) => {
                let mut files = message["files"].as_array().into_iter().flatten();
                files.any(|file| file["name"] == name)
            }
        }
    }
}

/// What is looked for.
struct Wanted<'w> {
    channel: &'w ChannelId,
    thread: Option<&'w MessageTs>,
    is_ours: &'w (dyn Fn(&Value) -> bool + Sync),
}

/// Where a message was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its time.
    pub ts: MessageTs,
    /// It was meant for a thread whose root is gone, so Slack posted it in the channel.
    pub is_outside: bool,
}

/// How reading a window ended.
enum Read {
    Found(MessageTs),
    /// It is not there.
    Whole,
    /// Nor can it be: the thread has lost its root.
    RootGone,
    /// A message alone is too large. This is left: it, and what is behind it.
    TooLarge(Window),
}

/// One page. The messages stay JSON: one of an unknown shape must not cost the page.
#[derive(Deserialize)]
struct HistoryPage {
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    response_metadata: Value,
}

impl SlackClient {
    /// Our own message, as it is sought, posted within `window`: in the thread when one is given, at the
    /// channel's top level otherwise. `None` says that Slack does not show one *yet*; right after
    /// posting that proves nothing. Where the thread has lost its root, also one in the channel, into
    /// which Slack posts what was meant for it.
    ///
    /// The bot has to be a member.
    ///
    /// # Errors
    /// [`CallError::Unclear`] also when there are too many messages, or no end to them;
    /// [`CallError::TooLarge`] when it may be hidden by a message that can't be read.
    pub async fn find(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        sought: Sought<'_>,
        window: Window,
    ) -> Result<Option<Found>, CallError> {
        match (thread, self.search(channel, thread, sought, window).await) {
            (_, Ok(Read::Found(ts))) => Ok(Some(Found { ts, is_outside: false })),
            (Some(_), Ok(Read::RootGone)) => self.find_outside(channel, sought, window).await,
            (Some(_), Err(CallError::Place(code))) if code == "thread_not_found" => {
                self.find_outside(channel, sought, window).await
            }
            (_, Ok(Read::Whole | Read::RootGone)) => Ok(None),
            (_, Ok(Read::TooLarge(_))) => Err(CallError::TooLarge),
            (_, Err(error)) => Err(error),
        }
    }

    /// Whether a message of a thread isn't there any more, be it its root. [Slack: conversations.replies]
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn is_gone(
        &self,
        channel: &ChannelId,
        root: &MessageTs,
        ts: &MessageTs,
    ) -> Result<bool, CallError> {
        let query = [
            ("channel", Some(channel.as_str())),
            ("ts", Some(root.as_str())),
            ("oldest", Some(ts.as_str())),
            ("latest", Some(ts.as_str())),
            ("inclusive", Some("true")),
            ("limit", Some("2")),
        ];
        let is_it = |message: &Value| message["ts"] == ts.as_str() && !is_tombstone(message);
        match self.read::<HistoryPage>("conversations.replies", &query).await {
            Ok(page) => Ok(!page.messages.iter().any(is_it)),
            Err(CallError::Place(code)) if code == "thread_not_found" => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn find_outside(
        &self,
        channel: &ChannelId,
        sought: Sought<'_>,
        window: Window,
    ) -> Result<Option<Found>, CallError> {
        match self.search(channel, None, sought, window).await? {
            Read::Found(ts) => Ok(Some(Found { ts, is_outside: true })),
            Read::Whole | Read::RootGone => Ok(None),
            Read::TooLarge(_) => Err(CallError::TooLarge),
        }
    }

    async fn search(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        sought: Sought<'_>,
        window: Window,
    ) -> Result<Read, CallError> {
        let me = self.me().await?;
        let is_ours = |message: &Value| is_by(me, message) && sought.is(message);
        let wanted = Wanted { channel, thread, is_ours: &is_ours };
        let mut pages_left = MOST_PAGES;
        // Where a message alone is too large, halves of the time are what gets smaller, not the pages.
        let mut windows = vec![(window, 1)];
        let (mut end, mut is_whole) = (Read::Whole, true);
        while let Some((window, least)) = windows.pop() {
            match self.read_window(&wanted, window, least, &mut pages_left).await? {
                Read::Found(ts) => return Ok(Read::Found(ts)),
                Read::Whole => {}
                Read::RootGone => end = Read::RootGone,
                Read::TooLarge(rest) => match rest.halves() {
                    Some(halves) => windows.extend(halves.map(|half| (half, PAGE))),
                    None => is_whole = false,
                },
            }
        }
        if is_whole { Ok(end) } else { Err(CallError::TooLarge) }
    }

    /// Our own message, as it is sought, on the newest page of a channel.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::TooLarge`] when the page can't be read whole.
    pub async fn find_among_newest(
        &self,
        channel: &ChannelId,
        sought: Sought<'_>,
    ) -> Result<Option<MessageTs>, CallError> {
        let me = self.me().await?;
        let is_ours = |message: &Value| is_by(me, message) && sought.is(message);
        let wanted = Wanted { channel, thread: None, is_ours: &is_ours };
        let page = self.page(&wanted, None, PAGE, None).await?;
        page.messages.iter().find(|message| is_ours(message)).map(posted_at).transpose()
    }

    /// Reads a window page by page, each as small as it has to be and of `least` messages.
    async fn read_window(
        &self,
        wanted: &Wanted<'_>,
        window: Window,
        least: u32,
        pages_left: &mut usize,
    ) -> Result<Read, CallError> {
        let mut walk = Walk::<String>::of(MOST_PAGES);
        let (mut limit, mut rest) = (PAGE, window);
        let mut end = Read::Whole;
        while walk.goes_on() {
            *pages_left = pages_left.checked_sub(1).ok_or_else(too_many)?;
            let page = match self.page(wanted, Some(window), limit, walk.at()).await {
                Err(CallError::TooLarge) if limit > least => {
                    limit = (limit / 4).max(least);
                    continue;
                }
                Err(CallError::TooLarge) => return Ok(Read::TooLarge(rest)),
                page => page?,
            };
            if let Some(message) = page.messages.iter().find(|message| (wanted.is_ours)(message)) {
                return posted_at(message).map(Read::Found);
            }
            // What a deleted root leaves in its place. Slack begins each page of a thread with the root.
            if wanted.thread.is_some() && page.messages.iter().any(is_tombstone) {
                end = Read::RootGone;
            }
            // A channel is read from its newest message on, a thread from its oldest.
            let last = page.messages.last().and_then(|message| message["ts"].as_str());
            if let Some(last) = last.and_then(|ts| MessageTs::parse(ts).ok()?.time()) {
                let inside = last.clamp(rest.oldest, rest.latest);
                if wanted.thread.is_some() { rest.oldest = inside } else { rest.latest = inside }
            }
            let next = page.response_metadata["next_cursor"].as_str();
            walk.turn(next.filter(|next| !next.is_empty()).map(str::to_owned));
        }
        let whole = walk.finish().map_err(|unfinished| CallError::Unclear(unfinished.to_string()));
        whole.map(|()| end)
    }

    async fn page(
        &self,
        wanted: &Wanted<'_>,
        window: Option<Window>,
        limit: u32,
        cursor: Option<&String>,
    ) -> Result<HistoryPage, CallError> {
        let method =
            if wanted.thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let oldest = window.map(|window| MessageTs::at(window.oldest));
        let latest = window.map(|window| MessageTs::at(window.latest));
        let query = [
            ("channel", Some(wanted.channel.as_str())),
            ("ts", wanted.thread.map(MessageTs::as_str)),
            ("oldest", oldest.as_ref().map(MessageTs::as_str)),
            ("latest", latest.as_ref().map(MessageTs::as_str)),
            ("inclusive", Some("true")),
            ("include_all_metadata", Some("true")),
            ("limit", Some(&*limit.to_string())),
            ("cursor", cursor.map(String::as_str)),
        ];
        self.read(method, &query).await
    }
}

fn too_many() -> CallError {
    CallError::Unclear("there are too many messages to look through".to_owned())
}

fn is_tombstone(message: &Value) -> bool {
    message["subtype"] == "tombstone"
}

/// Whether we wrote a message.
pub(super) fn is_by(me: &Installation, message: &Value) -> bool {
    let is_bots = |bot: &String| message["bot_id"] == bot.as_str();
    message["user"] == me.bot.as_str() || me.bot_id.as_ref().is_some_and(is_bots)
}

fn is_marked(message: &Value, mark: &str) -> bool {
    let metadata = &message["metadata"];
    metadata["event_type"] == METADATA_TYPE && metadata["event_payload"]["mark"] == mark
}

fn posted_at(message: &Value) -> Result<MessageTs, CallError> {
    let ts = message["ts"].as_str().ok_or_else(CallError::unreadable)?;
    MessageTs::parse(ts).map_err(|_| CallError::unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_slack_writes_them() {
        let time = Timestamp::from_microsecond(1_721_609_600_000_250).unwrap();
        assert_eq!(MessageTs::at(time).as_str(), "1721609600.000250");
        assert_eq!(MessageTs::at(time).time(), Some(time));
    }

    #[test]
    fn a_window_is_halved_until_it_is_as_short_as_a_slice() {
        let oldest = Timestamp::UNIX_EPOCH;
        let mut window = Window { oldest, latest: oldest + SignedDuration::from_mins(10) };
        let mut times = 0;
        while let Some([earlier, later]) = window.halves() {
            assert_eq!((earlier.oldest, later.latest), (window.oldest, window.latest));
            assert_eq!(earlier.latest, later.oldest);
            window = later;
            times += 1;
        }
        assert_eq!(times, 13);
    }
}
