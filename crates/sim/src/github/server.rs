//! The running simulation: its port, its record of calls, and how an answer travels.

use super::answer::{Answer, Asked, answer};
use super::model::{Call, Token, TokenKind, Trouble, World};
use super::rates::Left;
use super::wire;
use crate::cuttable::{Cut, Door};
use crate::{Clock, stamp};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, ETAG, IF_NONE_MATCH, LINK, LOCATION, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use platform::lock::lock;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A simulated GitHub on a port of its own. Dropping it closes the port and every connection.
pub struct SimGitHub {
    pub(super) shared: Arc<Shared>,
    open: CancellationToken,
    tasks: TaskTracker,
}

pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) base: String,
    pub(super) world: Mutex<World>,
}

impl SimGitHub {
    /// Serves on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into(), clock).await
    }

    /// Serves on this address.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn start_on(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared { clock, base, world: Mutex::default() });
        let open = CancellationToken::new();
        let app = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let door = Door { listener, open: open.clone() };
        let served = axum::serve(door, app.into_make_service_with_connect_info::<Cut>());
        let tasks = TaskTracker::new();
        tasks.spawn(open.clone().run_until_cancelled_owned(served.into_future()));
        Ok(Self { shared, open, tasks })
    }

    /// Ends the server and waits until the port is closed.
    pub async fn stop(self) {
        self.open.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The base address, as in `GITHUB_API_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.base.clone()
    }

    /// Every call so far, in the order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.world).calls.clone()
    }

    /// Every call so far that would have written something, whatever was forgotten since.
    #[must_use]
    pub fn writes(&self) -> Vec<Call> {
        lock(&self.shared.world).writes.clone()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        lock(&self.shared.world).calls.clear();
    }

    /// From now on something is wrong with every call, or nothing.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        lock(&self.shared.world).trouble = trouble;
    }

    /// Someone else uses up what the limit leaves, of a token or of everyone without one.
    pub fn use_up(&self, token: Option<&str>) {
        let now = (self.shared.clock)();
        lock(&self.shared.world).rates.use_up(token, now);
    }

    /// A token from now on; it reaches the private repositories that are there now.
    pub fn token(&self, token: &str, kind: TokenKind) {
        let mut world = lock(&self.shared.world);
        let repos = world.repos.iter().map(|repo| repo.id).collect();
        let scopes = "read:org, repo".to_owned();
        world.tokens.insert(token.to_owned(), Token { kind, repos, scopes });
    }

    /// A classic token with other scopes.
    pub fn token_with_scopes(&self, token: &str, scopes: &str) {
        let (repos, scopes) = (Vec::new(), scopes.to_owned());
        let token_of_it = Token { kind: TokenKind::Classic, repos, scopes };
        lock(&self.shared.world).tokens.insert(token.to_owned(), token_of_it);
    }

    /// A token that reaches no private repository.
    pub fn token_without_repositories(&self, token: &str) {
        let token = token.to_owned();
        let (repos, scopes) = (Vec::new(), String::new());
        let reaches = Token { kind: TokenKind::FineGrained, repos, scopes };
        lock(&self.shared.world).tokens.insert(token, reaches);
    }

    /// A token expires or is revoked.
    pub fn revoke(&self, token: &str) {
        lock(&self.shared.world).tokens.remove(token);
    }
}

impl Drop for SimGitHub {
    fn drop(&mut self) {
        self.open.cancel();
    }
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let now = (shared.clock)();
    let (request, _body) = request.into_parts();
    let text = |name: HeaderName| request.headers.get(name).and_then(|v| v.to_str().ok());
    let token = text(AUTHORIZATION).map(|value| {
        value.strip_prefix("Bearer ").or(value.strip_prefix("token ")).unwrap_or(value).to_owned()
    });
    let known = text(IF_NONE_MATCH).map(str::to_owned);
    let at = request.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut call = Call {
        method: request.method.to_string(),
        path: at,
        token: token.clone(),
        is_conditional: known.is_some(),
        code: 0,
        at: now,
    };
    open_if_asked_for(&shared, request.uri.path());
    let response = {
        let mut world = lock(&shared.world);
        let response = match world.trouble {
            Some(Trouble::Drops) => None,
            _ => {
                Some(whole(&shared, &mut world, &request, token.as_deref(), known.as_deref(), now))
            }
        };
        call.code = response.as_ref().map_or(0, |response| response.status().as_u16());
        if !is_reading(&request.method) {
            world.writes.push(call.clone());
        }
        world.calls.push(call);
        response
    };
    match response {
        Some(response) => response,
        None => {
            cut.close();
            std::future::pending().await
        }
    }
}

fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// In a demo every pull request that is asked for is there, from the first time on.
fn open_if_asked_for(shared: &Arc<Shared>, path: &str) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let ["repos", owner, name, "pulls", number, ..] = parts.as_slice() else { return };
    let name = format!("{owner}/{name}");
    let Ok(number) = number.parse() else { return };
    let is_new = {
        let mut world = lock(&shared.world);
        world.has_every_pull && world.pull(&name, number).is_none()
    };
    if is_new {
        let github = SimGitHub {
            shared: Arc::clone(shared),
            open: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        github.repo(&name).open(number);
    }
}

fn whole(
    shared: &Shared,
    world: &mut World,
    request: &Parts,
    token: Option<&str>,
    known: Option<&str>,
    now: Timestamp,
) -> Response {
    // How much is left may be asked for at any time.
    let is_about_limits = request.uri.path() == "/rate_limit";
    let mut answer = answer_to(shared, world, request, token);
    if is_about_limits && answer.code == 200 {
        answer.body = wire::rate_limit(world.rates.left(token, now));
    }
    let body = answer.body.to_string();
    // Weak, as GitHub's are, and different for each token.
    let digest = Sha256::digest(format!("{}{body}", token.unwrap_or_default()));
    let etag = format!("W/\"{}\"", HEXLOWER.encode(&digest));
    let is_same = answer.code == 200 && known == Some(etag.as_str());
    let is_free = is_about_limits || (is_same && token.is_some());
    let left = world.rates.count(token, is_free, now);
    let over = "API rate limit exceeded. (But here's the good news: Authenticated requests get a higher \
                rate limit.)";
    let (answer, is_same) = match world.trouble {
        None if left.is_over && !is_about_limits => (Answer::refusal(403, over), false),
        _ => (answer, is_same),
    };
    let code = if is_same { 304 } else { answer.code };
    let body = if is_same { String::new() } else { answer.body.to_string() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or_default();
    let headers = response.headers_mut();
    stamp(headers, now);
    if answer.code == 200 {
        put(headers, ETAG, &etag);
    }
    limits(headers, left);
    if let Some(Trouble::Secondary(Some(seconds)) | Trouble::TooMany(seconds)) = world.trouble {
        put(headers, HeaderName::from_static("retry-after"), &seconds.to_string());
    }
    if let Some(Token { kind: TokenKind::Classic, scopes, .. }) =
        token.and_then(|it| world.tokens.get(it))
    {
        put(headers, HeaderName::from_static("x-oauth-scopes"), scopes);
    }
    answer.location.iter().for_each(|to| put(headers, LOCATION, to));
    answer.link.iter().filter(|_| !is_same).for_each(|link| put(headers, LINK, link));
    put(headers, HeaderName::from_static("content-type"), "application/json; charset=utf-8");
    response
}

fn answer_to(shared: &Shared, world: &mut World, request: &Parts, token: Option<&str>) -> Answer {
    match world.trouble {
        Some(Trouble::Down | Trouble::Drops) => return Answer::refusal(502, "Unicorn!"),
        Some(Trouble::DownFor(words)) if request.uri.path().contains(words) => {
            return Answer::refusal(502, "Unicorn!");
        }
        Some(Trouble::Secondary(_)) => {
            return Answer::refusal(403, "You have exceeded a secondary rate limit.");
        }
        Some(Trouble::TooMany(_)) => return Answer::refusal(429, "Too many requests"),
        Some(Trouble::DownFor(_)) | None => {}
    }
    if request.headers.get(USER_AGENT).is_none_or(HeaderValue::is_empty) {
        let words = "Request forbidden by administrative rules. Please make sure your request has a \
                     User-Agent header";
        return Answer::refusal(403, words);
    }
    let wants = request.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if wants.is_some_and(|wants| !wants.contains("json") && !wants.contains("*/*")) {
        return Answer::refusal(415, "Must accept 'application/json'");
    }
    let token = match token {
        None => None,
        Some(token) => match world.tokens.get(token) {
            None => return Answer::refusal(401, "Bad credentials"),
            known => known.cloned(),
        },
    };
    // Nothing here can be written.
    if !is_reading(&request.method) {
        return Answer::refusal(403, "Resource not accessible by personal access token");
    }
    if request.uri.path() == "/rate_limit" {
        return Answer::ok(Value::Null);
    }
    let query = request.uri.query().unwrap_or_default();
    let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let (base, path) = (&shared.base, request.uri.path());
    answer(world, &Asked { base, path, query: &query, token: token.as_ref() })
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn limits(headers: &mut HeaderMap, left: Left) {
    let used = left.limit - left.remaining;
    let reset = left.reset.as_second();
    for (name, value) in [
        ("x-ratelimit-limit", left.limit.to_string()),
        ("x-ratelimit-remaining", left.remaining.to_string()),
        ("x-ratelimit-used", used.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
    ] {
        put(headers, HeaderName::from_static(name), &value);
    }
}
