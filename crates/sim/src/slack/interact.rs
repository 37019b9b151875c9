//! What Slack sends when a person uses something: clicks, choices, forms, shortcuts.
//!
//! Source: reference section 4 (Slack: Interaction payloads).

use super::channel::{Channel, Kind, Message, seconds};
use super::model::{Origin, ReplyUrl, View, World, fixed};
use super::{payload, state};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

/// The one form field that interactions come in.
pub(super) fn form(payload: &Value) -> Vec<u8> {
    Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish()
        .into_bytes()
}

/// The fields of a slash command (reference section 3).
pub(super) fn command(
    world: &World,
    channel: &Channel,
    (user, user_name): (&str, &str),
    (command, text): (&str, &str),
    (trigger_id, response_url): (&str, &str),
) -> Vec<u8> {
    let channel_name = match channel.kind {
        Kind::Public => channel.name.as_str(),
        Kind::Private => "privategroup",
        Kind::WithApp | Kind::Between => "directmessage",
    };
    let (team, mut form) = (world.team, Serializer::new(String::new()));
    if let Some(organisation) = &world.organisation {
        form.append_pair("enterprise_id", organisation);
        form.append_pair("enterprise_name", team.name);
    }
    form.append_pair("token", fixed::OLD_TOKEN)
        .append_pair("team_id", team.id)
        .append_pair("team_domain", team.domain)
        .append_pair("channel_id", &channel.id)
        .append_pair("channel_name", channel_name)
        .append_pair("user_id", user)
        .append_pair("user_name", user_name)
        .append_pair("command", command)
        .append_pair("text", text)
        .append_pair("api_app_id", fixed::APP)
        .append_pair("is_enterprise_install", &world.grants.org_wide.to_string())
        .append_pair("response_url", response_url)
        .append_pair("trigger_id", trigger_id)
        .finish()
        .into_bytes()
}

fn envelope(world: &World, kind: &str, user: &str) -> Value {
    json!({
        "type": kind,
        "user": payload::actor(world, user),
        "api_app_id": fixed::APP,
        "token": fixed::OLD_TOKEN,
        "team": if world.grants.org_wide { Value::Null } else { payload::team(world) },
        "enterprise": world.organisation.as_ref().map(|id| json!({ "id": id, "name": "Acme" })),
        "is_enterprise_install": world.grants.org_wide,
    })
}

fn action(block_id: &str, element: &Value, value: Option<Value>, now: Timestamp) -> Value {
    let mut action = json!({
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": seconds(now),
    });
    // A button brings what it is; the others what was chosen.
    let own = ["text", "value", "style", "url"].into_iter().filter(|_| value.is_none());
    for name in own.filter(|name| !element[*name].is_null()) {
        action[name] = element[name].clone();
    }
    if let Some(Value::Object(map)) = value {
        for (name, value) in map {
            action[name] = value;
        }
    }
    action
}

/// Something in a message was used. `value` is what was chosen, and nothing for a button.
pub(super) fn in_message(
    world: &mut World,
    host: &str,
    user: &str,
    (channel_id, ts): (&str, &str),
    (block_id, element, value): (&str, &Value, Option<Value>),
    now: Timestamp,
) -> Option<Value> {
    let trigger = world.trigger(user, Origin::Channel(channel_id.to_owned()), now);
    let to = reply_to(user, channel_id, Some(ts), now);
    let path = world.reply_path("actions", to);
    let channel = world.channel(channel_id)?;
    let message = channel.any_message(ts)?;
    let mut out = envelope(world, "block_actions", user);
    let private = message.only_for.is_some();
    out["container"] = json!({
        "type": "message",
        "message_ts": ts,
        "channel_id": channel_id,
        "is_ephemeral": private,
    });
    let root = thread_of(channel, message);
    if let Some(root) = &root {
        out["container"]["thread_ts"] = json!(root);
    }
    out["trigger_id"] = json!(trigger);
    out["channel"] = json!({ "id": channel_id, "name": shown_name(channel) });
    if !private {
        out["message"] = payload::message(channel, message, true);
    }
    out["state"] = json!({ "values": state::values(&message.blocks, &message.chosen) });
    out["response_url"] = json!(format!("{host}{path}"));
    out["actions"] = json!([action(block_id, element, value, now)]);
    Some(out)
}

fn thread_of(channel: &Channel, message: &Message) -> Option<String> {
    let is_root = channel.replies(&message.ts).next().is_some();
    message.thread_ts.clone().or_else(|| is_root.then(|| message.ts.clone()))
}

