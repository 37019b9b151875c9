//! From bytes, or a frame, to [`Payload`].

use super::blocks;
use super::json::{at, flag, id, owned, secret, text};
use super::{
    BlockActions, BlockSuggestion, Container, EventBody, Message, MessageChange, MessageShortcut,
    Payload, Shortcut, SlackEvent, SlashCommand, UsedElement, Values, View, ViewClosed,
    ViewSubmission, who,
};
use crate::json;
use crate::mrkdwn::decode;
use domain::ids::{ChannelId, MessageTs, UserId};
use domain::inbound::Forwarded;
use domain::secret::Secret;
use domain::task::FileRef;
use domain::tenant::Who;
use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;

/// Not a delivery of Slack's in any shape; to be answered with 400. Says nothing of what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The content type is neither a form's nor JSON's.
    #[error("neither a form nor JSON")]
    ContentType,
    /// A form that holds neither a command, nor a payload, nor a check.
    #[error("a form without a command or a payload")]
    Form,
    /// JSON that cannot be read, or is no object, or does not say what it is.
    #[error("not a JSON object with a type")]
    Json,
}

/// Reads a request that Slack has signed, whichever of our URLs it came to: forms with a `payload`
/// are interactions, other forms commands, JSON is an event. [Slack: request kinds]
///
/// # Errors
/// [`Malformed`] when it is nothing that Slack sends. Unknown kinds are not: [`Payload::Other`].
pub fn receive(content_type: Option<&str>, body: &str) -> Result<Payload, Malformed> {
    let essence = content_type.and_then(|full| full.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        typed(&parsed(body)?)
    } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        form(body)
    } else {
        Err(Malformed::ContentType)
    }
}

/// Reads the payload of a Socket Mode frame, whose `type` is `kind`. It is what a request would have
/// carried, as JSON, slash commands too. [Slack: using Socket Mode]
///
/// # Errors
/// [`Malformed`] when the payload is not what the frame says. Unknown kinds are [`Payload::Other`].
#[expect(clippy::needless_pass_by_value, reason = "a payload is received once")]
pub fn receive_frame(kind: &str, payload: Value) -> Result<Payload, Malformed> {
    match kind {
        "slash_commands" => command(
            |name| payload.get(name)?.as_str().filter(|text| !text.is_empty()),
            || who::of(&payload),
        )
        .ok_or(Malformed::Form),
        "events_api" | "interactive" => typed(&payload),
        _ => Ok(Payload::Other { kind: kind.to_owned() }),
    }
}

fn parsed(body: &str) -> Result<Value, Malformed> {
    json::parse(body).map_err(|_| Malformed::Json)
}

/// The room for the fields of a form: a command has fewer.
const FIELDS: usize = 16;

fn form(body: &str) -> Result<Payload, Malformed> {
    let mut fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::with_capacity(FIELDS);
    fields.extend(url::form_urlencoded::parse(body.as_bytes()));
    // The last of a name counts; an empty one says nothing.
    let field = |name: &str| {
        let (_, value) = fields.iter().rfind(|(known, _)| known == name)?;
        Some(&**value).filter(|value| !value.is_empty())
    };
    if let Some(payload) = field("payload") {
        return typed(&parsed(payload)?);
    }
    // The check of our certificate comes to the command's URL, but without a command.
    match (command(field, || who::of_form(field)), field("ssl_check")) {
        (Some(command), _) => Ok(command),
        (None, Some("1")) => Ok(Payload::SslCheck),
        (None, _) => Err(Malformed::Form),
    }
}

