//! The things that Slack can tell us, as types.
//!
//! Everything is optional that Slack has been seen, or is documented, to leave out. Texts are as
//! Slack wrote them: `&amp;`, `<@U1>` and `<https://…|…>` are still to be turned back.

use super::Values;
use domain::ids::{ChannelId, DeliveryId, MessageTs, UserId};
use domain::inbound::Forwarded;
use domain::secret::Secret;
use domain::task::FileRef;
use domain::tenant::Who;
use jiff::Timestamp;
use serde_json::Value;

/// One delivery from Slack.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A slash command.
    SlashCommand(SlashCommand),
    /// A button or another element was used, in a message or a form (`block_actions`).
    BlockActions(BlockActions),
    /// A form was sent off (`view_submission`).
    ViewSubmission(ViewSubmission),
    /// A form was dismissed (`view_closed`).
    ViewClosed(ViewClosed),
    /// A shortcut of the whole workspace.
    Shortcut(Shortcut),
    /// A shortcut in the menu of one message (`message_action`).
    MessageShortcut(MessageShortcut),
    /// A select asks for its options (`block_suggestion`).
    BlockSuggestion(BlockSuggestion),
    /// Something happened (`event_callback`).
    SlackEvent(SlackEvent),
    /// Slack tries our URL; this text goes back as the answer (`url_verification`).
    Challenge(String),
    /// Slack tries our certificate; an empty 200 is the answer.
    SslCheck,
    /// A kind that this program has no use for: counted and acknowledged.
    Other {
        /// Slack's name of it.
        kind: String,
    },
}

/// A slash command. [Slack: implementing slash commands] It never comes from within a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct SlashCommand {
    /// Who typed it, where it is installed.
    pub who: Who,
    /// Where it was typed.
    pub channel: Option<ChannelId>,
    /// For people only: `directmessage` and `privategroup` are not names.
    pub channel_name: Option<String>,
    /// The command itself, such as `/jules`.
    pub command: String,
    /// What came after it; empty when nothing did.
    pub text: String,
    /// Opens one form, within three seconds.
    pub trigger: Option<Secret>,
    /// Takes five messages within thirty minutes.
    pub response_url: Option<Secret>,
}

/// A click. [Slack: `block_actions` payload] Buttons work for ever, for everybody who sees them.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockActions {
    /// Who clicked.
    pub who: Who,
    /// Where the element is.
    pub container: Container,
    /// The form that the element is in, if it is in one.
    pub view: Option<View>,
    /// What was used; usually one.
    pub actions: Vec<UsedElement>,
    /// Opens one form, within three seconds.
    pub trigger: Option<Secret>,
    /// Takes five messages within thirty minutes; there is none for a click in a form.
    pub response_url: Option<Secret>,
}

/// What an element that was used is part of: a message or a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// The message.
    pub message_ts: Option<MessageTs>,
    /// The message's channel.
    pub channel: Option<ChannelId>,
    /// The thread that the message is a reply in.
    pub thread_ts: Option<MessageTs>,
    /// The form.
    pub view_id: Option<String>,
    /// Only the clicking person sees the message, and only their `response_url` can change it.
    pub ephemeral: bool,
}

/// One element that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedElement {
    /// Our name of the element.
    pub action_id: String,
    /// Our name of its block.
    pub block_id: Option<String>,
    /// What we gave the button to carry; or the text that was typed.
    pub value: Option<String>,
    /// The value of the option that was selected.
    pub selected: Option<String>,
    /// What the person read on that option.
    pub selected_label: Option<String>,
    /// When it was used; a redelivery has the same.
    pub action_ts: Option<String>,
}

/// A form (or the home tab) as it stands when something happens in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// Slack's name of it, for `views.update`.
    pub id: Option<String>,
    /// Its state, so that an update does not overwrite a newer one.
    pub hash: Option<String>,
    /// It is the home tab, and no form.
    pub is_home: bool,
    /// Our name of the kind of form.
    pub callback_id: Option<String>,
    /// What we gave it to carry; empty when nothing.
    pub private_metadata: String,
    /// What is filled in.
    pub values: Values,
}

/// A form that was sent off. [Slack: view interactions payload] It says nothing about a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewSubmission {
    /// Who sent it.
    pub who: Who,
    /// The form, filled in.
    pub view: View,
    /// Opens one more form, within three seconds.
    pub trigger: Option<Secret>,
}

