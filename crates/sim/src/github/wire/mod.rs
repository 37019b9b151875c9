//! The shapes on the wire: every field that GitHub's documentation promises for what this program reads, so that
//! any client library can read them.

mod checks;
mod issues;
mod pulls;

pub(super) use checks::{check, run, status, status_event, statuses, suite};
pub(super) use issues::{issue, issue_comment, pull_as_issue};
pub(super) use pulls::{comment, commit, pull, review, simple};

use super::model::Repository;
use super::rates::Left;
use serde_json::{Value, json};

/// GitHub's pages for people.
const PAGES: &str = "https://github.com";

/// A repository, and where the API is, as addresses in answers have it.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) base: &'a str,
    pub(super) repo: &'a Repository,
}

impl At<'_> {
    /// The API's address of something in it.
    fn api(self, path: &str) -> String {
        format!("{}/repos/{}{path}", self.base, self.repo.name)
    }

    /// The page of something in it.
    fn page(self, path: &str) -> String {
        format!("{PAGES}/{}{path}", self.repo.name)
    }

    fn owner(self) -> Value {
        user(self.repo.name.split('/').next().unwrap_or_default(), self.base)
    }
}

/// An opaque id, as the GraphQL API has it.
fn node(kind: &str, id: u64) -> String {
    format!("{kind}_kwDO{id:08x}")
}

/// A person, an organisation, or an App. [GitHub: simple user]
pub(super) fn user(login: &str, base: &str) -> Value {
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    // The same for the same name, and small enough for every client.
    let id = login.bytes().fold(7_u64, |id, byte| (id * 131 + u64::from(byte)) % 1_000_000_007);
    let api = format!("{base}/users/{login}");
    json!({
        "login": login, "id": id, "node_id": node("U", id),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "gravatar_id": "", "url": api, "html_url": format!("{PAGES}/{login}"),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"), "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": kind, "user_view_type": "public", "site_admin": false,
    })
}

fn maybe_user(login: Option<&str>, base: &str) -> Value {
    login.map_or(Value::Null, |login| user(login, base))
}

/// [GitHub: minimal repository]
pub(super) fn repository(at: At<'_>) -> Value {
    let repo = at.repo;
    json!({
        "id": repo.id, "node_id": node("R", repo.id),
        "name": repo.name.split('/').next_back().unwrap_or_default(), "full_name": repo.name,
        "private": repo.private, "owner": at.owner(), "html_url": at.page(""),
        "description": null, "fork": false, "url": at.api(""),
        "visibility": if repo.private { "private" } else { "public" },
        "default_branch": "main", "archived": false, "disabled": false,
        "pulls_url": at.api("/pulls{/number}"), "issues_url": at.api("/issues{/number}"),
        "statuses_url": at.api("/statuses/{sha}"), "commits_url": at.api("/commits{/sha}"),
    })
}

/// What is left of the limits. [GitHub: rate-limit/get]
pub(super) fn rate_limit(left: Left) -> Value {
    let rate = json!({
        "limit": left.limit, "used": left.limit - left.remaining, "remaining": left.remaining,
        "reset": left.reset.as_second(), "resource": "core",
    });
    let search = json!({
        "limit": 30, "used": 0, "remaining": 30, "reset": left.reset.as_second(), "resource": "search",
    });
    json!({ "resources": { "core": rate, "search": search }, "rate": rate })
}

fn links<const N: usize>(links: [(&str, String); N]) -> Value {
    links.into_iter().map(|(name, href)| (name.to_owned(), json!({ "href": href }))).collect()
}
