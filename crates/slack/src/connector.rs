//! The calls of the Web API, over our one HTTP library. Requests may be slack-morphism's types; the way they
//! go is ours.
//!
//! Every call is a POST, as Slack's own clients make it, and has deadlines and a largest answer. Errors hold
//! no bodies, and only what Slack asks to wait does.

use super::error::{CallError, DEFAULT_WAIT};
use super::json;
use super::rate_limits::{Bucket, RateLimits};
use domain::ids::InstallationId;
use domain::secret::Secret;
use jiff::Timestamp;
use platform::clock::{ServiceClock, date_of};
use platform::metrics::{Api, Call, CallEnd};
use platform::unreachable::Unreachable;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The largest answer that is read, in bytes; one page of history is the largest that is expected.
const LARGEST_ANSWER: usize = 1 << 20;

/// The longest wait that is believed; what asks for more is asked again.
const LONGEST_WAIT: u64 = 60 * 60;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is read, all in all.
    pub total: Duration,
}

impl Default for Deadlines {
    /// Three seconds to connect, ten in all.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(10) }
    }
}

/// The way to the Web API: connections, and which calls have to wait. Clones share both.
#[derive(Clone)]
pub struct Connector {
    http: reqwest::Client,
    api: Url,
    lanes: Arc<RateLimits>,
    clock: Clock,
    slacks_clock: ServiceClock,
}

/// An answer of the Web API that says `ok`.
pub(super) struct ApiAnswer {
    /// All of it.
    pub(super) body: Value,
    /// What the token may do, separated by commas (the header `x-oauth-scopes`).
    pub(super) scopes: Option<String>,
}

/// Any answer at all.
pub(super) struct Raw {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Connector {
    /// A connector for the Web API at `api_url` (Slack's, or a stand-in for it), which may be
    /// written with or without a last slash. Proxies are taken from the system; redirects are not
    /// followed, since Slack has none and a token must not travel on.
    ///
    /// # Errors
    /// When the system lets no client be made.
    pub fn new(api_url: &Url, deadlines: Deadlines, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = platform::tls::client()
            .connect_timeout(deadlines.connect)
            .timeout(deadlines.total)
            .build()?;
        let mut api = api_url.clone();
        if !api.path().ends_with('/') {
            api.set_path(&format!("{}/", api.path()));
        }
        let slacks_clock = ServiceClock::new(Arc::clone(&clock));
        Ok(Self { http, api, lanes: Arc::default(), clock, slacks_clock })
    }

    /// Slack's clock, by which its messages are stamped.
    pub(super) fn slacks_clock(&self) -> &ServiceClock {
        &self.slacks_clock
    }

    /// Where the Web API is.
    pub(super) fn api(&self) -> &Url {
        &self.api
    }

    /// A call with arguments as JSON, which methods that change something accept. [Slack: Web API]
    pub(super) async fn post<RQ: Serialize, RS: DeserializeOwned>(
        &self,
        method: &str,
        token: &Secret,
        request: &RQ,
    ) -> Result<RS, CallError> {
        let body = serde_json::to_value(request).map_err(|_| CallError::unreadable())?;
        let bucket = bucket(method, token, Some(&body));
        let request = self
            .to(method)?
            // Slack warns about JSON without a charset.
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_string());
        read(self.exchange(bucket, token, request).await?)
    }

    /// A call with arguments as a form, which every method accepts; of those that only read, some accept
    /// nothing else. [Slack: Web API]
    pub(super) async fn post_form<RS: DeserializeOwned>(
        &self,
        method: &str,
        token: &Secret,
        fields: &[(&str, Option<&str>)],
    ) -> Result<RS, CallError> {
        read(self.ask(method, token, fields).await?)
    }

    /// The same, with what the answer's headers say.
    pub(super) async fn ask(
        &self,
        method: &str,
        token: &Secret,
        fields: &[(&str, Option<&str>)],
    ) -> Result<ApiAnswer, CallError> {
        let given = fields.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let request = self.to(method)?.form(&given.collect::<Vec<_>>());
        self.exchange(bucket(method, token, None), token, request).await
    }

    /// A call of the app itself, which no token belongs to. [Slack: oauth.v2.access, HTTP Basic]
    pub(super) async fn ask_as_app<RS: DeserializeOwned>(
        &self,
        method: &str,
        (client, secret): (&str, &Secret),
        fields: &[(&str, &str)],
    ) -> Result<RS, CallError> {
        let request = self.to(method)?.form(fields).basic_auth(client, Some(secret.expose()));
        read(self.send_call(bucket(method, secret, None), request).await?)
    }

