//! Threads and channels on odd days: files, broadcasts, other bots, strangers, admins, limits.

use super::app::{Got, Scene, button};
use serde_json::{Value, json};

impl Scene {
    /// A scene in which Ann's reply in a thread of the app is an event.
    async fn with_thread() -> (Self, String) {
        let scene = Self::new().await;
        let root = scene.posted(json!({ "channel": scene.dev(), "text": "card" })).await;
        scene.slack.subscribe(&["message.channels", "message.groups"]);
        (scene, root)
    }

    fn events(&self) -> Vec<Value> {
        self.got().iter().map(Got::json).collect()
    }

    async fn fetched(&self, url: &str, token: &str) -> (String, String) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let reply = http.get(url).bearer_auth(token).send().await.unwrap();
        let kind = reply.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, reply.text().await.unwrap())
    }
}

#[tokio::test]
async fn a_file_is_read_with_the_token_and_its_scope_and_else_is_a_page_to_sign_in() {
    let (scene, root) = Scene::with_thread().await;
    let files: &[(&str, &str, &[u8])] = &[("my log.txt", "text/plain", b"boom")];
    let ann = scene.slack.user("ann");
    ann.says_with_files("dev", Some(&root), "see this", files).await.unwrap();
    let event = &scene.got_one().json()["event"];
    assert_eq!((&event["subtype"], &event["thread_ts"]), (&json!("file_share"), &json!(root)));
    assert_eq!(event["text"], "see this");
    let file = &event["files"][0];
    assert_eq!(
        (&file["name"], &file["mimetype"], &file["size"]),
        (&json!("my log.txt"), &json!("text/plain"), &json!(4))
    );
    let url = file["url_private"].as_str().unwrap();
    let token = scene.slack.bot_token();
    scene.slack.grant(&["chat:write"]);
    let (kind, page) = scene.fetched(url, token).await;
    assert!(kind.starts_with("text/html") && page.contains("Sign in"), "{kind} {page}");
    scene.slack.grant(&["files:read"]);
    assert_eq!(scene.fetched(url, token).await, ("text/plain".into(), "boom".into()));
    assert!(scene.fetched(url, "xoxb-wrong").await.0.starts_with("text/html"));
}

#[tokio::test]
async fn a_reply_may_go_to_the_channel_too_and_another_bot_may_write_one() {
    let (scene, root) = Scene::with_thread().await;
    scene.slack.user("ann").says_to_all("dev", &root, "news").await.unwrap();
    scene.slack.other_bot_says("dev", Some(&root), "deployed").await.unwrap();
    let events = scene.events();
    assert_eq!(events[0]["event"]["subtype"], "thread_broadcast");
    let other = &events[1]["event"];
    assert_eq!((&other["subtype"], other.get("user")), (&json!("bot_message"), None));
    assert_ne!(other["bot_id"], scene.slack.bot_id());
    let screen = scene.slack.screen("dev");
    assert!(screen.contains("deploybot:") && screen.contains("(also sent to the channel)"));
}

#[tokio::test]
async fn a_stranger_writes_and_clicks_under_their_own_team_and_has_no_commands() {
    let (scene, root) = Scene::with_thread().await;
    let eve = scene.slack.stranger("eve", "T0OTHER", "dev");
    eve.says("dev", Some(&root), "let me in").await.unwrap();
    let event = scene.got_one().json();
    assert_eq!(
        (&event["is_ext_shared_channel"], &event["team_id"]),
        (&json!(true), &json!(scene.slack.team_id()))
    );
    assert_eq!(
        (&event["event"]["team"], &event["event"]["user_team"]),
        (&json!("T0OTHER"), &json!("T0OTHER"))
    );
    let blocks = json!([{ "type": "actions", "elements": [button("Go", "go")] }]);
    scene.posted(json!({ "channel": scene.dev(), "text": "x", "blocks": blocks })).await;
    scene.slack.deliver_events().await;
    scene.got();
    eve.clicks("dev", "", "Go").await.unwrap();
    let click = scene.got_one().json();
    assert_eq!(
        (&click["user"]["team_id"], &click["team"]["id"]),
        (&json!("T0OTHER"), &json!(scene.slack.team_id()))
    );
    assert!(eve.types("dev", "/jules help").await.is_err());
    let told = scene.ask("users.info", &[("user", eve.id())]).await;
    assert_eq!(
        (&told["user"]["team_id"], &told["user"]["is_stranger"]),
        (&json!("T0OTHER"), &json!(true))
    );
    let ann = scene.slack.user("ann");
    let told = scene.ask("users.info", &[("user", ann.id())]).await;
    assert_eq!(told["user"]["is_stranger"], false);
}

#[tokio::test]
async fn a_reply_to_a_root_that_an_admin_deleted_goes_into_the_channel() {
    let (scene, root) = Scene::with_thread().await;
    scene.slack.user("ann").says("dev", Some(&root), "a reply").await.unwrap();
    scene.slack.admin_deletes("dev", &root).await;
    assert_eq!(scene.events().last().unwrap()["event"]["deleted_ts"], root.as_str());
    let dev = scene.dev();
    let post = json!({ "channel": dev, "text": "x", "thread_ts": root });
    let posted = scene.call("chat.postMessage", post).await;
    assert_eq!(posted["ok"], true, "{posted}");
    assert!(posted["message"].is_object() && posted["message"]["thread_ts"].is_null(), "{posted}");
    assert_eq!(scene.slack.channel_messages("dev").last().unwrap().shown, "x");
    let edit = json!({ "channel": dev, "text": "x", "ts": root });
    assert_eq!(scene.call("chat.update", edit).await["error"], "message_not_found");
}

