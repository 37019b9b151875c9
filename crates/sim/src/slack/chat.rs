//! `chat.*`: posting, changing and removing messages, with the refusals of reference section 13.

use super::answer::{Answer, Refusal, fields};
use super::blocks;
use super::channel::{Author, Channel, Kind, Message, seconds};
use super::model::World;
use super::routes::Ask;
use super::{draw, events, payload, state, text};
use jiff::Timestamp;
use serde_json::{Value, json};

/// `chat.postMessage` cuts `text` here (Slack: chat.postMessage).
const CUT: usize = 40_000;
/// `chat.update` and `chat.postEphemeral` refuse more (Slack: chat.update).
const MOST: usize = 4_000;
/// `markdown_text` (Slack: chat.postMessage).
const MOST_MARKDOWN: usize = 12_000;
/// Slack gives no size for `metadata_too_large`; this is generous and finite.
const MOST_METADATA: usize = 8_000;

/// What a message consists of.
pub(super) struct Content {
    pub(super) text: String,
    pub(super) blocks: Option<Vec<Value>>,
    pub(super) attachments: Option<Vec<Value>>,
    pub(super) metadata: Option<Value>,
    /// `text`, `blocks` or `attachments` were sent, not only metadata.
    pub(super) any: bool,
}

pub(super) fn post_message(ask: &mut Ask<'_>) -> Answer {
    let id = target(ask)?;
    let content = content(ask, For::Posting)?;
    let thread_ts = thread_of(ask, &id)?;
    let broadcast = ask.args.flag("reply_broadcast") && thread_ts.is_some();
    let mut message = message_of(Author::App, content);
    message.thread_ts = thread_ts;
    message.broadcast = broadcast;
    let ts = add(ask, &id, message)?;
    let channel = ask.world.channel(&id).ok_or_else(|| Refusal::new("channel_not_found"))?;
    let shown = channel.message(&ts).map(|message| payload::message(channel, message, true));
    let event = json!({ "channel": id, "ts": ts, "message": shown });
    events::posted(ask.world, &id, &ts, ask.now);
    Ok(fields(event))
}

pub(super) fn post_ephemeral(ask: &mut Ask<'_>) -> Answer {
    let id = writable(ask, &ask.args.need("channel")?)?;
    let user = ask.args.need("user")?;
    let content = content(ask, For::Posting)?;
    if content.text.chars().count() > MOST {
        return Err(Refusal::new("msg_too_long"));
    }
    let there = ask.world.channel(&id).is_some_and(|channel| channel.members.contains(&user));
    if !there {
        return Err(Refusal::new("user_not_in_channel"));
    }
    let thread_ts = thread_of(ask, &id)?;
    // Slack drops it silently in a thread that has no reply yet, for people who have left, and in direct
    // messages (reported of the threads there; the stricter reading is that it holds for all of them).
    let direct = ask.world.channel(&id).is_some_and(|channel| channel.kind == Kind::WithApp);
    let replied = thread_ts.as_ref().is_none_or(|root| {
        ask.world.channel(&id).is_some_and(|channel| channel.replies(root).next().is_some())
    });
    let active = ask.world.user(&user).is_some_and(|user| !user.deleted);
    let mut message = message_of(Author::App, content);
    message.thread_ts = thread_ts;
    message.only_for = Some(user);
    let ts = if replied && active && !direct {
        add(ask, &id, message)?
    } else {
        ask.world.channel_mut(&id).map(|channel| channel.next_ts(ask.now)).unwrap_or_default()
    };
    Ok(fields(json!({ "message_ts": ts })))
}

pub(super) fn update(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let ts = ask.args.need("ts")?;
    own_message(ask, &id, &ts, "cant_update_message")?;
    let archived = ask.world.channel(&id).is_some_and(|channel| channel.archived);
    if archived {
        return Err(Refusal::new("is_inactive"));
    }
    let content = content(ask, For::Changing)?;
    if content.text.chars().count() > MOST {
        return Err(Refusal::new("msg_too_long"));
    }
    let now = ask.now;
    let text = content.text.clone();
    change(ask.world, (&id, &ts), content, now);
    let channel = ask.world.channel(&id).ok_or_else(|| Refusal::new("channel_not_found"))?;
    let shown = channel.message(&ts).map(|message| payload::message(channel, message, true));
    events::changed(ask.world, &id, &ts, now);
    Ok(fields(json!({ "channel": id, "ts": ts, "text": text, "message": shown })))
}

