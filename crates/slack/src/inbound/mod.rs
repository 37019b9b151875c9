//! What Slack tells us, however it came: as a form, as JSON, or in a Socket Mode frame.
//!
//! slack-morphism's inbound types are not used: they fail on organisation-wide installs (`team` is
//! null there), and lose a message's text over one attachment they do not know. Here every field is
//! read by itself, by its path: one that is missing or of another shape than documented
//! costs that field and nothing else. What is not needed (the message under a button, the blocks of one
//! that has its words in `text`) is not looked at.

mod blocks;
mod json;
mod receive;
mod received;
mod to_inbound;
mod values;
mod who;

pub(crate) use receive::read_message;
pub use receive::{Malformed, receive, receive_frame};
pub use received::{
    BlockActions, BlockSuggestion, Container, EventBody, Message, MessageChange, MessageShortcut,
    Payload, Shortcut, SlackEvent, SlashCommand, UsedElement, View, ViewClosed, ViewSubmission,
};
pub use to_inbound::{Delivery, EVENTS, to_inbound};
pub use values::{Selected, Values};
pub(crate) use who::team_of;
