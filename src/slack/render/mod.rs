//! Every word the bot says, in one room. Data in ([`Say`], [`Card`](crate::domain::task::Card)), a
//! Slack message out: the card in `card`, what is said in its thread in `thread`, lists in `list`,
//! what can be the matter in `cause`, and here the rest.
//!
//! People's and Jules' text is escaped where it enters a sentence (`mrkdwn`), so nobody pings a
//! channel or forges a link through a prompt, a title or a repository name. Each message has a
//! fallback text that reads well in a notification and aloud; no emoji and no colour is the only
//! sign of anything.

mod card;
mod cause;
mod list;
mod thread;

pub use card::card;
pub use thread::plan;

use super::action::{Action, LinkTo};
use super::blocks::{actions, button, link_button, sections};
use super::client::Content;
use super::mrkdwn::{self, Escaped, cut, decode};
use super::respond::{Reply, ResponseType};
use crate::domain::binding::Binding;
use crate::domain::command::{self, Misspelt, PlanMode, PrMode};
use crate::domain::form::Mistake;
use crate::domain::ids::TaskId;
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::say::Say;
use crate::domain::task::{Fit, Why};
use card::block_id;
use cause::{cause_words, held_words};
use slack_morphism::prelude::*;

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
    blocks.extend(buttons(say));
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
            format!("On it: {} from {}, {}.", name(repo), branch_name(branch), why_words(*why))
        }
        Say::Looking { typed } => {
            format!("Asking Jules about {}. This takes a moment.", code(typed))
        }
        Say::Choose { typed, fits, .. } => choose(typed, fits),
        Say::SeveralFit { typed, fits } => {
            let fits: Vec<String> = fits.iter().take(MOST_CHOICES).map(name).collect();
            format!(
                "Several repositories fit {}: {}. Name one of them as `owner/repo`.",
                code(typed),
                fits.join(", ")
            )
        }
        Say::UnknownRepo { task, typed, nearest } => unknown_repo(task.as_ref(), typed, nearest),
        Say::UnknownBranch { task, repo, typed, nearest } => {
            unknown_branch(task.as_ref(), repo, typed, nearest)
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
        Say::Misspelt(misspelt) => misspelt_words(misspelt),
        Say::Help => help(),
        Say::Bound(binding) => bound(binding),
        Say::Unbound { repo, by } => {
            format!("<@{by}> unbound this channel from {}.", name(repo))
        }
        Say::NotBound => "This channel is not bound to a repository. Bind it with \
                          `/jules bind owner/repo`."
            .to_owned(),
        Say::Bindings(bindings) => bindings_words(bindings),
        Say::Repos { filter, shown, total } => repos(filter.as_deref(), shown, *total),
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

fn buttons(say: &Say) -> Option<SlackBlock> {
    match say {
        Say::Choose { task, fits, .. } => {
            let mut row: Vec<_> = fits
                .iter()
                .enumerate()
                .take(MOST_CHOICES)
                .map(|(index, fit)| {
                    button(&fit.repo.to_string(), &Action::Choose(task.clone(), index))
                })
                .collect();
            row.push(button("Open the form", &Action::OpenForm(task.clone())));
            Some(actions(&block_id(task), row))
        }
        Say::UnknownRepo { task: Some(task), .. }
        | Say::UnknownBranch { task: Some(task), .. }
        | Say::NoDefaultBranch { task: Some(task), .. }
        | Say::FormNotOpened { task: Some(task) } => {
            let open = button("Open the form", &Action::OpenForm(task.clone()));
            Some(actions(&block_id(task), vec![open]))
        }
        Say::NotStarted { task, .. } => {
            let again = button("Try again", &Action::Again(task.clone()));
            Some(actions(&block_id(task), vec![again]))
        }
        Say::Taken { .. }
        | Say::Looking { .. }
        | Say::UnknownRepo { task: None, .. }
        | Say::UnknownBranch { task: None, .. }
        | Say::NoDefaultBranch { task: None, .. }
        | Say::NoSources
        | Say::FormNotOpened { task: None }
        | Say::FormExpired
        | Say::SeveralFit { .. }
        | Say::Misspelt(_)
        | Say::Help
        | Say::Bound(_)
        | Say::Unbound { .. }
        | Say::NotBound
        | Say::Bindings(_)
        | Say::Repos { .. }
        | Say::Trouble(_)
        | Say::Held(_)
        | Say::NoListYet
        | Say::StoreDown
        | Say::NotOurs
        | Say::NotReady
        | Say::NotYet { .. }
        | Say::RetriedAlready
        | Say::TaskUnknown
        | Say::Plan(_)
        | Say::ApprovedElsewhere
        | Say::WentOn
        | Say::SaidElsewhere { .. }
        | Say::Unarchived
        | Say::Blocked(_)
        | Say::TooLate(_)
        | Say::NotPassedOn { .. }
        | Say::NotDelivered { .. }
        | Say::NoSteering
        | Say::CannotWrite { .. } => None,
        Say::Link { url, .. }
        | Say::Word { url, .. }
        | Say::ArchivedElsewhere { url }
        | Say::SeeSession { url }
        | Say::RootGone { url: Some(url), .. } => {
            link_button("Open in Jules", url, LinkTo::Session)
                .map(|link| actions("link", vec![link]))
        }
        Say::RootGone { url: None, .. } => None,
        Say::Finished(finished) => thread::end_buttons(finished),
        Say::PullRequest(pull_request) => {
            let open = link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest);
            open.map(|open| actions("link", vec![open]))
        }
        Say::Failed { task, url, .. } => Some(thread::retry_buttons(task, Some(url))),
        Say::SessionGone { task } => Some(thread::retry_buttons(task, None)),
        Say::Tasks(_) => None,
    }
}

