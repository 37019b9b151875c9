//! What a call is answered with.

use super::model::{Check, Repository, Token, TokenKind, World};
use super::wire;
use serde_json::{Value, json};

/// An answer without its limits.
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) body: Value,
    /// `Location`.
    pub(super) location: Option<String>,
    /// `Link`.
    pub(super) link: Option<String>,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Self {
        Self { code: 200, body, location: None, link: None }
    }

    pub(super) fn refusal(code: u16, message: &str) -> Self {
        let body = json!({
            "message": message, "documentation_url": "https://docs.github.com/rest",
            "status": code.to_string(),
        });
        Self { code, body, location: None, link: None }
    }

    fn not_found() -> Self {
        Self::refusal(404, "Not Found")
    }
}

/// A call, taken apart.
pub(super) struct Asked<'a> {
    /// Where the service is, as addresses in answers have it.
    pub(super) base: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a [(String, String)],
    pub(super) token: Option<&'a Token>,
}

/// Answers a `GET`.
pub(super) fn answer(world: &mut World, asked: &Asked<'_>) -> Answer {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["repos", owner, name, rest @ ..] => {
            let name = format!("{owner}/{name}");
            if let Some(id) = moved(world, &name, asked.token) {
                let to = format!("{}/repositories/{id}/{}", asked.base, rest.join("/"));
                let mut answer = Answer::refusal(301, "Moved Permanently");
                answer.body["url"] = json!(to);
                answer.location = Some(to);
                return answer;
            }
            let at = world.repos.iter().position(|repo| repo.name.eq_ignore_ascii_case(&name));
            at.map_or_else(Answer::not_found, |at| in_repository(world, at, rest, asked))
        }
        ["repositories", id, rest @ ..] => {
            let at = world.repos.iter().position(|repo| id.parse() == Ok(repo.id));
            at.map_or_else(Answer::not_found, |at| in_repository(world, at, rest, asked))
        }
        _ => Answer::not_found(),
    }
}

/// The id of a repository that was called so, if nothing else is by now.
fn moved(world: &World, name: &str, token: Option<&Token>) -> Option<u64> {
    let is = |other: &String| other.eq_ignore_ascii_case(name);
    if world.repos.iter().any(|repo| is(&repo.name)) {
        return None;
    }
    let repo = world.repos.iter().find(|repo| repo.former.iter().any(is))?;
    may_see(repo, token).then_some(repo.id)
}

/// Whether someone with this token is told that the repository exists.
fn may_see(repo: &Repository, token: Option<&Token>) -> bool {
    !repo.private || token.is_some_and(|token| token.repos.contains(&repo.id))
}

fn in_repository(world: &mut World, at: usize, rest: &[&str], asked: &Asked<'_>) -> Answer {
    let repo = &mut world.repos[at];
    if !may_see(repo, asked.token) {
        return Answer::not_found();
    }
    match rest {
        [] => Answer::ok(wire::repository(repo)),
        ["pulls", number] => pull(repo, number),
        ["pulls", number, "reviews"] => {
            let Some(pull) = number.parse().ok().and_then(|n| repo.pulls.get(&n)) else {
                return Answer::not_found();
            };
            let all = pull.reviews.iter().map(wire::review).collect::<Vec<_>>();
            page(&all, repo, rest, asked)
        }
        ["pulls", number, "comments"] => {
            let Some(pull) = number.parse().ok().and_then(|n| repo.pulls.get(&n)) else {
                return Answer::not_found();
            };
            let comment = |one| wire::comment(one, pull.head());
            let mut all: Vec<Value> = pull.comments.iter().map(comment).collect();
            // `direction` counts only together with `sort`.
            if value(asked, "sort").is_some() && value(asked, "direction") != Some("asc") {
                all.reverse();
            }
            page(&all, repo, rest, asked)
        }
        ["commits", sha, "check-runs"] => {
            if asked.token.is_some_and(|token| token.kind == TokenKind::FineGrained) {
                let words = "Resource not accessible by personal access token";
                return Answer::refusal(403, words);
            }
            let all = listed(&repo.checks, sha, |(at, one)| wire::check(one, at));
            let total = all.len();
            let mut answer = page(&all, repo, rest, asked);
            answer.body = json!({ "total_count": total, "check_runs": answer.body });
            answer
        }
        ["commits", sha, "status"] => {
            let all = listed(&repo.statuses, sha, |(_, one)| wire::status(one));
            let total = all.len();
            let mut answer = page(&all, repo, rest, asked);
            let shown = answer.body.as_array().cloned().unwrap_or_default();
            answer.body = wire::statuses(&shown, sha, total);
            answer
        }
        ["issues", number] => issue(repo, number, asked),
        ["issues", number, "comments"] => {
            let number = number.parse().ok();
            let Some(issue) = number.and_then(|number| repo.issues.get(&number)) else {
                return Answer::not_found();
            };
            let all: Vec<Value> = issue.comments.iter().map(wire::issue_comment).collect();
            page(&all, repo, rest, asked)
        }
        _ => Answer::not_found(),
    }
}

fn pull(repo: &mut Repository, number: &str) -> Answer {
    let Some(number) = number.parse().ok() else { return Answer::not_found() };
    let Some(pull) = repo.pulls.get(&number) else { return Answer::not_found() };
    let answer = Answer::ok(wire::pull(pull, repo));
    // Being asked is what makes GitHub find out.
    if let Some(pull) = repo.pulls.get_mut(&number) {
        pull.is_computed = true;
    }
    answer
}

fn issue(repo: &Repository, number: &str, asked: &Asked<'_>) -> Answer {
    let number: Option<u64> = number.parse().ok();
    let issue = number.and_then(|number| repo.issues.get(&number));
    let pull = number.and_then(|number| repo.pulls.get(&number));
    match (issue, pull) {
        (Some(issue), _) => Answer::ok(wire::issue(issue, repo, asked.base)),
        (None, Some(pull)) => Answer::ok(wire::pull_as_issue(pull, repo, asked.base)),
        (None, None) => Answer::not_found(),
    }
}

fn listed(
    all: &std::collections::BTreeMap<String, Vec<Check>>,
    sha: &str,
    shown: impl Fn((usize, &Check)) -> Value,
) -> Vec<Value> {
    all.get(sha).map(|all| all.iter().enumerate().map(shown).collect()).unwrap_or_default()
}

fn value<'a>(asked: &Asked<'a>, name: &str) -> Option<&'a str> {
    asked.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A page of a list, and where the next is: GitHub's addresses of pages name the repository by its number.
fn page(all: &[Value], repo: &Repository, rest: &[&str], asked: &Asked<'_>) -> Answer {
    let number = |name: &str| value(asked, name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).clamp(1, 100);
    let page = number("page").unwrap_or(1).max(1);
    let shown: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
    let link = (page * size < all.len()).then(|| {
        let mut url = format!("{}/repositories/{}/{}?", asked.base, repo.id, rest.join("/"));
        for (name, value) in asked.query.iter().filter(|(name, _)| name != "page") {
            url.push_str(&format!("{name}={value}&"));
        }
        let last = all.len().div_ceil(size);
        format!("<{url}page={}>; rel=\"next\", <{url}page={last}>; rel=\"last\"", page + 1)
    });
    Answer { link, ..Answer::ok(Value::Array(shown)) }
}