    fn to(&self, method: &str) -> Result<RequestBuilder, CallError> {
        let url = self.api.join(method).map_err(|error| no_address(&error))?;
        Ok(self.http.post(url))
    }

    /// Sends JSON to a URL that is its own key: no token goes with it.
    pub(super) async fn send<RQ: Serialize + Sync>(
        &self,
        url: Url,
        body: &RQ,
    ) -> Result<Raw, CallError> {
        let call = Call::begin(Api::Slack, "response_url");
        let answer = fetch(self.http.post(url).json(body)).await?;
        call.ended(CallEnd::of_status(answer.status.as_u16()));
        Ok(answer)
    }

    /// The bytes of a file of this size (0 when it is not known), read with the token.
    pub(super) async fn read_file(
        &self,
        url: Url,
        token: &Secret,
        size: u64,
    ) -> Result<Vec<u8>, CallError> {
        let call = Call::begin(Api::Slack, "files");
        let answer = fetch(self.http.get(url).bearer_auth(token.expose())).await?;
        call.ended(CallEnd::of_status(answer.status.as_u16()));
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(wait(answer.retry_after()));
        }
        if answer.status.is_server_error() {
            return Err(status(answer.status));
        }
        // Without the scope Slack sends its sign-in page, with status 200 or a redirect. A page that was
        // attached has the size that it should have.
        let html = answer
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/html")));
        let sign_in = html && answer.body.len() as u64 != size;
        if !answer.status.is_success() || sign_in {
            return Err(CallError::State("file_not_readable".to_owned()));
        }
        Ok(answer.body)
    }

    /// Sends the bytes of a file to an address that is its own key: no token goes with it.
    pub(super) async fn upload(&self, url: Url, bytes: Vec<u8>) -> Result<(), CallError> {
        let call = Call::begin(Api::Slack, "upload");
        let request = self.http.post(url).header(CONTENT_TYPE, "application/octet-stream");
        let answer = fetch(request.body(bytes)).await?;
        call.ended(CallEnd::of_status(answer.status.as_u16()));
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(wait(answer.retry_after()));
        }
        if answer.status.is_success() { Ok(()) } else { Err(status(answer.status)) }
    }

    /// One call of the Web API: not sent at all while its bucket is closed.
    async fn exchange(
        &self,
        bucket: Bucket,
        token: &Secret,
        request: RequestBuilder,
    ) -> Result<ApiAnswer, CallError> {
        self.send_call(bucket, request.bearer_auth(token.expose())).await
    }

    /// The same, of a request that says whose it is.
    async fn send_call(
        &self,
        bucket: Bucket,
        request: RequestBuilder,
    ) -> Result<ApiAnswer, CallError> {
        if let Some(rest) = self.lanes.wait(&bucket, (self.clock)()) {
            return Err(wait(rest));
        }
        let call = Call::begin(Api::Slack, bucket.method.clone());
        let raw = fetch(request).await?;
        self.slacks_clock.note(date_of(&raw.headers));
        let status = raw.status;
        let answer = raw.answer();
        call.ended(end(&answer, status));
        if let Err(CallError::RateLimited { after }) = &answer {
            let (method, seconds) = (&bucket.method, after.as_secs());
            tracing::debug!(method, seconds, "Slack asks to wait");
            self.lanes.close(bucket, *after, (self.clock)());
        }
        answer
    }
}

/// How a call ended, for the metrics.
fn end(answer: &Result<ApiAnswer, CallError>, status: StatusCode) -> CallEnd {
    match answer {
        Ok(_) => CallEnd::Ok,
        Err(CallError::RateLimited { .. }) => CallEnd::Limited,
        Err(_) if !status.is_success() => CallEnd::of_status(status.as_u16()),
        Err(
            CallError::Place(_)
            | CallError::DeadInstallation(_)
            | CallError::MissingRights { .. }
            | CallError::Content { .. }
            | CallError::State(_),
        ) => CallEnd::Refused,
        Err(
            CallError::Unreachable(_)
            | CallError::Unknown(_)
            | CallError::Unclear(_)
            | CallError::TooLarge
            | CallError::UntrustedUrl,
        ) => CallEnd::Failed,
    }
}

