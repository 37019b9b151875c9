//! Each part of an exchange has its own deadline, and a body its cap.

use super::requests::boba;
use super::stub::{Reply, Stub, fixture, patient, session_id};
use jules::{Error, Timeouts, Trouble};
use std::time::Duration;

const SOON: Duration = Duration::from_millis(40);

/// A read, a list and a creation, met with the same reply under the same limits.
async fn outcomes(reply: Reply, limits: Timeouts) -> [Error; 3] {
    let stub = Stub::replying([reply]).await;
    let client = stub.client_within(limits);
    [
        client.session(&session_id()).await.unwrap_err(),
        client.sessions(None).await.unwrap_err(),
        client.create(&boba()).await.unwrap_err(),
    ]
}

/// What such a trouble means for the three.
fn all(trouble: &Trouble) -> [Error; 3] {
    let transient = Error::Transient(trouble.clone());
    [transient.clone(), transient, Error::AmbiguousWrite(trouble.clone())]
}

#[tokio::test]
async fn silence_before_the_answer_ends() {
    let limits = Timeouts { answer: SOON, list_answer: SOON, ..patient() };
    assert_eq!(outcomes(Reply::no_answer(), limits).await, all(&Trouble::NoAnswer));
}

#[tokio::test]
async fn silence_in_the_middle_of_a_body_ends() {
    let limits = Timeouts { body_idle: SOON, ..patient() };
    let reply = Reply::ok("{\"id\":\"1\"").then_silence();
    assert_eq!(outcomes(reply, limits).await, all(&Trouble::Stalled));
}

#[tokio::test]
async fn a_body_that_never_ends_ends() {
    let limits = Timeouts { body: SOON, list_body: SOON, body_bytes: usize::MAX, ..patient() };
    let reply = Reply::ok("{\"id\":\"1\"").then_blanks_for_ever();
    assert_eq!(outcomes(reply, limits).await, all(&Trouble::Stalled));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_left_alone() {
    let limits = Timeouts { body_bytes: 100, ..patient() };
    let expected = [
        Error::TooLarge { limit: 100 },
        Error::TooLarge { limit: 100 },
        Error::AmbiguousWrite(Trouble::TooLarge(100)),
    ];
    let announced = Reply::ok("{").with("content-length", "101").then_silence();
    assert_eq!(outcomes(announced, limits.clone()).await, expected);
    let not_announced = Reply::ok("{").then_blanks_for_ever();
    assert_eq!(outcomes(not_announced, limits).await, expected);
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let body = fixture("session_created_2026").to_string();
    let limits = Timeouts { body_bytes: body.len(), ..patient() };
    let stub = Stub::replying([Reply::ok(&body)]).await;
    assert!(stub.client_within(limits).session(&session_id()).await.is_ok());
}

#[tokio::test]
async fn a_refusal_with_an_endless_body_is_still_that_refusal() {
    let limits = Timeouts { body_bytes: 100, ..patient() };
    let reply = Reply::of(401, "{").then_blanks_for_ever();
    assert_eq!(outcomes(reply, limits).await, [Error::Auth, Error::Auth, Error::Auth]);
}

#[tokio::test]
async fn an_archived_session_may_be_too_long_to_read() {
    let limits = Timeouts { body_bytes: 100, ..patient() };
    let stub = Stub::replying([Reply::ok("{").then_blanks_for_ever()]).await;
    assert_eq!(stub.client_within(limits).archive(&session_id()).await, Ok(()));
}

#[tokio::test]
async fn a_list_has_more_time_than_the_rest() {
    let limits = Timeouts { answer: SOON, ..patient() };
    let stub = Stub::replying([Reply::no_answer()]).await;
    let client = stub.client_within(limits);
    let id = session_id();
    let (first, still_waiting) = tokio::select! {
        error = client.session(&id) => (error.map(|_| ()), true),
        page = client.sessions(None) => (page.map(|_| ()), false),
    };
    assert_eq!(first, Err(Error::Transient(Trouble::NoAnswer)));
    assert!(still_waiting);
}

#[test]
fn the_defaults_are_those_of_the_reference() {
    let limits = Timeouts::default();
    assert_eq!(limits.connect, Duration::from_secs(10));
    assert_eq!(limits.answer, Duration::from_secs(30));
    assert_eq!(limits.list_answer, Duration::from_secs(120));
    assert_eq!(limits.body_bytes, 8 * 1024 * 1024);
}
