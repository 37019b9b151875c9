//! Socket Mode: deliveries over connections that the app opens, in place of HTTP.
//!
//! Source: reference section 18 (Slack: Using Socket Mode). A ticket opens one connection; hello makes
//! it one that is delivered to, and that is pinged every ten seconds; each delivery goes to the next one in
//! turn and waits three seconds for its acknowledgement.

use super::answer::{Answer, Refusal, fields};
use super::deliver::{Ack, Failure, To};
use super::model::fixed;
use super::routes::Ask;
use super::server::{PATIENCE, SimSlack};
use crate::cuttable::Cut;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use platform::lock::lock;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Slack allows an app so many connections at a time.
const MOST: usize = 10;
/// Clients take a connection for dead on which nothing came for 30 seconds, so Slack pings each of them.
const PINGS: Duration = Duration::from_secs(10);
/// What such a ping says, and its pong with it. A pong to it is not logged: no test has asked for it.
const PINGED: &[u8] = b"Ping from wss-simulated";
/// So long a connection may stay after it heard that Socket Mode is off, to be closed in order by the app.
const FAREWELL: Duration = Duration::from_secs(10);

/// The connections, and what was said over them.
pub(super) struct Hub {
    /// Something was connected, or Socket Mode was switched on: no delivery goes over HTTP any more.
    pub(super) on: bool,
    /// Socket Mode is switched off in the app's settings.
    pub(super) is_off: bool,
    /// Deliveries go over HTTP again once the last connection is gone.
    pub(super) falls_back: bool,
    pub(super) lines: Vec<Line>,
    /// Tickets lead to a server that never answers.
    pub(super) holds_handshakes: bool,
    /// Connections get no hello until they are let.
    pub(super) holds_hellos: bool,
    /// So many of the next acknowledgements are lost on their way.
    pub(super) loses: u32,
    /// How long an acknowledgement is waited for, in real time.
    pub(super) patience: Duration,
    /// How often a new connection is pinged, in real time.
    pub(super) pings: Duration,
    /// How long a connection may stay once Socket Mode is off, in real time.
    pub(super) farewell: Duration,
    pub(super) log: Vec<String>,
    /// Deliveries that wait, by envelope.
    waiting: HashMap<String, Waiting>,
    turn: usize,
    lines_made: u64,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            on: false,
            is_off: false,
            falls_back: false,
            lines: Vec::new(),
            holds_handshakes: false,
            holds_hellos: false,
            loses: 0,
            patience: PATIENCE,
            pings: PINGS,
            farewell: FAREWELL,
            log: Vec::new(),
            waiting: HashMap::new(),
            turn: 0,
            lines_made: 0,
        }
    }
}

struct Waiting {
    line: u64,
    ack: oneshot::Sender<Result<Value, Failure>>,
}

/// One connection.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) greeted: bool,
    pub(super) out: UnboundedSender<Message>,
    /// It neither reads nor writes any more, and stays open.
    pub(super) silent: CancellationToken,
    /// Socket Mode is off: it ends in a while.
    pub(super) leaves: CancellationToken,
    pub(super) cut: CancellationToken,
}

impl Line {
    pub(super) fn says(&self, frame: &Value) {
        // A connection that is ending does not listen.
        let _ = self.out.send(Message::text(frame.to_string()));
    }

    /// Socket Mode is off: says so, and closes the connection if the app does not.
    pub(super) fn dismiss(&self) {
        self.says(&disconnect("link_disabled"));
        self.leaves.cancel();
    }
}

/// `apps.connections.open`: a ticket for one connection. The token was looked at already.
pub(super) fn open(ask: &mut Ask<'_>) -> Answer {
    let granted = &ask.world.settings.app_scopes;
    if !granted.iter().any(|scope| scope == "connections:write") {
        return Err(Refusal::scope("connections:write", granted));
    }
    let ticket = format!("ticket-{}", ask.world.next());
    let url = format!("{}?ticket={ticket}&app_id={}", ask.world.link, fixed::APP);
    ask.world.tickets.insert(ticket);
    Ok(fields(json!({ "url": url })))
}

#[derive(Deserialize)]
pub(super) struct Link {
    ticket: String,
}

