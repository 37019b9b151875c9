//! Every word the bot says, in one room. Data in ([`Say`], [`Card`](crate::domain::task::Card)), a
//! Slack message out: the card in `card`, what is said in its thread in `thread`, about the typed
//! command in `command`, about repositories and branches in `target`, lists in `list`, what can be the
//! matter in `cause`, buttons in `buttons`, and here the rest.
//!
//! People's and Jules' text is escaped where it enters a sentence (`mrkdwn`), so nobody pings a
//! channel or forges a link through a prompt, a title or a repository name. Each message has a
//! fallback text that reads well in a notification and aloud; no emoji and no colour is the only
//! sign of anything.

mod buttons;
mod card;
mod cause;
mod command;
mod list;
mod target;
mod thread;

pub use card::card;
pub use target::refusal;
pub use thread::plan;

use super::blocks::sections;
use super::client::Content;
use super::mrkdwn::{self, Escaped, cut, decode};
use super::response_url::{Reply, ResponseType};
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::say::Say;
use cause::{cause_words, held_words};

const JULES_SETTINGS: &str = "<https://jules.google.com/settings#api|jules.google.com/settings>";
const JULES: &str = "<https://jules.google.com|jules.google.com>";
const INVITE: &str = "Type `/invite @jules` there";

/// The longest message: what is longer is cut at a line. Slack's own limit for all blocks together
/// is about 13,200 (slack-platform.md §8).
const LONGEST: usize = 12_000;

/// How much of a repository's and a branch's name a line shows, and of other words.
const NAME: usize = 140;
const WORDS: usize = 300;

/// A message for a [`Say`].
#[must_use]
pub fn message(say: &Say) -> Content {
    if let Say::Tasks(listing) = say {
        return list::content(listing);
    }
    let text = Escaped::drawn(words(say)).cut(LONGEST).into_string();
    let mut blocks = sections(&text);
    blocks.extend(buttons::buttons(say));
    Content { text, blocks }
}

/// A message as the answer to a command (Slack: implementing slash commands), or for a `response_url`.
#[must_use]
pub fn reply(say: &Say, who: ResponseType) -> Reply {
    let Content { text, blocks } = message(say);
    Reply { response_type: Some(who), text: Some(text), blocks, ..Reply::default() }
}

/// The words alone, as mrkdwn, for a line in a form.
#[must_use]
pub fn note(say: &Say) -> String {
    words(say)
}

/// The words alone, without any markup, for the error at a field.
#[must_use]
pub fn plain_words(say: &Say) -> String {
    cut(&decode(&words(say)).replace(['`', '*'], ""), 300)
}

