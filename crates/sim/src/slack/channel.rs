//! A conversation and its messages, each with an id that is unique and increasing in its channel.

use super::model::fixed;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What sort of conversation a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Private,
    /// Between one person and the app.
    WithApp,
    /// Between two people; the app is not in it and cannot be.
    Between,
}

/// A conversation with everything ever posted in it.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    /// The workspace it is in.
    pub(super) team: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) archived: bool,
    /// Shared with another organisation (Slack Connect).
    pub(super) shared: bool,
    pub(super) created: i64,
    pub(super) members: BTreeSet<String>,
    /// In the order of `ts`.
    pub(super) messages: Vec<Message>,
    /// The newest `ts` in microseconds.
    pub(super) last_micros: i64,
}

/// Who a message is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    Person(String),
    /// The app through its bot token.
    App,
    /// The app through a `response_url` or a command's answer: `subtype: bot_message`, no `user`.
    AppReply,
    /// Another app's bot.
    OtherBot,
    /// Slack itself, such as the line that a deleted thread root leaves behind.
    Slack,
}

/// A message, in the channel or in a thread; or a line only one person sees.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) ts: String,
    pub(super) thread_ts: Option<String>,
    pub(super) author: Author,
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
    pub(super) attachments: Vec<Value>,
    /// As Slack shows them in `files`.
    pub(super) files: Vec<Value>,
    /// The author's organisation, when it is another than ours.
    pub(super) team: Option<String>,
    pub(super) metadata: Option<Value>,
    pub(super) only_for: Option<String>,
    pub(super) broadcast: bool,
    pub(super) edited: Option<String>,
    pub(super) subtype: Option<&'static str>,
    /// Emoji name and who used it, in order of first use.
    pub(super) reactions: Vec<(String, Vec<String>)>,
    /// What people chose in the message's own selects and inputs: `block_id` → `action_id` → value.
    pub(super) chosen: BTreeMap<String, BTreeMap<String, Value>>,
    /// A test or the demo has looked at it since it last changed.
    pub(super) read: bool,
}

/// A time as Slack writes it in `ts`, `event_ts` and `action_ts`: seconds and microseconds.
pub(super) fn seconds(time: Timestamp) -> String {
    let micros = time.as_microsecond();
    format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))
}

impl Channel {
    pub(super) fn has_bot(&self) -> bool {
        self.members.contains(fixed::BOT_USER)
    }

    /// The next message id: the clock, moved on so that it is unique and increasing in this channel.
    pub(super) fn next_ts(&mut self, now: Timestamp) -> String {
        // Slack's own ids move in steps of a hundred microseconds.
        let micros = (now.as_microsecond() / 100 * 100).max(self.last_micros + 100);
        self.last_micros = micros;
        format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))
    }

    /// A message that everybody in the channel can see.
    pub(super) fn message(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.ts == ts && message.only_for.is_none())
    }

    pub(super) fn message_mut(&mut self, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ts == ts && message.only_for.is_none())
    }

    /// Visible or only for one person.
    pub(super) fn any_message(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.ts == ts)
    }

    pub(super) fn any_message_mut(&mut self, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.ts == ts)
    }

    /// The replies of a thread that everybody can see, without its root.
    pub(super) fn replies<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.iter().filter(move |message| {
            message.thread_ts.as_deref() == Some(root) && message.only_for.is_none()
        })
    }

    /// The word that events and commands use for this sort of conversation.
    pub(super) fn event_kind(&self) -> &'static str {
        match self.kind {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::WithApp | Kind::Between => "im",
        }
    }
}

impl Message {
    pub(super) fn new(author: Author, text: String) -> Self {
        Self {
            ts: String::new(),
            thread_ts: None,
            author,
            text,
            blocks: Vec::new(),
            attachments: Vec::new(),
            files: Vec::new(),
            team: None,
            metadata: None,
            only_for: None,
            broadcast: false,
            edited: None,
            subtype: None,
            reactions: Vec::new(),
            chosen: BTreeMap::new(),
            read: false,
        }
    }

    /// A channel message that others may reply to: neither a reply nor a private line.
    pub(super) fn is_root(&self) -> bool {
        self.thread_ts.is_none() && self.only_for.is_none()
    }
}
