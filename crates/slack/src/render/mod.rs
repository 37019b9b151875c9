//! Every word the bot says, in one room. Data in ([`Notice`](domain::message::Notice),
//! [`Post`](domain::message::Post), [`Card`](domain::task::Card)), a Slack message
//! out (`message`): the card in `card`, what is said in its thread in `thread`, what one person is
//! told in `notice`, mentions and direct messages in `notify`, plans in `plan`, what a session changed in `changes`, with words about the typed command in `command`, about repositories and branches
//! in `target`, lists in `list`, and what can be the matter in `cause`.
//!
//! People's and Jules' text goes into a sentence as an element that Slack doesn't parse
//! (`rich_text`), so nobody pings a channel or forges a link through a prompt, a title or a repository
//! name. Each message has a fallback text that reads well in a notification and aloud; no emoji and no
//! colour is the only sign of anything.

mod card;
mod cause;
mod changes;
mod command;
mod list;
mod message;
mod notice;
mod notify;
mod plan;
mod target;
mod thread;
mod words;

pub use card::card;
pub(crate) use changes::changes;
pub use changes::{FILES_ON_A_PAGE, PAGE};
pub use message::{again, notice, plain_words, post, reply};
pub(crate) use message::{kept_prompt, note};
pub use notify::{direct, mentioning, post_to};
pub use plan::{MOST_MESSAGES, plan_file, plan_messages};
pub use target::refusal;
pub use thread::plan;

use words::{
    branch_name, code, harmless, invite, jules, jules_settings, more, more_in_jules, name, quoted,
};
