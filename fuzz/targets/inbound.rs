//! What Slack sends: headers, bodies, frames.

use domain::secret::Secret;
use jiff::Timestamp;
use jules_slack::socket::frame::{Frame, acknowledgement};
use serde_json::Value;
use slack::action::Action;
use slack::form;
use slack::inbound::{Malformed, Payload, View, receive, receive_frame};
use slack::json;
use slack::verify::{Refused, Verifier, sign};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json");

/// The signature on the first line, the time on the second, then the body. Nothing is believed but
/// what the secret has signed, over these bytes, at this time.
pub(super) fn signature(data: &[u8]) {
    // That of Slack's own example, so that it counts.
    let now = Timestamp::from_second(1_531_420_618).expect("a time");
    let secret = Secret::new("8f742231b10e8888abcd99yyyzzz85a5");
    let verifier = Verifier::new(vec![secret.clone()]);

    let signed = sign(&secret, now, data);
    let time = now.as_second().to_string();
    assert_eq!(verifier.verify(Some(&signed), Some(&time), data, now), Ok(()));
    let longer = [data, b"x"].concat();
    assert_eq!(verifier.verify(Some(&signed), Some(&time), &longer, now), Err(Refused::Wrong));

    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let mut queue = || lines.next().and_then(|queue| std::str::from_utf8(queue).ok());
    let (signature, time) = (queue(), queue());
    let body = lines.next().unwrap_or_default();
    let believed = verifier.verify(signature, time, body, now).is_ok();
    if time == Some(now.as_second().to_string().as_str()) {
        assert_eq!(believed, signature == Some(&sign(&secret, now, body)));
    }
}

/// The body of a form: a command, an interaction, or Slack's check of our certificate.
pub(super) fn form(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let received = receive(FORM, text);
    assert_eq!(received, receive(Some("Application/X-www-form-urlencoded; x=y"), text));
    if let Ok(received) = received {
        taken(&received);
    }
}

/// The payload of an interaction, options among them: in a form it means what it means in a frame.
pub(super) fn interaction(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let received = receive(FORM, &form.append_pair("payload", text).finish());
    match json::parse(text) {
        Ok(payload) => assert_eq!(received, receive_frame("interactive", payload)),
        Err(_) => assert!(received.is_err()),
    }
    if let Ok(received) = received {
        taken(&received);
    }
}

/// The body of an event: as JSON it means what it means in a frame.
pub(super) fn event(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let received = receive(JSON, text);
    match json::parse(text) {
        Ok(payload) => assert_eq!(received, receive_frame("events_api", payload)),
        Err(_) => assert_eq!(received, Err(Malformed::Json)),
    }
    if let Ok(received) = received {
        taken(&received);
    }
}

/// A frame over Socket Mode. Whatever has an id is acknowledged under that id.
pub(super) fn frame(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Frame::Envelope(envelope) = Frame::read(text) else { return };
    let ack: Value = serde_json::from_str(&acknowledgement(&envelope.id, None)).expect("JSON");
    assert_eq!(ack["envelope_id"], envelope.id.as_str());
    if let Ok(received) = receive_frame(&envelope.kind, envelope.payload) {
        taken(&received);
    }
}

/// What holds for everything that is taken: it has one name, and whatever is in it can be looked at.
fn taken(received: &Payload) {
    assert_eq!(received.delivery_id(), received.clone().delivery_id());
    assert!(!format!("{received:?}").is_empty());
    match received {
        Payload::BlockActions(clicked) => {
            for action in &clicked.actions {
                let value = action.value.as_deref();
                if let Some(action) = Action::parse(&action.action_id, value) {
                    let again = Action::parse(&action.id(), action.value().as_deref());
                    assert_eq!(again, Some(action));
                }
            }
            clicked.view.iter().for_each(seen);
        }
        Payload::ViewSubmission(submitted) => seen(&submitted.view),
        Payload::ViewClosed(closed) => seen(&closed.view),
        Payload::BlockSuggestion(suggest) => suggest.view.iter().for_each(seen),
        Payload::SlashCommand(_)
        | Payload::Shortcut(_)
        | Payload::MessageShortcut(_)
        | Payload::SlackEvent(_)
        | Payload::Challenge(_)
        | Payload::SslCheck
        | Payload::Other { .. } => {}
    }
}

/// A form is read whatever became of its fields.
fn seen(view: &View) {
    let filled = form::read(view);
    assert!(filled.title.is_none_or(|title| !title.trim().is_empty()));
    let _ = (form::owner(view), form::picked_repo(view), form::read_changes(view));
    let _ = form::first_field(view);
}
