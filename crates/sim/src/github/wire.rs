//! The shapes on the wire, with what this program reads and some of what it doesn't.

use super::model::{Check, Comment, Issue, IssueComment, PullRequest, Repository, Review, State};
use serde_json::{Value, json};

pub(super) fn user(login: &str) -> Value {
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    json!({ "login": login, "id": login.len(), "type": kind, "site_admin": false })
}

fn maybe_user(login: Option<&str>) -> Value {
    login.map_or(Value::Null, user)
}

pub(super) fn repository(repo: &Repository) -> Value {
    let owner = repo.name.split('/').next().unwrap_or_default();
    json!({
        "id": repo.id, "full_name": repo.name, "private": repo.private, "owner": user(owner),
        "html_url": format!("https://github.com/{}", repo.name),
    })
}

pub(super) fn pull(pull: &PullRequest, repo: &Repository) -> Value {
    let is_merged = pull.state == State::Merged;
    let is_open = pull.state == State::Open;
    let mergeable = match (is_open, pull.is_computed) {
        (true, true) => json!(!pull.conflict),
        (_, _) => Value::Null,
    };
    let mergeable_state = match (is_open && pull.is_computed, pull.conflict) {
        (false, _) => "unknown",
        (true, true) => "dirty",
        (true, false) if pull.draft => "draft",
        (true, false) => "clean",
    };
    let ended = (!is_open).then(|| pull.updated.to_string());
    json!({
        "id": pull.number * 1_000, "node_id": "PR_kw", "number": pull.number,
        "html_url": format!("https://github.com/{}/pull/{}", repo.name, pull.number),
        "state": if is_open { "open" } else { "closed" },
        "locked": false, "title": pull.title, "draft": pull.draft,
        "user": user("google-labs-jules[bot]"),
        "merged": is_merged, "merged_at": ended.clone().filter(|_| is_merged), "closed_at": ended,
        "merged_by": maybe_user(pull.ended_by.as_deref().filter(|_| is_merged)),
        "mergeable": mergeable, "rebaseable": mergeable, "mergeable_state": mergeable_state,
        "comments": 0, "review_comments": pull.comments.len(), "commits": pull.commits.len(),
        "additions": 4, "deletions": 2, "changed_files": 1,
        "created_at": pull.opened.to_string(), "updated_at": pull.updated.to_string(),
        "head": { "label": "x", "ref": pull.branch, "sha": pull.head(), "repo": repository(repo) },
        "base": { "label": "x", "ref": pull.base, "sha": "0".repeat(40), "repo": repository(repo) },
    })
}

pub(super) fn review(review: &Review) -> Value {
    json!({
        "id": review.id, "user": user(&review.by), "body": review.body, "state": review.state,
        "commit_id": review.commit, "submitted_at": review.at.to_string(),
        "author_association": "MEMBER",
    })
}

pub(super) fn comment(comment: &Comment, head: &str) -> Value {
    json!({
        "id": comment.id, "pull_request_review_id": comment.review, "user": user(&comment.by),
        "path": comment.path, "line": comment.line, "original_line": comment.line,
        "body": comment.body, "commit_id": head, "created_at": comment.at.to_string(),
    })
}

pub(super) fn check(check: &Check, at: usize) -> Value {
    let is_over = check.conclusion.is_some();
    json!({
        "id": at, "name": check.name, "status": if is_over { "completed" } else { "in_progress" },
        "conclusion": check.conclusion, "app": { "slug": "github-actions" },
    })
}

/// The combined state of statuses. [GitHub: commits/combined-status]
pub(super) fn statuses(all: &[Value], sha: &str, total: usize) -> Value {
    let is = |word: &str| all.iter().any(|one| one["state"] == word);
    let state = if is("failure") || is("error") {
        "failure"
    } else if is("pending") || all.is_empty() {
        "pending"
    } else {
        "success"
    };
    json!({ "state": state, "sha": sha, "total_count": total, "statuses": all })
}

pub(super) fn status(check: &Check) -> Value {
    json!({ "context": check.name, "state": check.conclusion.as_deref().unwrap_or("pending") })
}

pub(super) fn issue(issue: &Issue, repo: &Repository, base: &str) -> Value {
    let closed = issue.closed.as_ref();
    json!({
        "id": issue.number * 1_000, "number": issue.number, "title": issue.title,
        "body": issue.body, "user": user(&issue.by), "author_association": issue.association,
        "state": if closed.is_some() { "closed" } else { "open" },
        "state_reason": closed.map(|(why, _)| why), "closed_at": closed.map(|(_, at)| at.to_string()),
        "labels": [], "comments": issue.comments.len(),
        "created_at": issue.opened.to_string(), "updated_at": issue.opened.to_string(),
        "repository_url": format!("{base}/repos/{}", repo.name),
    })
}

/// A pull request is an issue, too.
pub(super) fn pull_as_issue(pull: &PullRequest, repo: &Repository, base: &str) -> Value {
    let is_open = pull.state == State::Open;
    json!({
        "id": pull.number * 1_000, "number": pull.number, "title": pull.title, "body": "",
        "user": user("google-labs-jules[bot]"), "author_association": "NONE",
        "state": if is_open { "open" } else { "closed" },
        "closed_by": maybe_user(pull.ended_by.as_deref()),
        "repository_url": format!("{base}/repos/{}", repo.name),
        "pull_request": { "url": format!("{base}/repos/{}/pulls/{}", repo.name, pull.number) },
    })
}

pub(super) fn issue_comment(comment: &IssueComment) -> Value {
    json!({
        "user": user(&comment.by), "author_association": comment.association,
        "body": comment.body, "created_at": comment.at.to_string(),
    })
}
