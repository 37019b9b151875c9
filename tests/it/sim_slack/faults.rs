//! Failures on request: what the app sees, and whether anything happened.

use super::app::Scene;
use serde_json::{Value, json};
use sim::slack::{Call, Fault};
use std::sync::Arc;
use std::time::Duration;

/// Posts with a short deadline: the answer, or `None` when the connection gave none.
async fn post(scene: &Scene) -> Option<(u16, String)> {
    let request = scene.request("chat.postMessage").bearer_auth(scene.slack.bot_token());
    let body = json!({ "channel": scene.dev(), "text": "x" });
    let request = request.json(&body).timeout(Duration::from_millis(300));
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.text().await.ok()?))
}

fn posted(scene: &Scene) -> usize {
    scene.slack.channel_messages("dev").len()
}

#[tokio::test]
async fn a_token_that_is_refused_opens_nothing_until_it_is_accepted() {
    let scene = Scene::new().await;
    scene.slack.refuse_token("token_revoked");
    for method in ["auth.test", "chat.postMessage", "conversations.history"] {
        let answer = scene.call(method, json!({ "channel": scene.dev(), "text": "x" })).await;
        assert_eq!(answer["error"], "token_revoked", "{method}");
    }
    assert_eq!(posted(&scene), 0);
    assert!(scene.slack.calls().iter().all(|call| !call.token_ok));
    scene.slack.accept_token();
    assert_eq!(scene.call("auth.test", json!({})).await["ok"], true);
}

#[tokio::test]
async fn a_fault_answers_in_the_place_of_slack() {
    let scene = Scene::new().await;
    let slack = &scene.slack;
    slack.fault(Fault::Error("fatal_error".into())).on("chat.postMessage").times(1);
    slack.fault(Fault::Status(503)).on("chat.postMessage").times(1);
    let (status, body) = post(&scene).await.unwrap();
    assert_eq!((status, body.contains("fatal_error")), (200, true));
    let (status, body) = post(&scene).await.unwrap();
    assert_eq!((status, body.starts_with("<html>")), (503, true));
    assert_eq!(posted(&scene), 0);
    assert_eq!(post(&scene).await.unwrap().0, 200);
    assert_eq!(posted(&scene), 1, "the plans are used up");
    let calls = scene.slack.calls();
    let seen: Vec<_> = calls.iter().map(|call| call.did.as_deref()).collect();
    assert_eq!(seen, [None, None, Some("ok")]);
    assert_eq!(calls[1].fault, Some(Fault::Status(503)));
}

#[tokio::test]
async fn too_many_calls_are_told_when_to_come_again() {
    let scene = Scene::new().await;
    scene.slack.fault(Fault::Limited(Some(7))).on("auth.test").after(1).times(1);
    let call = || scene.request("auth.test").bearer_auth(scene.slack.bot_token()).send();
    assert_eq!(call().await.unwrap().status(), 200);
    let limited = call().await.unwrap();
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(limited.json::<Value>().await.unwrap()["error"], "ratelimited");
}

#[tokio::test]
async fn before_is_before_and_after_is_after() {
    let scene = Scene::new().await;
    let cases = [
        (Fault::HangBefore, 0),
        (Fault::DropBefore, 0),
        (Fault::HangAfter, 1),
        (Fault::DropAfter, 1),
    ];
    for (fault, more) in cases {
        let before = posted(&scene);
        scene.slack.fault(fault.clone()).times(1);
        assert_eq!(post(&scene).await, None, "{fault:?}");
        assert_eq!(posted(&scene), before + more, "{fault:?}");
    }
    scene.slack.fault(Fault::ErrorAfter).times(1);
    assert!(post(&scene).await.unwrap().1.contains("internal_error"));
    assert_eq!(posted(&scene), 3);
    scene.slack.fault(Fault::Slow(Duration::from_secs(60))).times(1);
    assert_eq!(post(&scene).await, None);
    assert_eq!(posted(&scene), 4);
}

#[tokio::test]
async fn a_gate_sees_every_call_and_may_fail_it() {
    let scene = Scene::new().await;
    scene.slack.user("ann").types("dev", "/jules").await.unwrap();
    let url = scene.got_one().form()["response_url"].clone();
    scene.slack.gate(Arc::new(|call: &Call| {
        (call.method == "response_url" || call.args["text"] == "x")
            .then(|| Fault::Error("internal_error".into()))
    }));
    assert!(post(&scene).await.unwrap().1.contains("internal_error"));
    assert!(scene.respond(&url, json!({ "text": "y" })).await.1.contains("internal_error"));
    assert_eq!(scene.call("auth.test", json!({})).await["ok"], true);
    scene.slack.heal();
    assert_eq!(post(&scene).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_refusing_slack_comes_back_on_its_port() {
    let scene = Scene::new().await;
    assert!(post(&scene).await.is_some());
    scene.slack.refuse().await.unwrap();
    let request = scene.request("auth.test").send().await;
    assert!(request.unwrap_err().is_connect());
    scene.slack.resume().await.unwrap();
    assert!(post(&scene).await.is_some());
    assert_eq!(posted(&scene), 2, "nothing was forgotten");
    scene.slack.stop().await;
    assert!(post(&scene).await.is_none());
}

#[tokio::test]
async fn a_call_that_hangs_ends_with_the_service() {
    let scene = Scene::new().await;
    scene.slack.fault(Fault::HangBefore).on("auth.test").times(1);
    let mut changes = scene.slack.changes();
    let stop = async {
        while scene.slack.calls().is_empty() {
            changes.changed().await.unwrap();
        }
        scene.slack.stop().await;
    };
    let (answer, ()) = tokio::join!(scene.request("auth.test").send(), stop);
    assert!(answer.is_err());
}
