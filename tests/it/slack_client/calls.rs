//! What each call sends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use super::stub::*;
use axum::http::Method;
use domain::ids::UserId;
use domain::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use slack::client::Content;
use slack::error::CallError;
use slack::history::{Found, Sought, Window};
use slack::response_url::{ResponseMessage, ResponseType};

#[tokio::test]
async fn a_message_is_posted_without_unfurling() {
    let stub = Stub::new().await;
    // The message in the answer fits no model; that must not look like a failure.
    stub.says(&json!({"ok": true, "channel": "C1", "ts": "1.2", "message": {"metadata": 5}}));
    let posted = stub.slack.post(&channel(), None, &hello(), None).await.unwrap();
    assert_eq!((posted.channel, posted.ts), (channel(), ts("1.2")));
    let expected = json!({"channel": "C1", "text": "hello", "blocks": [{"type": "divider"}],
        "unfurl_links": false, "unfurl_media": false});
    assert_eq!(stub.sent(), ("/api/chat.postMessage".to_owned(), expected));
}

#[tokio::test]
async fn a_reply_carries_its_thread_and_mark() {
    let stub = Stub::new().await;
    stub.says(&posted());
    let content = Content { text: "hello".to_owned(), blocks: vec![] };
    stub.slack.post(&channel(), Some(&ts("1.1")), &content, Some("m1")).await.unwrap();
    let expected = json!({"channel": "C1", "text": "hello", "thread_ts": "1.1",
        "metadata": {"event_type": "jules_slack", "event_payload": {"mark": "m1"}},
        "unfurl_links": false, "unfurl_media": false});
    assert_eq!(stub.sent().1, expected);
}

#[tokio::test]
async fn a_direct_message_goes_to_the_user_and_says_where_it_went() {
    let stub = Stub::new().await;
    stub.says(&json!({"ok": true, "channel": "D1", "ts": "1.2"}));
    let posted = stub.slack.dm(&user(), &hello()).await.unwrap();
    assert!(posted.channel.as_str().starts_with('D'));
    let (path, body) = stub.sent();
    assert_eq!((path.as_str(), &body["channel"]), ("/api/chat.postMessage", &json!("U1")));
}

#[tokio::test]
async fn a_message_is_updated() {
    let stub = Stub::new().await;
    stub.says(&json!({"ok": true, "message": "odd"}));
    stub.slack.update(&channel(), &ts("1.2"), &hello()).await.unwrap();
    let expected =
        json!({"channel": "C1", "ts": "1.2", "text": "hello", "blocks": [{"type": "divider"}]});
    assert_eq!(stub.sent(), ("/api/chat.update".to_owned(), expected));
}

#[tokio::test]
async fn one_person_is_shown_something() {
    let stub = Stub::new().await;
    stub.says(&json!({"ok": true, "message_ts": "1.3"}));
    stub.slack.post_ephemeral(&channel(), &user(), Some(&ts("1.1")), &hello()).await.unwrap();
    let expected = json!({"channel": "C1", "user": "U1", "thread_ts": "1.1", "text": "hello",
        "blocks": [{"type": "divider"}]});
    assert_eq!(stub.sent(), ("/api/chat.postEphemeral".to_owned(), expected));
}

#[tokio::test]
async fn a_reaction_that_is_there_already_is_a_success() {
    let stub = Stub::new().await;
    for answer in [json!({"ok": true}), json!({"ok": false, "error": "already_reacted"})] {
        stub.says(&answer);
        stub.slack.react(&channel(), &ts("1.2"), "eyes").await.unwrap();
        let expected = json!({"channel": "C1", "timestamp": "1.2", "name": "eyes"});
        assert_eq!(stub.sent(), ("/api/reactions.add".to_owned(), expected));
    }
    stub.says(&json!({"ok": false, "error": "no_reaction"}));
    let error = stub.slack.react(&channel(), &ts("1.2"), "eyes").await.unwrap_err();
    assert_eq!(error, CallError::State("no_reaction".to_owned()));
}