fn words(say: &Say) -> String {
    match say {
        Say::Taken { repo, branch, why } => {
            format!("On it: {} from {}, {}.", name(repo), branch_name(branch), target::why(*why))
        }
        Say::Looking { typed } => {
            format!("Asking Jules about {}. This takes a moment.", code(typed))
        }
        Say::Choose { typed, candidates, .. } => target::choose(typed, candidates),
        Say::SeveralFit { typed, candidates } => target::several_fit(typed, candidates),
        Say::UnknownRepo { task, typed, nearest } => {
            target::unknown_repo(task.as_ref(), typed, nearest)
        }
        Say::UnknownBranch { task, repo, typed, nearest } => {
            target::unknown_branch(task.as_ref(), repo, typed, nearest)
        }
        Say::NoDefaultBranch { repo, .. } => format!(
            "Jules reports no default branch for {}. Pick a branch, or type it as `branch=…`.",
            name(repo)
        ),
        Say::NoSources => format!(
            "No repository is connected to Jules yet. Connect one at {JULES}, then type the \
             command again."
        ),
        Say::NotStarted { cause, .. } => format!("Nothing was started. {}", cause_words(cause)),
        Say::FormNotOpened { task: Some(_) } => {
            "Slack did not open the form in time. What you typed is kept.".to_owned()
        }
        Say::FormNotOpened { task: None } => "Slack did not open the form in time. Type the \
                                              command again, or all of it: `/jules bind \
                                              owner/repo`."
            .to_owned(),
        Say::FormExpired => {
            "That request is more than a day old and I no longer have it, so nothing was started. \
             Type `/jules` again."
                .to_owned()
        }
        Say::Link { url, repo, branch, quiet } => link_words(url, repo, branch, *quiet),
        Say::CommandError(misspelt) => command::misspelt(misspelt),
        Say::Help => command::help(),
        Say::Version => format!(
            "I'm jules-slack {}. `/jules help` lists what I can do.",
            env!("CARGO_PKG_VERSION")
        ),
        Say::Bound(binding) => command::bound(binding),
        Say::Unbound { repo, by } => {
            format!("<@{by}> unbound this channel from {}.", name(repo))
        }
        Say::NotBound => "This channel is not bound to a repository. Bind it with \
                          `/jules bind owner/repo`."
            .to_owned(),
        Say::Bindings(bindings) => command::bindings(bindings),
        Say::Repos { filter, shown, total } => command::repos(filter.as_deref(), shown, *total),
        Say::Trouble(cause) => {
            format!("{} Nothing was changed; try again in a minute.", cause_words(cause))
        }
        Say::Held(cause) => held_words(cause),
        Say::NoListYet => "I could not read the repositories from Jules yet, so there may be none \
                           to pick. If it stays like this, whoever runs this app has to look at \
                           its Jules key."
            .to_owned(),
        Say::StoreDown => "I cannot save anything just now, so nothing was started. Try again in \
                           a minute; if it stays like this, tell whoever runs this app that its \
                           store does not answer."
            .to_owned(),
        Say::NotOurs => "This app is not set up for your workspace. Ask whoever runs it to \
                         install it there."
            .to_owned(),
        Say::NotReady => "I am just starting and have not reached Slack yet, so nothing was \
                          started. Try again in a minute."
            .to_owned(),
        Say::NotYet { command } => format!(
            "{} does not exist in this version yet. `/jules help` lists what does. To give Jules \
             these words as a task, type `/jules -- {command}`.",
            code(&format!("/jules {command}"))
        ),
        Say::Tasks(listing) => list::words(listing),
        Say::RetriedAlready => "That task was tried again already; its new card is below in the \
                                channel."
            .to_owned(),
        Say::TaskUnknown => "I do not know that task any more, so nothing was done. Tasks are \
                             kept for 90 days."
            .to_owned(),
        // The message is drawn from the task, by `plan`.
        Say::Plan(_) => "A plan is ready.".to_owned(),
        Say::Word { text, question, .. } => thread::word(text, *question),
        Say::Finished(finished) => thread::finished(finished),
        Say::Failed { reason, .. } => thread::failed(reason.as_deref()),
        Say::PullRequest(pull_request) => thread::pull_request(pull_request),
        Say::ApprovedElsewhere => {
            "The plan was approved on Jules' own page. Jules goes on.".to_owned()
        }
        Say::WentOn => "Jules went on with its new plan without waiting for an approval: after a \
                        first one it does not ask again. To change course, write here."
            .to_owned(),
        Say::SaidElsewhere { text } => thread::said_elsewhere(text),
        Say::ArchivedElsewhere { .. } => {
            "The session was archived on Jules' own page, which pauses it. To go on, take it out of \
             the archive there, or retry the task from its card."
                .to_owned()
        }
        Say::Unarchived => "The session is out of Jules' archive again.".to_owned(),
        Say::SessionGone { .. } => "The session was deleted on Jules' own page, so this thread leads \
                                    nowhere any more."
            .to_owned(),
        Say::Blocked(cause) => format!(
            "{} The session itself may go on; this thread goes on by itself when that is mended.",
            cause_words(cause)
        ),
        Say::SeeSession { .. } => {
            "Jules has news here that Slack does not let me show. They are on the session's page."
                .to_owned()
        }
        Say::TooLate(late) => thread::too_late(late),
        Say::NotPassedOn { files } => thread::not_passed_on(files),
        Say::NotDelivered { text, cause } => thread::not_delivered(text, cause),
        Say::Credential => "That looks like a key or a token, so I didn't send it to Jules. It has \
                            been in a message now: revoke it, make a new one, and delete your message."
            .to_owned(),
        Say::PressApprove { .. } => "I didn't send that to Jules, because any message makes it write a \
                                     new plan. Press *Approve* to approve this one."
            .to_owned(),
        Say::NothingToApprove => "No plan is waiting for approval here, so I didn't send that to Jules. \
                                  If it's meant for Jules, add a few words."
            .to_owned(),
        Say::PressStop { .. } => "I didn't send that to Jules, because a message doesn't stop it. Press \
                                  *Stop* to stop this task."
            .to_owned(),
        Say::NoSteering => "You are here from another organisation, so what you write in this thread \
                            stays among people: only members of this workspace steer Jules."
            .to_owned(),
        Say::CannotWrite { channel, cause } => format!(
            "I have something to say about your task in <#{channel}> and cannot. {} I say it there \
             as soon as I can.",
            cause_words(cause)
        ),
        Say::RootGone { title, url } => thread::root_gone(title, url.as_deref()),
    }
}

fn link_words(url: &str, repo: &RepoRef, branch: &Branch, quiet: bool) -> String {
    let link = mrkdwn::link(url, "").into_string();
    let appears = if quiet {
        "Only what waits for somebody, and the end, appear here."
    } else {
        "Plans, questions and the pull request appear here."
    };
    format!(
        "Jules works on {} from {}: {link}\nReply in this thread to steer it: what you write goes to \
         Jules, except after `!aside`. {appears}",
        name(repo),
        branch_name(branch)
    )
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
