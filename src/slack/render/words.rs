//! Words that many sentences share, and other people's words amid ours.

use crate::domain::repo::{Branch, RepoRef};
use crate::slack::mrkdwn::{self, cut};

pub(super) const JULES_SETTINGS: &str =
    "<https://jules.google.com/settings#api|jules.google.com/settings>";
pub(super) const JULES: &str = "<https://jules.google.com|jules.google.com>";
pub(super) const INVITE: &str = "Type `/invite @jules` there";

/// How much of a repository's and a branch's name a line shows, and of other words.
pub(super) const NAME: usize = 140;
pub(super) const WORDS: usize = 300;

/// Somebody else's words amid ours, as much of them as a sentence bears.
pub(super) fn harmless(text: &str) -> String {
    mrkdwn::harmless(&cut(text, WORDS)).into_string()
}

/// Somebody's own words as a quote, at most so many characters of them.
pub(super) fn quoted(text: &str, most: usize) -> String {
    let text = cut(text, most);
    let line = |line: &str| format!("> {}", mrkdwn::harmless(line)).trim_end().to_owned();
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What is typed, or a name.
pub(super) fn code(text: &str) -> String {
    mrkdwn::code(&cut(text, NAME)).into_string()
}

pub(super) fn name(repo: &RepoRef) -> String {
    code(&repo.to_string())
}

pub(super) fn branch_name(branch: &Branch) -> String {
    code(&branch.0)
}
