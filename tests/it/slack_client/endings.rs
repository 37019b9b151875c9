//! How calls can end badly, and that each way is told apart.

use super::stub::*;
use domain::secret::Secret;
use serde_json::{Value, json};
use slack::client::SlackClient;
use slack::connector::Deadlines;
use slack::error::CallError;
use slack::response_url::ResponseMessage;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[tokio::test]
async fn every_class_of_error_is_told_apart() {
    let stub = Stub::new().await;
    let text = str::to_owned;
    for (code, expected) in [
        ("not_in_channel", CallError::Place(text("not_in_channel"))),
        ("channel_not_found", CallError::Place(text("channel_not_found"))),
        ("is_archived", CallError::Place(text("is_archived"))),
        (
            "restricted_action_read_only_channel",
            CallError::Place(text("restricted_action_read_only_channel")),
        ),
        ("account_inactive", CallError::DeadInstallation(text("account_inactive"))),
        ("token_revoked", CallError::DeadInstallation(text("token_revoked"))),
        (
            "two_factor_setup_required",
            CallError::DeadInstallation(text("two_factor_setup_required")),
        ),
        (
            "method_deprecated",
            CallError::MissingRights { code: text("method_deprecated"), needed: None },
        ),
        ("message_not_found", CallError::State(text("message_not_found"))),
        ("a_code_of_tomorrow", CallError::State(text("a_code_of_tomorrow"))),
        ("internal_error", CallError::Unclear(text("internal_error"))),
        ("fatal_error", CallError::Unclear(text("fatal_error"))),
    ] {
        stub.says(&json!({"ok": false, "error": code}));
        assert_eq!(post(&stub).await, Err(expected));
    }

    stub.says(&json!({"ok": false, "error": "missing_scope", "needed": "chat:write",
        "provided": "commands"}));
    let missing =
        CallError::MissingRights { code: text("missing_scope"), needed: Some(text("chat:write")) };
    assert_eq!(post(&stub).await, Err(missing));

    stub.says(&json!({"ok": false, "error": "invalid_blocks",
        "response_metadata": {"messages": ["[ERROR] unsupported type: plan [json-pointer:/blocks/0]"]}}));
    let content = CallError::Content {
        code: text("invalid_blocks"),
        messages: vec![text("[ERROR] unsupported type: plan [json-pointer:/blocks/0]")],
    };
    assert_eq!(post(&stub).await, Err(content));
}

#[tokio::test]
async fn an_unsure_answer_is_never_taken_for_a_no() {
    let stub = Stub::new().await;
    let error = json!({"ok": false, "error": "internal_error"}).to_string();
    for (status, body) in [
        (500, error.as_str()),
        (502, "<html>secret</html>"),
        (503, r#"{"ok":false,"error":"not_in_channel"}"#),
        (200, "<html>secret</html>"),
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (200, r#"{"ok":"yes"}"#),
        (200, r#"{"ok":true}"#),
        (200, r#"{"ok":true,"channel":"C1","ts":5}"#),
        (200, r#"{"ok":true,"channel":"a/b","ts":"1.2"}"#),
        (200, r#"{"ok":false}"#),
        (200, r#"{"ok":false,"error":"Secret text"}"#),
        (404, "secret"),
    ] {
        stub.answers(status, &[], body);
        let error = post(&stub).await.unwrap_err();
        assert!(
            matches!(error, CallError::Unknown(_) | CallError::Unclear(_)),
            "{status} {body}: {error:?}"
        );
        assert!(!format!("{error:?} {error}").to_lowercase().contains("secret"));
    }
}

#[tokio::test]
async fn no_answer_in_time_leaves_it_open_whether_it_was_done() {
    // Long enough for a busy machine to get the call through.
    let total = Duration::from_millis(500);
    let stub = Stub::with(Deadlines { total, ..Deadlines::default() }).await;
    stub.is_silent();
    assert_eq!(post(&stub).await, Err(CallError::Unknown("no answer in time".to_owned())));
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn nobody_there_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}/api/", listener.local_addr().unwrap());
    drop(listener);
    let connector = connector(&api, Deadlines::default(), &Arc::default());
    let slack = SlackClient::new(connector, &Secret::new(TOKEN));
    let ended = slack.post(&channel(), None, &hello(), None).await;
    assert!(matches!(ended, Err(CallError::Unreachable(_))), "{ended:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_leaves_it_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}/api/", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    server.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 20]).await.unwrap();
    });
    let connector = connector(&api, Deadlines::default(), &Arc::default());
    let slack = SlackClient::new(connector, &Secret::new(TOKEN));
    let ended = slack.post(&channel(), None, &hello(), None).await;
    assert_eq!(ended, Err(CallError::Unknown("the connection was lost".to_owned())));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let stub = Stub::new().await;
    let mut large = posted();
    large["message"] = Value::String("x".repeat(1 << 20));
    stub.says(&large);
    assert_eq!(post(&stub).await, Err(CallError::TooLarge));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let stub = Stub::new().await;
    let elsewhere = format!("{}/elsewhere", stub.base);
    stub.answers(302, &[("location", &elsewhere)], "");
    assert_eq!(post(&stub).await, Err(CallError::Unknown("HTTP 302".to_owned())));
    stub.answers(307, &[("location", &elsewhere)], "");
    let ended = stub.slack.respond(&stub.url("/respond/1"), &ResponseMessage::default()).await;
    assert_eq!(ended, Err(CallError::Unknown("HTTP 307".to_owned())));
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_response_url_that_is_used_up_says_so() {
    let stub = Stub::new().await;
    for (status, body, expected) in [
        (404, r#"{"ok":false,"error":"used_url"}"#, CallError::State("used_url".to_owned())),
        (404, "expired_url", CallError::State("expired_url".to_owned())),
        (404, "<html>secret</html>", CallError::State("http_404".to_owned())),
        (500, "", CallError::Unknown("HTTP 500".to_owned())),
        (429, "", CallError::RateLimited { after: Duration::from_secs(30) }),
    ] {
        stub.answers(status, &[], body);
        let ended = stub.slack.respond(&stub.url("/respond/1"), &ResponseMessage::default()).await;
        assert_eq!(ended, Err(expected));
    }
}

#[tokio::test]
async fn a_response_url_that_leads_elsewhere_is_not_called() {
    let stub = Stub::new().await;
    let elsewhere = stub.base.replace("127.0.0.1", "localhost");
    for url in [elsewhere.as_str(), "https://evil.example/x", "not a url", ""] {
        let ended = stub.slack.respond(&Secret::new(url), &ResponseMessage::default()).await;
        assert_eq!(ended, Err(CallError::UntrustedUrl), "{url}");
    }
    assert_eq!(stub.seen(), []);
}

#[tokio::test]
async fn nothing_that_is_printed_holds_the_token() {
    let stub = Stub::new().await;
    stub.answers(429, &[], "{}");
    let error = post(&stub).await.unwrap_err();
    let shown = format!("{:?} {error:?} {error}", stub.connector);
    assert!(!shown.contains("xoxb"), "{shown}");
}
