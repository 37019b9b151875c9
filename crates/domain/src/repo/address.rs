//! The branch in the address of a page on github.com.
//!
//! A page's address is `/tree/BRANCH/PATH`, and both parts may have slashes. Only the repository's own
//! branches tell them apart: the longest that the path begins with. (git has no branch `a` next to a
//! branch `a/b`, so no other fits.)

use super::query::github_path;
use super::{Branch, Source};
use percent_encoding::percent_decode_str;

/// The pages that stand for a branch. [GitHub: permanent links to files]
const PAGES: &[&str] = &["tree", "blob", "commits", "blame", "raw", "edit"];

/// What follows the repository in an address that names a branch: the branch, and perhaps a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchPath(pub String);

impl BranchPath {
    /// Reads it from a repository as someone typed it; `None` where no branch is named.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = super::query::bare(typed);
        let path = github_path(&typed).ok()??;
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let mut parts = path.split('/').filter(|part| !part.is_empty()).skip(2);
        let page = parts.next()?;
        if !PAGES.contains(&page) {
            return None;
        }
        let rest = parts.collect::<Vec<_>>().join("/");
        let rest = percent_decode_str(&rest).decode_utf8().ok()?.into_owned();
        let rest = rest.strip_prefix("refs/heads/").unwrap_or(&rest);
        (!rest.is_empty()).then(|| Self(rest.to_owned()))
    }

    /// The branch of `source` that it names: the longest that it begins with.
    #[must_use]
    pub fn branch(&self, source: &Source) -> Option<Branch> {
        let listed = source.branches.iter().flatten().chain(&source.default_branch);
        let begins = |branch: &&Branch| {
            let rest = self.0.strip_prefix(branch.0.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        listed.filter(begins).max_by_key(|branch| branch.0.len()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::{RepoRef, SourceName};

    #[test]
    fn the_path_in_an_address() {
        for (typed, path) in [
            ("https://github.com/o/r/tree/release/1.x", Some("release/1.x")),
            ("<https://github.com/o/r/tree/release/1.x/>", Some("release/1.x")),
            ("github.com/o/r/blob/main/src/a%20b.rs#L3", Some("main/src/a b.rs")),
            ("https://www.github.com/o/r/commits/main?author=x", Some("main")),
            ("https://github.com/o/r/tree/fix%2312,", Some("fix#12")),
            ("https://github.com/o/r/blob/refs/heads/dev/x", Some("dev/x")),
            ("https://github.com/o/r/tree/", None),
            ("https://github.com/o/r/pull/3", None),
            ("https://github.com/o/r/releases/tag/v1", None),
            ("https://github.com/o/r", None),
            ("https://gitlab.com/o/r/tree/main", None),
            ("git@github.com:o/r.git", None),
            ("o/r", None),
            ("tree", None),
        ] {
            assert_eq!(BranchPath::parse(typed).map(|path| path.0).as_deref(), path, "{typed:?}");
        }
    }

    #[test]
    fn the_longest_branch_that_fits() {
        let branch = |name: &str| Branch(name.to_owned());
        let source = Source {
            name: SourceName("sources/github/o/r".to_owned()),
            repo: RepoRef { owner: "o".to_owned(), repo: "r".to_owned() },
            default_branch: Some(branch("trunk")),
            branches: Some(["release/1.x", "release/1", "rel"].map(branch).to_vec()),
        };
        for (path, found) in [
            ("release/1.x/src", Some("release/1.x")),
            ("release/1.x", Some("release/1.x")),
            ("release/1/x", Some("release/1")),
            ("trunk/src", Some("trunk")),
            ("release", None),
            ("Trunk", None),
            ("relx", None),
        ] {
            let found = found.map(branch);
            assert_eq!(BranchPath(path.to_owned()).branch(&source), found, "{path}");
        }
    }
}
