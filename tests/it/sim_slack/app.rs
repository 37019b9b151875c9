//! A tiny app that stands in for ours: it keeps what Slack sends and answers as the test says.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::slack::SimSlack;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What Slack sent.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Got {
    /// The fields of a form.
    pub(super) fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The JSON in the `payload` field of an interaction, or of the body.
    pub(super) fn json(&self) -> Value {
        let form = self.form();
        let text = form.get("payload").cloned();
        let text = text.unwrap_or_else(|| String::from_utf8(self.body.clone()).unwrap());
        serde_json::from_str(&text).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Empty,
    Text(&'static str),
    Json(Value),
    Status(u16),
    NoRetry,
    Never,
}

#[derive(Default)]
struct Kept {
    got: Vec<Got>,
    replies: VecDeque<Reply>,
}

/// A simulated Slack, the stand-in app, and a clock that the test moves.
pub(super) struct Scene {
    pub(super) slack: SimSlack,
    kept: Arc<Mutex<Kept>>,
    clock: Arc<Mutex<Timestamp>>,
    http: reqwest::Client,
}

impl Scene {
    /// Ann and Bob, `#dev` with the bot in it, and an app that answers with nothing.
    pub(super) async fn new() -> Self {
        let start: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
        let clock = Arc::new(Mutex::new(start));
        let reading = Arc::clone(&clock);
        let slack = SimSlack::start(Arc::new(move || *reading.lock().unwrap())).await.unwrap();
        slack.channel("dev");
        let _ = (slack.user("ann"), slack.user("bob"));
        let kept = Arc::new(Mutex::new(Kept::default()));
        let router = Router::new().fallback(post(take)).with_state(Arc::clone(&kept));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        slack.deliver_to(&format!("http://{}/slack/events", listener.local_addr().unwrap()));
        tokio_util::task::TaskTracker::new().spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { slack, kept, clock, http }
    }

    pub(super) fn pass(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub(super) fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// The next requests get these answers, the ones after them an empty 200.
    pub(super) fn replies(&self, replies: &[Reply]) {
        self.kept.lock().unwrap().replies.extend(replies.iter().cloned());
    }

    /// Everything that came since the last look.
    pub(super) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.kept.lock().unwrap().got)
    }

    /// The only thing that came since the last look.
    pub(super) fn got_one(&self) -> Got {
        let mut got = self.got();
        assert_eq!(got.len(), 1, "{got:?}");
        got.remove(0)
    }

    /// Calls a method with a JSON body and the right token.
    pub(super) async fn call(&self, method: &str, args: Value) -> Value {
        let request = self.request(method).bearer_auth(self.slack.bot_token());
        let request = request.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        request.body(args.to_string()).send().await.unwrap().json().await.unwrap()
    }

    /// Calls a method that reads, with query fields.
    pub(super) async fn ask(&self, method: &str, args: &[(&str, &str)]) -> Value {
        let url = format!("{}/{method}", self.slack.url());
        let request = self.http.get(url).bearer_auth(self.slack.bot_token()).query(args);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A POST to a method, without anything yet.
    pub(super) fn request(&self, method: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/{method}", self.slack.url()))
    }

    /// Posts JSON to a `response_url`: status and body.
    pub(super) async fn respond(&self, url: &str, body: Value) -> (u16, String) {
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Posts as the app and gives the message's `ts`.
    pub(super) async fn posted(&self, args: Value) -> String {
        let answer = self.call("chat.postMessage", args).await;
        assert_eq!(answer["ok"], true, "{answer}");
        answer["ts"].as_str().unwrap().to_owned()
    }

    /// `#dev`'s id.
    pub(super) fn dev(&self) -> String {
        self.slack.channel("dev")
    }
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = {
        let mut kept = kept.lock().unwrap();
        kept.got.push(Got { headers, body: body.to_vec() });
        kept.replies.pop_front().unwrap_or(Reply::Empty)
    };
    match reply {
        Reply::Empty => StatusCode::OK.into_response(),
        Reply::Text(text) => text.into_response(),
        Reply::Json(value) => axum::Json(value).into_response(),
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::NoRetry => (StatusCode::BAD_GATEWAY, [("x-slack-no-retry", "1")]).into_response(),
        Reply::Never => std::future::pending().await,
    }
}

/// A section of mrkdwn.
pub(super) fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

/// A button of an actions block.
pub(super) fn button(label: &str, action: &str) -> Value {
    json!({
        "type": "button",
        "action_id": action,
        "value": "v1",
        "text": { "type": "plain_text", "text": label },
    })
}
