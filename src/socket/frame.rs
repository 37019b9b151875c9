//! What goes over a connection: what Slack says, and how it is acknowledged.
//! [Slack: using Socket Mode]

use serde_json::Value;
use slack::json;

/// One text frame from Slack.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// The connection takes deliveries from here on.
    Hello,
    /// The connection will end, and why.
    Disconnect(Reason),
    /// A delivery.
    Envelope(Envelope),
    /// Nothing that is known, and nothing that wants an answer.
    Other,
}

/// Why Slack ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It ends soon (`warning`, about ten seconds ahead), or another shall be opened
    /// (`refresh_requested`). A reason that is not known means the same: there has to be another.
    Refresh,
    /// More than ten connections stand (`too_many_websockets`).
    TooMany,
    /// Socket Mode was switched off in the app's settings (`link_disabled`).
    SwitchedOff,
}

/// A delivery, to be acknowledged by its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// What the acknowledgement names.
    pub id: String,
    /// `events_api`, `interactive`, `slash_commands`, or something new.
    pub kind: String,
    /// The acknowledgement may carry an answer.
    pub takes_answer: bool,
    /// What a request would have carried.
    pub payload: Value,
}

impl Frame {
    /// Reads a frame; what cannot be read is [`Frame::Other`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        let Ok(mut frame) = json::parse(text) else { return Self::Other };
        let kind = frame["type"].as_str().unwrap_or_default().to_owned();
        if let Some(id) = frame["envelope_id"].as_str().filter(|id| !id.is_empty()) {
            return Self::Envelope(Envelope {
                id: id.to_owned(),
                kind,
                takes_answer: frame["accepts_response_payload"] == true,
                payload: frame["payload"].take(),
            });
        }
        match kind.as_str() {
            "hello" => Self::Hello,
            "disconnect" => Self::Disconnect(match frame["reason"].as_str() {
                Some("link_disabled") => Reason::SwitchedOff,
                Some("too_many_websockets") => Reason::TooMany,
                Some(_) | None => Reason::Refresh,
            }),
            _ => Self::Other,
        }
    }
}

/// The acknowledgement of a delivery, with the answer if there is one.
#[must_use]
pub fn acknowledgement(id: &str, answer: Option<Value>) -> String {
    let mut ack = serde_json::json!({ "envelope_id": id });
    if let Some(answer) = answer {
        ack["payload"] = answer;
    }
    ack.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn slacks_own_examples_are_read() {
        let hello = r#"{"type":"hello","connection_info":{"app_id":"A1234"},"num_connections":1}"#;
        assert_eq!(Frame::read(hello), Frame::Hello);
        let command = include_str!("../../tests/fixtures/slack/socket_slash_command.json");
        let Frame::Envelope(envelope) = Frame::read(command) else { panic!("no envelope") };
        assert_eq!(envelope.id, "dbdd0ef3-1543-4f94-bfb4-133d0e6c1545");
        assert_eq!((envelope.kind.as_str(), envelope.takes_answer), ("slash_commands", true));
        assert_eq!(envelope.payload["command"], "/jules");
    }

    #[test]
    fn every_reason_to_disconnect_means_something() {
        for (reason, meaning) in [
            (r#""warning""#, Reason::Refresh),
            (r#""refresh_requested""#, Reason::Refresh),
            (r#""link_disabled""#, Reason::SwitchedOff),
            (r#""too_many_websockets""#, Reason::TooMany),
            (r#""something_new""#, Reason::Refresh),
            ("null", Reason::Refresh),
        ] {
            let text = format!(r#"{{"type":"disconnect","reason":{reason}}}"#);
            assert_eq!(Frame::read(&text), Frame::Disconnect(meaning), "{text}");
        }
    }

    #[test]
    fn what_is_new_or_broken_is_no_error() {
        for text in ["", "{", "[]", "null", "5", r#"{"type":5}"#, r#"{"type":"new"}"#] {
            assert_eq!(Frame::read(text), Frame::Other, "{text}");
        }
        let new = r#"{"type":"new","envelope_id":"e1"}"#;
        let Frame::Envelope(envelope) = Frame::read(new) else { panic!("no envelope") };
        assert_eq!((envelope.kind.as_str(), envelope.takes_answer), ("new", false));
        assert_eq!(envelope.payload, Value::Null);
    }

    #[test]
    fn an_acknowledgement_carries_an_answer_only_when_there_is_one() {
        assert_eq!(acknowledgement("e1", None), r#"{"envelope_id":"e1"}"#);
        let answered = acknowledgement("e1", Some(json!({ "text": "hi" })));
        assert_eq!(answered, r#"{"envelope_id":"e1","payload":{"text":"hi"}}"#);
    }
}
