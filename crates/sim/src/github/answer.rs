//! What a call is answered with.

use super::model::{Check, Repository, Token, TokenKind, World};
use super::wire::{self, At};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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

fn in_repository(world: &mut World, place: usize, rest: &[&str], asked: &Asked<'_>) -> Answer {
    let repo = &mut world.repos[place];
    if !may_see(repo, asked.token) {
        return Answer::not_found();
    }
    if let ["pulls", number] = rest {
        return pull(repo, number, asked);
    }
    let repo = &world.repos[place];
    let at = At { base: asked.base, repo };
    match rest {
        [] => Answer::ok(wire::repository(at)),
        ["pulls", number, list] => in_pull(at, number, list, rest, asked),
        ["commits", name @ .., "check-runs"] => {
            let sha = &commit(repo, name);
            if asked.token.is_some_and(|token| token.kind == TokenKind::FineGrained) {
                let words = "Resource not accessible by personal access token";
                return Answer::refusal(403, words);
            }
            let all = listed(&repo.checks, sha, |(n, one)| wire::check(one, n, sha, at));
            let total = all.len();
            let mut answer = page(&all, repo, rest, asked);
            answer.body = json!({ "total_count": total, "check_runs": answer.body });
            answer
        }
        ["commits", name @ .., "status"] => {
            let sha = &commit(repo, name);
            let all = listed(&repo.statuses, sha, |(n, one)| wire::status(one, n, sha, at));
            let total = all.len();
            let mut answer = page(&all, repo, rest, asked);
            let shown = answer.body.as_array().cloned().unwrap_or_default();
            answer.body = wire::statuses(&shown, sha, total, at);
            answer
        }
        ["issues", number] => issue(at, number),
        ["issues", number, "comments"] => {
            let number = number.parse().unwrap_or_default();
            let issue = repo.issues.get(&number).map(|issue| &issue.comments);
            let below = repo.pulls.get(&number).map(|pull| &pull.said);
            let Some(comments) = issue.or(below) else { return Answer::not_found() };
            let shown = |(n, one)| wire::issue_comment(one, n, number, at);
            page(&comments.iter().enumerate().map(shown).collect::<Vec<_>>(), repo, rest, asked)
        }
        _ => Answer::not_found(),
    }
}

/// The commit that is meant: by its own name, or by its branch's, `heads/main` or `main`.
fn commit(repo: &Repository, name: &[&str]) -> String {
    let name = name.join("/");
    let branch = name.strip_prefix("heads/").unwrap_or(&name);
    let of_branch = repo.pulls.values().find(|pull| pull.branch == branch);
    of_branch.map_or_else(|| name.clone(), |pull| pull.head().to_owned())
}

fn pull(repo: &mut Repository, number: &str, asked: &Asked<'_>) -> Answer {
    let Some(number) = number.parse().ok() else { return Answer::not_found() };
    let Some(pull) = repo.pulls.get(&number) else { return Answer::not_found() };
    let answer = Answer::ok(wire::pull(pull, At { base: asked.base, repo }));
    // Being asked is what makes GitHub find out.
    if let Some(pull) = repo.pulls.get_mut(&number) {
        pull.is_computed = true;
    }
    answer
}

/// One of the lists of a pull request.
fn in_pull(at: At<'_>, number: &str, list: &str, rest: &[&str], asked: &Asked<'_>) -> Answer {
    let Some(pull) = number.parse().ok().and_then(|number| at.repo.pulls.get(&number)) else {
        return Answer::not_found();
    };
    let all: Vec<Value> = match list {
        "reviews" => pull.reviews.iter().map(|one| wire::review(one, pull, at)).collect(),
        "comments" => {
            let mut all: Vec<_> =
                pull.comments.iter().map(|one| wire::comment(one, pull, at)).collect();
            // `direction` counts only together with `sort`.
            if value(asked, "sort").is_some() && value(asked, "direction") != Some("asc") {
                all.reverse();
            }
            all
        }
        "commits" => {
            let parents = [None].into_iter().chain(pull.commits.iter().map(Some));
            pull.commits.iter().zip(parents).map(|(one, of)| wire::commit(one, of, at)).collect()
        }
        _ => return Answer::not_found(),
    };
    page(&all, at.repo, rest, asked)
}

fn issue(at: At<'_>, number: &str) -> Answer {
    let number: Option<u64> = number.parse().ok();
    let issue = number.and_then(|number| at.repo.issues.get(&number));
    let pull = number.and_then(|number| at.repo.pulls.get(&number));
    match (issue, pull) {
        (Some(issue), _) => Answer::ok(wire::issue(issue, at)),
        (None, Some(pull)) => Answer::ok(wire::pull_as_issue(pull, at)),
        (None, None) => Answer::not_found(),
    }
}

fn listed(
    all: &BTreeMap<String, Vec<Check>>,
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
    let mut url = format!("{}/repositories/{}/{}?", asked.base, repo.id, rest.join("/"));
    for (name, value) in asked.query.iter().filter(|(name, _)| name != "page") {
        url.push_str(&format!("{name}={value}&"));
    }
    let last = all.len().div_ceil(size).max(1);
    let links = [
        ("prev", page - 1, page > 1),
        ("next", page + 1, page < last),
        ("last", last, page < last),
        ("first", 1, page > 1),
    ];
    let links: Vec<String> = links
        .into_iter()
        .filter(|(_, _, is_there)| *is_there)
        .map(|(name, to, _)| format!("<{url}page={to}>; rel=\"{name}\""))
        .collect();
    let link = (!links.is_empty()).then(|| links.join(", "));
    Answer { link, ..Answer::ok(Value::Array(shown)) }
}
