//! `conversations.*` and `users.conversations`: which channels there are, and what was said in them.

use super::answer::{Answer, Refusal, fields};
use super::channel::{Channel, Kind, Message};
use super::chat::visible;
use super::events;
use super::model::fixed;
use super::payload;
use super::routes::Ask;
use serde_json::{Value, json};

/// What an app that is sold outside the Marketplace reads at a time (reference section 0, no. 10).
const DISTRIBUTED: usize = 15;

pub(super) fn info(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let channel = visible(ask.world, &id)?;
    scoped(ask, channel, "read")?;
    let mut shown = payload::channel(ask.world, channel);
    if !ask.args.flag("include_num_members")
        && let Some(map) = shown.as_object_mut()
    {
        map.remove("num_members");
    }
    Ok(fields(json!({ "channel": shown })))
}

pub(super) fn history(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let channel = readable(ask, &id)?;
    let found: Vec<&Message> = channel
        .messages
        .iter()
        .rev()
        .filter(|message| message.only_for.is_none() && (message.is_root() || message.broadcast))
        .filter(|message| in_window(ask, &message.ts))
        .collect();
    page(ask, channel, &found)
}

pub(super) fn replies(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let ts = ask.args.need("ts")?;
    let channel = readable(ask, &id)?;
    let asked = channel.message(&ts).ok_or_else(|| Refusal::new("thread_not_found"))?;
    // Asked with a reply's own ts, Slack answers with that reply alone.
    let mut found = vec![asked];
    if asked.is_root() {
        found.extend(channel.replies(&ts).filter(|message| in_window(ask, &message.ts)));
    }
    page(ask, channel, &found)
}

/// `oldest` and `latest` leave out their own ends unless `inclusive`.
fn in_window(ask: &Ask<'_>, ts: &str) -> bool {
    let inclusive = ask.args.flag("inclusive");
    let bound = |name: &str| ask.args.text(name).and_then(|text| text.parse::<f64>().ok());
    let Ok(at) = ts.parse::<f64>() else { return true };
    let after = bound("oldest").is_none_or(|oldest| at > oldest || (inclusive && at == oldest));
    let before = bound("latest").is_none_or(|latest| at < latest || (inclusive && at == latest));
    after && before
}

fn page(ask: &Ask<'_>, channel: &Channel, found: &[&Message]) -> Answer {
    let with_metadata = ask.args.flag("include_all_metadata");
    let most = if ask.world.settings.distributed { DISTRIBUTED } else { 1000 };
    let (found, next) = cut(ask, found.to_vec(), 100.min(most), most)?;
    let messages: Vec<Value> =
        found.iter().map(|message| payload::message(channel, message, with_metadata)).collect();
    let mut answer = fields(json!({ "messages": messages, "has_more": !next.is_empty() }));
    // These two leave `response_metadata` out when there is no more.
    if !next.is_empty() {
        answer.insert("response_metadata".to_owned(), json!({ "next_cursor": next }));
    }
    Ok(answer)
}

pub(super) fn open(ask: &mut Ask<'_>) -> Answer {
    let users = ask.args.need("users")?;
    let user = ask.world.user(&users).filter(|user| !user.bot);
    let user = user.ok_or_else(|| Refusal::new("user_not_found"))?;
    if user.deleted {
        return Err(Refusal::new("user_disabled"));
    }
    let id = ask.world.direct(&users, ask.now).unwrap_or_default();
    Ok(fields(json!({ "channel": { "id": id } })))
}

pub(super) fn list(ask: &mut Ask<'_>) -> Answer {
    listed(ask, |channel| channel.kind == Kind::Public || channel.has_bot())
}

/// `users.conversations`: the ones the bot (or the given user) is in, as far as the bot can see.
pub(super) fn of_user(ask: &mut Ask<'_>) -> Answer {
    let user = ask.args.text("user").unwrap_or_else(|| fixed::BOT_USER.to_owned());
    listed(ask, |channel| {
        channel.members.contains(&user) && (channel.kind == Kind::Public || channel.has_bot())
    })
}