/// The other end of a ticket's address.
pub(super) async fn link(
    State(slack): State<SimSlack>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Query(Link { ticket }): Query<Link>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !slack.change(|world| world.tickets.remove(&ticket)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if slack.see_hub(|hub| hub.holds_handshakes) {
        std::future::pending::<()>().await;
    }
    let cut = cut.token().clone();
    upgrade.on_upgrade(move |socket| async move {
        let (out, says) = unbounded_channel();
        let (silent, leaves) = (CancellationToken::new(), CancellationToken::new());
        let number = slack.hub(|hub| {
            hub.lines_made += 1;
            let number = hub.lines_made;
            let line = Line {
                number,
                greeted: false,
                out,
                silent: silent.clone(),
                leaves: leaves.clone(),
                cut: cut.clone(),
            };
            hub.log.push(format!("{number} connects"));
            if hub.is_off {
                line.dismiss();
            } else if hub.lines.len() >= MOST {
                line.says(&disconnect("too_many_websockets"));
            }
            hub.lines.push(line);
            if !hub.holds_hellos {
                hub.greet();
            }
            number
        });
        let end = slack.talk(number, socket, says, (&silent, &leaves, &cut)).await;
        slack.hub(|hub| {
            hub.log.push(format!("{number} {end}"));
            hub.lines.retain(|line| line.number != number);
            // Who waited for an answer over it hears that it is gone.
            hub.waiting.retain(|_, waiting| waiting.line != number);
        });
    })
}

pub(super) fn disconnect(reason: &str) -> Value {
    json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": "wss-simulated" } })
}

impl Hub {
    /// Says hello to those that have not heard it, unless they are on their way out.
    pub(super) fn greet(&mut self) {
        let count = self.lines.len();
        let room = MOST.saturating_sub(self.lines.iter().filter(|line| line.greeted).count());
        let waits = |line: &&mut Line| !line.greeted && !line.leaves.is_cancelled();
        for line in self.lines.iter_mut().filter(waits).take(room) {
            line.greeted = true;
            self.on = true;
            line.says(&json!({
                "type": "hello",
                "connection_info": { "app_id": fixed::APP },
                "num_connections": count,
                "debug_info": { "host": "wss-simulated", "approximate_connection_time": 18060 },
            }));
        }
    }

    /// Whether this connection takes deliveries.
    fn has_greeted(&self, number: u64) -> bool {
        self.lines.iter().any(|line| line.number == number && line.greeted)
    }

    /// Gives an envelope to the next connection in turn.
    fn post(&mut self, id: &str, envelope: &Value) -> Option<oneshot::Receiver<Acked>> {
        let greeted: Vec<&Line> = self.lines.iter().filter(|line| line.greeted).collect();
        self.turn += 1;
        let line = greeted.get(self.turn % greeted.len().max(1))?;
        line.says(envelope);
        let (ack, acked) = oneshot::channel();
        self.waiting.insert(id.to_owned(), Waiting { line: line.number, ack });
        Some(acked)
    }

    fn acknowledged(&mut self, number: u64, frame: &Value) {
        let id = frame["envelope_id"].as_str().unwrap_or_default();
        let answered = if frame["payload"].is_null() { "" } else { " with an answer" };
        let Some(waiting) = self.waiting.remove(id) else {
            self.log.push(format!("{number} acknowledges what nobody waits for"));
            return;
        };
        let lost = self.loses > 0;
        self.loses = self.loses.saturating_sub(1);
        self.log.push(format!("{number} acknowledges{answered}"));
        // Who waited may have given up. What is lost need not be waited for in full.
        let _ = waiting.ack.send(if lost { Err(Failure::Timeout) } else { Ok(frame.clone()) });
    }
}

type Acked = Result<Value, Failure>;

impl SimSlack {
    pub(super) fn see_hub<R>(&self, look: impl FnOnce(&Hub) -> R) -> R {
        look(&lock(&self.inner.hub))
    }

    pub(super) fn hub<R>(&self, change: impl FnOnce(&mut Hub) -> R) -> R {
        let result = change(&mut lock(&self.inner.hub));
        self.change(|_| ());
        result
    }

    /// Carries frames both ways until the connection ends; gives how it ended.
    async fn talk(
        &self,
        number: u64,
        mut socket: WebSocket,
        mut says: UnboundedReceiver<Message>,
        (silent, leaves, cut): (&CancellationToken, &CancellationToken, &CancellationToken),
    ) -> &'static str {
        let every = self.see_hub(|hub| hub.pings);
        let mut pings = interval_at(Instant::now() + every, every);
        // Those that are late are not made up for.
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left = std::pin::pin!(async {
            leaves.cancelled().await;
            sleep(self.see_hub(|hub| hub.farewell)).await;
        });
        loop {
            let heard = tokio::select! {
                // What is to be said goes out before the connection is closed over it.
                biased;
                () = silent.cancelled() => {
                    // Without a word, until it is cut from this side.
                    cut.cancelled().await;
                    return "is gone";
                }
                Some(message) = says.recv() => {
                    if socket.send(message).await.is_err() {
                        return "is gone";
                    }
                    continue;
                }
                () = &mut left => {
                    // The app's own close frame comes back, if it still reads.
                    let _ = socket.send(Message::Close(None)).await;
                    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
                    let _ = timeout(PATIENCE, rest).await;
                    return "is closed";
                }
                _ = pings.tick() => {
                    let ping = Message::Ping(Bytes::from_static(PINGED));
                    let is_pinged = self.see_hub(|hub| hub.has_greeted(number));
                    if is_pinged && socket.send(ping).await.is_err() {
                        return "is gone";
                    }
                    continue;
                }
                heard = socket.recv() => heard,
            };
            match heard {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).unwrap_or_default();
                    self.hub(|hub| hub.acknowledged(number, &frame));
                }
                Some(Ok(Message::Ping(_))) => {
                    self.hub(|hub| hub.log.push(format!("{number} pings")));
                }
                Some(Ok(Message::Pong(said))) if said[..] == *PINGED => {}
                Some(Ok(Message::Pong(_))) => {
                    self.hub(|hub| hub.log.push(format!("{number} pongs")));
                }
                Some(Ok(Message::Binary(_))) => {}
                Some(Ok(Message::Close(_))) => {
                    // The library's own close goes out with the next look.
                    let _ = socket.recv().await;
                    return "closes";
                }
                Some(Err(_)) | None => return "is gone",
            }
        }
    }

    /// Has deliveries go over HTTP again once no connection is left, as if someone switched Socket Mode off
    /// then. Slack itself leaves it on, and delivers nothing.
    pub fn leaves_socket_mode_with_the_last_connection(&self) {
        self.hub(|hub| hub.falls_back = true);
    }

    /// Delivers over a connection; `None` when Socket Mode is not in use.
    pub(super) async fn over_a_socket(
        &self,
        kind: To,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Option<Ack> {
        let is_on =
            |hub: &Hub| hub.on && !(hub.falls_back && hub.lines.iter().all(|line| !line.greeted));
        if !self.see_hub(is_on) {
            return None;
        }
        let id = format!("envelope-{}", self.change(super::model::World::next));
        let envelope = envelope(&id, kind, body, headers);
        let started = Instant::now();
        let patience = self.see_hub(|hub| hub.patience);
        let Some(acked) = self.hub(|hub| hub.post(&id, &envelope)) else {
            return Some(Ack::none(Failure::Connection));
        };
        let acked = timeout(patience, acked).await;
        self.hub(|hub| hub.waiting.remove(&id));
        let mut ack = match acked {
            Ok(Ok(Ok(frame))) => answered(&frame, &envelope),
            Ok(Ok(Err(failure))) => Ack::none(failure),
            Ok(Err(_)) => Ack::none(Failure::Connection),
            Err(_) => Ack::none(Failure::Timeout),
        };
        ack.took = started.elapsed();
        Some(ack)
    }
}

