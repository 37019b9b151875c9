//! Which repository, and which branch.

use super::{access, branch_name, code, jules, key, name};
use crate::rich_text::{Line, say};
use domain::form::FieldError;
use domain::ids::TaskId;
use domain::repo::{Branch, Candidate, RepoRef, Skipped, TargetReason};

/// How many names one sentence has.
const MOST_NAMES: usize = 10;

/// Why this repository, behind its name, said to the person who asked; nothing where it was typed.
pub(super) fn why(why: TargetReason) -> &'static str {
    match why {
        TargetReason::Asked => "",
        TargetReason::LinkedIssue => " (from the linked issue)",
        TargetReason::LinkedPullRequest => " (from the linked pull request)",
        TargetReason::Binding => " (this channel's repository)",
        TargetReason::Mine => " (your default)",
        TargetReason::Workspace => " (workspace default)",
        TargetReason::OnlySource => " (the only one connected)",
    }
}

/// The same on a card, behind who asked, where everyone reads it.
pub(super) fn why_on_card(why: TargetReason) -> &'static str {
    match why {
        TargetReason::Mine => " (their default)",
        TargetReason::Asked
        | TargetReason::LinkedIssue
        | TargetReason::LinkedPullRequest
        | TargetReason::Binding
        | TargetReason::Workspace
        | TargetReason::OnlySource => self::why(why),
    }
}

/// The defaults that were passed over, in a sentence of its own; nothing where there are none.
pub(super) fn passed_over(skipped: &[Skipped]) -> Line {
    if skipped.is_empty() { Line::default() } else { say!(" {}.", not_connected(skipped)) }
}

/// The same on a card, which has no markup there.
pub(super) fn passed_over_on_card(skipped: &[Skipped]) -> Option<String> {
    let named = |one: &Skipped| match one.why {
        TargetReason::Mine => format!("their default {}", one.repo),
        TargetReason::Workspace => format!("the workspace default {}", one.repo),
        TargetReason::Asked
        | TargetReason::LinkedIssue
        | TargetReason::LinkedPullRequest
        | TargetReason::Binding
        | TargetReason::OnlySource => one.repo.to_string(),
    };
    let names: Vec<String> = skipped.iter().map(named).collect();
    let verb = if names.len() == 1 { "isn't" } else { "aren't" };
    (!names.is_empty()).then(|| format!("{} {verb} connected to Jules", names.join(" and ")))
}

/// That Jules doesn't have these repositories, each with why it would have been taken.
fn not_connected(skipped: &[Skipped]) -> Line {
    let named = skipped.iter().enumerate().map(|(nth, Skipped { repo, why })| match (why, nth) {
        (TargetReason::Mine, 0) => say!("Your default {}", name(repo)),
        (TargetReason::Mine, _) => say!("your default {}", name(repo)),
        (TargetReason::Workspace, 0) => say!("The workspace default {}", name(repo)),
        (TargetReason::Workspace, _) => say!("the workspace default {}", name(repo)),
        (
            TargetReason::Asked
            | TargetReason::LinkedIssue
            | TargetReason::LinkedPullRequest
            | TargetReason::Binding
            | TargetReason::OnlySource,
            _,
        ) => name(repo),
    });
    let verb = if skipped.len() == 1 { "isn't" } else { "aren't" };
    say!("{} {} connected to Jules", Line::join(named, " and "), verb)
}

pub(super) fn nothing_connected(gone: &[Skipped]) -> Line {
    say!(
        "{}, so I didn't start anything. Pick another in the form, or connect it at {}.",
        not_connected(gone),
        jules()
    )
}

pub(super) fn choose(typed: &str, candidates: &[Candidate]) -> Line {
    say!("{} matches {} repositories. Which one?", code(typed), candidates.len())
}