fn shown_name(channel: &Channel) -> &str {
    match channel.kind {
        Kind::Public => &channel.name,
        Kind::Private => "privategroup",
        Kind::WithApp | Kind::Between => "directmessage",
    }
}

/// A fresh `response_url` that answers to this person in this channel.
pub(super) fn reply_to(
    user: &str,
    channel: &str,
    original: Option<&str>,
    now: Timestamp,
) -> ReplyUrl {
    ReplyUrl {
        made: now,
        uses: 0,
        user: user.to_owned(),
        channel: channel.to_owned(),
        original: original.map(str::to_owned),
    }
}

/// Something in a view was used. `views.push` needs a trigger from a modal: one from Home is none.
pub(super) fn in_view(
    world: &mut World,
    view: &View,
    (block_id, element, value): (&str, &Value, Option<Value>),
    now: Timestamp,
) -> Value {
    let from = match view.content["type"] == "home" {
        true => Origin::Elsewhere(None),
        false => Origin::Modal(view.channel.clone()),
    };
    let trigger = world.trigger(&view.user, from, now);
    let mut out = envelope(world, "block_actions", &view.user);
    out["container"] = json!({ "type": "view", "view_id": view.id });
    out["trigger_id"] = json!(trigger);
    out["view"] = payload::view(world, view);
    out["actions"] = json!([action(block_id, element, value, now)]);
    out
}

/// A form was submitted. There is no channel in it, and no `response_url`.
pub(super) fn submission(world: &mut World, view: &View, now: Timestamp) -> Value {
    let trigger = world.trigger(&view.user, Origin::Modal(view.channel.clone()), now);
    let mut out = envelope(world, "view_submission", &view.user);
    out["trigger_id"] = json!(trigger);
    out["view"] = payload::view(world, view);
    out["response_urls"] = json!([]);
    out
}

/// A form was closed; `all`: the whole stack, by the x.
pub(super) fn closed(world: &World, view: &View, all: bool) -> Value {
    let mut out = envelope(world, "view_closed", &view.user);
    out["view"] = payload::view(world, view);
    out["is_cleared"] = json!(all);
    out["response_urls"] = json!([]);
    out
}

/// Options are wanted for what was typed in an external select.
pub(super) fn suggestion(
    world: &World,
    view: &View,
    block_id: &str,
    element: &Value,
    typed: &str,
) -> Value {
    let mut out = envelope(world, "block_suggestion", &view.user);
    out["container"] = json!({ "type": "view", "view_id": view.id });
    out["view"] = payload::view(world, view);
    out["block_id"] = json!(block_id);
    out["action_id"] = element["action_id"].clone();
    out["value"] = json!(typed);
    out
}

/// A global shortcut, used while this channel was open. The app is not told which.
pub(super) fn shortcut(
    world: &mut World,
    user: &str,
    callback_id: &str,
    channel: Option<String>,
    now: Timestamp,
) -> Value {
    let trigger = world.trigger(user, Origin::Elsewhere(channel), now);
    let mut out = envelope(world, "shortcut", user);
    if let Some(map) = out.as_object_mut() {
        map.remove("api_app_id");
    }
    out["callback_id"] = json!(callback_id);
    out["trigger_id"] = json!(trigger);
    out["action_ts"] = json!(seconds(now));
    out
}

/// A shortcut on a message.
pub(super) fn message_action(
    world: &mut World,
    host: &str,
    user: &str,
    callback_id: &str,
    (channel_id, ts): (&str, &str),
    now: Timestamp,
) -> Option<Value> {
    let trigger = world.trigger(user, Origin::Channel(channel_id.to_owned()), now);
    let path = world.reply_path("app", reply_to(user, channel_id, None, now));
    let channel = world.channel(channel_id)?;
    let message = channel.message(ts)?;
    let mut out = envelope(world, "message_action", user);
    if let Some(map) = out.as_object_mut() {
        map.remove("api_app_id");
    }
    out["callback_id"] = json!(callback_id);
    out["trigger_id"] = json!(trigger);
    out["action_ts"] = json!(seconds(now));
    out["message_ts"] = json!(ts);
    out["channel"] = json!({ "id": channel_id, "name": shown_name(channel) });
    out["message"] = payload::message(channel, message, false);
    out["response_url"] = json!(format!("{host}{path}"));
    Some(out)
}