/// A form that was dismissed; only told of forms that asked for it (`notify_on_close`).
#[derive(Debug, Clone, PartialEq)]
pub struct ViewClosed {
    /// Who dismissed it.
    pub who: Who,
    /// The form.
    pub view: View,
    /// Everything was dismissed at once, not this form alone.
    pub all: bool,
}

/// A shortcut of the whole workspace: no channel, no `response_url`. [Slack: shortcuts]
#[derive(Debug, Clone, PartialEq)]
pub struct Shortcut {
    /// Who used it.
    pub who: Who,
    /// Our name of the shortcut.
    pub callback_id: String,
    /// Opens one form, within three seconds.
    pub trigger: Option<Secret>,
}

/// A shortcut in the menu of one message. [Slack: shortcuts]
#[derive(Debug, Clone, PartialEq)]
pub struct MessageShortcut {
    /// Who used it.
    pub who: Who,
    /// Our name of the shortcut.
    pub callback_id: String,
    /// The message's channel.
    pub channel: Option<ChannelId>,
    /// The message.
    pub message_ts: Option<MessageTs>,
    /// The thread that the message is in.
    pub thread_ts: Option<MessageTs>,
    /// Who wrote the message; `None` for many bots.
    pub author: Option<UserId>,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// The messages that are forwarded with it.
    pub forwarded: Vec<Forwarded>,
    /// Opens one form, within three seconds.
    pub trigger: Option<Secret>,
    /// Takes five messages within thirty minutes, but none into the message's thread.
    pub response_url: Option<Secret>,
}

/// A select asks for its options. [Slack: `block_suggestion` payload]
#[derive(Debug, Clone, PartialEq)]
pub struct BlockSuggestion {
    /// Who is choosing.
    pub who: Who,
    /// Our name of the select.
    pub action_id: String,
    /// Our name of its block.
    pub block_id: Option<String>,
    /// What was typed so far; empty when the select was only opened.
    pub query: String,
    /// The form that the select is in.
    pub view: Option<View>,
}

/// Something that happened. [Slack: Events API] Delivered at least once, in no certain order.
#[derive(Debug, Clone, PartialEq)]
pub struct SlackEvent {
    /// Who did it, where we are installed.
    pub who: Who,
    /// Slack's name of this event; a redelivery has the same.
    pub event_id: Option<String>,
    /// The kind, such as `message` or `app_uninstalled`; empty when Slack does not say.
    pub kind: String,
    /// When it happened, by Slack's clock, where Slack says.
    pub at: Option<Timestamp>,
    /// What happened.
    pub what: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum EventBody {
    /// A message: the kinds `message` and `app_mention`. One that mentions the bot in a channel that
    /// it reads arrives as both, with different event ids and the same channel and `ts`.
    Message(Box<Message>),
    /// A message is not what it was (`message_changed`).
    MessageChanged(Box<MessageChange>),
    /// Any other kind: the `event` as it came.
    Other(Value),
}

/// A change of a message. Slack tells so of many: an edit, a preview that was added, a reply below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageChange {
    /// The message as it is now.
    pub message: Message,
    /// What it said before, if Slack says.
    pub before: Option<String>,
    /// It has been edited, now or some time ago.
    pub edited: bool,
}

impl MessageChange {
    /// Whether someone wrote other words.
    #[must_use]
    pub(crate) fn is_of_words(&self) -> bool {
        self.edited && self.before.as_ref() != Some(&self.message.text)
    }
}

/// A message. Whether it is news to anybody is for `subtype`, `hidden` and `bot_id` to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Where it was written.
    pub channel: Option<ChannelId>,
    /// `channel`, `group`, `im` or `mpim`.
    pub channel_type: Option<String>,
    /// Who wrote it.
    pub user: Option<UserId>,
    /// The bot that wrote it.
    pub bot_id: Option<String>,
    /// The app that wrote it.
    pub app_id: Option<String>,
    /// What it is when it is not simply a message: `message_changed`, `channel_join`, …
    pub subtype: Option<String>,
    /// What it says, from its blocks when it has no text; empty when it says nothing.
    pub text: String,
    /// Its id within the channel.
    pub ts: Option<MessageTs>,
    /// The thread that it is in.
    pub thread_ts: Option<MessageTs>,
    /// Slack says that it is not to be shown.
    pub hidden: bool,
    /// Who began the thread that it is in.
    pub parent: Option<UserId>,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// The messages that are forwarded with it.
    pub forwarded: Vec<Forwarded>,
    /// It has been edited.
    pub edited: bool,
}