/// Which calls a call is counted with. [Slack: rate limits]
fn bucket(method: &str, token: &Secret, body: Option<&Value>) -> Bucket {
    let channel = match method {
        "chat.postMessage" => body.and_then(|body| body.get("channel")?.as_str()),
        _ => None,
    };
    Bucket {
        installation: InstallationId::of_token(token.expose()),
        method: method.to_owned(),
        channel: channel.map(str::to_owned),
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("api", &self.api.as_str()).finish_non_exhaustive()
    }
}

impl Raw {
    /// What the Web API says: `ok` or why not. HTTP's status is 200 for both. [Slack: Web API]
    fn answer(self) -> Result<ApiAnswer, CallError> {
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(wait(self.retry_after()));
        }
        if self.status.is_server_error() {
            return Err(status(self.status));
        }
        let body = std::str::from_utf8(&self.body).ok().and_then(|text| json::parse(text).ok());
        match body {
            Some(body) if self.status.is_success() && body["ok"] == true => {
                let scopes = self.headers.get("x-oauth-scopes").and_then(|all| all.to_str().ok());
                Ok(ApiAnswer { body, scopes: scopes.map(str::to_owned) })
            }
            Some(body) if body["ok"] == false => Err(self.refused(&body)),
            Some(_) | None if self.status.is_success() => Err(CallError::unreadable()),
            Some(_) | None => Err(status(self.status)),
        }
    }

    /// What a `response_url` says: any 2xx is a yes, whatever is in it; a no has its code in the
    /// body, as JSON or as it is.
    pub(super) fn heard(self) -> Result<(), CallError> {
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(wait(self.retry_after()));
        }
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if body["ok"] == false && !self.status.is_server_error() {
            return Err(self.refused(&body));
        }
        if self.status.is_success() {
            return Ok(());
        }
        if self.status.is_client_error() {
            let bare = std::str::from_utf8(&self.body).ok().and_then(code);
            let code = bare.unwrap_or_else(|| format!("http_{}", self.status.as_u16()));
            return Err(CallError::of_code(code, Vec::new(), None, DEFAULT_WAIT));
        }
        Err(status(self.status))
    }

    fn refused(&self, body: &Value) -> CallError {
        match body["error"].as_str().and_then(code) {
            Some(code) => CallError::of_code(code, notes(body), needed(body), self.retry_after()),
            None => CallError::unreadable(),
        }
    }

    fn retry_after(&self) -> Duration {
        self.headers
            .get(RETRY_AFTER)
            .and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok())
            .map_or(DEFAULT_WAIT, |seconds: u64| {
                Duration::from_secs(seconds.clamp(1, LONGEST_WAIT))
            })
    }
}

/// A code as Slack writes them; anything else might be someone's text.
fn code(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let text = text.trim();
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then(|| text.to_owned())
}

/// The missing scope, where Slack says so.
fn needed(body: &Value) -> Option<String> {
    body["needed"].as_str().map(short)
}

/// What Slack adds for operators: places in our JSON. Short, and not many.
fn notes(body: &Value) -> Vec<String> {
    let messages = body["response_metadata"]["messages"].as_array().into_iter().flatten();
    messages.filter_map(Value::as_str).take(10).map(short).collect()
}

fn short(note: &str) -> String {
    note.chars().take(500).collect()
}

/// Sends, and reads the answer as far as it is not too large.
async fn fetch(request: RequestBuilder) -> Result<Raw, CallError> {
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Raw { status: response.status(), headers: response.headers().clone(), body })
}

fn no_address(error: &url::ParseError) -> CallError {
    CallError::Unreachable(Unreachable::Other(error.to_string()))
}

/// What a transport error means; the error itself names the URL, so only its cause is kept.
fn lost(error: &reqwest::Error) -> CallError {
    if error.is_connect() || error.is_builder() {
        CallError::Unreachable(Unreachable::of(error))
    } else if error.is_timeout() {
        CallError::Unknown("no answer in time".to_owned())
    } else {
        CallError::Unknown("the connection was lost".to_owned())
    }
}

fn wait(after: Duration) -> CallError {
    CallError::RateLimited { after }
}

fn status(status: StatusCode) -> CallError {
    CallError::Unknown(format!("HTTP {}", status.as_u16()))
}

/// Not serde's own error, which quotes what it could not read.
fn read<RS: DeserializeOwned>(answer: ApiAnswer) -> Result<RS, CallError> {
    serde_json::from_value(answer.body).map_err(|_| CallError::unreadable())
}
