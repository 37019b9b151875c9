//! The error map: every answer but success, and what it means for a read, a creation, a message and
//! a change that may be repeated.

use super::requests::boba;
use super::stub::{KEY, Reply, Stub, fixture, hanging_up, nobody, not_speaking_tls, session_id};
use jules::{Error, JulesClient, RetryAfter, Trouble};
use serde_json::{Value, json};

/// The failures of the four sorts of calls, each met with the same answer.
#[derive(Debug, PartialEq)]
struct Failures {
    read: Error,
    create: Error,
    message: Error,
    approve: Error,
}

async fn failures(client: &JulesClient) -> Failures {
    let id = session_id();
    Failures {
        read: client.session(&id).await.unwrap_err(),
        create: client.create(&boba()).await.unwrap_err(),
        message: client.send_message(&id, "hello").await.unwrap_err(),
        approve: client.approve_plan(&id).await.unwrap_err(),
    }
}

async fn failures_on(reply: Reply) -> Failures {
    let stub = Stub::replying([reply]).await;
    let failures = failures(&stub.client()).await;
    let is_write = |method: &str| method == "POST";
    let writes = stub.seen().into_iter().filter(|seen| is_write(&seen.method)).count();
    assert_eq!(writes, 3, "no write is repeated by the client");
    // A read is, with less of a mask and with none, where the mask may be what is refused.
    assert!(stub.seen().len() <= 7);
    failures
}

/// The same for every sort of call.
fn all(error: &Error) -> Failures {
    Failures {
        read: error.clone(),
        create: error.clone(),
        message: error.clone(),
        approve: error.clone(),
    }
}

/// Harmless for a read or an approval, unknown for what must not happen twice.
fn unknown_for_writes(trouble: &Trouble, harmless: &Error) -> Failures {
    let ambiguous = Error::AmbiguousWrite(trouble.clone());
    Failures {
        create: ambiguous.clone(),
        message: ambiguous,
        read: harmless.clone(),
        approve: harmless.clone(),
    }
}

fn envelope(code: u16, status: &str) -> Reply {
    let error = json!({ "error": { "code": code, "message": "Words.", "status": status } });
    Reply::of(code, error.to_string())
}

#[tokio::test]
async fn refusals_that_mean_the_same_for_every_call() {
    let table = [
        (Reply::of(401, fixture("error_401_unauthenticated").to_string()), Error::Auth),
        (Reply::of(401, "<html>"), Error::Auth),
        (envelope(403, "PERMISSION_DENIED"), Error::Forbidden),
        (Reply::of(404, fixture("error_404_not_found").to_string()), Error::NotFound),
        (Reply::of(404, "<html>"), Error::NotFound),
    ];
    for (reply, error) in table {
        assert_eq!(failures_on(reply).await, all(&error));
    }
}

#[tokio::test]
async fn a_400_about_the_key_is_about_the_key() {
    let body = json!({ "error": {
        "code": 400, "status": "INVALID_ARGUMENT", "message": "API key not valid.",
        "details": [{ "reason": "API_KEY_INVALID" }]
    }});
    assert_eq!(failures_on(Reply::of(400, body.to_string())).await, all(&Error::Auth));
}

#[tokio::test]
async fn a_failed_precondition_is_the_limit_only_on_a_creation() {
    let failures = failures_on(envelope(400, "FAILED_PRECONDITION")).await;
    assert_eq!(failures, Failures { create: Error::CreateRefused, ..all(&Error::WrongState) });
}

#[tokio::test]
async fn too_many_calls_were_not_carried_out() {
    let limited = |retry_after| all(&Error::RateLimited { retry_after });
    let reply = || envelope(429, "RESOURCE_EXHAUSTED");
    let after = |header| failures_on(reply().with("retry-after", header));
    assert_eq!(failures_on(reply()).await, limited(None));
    assert_eq!(after("7").await, limited(Some(RetryAfter::Seconds(7))));
    assert_eq!(after("in a while").await, limited(None));
    let date = RetryAfter::At("2026-09-01T10:00:00Z".parse().unwrap());
    assert_eq!(after("Tue, 01 Sep 2026 10:00:00 GMT").await, limited(Some(date)));
}

#[tokio::test]
async fn a_server_that_is_not_well_may_have_done_it() {
    for code in [500, 502, 503, 504, 408, 302] {
        let trouble = Trouble::Status(code);
        let expected = unknown_for_writes(&trouble, &Error::Transient(trouble.clone()));
        assert_eq!(failures_on(envelope(code, "UNAVAILABLE")).await, expected);
        assert_eq!(failures_on(Reply::of(code, "<html>Error</html>")).await, expected);
    }
}

#[tokio::test]
async fn a_conflict_or_a_call_that_was_broken_off_is_tried_again_after_a_look() {
    for (code, status) in
        [(409, "ABORTED"), (409, "ALREADY_EXISTS"), (499, "CANCELLED"), (425, ""), (400, "ABORTED")]
    {
        let trouble = Trouble::Status(code);
        let expected = unknown_for_writes(&trouble, &Error::Transient(trouble.clone()));
        assert_eq!(failures_on(envelope(code, status)).await, expected, "{code} {status}");
    }
}

