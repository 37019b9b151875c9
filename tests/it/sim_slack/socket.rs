//! Socket Mode as Slack does it: tickets, hello, pings, envelopes, at most ten connections, and its end.

use super::app::Scene;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sim::slack::{Failure, SimSlack};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// An app's end of a connection.
struct Line(WebSocketStream<TcpStream>);

async fn open(scene: &Scene, token: &str) -> Value {
    let request = scene.request("apps.connections.open").bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

/// The address of a new ticket.
async fn ticket(scene: &Scene) -> String {
    let opened = open(scene, scene.slack.app_token()).await;
    assert_eq!(opened["ok"], true, "{opened}");
    opened["url"].as_str().unwrap().to_owned()
}

async fn dial(url: &str) -> Result<Line, tokio_tungstenite::tungstenite::Error> {
    let address = url.trim_start_matches("ws://").split('/').next().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(url, stream).await.map(|(line, _)| Line(line))
}

impl Line {
    /// Connected, and greeted.
    async fn new(scene: &Scene) -> Self {
        let mut line = dial(&ticket(scene).await).await.unwrap();
        let hello = line.hears().await;
        assert_eq!(hello["type"], "hello");
        assert_eq!(hello["connection_info"]["app_id"], scene.slack.app_id());
        line
    }

    /// The next words; pings come between them.
    async fn hears(&mut self) -> Value {
        loop {
            if let Message::Text(words) = self.0.next().await.unwrap().unwrap() {
                return serde_json::from_str(&words).unwrap();
            }
        }
    }

    /// Whether the next frame is a ping.
    async fn is_pinged(&mut self) -> bool {
        matches!(self.0.next().await, Some(Ok(Message::Ping(_))))
    }

    /// Whether Slack closes the connection in order, without another word.
    async fn is_closed(&mut self) -> bool {
        matches!(self.0.next().await, Some(Ok(Message::Close(_))))
    }

    async fn says(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }
}

fn event() -> Value {
    json!({ "type": "app_mention", "text": "hello" })
}

#[tokio::test]
async fn only_an_app_level_token_with_its_scope_opens() {
    let scene = Scene::new().await;
    let refused = open(&scene, scene.slack.bot_token()).await;
    assert_eq!(refused["error"], "not_allowed_token_type");
    assert_eq!(open(&scene, "xapp-other").await["error"], "invalid_auth");
    let request = scene.request("auth.test").bearer_auth(scene.slack.app_token());
    let other: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(other["error"], "not_allowed_token_type", "it opens nothing else");
    scene.slack.grant_app_token(&["authorizations:read"]);
    let refused = open(&scene, scene.slack.app_token()).await;
    assert_eq!(refused["error"], "missing_scope");
    assert_eq!(refused["needed"], "connections:write");
    assert_eq!(refused["provided"], "authorizations:read");
}

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let scene = Scene::new().await;
    let url = ticket(&scene).await;
    let _line = dial(&url).await.unwrap();
    assert!(dial(&url).await.is_err());
    assert!(dial(&url.replace("ticket-", "other-")).await.is_err());
}

#[tokio::test]
async fn each_kind_comes_in_its_envelope_and_is_answered_by_its_acknowledgement() {
    let scene = Scene::new().await;
    let mut line = Line::new(&scene).await;
    let ann = scene.slack.user("ann");
    let typing = ann.types("dev", "/jules help");
    let app = async {
        let envelope = line.hears().await;
        assert_eq!(envelope["type"], "slash_commands");
        assert_eq!(envelope["accepts_response_payload"], true);
        assert_eq!(envelope["payload"]["command"], "/jules");
        assert_eq!(envelope["payload"]["text"], "help");
        let ack = json!({ "envelope_id": envelope["envelope_id"], "payload": { "text": "hi" } });
        line.says(&ack).await;
    };
    let (ack, ()) = tokio::join!(typing, app);
    assert_eq!(ack.unwrap().shown.as_deref(), Some("hi"));

    let shortcut = ann.uses_shortcut("anything");
    let app = async {
        let envelope = line.hears().await;
        assert_eq!(envelope["type"], "interactive");
        assert_eq!(envelope["payload"]["type"], "shortcut");
        line.says(&json!({ "envelope_id": envelope["envelope_id"], "payload": {} })).await;
    };
    let (ack, ()) = tokio::join!(shortcut, app);
    let ack = ack.unwrap();
    assert!(ack.ok() && ack.body.is_empty(), "{ack:?}");
}

