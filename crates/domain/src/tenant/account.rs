//! The Jules accounts that tasks begin on: the workspace's, and those that people bring.

use crate::ids::{AccountId, TeamId, UserId};
use crate::quota::Plan;
use crate::secret::Kept;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long tasks that go on keep a key that its owner removes once they are done.
const LEAVES_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// An account, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRef {
    /// The account.
    pub id: AccountId,
    /// Who brought it; `None` for the workspace's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
}

/// A key that someone brought: their own, or the workspace's. It is kept in the document about the person or the
/// workspace, and so sealed with their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKey {
    /// The account that it opens.
    pub account: AccountId,
    /// The key.
    #[serde(default)]
    pub key: Kept,
    /// The account's plan, as its owner says.
    pub plan: Plan,
    /// When it was added.
    pub added: Timestamp,
    /// It is removed at this time, or when the tasks that run on it are done. Nothing begins on it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Timestamp>,
    /// Who added it, where it is the workspace's: they hear of what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Its owner was told that Jules refuses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refusal_told: bool,
}

/// An account that someone brought, as the store has it besides its keys: several people, and the workspace, may have
/// keys of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders {
    /// The workspace that they are in.
    pub team: TeamId,
    /// Those who have a key of it.
    pub holders: Vec<UserId>,
    /// The workspace itself has a key of it, for everyone without one of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub workspace: bool,
}

impl OwnKey {
    /// Whether tasks may begin on it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.leaves.is_none() && self.key.open().is_some()
    }

    /// The same, to be removed when what runs on it is done.
    #[must_use]
    pub fn leaving(self, now: Timestamp) -> Self {
        Self { leaves: Some(now + LEAVES_WITHIN), ..self }
    }
}
