//! A stand-in for Slack that records calls and answers what it is told to. It knows nothing of
//! Slack's rules, so that what the client does with odd answers can be seen too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use domain::form::{ChangesForm, Form};
use domain::ids::{ChannelId, MessageTs, PlanId, TaskId, UserId};
use domain::secret::Secret;
use jiff::Timestamp;
use serde_json::{Value, json};
use slack::client::{Content, SlackClient};
use slack::connector::{Connector, Deadlines};
use slack::error::CallError;
use slack::form::view;
use slack_morphism::blocks::{SlackBlock, SlackDividerBlock};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(super) const TOKEN: &str = "xoxb-1-secret";
pub(super) const NOW: i64 = 1_721_609_600;

/// A call as the stub saw it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) form: Vec<(String, String)>,
    pub(super) token: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Value,
}

/// What the stub answers to one call.
pub(super) enum Scripted {
    Answer(StatusCode, Vec<(&'static str, String)>, String),
    Never,
}

#[derive(Default)]
pub(super) struct Script {
    seen: Vec<Seen>,
    answers: VecDeque<Scripted>,
}

pub(super) type Shared = Arc<Mutex<Script>>;

/// A stand-in for Slack on a port of its own, with a client that speaks to it.
pub(super) struct Stub {
    pub(super) script: Shared,
    pub(super) base: String,
    clock: Arc<AtomicI64>,
    pub(super) connector: Connector,
    pub(super) slack: SlackClient,
    _server: JoinSet<()>,
}

impl Stub {
    pub(super) async fn new() -> Self {
        Self::with(Deadlines::default()).await
    }

    /// With other deadlines than the usual ones.
    pub(super) async fn with(deadlines: Deadlines) -> Self {
        let script = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(script.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let clock = Arc::new(AtomicI64::new(NOW));
        let connector = connector(&format!("{base}/api"), deadlines, &clock);
        let slack = SlackClient::new(connector.clone(), &Secret::new(TOKEN));
        Self { script, base, clock, connector, slack, _server: server }
    }

    /// The next call is answered so; what is told several times is answered in that order.
    pub(super) fn answers(
        &self,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> &Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let status = StatusCode::from_u16(status).unwrap();
        self.script.lock().unwrap().answers.push_back(Scripted::Answer(
            status,
            headers,
            body.to_owned(),
        ));
        self
    }

    /// The next call is never answered.
    pub(super) fn is_silent(&self) -> &Self {
        self.script.lock().unwrap().answers.push_back(Scripted::Never);
        self
    }

    /// The next call is answered with 200 and `body`.
    pub(super) fn says(&self, body: &Value) -> &Self {
        self.answers(200, &[], &body.to_string())
    }

    /// The calls that arrived since the last look.
    pub(super) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.script.lock().unwrap().seen)
    }

    /// The one call that arrived, as method and JSON body.
    pub(super) fn sent(&self) -> (String, Value) {
        let seen = self.seen();
        let [call] = seen.as_slice() else { panic!("not one call: {seen:?}") };
        assert_eq!(call.token.as_deref(), Some("Bearer xoxb-1-secret"));
        assert_eq!(call.content_type.as_deref(), Some("application/json; charset=utf-8"));
        assert_eq!(call.method, Method::POST);
        (call.path.clone(), call.body.clone())
    }

    /// Time passes.
    pub(super) fn passes(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A response URL of the stub.
    pub(super) fn url(&self, path: &str) -> Secret {
        Secret::new(format!("{}{path}", self.base))
    }
}

pub(super) fn connector(api: &str, deadlines: Deadlines, clock: &Arc<AtomicI64>) -> Connector {
    let clock = clock.clone();
    let clock = Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap());
    Connector::new(&api.parse().unwrap(), deadlines, clock).unwrap()
}

async fn answer(
    State(script): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(uri.query(), None, "Slack's own clients put nothing in the address");
    let form = url::form_urlencoded::parse(&body);
    let seen = Seen {
        method,
        path: uri.path().to_owned(),
        form: form.into_owned().collect(),
        token: header("authorization"),
        content_type: header("content-type"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let scripted = {
        let mut script = script.lock().unwrap();
        script.seen.push(seen);
        script.answers.pop_front()
    };
    match scripted {
        Some(Scripted::Answer(status, headers, body)) => {
            let response = headers
                .into_iter()
                .fold(Response::builder().status(status), |all, (name, value)| {
                    all.header(name, value)
                });
            response.body(body.into()).unwrap()
        }
        Some(Scripted::Never) => std::future::pending().await,
        None => panic!("a call that no answer was scripted for"),
    }
}

pub(super) fn channel() -> ChannelId {
    ChannelId::parse("C1").unwrap()
}

pub(super) fn user() -> UserId {
    UserId::parse("U1").unwrap()
}

pub(super) fn ts(text: &str) -> MessageTs {
    MessageTs::parse(text).unwrap()
}

pub(super) fn hello() -> Content {
    Content {
        text: "hello".to_owned(),
        blocks: vec![SlackBlock::Divider(SlackDividerBlock::new())],
    }
}

/// A form, and how it is sent.
pub(super) fn form() -> (Form, Value) {
    let task = TaskId::parse("7f3k9x2q").unwrap();
    let form = Form::Changes(ChangesForm { task, plan: PlanId::parse("p1").unwrap() });
    let wire = serde_json::to_value(view(&form)).unwrap();
    (form, wire)
}

pub(super) fn posted() -> Value {
    json!({"ok": true, "channel": "C1", "ts": "1.2"})
}

/// Posts after `stub` was told what to answer, and gives how it ended.
pub(super) async fn post(stub: &Stub) -> Result<(), CallError> {
    stub.slack.post(&channel(), None, &hello(), None).await.map(|_| ())
}
