//! Issues, and pull requests as the issues that they are, too.

use super::{At, maybe_user, node, user};
use crate::github::JULES;
use crate::github::model::{Issue, IssueComment, PullRequest, State};
use serde_json::{Value, json};

/// What issues and pull requests have in common. `page` is what the page's address has before the number.
fn common(number: u64, page: &str, at: At<'_>) -> Value {
    let own = at.api(&format!("/issues/{number}"));
    json!({
        "id": number * 1_000, "node_id": node("I", number), "number": number, "url": own,
        "repository_url": at.api(""), "labels_url": format!("{own}/labels{{/name}}"),
        "comments_url": format!("{own}/comments"), "events_url": format!("{own}/events"),
        "html_url": at.page(&format!("/{page}/{number}")), "labels": [], "assignee": null,
        "assignees": [], "milestone": null, "locked": false, "active_lock_reason": null,
        "state_reason": null, "closed_by": null,
    })
}

fn with(mut common: Value, rest: Value) -> Value {
    if let (Value::Object(common), Value::Object(rest)) = (&mut common, rest) {
        common.extend(rest);
    }
    common
}

/// [GitHub: issues/get]
pub(in crate::github) fn issue(issue: &Issue, at: At<'_>) -> Value {
    let closed = issue.closed.as_ref();
    let rest = json!({
        "title": issue.title, "body": issue.body, "user": user(&issue.by, at.base),
        "author_association": issue.association,
        "state": if closed.is_some() { "closed" } else { "open" },
        "state_reason": closed.map(|(why, _)| why),
        "closed_at": closed.map(|(_, at)| at.to_string()), "comments": issue.comments.len(),
        "created_at": issue.opened.to_string(), "updated_at": issue.opened.to_string(),
    });
    with(common(issue.number, "issues", at), rest)
}

/// A pull request is an issue, too.
pub(in crate::github) fn pull_as_issue(pull: &PullRequest, at: At<'_>) -> Value {
    let is_open = pull.state == State::Open;
    let page = at.page(&format!("/pull/{}", pull.number));
    let rest = json!({
        "title": pull.title, "body": "", "user": user(JULES, at.base), "author_association": "NONE",
        "state": if is_open { "open" } else { "closed" },
        "closed_by": maybe_user(pull.ended_by.as_deref(), at.base),
        "closed_at": (!is_open).then(|| pull.updated.to_string()), "comments": pull.said.len(),
        "created_at": pull.opened.to_string(), "updated_at": pull.updated.to_string(),
        "pull_request": {
            "url": at.api(&format!("/pulls/{}", pull.number)), "html_url": page,
            "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
            "merged_at": (pull.state == State::Merged).then(|| pull.updated.to_string()),
        },
    });
    with(common(pull.number, "pull", at), rest)
}

/// [GitHub: issues/list-comments]
pub(in crate::github) fn issue_comment(
    comment: &IssueComment,
    place: usize,
    issue: u64,
    at: At<'_>,
) -> Value {
    let id = issue * 1_000 + place as u64;
    json!({
        "id": id, "node_id": node("IC", id), "url": at.api(&format!("/issues/comments/{id}")),
        "html_url": at.page(&format!("/issues/{issue}#issuecomment-{id}")),
        "issue_url": at.api(&format!("/issues/{issue}")), "user": user(&comment.by, at.base),
        "author_association": comment.association, "body": comment.body,
        "created_at": comment.at.to_string(), "updated_at": comment.at.to_string(),
    })
}
