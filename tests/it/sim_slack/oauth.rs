//! Installing the app by OAuth: what is granted of what was asked for, where people are sent back to, and how a code
//! becomes a token.

use super::app::Scene;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sim::slack::Fault;
use url::Url;

const BACK: &str = "https://jules.example.com/slack/oauth/callback";

/// The page that asks for these scopes, and sends people back to this address.
fn page(scene: &Scene, scopes: &str, back: &str) -> String {
    let mut page = Url::parse("https://slack.com/oauth/v2/authorize").unwrap();
    page.query_pairs_mut()
        .append_pair("client_id", scene.slack.client_id())
        .append_pair("scope", scopes)
        .append_pair("redirect_uri", back)
        .append_pair("state", "s");
    page.into()
}

/// What ann comes back with when she says yes to these scopes.
fn code_for(scene: &Scene, scopes: &str) -> String {
    let back = scene.slack.authorizes(&page(scene, scopes, BACK), "ann").unwrap();
    let back = Url::parse(&back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code");
    code.map(|(_, code)| code.into_owned()).unwrap()
}

/// A call of the app itself, with these fields.
fn as_app(scene: &Scene, fields: &[(&str, &str)]) -> RequestBuilder {
    let (id, secret) = (scene.slack.client_id(), scene.slack.client_secret());
    scene.request("oauth.v2.access").basic_auth(id, Some(secret)).form(fields)
}

async fn read(request: RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

/// What ann's yes to these scopes comes to.
async fn installed(scene: &Scene, scopes: &str) -> Value {
    let code = code_for(scene, scopes);
    read(as_app(scene, &[("code", &code), ("redirect_uri", BACK)])).await
}

#[tokio::test]
async fn what_was_asked_for_and_not_declined_is_granted() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.grant(&["chat:write", "users:read", "im:write"]);
    let first = installed(&scene, "chat:write,users:read,files:write").await;
    assert_eq!(first["scope"], "chat:write,users:read", "{first}");
    let token = first["access_token"].as_str().unwrap();
    let open = || {
        let request = scene.request("conversations.open").bearer_auth(token);
        read(request.form(&[("users", ann.id())]))
    };
    let refused = open().await;
    assert_eq!(refused["error"], "missing_scope", "the fixed token may");
    assert_eq!(refused["needed"], "im:write");
    assert_eq!(refused["provided"], "chat:write,users:read");
    let asked = scene.request("auth.test").bearer_auth(token).send().await.unwrap();
    assert_eq!(asked.headers()["x-oauth-scopes"], "chat:write,users:read");

    let more = installed(&scene, "im:write").await;
    assert_eq!(more["scope"], "chat:write,users:read,im:write", "scopes only add up: {more}");
    assert_eq!(open().await["ok"], true);
    scene.slack.uninstall();
    let again = installed(&scene, "im:write").await;
    assert_eq!(again["scope"], "im:write", "until the app is removed: {again}");
}

#[tokio::test]
async fn people_are_sent_back_to_registered_addresses_only() {
    let scene = Scene::new().await;
    let sent_to = |back: &str| scene.slack.authorizes(&page(&scene, "commands", back), "ann");
    assert!(sent_to("https://anywhere.example.com/").is_ok(), "none is registered");
    scene.slack.redirect_urls(&["https://jules.example.com/slack", "http://127.0.0.1:3000/"]);
    for (back, is_registered) in [
        ("https://jules.example.com/slack", true),
        (BACK, true),
        ("http://127.0.0.1:3000/slack/oauth/callback", true),
        ("https://jules.example.com/", false),
        ("https://jules.example.com/slacker", false),
        ("https://jules.example.com/slack/../other", false),
        ("https://jules.example.com:8443/slack", false),
        ("https://jules.example.com.example.org/slack", false),
        ("http://jules.example.com/slack", false),
    ] {
        let refused = sent_to(back).err().map(|why| why.to_string());
        let expected = (!is_registered).then(|| "bad_redirect_uri".to_owned());
        assert_eq!(refused, expected, "{back}");
    }
}

#[tokio::test]
async fn a_code_may_come_in_the_query_and_no_secret_is_logged() {
    let scene = Scene::new().await;
    scene.slack.rotate_tokens(true);
    let (id, secret) = (scene.slack.client_id(), scene.slack.client_secret());
    let code = code_for(&scene, "commands");
    let fields =
        [("client_id", id), ("client_secret", secret), ("code", &code), ("redirect_uri", BACK)];
    let granted = scene.ask("oauth.v2.access", &fields).await;
    assert_eq!((&granted["ok"], &granted["scope"]), (&json!(true), &json!("commands")));
    let refresh = granted["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(read(as_app(&scene, &fields)).await["ok"], true);
    let wrong = [("client_id", id), ("client_secret", "guessed"), ("code", "x")];
    assert_eq!(scene.ask("oauth.v2.access", &wrong).await["error"], "bad_client_secret");

    let calls = scene.slack.calls();
    assert!(calls.iter().all(|call| call.method == "oauth.v2.access"), "{calls:?}");
    let seen: Vec<_> = calls.iter().map(|call| (call.token_ok, call.did.as_deref())).collect();
    assert_eq!(seen, [(true, Some("ok")), (true, Some("ok")), (false, Some("bad_client_secret"))]);
    let logged: Vec<&Value> = calls.iter().map(|call| &call.args).collect();
    let first = json!({ "client_id": id, "redirect_uri": BACK });
    let others = [json!({ "grant_type": "refresh_token" }), json!({ "client_id": id })];
    assert_eq!(logged, [&first, &others[0], &others[1]]);
}

#[tokio::test]
async fn a_code_can_get_lost_on_request() {
    let scene = Scene::new().await;
    let code = code_for(&scene, "commands");
    let redeem = || as_app(&scene, &[("code", &code), ("redirect_uri", BACK)]);
    scene.slack.fault(Fault::Status(503)).on("oauth.v2.access").times(1);
    assert_eq!(redeem().send().await.unwrap().status(), 503);
    assert!(scene.slack.granted_tokens().is_empty(), "nothing was done");
    scene.slack.fault(Fault::ErrorAfter).on("oauth.v2.access").times(1);
    assert_eq!(read(redeem()).await["error"], "internal_error");
    assert_eq!(scene.slack.granted_tokens().len(), 1, "it was done, and the answer is lost");
    assert_eq!(read(redeem()).await["error"], "invalid_code");
    let faults: Vec<_> = scene.slack.calls().into_iter().map(|call| call.fault).collect();
    assert_eq!(faults, [Some(Fault::Status(503)), Some(Fault::ErrorAfter), None]);
}