impl Payload {
    /// Its kind, for metrics: Slack's words are no labels.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SlashCommand(_) => "command",
            Self::BlockActions(_) => "block_actions",
            Self::ViewSubmission(_) => "view_submission",
            Self::ViewClosed(_) => "view_closed",
            Self::Shortcut(_) => "shortcut",
            Self::MessageShortcut(_) => "message_action",
            Self::BlockSuggestion(_) => "block_suggestion",
            Self::SlackEvent(_) => "event_callback",
            Self::Challenge(_) => "url_verification",
            Self::SslCheck => "ssl_check",
            Self::Other { .. } => "other",
        }
    }

    /// What this delivery is known by: the same when Slack delivers it again, another for anything
    /// else. `None` for what does nothing, so that there is nothing to do twice.
    #[must_use]
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        match self {
            Self::SlashCommand(command) => Some(command.delivery_id()),
            Self::BlockActions(clicked) => Some(clicked.delivery_id()),
            Self::ViewSubmission(ViewSubmission { who, view, .. }) => {
                Some(named("submitted", who, &[text(&view.id), &view.private_metadata]))
            }
            Self::ViewClosed(ViewClosed { who, view, .. }) => {
                Some(named("closed", who, &[text(&view.id), &view.private_metadata]))
            }
            Self::Shortcut(Shortcut { who, callback_id, trigger }) => {
                Some(named("shortcut", who, &[callback_id, exposed(trigger)]))
            }
            Self::MessageShortcut(used) => Some(used.delivery_id()),
            Self::SlackEvent(event) => Some(event.delivery_id()),
            Self::BlockSuggestion(_) | Self::Challenge(_) | Self::SslCheck | Self::Other { .. } => {
                None
            }
        }
    }
}

impl SlashCommand {
    fn delivery_id(&self) -> DeliveryId {
        let channel = self.channel.as_ref().map_or("", ChannelId::as_str);
        let (trigger, url) = (exposed(&self.trigger), exposed(&self.response_url));
        named("command", &self.who, &[channel, &self.text, trigger, url])
    }
}

impl BlockActions {
    fn delivery_id(&self) -> DeliveryId {
        let Container { message_ts, view_id, .. } = &self.container;
        let mut parts = vec![message_ts.as_ref().map_or("", MessageTs::as_str), text(view_id)];
        for action in &self.actions {
            let UsedElement { action_id, value, selected, action_ts, .. } = action;
            parts.extend([action_id, text(value), text(selected), text(action_ts)]);
        }
        named("clicked", &self.who, &parts)
    }
}

impl MessageShortcut {
    fn delivery_id(&self) -> DeliveryId {
        let message = self.message_ts.as_ref().map_or("", MessageTs::as_str);
        let (trigger, url) = (exposed(&self.trigger), exposed(&self.response_url));
        named("message_shortcut", &self.who, &[&self.callback_id, message, trigger, url])
    }
}

impl SlackEvent {
    fn delivery_id(&self) -> DeliveryId {
        if let Some(event_id) = &self.event_id {
            return DeliveryId::of(&["event", event_id]);
        }
        // Slack names every event. Should one come without, what is in it has to name it.
        match &self.what {
            EventBody::MessageChanged(change) => {
                let MessageChange { message: Message { channel, ts, text, .. }, .. } = &**change;
                let channel = channel.as_ref().map_or("", ChannelId::as_str);
                let ts = ts.as_ref().map_or("", MessageTs::as_str);
                named("message_changed", &self.who, &[channel, ts, text])
            }
            EventBody::Message(message) => {
                let Message { channel, ts, text, .. } = &**message;
                let channel = channel.as_ref().map_or("", ChannelId::as_str);
                let ts = ts.as_ref().map_or("", MessageTs::as_str);
                named("message", &self.who, &[&self.kind, channel, ts, text])
            }
            EventBody::Other(event) => named("happened", &self.who, &[&event.to_string()]),
        }
    }
}

/// The name made of what it is, who did it, and `parts`.
fn named(what: &str, who: &Who, parts: &[&str]) -> DeliveryId {
    let team = who.team_or_organisation().map_or("", |team| team.as_str());
    let user = who.user.as_ref().map_or("", UserId::as_str);
    DeliveryId::of(&[&[what, team, user], parts].concat())
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn exposed(secret: &Option<Secret>) -> &str {
    secret.as_ref().map_or("", Secret::expose)
}