/// Puts new content in the place of the old. With text alone the old blocks go; with blocks there is
/// no "edited" mark; metadata stays unless new one comes (Slack: chat.update).
pub(super) fn change(
    world: &mut World,
    (channel, ts): (&str, &str),
    content: Content,
    now: Timestamp,
) {
    let drawn = |world: &World| {
        let message = world.channel(channel).and_then(|channel| channel.any_message(ts));
        message.map(|message| draw::message(world, message))
    };
    let before = drawn(world);
    if let Some(message) = world.channel_mut(channel).and_then(|all| all.any_message_mut(ts)) {
        replace(message, content, now);
    }
    let seen = drawn(world) == before;
    if let Some(message) = world.channel_mut(channel).and_then(|all| all.any_message_mut(ts)) {
        message.read &= seen;
    }
}

fn replace(message: &mut Message, content: Content, now: Timestamp) {
    if content.any {
        message.edited = content.blocks.is_none().then(|| seconds(now));
        message.text = content.text;
        message.blocks = content.blocks.unwrap_or_default();
        message.attachments = content.attachments.unwrap_or_default();
    }
    if content.metadata.is_some() {
        message.metadata = content.metadata;
    }
    message.chosen = state::carried(&message.blocks, &message.chosen);
}

pub(super) fn delete(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let ts = ask.args.need("ts")?;
    own_message(ask, &id, &ts, "cant_delete_message")?;
    events::deleted(ask.world, &id, &ts, ask.now);
    remove(ask.world, &id, &ts);
    Ok(fields(json!({ "channel": id, "ts": ts })))
}

/// Removes a message. A root with replies leaves Slack's own line in its place.
pub(super) fn remove(world: &mut World, channel: &str, ts: &str) {
    let Some(channel) = world.channel_mut(channel) else { return };
    let has_replies = channel.replies(ts).next().is_some();
    if let Some(message) = channel.any_message_mut(ts).filter(|_| has_replies) {
        let mut left = Message::new(Author::Slack, "This message was deleted.".to_owned());
        left.ts = message.ts.clone();
        left.subtype = Some("tombstone");
        left.read = true;
        *message = left;
    } else {
        channel.messages.retain(|message| message.ts != ts);
    }
}

pub(super) fn permalink(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let ts = ask.args.need("message_ts")?;
    let channel = visible(ask.world, &id)?;
    let message = channel.message(&ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    let digits = ts.replace('.', "");
    let mut link = format!("https://{}.slack.com/archives/{id}/p{digits}", ask.world.team.domain);
    if let Some(root) = &message.thread_ts {
        link.push_str(&format!("?thread_ts={root}&cid={id}"));
    }
    Ok(fields(json!({ "channel": id, "permalink": link })))
}

/// What a message's content is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// A new message: text that is too long is cut.
    Posting,
    /// A change: new metadata alone is enough.
    Changing,
}

/// Text, blocks, attachments and metadata of a call.
pub(super) fn content(ask: &mut Ask<'_>, purpose: For) -> Result<Content, Refusal> {
    let text = ask.args.text("text");
    let blocks = ask.args.data("blocks", "invalid_blocks_format")?;
    let attachments = ask.args.data("attachments", "invalid_attachments")?;
    let metadata = ask.args.data("metadata", "invalid_metadata_format")?;
    let markdown = ask.args.text("markdown_text");
    if markdown.is_some() && (text.is_some() || blocks.is_some()) {
        return Err(Refusal::new("markdown_text_conflict"));
    }
    if markdown.as_ref().is_some_and(|text| text.chars().count() > MOST_MARKDOWN) {
        return Err(Refusal::new("msg_too_long"));
    }
    let blocks = match (blocks, &markdown) {
        (Some(blocks), _) => Some(blocks::of_message(ask.world, blocks)?),
        (None, Some(text)) => {
            let block = json!([{ "type": "markdown", "text": text }]);
            Some(blocks::of_message(ask.world, block)?)
        }
        (None, None) => None,
    };
    // An empty list of blocks is no content.
    let blocks = blocks.filter(|blocks| !blocks.is_empty());
    let attachments = attachments.and_then(|list| list.as_array().cloned());
    if attachments.as_ref().is_some_and(|list| list.len() > 100) {
        return Err(Refusal::new("too_many_attachments"));
    }
    check_metadata(metadata.as_ref())?;
    let any = text.is_some() || blocks.is_some() || attachments.is_some();
    if !any && (purpose == For::Posting || metadata.is_none()) {
        return Err(Refusal::new("no_text"));
    }
    let text = text.or(markdown).unwrap_or_default();
    let text = match purpose {
        For::Posting => text.chars().take(CUT).collect(),
        For::Changing => text,
    };
    Ok(Content { text: text::stored(&text), blocks, attachments, metadata, any })
}

