//! Addresses on GitHub in the text of a task.
//!
//! An issue or a pull request is what the task is about, so its repository is meant. Any other address may
//! be an example (`do it like github.com/rust-lang/rust`) and is only offered.

use super::query::{RepoQuery, full};
use super::{RepoRef, TargetReason};

/// What the addresses in a text lead to, each once, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Issues and pull requests.
    pub issues: Vec<IssueLink>,
    /// The repositories of all addresses.
    pub repos: Vec<RepoRef>,
}

/// An issue or a pull request. GitHub numbers both together, so they are told apart by their numbers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueLink {
    /// Its repository.
    pub repo: RepoRef,
    /// Its number there.
    pub number: u64,
    /// Whether the address is an issue's or a pull request's, as a reason to take its repository.
    pub kind: TargetReason,
}

/// What stands before the path.
const HOST: &str = "github.com/";

impl Links {
    /// The addresses in a text. Takes linear time.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut links = Self::default();
        // The same length, so that places in one are places in the other.
        for (at, _) in text.to_ascii_lowercase().match_indices(HOST) {
            if begins_an_address(&text[..at]) {
                links.add(&text[at + HOST.len()..]);
            }
        }
        links
    }

    /// Adds what an address leads to, by what follows the host.
    fn add(&mut self, rest: &str) {
        let end = rest.find(|c: char| !is_of_a_path(c)).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches(['.', ',', ':']);
        let mut parts = path.split('/');
        let (Some(owner), Some(name)) = (parts.next(), parts.next()) else { return };
        let Ok(RepoQuery::Full(repo)) = full(owner, name) else { return };
        let kind = match parts.next() {
            Some("issues") => Some(TargetReason::LinkedIssue),
            Some("pull") => Some(TargetReason::LinkedPullRequest),
            Some(_) | None => None,
        };
        // An emphasis may end behind it.
        let number = parts.next().and_then(|number| number.trim_end_matches('_').parse().ok());
        if let (Some(kind), Some(number)) = (kind, number) {
            let is_it = |known: &IssueLink| known.number == number && known.repo.same(&repo);
            if !self.issues.iter().any(is_it) {
                self.issues.push(IssueLink { repo: repo.clone(), number, kind });
            }
        }
        if !self.repos.iter().any(|known| known.same(&repo)) {
            self.repos.push(repo);
        }
    }
}

/// Whether an address can begin behind this text: with or without `https://` and `www.`, and not as a part
/// of another address or name.
fn begins_an_address(before: &str) -> bool {
    let without = |text: &str, end: &str| {
        let at = text.len().checked_sub(end.len());
        let (head, tail) = at.and_then(|at| text.split_at_checked(at))?;
        tail.eq_ignore_ascii_case(end).then_some(head.len())
    };
    let before = without(before, "www.").map_or(before, |at| &before[..at]);
    let scheme = without(before, "https://").or_else(|| without(before, "http://"));
    let before = scheme.map_or(before, |at| &before[..at]);
    before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"/=?&#%@.-+~:".contains(c))
}

/// Whether a character can stand in the part of a path that names a repository or an issue.
fn is_of_a_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let links = Links::of(text);
        let issues = links.issues.iter().map(|link| format!("{}#{}", link.repo, link.number));
        let repos = links.repos.iter().map(ToString::to_string);
        format!(
            "{} | {}",
            issues.collect::<Vec<_>>().join(" "),
            repos.collect::<Vec<_>>().join(" ")
        )
    }

    #[test]
    fn what_an_address_leads_to() {
        for (text, leads_to) in [
            ("fix https://github.com/acme/web/issues/12", "acme/web#12 | acme/web"),
            ("https://github.com/acme/web/pull/3/files#r1 and more", "acme/web#3 | acme/web"),
            ("see (https://github.com/acme/web/issues/12?x=1).", "acme/web#12 | acme/web"),
            ("https://GitHub.com/Acme/Web/issues/12#issuecomment-5", "Acme/Web#12 | Acme/Web"),
            ("www.github.com/acme/web/issues/12.", "acme/web#12 | acme/web"),
            ("github.com/acme/web/issues/12, please", "acme/web#12 | acme/web"),
            ("https://github.com/acme/web/issues/12 (the login)", "acme/web#12 | acme/web"),
            ("_https://github.com/acme/web/issues/12_", "acme/web#12 | acme/web"),
            ("*https://github.com/acme/web/issues/12*", "acme/web#12 | acme/web"),
            ("like https://github.com/rust-lang/rust", " | rust-lang/rust"),
            ("https://github.com/acme/web.git", " | acme/web"),
            ("https://github.com/acme/web/tree/main/src", " | acme/web"),
            ("https://github.com/acme/web/issues", " | acme/web"),
            ("https://github.com/acme/web/issues/12abc", " | acme/web"),
            ("https://github.com/acme/web/issues/new", " | acme/web"),
        ] {
            assert_eq!(told(text), leads_to, "{text}");
        }
    }

    #[test]
    fn each_counts_once() {
        let same = "https://github.com/acme/web/issues/12 https://github.com/ACME/web/issues/12#x \
                    https://github.com/acme/web/pull/12";
        assert_eq!(told(same), "acme/web#12 | acme/web");
        let two = "https://github.com/acme/web/issues/1 https://github.com/acme/web/issues/2";
        assert_eq!(told(two), "acme/web#1 acme/web#2 | acme/web");
    }

    #[test]
    fn what_is_no_address_of_a_repository() {
        for text in [
            "",
            "acme/web#12",
            "https://github.com/",
            "https://github.com/acme",
            "https://notgithub.com/acme/web/issues/1",
            "https://github.com.evil.example/acme/web/issues/1",
            "https://gitlab.com/acme/web/issues/1",
            "https://evil.example/github.com/acme/web/issues/1",
            "https://evil.example/?to=https://github.com/acme/web/issues/1",
            "https://user@github.com/acme/web/issues/1",
            "https://github.com/größe/web/issues/1",
        ] {
            assert_eq!(told(text), " | ", "{text}");
        }
    }
}