/// Everything that says by its `type` what it is.
fn typed(p: &Value) -> Result<Payload, Malformed> {
    let kind = p.get("type").and_then(Value::as_str).ok_or(Malformed::Json)?;
    Ok(match kind {
        "block_actions" => Payload::BlockActions(clicked(p)),
        "view_submission" => Payload::ViewSubmission(ViewSubmission {
            who: who::of(p),
            view: view(p).unwrap_or_default(),
            trigger: secret(p, "/trigger_id"),
        }),
        "view_closed" => Payload::ViewClosed(ViewClosed {
            who: who::of(p),
            view: view(p).unwrap_or_default(),
            all: flag(p, "/is_cleared").unwrap_or(false),
        }),
        "shortcut" => Payload::Shortcut(Shortcut {
            who: who::of(p),
            callback_id: owned(p, &["/callback_id"]).unwrap_or_default(),
            trigger: secret(p, "/trigger_id"),
        }),
        "message_action" => Payload::MessageShortcut(message_shortcut(p)),
        "block_suggestion" => Payload::BlockSuggestion(BlockSuggestion {
            who: who::of(p),
            action_id: owned(p, &["/action_id"]).unwrap_or_default(),
            block_id: owned(p, &["/block_id"]),
            query: owned(p, &["/value"]).unwrap_or_default(),
            view: view(p),
        }),
        "event_callback" => Payload::SlackEvent(event(p)),
        "url_verification" => Payload::Challenge(owned(p, &["/challenge"]).ok_or(Malformed::Json)?),
        other => Payload::Other { kind: other.to_owned() },
    })
}

/// A command is texts under names, in a form as in a frame.
fn command<'a>(
    field: impl Fn(&str) -> Option<&'a str>,
    who: impl FnOnce() -> Who,
) -> Option<Payload> {
    Some(Payload::SlashCommand(SlashCommand {
        command: field("command")?.to_owned(),
        who: who(),
        channel: field("channel_id").and_then(|id| ChannelId::parse(id).ok()),
        channel_name: field("channel_name").map(str::to_owned),
        text: field("text").unwrap_or_default().to_owned(),
        trigger: field("trigger_id").map(Secret::new),
        response_url: field("response_url").map(Secret::new),
    }))
}