fn check_metadata(metadata: Option<&Value>) -> Result<(), Refusal> {
    let Some(metadata) = metadata else { return Ok(()) };
    if !metadata["event_type"].is_string() || !metadata["event_payload"].is_object() {
        return Err(Refusal::new("invalid_metadata_schema"));
    }
    if metadata.to_string().len() > MOST_METADATA {
        return Err(Refusal::new("metadata_too_large"));
    }
    Ok(())
}

pub(super) fn message_of(author: Author, content: Content) -> Message {
    let mut message = Message::new(author, content.text);
    message.blocks = content.blocks.unwrap_or_default();
    message.attachments = content.attachments.unwrap_or_default();
    message.metadata = content.metadata;
    message
}

/// Puts a message at the end of a channel and gives its `ts`.
pub(super) fn add(ask: &mut Ask<'_>, id: &str, message: Message) -> Result<String, Refusal> {
    let channel = ask.world.channel_mut(id).ok_or_else(|| Refusal::new("channel_not_found"))?;
    Ok(put(channel, message, ask.now))
}

/// Gives a message its `ts` and puts it at the end of the channel.
pub(super) fn put(channel: &mut Channel, mut message: Message, now: Timestamp) -> String {
    message.ts = channel.next_ts(now);
    let ts = message.ts.clone();
    channel.messages.push(message);
    ts
}

/// The channel that `chat.postMessage` means: an id, `#name`, or a user's id for direct messages.
fn target(ask: &mut Ask<'_>) -> Result<String, Refusal> {
    let given = ask.args.need("channel")?;
    if ask.world.user(&given).is_some_and(|user| !user.bot) {
        let id = ask.world.direct(&given, ask.now).unwrap_or_default();
        return writable(ask, &id);
    }
    let named = ask.world.channel_named(&given).map(|channel| channel.id.clone());
    writable(ask, &named.unwrap_or(given))
}

/// The channel when the bot may post there, or why not.
pub(super) fn writable(ask: &Ask<'_>, id: &str) -> Result<String, Refusal> {
    let channel = visible(ask.world, id)?;
    if channel.archived {
        return Err(Refusal::new("is_archived"));
    }
    if channel.kind == Kind::WithApp && !ask.world.settings.messages_tab {
        return Err(Refusal::new("messages_tab_disabled"));
    }
    let anywhere = ask.has_scope("chat:write.public").is_ok();
    if channel.has_bot() || (anywhere && ask.method == "chat.postMessage") {
        Ok(channel.id.clone())
    } else {
        Err(Refusal::new("not_in_channel"))
    }
}

/// A channel that the bot can know of: a private one only when it is in it.
pub(super) fn visible<'a>(world: &'a World, id: &str) -> Result<&'a Channel, Refusal> {
    world
        .channel(id)
        .filter(|channel| channel.kind == Kind::Public || channel.has_bot())
        .ok_or_else(|| Refusal::new("channel_not_found"))
}

/// The thread that is meant. A reply to a root that was deleted goes into the channel itself, as in
/// Slack, without a word about it. Stricter than Slack on purpose: the `thread_ts` of a reply is refused.
pub(super) fn thread_of(ask: &Ask<'_>, id: &str) -> Result<Option<String>, Refusal> {
    let Some(ts) = ask.args.text("thread_ts") else { return Ok(None) };
    let root = ask.world.channel(id).and_then(|channel| channel.message(&ts));
    match root {
        None => Ok(None),
        Some(root) if root.subtype == Some("tombstone") => Ok(None),
        Some(root) if root.is_root() && root.subtype != Some("channel_join") => Ok(Some(ts)),
        Some(_) => Err(Refusal::new("cannot_reply_to_message")),
    }
}

fn own_message(ask: &Ask<'_>, id: &str, ts: &str, refusal: &str) -> Result<(), Refusal> {
    let channel = visible(ask.world, id)?;
    let message = channel.message(ts).filter(|message| message.subtype != Some("tombstone"));
    let message = message.ok_or_else(|| Refusal::new("message_not_found"))?;
    // A line sent through a `response_url` belongs to that address, not to the token.
    if message.author == Author::App { Ok(()) } else { Err(Refusal::new(refusal)) }
}
