//! What GitHub says about a pull request and an issue, as far as a decision needs it.

use crate::repo::{Branch, RepoRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A pull request or an issue: GitHub numbers both together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PullRef {
    /// Its repository.
    pub repo: RepoRef,
    /// Its number there.
    pub number: u64,
}

impl PullRef {
    /// The address of the pull request's page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://github.com/{}/pull/{}", self.repo, self.number)
    }

    /// The pull request that an address of github.com leads to; `None` for any other address.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://github.com/")?;
        let mut parts = rest.split(['/', '?', '#']);
        let (owner, repo, kind, number) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 100
                && !matches!(name, "." | "..")
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let number = number.parse().ok()?;
        (kind == "pull" && is_name(owner) && is_name(repo)).then(|| Self {
            repo: RepoRef { owner: owner.to_owned(), repo: repo.to_owned() },
            number,
        })
    }
}

impl fmt::Display for PullRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.repo, self.number)
    }
}

/// A commit's name: 40 or 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commit(String);

impl Commit {
    /// Takes it as GitHub writes it; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_name.then(|| Self(text.to_ascii_lowercase()))
    }

    /// It whole.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Someone on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Their name there, without the `[bot]` of an app.
    pub name: String,
    /// It's an app.
    #[serde(default)]
    pub is_bot: bool,
}

impl Login {
    /// As GitHub writes it, at most 100 characters.
    #[must_use]
    pub fn new(login: &str, kind: Option<&str>) -> Self {
        let is_bot = kind == Some("Bot") || login.ends_with("[bot]");
        let name = login.trim_end_matches("[bot]").chars().take(100).collect();
        Self { name, is_bot }
    }
}

/// Whether a pull request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullState {
    /// It can be reviewed and merged.
    Open,
    /// It's open, and its author says that it isn't ready.
    Draft,
    /// It's merged.
    Merged,
    /// It was closed without merging.
    Closed,
}

impl PullState {
    /// Whether it's neither merged nor closed.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Draft)
    }
}

/// Whether a pull request can be merged. GitHub finds it out some seconds after each push.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mergeable {
    /// GitHub hasn't found out yet.
    #[default]
    Unknown,
    /// Nothing in the code is in the way.
    Yes,
    /// It has a conflict with its base.
    Conflict,
}

/// A pull request. [GitHub: pulls/get]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFacts {
    /// Where it is now: its repository may have another name or owner than its address.
    pub at: PullRef,
    /// Whether it's open.
    pub state: PullState,
    /// The newest commit of its branch.
    pub head: Commit,
    /// Its branch.
    pub branch: Branch,
    /// Its branch is in another repository.
    #[serde(default)]
    pub is_fork: bool,
    /// The branch that it is to be merged into.
    pub base: Branch,
    /// Who merged it.
    #[serde(default)]
    pub merged_by: Option<Login>,
    /// Whether it can be merged.
    #[serde(default)]
    pub mergeable: Mergeable,
    /// How many commits it has.
    #[serde(default)]
    pub commits: u32,
    /// When something about it changed; a check that finished doesn't count.
    pub updated: Timestamp,
    /// When it was opened.
    pub opened: Timestamp,
}

/// What a review says. [GitHub: pulls/list-reviews]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It can be merged.
    Approved,
    /// Something has to change first.
    ChangesRequested,
    /// Neither.
    Commented,
    /// Someone took it back.
    Dismissed,
    /// Not submitted yet, or something that GitHub had not told of when this was written.
    Other,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// GitHub's number of it.
    pub id: u64,
    /// Who wrote it.
    pub by: Login,
    /// What it says.
    pub verdict: Verdict,
    /// The commit it is about.
    #[serde(default)]
    pub commit: Option<Commit>,
    /// When it was submitted.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Its words, as much of them as is kept.
    pub body: String,
    /// How many comments on lines belong to it.
    #[serde(default)]
    pub comments: u32,
}

impl Review {
    /// Whether it asks for something as a whole. GitHub makes a review of each single comment and of each reply to
    /// one, and a message for each would be noise.
    #[must_use]
    pub fn asks(&self) -> bool {
        match self.verdict {
            Verdict::ChangesRequested => true,
            Verdict::Commented => !self.body.trim().is_empty() || self.comments > 1,
            Verdict::Approved | Verdict::Dismissed | Verdict::Other => false,
        }
    }
}

/// A comment on a line. [GitHub: pulls/list-review-comments]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewComment {
    /// The review that it belongs to.
    pub review: Option<u64>,
    /// Who wrote it.
    pub by: Login,
    /// The file.
    pub path: String,
    /// The line; `None` where the code has changed since.
    pub line: Option<u32>,
    /// Its words, as much of them as is kept.
    pub body: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// It hasn't yet.
    Pending,
    /// Well, or it was skipped.
    Good,
    /// Badly: it failed, timed out, was cancelled, or wants someone to do something.
    Bad,
}