/// More choices than this are better made in the form.
const MOST_CHOICES: usize = 10;

fn choose(typed: &str, fits: &[Fit]) -> String {
    let names: Vec<String> = fits.iter().take(MOST_CHOICES).map(|fit| name(&fit.repo)).collect();
    let more = fits.len().saturating_sub(MOST_CHOICES);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "{} repositories fit {}: {}{rest}. Which one is meant?",
        fits.len(),
        code(typed),
        names.join(", ")
    )
}

/// What did not happen: a refused task, or without one a refused binding.
fn nothing_done(task: Option<&TaskId>) -> &'static str {
    if task.is_some() { "nothing was started" } else { "nothing was bound" }
}

fn unknown_repo(task: Option<&TaskId>, typed: &str, nearest: &[RepoRef]) -> String {
    let near: Vec<String> = nearest.iter().map(name).collect();
    let near =
        if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) };
    format!(
        "No repository connected to Jules is called {}, so {}.{near} To connect a repository, open \
         {JULES}.",
        code(typed),
        nothing_done(task)
    )
}

fn unknown_branch(
    task: Option<&TaskId>,
    repo: &RepoRef,
    typed: &str,
    nearest: &[Branch],
) -> String {
    let near: Vec<String> = nearest.iter().map(branch_name).collect();
    let near =
        if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) };
    format!(
        "{} has no branch {}, so {}.{near} Push the branch first, or take another one.",
        name(repo),
        code(typed),
        nothing_done(task)
    )
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

fn misspelt_words(misspelt: &Misspelt) -> String {
    match misspelt {
        Misspelt::Word { typed, meant, corrected } => format!(
            "{} looks like {}, so nothing was started. Send this instead:\n{}\nIf it was meant \
             as it stands, put `--` before the task.",
            code(typed),
            code(meant),
            fenced(&format!("/jules {corrected}"))
        ),
        Misspelt::Value { key, typed, allowed } if typed.is_empty() => {
            format!(
                "{} takes {allowed}, and there was nothing after it. Nothing was started.",
                code(&format!("{key}="))
            )
        }
        Misspelt::Value { key, typed, allowed } => format!(
            "{} takes {allowed}, not {}. Nothing was started.",
            code(&format!("{key}=")),
            code(typed)
        ),
        Misspelt::Superfluous { command, words, corrected } => format!(
            "{} does not take {}. Send this instead:\n{}",
            code(&format!("/jules {command}")),
            code(words),
            fenced(&format!("/jules {corrected}"))
        ),
    }
}

/// A command to be copied whole.
fn fenced(text: &str) -> String {
    format!("```{}```", mrkdwn::harmless(&cut(text, 2000)))
}

