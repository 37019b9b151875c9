//! Slack's tokens and scopes, Socket Mode, the Jules key, the clock.

use super::{Installation, only, says, stub};
use axum::http::StatusCode;
use jiff::SignedDuration;
use jules_slack::doctor::Verdict::{Failure, Ok, Warning};
use platform::clock;
use sim::jules as jules_sim;
use sim::jules::{Op, Reply, RetryAfter};
use sim::slack::Fault;
use std::sync::Arc;

#[tokio::test]
async fn slack_says_whose_the_token_is() {
    let installation = Installation::new().await;
    let checks = installation.checks().await;
    says(&only(&checks, "slack"), Ok, &["U0JULES", "T0ACME", "https://acme.slack.com/"]);
    says(&only(&checks, "scopes"), Ok, &["granted"]);
}

#[tokio::test]
async fn a_token_that_slack_refuses_is_named_with_what_to_do() {
    for (code, verdict, words) in [
        ("invalid_auth", Failure, &["SLACK_BOT_TOKEN", "Copy the bot token"][..]),
        ("token_revoked", Failure, &["SLACK_BOT_TOKEN", "Install the app"]),
        ("account_inactive", Failure, &["SLACK_BOT_TOKEN", "Install the app"]),
        ("not_allowed_token_type", Failure, &["SLACK_BOT_TOKEN", "Copy the bot token"]),
        ("ratelimited", Warning, &["rate-limiting"]),
        ("strange_new_code", Failure, &["strange_new_code"]),
    ] {
        let installation = Installation::new().await;
        installation.slack.fault(Fault::Error(code.to_owned())).on("auth.test").times(1);
        let checks = installation.checks().await;
        says(&only(&checks, "slack"), verdict, words);
        assert!(!checks.iter().any(|check| check.name == "scopes"), "{code}");
    }
}

#[tokio::test]
async fn slack_out_of_reach_is_about_the_network() {
    let installation = Installation::new().await;
    installation.slack.refuse().await.unwrap();
    says(&installation.check("slack").await, Failure, &["cannot be reached", "SLACK_API_URL"]);
    let installation = Installation::new().await;
    installation.slack.fault(Fault::Status(502)).times(9);
    says(&installation.check("slack").await, Failure, &["HTTP 502"]);
}

#[tokio::test]
async fn scopes_that_are_missing_are_named() {
    let installation = Installation::new().await;
    installation.slack.grant(&["commands", "channels:history", "groups:history"]);
    let check = installation.check("scopes").await;
    says(&check, Failure, &["chat:write", "im:history", "OAuth & Permissions"]);
    assert!(!check.words.contains("commands"), "{}", check.words);
}

#[tokio::test]
async fn a_persons_token_and_a_silent_proxy_are_noticed() {
    let mut installation = Installation::new().await;
    let person = r#"{"ok":true,"team_id":"T1","user_id":"U1","url":"https://a.slack.com/"}"#;
    let url = stub::answering(StatusCode::OK, &[], person).await;
    installation.set("SLACK_API_URL", &url);
    let checks = installation.checks().await;
    says(&only(&checks, "slack"), Failure, &["belongs to a person"]);
    says(&only(&checks, "scopes"), Warning, &["doesn't say", "x-oauth-scopes"]);
}

/// With an app-level token.
async fn on_socket_mode() -> Installation {
    let mut installation = Installation::new().await;
    let token = installation.slack.app_token();
    installation.set("SLACK_APP_TOKEN", token);
    installation
}

#[tokio::test]
async fn socket_mode_is_off_or_gets_a_ticket_that_is_not_used() {
    let off = Installation::new().await;
    says(&off.check("socket mode").await, Ok, &["off"]);
    let on = on_socket_mode().await;
    let checks = on.checks().await;
    says(&only(&checks, "socket mode"), Ok, &["this app can connect"]);
    says(&only(&checks, "public address"), Ok, &["Socket Mode needs none"]);
    assert!(on.slack.socket_log().is_empty(), "{:?}", on.slack.socket_log());
}

