//! Reading a payload the ways it can come, and showing what matters of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use domain::tenant::Who;
use slack::inbound::{
    BlockActions, EventBody, Message, Payload, SlackEvent, receive, receive_frame,
};

pub(super) const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
pub(super) const JSON: Option<&str> = Some("application/json; charset=utf-8");

/// A file of `tests/fixtures/slack`.
macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/slack/", $name))
    };
}

/// An interaction as it comes over HTTP: a form with the JSON in one field.
pub(super) fn interaction(payload: &str) -> Payload {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let received = receive(FORM, &form.append_pair("payload", payload).finish()).unwrap();
    let framed = receive_frame("interactive", serde_json::from_str(payload).unwrap()).unwrap();
    assert_eq!(received, framed, "a frame says what a request says");
    received
}

pub(super) fn event(body: &str) -> SlackEvent {
    let received = receive(JSON, body).unwrap();
    let Payload::SlackEvent(event) = received else { panic!("{received:?}") };
    event
}

pub(super) fn message(event: &SlackEvent) -> &Message {
    match &event.what {
        EventBody::Message(message) => message,
        EventBody::MessageChanged(other) => panic!("{other:?}"),
        EventBody::Other(other) => panic!("{other}"),
    }
}

pub(super) fn clicked(payload: &str) -> BlockActions {
    let received = interaction(payload);
    let Payload::BlockActions(clicked) = received else { panic!("{received:?}") };
    clicked
}

/// Team, enterprise, user, the user's team; `-` for none, `*` after an organisation-wide install.
pub(super) fn names(who: &Who) -> String {
    let team = |id: &Option<_>| id.as_ref().map_or("-".to_owned(), ToString::to_string);
    let user = who.user.as_ref().map_or("-", |user| user.as_str());
    let wide = if who.org_wide { "*" } else { "" };
    format!("{} {}{wide} {user} {}", team(&who.team), team(&who.enterprise), team(&who.user_team))
}

pub(super) use fixture;
