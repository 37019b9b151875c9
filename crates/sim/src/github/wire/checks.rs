//! What is reported about a commit: check runs, which only Apps can write, and statuses; over the API, and by
//! webhooks.

use super::pulls::minimal;
use super::{At, commit, node, repository};
use crate::github::model::{Check, PullRequest};
use serde_json::{Value, json};

/// [GitHub: checks/list-for-ref]
pub(in crate::github) fn check(check: &Check, place: usize, sha: &str, at: At<'_>) -> Value {
    let id = place as u64 + 1;
    let is_over = check.conclusion.is_some();
    let when = check.at.to_string();
    let own = at.api(&format!("/check-runs/{id}"));
    let page = at.page(&format!("/runs/{id}"));
    json!({
        "id": id, "name": check.name, "node_id": node("CR", id), "head_sha": sha,
        "external_id": "", "url": own, "html_url": page, "details_url": page,
        "status": if is_over { "completed" } else { "in_progress" },
        "conclusion": check.conclusion, "started_at": when, "completed_at": is_over.then_some(when),
        "output": {
            "title": null, "summary": null, "text": null, "annotations_count": 0,
            "annotations_url": format!("{own}/annotations"),
        },
        "check_suite": { "id": 1 }, "pull_requests": [],
        "app": { "id": 15_368, "slug": "github-actions", "name": "GitHub Actions" },
    })
}

/// The combined state of statuses. [GitHub: commits/combined-status]
pub(in crate::github) fn statuses(all: &[Value], sha: &str, total: usize, at: At<'_>) -> Value {
    let is = |word: &str| all.iter().any(|one| one["state"] == word);
    let state = if is("failure") || is("error") {
        "failure"
    } else if is("pending") || all.is_empty() {
        "pending"
    } else {
        "success"
    };
    let commit = at.api(&format!("/commits/{sha}"));
    json!({
        "state": state, "statuses": all, "sha": sha, "total_count": total,
        "repository": repository(at), "url": format!("{commit}/status"), "commit_url": commit,
    })
}

pub(in crate::github) fn status(check: &Check, place: usize, sha: &str, at: At<'_>) -> Value {
    let id = place as u64 + 1;
    json!({
        "url": at.api(&format!("/statuses/{sha}")), "avatar_url": null, "id": id,
        "node_id": node("SC", id), "state": check.conclusion.as_deref().unwrap_or("pending"),
        "description": null, "target_url": null, "context": check.name,
        "created_at": check.at.to_string(), "updated_at": check.at.to_string(),
    })
}

/// The check run that was reported last about the newest commit; nothing before there is one.
/// [GitHub: webhook events, check_run]
pub(in crate::github) fn run(pull: &PullRequest, at: At<'_>) -> Option<Value> {
    let sha = pull.head();
    let (place, last) = at.repo.checks.get(sha)?.iter().enumerate().next_back()?;
    let mut run = check(last, place, sha, at);
    run["pull_requests"] = json!([minimal(pull, at)]);
    run["check_suite"] = json!({
        "id": 1, "node_id": node("CS", 1), "head_branch": pull.branch, "head_sha": sha,
        "status": run["status"], "conclusion": last.conclusion, "url": at.api("/check-suites/1"),
        "pull_requests": [minimal(pull, at)],
    });
    let action = if last.conclusion.is_some() { "completed" } else { "created" };
    Some(json!({ "action": action, "check_run": run }))
}

/// The checks of the newest commit; nothing before all have ended, as a repository's webhook is told of no other suite.
/// [GitHub: webhook events, check_suite]
pub(in crate::github) fn suite(pull: &PullRequest, at: At<'_>) -> Option<Value> {
    let sha = pull.head();
    let checks = at.repo.checks.get(sha)?;
    let last = checks.last()?;
    if checks.iter().any(|check| check.conclusion.is_none()) {
        return None;
    }
    let is_red = checks.iter().any(|check| check.conclusion.as_deref() != Some("success"));
    let when = last.at.to_string();
    let own = at.api("/check-suites/1");
    let suite = json!({
        "id": 1, "node_id": node("CS", 1), "head_branch": pull.branch, "head_sha": sha,
        "status": "completed", "conclusion": if is_red { "failure" } else { "success" },
        "url": own, "before": null, "after": sha, "pull_requests": [minimal(pull, at)],
        "app": { "id": 15_368, "slug": "github-actions", "name": "GitHub Actions" },
        "created_at": when, "updated_at": when, "latest_check_runs_count": checks.len(),
        "check_runs_url": format!("{own}/check-runs"),
    });
    Some(json!({ "action": "completed", "check_suite": suite }))
}

/// What was reported last about the newest commit: a status, or where there is none, a check as a service would report
/// it. Statuses have no action. [GitHub: webhook events, status]
pub(in crate::github) fn status_event(pull: &PullRequest, at: At<'_>) -> Option<Value> {
    let sha = pull.head();
    let reported = at.repo.statuses.get(sha).or_else(|| at.repo.checks.get(sha))?;
    let (place, last) = reported.iter().enumerate().next_back()?;
    let mut commits = pull.commits.iter().rev();
    let commit = commit(commits.next()?, commits.next(), at);
    let own = json!({ "sha": sha, "url": commit["url"] });
    let mut told = status(last, place, sha, at);
    told["sha"] = json!(sha);
    told["name"] = json!(at.repo.name);
    told["commit"] = commit;
    told["branches"] = json!([{ "name": pull.branch, "commit": own, "protected": false }]);
    Some(told)
}
