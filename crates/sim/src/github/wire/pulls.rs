//! Pull requests, their commits, reviews and comments on lines.

use super::{At, links, maybe_user, node, repository, user};
use crate::github::JULES;
use crate::github::model::{Comment, Commit, PullRequest, Review, State};
use serde_json::{Value, json};

/// The base's commit.
const BASE: &str = "0000000000000000000000000000000000000000";

/// [GitHub: pulls/get]
pub(in crate::github) fn pull(pull: &PullRequest, at: At<'_>) -> Value {
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
    let mut shown = simple(pull, at);
    let rest = json!({
        "merged": is_merged,
        "merged_by": maybe_user(pull.ended_by.as_deref().filter(|_| is_merged), at.base),
        "mergeable": mergeable, "rebaseable": mergeable, "mergeable_state": mergeable_state,
        "maintainer_can_modify": false, "comments": pull.said.len(),
        "review_comments": pull.comments.len(), "commits": pull.commits.len(), "additions": 4,
        "deletions": 2, "changed_files": 1,
    });
    if let (Value::Object(shown), Value::Object(rest)) = (&mut shown, rest) {
        shown.extend(rest);
    }
    shown
}

/// What webhooks about reviews tell of it: nothing that has to be counted or found out. [GitHub: pulls/list]
pub(in crate::github) fn simple(pull: &PullRequest, at: At<'_>) -> Value {
    let n = pull.number;
    let is_merged = pull.state == State::Merged;
    let is_open = pull.state == State::Open;
    let ended = (!is_open).then(|| pull.updated.to_string());
    let owner = at.repo.name.split('/').next().unwrap_or_default();
    let (api, page) = (at.api(&format!("/pulls/{n}")), at.page(&format!("/pull/{n}")));
    let issue = at.api(&format!("/issues/{n}"));
    let statuses = at.api(&format!("/statuses/{}", pull.head()));
    let side = |branch: &str, sha: &str| {
        json!({
            "label": format!("{owner}:{branch}"), "ref": branch, "sha": sha, "user": at.owner(),
            "repo": repository(at),
        })
    };
    let mut shown = json!({
        "id": n * 1_000, "node_id": node("PR", n), "number": n, "url": api, "html_url": page,
        "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
        "issue_url": issue, "commits_url": format!("{api}/commits"),
        "review_comments_url": format!("{api}/comments"),
        "review_comment_url": at.api("/pulls/comments{/number}"),
        "comments_url": format!("{issue}/comments"), "statuses_url": statuses,
        "state": if is_open { "open" } else { "closed" }, "locked": false,
        "active_lock_reason": null, "title": pull.title, "body": null,
        "user": user(JULES, at.base), "author_association": "NONE",
        "labels": [], "milestone": null, "assignee": null, "assignees": [],
        "requested_reviewers": [], "requested_teams": [], "auto_merge": null, "draft": pull.draft,
        "created_at": pull.opened.to_string(), "updated_at": pull.updated.to_string(),
        "head": side(&pull.branch, pull.head()), "base": side(&pull.base, BASE),
    });
    shown["_links"] = links([
        ("self", api.clone()),
        ("html", page),
        ("issue", issue.clone()),
        ("comments", format!("{issue}/comments")),
        ("review_comments", format!("{api}/comments")),
        ("review_comment", at.api("/pulls/comments{/number}")),
        ("commits", format!("{api}/commits")),
        ("statuses", statuses),
    ]);
    shown["closed_at"] = json!(ended);
    shown["merged_at"] = json!(ended.filter(|_| is_merged));
    shown["merge_commit_sha"] = json!(is_merged.then(|| pull.head()));
    shown
}

/// How checks name it. [GitHub: pull request minimal]
pub(super) fn minimal(pull: &PullRequest, at: At<'_>) -> Value {
    let name = at.repo.name.split('/').next_back().unwrap_or_default();
    let side = |branch: &str, sha: &str| {
        let repo = json!({ "id": at.repo.id, "url": at.api(""), "name": name });
        json!({ "ref": branch, "sha": sha, "repo": repo })
    };
    json!({
        "id": pull.number * 1_000, "number": pull.number,
        "url": at.api(&format!("/pulls/{}", pull.number)),
        "head": side(&pull.branch, pull.head()), "base": side(&pull.base, BASE),
    })
}

/// [GitHub: pulls/list-commits]
pub(in crate::github) fn commit(commit: &Commit, parent: Option<&Commit>, at: At<'_>) -> Value {
    let sha = &commit.sha;
    let parent = parent.map_or(BASE, |parent| &parent.sha);
    let (api, page) = (at.api(&format!("/commits/{sha}")), at.page(&format!("/commit/{sha}")));
    let who = json!({ "name": JULES, "email": "jules@example.com", "date": commit.at.to_string() });
    json!({
        "url": api, "sha": sha, "node_id": format!("C_{sha}"), "html_url": page,
        "comments_url": format!("{api}/comments"),
        "commit": {
            "url": at.api(&format!("/git/commits/{sha}")), "author": who, "committer": who,
            "message": "A change", "comment_count": 0,
            "tree": { "sha": sha, "url": at.api(&format!("/git/trees/{sha}")) },
            "verification": {
                "verified": false, "reason": "unsigned", "signature": null, "payload": null,
                "verified_at": null,
            },
        },
        "author": user(JULES, at.base), "committer": user(JULES, at.base),
        "parents": [{
            "sha": parent, "url": at.api(&format!("/commits/{parent}")),
            "html_url": at.page(&format!("/commit/{parent}")),
        }],
    })
}

/// [GitHub: pulls/list-reviews]
pub(in crate::github) fn review(review: &Review, pull: &PullRequest, at: At<'_>) -> Value {
    let n = pull.number;
    let api = at.api(&format!("/pulls/{n}"));
    let page = at.page(&format!("/pull/{n}#pullrequestreview-{}", review.id));
    json!({
        "id": review.id, "node_id": node("PRR", review.id), "user": user(&review.by, at.base),
        "body": review.body, "state": review.state, "html_url": page, "pull_request_url": api,
        "author_association": "MEMBER", "submitted_at": review.at.to_string(),
        "commit_id": review.commit, "_links": links([("html", page), ("pull_request", api)]),
    })
}

/// [GitHub: pulls/list-review-comments]
pub(in crate::github) fn comment(comment: &Comment, pull: &PullRequest, at: At<'_>) -> Value {
    let (n, id, head) = (pull.number, comment.id, pull.head());
    let (own, api) = (at.api(&format!("/pulls/comments/{id}")), at.api(&format!("/pulls/{n}")));
    let page = at.page(&format!("/pull/{n}#discussion_r{id}"));
    json!({
        "url": own, "id": id, "node_id": node("PRRC", id),
        "pull_request_review_id": comment.review, "diff_hunk": "@@ -1 +1 @@", "path": comment.path,
        "commit_id": head, "original_commit_id": head, "user": user(&comment.by, at.base),
        "body": comment.body, "created_at": comment.at.to_string(),
        "updated_at": comment.at.to_string(), "html_url": page, "pull_request_url": api,
        "author_association": "MEMBER",
        "_links": links([("self", own), ("html", page), ("pull_request", api)]),
        "start_line": null, "original_start_line": null, "start_side": null, "line": comment.line,
        "original_line": comment.line, "side": "RIGHT", "position": 1, "original_position": 1,
        "subject_type": "line",
    })
}
