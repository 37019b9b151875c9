//! What someone is told who may not do something: the rule, where it comes from, and whom to ask.

use super::{CapReached, Guests, Right, SetBy, WhoMay};
use crate::ids::UserId;
use crate::repo::RepoRef;
use serde::{Deserialize, Serialize};

impl Refusal {
    /// The rule's name, for the audit trail.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Rule { right, .. } => right.name(),
            Self::Guest { .. } => "guests",
            Self::Shared { .. } => "shared",
            Self::Direct { .. } => "dm",
            Self::Repo { .. } => "repos",
            Self::Cap(reached) if reached.frees.is_some() => "tasks_a_day",
            Self::Cap(_) => "open_tasks",
            Self::Unsure => "unknown",
        }
    }
}

/// The rule that says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Others may do that.
    Rule {
        /// What.
        right: Right,
        /// Who may.
        who: WhoMay,
        /// The repository, if the rule is about some.
        repo: Option<RepoRef>,
        /// Who asked for the task.
        requester: Option<UserId>,
        /// Who set it.
        set_by: SetBy,
    },
    /// Guests may not.
    Guest {
        /// What.
        right: Right,
        /// How much they may.
        guests: Guests,
        /// Who set it.
        set_by: SetBy,
    },
    /// Not in a channel that other organisations are in.
    Shared {
        /// What.
        right: Right,
        /// Who set it.
        set_by: SetBy,
    },
    /// Direct messages don't start tasks.
    Direct {
        /// Who set it.
        set_by: SetBy,
    },
    /// This repository can't be used here.
    Repo {
        /// The repository.
        repo: RepoRef,
        /// Only what the channel is bound to can.
        only_bound: bool,
        /// What that is.
        bound: Option<RepoRef>,
        /// Who set it.
        set_by: SetBy,
    },
    /// There are as many tasks as there may be.
    Cap(CapReached),
    /// Slack didn't say what a rule has to know.
    Unsure,
}