#[tokio::test]
async fn an_event_takes_no_answer_and_comes_again_with_its_number() {
    let scene = Scene::new().await;
    let mut line = Line::new(&scene).await;
    let app = async {
        let envelope = line.hears().await;
        assert_eq!(envelope["type"], "events_api");
        assert_eq!(envelope["accepts_response_payload"], false);
        assert_eq!(envelope["retry_attempt"], 0);
        let ack = json!({ "envelope_id": envelope["envelope_id"], "payload": { "text": "hi" } });
        line.says(&ack).await;
    };
    let (ack, ()) = tokio::join!(scene.slack.sends_event(event()), app);
    assert!(matches!(ack.failure, Some(Failure::BadAnswer(_))), "{ack:?}");
    let app = async {
        let envelope = line.hears().await;
        assert_eq!(envelope["retry_attempt"], 1);
        assert_ne!(envelope["retry_reason"], "");
        line.says(&json!({ "envelope_id": envelope["envelope_id"] })).await;
    };
    let now = jiff::Timestamp::MAX;
    let (acks, ()) = tokio::join!(scene.slack.deliver_retries(now), app);
    assert!(acks[0].ok(), "{acks:?}");
}

#[tokio::test]
async fn an_eleventh_connection_is_told_to_go() {
    let scene = Scene::new().await;
    let mut lines = Vec::new();
    for _ in 0..10 {
        lines.push(Line::new(&scene).await);
    }
    let mut eleventh = dial(&ticket(&scene).await).await.unwrap();
    let told = eleventh.hears().await;
    assert_eq!(told["type"], "disconnect");
    assert_eq!(told["reason"], "too_many_websockets");
    assert_eq!(scene.slack.sockets().len(), 10);
}

#[tokio::test]
async fn a_connection_is_pinged_once_it_was_greeted() {
    let scene = Scene::new().await;
    scene.slack.ping_every(Duration::from_millis(5));
    let mut line = Line::new(&scene).await;
    assert!(line.is_pinged().await && line.is_pinged().await);
    scene.slack.hold_hellos(true);
    let mut waiting = dial(&ticket(&scene).await).await.unwrap();
    for _ in 0..4 {
        assert!(line.is_pinged().await);
    }
    scene.slack.hold_hellos(false);
    let first = waiting.0.next().await.unwrap().unwrap();
    assert!(first.is_text(), "hello comes before any ping: {first:?}");
    assert!(waiting.is_pinged().await);
    let log = scene.slack.socket_log();
    assert_eq!(log, ["1 connects", "2 connects"], "the pongs are nobody's own");
}

#[tokio::test]
async fn once_it_is_switched_off_nothing_connects_until_it_is_on_again() {
    let scene = Scene::new().await;
    scene.slack.close_after(Duration::from_millis(5));
    let unused = ticket(&scene).await;
    let mut line = Line::new(&scene).await;
    scene.slack.hold_hellos(true);
    let mut waiting = dial(&ticket(&scene).await).await.unwrap();
    scene.slack.disconnect_sockets("link_disabled");
    for line in [&mut line, &mut waiting] {
        let told = line.hears().await;
        assert_eq!(
            (&told["type"], &told["reason"]),
            (&json!("disconnect"), &json!("link_disabled"))
        );
        assert!(line.is_closed().await);
    }
    drop((line, waiting));
    wait_until_alone(&scene.slack).await;
    assert!(scene.slack.socket_log().contains(&"1 is closed".to_owned()));
    let refused = open(&scene, scene.slack.app_token()).await;
    assert_eq!((&refused["ok"], &refused["error"]), (&json!(false), &json!("link_disabled")));
    scene.slack.hold_hellos(false);
    let mut late = dial(&unused).await.unwrap();
    assert_eq!(late.hears().await["reason"], "link_disabled", "an old ticket leads to no hello");
    assert!(late.is_closed().await);
    assert!(scene.slack.sends_event(event()).await.ok(), "deliveries go over HTTP");

    scene.slack.switch_socket_mode_on();
    let ack = scene.slack.sends_event(event()).await;
    assert_eq!(ack.failure, Some(Failure::Connection), "they need a connection again");
    let _line = Line::new(&scene).await;
    assert_eq!(scene.slack.sockets().len(), 1);
}

#[tokio::test]
async fn once_connected_nothing_goes_over_http() {
    let scene = Scene::new().await;
    let line = Line::new(&scene).await;
    drop(line);
    wait_until_alone(&scene.slack).await;
    let ack = scene.slack.sends_event(event()).await;
    assert_eq!(ack.failure, Some(Failure::Connection));
}

#[tokio::test]
async fn deliveries_may_go_over_http_again_after_the_last_connection() {
    let scene = Scene::new().await;
    scene.slack.leaves_socket_mode_with_the_last_connection();
    let line = Line::new(&scene).await;
    drop(line);
    wait_until_alone(&scene.slack).await;
    assert!(scene.slack.sends_event(event()).await.ok());
}

#[tokio::test]
async fn a_broken_connection_fails_what_waits_for_it() {
    let scene = Scene::new().await;
    let line = Line::new(&scene).await;
    scene.slack.wait_for_acks(Duration::from_secs(20));
    let breaks = async {
        let mut line = line;
        line.hears().await;
    };
    let (ack, ()) = tokio::join!(scene.slack.sends_event(event()), breaks);
    assert_eq!(ack.failure, Some(Failure::Connection));
}

async fn wait_until_alone(slack: &SimSlack) {
    let mut changes = slack.changes();
    while !slack.sockets().is_empty() {
        changes.changed().await.unwrap();
    }
}