/// Each of the wanted types needs its own scope.
fn listed(ask: &Ask<'_>, wanted: impl Fn(&Channel) -> bool) -> Answer {
    ask.names_workspace()?;
    let types = ask.args.text("types").unwrap_or_else(|| "public_channel".to_owned());
    let types: Vec<&str> = types.split(',').map(str::trim).collect();
    for kind in &types {
        ask.has_scope(match *kind {
            "public_channel" => "channels:read",
            "private_channel" => "groups:read",
            "im" => "im:read",
            "mpim" => "mpim:read",
            _ => return Err(Refusal::new("invalid_types")),
        })?;
    }
    let skip_archived = ask.args.flag("exclude_archived");
    let all = ask
        .world
        .channels
        .iter()
        .filter(|channel| wanted(channel) && types.contains(&type_of(channel)))
        .filter(|channel| !(skip_archived && channel.archived))
        .map(|channel| payload::channel(ask.world, channel))
        .collect();
    let (channels, next) = paged(ask, all, 100)?;
    Ok(fields(json!({ "channels": channels, "response_metadata": { "next_cursor": next } })))
}

fn type_of(channel: &Channel) -> &'static str {
    match channel.kind {
        Kind::Public => "public_channel",
        Kind::Private => "private_channel",
        Kind::WithApp | Kind::Between => "im",
    }
}

pub(super) fn members(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let channel = visible(ask.world, &id)?;
    scoped(ask, channel, "read")?;
    let all = channel.members.iter().map(|id| json!(id)).collect();
    let (members, next) = paged(ask, all, 100)?;
    Ok(fields(json!({ "members": members, "response_metadata": { "next_cursor": next } })))
}

pub(super) fn join(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let channel = visible(ask.world, &id)?;
    if channel.kind != Kind::Public {
        return Err(Refusal::new("method_not_supported_for_channel_type"));
    }
    if channel.archived {
        return Err(Refusal::new("is_archived"));
    }
    let already = channel.has_bot();
    if let Some(channel) = ask.world.channel_mut(&id) {
        channel.members.insert(fixed::BOT_USER.to_owned());
    }
    let mut answer = fields(json!({}));
    if already {
        answer.insert("warning".to_owned(), json!("already_in_channel"));
        let warnings = json!({ "warnings": ["already_in_channel"] });
        answer.insert("response_metadata".to_owned(), warnings);
    } else {
        events::membership(ask.world, "member_joined_channel", &id, fixed::BOT_USER, ask.now);
    }
    let channel = visible(ask.world, &id)?;
    answer.insert("channel".to_owned(), payload::channel(ask.world, channel));
    Ok(answer)
}

/// A channel whose messages the bot may read: it has to be in it.
fn readable<'a>(ask: &'a Ask<'_>, id: &str) -> Result<&'a Channel, Refusal> {
    let channel = visible(ask.world, id)?;
    scoped(ask, channel, "history")?;
    if channel.has_bot() { Ok(channel) } else { Err(Refusal::new("not_in_channel")) }
}

/// The scope depends on the sort of channel: `channels:read`, `groups:read` or `im:read`.
fn scoped(ask: &Ask<'_>, channel: &Channel, what: &str) -> Result<(), Refusal> {
    let family = match channel.kind {
        Kind::Public => "channels",
        Kind::Private => "groups",
        Kind::WithApp | Kind::Between => "im",
    };
    ask.has_scope(&format!("{family}:{what}"))
}

/// One page of `all` and the cursor of the next, empty at the end. A cursor is only good for the call
/// it came from, so a made-up one is refused.
pub(super) fn paged(
    ask: &Ask<'_>,
    all: Vec<Value>,
    usual: usize,
) -> Result<(Vec<Value>, String), Refusal> {
    cut(ask, all, usual, 1000)
}

fn cut<T>(
    ask: &Ask<'_>,
    all: Vec<T>,
    usual: usize,
    most: usize,
) -> Result<(Vec<T>, String), Refusal> {
    let limit = ask.args.limit(usual, most)?;
    let from = match ask.args.text("cursor") {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("page:")
            .and_then(|at| at.strip_suffix('='))
            .and_then(|at| at.parse::<usize>().ok())
            .ok_or_else(|| Refusal::new("invalid_cursor"))?,
    };
    let end = from.saturating_add(limit);
    let next = if end < all.len() { format!("page:{end}=") } else { String::new() };
    Ok((all.into_iter().skip(from).take(limit).collect(), next))
}
