//! Slash commands: what reaches the app, and where its answer appears.

use super::app::{Reply, Scene, section};
use serde_json::json;
use sim::slack::Failure;

#[tokio::test]
async fn a_command_is_a_signed_form() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    let ack = ann.types("dev", "/jules fix <b> & ask @bob in #dev https://x.y/z?a=1&b").await;
    assert!(ack.unwrap().ok());
    let got = scene.got_one();
    let form = got.form();
    let at = got.header("x-slack-request-timestamp");
    assert_eq!(at, scene.now().as_second().to_string());
    let signature = scene.slack.signature(scene.now().as_second(), &got.body);
    assert_eq!(got.header("x-slack-signature"), signature);
    assert_eq!(form["command"], "/jules");
    let text = "fix &lt;b&gt; &amp; ask <@U0BOB> in <#C0DEV|dev> <https://x.y/z?a=1&amp;b>";
    assert_eq!(form["text"], text);
    assert_eq!(form["channel_id"], scene.dev());
    assert_eq!(form["channel_name"], "dev");
    assert_eq!(form["user_id"], ann.id());
    assert_eq!(form["is_enterprise_install"], "false");
    assert!(!form.contains_key("thread_ts"));
    scene.slack.should_escape(false);
    ann.types("dev", "/jules ask @bob & co").await.unwrap();
    assert_eq!(scene.got_one().form()["text"], "ask @bob & co");
}

#[tokio::test]
async fn other_places_have_other_names() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.private_channel("secret", &["ann"]);
    scene.slack.dm_between("ann", "bob");
    for (place, name) in [("secret", "privategroup"), ("ann+bob", "directmessage")] {
        ann.types(place, "/jules").await.unwrap();
        assert_eq!(scene.got_one().form()["channel_name"], name);
    }
    let elsewhere = scene.slack.user("bob").types("secret", "/jules").await;
    assert!(elsewhere.is_err(), "nobody types where they are not");
}

#[tokio::test]
async fn an_answer_is_seen_by_its_author_alone_unless_it_says_otherwise() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    let public = json!({ "response_type": "in_channel", "text": "for *all*" });
    let blocks = json!({ "text": "fallback", "blocks": [section("in blocks")] });
    scene.replies(&[Reply::Text("On it."), Reply::Json(public), Reply::Json(blocks), Reply::Empty]);
    assert_eq!(ann.types("dev", "/jules a").await.unwrap().shown.as_deref(), Some("On it."));
    assert_eq!(scene.slack.channel_messages("dev").len(), 0);
    ann.types("dev", "/jules b").await.unwrap();
    let posts = scene.slack.channel_messages("dev");
    let seen: Vec<_> = posts.iter().map(|post| (&*post.author, &*post.shown)).collect();
    assert_eq!(seen, [("ann", "/jules b"), ("jules", "for *all*")]);
    let ack = ann.types("dev", "/jules c").await.unwrap();
    assert_eq!(ack.shown.as_deref(), Some("in blocks"));
    assert_eq!(ann.types("dev", "/jules d").await.unwrap().shown, None);
    let private = scene.slack.ephemerals("ann");
    let private: Vec<_> = private.iter().map(|post| post.shown.as_str()).collect();
    assert_eq!(private, ["On it.", "in blocks"]);
    assert_eq!(scene.slack.ephemerals("bob").len(), 0);
    assert_eq!(scene.slack.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_fails_is_slacks_own_line() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    let bad = json!({ "blocks": [{ "type": "section" }] });
    scene.replies(&[Reply::Status(500), Reply::Json(bad), Reply::Json(json!({}))]);
    let ack = ann.types("dev", "/jules a").await.unwrap();
    assert_eq!(ack.failure, Some(Failure::Status));
    let line = "/jules failed with the error \"dispatch_failed\"";
    assert_eq!(ack.shown.as_deref(), Some(line));
    let ack = ann.types("dev", "/jules b").await.unwrap();
    assert!(matches!(ack.failure, Some(Failure::BadAnswer(why)) if why == "invalid_blocks"));
    assert!(ann.types("dev", "/jules c").await.unwrap().ok());
    assert_eq!(scene.slack.ephemerals("ann").len(), 2);
}

#[tokio::test]
async fn three_seconds_and_no_longer() {
    let scene = Scene::new().await;
    scene.replies(&[Reply::Never]);
    let ack = scene.slack.user("ann").types("dev", "/jules").await.unwrap();
    assert_eq!(ack.failure, Some(Failure::Timeout));
    assert!(ack.took.as_millis() >= 2_900, "{:?}", ack.took);
    assert!(scene.slack.ephemerals("ann")[0].shown.contains("operation_timeout"));
}

#[tokio::test]
async fn the_same_request_again_is_the_same_bytes() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    assert!(ann.redeliver_last().await.is_err());
    ann.types("dev", "/jules go").await.unwrap();
    scene.pass(1);
    ann.redeliver_last().await.unwrap();
    let got = scene.got();
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(got[0].header("x-slack-signature"), got[1].header("x-slack-signature"));
}

#[tokio::test]
async fn a_response_url_works_five_times_in_half_an_hour() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.dm_between("ann", "bob");
    ann.types("ann+bob", "/jules").await.unwrap();
    let url = scene.got_one().form()["response_url"].clone();
    for n in 0..5 {
        let body = json!({ "text": format!("line {n}") });
        assert_eq!(scene.respond(&url, body).await, (200, "ok".to_owned()));
    }
    let (status, body) = scene.respond(&url, json!({ "text": "x" })).await;
    assert_eq!((status, body.contains("used_url")), (404, true));
    assert_eq!(scene.slack.ephemerals("ann").len(), 5, "even where the bot is not");

    ann.types("dev", "/jules").await.unwrap();
    let url = scene.got_one().form()["response_url"].clone();
    scene.pass(30 * 60 + 1);
    assert!(scene.respond(&url, json!({ "text": "x" })).await.1.contains("expired_url"));
    let methods: Vec<_> = scene.slack.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(methods, vec!["response_url"; 7]);
}

#[tokio::test]
async fn a_response_url_speaks_to_one_or_to_all() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    let root = scene.posted(json!({ "channel": scene.dev(), "text": "root" })).await;
    ann.types("dev", "/jules").await.unwrap();
    let url = scene.got_one().form()["response_url"].clone();
    let public = json!({ "response_type": "in_channel", "text": "all", "thread_ts": root });
    scene.respond(&url, public).await;
    let private = json!({ "text": "one", "thread_ts": root, "replace_original": true });
    scene.respond(&url, private).await;
    let thread = scene.slack.thread("dev", &root);
    let shown: Vec<_> = thread.iter().map(|post| post.shown.as_str()).collect();
    assert_eq!(shown, ["root", "all"], "a thread_ts counts only with in_channel");
    assert_eq!(scene.slack.ephemerals("ann")[0].shown, "one");
    let refused = scene.respond(&url, json!({ "blocks": [{ "type": "nonsense" }] })).await;
    assert_eq!((refused.0, refused.1.contains("invalid_blocks")), (400, true));
}
