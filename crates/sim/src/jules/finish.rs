//! The ways in which a session completes: with and without outputs, in either order, with a pull
//! request that shows up late (reference §7.1 row 22).

use super::acts;
use super::model::{Output, SessionState, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// What a completed session leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// Whether there is a change set, on the last activity and among the outputs.
    pub change_set: bool,
    /// Whether there is a pull request, and how much of it is told.
    pub pull_request: PullRequest,
    /// Whether the pull request comes before the change set; no order is promised.
    pub pull_request_first: bool,
    /// How long after completion the pull request shows up in the session.
    pub pull_request_after: SignedDuration,
}

/// How much of a pull request the session tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullRequest {
    /// There is none.
    None,
    /// Without `baseRef` and `headRef`.
    Short,
    /// With them.
    Full,
}

impl Finish {
    /// Completed and nothing to show for it, which is normal.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            change_set: false,
            pull_request: PullRequest::None,
            pull_request_first: false,
            pull_request_after: SignedDuration::ZERO,
        }
    }

    /// Only a change set: no automatic pull request, or no repository.
    #[must_use]
    pub fn change_set() -> Self {
        Self { change_set: true, ..Self::empty() }
    }

    /// A change set and a pull request.
    #[must_use]
    pub fn pull_request() -> Self {
        Self { change_set: true, pull_request: PullRequest::Full, ..Self::empty() }
    }

    /// What the session was asked for: a pull request if it has a repository and was told to.
    pub(super) fn usual(session: &SessionState) -> Self {
        let worked = session.activities.iter().any(|a| a.content.contains_key("progressUpdated"));
        let has_one = session.outputs.iter().any(|o| o.json.get("pullRequest").is_some());
        match (worked, session.auto_pr && session.source().is_some() && !has_one) {
            (false, _) => Self::empty(),
            (true, false) => Self::change_set(),
            (true, true) => Self::pull_request(),
        }
    }

    /// Completes the session; earlier pull requests stay, the change set is the new one.
    pub(super) fn perform(&self, session: &mut SessionState, now: Timestamp, serial: u64) {
        let change_set = acts::patch(session, true);
        let mut content = json!({ "sessionCompleted": {} });
        session.outputs.retain(|o| o.json.get("pullRequest").is_some());
        let mut fresh = Vec::new();
        if self.change_set {
            content = acts::with_patch(content, &change_set);
            fresh.push(Output { seen_from: now, json: json!({ "changeSet": change_set }) });
        }
        if let Some(json) = self.pull_request_json(session) {
            let seen_from = now.checked_add(self.pull_request_after).unwrap_or(now);
            let at = if self.pull_request_first { 0 } else { fresh.len() };
            fresh.insert(at, Output { seen_from, json });
        }
        session.outputs.extend(fresh);
        session.record(now, serial, "agent", content);
        session.state = State::Completed;
        session.script.clear();
    }

    fn pull_request_json(&self, session: &SessionState) -> Option<Value> {
        let repo = session.source().and_then(|s| s.strip_prefix("sources/github/"));
        let number = session.id.bytes().map(usize::from).sum::<usize>() + session.outputs.len();
        let mut json = json!({
            "url": format!("https://github.com/{}/pull/{number}", repo.unwrap_or("example/example")),
            "title": session.title,
            "description": format!("{}\n\nMade by Jules: https://jules.google.com/task/{}",
                session.title, session.id),
        });
        match self.pull_request {
            PullRequest::None => return None,
            PullRequest::Short => {}
            PullRequest::Full => {
                json["baseRef"] = json!(session.branch().unwrap_or_default());
                json["headRef"] = json!(format!("jules-{}", session.id));
            }
        }
        Some(json!({ "pullRequest": json }))
    }
}
