//! Every word the bot says, in one room. Data in ([`Notice`], [`Post`],
//! [`Card`](crate::domain::task::Card)), a Slack message out: the card in `card`, what is said in its
//! thread in `thread`, what one person is told in `notice`, with words about the typed command in
//! `command`, about repositories and branches in `target`, lists in `list`, and what can be the matter
//! in `cause`.
//!
//! People's and Jules' text is escaped where it enters a sentence (`mrkdwn`), so nobody pings a
//! channel or forges a link through a prompt, a title or a repository name. Each message has a
//! fallback text that reads well in a notification and aloud; no emoji and no colour is the only
//! sign of anything.

mod card;
mod cause;
mod command;
mod list;
mod notice;
mod target;
mod thread;

pub use card::card;
pub use target::refusal;
pub use thread::plan;

use super::blocks::sections;
use super::client::Content;
use super::mrkdwn::{self, Escaped, cut, decode};
use super::response_url::{ResponseMessage, ResponseType};
use crate::domain::message::{Notice, Post};
use crate::domain::repo::{Branch, RepoRef};
use slack_morphism::blocks::SlackBlock;

const JULES_SETTINGS: &str = "<https://jules.google.com/settings#api|jules.google.com/settings>";
const JULES: &str = "<https://jules.google.com|jules.google.com>";
const INVITE: &str = "Type `/invite @jules` there";

/// The longest message: what is longer is cut at a line. Slack's own limit for all blocks together
/// is about 13,200 (slack-platform.md §8).
const LONGEST: usize = 12_000;

/// How much of a repository's and a branch's name a line shows, and of other words.
const NAME: usize = 140;
const WORDS: usize = 300;

/// A message for a [`Notice`].
#[must_use]
pub fn notice(notice: &Notice) -> Content {
    match notice {
        Notice::Tasks(listing) => list::content(listing),
        _ => content(notice::words(notice), notice::buttons(notice)),
    }
}

/// A message for a [`Post`]; one for a plan is made by [`plan`].
#[must_use]
pub fn post(post: &Post) -> Content {
    content(thread::words(post), thread::buttons(post))
}

fn content(words: String, buttons: Option<SlackBlock>) -> Content {
    let text = Escaped::drawn(words).cut(LONGEST).into_string();
    let mut blocks = sections(&text);
    blocks.extend(buttons);
    Content { text, blocks }
}

/// A notice as the answer to a command (Slack: implementing slash commands), or for a `response_url`.
#[must_use]
pub fn reply(notice: &Notice, who: ResponseType) -> ResponseMessage {
    let Content { text, blocks } = self::notice(notice);
    ResponseMessage {
        response_type: Some(who),
        text: Some(text),
        blocks,
        ..ResponseMessage::default()
    }
}

/// The words alone, as mrkdwn, for a line in a form.
#[must_use]
pub fn note(notice: &Notice) -> String {
    notice::words(notice)
}

/// The words alone, without any markup, for the error at a field.
#[must_use]
pub fn plain_words(notice: &Notice) -> String {
    cut(&decode(&notice::words(notice)).replace(['`', '*'], ""), 300)
}

/// Says in a form that a long prompt is kept.
#[must_use]
pub fn kept_prompt(length: usize) -> String {
    format!("*What should Jules do?*\nYour text of {length} characters is kept as you typed it.")
}

/// Somebody else's words amid ours, as much of them as a sentence bears.
fn harmless(text: &str) -> String {
    mrkdwn::harmless(&cut(text, WORDS)).into_string()
}

/// Somebody's own words as a quote, at most so many characters of them.
fn quoted(text: &str, most: usize) -> String {
    let text = cut(text, most);
    let line = |line: &str| format!("> {}", mrkdwn::harmless(line)).trim_end().to_owned();
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What is typed, or a name.
fn code(text: &str) -> String {
    mrkdwn::code(&cut(text, NAME)).into_string()
}

fn name(repo: &RepoRef) -> String {
    code(&repo.to_string())
}

fn branch_name(branch: &Branch) -> String {
    code(&branch.0)
}