#[tokio::test]
async fn a_refusal_whose_body_breaks_is_still_that_refusal() {
    assert_eq!(failures_on(Reply::of(404, "{\"err").then_break()).await, all(&Error::NotFound));
}

#[tokio::test]
async fn what_jules_does_not_accept_is_explained_in_its_words() {
    let reply = Reply::of(400, fixture("error_400_bad_enum").to_string());
    let failures = failures_on(reply).await;
    for error in [failures.read, failures.create, failures.message, failures.approve] {
        let Error::Invalid(words) = error else { panic!("{error:?}") };
        assert!(words.as_str().starts_with("Invalid value at 'session.automation_mode'"));
    }
}

#[tokio::test]
async fn an_explanation_is_cut_and_cleaned_and_not_printed() {
    let long = format!("Bad\n\u{1}prompt: {}", "Zebra ".repeat(1000));
    let body = json!({ "error": { "code": 400, "message": long, "status": "INVALID_ARGUMENT" } });
    let stub = Stub::replying([Reply::of(400, body.to_string())]).await;
    let error = stub.client().create(&boba()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Zebra"));
    let Error::Invalid(words) = error else { panic!("{error:?}") };
    assert!(words.as_str().starts_with("Bad prompt: Zebra Zebra"));
    assert_eq!(words.as_str().chars().count(), 300);
}

#[tokio::test]
async fn a_refusal_that_is_not_in_jules_words_is_no_verdict() {
    let trouble = Trouble::Status(400);
    let expected = unknown_for_writes(&trouble, &Error::Transient(trouble.clone()));
    for body in ["", "null", "{}", "<html>", "{\"error\":null}", "{\"error\":{\"message\":5}}"] {
        assert_eq!(failures_on(Reply::of(400, body)).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_refusal_without_words_is_a_refusal() {
    for body in [r#"{"error":{}}"#, r#"{"error":{"message":"","status":"INVALID_ARGUMENT"}}"#] {
        let stub = Stub::replying([Reply::of(400, body)]).await;
        let Err(Error::Invalid(words)) = stub.client().create(&boba()).await else {
            panic!("{body}")
        };
        assert_eq!(words.as_str(), "");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    for client in [nobody().await, not_speaking_tls().await] {
        let Failures { read, create, message, approve } = failures(&client).await;
        for error in [read, create, message, approve] {
            let is_unsent = matches!(error, Error::Transient(Trouble::NoConnection(_)));
            assert!(is_unsent, "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_sending_leaves_it_open() {
    let trouble = Trouble::Broken;
    let expected = unknown_for_writes(&trouble, &Error::Transient(trouble.clone()));
    assert_eq!(failures(&hanging_up().await).await, expected);
    let cut = Reply::ok("{\"id\":\"12\"").then_break();
    assert_eq!(failures_on(cut).await, expected);
}

#[tokio::test]
async fn a_success_that_makes_no_sense_is_no_success() {
    let truncated = fixture("session_created_2026").to_string();
    let (truncated, _) = truncated.split_at(100);
    let bodies = [truncated, "<!doctype html><p>Sign in</p>", "null", "[]", "\"ok\""];
    for body in bodies {
        let failures = failures_on(Reply::ok(body)).await;
        assert!(matches!(failures.read, Error::Decode(_)), "{body}");
        assert!(matches!(failures.approve, Error::Decode(_)), "{body}");
        assert!(matches!(failures.create, Error::AmbiguousWrite(_)), "{body}");
        assert!(matches!(failures.message, Error::AmbiguousWrite(_)), "{body}");
    }
}

#[tokio::test]
async fn a_session_needs_an_id_and_a_message_needs_nothing() {
    for body in [&b""[..], b"{}", b"{\"title\":\"x\"}", b"{\"id\":\"\"}", b"{\"id\":\"a\xff\"}"] {
        let stub = Stub::replying([Reply::ok(body)]).await;
        let client = stub.client();
        let created = client.create(&boba()).await;
        assert!(matches!(created, Err(Error::AmbiguousWrite(_))), "{created:?}");
        let read = client.session(&session_id()).await;
        assert!(matches!(read, Err(Error::Decode(_))), "{read:?}");
    }
    for body in ["", "{}"] {
        let stub = Stub::replying([Reply::ok(body)]).await;
        assert_eq!(stub.client().send_message(&session_id(), "hello").await, Ok(()));
        assert_eq!(stub.client().approve_plan(&session_id()).await, Ok(()));
    }
}

#[tokio::test]
async fn no_error_shows_a_key_a_prompt_or_a_body() {
    let body = |text: &str| json!({ "error": { "message": text, "status": text } }).to_string();
    let replies = [
        Reply::of(400, body("Create a boba app!")),
        Reply::of(500, body("Create a boba app!")),
        Reply::ok("Create a boba app!"),
        Reply::ok(Value::from("Create a boba app!").to_string()),
    ];
    for reply in replies {
        let failures = failures_on(reply).await;
        let shown = format!("{failures:?} {} {}", failures.create, failures.read);
        assert!(!shown.contains("boba") && !shown.contains(KEY), "{shown}");
        assert!(!shown.contains("127.0.0.1"), "{shown}");
    }
}
