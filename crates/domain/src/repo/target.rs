//! What a request is for: a repository and a branch, once they are certain, and what is known before.

use super::{Branch, RepoRef, SourceName};
use crate::command::{Options, PlanMode, PrMode};
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
    /// The defaults that would have come first, and whose repositories Jules doesn't have any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
}

/// A repository that would have been taken, if Jules had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The repository.
    pub repo: RepoRef,
    /// Why it would have been.
    pub why: TargetReason,
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
    /// The branch and the modes that it is used with where nothing was typed.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub with: Options,
    /// What is meant if Jules doesn't have it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<FixedSource>,
}

/// Why a repository was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetReason {
    /// It was typed, or picked in the form.
    Asked,
    /// The text has one address of an issue, which is in it.
    LinkedIssue,
    /// The text has one address of a pull request, which is in it.
    LinkedPullRequest,
    /// The channel is bound to it.
    Binding,
    /// It is the person's default.
    Mine,
    /// It is the workspace's default.
    Workspace,
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
    /// Jules has none of the repositories that would have been taken.
    Gone(Vec<Skipped>),
}

impl Resolved {
    /// The repository, if it is certain.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoRef> {
        match self {
            Self::Target(target) => Some(&target.repo),
            _ => None,
        }
    }
}

impl TargetReason {
    /// Whether the next in the order is taken where Jules doesn't have the repository. What someone chose
    /// for this task or this channel is never replaced: they are asked.
    #[must_use]
    pub fn may_be_skipped(self) -> bool {
        match self {
            Self::LinkedIssue | Self::LinkedPullRequest | Self::Mine | Self::Workspace => true,
            Self::Asked | Self::Binding | Self::OnlySource => false,
        }
    }

    /// Whether it is a default, and not only what a text is about.
    #[must_use]
    pub fn is_default(self) -> bool {
        match self {
            Self::Mine | Self::Workspace => true,
            Self::Asked
            | Self::LinkedIssue
            | Self::LinkedPullRequest
            | Self::Binding
            | Self::OnlySource => false,
        }
    }
}

impl FixedSource {
    /// One that was typed or picked for this task.
    #[must_use]
    pub fn asked(candidate: Candidate) -> Self {
        let Candidate { source, repo } = candidate;
        let (with, otherwise) = (Options::default(), Vec::new());
        Self { source, repo, why: TargetReason::Asked, with, otherwise }
    }

    /// The source that was called `old`, of all that may be meant, has this name by now.
    pub fn rename(&mut self, old: &SourceName, new: &SourceName) {
        for one in std::iter::once(&mut self.source)
            .chain(self.otherwise.iter_mut().map(|one| &mut one.source))
        {
            if one == old {
                one.clone_from(new);
            }
        }
    }
}
