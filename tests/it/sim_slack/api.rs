//! The Web API's manners: tokens, scopes, arguments, paging.

use super::app::Scene;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_needs_the_bot_token() {
    let scene = Scene::new().await;
    let none: Value = scene.request("auth.test").send().await.unwrap().json().await.unwrap();
    assert_eq!(none["error"], "not_authed");
    let wrong = scene.request("auth.test").bearer_auth("xoxb-other").send().await.unwrap();
    assert_eq!(wrong.status(), 200);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"], "invalid_auth");
    let field = scene.request("auth.test").form(&[("token", scene.slack.bot_token())]);
    let right: Value = field.send().await.unwrap().json().await.unwrap();
    assert_eq!(right["user_id"], scene.slack.bot_user_id());
    let calls = scene.slack.calls();
    let seen: Vec<_> = calls.iter().map(|call| (call.token_ok, call.did.as_deref())).collect();
    let want = [(false, Some("not_authed")), (false, Some("invalid_auth")), (true, Some("ok"))];
    assert_eq!(seen, want);
    assert_eq!(calls[2].args, json!({}), "a token is not logged");
}

#[tokio::test]
async fn json_says_its_charset() {
    let scene = Scene::new().await;
    let token = scene.slack.bot_token();
    for (method, token) in [("auth.test", token), ("auth.test", "xoxb-other"), ("no.such", token)] {
        let answer = scene.request(method).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8", "{method}");
    }
}

#[tokio::test]
async fn it_can_forget_everything() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    scene.slack.user("ann").says(&dev, None, "hello").await.unwrap();
    scene.slack.reset();
    assert!(scene.slack.person("ann").is_none() && scene.slack.calls().is_empty());
    scene.slack.channel("dev");
    assert!(scene.slack.channel_messages("dev").is_empty());
}

#[tokio::test]
async fn an_unknown_method_is_said_to_be_unknown() {
    let scene = Scene::new().await;
    assert_eq!(scene.call("chat.postMesage", json!({})).await["error"], "unknown_method");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let scene = Scene::new().await;
    scene.slack.grant(&["chat:write", "groups:read"]);
    let answer = scene.ask("users.info", &[("user", "U0ANN")]).await;
    assert_eq!(answer["error"], "missing_scope");
    assert_eq!(answer["needed"], "users:read");
    assert_eq!(answer["provided"], "chat:write,groups:read");
    let dev = scene.ask("conversations.info", &[("channel", &scene.dev())]).await;
    assert_eq!(dev["needed"], "channels:read", "the sort of channel decides: {dev}");
    let request = scene.request("auth.test").bearer_auth(scene.slack.bot_token());
    let headers = request.send().await.unwrap().headers().clone();
    assert_eq!(headers["x-oauth-scopes"], "chat:write,groups:read");
}

#[tokio::test]
async fn forms_carry_json_in_strings() {
    let scene = Scene::new().await;
    let blocks = r#"[{"type":"section","text":{"type":"mrkdwn","text":"hello"}}]"#;
    let metadata = r#"{"event_type":"jules","event_payload":{"task":"t1"}}"#;
    let dev = scene.dev();
    let fields =
        [("channel", dev.as_str()), ("text", "hi"), ("blocks", blocks), ("metadata", metadata)];
    let request = scene.request("chat.postMessage").bearer_auth(scene.slack.bot_token());
    let answer: Value = request.form(&fields).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    let post = &scene.slack.channel_messages("dev")[0];
    assert_eq!(post.shown, "hello");
    assert_eq!(post.metadata.as_ref().unwrap()["event_payload"]["task"], "t1");
}

#[tokio::test]
async fn methods_that_read_do_not_look_into_json() {
    let scene = Scene::new().await;
    let answer = scene.call("conversations.info", json!({ "channel": scene.dev() })).await;
    assert_eq!(answer["error"], "invalid_arguments");
    let message = answer["response_metadata"]["messages"][0].as_str().unwrap();
    assert!(message.contains("channel"), "{message}");
}

