//! Finding a message of our own again, after a call that gave no sure answer.
//!
//! Every message that must not be posted twice carries a mark in its metadata. Reading a channel's
//! history is dear (for some apps one page a minute), so this happens only when a call is repeated.
//! [Slack: message metadata; conversations.history]

use super::client::{METADATA_TYPE, SlackClient};
use super::error::CallError;
use crate::domain::ids::{ChannelId, MessageTs};
use crate::walk::Walk;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Messages per page. Slack allows more, but a page of long messages has to fit in one answer.
const PAGE: &str = "50";

/// Pages that are looked at before giving up.
const PAGES: usize = 20;

/// One page. The messages stay JSON: one of an unknown shape must not cost the page.
#[derive(Deserialize)]
struct HistoryPage {
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    response_metadata: Value,
}

impl SlackClient {
    /// Our own message with `mark`, posted at `oldest` or later: in the thread when one is given, at
    /// the channel's top level otherwise. `None` says that Slack does not show one *yet*; right after
    /// posting that proves nothing.
    ///
    /// At most 1,000 messages are looked at, in Slack's order. The bot has to be a member.
    ///
    /// # Errors
    /// [`CallError::Unknown`] also when there are more messages than that, or no end to them.
    pub async fn find_by_mark(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        mark: &str,
        oldest: Timestamp,
    ) -> Result<Option<MessageTs>, CallError> {
        let oldest = format!("{}.{:06}", oldest.as_second(), oldest.subsec_microsecond());
        let method =
            if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let me = self.me().await?;
        let mut walk = Walk::<String>::of(PAGES);
        while walk.goes_on() {
            let page: HistoryPage = self
                .read(
                    method,
                    &[
                        ("channel", Some(channel.as_str())),
                        ("ts", thread.map(MessageTs::as_str)),
                        ("oldest", Some(oldest.as_str())),
                        ("inclusive", Some("true")),
                        ("include_all_metadata", Some("true")),
                        ("limit", Some(PAGE)),
                        ("cursor", walk.at().map(String::as_str)),
                    ],
                )
                .await?;
            let ours = |message: &&Value| {
                let by_bot = message["user"] == me.user.as_str()
                    || me.bot_id.as_ref().is_some_and(|bot| message["bot_id"] == bot.as_str());
                by_bot && is_marked(message, mark)
            };
            if let Some(message) = page.messages.iter().find(ours) {
                return posted_at(message).map(Some);
            }
            let next = page.response_metadata["next_cursor"].as_str();
            walk.turn(next.filter(|next| !next.is_empty()).map(str::to_owned));
        }
        // Not found, unless there may be more.
        let whole = walk.finish().map_err(|unfinished| CallError::Unknown(unfinished.to_string()));
        whole.map(|()| None)
    }
}

fn is_marked(message: &Value, mark: &str) -> bool {
    let metadata = &message["metadata"];
    metadata["event_type"] == METADATA_TYPE && metadata["event_payload"]["mark"] == mark
}

fn posted_at(message: &Value) -> Result<MessageTs, CallError> {
    let ts = message["ts"].as_str().ok_or_else(CallError::unreadable)?;
    MessageTs::parse(ts).map_err(|_| CallError::unreadable())
}
