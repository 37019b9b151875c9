//! Words about which repository and which branch are meant.

use super::{JULES, branch_name, code, name};
use crate::domain::form::FieldError;
use crate::domain::ids::TaskId;
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::task::{Candidate, TargetReason};

/// More choices than this are better made in the form.
pub(super) const MOST_CHOICES: usize = 10;

pub(super) fn why(why: TargetReason) -> &'static str {
    match why {
        TargetReason::Asked => "as asked",
        TargetReason::Binding => "from this channel's binding",
        TargetReason::OnlySource => "the only connected repository",
    }
}

pub(super) fn choose(typed: &str, candidates: &[Candidate]) -> String {
    let more = candidates.len().saturating_sub(MOST_CHOICES);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "{} repositories fit {}: {}{rest}. Which one is meant?",
        candidates.len(),
        code(typed),
        names(candidates.iter().map(|fit| &fit.repo))
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
        "No repository connected to Jules is called {}, so {}.{} To connect a repository, open \
         {JULES}.",
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
        "{} has no branch {}, so {}.{} Push the branch first, or take another one.",
        name(repo),
        code(typed),
        nothing_done(task),
        nearest(near.iter().map(branch_name))
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
    repos.into_iter().take(MOST_CHOICES).map(name).collect::<Vec<_>>().join(", ")
}

/// A sentence of its own, if anything comes near.
fn nearest(near: impl Iterator<Item = String>) -> String {
    let near: Vec<String> = near.collect();
    if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) }
}

/// What did not happen: a refused task, or without one a refused binding.
fn nothing_done(task: Option<&TaskId>) -> &'static str {
    if task.is_some() { "nothing was started" } else { "nothing was bound" }
}
