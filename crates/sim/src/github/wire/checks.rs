//! What is reported about a commit: check runs, which only Apps can write, and statuses.

use super::{At, node, repository};
use crate::github::model::Check;
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
