//! The HTTP under slack-morphism's sessions, over our one HTTP library.
//!
//! The crate's own connector has no deadlines, reads answers of any size, shows them in its errors,
//! and throttles all channels of a workspace together. Here every call has deadlines and a largest
//! answer, errors hold no bodies, and only what Slack asks to wait does.

use super::error::{Class, DEFAULT_WAIT, NEEDED, TransportError};
use super::json;
use super::rate_limits::{Bucket, RateLimits};
use crate::clock::{ServiceClock, date_of};
use crate::metrics::{Api, Call, CallEnd};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;
use slack_morphism::errors::{
    SlackClientApiError, SlackClientError, SlackClientHttpError, SlackClientHttpProtocolError,
    SlackClientProtocolError, SlackClientSystemError, SlackRateLimitError,
};
use slack_morphism::multipart_form::FileMultipartData;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackClientApiCallContext, SlackClientHttpConnector,
    SlackClientId, SlackClientSecret,
};
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
        let http = crate::tls::client()
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

    /// One call of the Web API without arguments, for the sake of what the answer's headers say.
    pub(super) async fn ask(&self, method: &str, token: &SlackApiToken) -> ClientResult<ApiAnswer> {
        let url = self.create_method_uri_path(method)?;
        self.exchange(lane(&url, Some(token), None), self.http.get(url)).await
    }

    /// Sends JSON to a URL that is its own key: no token goes with it.
    pub(super) async fn send<RQ: Serialize + Sync>(
        &self,
        url: Url,
        body: &RQ,
    ) -> ClientResult<Raw> {
        let call = Call::begin(Api::Slack, "response_url");
        let answer = fetch(self.http.post(url).json(body)).await?;
        call.ended(CallEnd::of_status(answer.status.as_u16()));
        Ok(answer)
    }

    /// The bytes of a file of this size (0 when it is not known), read with the token.
    pub(super) async fn read_file(
        &self,
        url: Url,
        token: &SlackApiToken,
        size: u64,
    ) -> ClientResult<Vec<u8>> {
        let call = Call::begin(Api::Slack, "files");
        let answer = fetch(self.http.get(url).bearer_auth(&token.token_value.0)).await?;
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
            return Err(SlackClientError::ApiError(SlackClientApiError::new(
                "file_not_readable".to_owned(),
            )));
        }
        Ok(answer.body)
    }

    /// One call of the Web API: not sent at all while its lane is closed.
    async fn exchange(&self, lane: Bucket, request: RequestBuilder) -> ClientResult<ApiAnswer> {
        if let Some(rest) = self.lanes.wait(&lane, (self.clock)()) {
            return Err(wait(rest));
        }
        let request = match &lane.token {
            Some(token) => request.bearer_auth(&token.0),
            None => request,
        };
        let call = Call::begin(Api::Slack, lane.method.clone());
        let raw = fetch(request).await?;
        self.slacks_clock.note(date_of(&raw.headers));
        let answer = raw.answer();
        call.ended(end(&answer));
        if let Err(SlackClientError::RateLimitError(limit)) = &answer {
            let after = limit.retry_after.unwrap_or(DEFAULT_WAIT);
            tracing::debug!(method = lane.method, seconds = after.as_secs(), "Slack asks to wait");
            self.lanes.close(lane, after, (self.clock)());
        }
        answer
    }
}

/// How a call ended, for the metrics.
fn end(answer: &ClientResult<ApiAnswer>) -> CallEnd {
    match answer {
        Ok(_) => CallEnd::Ok,
        Err(SlackClientError::RateLimitError(_)) => CallEnd::Limited,
        Err(SlackClientError::ApiError(_)) => CallEnd::Refused,
        Err(SlackClientError::HttpError(error)) => CallEnd::of_status(error.status_code.as_u16()),
        Err(_) => CallEnd::Failed,
    }
}

