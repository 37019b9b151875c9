//! The way from Slack to the app: signed requests, three seconds for an answer.
//!
//! Source: reference section 1 (Slack: Verifying requests from Slack) and section 2.

use super::model::fixed;
use super::server::SimSlack;
use hmac::{Hmac, KeyInit, Mac};
use platform::lock::lock;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use sha2::Sha256;
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// The kinds of requests that Slack sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum To {
    /// A slash command.
    Command,
    /// A click, a submitted form, a shortcut.
    Interactivity,
    /// The options of an external select.
    Options,
    /// An event, and the URL's verification.
    Event,
}

/// Why Slack counts a delivery as failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No answer within three seconds of real time.
    Timeout,
    /// No connection, or it closed without an answer.
    Connection,
    /// An answer outside 2xx.
    Status,
    /// An answer that Slack cannot use, and what is wrong with it.
    BadAnswer(String),
}

impl Failure {
    /// The word for `x-slack-retry-reason`.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Timeout => "http_timeout",
            Self::Connection => "connection_failed",
            Self::Status => "http_error",
            Self::BadAnswer(_) => "unknown_error",
        }
    }
}

impl fmt::Display for Failure {
    /// The word that a person sees in the error line of a command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("operation_timeout"),
            Self::Connection | Self::Status => f.write_str("dispatch_failed"),
            Self::BadAnswer(why) => write!(f, "invalid_response: {why}"),
        }
    }
}

/// What the app answered to a delivery, and what Slack made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The HTTP status, 200 for an acknowledgement over Socket Mode; `None` when there was no answer
    /// in time.
    pub status: Option<u16>,
    /// The answer's content type, empty when it had none.
    pub content_type: String,
    /// The answer's body.
    pub body: String,
    /// How long the answer took, in real time.
    pub took: Duration,
    /// Set when Slack counts the delivery as failed.
    pub failure: Option<Failure>,
    /// What the person sees because of the answer: a message, or Slack's error line.
    pub shown: Option<String>,
    /// The app asked for no retries (`x-slack-no-retry: 1`).
    pub no_retry: bool,
}

impl Ack {
    pub(super) fn none(failure: Failure) -> Self {
        Self {
            status: None,
            content_type: String::new(),
            body: String::new(),
            took: Duration::ZERO,
            failure: Some(failure),
            shown: None,
            no_retry: false,
        }
    }

    /// Taken by the app in time and in order.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.failure.is_none()
    }
}

impl SimSlack {
    /// The app's URL for every kind of delivery.
    pub fn deliver_to(&self, url: &str) {
        *lock(&self.inner.app_url) = Some(url.to_owned());
    }

    /// The signature of these bytes at this time, as `X-Slack-Signature` carries it.
    #[must_use]
    pub fn signature(&self, unix_seconds: i64, body: &[u8]) -> String {
        sign(fixed::SECRET, unix_seconds, body)
    }

    /// Posts these bytes to a path of the app, signed as Slack signs.
    pub async fn post_signed(&self, path: &str, content_type: &str, body: Vec<u8>) -> Ack {
        let at = self.now().as_second();
        let signature = self.signature(at, &body);
        let at = at.to_string();
        let headers =
            [("x-slack-request-timestamp", at.as_str()), ("x-slack-signature", signature.as_str())];
        self.post(path, content_type, body, &headers).await
    }

    /// Posts these bytes to a path of the app with these headers and no others: for requests that an
    /// app has to refuse.
    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Ack {
        let base = lock(&self.inner.app_url).clone();
        let url = base.and_then(|base| url::Url::parse(&base).ok()?.join(path).ok());
        match url {
            Some(url) => self.exchange(url.as_str(), content_type, body, headers).await,
            None => Ack::none(Failure::Connection),
        }
    }

    /// Sends a delivery: over a connection of Socket Mode where the app has opened one, else signed
    /// to the URL for its kind.
    pub(super) async fn send(
        &self,
        kind: To,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Ack {
        if let Some(ack) = self.over_a_socket(kind, &body, headers).await {
            return ack;
        }
        let url = lock(&self.inner.app_url).clone();
        let Some(url) = url else { return Ack::none(Failure::Connection) };
        let at = self.now().as_second();
        let signature = self.signature(at, &body);
        let at = at.to_string();
        let mut all =
            vec![("x-slack-request-timestamp", at.as_str()), ("x-slack-signature", &signature)];
        all.extend_from_slice(headers);
        self.exchange(&url, content_type, body, &all).await
    }

    async fn exchange(
        &self,
        url: &str,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Ack {
        let started = Instant::now();
        let mut request = self.inner.http.post(url).body(body);
        request = request.header(CONTENT_TYPE, content_type);
        request = request.header(USER_AGENT, "Slackbot 1.0 (+https://api.slack.com/robots)");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // The client's own deadline is the three seconds that Slack waits.
        let mut ack = match request.send().await {
            Ok(response) => answered(response).await,
            Err(error) => Ack::none(failure_of(&error)),
        };
        ack.took = started.elapsed();
        ack
    }
}

async fn answered(response: reqwest::Response) -> Ack {
    let status = response.status();
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let content_type = header("content-type");
    let no_retry = header("x-slack-no-retry") == "1";
    match response.text().await {
        Ok(body) => Ack {
            status: Some(status.as_u16()),
            content_type,
            body,
            took: Duration::ZERO,
            failure: (!status.is_success()).then_some(Failure::Status),
            shown: None,
            no_retry,
        },
        Err(error) => Ack::none(failure_of(&error)),
    }
}

fn failure_of(error: &reqwest::Error) -> Failure {
    if error.is_timeout() { Failure::Timeout } else { Failure::Connection }
}

/// `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hexadecimal.
fn sign(secret: &str, unix_seconds: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("v0:{unix_seconds}:").as_bytes());
    mac.update(body);
    format!("v0={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn signs_as_slacks_own_example_does() {
        let body = include_bytes!("../../../../tests/fixtures/slack/signed_command.form");
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        assert_eq!(sign("8f742231b10e8888abcd99yyyzzz85a5", 1_531_420_618, body), signature);
    }
}
