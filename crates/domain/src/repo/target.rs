//! What a request is for: a repository and a branch, once they are certain, and what is known before.

use super::{Branch, RepoRef, SourceName};
use crate::command::{PlanMode, PrMode};
use serde::{Deserialize, Serialize};

/// Where Jules works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The source's resource name.
    pub source: SourceName,
    /// The repository, for people.
    pub repo: RepoRef,
    /// The branch it starts from.
    pub branch: Branch,
    /// Why this repository and branch; said on the card.
    pub why: TargetReason,
    /// Jules waits for an approval of its plan.
    pub plan: PlanMode,
    /// Jules opens a pull request by itself.
    pub pr: PrMode,
}

/// A repository that was settled when the request was acknowledged, before its branch was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedSource {
    /// The source's resource name, which a renamed repository keeps.
    pub source: SourceName,
    /// The repository, for people.
    pub repo: RepoRef,
    /// Why this repository.
    pub why: TargetReason,
}

/// Why a repository was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetReason {
    /// It was typed, or picked in the form.
    Asked,
    /// The channel is bound to it.
    Binding,
    /// It is the only one connected.
    OnlySource,
}

/// A repository that fits what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The source's resource name.
    pub source: SourceName,
    /// The repository, for people.
    pub repo: RepoRef,
}

/// What a lookup of the typed repository and branch found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resolved {
    /// It is certain.
    Target(Target),
    /// Several repositories fit.
    Several(Vec<Candidate>),
    /// None fits; the nearest names.
    UnknownRepo(Vec<RepoRef>),
    /// The repository has no such branch; the nearest names.
    UnknownBranch {
        /// The repository.
        repo: RepoRef,
        /// Branches with nearly that name.
        nearest: Vec<Branch>,
    },
    /// None of the repository's branches is the one in the address that was typed.
    UnknownPath {
        /// The repository.
        repo: RepoRef,
        /// What stands for the branch in the address, and perhaps a path.
        path: String,
    },
    /// Jules reports no default branch, and none was typed.
    NoDefaultBranch(RepoRef),
    /// No repository is connected to Jules at all.
    NoSources,
}
