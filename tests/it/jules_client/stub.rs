//! A server on a port of its own that gives prepared replies and keeps what it was sent.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use domain::ids::SessionId;
use domain::secret::Secret;
use futures_util::{StreamExt, stream};
use jules::{Http, JulesClient, Timeouts};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use url::{Url, form_urlencoded};

/// The key of every client in these tests.
pub(crate) const KEY: &str = "AQ.key-for-tests";

/// A prepared reply.
#[derive(Clone)]
pub(crate) struct Reply {
    code: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    then: Then,
}

/// What comes after the body.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    End,
    Silence,
    Break,
    EndlessBlanks,
    /// Not even the headers come.
    NoAnswer,
}

impl Reply {
    pub(crate) fn of(code: u16, body: impl AsRef<[u8]>) -> Self {
        Self { code, headers: Vec::new(), body: body.as_ref().to_vec(), then: Then::End }
    }

    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::of(200, body)
    }

    pub(crate) fn json(body: &Value) -> Self {
        Self::ok(body.to_string())
    }

    pub(crate) fn no_answer() -> Self {
        Self { then: Then::NoAnswer, ..Self::ok("") }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    pub(crate) fn then_silence(self) -> Self {
        Self { then: Then::Silence, ..self }
    }

    pub(crate) fn then_break(self) -> Self {
        Self { then: Then::Break, ..self }
    }

    pub(crate) fn then_blanks_for_ever(self) -> Self {
        Self { then: Then::EndlessBlanks, ..self }
    }

    fn into_body(self) -> Body {
        if self.then == Then::End {
            return Body::from(self.body);
        }
        let first = stream::iter([Ok::<_, io::Error>(Bytes::from(self.body))]);
        match self.then {
            Then::End | Then::Silence | Then::NoAnswer => {
                Body::from_stream(first.chain(stream::pending()))
            }
            Then::Break => {
                // The pause makes the server send what it has so far.
                let broken = stream::once(async {
                    tokio::task::yield_now().await;
                    Err(io::Error::other("broken on purpose"))
                });
                Body::from_stream(first.chain(broken))
            }
            Then::EndlessBlanks => {
                let blanks = stream::repeat_with(|| Ok(Bytes::from_static(b" ")));
                Body::from_stream(first.chain(blanks))
            }
        }
    }
}

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query, still encoded.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone)]
struct Shared {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// The server.
pub(crate) struct Stub {
    base: Url,
    shared: Shared,
}

impl Stub {
    /// Gives the replies in order; the last one again and again.
    pub(crate) async fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Arc::new(Mutex::new(replies.into_iter().collect()));
        let shared = Shared { replies, seen: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = base_of(&listener, "http");
        let app = Router::new().fallback(reply).with_state(shared.clone());
        TaskTracker::new().spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, shared }
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn client(&self) -> JulesClient {
        self.client_within(patient())
    }

    pub(crate) fn client_within(&self, limits: Timeouts) -> JulesClient {
        client(self.base.clone(), limits)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.target).collect()
    }

    /// The size of the page that each request asked for, in order; empty where it asked for none.
    pub(crate) fn page_sizes(&self) -> Vec<String> {
        let size = |target: String| {
            let (_, query) = target.split_once('?').unwrap_or_default();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let size = pairs.find(|(name, _)| name == "pageSize");
            size.map(|(_, size)| size.into_owned()).unwrap_or_default()
        };
        self.targets().into_iter().map(size).collect()
    }

    pub(crate) fn only_request(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "one call, one request");
        seen.remove(0)
    }
}

async fn reply(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let seen = Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body: to_bytes(body, usize::MAX).await.unwrap(),
    };
    shared.seen.lock().unwrap().push(seen);
    let reply = {
        let mut replies = shared.replies.lock().unwrap();
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    };
    let reply = reply.unwrap();
    if reply.then == Then::NoAnswer {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(reply.code);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(reply.into_body()).unwrap()
}

/// A refusal in these words of what a request has in this field, as Jules sends it.
pub(crate) fn refusal(field: &str, words: &str) -> Reply {
    let body = json!({ "error": {
        "code": 400, "status": "INVALID_ARGUMENT", "message": words,
        "details": [{ "fieldViolations": [{ "field": field }] }]
    }});
    Reply::of(400, body.to_string())
}

/// A server that closes each connection as soon as something was sent on it.
pub(crate) async fn hanging_up() -> JulesClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = base_of(&listener, "http");
    TaskTracker::new().spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
        }
    });
    client(base, patient())
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> JulesClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    client(base_of(&listener, "http"), patient())
}

/// A server that is asked for TLS and does not speak it.
pub(crate) async fn not_speaking_tls() -> JulesClient {
    let stub = Stub::replying([Reply::ok("{}")]).await;
    let mut base = stub.base;
    base.set_scheme("https").unwrap();
    client(base, patient())
}

fn base_of(listener: &TcpListener, scheme: &str) -> Url {
    format!("{scheme}://{}/v1alpha", listener.local_addr().unwrap()).parse().unwrap()
}

fn client(base: Url, limits: Timeouts) -> JulesClient {
    let key = Secret::new(KEY);
    JulesClient::new(Http::new(limits).unwrap(), base, &key).unwrap()
}

/// Limits that no test comes near, unless it sets one of them lower.
pub(crate) fn patient() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(20),
        answer: Duration::from_secs(20),
        list_answer: Duration::from_secs(20),
        body_idle: Duration::from_secs(20),
        body: Duration::from_secs(20),
        list_body: Duration::from_secs(20),
        body_bytes: 1 << 20,
        ..Timeouts::default()
    }
}

/// A real payload from `tests/fixtures/jules`.
pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/jules/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn session_id() -> SessionId {
    SessionId::parse("14365396085129174100").unwrap()
}
