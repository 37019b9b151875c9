//! What Jules calls a source: a GitHub repository that is connected to it, and its branches.
//!
//! People see `owner/repo`; the API wants the source's resource name. Both are kept, because one
//! cannot be made from the other.

use crate::invisible::visible_in_name;
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

impl RepoRef {
    /// The same repository: GitHub does not tell letter cases apart.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.repo.eq_ignore_ascii_case(&other.repo)
    }
}

impl Branch {
    /// Takes a branch as someone typed it: `develop`, `refs/heads/develop`. Unseen characters and
    /// white space around it go; `None` when no branch can have that name (git: check-ref-format),
    /// so that a slip is told to its author and not to Jules.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = visible_in_name(typed);
        let name = typed.strip_prefix("refs/heads/").unwrap_or(&typed);
        let whole = !name.is_empty()
            && name.len() <= 255
            && name != "@"
            && !name.starts_with('-')
            && !name.ends_with('.')
            && !["..", "@{"].iter().any(|part| name.contains(part))
            && !name.chars().any(|c| c.is_whitespace() || "~^:?*[\\".contains(c))
            && name
                .split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"));
        whole.then(|| Self(name.to_owned()))
    }
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

/// A source as Jules' list has it, for tests: `owner/repo` with the default branch `main`.
#[cfg(test)]
pub(crate) fn listed(path: &str) -> Source {
    let (owner, repo) = path.split_once('/').expect("an owner and a repository");
    Source {
        name: SourceName(format!("sources/github/{path}")),
        repo: RepoRef { owner: owner.to_owned(), repo: repo.to_owned() },
        default_branch: Some(Branch("main".to_owned())),
        branches: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_as_people_type_them() {
        for (typed, name) in [
            ("develop", "develop"),
            (" feature/log-in ", "feature/log-in"),
            ("refs/heads/main", "main"),
            ("dev\u{200b}elop", "develop"),
            ("fix#12", "fix#12"),
            ("größe", "größe"),
        ] {
            assert_eq!(Branch::parse(typed), Some(Branch(name.to_owned())), "{typed:?}");
        }
    }

    #[test]
    fn what_git_refuses_is_no_branch() {
        for typed in [
            "",
            " ",
            "my branch",
            "-d",
            "a..b",
            "a~1",
            "HEAD^",
            "a:b",
            "what?",
            "*",
            "a[0",
            "a\\b",
            "/a",
            "a/",
            "a//b",
            ".hidden",
            "a/.b",
            "dev.",
            "x.lock",
            "@",
            "a@{1}",
        ] {
            assert_eq!(Branch::parse(typed), None, "{typed:?}");
        }
    }
}