pub(super) fn many_fit(typed: &str, count: usize) -> Line {
    if typed.is_empty() {
        return say!("Jules has {} repositories. Pick one in the form.", count);
    }
    say!(
        "{} matches {} repositories. Pick one in the form, where they're listed first.",
        code(typed),
        count
    )
}

pub(super) fn several_fit(typed: &str, candidates: &[RepoRef]) -> Line {
    say!(
        "{} matches {} repositories: {}. Use one of them as `owner/repo`.",
        code(typed),
        candidates.len(),
        names(candidates)
    )
}

pub(super) fn unknown_repo(task: Option<&TaskId>, typed: &str, near: &[RepoRef]) -> Line {
    say!(
        "Jules isn't connected to a repository called {}, so {}.{} To connect one, open {}.",
        code(typed),
        nothing_done(task),
        nearest(near.iter().map(name)),
        jules()
    )
}

pub(super) fn unknown_branch(
    task: Option<&TaskId>,
    repo: &RepoRef,
    typed: &str,
    near: &[Branch],
) -> Line {
    say!(
        "There's no branch {} in {}, so {}.{} Push it first, or pick another.",
        code(typed),
        name(repo),
        nothing_done(task),
        nearest(near.iter().map(branch_name))
    )
}

pub(super) fn unknown_path(task: Option<&TaskId>, repo: &RepoRef, path: &str) -> Line {
    let next = if task.is_some() {
        say!("Pick it in the form.")
    } else {
        say!("Add it as `branch=NAME`.")
    };
    say!(
        "I can't tell which branch of {} is meant by {} in the address, so {}. {}",
        name(repo),
        code(path),
        nothing_done(task),
        next
    )
}

/// What is wrong with a field: plain text, shown at the field.
#[must_use]
pub fn refusal(mistake: &FieldError) -> String {
    match mistake {
        FieldError::NoPrompt => "Write what Jules should do.".to_owned(),
        FieldError::Credential => {
            "This looks like a key or token, which Jules must never get. Remove \
                                   it, and replace the key if it has been in a message."
                .to_owned()
        }
        FieldError::NoAnswer => "Write your answer.".to_owned(),
        FieldError::NothingToSend => "Write a message.".to_owned(),
        FieldError::NoChanges => "Write what Jules should change.".to_owned(),
        FieldError::NoRepo => "Pick a repository.".to_owned(),
        FieldError::NoSession => "Pick a session.".to_owned(),
        FieldError::NoChannel => "Pick a channel to post in.".to_owned(),
        FieldError::UnknownRepo(repo) => {
            format!("Jules isn't connected to {repo}. Connect it at jules.google.com.")
        }
        FieldError::NotUsable(repo) => access::not_usable(repo),
        FieldError::NoKey
        | FieldError::SetByOperator
        | FieldError::BadKey
        | FieldError::KeyUnchecked
        | FieldError::OtherAccount => key::wrong(mistake).to_owned(),
        FieldError::NoListYet => {
            "I couldn't read the repositories from Jules yet. Try again in a minute.".to_owned()
        }
        FieldError::UnknownBranch(branch, near) => {
            let near = nearest(near.iter().map(|branch| branch.0.clone().into()));
            format!("There's no branch {branch}.{}", near.words())
        }
        FieldError::NoDefaultBranch => {
            "Jules doesn't report a default branch for this repository, so pick one.".to_owned()
        }
    }
}

fn names<'r>(repos: impl IntoIterator<Item = &'r RepoRef>) -> Line {
    Line::join(repos.into_iter().take(MOST_NAMES).map(name), ", ")
}

/// A sentence of its own, if anything comes near.
fn nearest(near: impl Iterator<Item = Line>) -> Line {
    let near = Line::join(near, ", ");
    if near.is_blank() { near } else { say!(" Did you mean {}?", near) }
}

/// What did not happen: a refused task, or without one a refused binding.
fn nothing_done(task: Option<&TaskId>) -> &'static str {
    if task.is_some() { "I didn't start anything" } else { "nothing changed" }
}