fn help() -> String {
    let help = command::help();
    let row = |usage: String, does: &str| format!("{}  {does}", code(usage.trim_end()));
    let mut lines = vec!["*What you can type*".to_owned()];
    lines.extend(help.commands.iter().map(|each| row(format!("/jules {}", each.usage), each.does)));
    lines.push("*Options, anywhere in a task*".to_owned());
    lines.extend(help.options.iter().map(|each| row(each.usage.clone(), each.does)));
    lines.join("\n")
}

fn bound(binding: &Binding) -> String {
    let branch = match &binding.branch {
        Some(branch) => branch_name(branch),
        None => "its default branch".to_owned(),
    };
    let plan = match binding.plan {
        Some(PlanMode::Ask) => ", asking before work starts",
        Some(PlanMode::Auto) | None => "",
    };
    let pr = match binding.pr {
        Some(PrMode::None) => ", without pull requests",
        Some(PrMode::Auto) | None => "",
    };
    let quiet = match binding.quiet {
        Some(true) => ". Threads hear only what waits for somebody, and how it ended",
        Some(false) | None => "",
    };
    format!(
        "<@{}> bound this channel to {}, {branch}{plan}{pr}{quiet}. `/jules …` needs no `repo=` here now. If I am \
         not a member yet: `/invite @jules`.",
        binding.by,
        name(&binding.repo)
    )
}

fn bindings_words(bindings: &[Binding]) -> String {
    if bindings.is_empty() {
        return "No channel is bound to a repository. Bind one with `/jules bind owner/repo` in \
                that channel."
            .to_owned();
    }
    let lines: Vec<String> = bindings
        .iter()
        .map(|binding| {
            let branch =
                binding.branch.as_ref().map(|branch| format!(" · {}", branch_name(branch)));
            format!(
                "<#{}> → {}{}",
                binding.channel,
                name(&binding.repo),
                branch.unwrap_or_default()
            )
        })
        .collect();
    lines.join("\n")
}

fn repos(filter: Option<&str>, shown: &[RepoRef], total: usize) -> String {
    let (noun, fit) = if total == 1 { ("repository", "fits") } else { ("repositories", "fit") };
    let about = filter.map(|text| format!(" that {fit} {}", code(text)));
    let about = about.unwrap_or_default();
    if total == 0 {
        return format!("Jules has no repositories{about}. To connect one, open {JULES}.");
    }
    let mut lines = vec![format!("Jules has {total} connected {noun}{about}:")];
    lines.extend(shown.iter().map(|repo| format!("• {}", name(repo))));
    let more = total.saturating_sub(shown.len());
    if more > 0 {
        lines.push(format!("… and {more} more: narrow it down with `/jules repos TEXT`."));
    }
    lines.join("\n")
}

/// Says in a form that a long prompt is kept.
#[must_use]
pub fn kept_prompt(length: usize) -> String {
    format!("*What should Jules do?*\nYour text of {length} characters is kept as you typed it.")
}

/// What is wrong with a field: plain text, shown at the field.
#[must_use]
pub fn refusal(mistake: &Mistake) -> String {
    match mistake {
        Mistake::NoPrompt => "Write what Jules should do.".to_owned(),
        Mistake::NoChanges => "Write what Jules should change.".to_owned(),
        Mistake::NoRepo => "Pick a repository.".to_owned(),
        Mistake::NoChannel => "Pick a channel to post in.".to_owned(),
        Mistake::UnknownRepo(repo) => {
            format!("{repo} is not connected to Jules. Connect it at jules.google.com.")
        }
        Mistake::UnknownBranch(branch, nearest) => {
            let near: Vec<&str> = nearest.iter().map(|branch| branch.0.as_str()).collect();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!(" Nearest: {}.", near.join(", "))
            };
            format!("There is no branch {branch}.{near}")
        }
        Mistake::NoDefaultBranch => {
            "Jules reports no default branch for this repository: pick a branch.".to_owned()
        }
    }
}

fn why_words(why: Why) -> &'static str {
    match why {
        Why::Asked => "as asked",
        Why::Binding => "from this channel's binding",
        Why::OnlySource => "the only connected repository",
    }
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
