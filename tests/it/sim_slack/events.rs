//! Events: who hears what, and how often.

use super::app::{Reply, Scene};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_is_told_to_an_app_that_did_not_subscribe() {
    let scene = Scene::new().await;
    scene.slack.user("ann").says("dev", None, "hello").await.unwrap();
    assert_eq!(scene.got().len(), 0);
}

#[tokio::test]
async fn a_mention_comes_as_two_events_of_one_message() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels", "app_mention"]);
    let said = scene.slack.user("ann").says("dev", None, "@jules look & see").await.unwrap();
    let got: Vec<Value> = scene.got().iter().map(super::app::Got::json).collect();
    let kinds: Vec<_> = got.iter().map(|event| event["event"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["app_mention", "message"]);
    assert_ne!(got[0]["event_id"], got[1]["event_id"]);
    for event in &got {
        assert_eq!(event["event"]["ts"], said.ts.as_str());
        assert_eq!(event["event"]["text"], "<@U0JULES> look &amp; see");
    }
    assert_eq!(got[1]["event"]["channel_type"], "channel");
}

#[tokio::test]
async fn events_stay_where_the_bot_is() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels", "message.groups", "message.im", "app_mention"]);
    scene.slack.private_channel("secret", &["ann"]);
    scene.slack.dm_between("ann", "bob");
    let ann = scene.slack.user("ann");
    for place in ["secret", "ann+bob"] {
        ann.says(place, None, "@jules psst").await.unwrap();
    }
    assert_eq!(scene.got().len(), 0);
    scene.slack.dm("ann");
    ann.says("@ann", None, "@jules hi").await.unwrap();
    let event = scene.got_one().json();
    assert_eq!(event["event"]["channel_type"], "im", "and no app_mention in direct messages");
}

#[tokio::test]
async fn the_apps_own_posts_come_back_when_pumped() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels"]);
    scene.posted(json!({ "channel": scene.dev(), "text": "hi" })).await;
    assert_eq!(scene.slack.waiting_events(), 1);
    scene.slack.deliver_events().await;
    let event = scene.got_one().json();
    assert_eq!(event["event"]["bot_id"], scene.slack.bot_id());
    assert_eq!(event["event"]["user"], scene.slack.bot_user_id());
    assert_eq!(event["event"]["client_msg_id"], Value::Null);
}

#[tokio::test]
async fn an_event_comes_again_at_once_after_a_minute_and_after_five() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels"]);
    scene.replies(&vec![Reply::Status(503); 4]);
    let said = scene.slack.user("ann").says("dev", None, "hello").await.unwrap();
    assert!(!said.acks[0].ok());
    let mut waits = Vec::new();
    for wait in [0, 59, 1, 299, 1, 3600] {
        scene.pass(wait);
        waits.push(scene.slack.deliver_retries(scene.now()).await.len());
    }
    assert_eq!(waits, [1, 0, 1, 0, 1, 0]);
    let got = scene.got();
    let tries: Vec<_> = got
        .iter()
        .map(|one| (one.header("x-slack-retry-num"), one.header("x-slack-retry-reason")))
        .collect();
    let want = [("", ""), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")];
    assert_eq!(tries, want);
    assert!(got.iter().all(|one| one.json()["event_id"] == got[0].json()["event_id"]));
    assert_eq!(scene.slack.waiting_events(), 0);
}

#[tokio::test]
async fn an_app_can_ask_for_no_retry() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels"]);
    scene.replies(&[Reply::NoRetry]);
    scene.slack.user("ann").says("dev", None, "hello").await.unwrap();
    assert_eq!(scene.slack.waiting_events(), 0);
}

#[tokio::test]
async fn edits_deletions_comings_and_goings_are_events() {
    let scene = Scene::new().await;
    let names = ["message.channels", "member_joined_channel", "member_left_channel"];
    scene.slack.subscribe(&names);
    scene.slack.subscribe(&["channel_archive", "reaction_added", "app_home_opened"]);
    let ann = scene.slack.user("ann");
    let ts = ann.says("dev", None, "teh").await.unwrap().ts;
    ann.edits("dev", &ts, "the").await.unwrap();
    ann.reacts("dev", &ts, "eyes").await.unwrap();
    ann.deletes("dev", &ts).await.unwrap();
    ann.opens_home().await;
    scene.slack.remove("dev", "bob");
    scene.slack.invite("dev", "bob");
    scene.slack.archive("dev");
    scene.slack.deliver_events().await;
    let got: Vec<Value> = scene.got().iter().map(|got| got.json()["event"].clone()).collect();
    let kinds: Vec<_> = got
        .iter()
        .map(|event| event["subtype"].as_str().or(event["type"].as_str()).unwrap())
        .collect();
    let want = [
        "message",
        "message_changed",
        "reaction_added",
        "message_deleted",
        "app_home_opened",
        "member_left_channel",
        "member_joined_channel",
        "channel_archive",
    ];
    assert_eq!(kinds, want);
    assert_eq!(got[1]["message"]["text"], "the");
    assert_eq!(got[1]["hidden"], true);
    assert_eq!(got[3]["deleted_ts"], ts.as_str());
}

#[tokio::test]
async fn a_url_proves_itself() {
    let scene = Scene::new().await;
    scene.replies(&[Reply::Text("abc")]);
    assert_eq!(scene.slack.verifies_url("abc").await.body, "abc");
    assert_eq!(scene.got_one().json()["challenge"], "abc");
}
