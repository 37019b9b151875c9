//! Events: what happened in the workspace, told to the app if it subscribed, again and again until it
//! listens.
//!
//! Source: reference section 11 (Slack: Events API). Nothing is sent from here; events wait in a queue
//! until someone pumps it, so that a test decides when they arrive.

use super::channel::{Author, Channel, Kind, Message, seconds};
use super::deliver::{Ack, Failure, To};
use super::model::{World, fixed};
use super::server::SimSlack;
use super::{payload, text};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Seconds until each retry (Slack: Events API, "Retries").
const RETRIES: [i64; 3] = [0, 60, 300];

/// Events on their way.
#[derive(Debug, Default)]
pub(super) struct Queue {
    fresh: VecDeque<Event>,
    again: Vec<Event>,
    /// The names of events that are held back, and those that were.
    holding: BTreeSet<String>,
    held: VecDeque<Event>,
    /// The last event that was sent, by name.
    sent: BTreeMap<String, Event>,
}

#[derive(Debug, Clone)]
struct Event {
    /// As the app's settings call it: `message.channels`, `app_mention`, …
    name: String,
    body: Value,
    /// How many retries there were, the next one included.
    retry: usize,
    due: Timestamp,
    reason: &'static str,
}

/// Puts an event in the queue, if the app subscribed to it.
fn happened(world: &mut World, name: &str, event: Value, now: Timestamp) {
    if world.settings.subscribed.contains(name) {
        let event = wrapped(world, name, event, now);
        let queue = &mut world.events;
        if queue.holding.contains(name) { &mut queue.held } else { &mut queue.fresh }
            .push_back(event);
    }
}

/// The app was removed, and its token revoked: both are told, after that.
pub(super) fn app_left(world: &mut World, now: Timestamp) {
    happened(world, "app_uninstalled", json!({ "type": "app_uninstalled" }), now);
    let tokens = json!({ "oauth": [], "bot": [fixed::BOT_USER] });
    happened(world, "tokens_revoked", json!({ "type": "tokens_revoked", "tokens": tokens }), now);
}

/// An event in the envelope that all events come in.
fn wrapped(world: &mut World, name: &str, mut event: Value, now: Timestamp) -> Event {
    let n = world.next();
    let shared = event["channel"].as_str().and_then(|id| world.channel(id));
    let shared = shared.is_some_and(|channel| channel.shared);
    if event["event_ts"].is_null() {
        event["event_ts"] = json!(seconds(now));
    }
    let body = json!({
        "token": fixed::OLD_TOKEN,
        "team_id": world.team.id,
        "enterprise_id": world.organisation,
        "context_team_id": world.team.id,
        "context_enterprise_id": world.organisation,
        "api_app_id": fixed::APP,
        "event": event,
        "type": "event_callback",
        "event_id": format!("Ev{n:08}{}", &world.team.id[2..]),
        "event_time": now.as_second(),
        "authorizations": [{
            "enterprise_id": world.organisation,
            "team_id": if world.grants.org_wide { Value::Null } else { json!(world.team.id) },
            "user_id": fixed::BOT_USER,
            "is_bot": true,
            "is_enterprise_install": world.grants.org_wide,
        }],
        "is_ext_shared_channel": shared,
        "event_context": format!("4-simulated-{n}"),
    });
    Event { name: name.to_owned(), body, retry: 0, due: now, reason: "" }
}

/// A message was posted: `message.*` where the bot is, and `app_mention` next to it when its text names
/// the bot.
pub(super) fn posted(world: &mut World, channel: &str, ts: &str, now: Timestamp) {
    let Some(there) = world.channel(channel).filter(|channel| channel.has_bot()) else { return };
    let Some(message) = there.message(ts) else { return };
    let mut event = payload::message(there, message, true);
    event["channel"] = json!(channel);
    event["event_ts"] = json!(ts);
    event["channel_type"] = json!(there.event_kind());
    let mention = calls_the_bot(there, message).then(|| mention_of(&event));
    both(world, (message_event(there), event), mention, now);
}

/// A person edited a message that read like this before. One that names the bot only now is a mention.
pub(super) fn edited(world: &mut World, channel: &str, old: &Message, now: Timestamp) {
    let Some(there) = world.channel(channel).filter(|channel| channel.has_bot()) else { return };
    let Some(message) = there.message(&old.ts) else { return };
    let new = calls_the_bot(there, message) && !calls_the_bot(there, old);
    let mention = new.then(|| {
        let mut event = payload::message(there, message, true);
        event["channel"] = json!(channel);
        event["event_ts"] = json!(seconds(now));
        mention_of(&event)
    });
    let mut event = change_of(there, message, now);
    event["previous_message"] = payload::message(there, old, true);
    both(world, (message_event(there), event), mention, now);
}

