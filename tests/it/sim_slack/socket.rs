//! Socket Mode as Slack does it: tickets, hello, envelopes, at most ten connections.

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

    async fn hears(&mut self) -> Value {
        let frame = self.0.next().await.unwrap().unwrap();
        serde_json::from_str(frame.to_text().unwrap()).unwrap()
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
