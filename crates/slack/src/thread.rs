//! Reading a thread as people see it: for what goes along with a task, and with a reply.
//!
//! Slack gives a thread oldest first, and its root at the head of each page. What is wanted is its newest
//! messages, so of a long thread the first page is read, and then a stretch at its end that is made longer or
//! shorter until a page holds enough of it. [Slack: conversations.replies]

use super::client::{METADATA_TYPE, SlackClient};
use super::error::CallError;
use super::history::is_by;
use super::inbound::{read_message, team_of};
use super::mrkdwn::decode;
use domain::ids::{ChannelId, MessageTs, TeamId, UserId};
use domain::inbound::Forwarded;
use domain::task::FileRef;
use domain::words::Words;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// Messages on a page, which is what Slack recommends at most; where they are too large together, fewer.
const PAGES: [u32; 3] = [200, 50, 10];

/// Pages that are read of one thread at most.
const MOST_PAGES: usize = 6;

/// How far back the newest messages of a long thread are looked for first, and how much farther each time.
const BACK: SignedDuration = SignedDuration::from_hours(1);
const FARTHER: i32 = 24;

/// A thread, or as much of it as was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thread {
    /// The message that it is about; `None` when it was deleted.
    pub root: Option<Message>,
    /// The others, oldest first.
    pub replies: Vec<Message>,
    /// How many messages it has, with the root.
    pub total: usize,
}

/// A message of a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub ts: MessageTs,
    /// The person who wrote it; `None` for most apps.
    pub user: Option<UserId>,
    /// The author's own workspace, as far as Slack says.
    pub team: Option<TeamId>,
    /// An app wrote it: what the app is called.
    pub app: Option<String>,
    /// It is one of ours.
    pub is_ours: bool,
    /// What it says.
    pub words: Words,
    /// What is forwarded in it.
    pub forwarded: Vec<Forwarded>,
    /// What is attached.
    pub files: Vec<FileRef>,
}

/// One page. The messages stay JSON: one of an unknown shape must not cost the page.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    response_metadata: Value,
}

impl Page {
    /// Whether more follows on another page.
    fn is_cut(&self) -> bool {
        let next = self.response_metadata["next_cursor"].as_str();
        next.is_some_and(|next| !next.is_empty())
    }
}

/// Which part of a thread is read.
#[derive(Clone, Copy)]
struct Part<'p> {
    channel: &'p ChannelId,
    root: &'p MessageTs,
    oldest: Option<Timestamp>,
    latest: &'p MessageTs,
}

impl SlackClient {
    /// A thread up to the message `latest`, which is in it if it is there: its root, and at least so many of the
    /// newest others, if it has them.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] where the bot is no member, or there is no such thread.
    pub async fn thread(
        &self,
        channel: &ChannelId,
        root: &MessageTs,
        latest: &MessageTs,
        enough: usize,
    ) -> Result<Thread, CallError> {
        let whole = Part { channel, root, oldest: None, latest };
        let first = self.page_of(&whole).await?;
        let is_long = first.is_cut();
        let mut found = first.messages;
        // The thread may have ended long before, and Slack's clock may be behind the one that asks.
        let last = found.first().and_then(|root| root["latest_reply"].as_str());
        let last = last.and_then(|ts| MessageTs::parse(ts).ok()?.time());
        let end = latest.time().map(|latest| last.map_or(latest, |last| last.min(latest)));
        if let Some(end) = end.filter(|_| is_long) {
            let newest = self.newest_of(&whole, end, enough).await?;
            // What is between the root and the newest is not wanted.
            found.truncate(if newest.is_empty() { found.len() } else { 1 });
            found.extend(newest);
        }
        let me = self.me().await?.clone();
        Ok(arrange(&found, root, |message| {
            is_by(&me, message) || message["metadata"]["event_type"] == METADATA_TYPE
        }))
    }

    /// A message at the top level of a channel; `None` when it is not there any more. [Slack:
    /// conversations.history, "Retrieving a single message"]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] where the bot is no member.
    pub async fn message(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
    ) -> Result<Option<Message>, CallError> {
        let query = [
            ("channel", Some(channel.as_str())),
            ("latest", Some(ts.as_str())),
            ("inclusive", Some("true")),
            ("limit", Some("1")),
        ];
        let page: Page = self.read("conversations.history", &query).await?;
        let is_it = |message: &&Value| message["ts"] == ts.as_str();
        Ok(page.messages.iter().find(is_it).and_then(|message| message_of(message, false)))
    }

