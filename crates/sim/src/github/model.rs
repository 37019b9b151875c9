//! What the simulated GitHub knows.

use super::rates::Rates;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a token may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A classic one with the scope `repo`, or an App's: everything in its repositories.
    Classic,
    /// A fine-grained one, which can't read check runs.
    FineGrained,
}

/// What is wrong with the service, for every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// 502, with a page for people.
    Down,
    /// The same for addresses that have these words, and only those.
    DownFor(&'static str),
    /// The connection closes without an answer.
    Drops,
    /// The secondary limit: 403 with words, and `Retry-After` in seconds where there is one.
    Secondary(Option<u32>),
    /// 429.
    TooMany(u32),
}

/// A call as it arrived, and the code that it was answered with; 0 where it was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, or what must not be.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The token, without `Bearer`.
    pub token: Option<String>,
    /// It named what it knows already.
    pub is_conditional: bool,
    /// The code of the answer.
    pub code: u16,
    /// When it arrived.
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Ids of the private repositories that it reaches.
    pub(super) repos: Vec<u64>,
    /// `X-OAuth-Scopes`, which only classic tokens have.
    pub(super) scopes: String,
}

#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub(super) id: u64,
    /// `owner/name`, as it is now.
    pub(super) name: String,
    /// What it was called before.
    pub(super) former: Vec<String>,
    pub(super) private: bool,
    pub(super) pulls: BTreeMap<u64, PullRequest>,
    pub(super) issues: BTreeMap<u64, Issue>,
    /// By commit.
    pub(super) checks: BTreeMap<String, Vec<Check>>,
    pub(super) statuses: BTreeMap<String, Vec<Check>>,
}

#[derive(Debug, Clone)]
pub(super) struct PullRequest {
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) state: State,
    pub(super) draft: bool,
    pub(super) branch: String,
    pub(super) base: String,
    pub(super) commits: Vec<Commit>,
    pub(super) ended_by: Option<String>,
    pub(super) conflict: bool,
    /// Whether GitHub has found out if it can be merged: the first call after a push finds it hasn't.
    pub(super) is_computed: bool,
    pub(super) reviews: Vec<Review>,
    /// On lines.
    pub(super) comments: Vec<Comment>,
    /// What people say below it.
    pub(super) said: Vec<IssueComment>,
    pub(super) opened: Timestamp,
    pub(super) updated: Timestamp,
    /// What happened to it last.
    pub(super) last: Happened,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Merged,
    Closed,
}

/// What webhooks of the kind `pull_request` tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happened {
    Opened,
    /// Its branch got commits; this one was the newest before.
    Pushed {
        before: String,
    },
    Drafted,
    Readied,
    /// Merged, or not.
    Closed,
    Reopened,
}

impl Happened {
    /// GitHub's word.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Pushed { .. } => "synchronize",
            Self::Drafted => "converted_to_draft",
            Self::Readied => "ready_for_review",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) sha: String,
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Review {
    pub(super) id: u64,
    pub(super) by: String,
    pub(super) state: String,
    pub(super) body: String,
    pub(super) commit: String,
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) review: Option<u64>,
    pub(super) by: String,
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) body: String,
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) name: String,
    /// `None` while it runs.
    pub(super) conclusion: Option<String>,
    /// When it was reported last.
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) by: String,
    pub(super) association: String,
    pub(super) closed: Option<(String, Timestamp)>,
    pub(super) comments: Vec<IssueComment>,
    pub(super) opened: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct IssueComment {
    pub(super) by: String,
    pub(super) association: String,
    pub(super) body: String,
    pub(super) at: Timestamp,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) repos: Vec<Repository>,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) trouble: Option<Trouble>,
    pub(super) rates: Rates,
    pub(super) calls: Vec<Call>,
    /// The calls that would have written something. Nothing here can be written.
    pub(super) writes: Vec<Call>,
    pub(super) hooks: Option<super::hooks::Hooks>,
    /// Every pull request that is asked for is there.
    pub(super) has_every_pull: bool,
    /// The pull request that was opened last: its repository, and its number.
    pub(super) newest: Option<(String, u64)>,
    serial: u64,
}

impl World {
    /// A number that was not given out before.
    pub(super) fn next(&mut self) -> u64 {
        self.serial += 1;
        1_000 + self.serial
    }

    /// A commit's name that was not given out before.
    pub(super) fn sha(&mut self) -> String {
        format!("{:040x}", u128::from(self.next()) * 0x9e37_79b9_7f4a_7c15_f39c_c060)
    }

    /// The repository of this name, in any letter case.
    pub(super) fn named(&mut self, name: &str) -> Option<&mut Repository> {
        self.repos.iter_mut().find(|repo| repo.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn pull(&mut self, repo: &str, number: u64) -> Option<&mut PullRequest> {
        self.named(repo)?.pulls.get_mut(&number)
    }
}

impl PullRequest {
    pub(super) fn head(&self) -> &str {
        self.commits.last().map_or("", |commit| &commit.sha)
    }
}
