//! Everything the bot can say, as data. The words are in `slack/render.rs`.

use super::binding::Binding;
use super::command::Misspelt;
use super::fault::Cause;
use super::ids::TaskId;
use super::repo::{Branch, RepoRef};
use super::task::{Fit, Why};
use serde::{Deserialize, Serialize};

/// Something to be told to somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// The task is stored and begins.
    Taken {
        /// The repository.
        repo: RepoRef,
        /// The branch it starts from.
        branch: Branch,
        /// Why these.
        why: Why,
    },
    /// The task is stored; Jules is asked which repository or branch is meant.
    Looking {
        /// The repository or branch in question.
        typed: String,
    },
    /// Several repositories fit what was typed.
    Choose {
        /// The task that waits for the choice.
        task: TaskId,
        /// What was typed.
        typed: String,
        /// What fits.
        fits: Vec<Fit>,
    },
    /// Several repositories fit, and there is nothing to choose with.
    SeveralFit {
        /// What was typed.
        typed: String,
        /// What fits.
        fits: Vec<RepoRef>,
    },
    /// No connected repository fits.
    UnknownRepo {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// What was typed.
        typed: String,
        /// The nearest names.
        nearest: Vec<RepoRef>,
    },
    /// The repository has no such branch.
    UnknownBranch {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// The repository.
        repo: RepoRef,
        /// What was typed.
        typed: String,
        /// The nearest names.
        nearest: Vec<Branch>,
    },
    /// Jules reports no default branch for the repository.
    NoDefaultBranch {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// The repository.
        repo: RepoRef,
    },
    /// Nothing is connected to Jules at all.
    NoSources,
    /// The task could not begin.
    NotStarted {
        /// The task, which may be tried again.
        task: TaskId,
        /// Why.
        cause: Cause,
    },
    /// The form did not open in time.
    FormNotOpened {
        /// The task that keeps what was typed; none for the form that binds a channel.
        task: Option<TaskId>,
    },
    /// The form belongs to a task that is gone.
    FormExpired,
    /// The session's link: the first reply in the thread.
    Link {
        /// The session's page.
        url: String,
        /// The repository.
        repo: RepoRef,
        /// The branch it starts from.
        branch: Branch,
    },
    /// The command could not be read as typed.
    Misspelt(Misspelt),
    /// What can be typed.
    Help,
    /// The channel is bound now.
    Bound(Binding),
    /// The channel is not bound any more.
    Unbound {
        /// The repository that it was bound to.
        repo: RepoRef,
        /// Who unbound it.
        by: super::ids::UserId,
    },
    /// The channel was not bound.
    NotBound,
    /// All bound channels.
    Bindings(Vec<Binding>),
    /// Connected repositories.
    Repos {
        /// The text they were filtered by.
        filter: Option<String>,
        /// The first of them.
        shown: Vec<RepoRef>,
        /// How many there are.
        total: usize,
    },
    /// Jules or Slack cannot be asked just now.
    Trouble(Cause),
    /// The task is kept; something is in the way, and it goes on by itself.
    Held(Cause),
    /// The repositories were not read from Jules yet: a form cannot offer them.
    NoListYet,
    /// The store cannot be written: nothing was started.
    StoreDown,
    /// The request comes from a workspace that this installation does not serve.
    NotOurs,
    /// The bot has not yet learnt from Slack who it is.
    NotReady,
    /// The command belongs to a later version.
    NotYet {
        /// The sub-command.
        command: String,
    },
}
