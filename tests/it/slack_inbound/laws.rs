//! What holds for every payload: it has a name, and nothing in it breaks the reader.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use super::reading::*;
use domain::ids::DeliveryId;
use proptest::prelude::*;
use serde_json::Value;
use slack::inbound::{receive, receive_frame};

/// The names of everything that can be delivered.
fn deliveries() -> Vec<DeliveryId> {
    [
        receive(FORM, fixture!("command.form")).unwrap(),
        receive(FORM, fixture!("command_org_wide_in_dm.form")).unwrap(),
        interaction(fixture!("block_actions_button_in_thread.json")),
        interaction(fixture!("block_actions_select_in_modal_org_wide.json")),
        interaction(fixture!("view_submission.json")),
        interaction(fixture!("view_closed.json")),
        interaction(fixture!("shortcut.json")),
        interaction(fixture!("message_action_in_org.json")),
        receive(JSON, fixture!("event_message_thread_reply.json")).unwrap(),
        receive(JSON, fixture!("event_tokens_revoked.json")).unwrap(),
        receive(JSON, fixture!("event_app_mention.json")).unwrap(),
    ]
    .iter()
    .map(|received| received.delivery_id().unwrap())
    .collect()
}

#[test]
fn a_redelivery_has_the_same_name_and_nothing_else_has() {
    let names = deliveries();
    assert_eq!(names, deliveries());
    let distinct: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn a_second_click_is_another_delivery() {
    let fixture = fixture!("block_actions_button_in_thread.json");
    let again = fixture.replace("1721609700.123456", "1721609701.000000");
    assert_ne!(interaction(fixture).delivery_id(), interaction(&again).delivery_id());
    // The trigger and the response URL are new each time, and are not what makes it another.
    let redelivered = fixture.replace("13345224609.8534564800", "1.2");
    assert_eq!(interaction(fixture).delivery_id(), interaction(&redelivered).delivery_id());
}

#[test]
fn an_event_without_an_id_is_named_by_what_is_in_it() {
    for fixture in
        [fixture!("event_message_thread_reply.json"), fixture!("event_tokens_revoked.json")]
    {
        let nameless = fixture.replace("\"event_id\"", "\"was_event_id\"");
        let other = nameless.replace("U0BOT", "U1BOT").replace("000300", "000301");
        let id = |body: &str| receive(JSON, body).unwrap().delivery_id();
        assert_eq!(id(&nameless), id(&nameless));
        assert_ne!(id(&nameless), id(&other));
    }
}

/// Any JSON at all, with the names that are looked for among its keys.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[TEUC][0-9]{1,8}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "type",
        "team",
        "id",
        "user",
        "view",
        "state",
        "values",
        "actions",
        "event",
        "message",
        "channel",
        "authorizations",
        "container",
        "selected_option",
        "text",
        "enterprise",
        "command",
        "files",
        "payload",
        "team_id",
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "block_actions",
        "view_submission",
        "view_closed",
        "shortcut",
        "message_action",
        "block_suggestion",
        "event_callback",
        "url_verification",
        "unknown",
    ])
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(body in ".*", json: bool) {
        let _ = receive(if json { JSON } else { FORM }, &body);
    }

    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>, json: bool) {
        let _ = receive(if json { JSON } else { FORM }, &String::from_utf8_lossy(&body));
    }

    /// Whatever the fields hold, a payload that says what it is is received, and can be named.
    #[test]
    fn no_shape_of_a_payload_is_refused(mut payload in json_value(), kind in kind()) {
        if let Value::Object(fields) = &mut payload {
            fields.insert("type".to_owned(), kind.into());
            fields.insert("challenge".to_owned(), "c".into());
            let received = receive(JSON, &payload.to_string()).unwrap();
            let framed = receive_frame("events_api", payload).unwrap();
            prop_assert_eq!(received.delivery_id(), framed.delivery_id());
            prop_assert_eq!(received, framed);
        } else {
            prop_assert!(receive(JSON, &payload.to_string()).is_err());
        }
    }
}