    /// The newest messages of a long thread: enough, or as many as the pages that may be read come to.
    async fn newest_of(
        &self,
        whole: &Part<'_>,
        end: Timestamp,
        enough: usize,
    ) -> Result<Vec<Value>, CallError> {
        let (mut back, mut newest) = (BACK, Vec::new());
        for _ in 1..MOST_PAGES {
            let oldest = end.saturating_sub(back).unwrap_or(Timestamp::MIN);
            let page = self.page_of(&Part { oldest: Some(oldest), ..*whole }).await?;
            let messages: Vec<Value> = page
                .messages
                .iter()
                .filter(|message| message["ts"] != whole.root.as_str())
                .cloned()
                .collect();
            if page.is_cut() {
                // Window too wide. Shrink it to hold about 2 × enough, judging by this page's message rate.
                let last = messages.last().and_then(|last| last["ts"].as_str());
                let last = last.and_then(|ts| MessageTs::parse(ts).ok()?.time()).unwrap_or(end);
                let first = messages.first().and_then(|first| first["ts"].as_str());
                let first = first.and_then(|ts| MessageTs::parse(ts).ok()?.time()).unwrap_or(last);
                let share = i32::try_from(messages.len() / (2 * enough).max(1)).unwrap_or(1).max(2);
                // Measure from the first message, not from the window's start: the start may be silent.
                back = (end.duration_since(first) / share).max(last.duration_since(first) / share);
                continue;
            }
            let is_enough = messages.len() >= enough;
            if messages.len() >= newest.len() {
                newest = messages;
            }
            if is_enough {
                break;
            }
            back *= FARTHER;
        }
        Ok(newest)
    }

    async fn page_of(&self, part: &Part<'_>) -> Result<Page, CallError> {
        let oldest = part.oldest.map(MessageTs::at);
        let mut ended = Err(CallError::TooLarge);
        for limit in PAGES {
            let query = [
                ("channel", Some(part.channel.as_str())),
                ("ts", Some(part.root.as_str())),
                ("oldest", oldest.as_ref().map(MessageTs::as_str)),
                ("latest", Some(part.latest.as_str())),
                ("inclusive", Some("true")),
                ("include_all_metadata", Some("true")),
                ("limit", Some(&*limit.to_string())),
            ];
            ended = self.read("conversations.replies", &query).await;
            if !matches!(ended, Err(CallError::TooLarge)) {
                break;
            }
        }
        ended
    }
}

/// The messages in order, each once: pages overlap in the root.
fn arrange(found: &[Value], root: &MessageTs, is_ours: impl Fn(&Value) -> bool) -> Thread {
    let mut thread = Thread::default();
    for value in found {
        let replies = value["reply_count"].as_u64().and_then(|count| usize::try_from(count).ok());
        thread.total = thread.total.max(replies.map_or(0, |count| count + 1));
        let Some(message) = message_of(value, is_ours(value)) else { continue };
        if message.ts == *root {
            thread.root = Some(message);
        } else if thread.replies.last().is_none_or(|last| last.ts.time() < message.ts.time()) {
            thread.replies.push(message);
        }
    }
    thread.total = thread.total.max(thread.replies.len() + usize::from(thread.root.is_some()));
    thread
}

/// A message that someone wrote; `None` for what Slack puts in between: joins, and what deleted ones leave.
fn message_of(value: &Value, is_ours: bool) -> Option<Message> {
    let message = read_message(value);
    let is_said = matches!(
        message.subtype.as_deref(),
        None | Some("file_share" | "thread_broadcast" | "bot_message")
    );
    if !is_said || message.hidden {
        return None;
    }
    let name = ["/bot_profile/name", "/username"]
        .iter()
        .find_map(|place| value.pointer(place)?.as_str())
        .unwrap_or("app");
    Some(Message {
        ts: message.ts?,
        app: (message.bot_id.is_some() || message.user.is_none()).then(|| name.to_owned()),
        user: message.user,
        team: team_of(value),
        is_ours,
        words: decode(&message.text),
        forwarded: message.forwarded,
        files: message.files,
    })
}
