//! Which repository, and which branch.

use super::{branch_name, code, jules, name};
use crate::rich_text::{Line, say};
use domain::form::FieldError;
use domain::ids::TaskId;
use domain::repo::{Branch, RepoRef};
use domain::repo::{Candidate, TargetReason};

/// How many names one sentence has.
const MOST_NAMES: usize = 10;

/// Why this repository, behind its name; nothing where it was typed.
pub(super) fn why(why: TargetReason) -> &'static str {
    match why {
        TargetReason::Asked => "",
        TargetReason::Binding => " (this channel's repository)",
        TargetReason::OnlySource => " (the only one connected)",
    }
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
        "I can't tell which branch of {} the address with {} means, so {}. {}",
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
        FieldError::NothingToSend => "Write what Jules should get.".to_owned(),
        FieldError::NoChanges => "Write what Jules should change.".to_owned(),
        FieldError::NoRepo => "Pick a repository.".to_owned(),
        FieldError::NoSession => "Pick a session.".to_owned(),
        FieldError::NoChannel => "Pick a channel to post in.".to_owned(),
        FieldError::UnknownRepo(repo) => {
            format!("Jules isn't connected to {repo}. Connect it at jules.google.com.")
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