#[tokio::test]
async fn socket_mode_is_refused_for_a_reason() {
    let on = on_socket_mode().await;
    on.slack.grant_app_token(&["authorizations:read"]);
    let lacking = ["SLACK_APP_TOKEN lacks the scope connections:write", "App-Level Tokens"];
    says(&on.check("socket mode").await, Failure, &lacking);
    let mut unknown = on_socket_mode().await;
    unknown.set("SLACK_APP_TOKEN", "xapp-1-A1-1-of-another-app");
    says(&unknown.check("socket mode").await, Failure, &["SLACK_APP_TOKEN: invalid_auth"]);
    for (code, verdict, words) in [
        ("link_disabled", Failure, &["link_disabled", "Turn on Socket Mode"][..]),
        ("internal_error", Failure, &["SLACK_API_URL"]),
        ("ratelimited", Warning, &["rate-limiting"]),
    ] {
        let on = on_socket_mode().await;
        on.slack.fault(Fault::Error(code.to_owned())).on("apps.connections.open").times(1);
        says(&on.check("socket mode").await, verdict, words);
    }
}

#[tokio::test]
async fn the_jules_key_is_tried() {
    let mut installation = Installation::new().await;
    installation.set("JULES_API_KEY", "AQ.a-key-that-jules-does-not-know");
    let check = installation.check("jules").await;
    says(&check, Failure, &["refuses JULES_API_KEY", "https://jules.google.com/settings#api"]);
    for (fault, verdict, words) in [
        (jules_sim::Fault::status(403), Failure, "doesn't let JULES_API_KEY list"),
        (jules_sim::Fault::too_many(&RetryAfter::Absent), Warning, "rate-limiting"),
        (jules_sim::Fault::status(503), Failure, "network"),
        (jules_sim::Fault::DropBefore, Failure, "network"),
        (jules_sim::Fault::Answer(Reply::html(404, "not here")), Failure, "JULES_API_URL"),
        (jules_sim::Fault::Html200, Failure, "JULES_API_URL"),
    ] {
        let installation = Installation::new().await;
        installation.jules.fault(fault).on(Op::ListSources).for_ever();
        says(&installation.check("jules").await, verdict, &[words]);
    }
}

#[tokio::test]
async fn an_account_without_repositories_is_a_warning() {
    let mut installation = Installation::new().await;
    says(&installation.check("repositories").await, Ok, &["96 connected"]);
    let _ = installation.jules.account("AQ.an-account-with-nothing");
    installation.set("JULES_API_KEY", "AQ.an-account-with-nothing");
    says(&installation.check("repositories").await, Warning, &["https://jules.google.com"]);
}

#[tokio::test]
async fn the_clock_is_compared_with_theirs() {
    for (seconds, verdict, words) in [
        (0, Ok, &["agrees"][..]),
        (200, Warning, &["ahead of", "NTP"]),
        (-200, Warning, &["behind", "NTP"]),
        (400, Failure, &["ahead of", "refused", "NTP"]),
        (-400, Failure, &["behind", "refused"]),
    ] {
        let mut installation = Installation::new().await;
        let system = clock::system();
        installation.clock = Arc::new(move || system() + SignedDuration::from_secs(seconds));
        says(&installation.check("clock").await, verdict, words);
    }
    let mut alone = Installation::new().await;
    alone.slack.refuse().await.unwrap();
    alone.jules.refuse().await;
    alone.set("PUBLIC_URL", "");
    says(&alone.check("clock").await, Warning, &["not checked"]);
}

#[tokio::test]
async fn where_others_install_the_app_it_says_where_and_asks_for_no_token() {
    let mut installation = Installation::new().await;
    for name in ["SLACK_BOT_TOKEN", "JULES_API_KEY"] {
        installation.vars.remove(name);
    }
    for (name, value) in [
        ("SLACK_CLIENT_ID", "1234567890.9876543210"),
        ("SLACK_CLIENT_SECRET", "c11e0000simulated0000secret00000"),
        ("PUBLIC_URL", "https://jules.example.com/"),
        ("INSTALL_TEAMS", "T0ACME,T0GLOBEX"),
    ] {
        installation.set(name, value);
    }
    let check = installation.check("installing").await;
    says(
        &check,
        Ok,
        &[
            "https://jules.example.com/slack/install installs the app in 2 workspaces",
            "https://jules.example.com/slack/oauth/callback",
        ],
    );
    let checks = installation.checks().await;
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert!(!names.contains(&"jules") && !names.contains(&"slack"), "{names:?}");
    let odd = checks.iter().find(|check| check.words.contains("SLACK_CLIENT_SECRET"));
    assert!(odd.is_none(), "{odd:?}");
}

#[tokio::test]
async fn of_an_organisations_token_it_says_in_which_workspaces_the_app_is() {
    let installation = Installation::new().await;
    installation.slack.organisation("E0ACME");
    installation.slack.install_org_wide(true);
    says(&installation.check("slack").await, Ok, &["in an organisation"]);
    says(&installation.check("organisation").await, Ok, &["the app is in Acme"]);
}