/// A message changed in another way than by a person's edit.
pub(super) fn changed(world: &mut World, channel: &str, ts: &str, now: Timestamp) {
    let Some(there) = world.channel(channel).filter(|channel| channel.has_bot()) else { return };
    let Some(message) = there.message(ts) else { return };
    let event = change_of(there, message, now);
    happened(world, message_event(there), event, now);
}

fn change_of(channel: &Channel, message: &Message, now: Timestamp) -> Value {
    json!({
        "type": "message",
        "subtype": "message_changed",
        "hidden": true,
        "ts": seconds(now),
        "channel": channel.id,
        "channel_type": channel.event_kind(),
        "message": payload::message(channel, message, true),
    })
}

/// In direct messages nobody has to be named, so there are no mentions.
fn calls_the_bot(channel: &Channel, message: &Message) -> bool {
    let said = message.author != Author::Slack;
    said && channel.kind != Kind::WithApp && text::mentions_bot(&message.text)
}

/// The `app_mention` of a `message` event: these fields of it and no others. Files are missing as they
/// are from Slack's own; what else isn't promised is left out, too.
fn mention_of(message: &Value) -> Value {
    const KEPT: [&str; 18] = [
        "user",
        "bot_id",
        "app_id",
        "username",
        "client_msg_id",
        "text",
        "blocks",
        "ts",
        "thread_ts",
        "parent_user_id",
        "team",
        "user_team",
        "source_team",
        "user_profile",
        "channel",
        "edited",
        "event_ts",
        "bot_profile",
    ];
    let mut event = Map::from_iter([("type".to_owned(), json!("app_mention"))]);
    for name in KEPT {
        if let Some(value) = message.get(name) {
            event.insert(name.to_owned(), value.clone());
        }
    }
    if message["subtype"] == "bot_message" {
        event.insert("subtype".to_owned(), json!("bot_message"));
    }
    Value::Object(event)
}

/// The two events of a mention, in the order that was asked for.
fn both(world: &mut World, (name, event): (&str, Value), mention: Option<Value>, now: Timestamp) {
    let last = world.settings.mention_last;
    let mut mention = mention.map(|mention| ("app_mention", mention));
    let first = mention.take_if(|_| !last);
    for (name, event) in first.into_iter().chain([(name, event)]).chain(mention) {
        happened(world, name, event, now);
    }
}

/// A message that everyone sees is about to be deleted.
pub(super) fn deleted(world: &mut World, channel: &str, ts: &str, now: Timestamp) {
    let Some(there) = world.channel(channel).filter(|channel| channel.has_bot()) else { return };
    if there.message(ts).is_none() {
        return;
    }
    let event = json!({
        "type": "message",
        "subtype": "message_deleted",
        "hidden": true,
        "ts": seconds(now),
        "deleted_ts": ts,
        "channel": channel,
        "channel_type": there.event_kind(),
    });
    let name = message_event(there);
    happened(world, name, event, now);
}

fn message_event(channel: &Channel) -> &'static str {
    match channel.kind {
        Kind::Public => "message.channels",
        Kind::Private => "message.groups",
        Kind::WithApp | Kind::Between => "message.im",
    }
}

/// Someone came or went; `name` is `member_joined_channel` or `member_left_channel`.
pub(super) fn membership(world: &mut World, name: &str, channel: &str, user: &str, now: Timestamp) {
    let Some(there) = world.channel(channel) else { return };
    if !there.has_bot() && user != fixed::BOT_USER {
        return;
    }
    let letter = if there.kind == Kind::Private { "G" } else { "C" };
    let event = json!({
        "type": name,
        "user": user,
        "channel": channel,
        "channel_type": letter,
        "team": world.team.id,
    });
    happened(world, name, event, now);
}

/// Something of a channel that the app hears of only where the bot is.
pub(super) fn of_channel(
    world: &mut World,
    channel: &str,
    name: &str,
    event: Value,
    now: Timestamp,
) {
    if world.channel(channel).is_some_and(Channel::has_bot) {
        happened(world, name, event, now);
    }
}

/// Someone put a reaction on a message, or removed it.
pub(super) fn reaction(
    world: &mut World,
    name: &str,
    (channel, ts): (&str, &str),
    emoji: &str,
    user: &str,
    now: Timestamp,
) {
    let Some(there) = world.channel(channel).filter(|channel| channel.has_bot()) else { return };
    let item_user = there.message(ts).map(|message| payload::author_id(message).to_owned());
    let event = json!({
        "type": name,
        "user": user,
        "reaction": emoji,
        "item_user": item_user,
        "item": { "type": "message", "channel": channel, "ts": ts },
    });
    happened(world, name, event, now);
}

/// Someone opened the app: its tab `home` or `messages`.
pub(super) fn home_opened(world: &mut World, user: &str, tab: &str, now: Timestamp) {
    let channel = world.direct(user, now);
    let view = world.homes.get(user).filter(|_| tab == "home");
    let view = view.and_then(|id| world.views.get(id));
    let view = view.map(|view| payload::view(world, view));
    let mut event = json!({
        "type": "app_home_opened",
        "user": user,
        "channel": channel,
        "tab": tab,
    });
    if let Some(view) = view {
        event["view"] = view;
    }
    happened(world, "app_home_opened", event, now);
}

