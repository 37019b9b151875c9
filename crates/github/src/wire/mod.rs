//! The shapes on the wire. Anything may be missing, and what is unknown is passed over: GitHub adds fields and
//! values without a new version.

use domain::pull::{
    Checks, Commit, Conclusion, IssueFacts, IssueState, Login, Mergeable, PullFacts, PullRef,
    PullState, Verdict,
};
use domain::repo::{Branch, RepoRef};
use jiff::Timestamp;
use serde::Deserialize;

/// How much of a review's words is kept, in characters.
const LONGEST_BODY: usize = 4_000;
/// How much of a comment's.
const LONGEST_COMMENT: usize = 600;
/// How much of an issue's: as much as Jules gets.
const LONGEST_ISSUE: usize = 8_001;
/// How much of a comment's on an issue.
const LONGEST_ISSUE_COMMENT: usize = 1_001;

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl User {
    fn login(&self) -> Login {
        Login::new(&self.login, self.kind.as_deref())
    }
}

/// The account of someone who left GitHub is `null`; GitHub's pages show a ghost.
fn login_of(user: Option<&User>) -> Login {
    user.map_or_else(|| Login::new("ghost", None), User::login)
}

fn cut(text: Option<String>, most: usize) -> String {
    let text = text.unwrap_or_default();
    match text.char_indices().nth(most) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

/// How much is left. [GitHub: rate-limit/get]
#[derive(Debug, Deserialize)]
pub(crate) struct RateLimit {
    resources: Resources,
}

#[derive(Debug, Deserialize)]
struct Resources {
    core: Rate,
}

#[derive(Debug, Deserialize)]
struct Rate {
    limit: u32,
    remaining: u32,
}

impl RateLimit {
    pub(crate) fn limit(&self) -> u32 {
        self.resources.core.limit
    }

    pub(crate) fn remaining(&self) -> u32 {
        self.resources.core.remaining
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Pull {
    number: u64,
    state: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    merged: bool,
    #[serde(default)]
    merged_at: Option<String>,
    #[serde(default)]
    merged_by: Option<User>,
    #[serde(default)]
    mergeable: Option<bool>,
    #[serde(default)]
    mergeable_state: Option<String>,
    #[serde(default)]
    commits: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
    head: End,
    base: End,
}

#[derive(Debug, Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    /// `null` once a fork is deleted.
    #[serde(default)]
    repo: Option<Repo>,
}

#[derive(Debug, Deserialize)]
struct Repo {
    full_name: String,
}

impl Repo {
    fn name(&self) -> Option<RepoRef> {
        let (owner, repo) = self.full_name.split_once('/')?;
        Some(RepoRef { owner: owner.to_owned(), repo: repo.to_owned() })
    }
}

impl Pull {
    pub(crate) fn into_facts(self) -> Option<PullFacts> {
        let is_merged = self.merged || self.merged_at.is_some();
        let state = match self.state.as_str() {
            _ if is_merged => PullState::Merged,
            "open" if self.draft => PullState::Draft,
            "open" => PullState::Open,
            _ => PullState::Closed,
        };
        let mergeable = match (self.mergeable_state.as_deref(), self.mergeable) {
            (Some("dirty"), _) | (_, Some(false)) => Mergeable::Conflict,
            (Some("unknown"), _) | (_, None) => Mergeable::Unknown,
            (_, Some(true)) => Mergeable::Yes,
        };
        let name = |end: &End| end.repo.as_ref().map(|repo| repo.full_name.clone());
        let is_fork = name(&self.head) != name(&self.base);
        let repo = self.base.repo.as_ref()?.name()?;
        Some(PullFacts {
            at: PullRef { repo, number: self.number },
            state,
            head: Commit::parse(&self.head.sha)?,
            branch: Branch(self.head.branch),
            is_fork,
            base: Branch(self.base.branch),
            merged_by: self.merged_by.as_ref().map(User::login),
            mergeable,
            commits: self.commits,
            updated: self.updated_at,
            opened: self.created_at,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Review {
    id: u64,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    submitted_at: Option<Timestamp>,
    #[serde(default)]
    commit_id: Option<String>,
}

impl Review {
    /// `None` for one that isn't submitted yet, which only its author sees.
    pub(crate) fn into_review(self) -> Option<domain::pull::Review> {
        let verdict = match self.state.as_str() {
            "APPROVED" => Verdict::Approved,
            "CHANGES_REQUESTED" => Verdict::ChangesRequested,
            "COMMENTED" => Verdict::Commented,
            "DISMISSED" => Verdict::Dismissed,
            "PENDING" => return None,
            _ => Verdict::Other,
        };
        Some(domain::pull::Review {
            id: self.id,
            by: login_of(self.user.as_ref()),
            verdict,
            commit: self.commit_id.as_deref().and_then(Commit::parse),
            at: self.submitted_at,
            body: cut(self.body, LONGEST_BODY),
            comments: 0,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ReviewComment {
    #[serde(default)]
    pull_request_review_id: Option<u64>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    original_line: Option<u32>,
    #[serde(default)]
    body: Option<String>,
}

impl ReviewComment {
    pub(crate) fn into_comment(self) -> domain::pull::ReviewComment {
        domain::pull::ReviewComment {
            review: self.pull_request_review_id,
            by: login_of(self.user.as_ref()),
            path: self.path,
            line: self.line.or(self.original_line),
            body: cut(self.body, LONGEST_COMMENT),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckRuns {
    #[serde(default)]
    check_runs: Vec<CheckRun>,
}

#[derive(Debug, Deserialize)]
struct CheckRun {
    #[serde(default)]
    name: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
}

impl CheckRuns {
    pub(crate) fn add_to(mut checks: Checks, page: &Self) -> Checks {
        for run in &page.check_runs {
            let conclusion = match (run.status.as_str(), run.conclusion.as_deref()) {
                ("completed", Some("success" | "neutral" | "skipped")) => Conclusion::Good,
                // What GitHub gave up waiting for says nothing about the code.
                ("completed", Some("stale")) => Conclusion::Good,
                ("completed", _) => Conclusion::Bad,
                (_, _) => Conclusion::Pending,
            };
            checks.count(&run.name, conclusion);
        }
        checks
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Statuses {
    #[serde(default)]
    statuses: Vec<Status>,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    context: String,
    state: String,
}

impl Statuses {
    pub(crate) fn add_to(mut checks: Checks, page: &Self) -> Checks {
        for status in &page.statuses {
            let conclusion = match status.state.as_str() {
                "success" => Conclusion::Good,
                "pending" => Conclusion::Pending,
                _ => Conclusion::Bad,
            };
            checks.count(&status.context, conclusion);
        }
        checks
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Issue {
    number: u64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    author_association: String,
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    #[serde(default)]
    closed_at: Option<Timestamp>,
    #[serde(default)]
    closed_by: Option<User>,
    #[serde(default)]
    pull_request: Option<serde_json::Value>,
    #[serde(default)]
    repository_url: String,
}

impl Issue {
    pub(crate) fn closed_by(&self) -> Option<Login> {
        self.closed_by.as_ref().map(User::login)
    }

    pub(crate) fn into_facts(self) -> Option<IssueFacts> {
        // `https://api.github.com/repos/owner/name`: a transferred issue is in another one by now.
        let mut parts = self.repository_url.rsplit('/');
        let (repo, owner) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let state = match self.state.as_str() {
            "open" => IssueState::Open,
            _ => IssueState::Closed { why: self.state_reason, at: self.closed_at },
        };
        Some(IssueFacts {
            at: PullRef { repo: RepoRef { owner, repo }, number: self.number },
            title: self.title,
            body: cut(self.body, LONGEST_ISSUE),
            by: login_of(self.user.as_ref()),
            association: self.author_association,
            state,
            is_pull: self.pull_request.is_some(),
        })
    }
}

/// A comment on an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueComment {
    /// Who wrote it.
    pub by: Login,
    /// What they are to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, or something less.
    pub association: String,
    /// Its words, as much of them as is kept.
    pub body: String,
}

impl<'de> Deserialize<'de> for IssueComment {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            user: Option<User>,
            #[serde(default)]
            author_association: String,
            #[serde(default)]
            body: Option<String>,
        }
        let wire = Wire::deserialize(from)?;
        Ok(Self {
            by: login_of(wire.user.as_ref()),
            association: wire.author_association,
            body: cut(wire.body, LONGEST_ISSUE_COMMENT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

    fn pull(change: impl FnOnce(&mut serde_json::Value)) -> Option<PullFacts> {
        let mut wire = json!({
            "number": 1347, "state": "open", "draft": false, "merged": false, "commits": 3,
            "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-02T10:00:00Z",
            "mergeable": true, "mergeable_state": "clean", "merged_by": null,
            "head": { "ref": "jules/fix", "sha": SHA, "repo": { "full_name": "acme/web" } },
            "base": { "ref": "main", "sha": SHA, "repo": { "full_name": "acme/web" } },
            "a_field_of_tomorrow": [1, 2],
        });
        change(&mut wire);
        serde_json::from_value::<Pull>(wire).ok()?.into_facts()
    }

    #[test]
    fn a_pull_request_is_read_in_each_of_its_states() {
        let open = pull(|_| {}).unwrap();
        assert_eq!((open.state, open.is_fork, open.commits), (PullState::Open, false, 3));
        assert_eq!(
            (open.at.to_string().as_str(), open.mergeable),
            ("acme/web#1347", Mergeable::Yes)
        );
        assert_eq!(pull(|one| one["draft"] = json!(true)).unwrap().state, PullState::Draft);
        assert_eq!(pull(|one| one["state"] = json!("closed")).unwrap().state, PullState::Closed);
        let merged = pull(|one| {
            (one["state"], one["merged"]) = (json!("closed"), json!(true));
            one["merged_by"] = json!({ "login": "reviewer", "type": "User" });
        });
        let merged = merged.unwrap();
        assert_eq!(merged.state, PullState::Merged);
        assert_eq!(merged.merged_by.unwrap().name, "reviewer");
        let conflict = pull(|one| one["mergeable_state"] = json!("dirty")).unwrap();
        assert_eq!(conflict.mergeable, Mergeable::Conflict);
        let young = pull(|one| one["mergeable"] = json!(null)).unwrap();
        assert_eq!(young.mergeable, Mergeable::Unknown);
        assert!(pull(|one| one["head"]["repo"] = json!(null)).unwrap().is_fork, "its fork is gone");
        assert_eq!(pull(|one| one["head"]["sha"] = json!("not a commit")), None);
    }

    #[test]
    fn reviews_that_are_not_submitted_are_nobodys_business() {
        let read = |state: &str| {
            let wire = json!({ "id": 80, "user": null, "body": null, "state": state });
            serde_json::from_value::<Review>(wire).unwrap().into_review()
        };
        assert_eq!(read("PENDING"), None);
        assert_eq!(read("APPROVED").unwrap().verdict, Verdict::Approved);
        assert_eq!(read("A_STATE_OF_TOMORROW").unwrap().verdict, Verdict::Other);
        assert_eq!(read("COMMENTED").unwrap().by.name, "ghost");
    }

    #[test]
    fn both_kinds_of_checks_are_counted() {
        let runs: CheckRuns = serde_json::from_value(json!({ "total_count": 6, "check_runs": [
            { "name": "build", "status": "completed", "conclusion": "success" },
            { "name": "docs", "status": "completed", "conclusion": "skipped" },
            { "name": "lint", "status": "completed", "conclusion": "failure" },
            { "name": "deploy", "status": "completed", "conclusion": "action_required" },
            { "name": "e2e", "status": "in_progress", "conclusion": null },
            { "name": "new", "status": "a_status_of_tomorrow" },
        ]}))
        .unwrap();
        let checks = CheckRuns::add_to(Checks::default(), &runs);
        assert_eq!((checks.good, checks.bad, checks.pending), (2, 2, 2));
        assert_eq!(checks.failed, ["lint", "deploy"]);
        let statuses: Statuses = serde_json::from_value(json!({ "state": "failure", "statuses": [
            { "context": "ci/one", "state": "success" },
            { "context": "ci/two", "state": "error" },
            { "context": "ci/three", "state": "pending" },
        ]}))
        .unwrap();
        let checks = Statuses::add_to(checks, &statuses);
        assert_eq!((checks.good, checks.bad, checks.pending), (3, 3, 3));
    }

    #[test]
    fn an_issue_names_the_repository_that_it_is_in_by_now() {
        let wire = json!({
            "number": 12, "title": "Login fails", "body": "x".repeat(20_000), "state": "closed",
            "state_reason": "completed", "closed_at": "2026-05-03T10:00:00Z",
            "author_association": "NONE", "user": { "login": "stranger", "type": "User" },
            "repository_url": "https://api.github.com/repos/acme/shop",
        });
        let issue = serde_json::from_value::<Issue>(wire).unwrap().into_facts().unwrap();
        assert_eq!((issue.at.to_string().as_str(), issue.is_pull), ("acme/shop#12", false));
        assert_eq!(issue.body.len(), LONGEST_ISSUE);
        assert!(
            matches!(issue.state, IssueState::Closed { why: Some(why), .. } if why == "completed")
        );
    }
}