#[tokio::test]
async fn channels_are_archived_and_back_renamed_hidden_and_get_another_id() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["channel_unarchive", "channel_rename", "channel_id_changed"]);
    let old = scene.dev();
    scene.slack.archive("dev");
    scene.slack.unarchive("dev");
    scene.posted(json!({ "channel": old, "text": "back" })).await;
    scene.slack.rename("dev", "web");
    scene.slack.make_private("web");
    scene.slack.change_id("web", "C0NEW");
    scene.slack.deliver_events().await;
    let events: Vec<Value> = scene.events().iter().map(|event| event["event"].clone()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["channel_unarchive", "channel_rename", "channel_id_changed"]);
    assert_eq!(events[1]["channel"]["name"], "web");
    assert_eq!(
        (&events[2]["old_channel_id"], &events[2]["new_channel_id"]),
        (&json!(old), &json!("C0NEW"))
    );
    let gone = scene.call("chat.postMessage", json!({ "channel": old, "text": "x" })).await;
    assert_eq!(gone["error"], "channel_not_found");
    scene.posted(json!({ "channel": "C0NEW", "text": "x" })).await;
    let told = scene.ask("conversations.info", &[("channel", "C0NEW")]).await;
    assert_eq!(told["channel"]["is_private"], true);
}

#[tokio::test]
async fn the_bot_is_told_that_it_was_removed_and_invited_again() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["member_joined_channel", "member_left_channel"]);
    let args = json!({ "channel": scene.dev(), "text": "x" });
    scene.slack.remove("dev", "jules");
    assert_eq!(scene.call("chat.postMessage", args.clone()).await["error"], "not_in_channel");
    scene.slack.invite("dev", "jules");
    scene.slack.deliver_events().await;
    let events = scene.events();
    let kinds: Vec<_> =
        events.iter().map(|event| event["event"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["member_left_channel", "member_joined_channel"]);
    assert_eq!(events[1]["event"]["user"], scene.slack.bot_user_id());
    scene.posted(args).await;
}

#[tokio::test]
async fn limits_hold_when_they_are_switched_on() {
    let scene = Scene::new().await;
    let args = json!({ "channel": scene.dev(), "text": "x" });
    let post = || async {
        let request = scene.request("chat.postMessage").bearer_auth(scene.slack.bot_token());
        let reply = request.json(&args).send().await.unwrap();
        let wait = reply.headers().get("retry-after").map(|v| v.to_str().unwrap().to_owned());
        (reply.status().as_u16(), wait)
    };
    scene.slack.limit_rates(true);
    for _ in 0..3 {
        assert_eq!(post().await, (200, None));
    }
    assert_eq!(post().await, (429, Some("3".into())));
    scene.pass(3);
    assert_eq!(post().await, (200, None));
    let ts = scene.posted(args.clone()).await;
    let edit = json!({ "channel": scene.dev(), "text": "y", "ts": ts });
    for _ in 0..50 {
        assert_eq!(scene.call("chat.update", edit.clone()).await["ok"], true);
    }
    assert_eq!(scene.call("chat.update", edit.clone()).await["error"], "ratelimited");
    scene.slack.limit_rates(false);
    assert_eq!(scene.call("chat.update", edit).await["ok"], true);
}

#[tokio::test]
async fn installing_and_leaving_have_limits_of_their_own() {
    let scene = Scene::new().await;
    scene.slack.limit_rates(true);
    let args = [("test", "true")];
    for (method, most) in [("auth.teams.list", 20), ("auth.revoke", 50), ("oauth.v2.access", 600)] {
        for _ in 0..most {
            let answer = scene.ask(method, &args).await;
            assert_ne!(answer["error"], "ratelimited", "{method}");
        }
        assert_eq!(scene.ask(method, &args).await["error"], "ratelimited", "{method}");
    }
}

#[tokio::test]
async fn a_button_that_asks_first_can_be_left_alone() {
    let scene = Scene::new().await;
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let mut stop = button("Stop", "stop");
    stop["confirm"] = json!({
        "title": plain("Stop?"), "text": plain("Really?"),
        "confirm": plain("Yes"), "deny": plain("No"),
    });
    let blocks = json!([{ "type": "actions", "elements": [stop, button("Go", "go")] }]);
    scene.posted(json!({ "channel": scene.dev(), "text": "x", "blocks": blocks })).await;
    let ann = scene.slack.user("ann");
    assert_eq!(ann.dismisses("dev", "", "Stop").unwrap(), "Really?");
    assert!(ann.dismisses("dev", "", "Go").is_err());
    assert_eq!(scene.got().len(), 0);
    ann.clicks("dev", "", "Stop").await.unwrap();
    assert_eq!(scene.got_one().json()["actions"][0]["action_id"], "stop");
}