/// The checks of a commit, both kinds together. [GitHub: checks/list-for-ref, commits/combined-status]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// The token may not read check runs: only what reports a status is counted. A fine-grained token never may.
    pub partly: bool,
    /// How many haven't ended.
    pub pending: u32,
    /// How many ended well.
    pub good: u32,
    /// The names of those that failed, at most 20.
    pub failed: Vec<String>,
    /// How many failed.
    pub bad: u32,
    /// Since when all have ended and one has failed, by our clock.
    pub red_since: Option<Timestamp>,
}

impl Checks {
    /// So many names of failed checks are kept.
    pub const MOST_NAMES: usize = 20;

    /// Counts a check.
    pub fn count(&mut self, name: &str, conclusion: Conclusion) {
        match conclusion {
            Conclusion::Pending => self.pending += 1,
            Conclusion::Good => self.good += 1,
            Conclusion::Bad => {
                self.bad += 1;
                if self.failed.len() < Self::MOST_NAMES {
                    self.failed.push(name.chars().take(100).collect());
                }
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.pending + self.good + self.bad
    }

    /// Whether all have ended and one has failed.
    #[must_use]
    pub fn is_red(&self) -> bool {
        self.pending == 0 && self.bad > 0
    }

    /// Whether all have ended well. Without any check nothing is green.
    #[must_use]
    pub(crate) fn is_green(&self) -> bool {
        self.pending == 0 && self.bad == 0 && self.good > 0
    }
}

/// What a look at a pull request showed, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullSight {
    /// The pull request itself.
    pub pull: PullFacts,
    /// Its newest reviews, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// How many comments apps have written on its lines.
    #[serde(default)]
    pub bot_comments: u32,
    /// The checks of its head.
    #[serde(default)]
    pub checks: Checks,
    /// Who closed it without merging.
    #[serde(default)]
    pub closed_by: Option<Login>,
}

/// Whether an issue is open, and why not. [GitHub: issues/get]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueState {
    /// It is.
    Open,
    /// It isn't: since when, and whether it was done, not planned, or a duplicate.
    Closed {
        /// GitHub's word for why.
        why: Option<String>,
        /// When.
        at: Option<Timestamp>,
    },
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueFacts {
    /// Where it is now.
    pub at: PullRef,
    /// Its title.
    pub title: String,
    /// Its words.
    pub body: String,
    /// Who wrote it, and what they are to the repository.
    pub by: Login,
    /// `OWNER`, `MEMBER`, `COLLABORATOR`, or something less.
    pub association: String,
    /// Whether it is open.
    pub state: IssueState,
    /// It's a pull request.
    pub is_pull: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_pull_requests_lead_to_one() {
        for (url, expected) in [
            ("https://github.com/acme/web/pull/214", Some("acme/web#214")),
            ("https://github.com/acme/web/pull/214/files", Some("acme/web#214")),
            ("https://github.com/acme/web/pull/214?x=1", Some("acme/web#214")),
            ("https://github.com/acme/web/pull/214#top", Some("acme/web#214")),
            ("https://github.com/acme/web/issues/214", None),
            ("https://github.com/acme/web/pull/new", None),
            ("https://github.com/acme/../pull/1", None),
            ("https://github.com/ac me/web/pull/1", None),
            ("https://github.com//web/pull/1", None),
            ("https://github.com.evil.example/acme/web/pull/1", None),
            ("http://github.com/acme/web/pull/1", None),
        ] {
            let found = PullRef::parse(url).map(|one| one.to_string());
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn checks_are_red_once_all_have_ended_and_green_only_if_there_are_any() {
        let mut checks = Checks::default();
        assert!(!checks.is_green() && !checks.is_red());
        checks.count("build", Conclusion::Good);
        assert!(checks.is_green());
        checks.count("lint", Conclusion::Bad);
        checks.count("slow", Conclusion::Pending);
        assert!(!checks.is_red(), "one hasn't ended");
        checks.pending = 0;
        assert!(checks.is_red() && checks.total() == 2);
        assert_eq!(checks.failed, ["lint"]);
    }

    #[test]
    fn apps_are_told_from_people() {
        assert!(Login::new("dependabot[bot]", None).is_bot);
        assert!(!Login::new("reviewer", Some("User")).is_bot);
    }

    #[test]
    fn a_commit_has_the_name_that_git_gives_it() {
        assert!(
            Commit::parse(&"a".repeat(40)).is_some() && Commit::parse(&"F".repeat(64)).is_some()
        );
        for text in ["", "abc", &"g".repeat(40), &"a".repeat(41)] {
            assert_eq!(Commit::parse(text), None, "{text}");
        }
    }
}
