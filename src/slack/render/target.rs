//! Words about which repository and which branch are meant.

use super::{JULES, branch_name, code, name};
use crate::domain::form::FieldError;
use crate::domain::ids::TaskId;
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::repo::{Candidate, TargetReason};

/// So many names stand in one sentence.
const MOST_NAMES: usize = 10;

pub(super) fn why(why: TargetReason) -> &'static str {
    match why {
        TargetReason::Asked => "as asked",
        TargetReason::Binding => "from this channel's binding",
        TargetReason::OnlySource => "the only connected repository",
    }
}

pub(super) fn choose(typed: &str, candidates: &[Candidate]) -> String {
    format!("{} matches {} repositories. Which one?", code(typed), candidates.len())
}

pub(super) fn many_fit(typed: &str, count: usize) -> String {
    if typed.is_empty() {
        return format!("Jules has {count} repositories. Pick one in the form.");
    }
    format!(
        "{} matches {count} repositories, too many for buttons. Pick one in the form, where they come \
         first.",
        code(typed)
    )
}

pub(super) fn several_fit(typed: &str, candidates: &[RepoRef]) -> String {
    format!(
        "Several repositories fit {}: {}. Name one of them as `owner/repo`.",
        code(typed),
        names(candidates)
    )
}

pub(super) fn unknown_repo(task: Option<&TaskId>, typed: &str, near: &[RepoRef]) -> String {
    format!(
        "Jules isn't connected to a repository called {}, so {}.{} To connect one, open {JULES}.",
        code(typed),
        nothing_done(task),
        nearest(near.iter().map(name))
    )
}

pub(super) fn unknown_branch(
    task: Option<&TaskId>,
    repo: &RepoRef,
    typed: &str,
    near: &[Branch],
) -> String {
    format!(
        "There's no branch {} in {}, so {}.{} Push it first, or pick another.",
        code(typed),
        name(repo),
        nothing_done(task),
        nearest(near.iter().map(branch_name))
    )
}

pub(super) fn unknown_path(task: Option<&TaskId>, repo: &RepoRef, path: &str) -> String {
    let next = if task.is_some() { "Pick it in the form." } else { "Add it as `branch=NAME`." };
    format!(
        "I can't tell which branch of {} the address with {} means, so {}. {next}",
        name(repo),
        code(path),
        nothing_done(task)
    )
}

/// What is wrong with a field: plain text, shown at the field.
#[must_use]
pub fn refusal(mistake: &FieldError) -> String {
    match mistake {
        FieldError::NoPrompt => "Write what Jules should do.".to_owned(),
        FieldError::Credential => {
            "This looks like a key or a token. Take it out: Jules must never get one. \
                                Revoke it and make a new one if it has been in a message."
                .to_owned()
        }
        FieldError::NoChanges => "Write what Jules should change.".to_owned(),
        FieldError::NoRepo => "Pick a repository.".to_owned(),
        FieldError::NoChannel => "Pick a channel to post in.".to_owned(),
        FieldError::UnknownRepo(repo) => {
            format!("{repo} is not connected to Jules. Connect it at jules.google.com.")
        }
        FieldError::UnknownBranch(branch, near) => {
            let near = nearest(near.iter().map(|branch| branch.0.clone()));
            format!("There is no branch {branch}.{near}")
        }
        FieldError::NoDefaultBranch => {
            "Jules reports no default branch for this repository: pick a branch.".to_owned()
        }
    }
}

fn names<'r>(repos: impl IntoIterator<Item = &'r RepoRef>) -> String {
    repos.into_iter().take(MOST_NAMES).map(name).collect::<Vec<_>>().join(", ")
}

/// A sentence of its own, if anything comes near.
fn nearest(near: impl Iterator<Item = String>) -> String {
    let near: Vec<String> = near.collect();
    if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) }
}

/// What did not happen: a refused task, or without one a refused binding.
fn nothing_done(task: Option<&TaskId>) -> &'static str {
    if task.is_some() { "I didn't start anything" } else { "nothing changed" }
}