#[tokio::test]
async fn json_has_to_be_an_object_with_a_charset() {
    let scene = Scene::new().await;
    let send = |kind: &'static str, body: &'static str| {
        let request = scene.request("api.test").bearer_auth(scene.slack.bot_token());
        let request = request.header("content-type", kind).body(body);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    assert_eq!(send("application/json", "[1]").await["error"], "json_not_object");
    assert_eq!(send("application/json", "{").await["error"], "invalid_json");
    assert_eq!(send("application/json", "{}").await["warning"], "missing_charset");
    assert_eq!(send("application/json; charset=utf-8", "{}").await["warning"], Value::Null);
    assert_eq!(send("text/xml", "<a/>").await["error"], "invalid_form_data");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let scene = Scene::new().await;
    for name in ["cleo", "dan", "eve"] {
        let _ = scene.slack.user(name);
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = scene.ask("users.list", &[("limit", "2"), ("cursor", &cursor)]).await;
        let members = page["members"].as_array().unwrap();
        assert!(members.len() <= 2);
        names.extend(members.iter().map(|user| user["name"].as_str().unwrap().to_owned()));
        cursor = page["response_metadata"]["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["jules", "ann", "bob", "cleo", "dan", "eve"]);
    assert_eq!(scene.ask("users.list", &[("cursor", "x")]).await["error"], "invalid_cursor");
    assert_eq!(scene.ask("users.list", &[("limit", "0")]).await["error"], "invalid_limit");
}

#[tokio::test]
async fn each_type_of_conversation_needs_its_own_scope() {
    let scene = Scene::new().await;
    scene.slack.private_channel("secret", &["ann", "jules"]);
    for method in ["users.conversations", "conversations.list"] {
        scene.slack.grant(&["channels:read"]);
        assert_eq!(scene.ask(method, &[]).await["channels"][0]["name"], "dev", "{method}");
        for (types, needed) in [
            ("private_channel", "groups:read"),
            ("public_channel,im", "im:read"),
            ("mpim", "mpim:read"),
        ] {
            let refused = scene.ask(method, &[("types", types)]).await;
            assert_eq!(refused["error"], "missing_scope", "{method} {types}");
            assert_eq!(refused["needed"], needed, "{method}");
        }
        let unknown = scene.ask(method, &[("types", "channels")]).await;
        assert_eq!(unknown["error"], "invalid_types", "{method}");
        scene.slack.grant(&["groups:read"]);
        let private = scene.ask(method, &[("types", "private_channel")]).await;
        assert_eq!(private["channels"][0]["name"], "secret", "{method}: {private}");
    }
}

#[tokio::test]
async fn what_the_bot_cannot_see_is_not_there() {
    let scene = Scene::new().await;
    let secret = scene.slack.private_channel("secret", &["ann"]);
    let between = scene.slack.dm_between("ann", "bob");
    for channel in [&secret, &between] {
        let posted = scene.call("chat.postMessage", json!({ "channel": channel, "text": "x" }));
        assert_eq!(posted.await["error"], "channel_not_found");
        let info = scene.ask("conversations.info", &[("channel", channel)]).await;
        assert_eq!(info["error"], "channel_not_found");
    }
    scene.slack.invite("secret", "jules");
    let info = scene.ask("conversations.info", &[("channel", &secret)]).await;
    assert_eq!(info["channel"]["is_private"], true);
    let listed = scene.ask("conversations.list", &[("types", "public_channel,private_channel")]);
    let listed = listed.await;
    let names: Vec<_> = listed["channels"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(names, ["dev", "secret"]);
}

#[tokio::test]
async fn the_bot_joins_public_channels_only() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let again = scene.call("conversations.join", json!({ "channel": dev })).await;
    assert_eq!(again["warning"], "already_in_channel");
    scene.slack.remove("dev", "jules");
    let post = || scene.call("chat.postMessage", json!({ "channel": dev, "text": "x" }));
    assert_eq!(post().await["error"], "not_in_channel");
    scene.slack.grant(&["chat:write", "chat:write.public", "channels:join"]);
    assert_eq!(post().await["ok"], true, "chat:write.public needs no membership");
    assert_eq!(scene.call("conversations.join", json!({ "channel": dev })).await["ok"], true);
    scene.slack.archive("dev");
    assert_eq!(post().await["error"], "is_archived");
}