/// What a request would have carried, as JSON, in an envelope.
fn envelope(id: &str, kind: To, body: &[u8], headers: &[(&str, &str)]) -> Value {
    let form = || url::form_urlencoded::parse(body).into_owned();
    let (name, payload) = match kind {
        To::Event => ("events_api", serde_json::from_slice(body).unwrap_or_default()),
        To::Command => {
            let fields: Map<String, Value> =
                form().map(|(name, value)| (name, Value::String(value))).collect();
            ("slash_commands", Value::Object(fields))
        }
        To::Interactivity | To::Options => {
            let payload = form().find(|(name, _)| name == "payload");
            let payload = payload.and_then(|(_, text)| serde_json::from_str(&text).ok());
            ("interactive", payload.unwrap_or_default())
        }
    };
    let mut envelope = json!({
        "type": name,
        "envelope_id": id,
        "accepts_response_payload": kind != To::Event,
        "payload": payload,
    });
    if kind == To::Event {
        let header = |name: &str| headers.iter().find(|(header, _)| *header == name);
        let attempt = header("x-slack-retry-num").and_then(|(_, number)| number.parse().ok());
        envelope["retry_attempt"] = json!(attempt.unwrap_or(0_u32));
        envelope["retry_reason"] = json!(header("x-slack-retry-reason").map_or("", |(_, why)| why));
    }
    envelope
}

/// An acknowledgement, as the answer of HTTP that it stands for.
fn answered(frame: &Value, envelope: &Value) -> Ack {
    let payload = &frame["payload"];
    let empty = payload.is_null() || *payload == json!({});
    let refused = !empty && envelope["accepts_response_payload"] == false;
    Ack {
        status: Some(200),
        content_type: if empty { String::new() } else { "application/json".to_owned() },
        body: if empty { String::new() } else { payload.to_string() },
        took: Duration::ZERO,
        failure: refused.then(|| Failure::BadAnswer("this envelope takes no answer".to_owned())),
        shown: None,
        no_retry: false,
    }
}