fn clicked(p: &Value) -> BlockActions {
    BlockActions {
        who: who::of(p),
        container: Container {
            message_ts: id(p, &["/container/message_ts", "/message/ts"], MessageTs::parse),
            channel: id(p, &["/container/channel_id", "/channel/id"], ChannelId::parse),
            thread_ts: id(p, &["/container/thread_ts", "/message/thread_ts"], MessageTs::parse),
            view_id: owned(p, &["/container/view_id", "/view/id"]),
            ephemeral: flag(p, "/container/is_ephemeral").unwrap_or(false),
        },
        view: view(p),
        actions: p
            .get("actions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(action)
            .collect(),
        trigger: secret(p, "/trigger_id"),
        response_url: secret(p, "/response_url"),
    }
}

fn action(a: &Value) -> Option<UsedElement> {
    Some(UsedElement {
        action_id: owned(a, &["/action_id"])?,
        block_id: owned(a, &["/block_id"]),
        value: owned(a, &["/value"]),
        selected: owned(a, &["/selected_option/value"]),
        selected_label: owned(a, &["/selected_option/text/text"]),
        action_ts: owned(a, &["/action_ts"]),
    })
}

fn view(p: &Value) -> Option<View> {
    let view = p.get("view").filter(|view| view.is_object())?;
    Some(View {
        id: owned(view, &["/id"]),
        hash: owned(view, &["/hash"]),
        is_home: text(view, &["/type"]) == Some("home"),
        callback_id: owned(view, &["/callback_id"]),
        private_metadata: owned(view, &["/private_metadata"]).unwrap_or_default(),
        values: Values::of(view, "/state/values"),
    })
}

fn message_shortcut(p: &Value) -> MessageShortcut {
    let message = read_message(&p["message"]);
    MessageShortcut {
        who: who::of(p),
        callback_id: owned(p, &["/callback_id"]).unwrap_or_default(),
        channel: id(p, &["/channel/id"], ChannelId::parse),
        message_ts: id(p, &["/message_ts", "/message/ts"], MessageTs::parse),
        thread_ts: id(p, &["/message/thread_ts"], MessageTs::parse),
        author: id(p, &["/message/user"], UserId::parse),
        text: message.text,
        files: message.files,
        forwarded: message.forwarded,
        trigger: secret(p, "/trigger_id"),
        response_url: secret(p, "/response_url"),
    }
}

fn event(p: &Value) -> SlackEvent {
    let kind = owned(p, &["/event/type"]).unwrap_or_default();
    let subtype = text(p, &["/event/subtype"]);
    let what = match (kind.as_str(), subtype, at(p, "/event")) {
        ("message", Some("message_changed"), Some(event)) => {
            EventBody::MessageChanged(Box::new(change(event)))
        }
        ("message" | "app_mention", _, Some(event)) => {
            EventBody::Message(Box::new(message(event, event)))
        }
        (_, _, event) => EventBody::Other(event.cloned().unwrap_or_default()),
    };
    let at = p["event_time"].as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    SlackEvent { who: who::of(p), event_id: owned(p, &["/event_id"]), kind, at, what }
}

/// A message as it is now, and what it said before.
fn change(event: &Value) -> MessageChange {
    MessageChange {
        message: message(event, &event["message"]),
        before: owned(event, &["/previous_message/text"]),
        edited: event["message"]["edited"].is_object(),
    }
}

/// A message as Slack lists it, by itself.
pub(crate) fn read_message(m: &Value) -> Message {
    message(m, m)
}

/// A message `m`, in the place that `event` says.
fn message(event: &Value, m: &Value) -> Message {
    Message {
        channel: id(event, &["/channel"], ChannelId::parse),
        channel_type: owned(event, &["/channel_type"]),
        user: id(m, &["/user"], UserId::parse),
        bot_id: owned(m, &["/bot_id"]),
        app_id: owned(m, &["/app_id"]),
        subtype: owned(m, &["/subtype"]),
        text: said(m),
        ts: id(m, &["/ts"], MessageTs::parse),
        thread_ts: id(m, &["/thread_ts"], MessageTs::parse),
        hidden: flag(m, "/hidden").unwrap_or(false),
        parent: id(m, &["/parent_user_id"], UserId::parse),
        files: list(m, "files").map(file).collect(),
        forwarded: list(m, "attachments")
            .filter(|attachment| attachment["is_share"] == true)
            .map(forwarded)
            .collect(),
        edited: m["edited"].is_object(),
    }
}

/// What a message says: its text, else that of its blocks, else, of an app's alert, that of its attachments.
fn said(m: &Value) -> String {
    let of_blocks = || Some(blocks::words(&m["blocks"])).filter(|words| !words.is_empty());
    let of_alert = || {
        let own = list(m, "attachments").filter(|attachment| is_own(attachment));
        let lines = own.map(alert).filter(|words| !words.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    };
    owned(m, &["/text"]).or_else(of_blocks).unwrap_or_else(of_alert)
}

/// Whether an attachment is a part of the message, rather than a message that is forwarded or a preview of a
/// link.
fn is_own(attachment: &Value) -> bool {
    attachment["is_share"] != true && attachment["from_url"].is_null()
}

fn alert(attachment: &Value) -> String {
    let parts: Vec<String> = ["/pretext", "/title", "/text"]
        .iter()
        .filter_map(|part| owned(attachment, &[part]))
        .collect();
    let of_blocks = blocks::words(&attachment["blocks"]);
    match (parts.is_empty(), of_blocks.is_empty()) {
        (false, _) => parts.join("\n"),
        (true, false) => of_blocks,
        (true, true) => owned(attachment, &["/fallback"]).unwrap_or_default(),
    }
}

fn list<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// A message that was forwarded: an attachment with its text, or only with its blocks.
fn forwarded(a: &Value) -> Forwarded {
    let copy = || blocks::words(at(a, "/message_blocks/0/message/blocks").unwrap_or(&a["blocks"]));
    Forwarded {
        author: owned(a, &["/author_name", "/author_subname", "/author_id"]),
        words: decode(&owned(a, &["/text"]).unwrap_or_else(copy)),
        files: list(a, "files").map(file).collect(),
    }
}

/// A file that cannot be seen from here (Slack Connect) has an id and nothing else.
fn file(f: &Value) -> FileRef {
    FileRef::new(
        text(f, &["/name", "/title", "/id"]).unwrap_or_default(),
        f.get("size").and_then(Value::as_u64).unwrap_or(0),
        owned(f, &["/url_private_download", "/url_private"]),
    )
}