#[tokio::test]
async fn a_form_is_opened_and_updated() {
    let stub = Stub::new().await;
    let (form, wire) = form();
    stub.says(&json!({"ok": true, "view": {"id": "V1", "hash": "h1", "blocks": "odd"}}));
    let open = stub.slack.open_form(&Secret::new("1.2.x"), &form).await.unwrap();
    assert_eq!((open.id.as_str(), open.hash.as_deref()), ("V1", Some("h1")));
    let expected = json!({"trigger_id": "1.2.x", "view": wire});
    assert_eq!(stub.sent(), ("/api/views.open".to_owned(), expected));

    stub.says(&json!({"ok": true, "view": {"id": "V1", "hash": "h2"}}));
    stub.slack.update_form("V1", Some("h1"), &form).await.unwrap();
    let expected = json!({"view_id": "V1", "hash": "h1", "view": wire});
    assert_eq!(stub.sent(), ("/api/views.update".to_owned(), expected));

    stub.says(&json!({"ok": false, "error": "expired_trigger_id"}));
    let error = stub.slack.open_form(&Secret::new("1.2.x"), &form).await.unwrap_err();
    assert_eq!(error, CallError::State("expired_trigger_id".to_owned()));
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_what_it_may() {
    let stub = Stub::new().await;
    let identity = json!({"ok": true, "url": "https://acme.slack.com/", "team_id": "T1",
        "user_id": "U0BOT", "bot_id": "B0BOT", "enterprise_id": "E1", "is_enterprise_install": false});
    stub.answers(200, &[("x-oauth-scopes", "chat:write, commands")], &identity.to_string());
    let me = stub.slack.auth_test().await.unwrap();
    assert_eq!(me.team.as_str(), "T1");
    assert_eq!(me.enterprise.unwrap().as_str(), "E1");
    assert_eq!((me.bot.as_str(), me.bot_id.as_deref()), ("U0BOT", Some("B0BOT")));
    assert_eq!(me.url.as_deref(), Some("https://acme.slack.com/"));
    assert_eq!(me.scopes, ["chat:write", "commands"]);
    let seen = stub.seen();
    assert_eq!(seen[0].path, "/api/auth.test");
    assert_eq!(seen[0].token.as_deref(), Some("Bearer xoxb-1-secret"));

    stub.says(&json!({"ok": false, "error": "invalid_auth"}));
    let error = stub.slack.auth_test().await.unwrap_err();
    assert_eq!(error, CallError::DeadInstallation("invalid_auth".to_owned()));
}

fn me() -> Value {
    json!({"ok": true, "team_id": "T1", "user_id": "U0BOT", "bot_id": "B0BOT"})
}

/// Ten minutes.
fn after(oldest: Timestamp) -> Window {
    Window { oldest, latest: oldest + SignedDuration::from_mins(10) }
}

fn marked(ts: &str, mark: &str, author: &Value) -> Value {
    let mut message = json!({"ts": ts, "text": "x", "metadata":
        {"event_type": "jules_slack", "event_payload": {"mark": mark, "more": {"nested": [1]}}}});
    message.as_object_mut().unwrap().extend(author.as_object().unwrap().clone());
    message
}

#[tokio::test]
async fn a_name_is_told_without_slacks_escapes() {
    let stub = Stub::new().await;
    let profile = json!({"display_name": "Ann &lt;R&amp;D&gt;"});
    stub.says(&json!({"ok": true, "user": {"id": "U1", "name": "ann", "profile": profile}}));
    let user = UserId::parse("U1").unwrap();
    let known = stub.slack.user_info(&user).await.unwrap();
    assert_eq!(known.name.as_deref(), Some("Ann <R&D>"));
    stub.says(&json!({"ok": true, "channel": {"id": "C1", "name": "r&amp;d"}}));
    let name = stub.slack.channel_name(&channel()).await.unwrap();
    assert_eq!(name.as_deref(), Some("r&d"));
}

#[tokio::test]
async fn our_own_message_is_found_by_its_mark() {
    let stub = Stub::new().await;
    stub.says(&me());
    let forged = marked("1.1", "m1", &json!({"user": "U666"}));
    let other = marked("1.2", "m2", &json!({"user": "U0BOT"}));
    stub.says(&json!({"ok": true, "messages": [5, {"metadata": "odd"}, forged, other],
        "response_metadata": {"next_cursor": "c2"}}));
    let ours = marked("1.3", "m1", &json!({"bot_id": "B0BOT"}));
    stub.says(&json!({"ok": true, "messages": [ours], "response_metadata": {"next_cursor": "c3"}}));

    let oldest = Timestamp::from_microsecond(NOW * 1_000_000 + 250).unwrap();
    let found = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await.unwrap();
    assert_eq!(found, Some(Found { ts: ts("1.3"), is_outside: false }));

    let seen = stub.seen();
    assert_eq!(seen.len(), 3);
    let form = |call: &Seen| {
        call.form.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
    };
    let first = [
        "channel=C1",
        "oldest=1721609600.000250",
        "latest=1721610200.000250",
        "inclusive=true",
        "include_all_metadata=true",
        "limit=200",
    ];
    assert_eq!(
        (seen[1].method.clone(), seen[1].path.as_str()),
        (Method::POST, "/api/conversations.history")
    );
    assert_eq!(form(&seen[1]), first);
    assert_eq!(form(&seen[2]), [&first[..], &["cursor=c2"]].concat());
}

#[tokio::test]
async fn a_reply_is_looked_for_in_its_thread_and_who_we_are_is_asked_once() {
    let stub = Stub::new().await;
    stub.says(&me());
    for _ in 0..2 {
        stub.says(&json!({"ok": true, "messages": [], "has_more": false}));
        let oldest = Timestamp::from_second(NOW).unwrap();
        let found =
            stub.slack.find(&channel(), Some(&ts("1.1")), Sought::Mark("m1"), after(oldest)).await;
        assert_eq!(found, Ok(None));
    }
    let seen = stub.seen();
    let paths: Vec<_> = seen.iter().map(|call| call.path.as_str()).collect();
    let replies = "/api/conversations.replies";
    assert_eq!(paths, ["/api/auth.test", replies, replies]);
    assert!(seen[1].form.contains(&("ts".to_owned(), "1.1".to_owned())));
}

#[tokio::test]
async fn what_was_meant_for_a_thread_without_a_root_is_looked_for_in_the_channel() {
    let tombstone = json!({"ok": true, "messages": [{"ts": "1.1", "subtype": "tombstone"}]});
    for root in [tombstone, json!({"ok": false, "error": "thread_not_found"})] {
        let stub = Stub::new().await;
        stub.says(&me());
        stub.says(&root);
        stub.says(
            &json!({"ok": true, "messages": [marked("1.3", "m1", &json!({"user": "U0BOT"}))]}),
        );
        let oldest = Timestamp::from_second(NOW).unwrap();
        let found =
            stub.slack.find(&channel(), Some(&ts("1.1")), Sought::Mark("m1"), after(oldest)).await;
        assert_eq!(found, Ok(Some(Found { ts: ts("1.3"), is_outside: true })));
    }
}

/// More than anything that is read.
fn too_large() -> Value {
    json!({"ok": true, "messages": [{"ts": "1.1", "text": "x".repeat(1 << 20)}]})
}

/// What was asked for: how many messages, and between which times.
fn asked(stub: &Stub) -> Vec<[String; 3]> {
    let value = |call: &Seen, wanted: &str| {
        let found = call.form.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let history = stub.seen().into_iter().filter(|call| call.path.contains("conversations"));
    history.map(|call| ["limit", "oldest", "latest"].map(|name| value(&call, name))).collect()
}

#[tokio::test]
async fn pages_that_are_too_large_are_asked_for_in_smaller_ones() {
    let stub = Stub::new().await;
    stub.says(&me());
    for _ in 0..2 {
        stub.says(&too_large());
    }
    stub.says(&json!({"ok": true, "messages": [], "response_metadata": {"next_cursor": "c2"}}));
    stub.says(&too_large());
    stub.says(&json!({"ok": true, "messages": [marked("1.3", "m1", &json!({"bot_id": "B0BOT"}))]}));
    let oldest = Timestamp::from_second(NOW).unwrap();
    let found = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await;
    assert_eq!(found, Ok(Some(Found { ts: ts("1.3"), is_outside: false })));
    let limits: Vec<_> = asked(&stub).into_iter().map(|[limit, ..]| limit).collect();
    assert_eq!(limits, ["200", "50", "12", "12", "3"]);
}

#[tokio::test]
async fn a_message_that_alone_is_too_large_is_passed_over() {
    let stub = Stub::new().await;
    stub.says(&me());
    for _ in 0..5 {
        stub.says(&too_large());
    }
    // It is in the later half; ours is before it.
    stub.says(&too_large());
    for _ in 0..12 {
        stub.says(&json!({"ok": true, "messages": []}));
        stub.says(&too_large());
    }
    stub.says(&json!({"ok": true, "messages": [marked("1.3", "m1", &json!({"bot_id": "B0BOT"}))]}));
    let oldest = Timestamp::from_second(NOW).unwrap();
    let found = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await;
    assert_eq!(found, Ok(Some(Found { ts: ts("1.3"), is_outside: false })));
    let asked = asked(&stub);
    let last = ["200", "1721609600.000000", "1721609900.000000"].map(str::to_owned);
    assert_eq!(asked.last(), Some(&last), "{asked:?}");
}

#[tokio::test]
async fn what_a_message_that_is_too_large_may_hide_is_not_said_to_be_missing() {
    let stub = Stub::new().await;
    stub.says(&me());
    for _ in 0..5 {
        stub.says(&too_large());
    }
    for _ in 0..13 {
        stub.says(&json!({"ok": true, "messages": []}));
        stub.says(&too_large());
    }
    let oldest = Timestamp::from_second(NOW).unwrap();
    let ended = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await;
    assert_eq!(ended, Err(CallError::TooLarge));
}

#[tokio::test]
async fn looking_ends_unsure_when_there_is_no_end_to_it() {
    let stub = Stub::new().await;
    stub.says(&me());
    for page in 0..40 {
        let next = format!("c{page}");
        stub.says(&json!({"ok": true, "messages": [], "response_metadata": {"next_cursor": next}}));
    }
    let oldest = Timestamp::from_second(NOW).unwrap();
    let ended = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await;
    assert!(matches!(ended, Err(CallError::Unclear(_))), "{ended:?}");
}

#[tokio::test]
async fn looking_in_a_circle_finds_nothing_out() {
    let stub = Stub::new().await;
    stub.says(&me());
    for _ in 0..2 {
        stub.says(&json!({"ok": true, "messages": [], "response_metadata": {"next_cursor": "c"}}));
    }
    let oldest = Timestamp::from_second(NOW).unwrap();
    let ended = stub.slack.find(&channel(), None, Sought::Mark("m1"), after(oldest)).await;
    assert!(matches!(ended, Err(CallError::Unclear(_))), "{ended:?}");
}

#[tokio::test]
async fn a_response_url_is_answered_without_a_token() {
    let stub = Stub::new().await;
    let reply = ResponseMessage {
        response_type: Some(ResponseType::InChannel),
        text: Some("hello".to_owned()),
        blocks: hello().blocks,
        replace_original: Some(false),
        thread_ts: Some(ts("1.1")),
        ..ResponseMessage::default()
    };
    for body in ["ok", r#"{"ok":true}"#, ""] {
        stub.answers(200, &[], body);
        stub.slack.respond(&stub.url("/respond/1"), &reply).await.unwrap();
    }
    let seen = stub.seen();
    assert_eq!((seen[0].path.as_str(), &seen[0].token), ("/respond/1", &None));
    let expected = json!({"response_type": "in_channel", "text": "hello", "thread_ts": "1.1",
        "blocks": [{"type": "divider"}], "replace_original": false});
    assert_eq!(seen[0].body, expected);

    stub.says(&json!({"ok": true}));
    let removal = ResponseMessage { delete_original: Some(true), ..ResponseMessage::default() };
    stub.slack.respond(&stub.url("/respond/1"), &removal).await.unwrap();
    assert_eq!(stub.seen()[0].body, json!({"delete_original": true}));
}