/// Which calls a call is counted with. [Slack: rate limits]
fn lane(url: &Url, token: Option<&SlackApiToken>, body: Option<&Value>) -> Bucket {
    let method = url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default();
    let channel = match method {
        "chat.postMessage" => body.and_then(|body| body.get("channel")?.as_str()),
        _ => None,
    };
    Bucket {
        token: token.map(|token| token.token_value.clone()),
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
    fn answer(self) -> ClientResult<ApiAnswer> {
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
            Some(_) | None if self.status.is_success() => Err(unreadable()),
            Some(_) | None => Err(status(self.status)),
        }
    }

    /// What a `response_url` says: any 2xx is a yes, whatever is in it; a no has its code in the
    /// body, as JSON or as it is.
    pub(super) fn heard(self) -> ClientResult<()> {
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
            return Err(SlackClientError::ApiError(SlackClientApiError::new(code)));
        }
        Err(status(self.status))
    }

    fn refused(&self, body: &Value) -> SlackClientError {
        let Some(code) = body["error"].as_str().and_then(code) else { return unreadable() };
        if Class::of(&code) == Class::Later {
            return wait(self.retry_after());
        }
        let refused = SlackClientApiError::new(code).with_errors(notes(body));
        SlackClientError::ApiError(refused)
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

/// A code as Slack writes them; anything else might be somebody's text.
fn code(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let text = text.trim();
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then(|| text.to_owned())
}

/// What Slack adds for operators: the missing scope, places in our JSON. Short, and not many.
fn notes(body: &Value) -> Vec<String> {
    let needed = body["needed"].as_str().map(|scope| format!("{NEEDED}{scope}"));
    let messages = body["response_metadata"]["messages"].as_array().into_iter().flatten();
    let messages = messages.filter_map(|message| Some(message.as_str()?.to_owned()));
    needed
        .into_iter()
        .chain(messages)
        .take(10)
        .map(|note| note.chars().take(500).collect())
        .collect()
}

/// Sends, and reads the answer as far as it is not too large.
async fn fetch(request: RequestBuilder) -> ClientResult<Raw> {
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(transport(TransportError::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Raw { status: response.status(), headers: response.headers().clone(), body })
}

/// What a transport error means; the error itself names the URL, so it is not kept.
fn lost(error: &reqwest::Error) -> SlackClientError {
    transport(if error.is_connect() || error.is_builder() {
        TransportError::NeverSent
    } else if error.is_timeout() {
        TransportError::TooLate
    } else {
        TransportError::Midway
    })
}

fn transport(lost: TransportError) -> SlackClientError {
    let error = SlackClientHttpProtocolError::new().with_cause(Box::new(lost));
    SlackClientError::HttpProtocolError(error)
}

fn wait(after: Duration) -> SlackClientError {
    SlackClientError::RateLimitError(SlackRateLimitError::new().with_retry_after(after))
}

fn status(status: StatusCode) -> SlackClientError {
    SlackClientError::HttpError(SlackClientHttpError::new(status))
}

/// In place of serde's own error, which quotes what it could not read.
fn unreadable() -> SlackClientError {
    let error = serde_json::Error::custom("not the documented answer");
    SlackClientError::ProtocolError(SlackClientProtocolError::new(error))
}

fn read<RS: DeserializeOwned>(answer: ApiAnswer) -> ClientResult<RS> {
    serde_json::from_value(answer.body).map_err(|_| unreadable())
}

/// For what sessions can ask and this program never does: files, and OAuth, which has its own code.
fn unsupported<'a, RS: Send + 'a>() -> BoxFuture<'a, ClientResult<RS>> {
    let error = SlackClientSystemError::new().with_message("not supported here".to_owned());
    ready(Err(SlackClientError::SystemError(error))).boxed()
}

impl SlackClientHttpConnector for Connector {
    fn create_method_uri_path(&self, method: &str) -> ClientResult<Url> {
        Ok(self.api.join(method)?)
    }

    fn http_get_uri<'a, RS>(
        &'a self,
        url: Url,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        async move {
            let lane = lane(&url, context.token, None);
            read(self.exchange(lane, self.http.get(url)).await?)
        }
        .boxed()
    }

    fn http_post_uri<'a, RQ, RS>(
        &'a self,
        url: Url,
        request: &'a RQ,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RQ: Serialize + Send + Sync,
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        async move {
            let body = serde_json::to_value(request).map_err(|_| unreadable())?;
            let lane = lane(&url, context.token, Some(&body));
            // Slack warns about JSON without a charset.
            let request = self
                .http
                .post(url)
                .header(CONTENT_TYPE, "application/json; charset=utf-8")
                .body(body.to_string());
            read(self.exchange(lane, request).await?)
        }
        .boxed()
    }

    fn http_get_with_client_secret<'a, RS>(
        &'a self,
        _url: Url,
        _id: &'a SlackClientId,
        _secret: &'a SlackClientSecret,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        unsupported()
    }

    fn http_post_uri_multipart_form<'a, 'p, RS, PT, TS>(
        &'a self,
        _url: Url,
        _file: Option<FileMultipartData<'p>>,
        _params: &'p PT,
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
        PT: IntoIterator<Item = (&'p str, Option<TS>)> + Clone,
        TS: AsRef<str> + 'p + Send,
    {
        unsupported()
    }

    fn http_post_uri_binary<'a, 'p, RS>(
        &'a self,
        _url: Url,
        _content_type: String,
        _data: &'a [u8],
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a,
    {
        unsupported()
    }
}
