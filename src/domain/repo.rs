//! Repositories as people type them and as Jules lists them ("sources"), and which one is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A source's resource name, `sources/github/{owner}/{repo}`. Opaque: Jules' own pages show other
/// shapes too, so it is handed back as it came and never taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceName(pub String);

/// A GitHub repository: `owner/repo`, in the letter case that GitHub shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepoRef {
    /// The user or organisation.
    pub owner: String,
    /// The repository's name.
    pub repo: String,
}

/// A branch by its name, as Jules lists it (`displayName`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Branch(pub String);

/// A repository that is connected to Jules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its resource name, for the API.
    pub name: SourceName,
    /// Its GitHub name, for people.
    pub repo: RepoRef,
    /// The branch that Jules reports as the default; it may report none.
    pub default_branch: Option<Branch>,
    /// Every branch that Jules lists; `None` when they were not asked for or not told.
    pub branches: Option<Vec<Branch>>,
}

impl fmt::Display for RepoRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.repo)
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
