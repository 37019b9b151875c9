//! Every word the bot says. Data in ([`Notice`](domain::message::Notice),
//! [`Post`](domain::message::Post), [`Card`](domain::task::Card)), a Slack message out
//! (`message`). One file for each surface: the card (`card`), its thread (`thread`), plans (`plan`), mentions
//! and direct messages (`notify`), what a session changed (`changes`), sessions that began elsewhere
//! (`follow`), private answers (`notice`), the typed command (`command`, `help`), repositories and branches
//! (`target`), lists (`list`), someone's App Home (`home`), forms (`form`), defaults (`settings`), and what
//! can go wrong (`cause`). `docs/WORDS.md` lists all sentences.
//!
//! Text by people and by Jules goes into a sentence as an element that Slack doesn't parse
//! (`rich_text`), so nobody pings a channel or forges a link through a prompt, a title or a repository
//! name. Each message has a fallback text that reads well in a notification and aloud. No emoji and no
//! colour is the only sign of anything.

mod access;
mod audit;
mod card;
mod cause;
mod changes;
mod command;
pub(crate) mod follow;
pub(crate) mod form;
mod help;
mod home;
mod key;
mod list;
mod message;
mod notice;
mod notify;
mod plan;
mod pull;
mod settings;
mod target;
mod thread;
mod words;

pub use card::card;
pub(crate) use changes::changes;
pub use changes::{FILES_ON_A_PAGE, PAGE};
pub use home::home;
pub(crate) use message::note;
pub use message::{again, notice, plain_words, post, reply};
pub use notify::{direct, mentioning, post_to};
pub use plan::{MOST_MESSAGES, plan_file, plan_messages};
pub use target::refusal;
pub use thread::plan;

use words::{
    branch_name, code, harmless, invite, jules, jules_settings, more, more_in_jules, name, quoted,
};