/// A user group has other people now.
pub(super) fn group_changed(world: &mut World, id: &str, now: Timestamp) {
    let Some(group) = world.groups.get(id) else { return };
    let shown = payload::group(world, id, group);
    let event = json!({ "type": "subteam_updated", "subteam": shown });
    happened(world, "subteam_updated", event, now);
}

/// What `users.info` says of someone is different now.
pub(super) fn user_changed(world: &mut World, id: &str, now: Timestamp) {
    let Some(user) = world.user(id) else { return };
    let event = json!({ "type": "user_change", "user": payload::user(world, user) });
    happened(world, "user_change", event, now);
}

impl SimSlack {
    /// Delivers every event that waits for its first try, in order, and gives the app's answers. The
    /// app's own posts wait here too, until this is called.
    pub async fn deliver_events(&self) -> Vec<Ack> {
        let mut acks = Vec::new();
        while let Some(event) = self.change(|world| world.events.fresh.pop_front()) {
            acks.push(self.deliver(event, self.now()).await);
        }
        acks
    }

    /// Delivers the events whose retry is due at `now`: the app did not take them with a 2xx within
    /// three seconds. The first retry is due at once, the others a minute and five minutes later.
    pub async fn deliver_retries(&self, now: Timestamp) -> Vec<Ack> {
        let due = self.change(|world| {
            let (due, later) = std::mem::take(&mut world.events.again)
                .into_iter()
                .partition::<Vec<_>, _>(|event| event.due <= now);
            world.events.again = later;
            due
        });
        let mut acks = Vec::new();
        for event in due {
            acks.push(self.deliver(event, now).await);
        }
        acks
    }

    /// Holds back the events of these names that happen from now on (`app_mention`, `message.channels`,
    /// …), until [`SimSlack::release_events`].
    pub fn hold_events(&self, names: &[&str]) {
        let names = names.iter().map(|&name| name.to_owned());
        self.change(|world| world.events.holding.extend(names));
    }

    /// Holds nothing back any more, and delivers what was held.
    pub async fn release_events(&self) -> Vec<Ack> {
        self.change(|world| {
            let queue = &mut world.events;
            queue.holding.clear();
            queue.fresh.append(&mut queue.held);
        });
        self.deliver_events().await
    }

    /// Delivers the last event of this name again, as Slack does when an answer got lost: the same
    /// `event_id`, whatever the app answered. `None` when there was no such event.
    pub async fn redeliver_event(&self, name: &str) -> Option<Ack> {
        let sent = self.change(|world| world.events.sent.get(name).cloned())?;
        let again = Event { retry: sent.retry + 1, reason: Failure::Timeout.reason(), ..sent };
        Some(self.deliver(again, self.now()).await)
    }

    /// How many events still wait, for their first try or for another.
    #[must_use]
    pub fn waiting_events(&self) -> usize {
        self.read(|world| {
            let queue = &world.events;
            queue.fresh.len() + queue.held.len() + queue.again.len()
        })
    }

    /// Sends the app an event of any shape, subscribed or not, wrapped as Slack wraps events.
    pub async fn sends_event(&self, event: Value) -> Ack {
        let now = self.now();
        let name = event["type"].as_str().unwrap_or_default().to_owned();
        let event = self.change(|world| wrapped(world, &name, event, now));
        self.deliver(event, now).await
    }

    /// Asks the app's URL to prove itself, as Slack does when the URL is entered.
    pub async fn verifies_url(&self, challenge: &str) -> Ack {
        let body = json!({
            "token": fixed::OLD_TOKEN,
            "challenge": challenge,
            "type": "url_verification",
        });
        self.send(To::Event, "application/json", body.to_string().into_bytes(), &[]).await
    }

    async fn deliver(&self, event: Event, now: Timestamp) -> Ack {
        self.change(|world| world.events.sent.insert(event.name.clone(), event.clone()));
        let body = event.body.to_string().into_bytes();
        let number = event.retry.to_string();
        let retry =
            [("x-slack-retry-num", number.as_str()), ("x-slack-retry-reason", event.reason)];
        let headers = if event.retry == 0 { &[][..] } else { &retry[..] };
        let ack = self.send(To::Event, "application/json", body, headers).await;
        if let (Some(failure), Some(wait)) = (&ack.failure, RETRIES.get(event.retry))
            && !ack.no_retry
        {
            let due = now.saturating_add(SignedDuration::from_secs(*wait)).unwrap_or(now);
            let again = Event { retry: event.retry + 1, due, reason: failure.reason(), ..event };
            self.change(|world| world.events.again.push(again));
        }
        ack
    }
}
