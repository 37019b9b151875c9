//! What happens in Slack besides commands and clicks: replies in threads, and channels that change.
//!
//! An event is acknowledged once what follows from it is stored; what is not is delivered again by
//! Slack (Slack: Events API, retries), and each step here may be done twice.

use super::identity::NotAdmitted;
use super::update::Update;
use super::{Ack, Engine};
use crate::domain::binding::{Binding, ChannelBinding};
use crate::domain::ids::{ChannelId, DeliveryId, MessageTs};
use crate::domain::inbound::{Inbound, WrittenReply};
use crate::domain::task::Input;
use crate::slack::inbound::{EventBody, Message, SlackEvent, Who};
use crate::store::documents::{
    ChannelAlias, ProcessedEvent, binding_key, channel_prefix, former_key, renamed_key, seen_key,
};
use crate::store::records::{Record, RecordError};
use crate::store::{Expect, Key, PutResult};
use jiff::SignedDuration;
use serde_json::Value;
use std::sync::Arc;

/// The events after which nothing can be posted any more.
const ENDINGS: &[&str] = &["app_uninstalled", "tokens_revoked"];

/// The events that are acted on; the manifest subscribes to them.
pub const EVENTS: &[&str] = &[
    "app_uninstalled",
    "tokens_revoked",
    "message.channels",
    "message.groups",
    "message.im",
    "member_joined_channel",
    "channel_unarchive",
    "group_unarchive",
    "channel_id_changed",
];

/// Slack redelivers events for up to a day ("Delayed Events").
const SEEN_LIVES: SignedDuration = SignedDuration::from_hours(25);

/// A thread this young may not be filed yet: it is looked for again when Slack delivers again.
const YOUNG: SignedDuration = SignedDuration::from_mins(5);

/// How many tasks of a channel are told that the bot is back.
const MOST_TOLD: usize = 50;

impl Engine {
    /// Takes an event.
    pub(super) async fn event(
        self: &Arc<Self>,
        event: SlackEvent,
        delivery: Option<DeliveryId>,
    ) -> Ack {
        match self.authorize_workspace(&event.who) {
            Ok(_) => {}
            // It may be ours: Slack delivers it again, and by then we know.
            Err(NotAdmitted::NotReady) => return Ack::TryAgain,
            Err(NotAdmitted::NotOurs | NotAdmitted::Stranger) => return Ack::Empty,
        }
        let Some(delivery) = delivery else { return Ack::Empty };
        if ENDINGS.contains(&event.kind.as_str()) {
            tracing::error!(
                event.kind,
                "the app was removed from the workspace or its token revoked: install it again \
                 and set SLACK_BOT_TOKEN"
            );
        }
        let kind = event.kind.clone();
        let done = match event.what {
            EventBody::Message(message) => {
                return self.message(event.who, event.shared, *message).await;
            }
            EventBody::Other(what) => self.change(&event.who, &kind, &what).await,
        };
        match done {
            Ok(()) => self.remember(&delivery, kind).await,
            Err(error) => not_taken(&error),
        }
    }

    /// Remembers that an event came, so that the same one again is nothing.
    async fn remember(&self, delivery: &DeliveryId, kind: String) -> Ack {
        let now = self.now();
        let (key, seen) = (seen_key(delivery), ProcessedEvent { kind });
        let expires = Some(now + SEEN_LIVES);
        match self.records.put(&key, &seen, None, expires, Expect::Absent, now).await {
            Ok(PutResult::Stored(_) | PutResult::Conflict) => Ack::Empty,
            Err(error) => not_taken(&error),
        }
    }

    /// A message: a reply in the thread of a task, or nothing of ours.
    async fn message(self: &Arc<Self>, who: Who, shared: bool, message: Message) -> Ack {
        let Some(identity) = self.identity().cloned() else { return Ack::TryAgain };
        if !is_said_by_a_person(&message) || message.user.as_ref() == Some(&identity.user) {
            return Ack::Empty;
        }
        let (Some(channel), Some(ts), Some(root)) =
            (&message.channel, &message.ts, &message.thread_ts)
        else {
            return Ack::Empty;
        };
        if ts == root {
            return Ack::Empty;
        }
        let task = match self.task_of_thread(&identity.team, channel, root).await {
            Ok(Some(task)) => task,
            Ok(None) if message.parent.as_ref() == Some(&identity.user) && self.is_young(root) => {
                return Ack::TryAgain;
            }
            Ok(None) => return Ack::Empty,
            Err(error) => return not_taken(&error),
        };
        // The same message may be told of twice, as a message and as a mention.
        let delivery = DeliveryId::of(&["reply", channel.as_str(), ts.as_str()]);
        let channel = Some(channel.clone());
        let sender = match self.sender(&identity, &who, channel, None, None, Some(delivery)) {
            Ok(sender) => sender,
            Err(_) => return Ack::Empty,
        };
        let mention = format!("<@{}>", identity.user);
        let text = self.plain_words(&message.text.replace(&mention, "")).await;
        let written = WrittenReply {
            ts: ts.clone(),
            text: text.trim().to_owned(),
            files: message.files,
            outsider: self.is_stranger(&identity, &who, shared).await,
        };
        match self.handle(Inbound::Reply(task, Box::new(written)), sender).await {
            Ok(_) => Ack::Empty,
            Err(not_stored) => not_taken(&not_stored.error),
        }
    }

    /// Whether a thread may not be filed yet: because it is young, or because the process that began it
    /// died before it filed it, and this one has only just started.
    fn is_young(&self, root: &MessageTs) -> bool {
        if self.now().duration_since(self.started) < YOUNG {
            return true;
        }
        let seconds = root.as_str().split('.').next().and_then(|seconds| seconds.parse().ok());
        let posted = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        posted.is_some_and(|posted| self.now().duration_since(posted) < YOUNG)
    }

    /// Something about a channel.
    async fn change(&self, who: &Who, kind: &str, what: &Value) -> Result<(), RecordError> {
        let channel = |field: &str| {
            let value = &what[field];
            let id = value.as_str().or_else(|| value["id"].as_str());
            id.and_then(|id| ChannelId::parse(id).ok())
        };
        match kind {
            "member_joined_channel" => {
                let us = self.identity().is_some_and(|us| who.user.as_ref() == Some(&us.user));
                match channel("channel").filter(|_| us) {
                    Some(channel) => self.returned(&channel).await,
                    None => Ok(()),
                }
            }
            "channel_unarchive" | "group_unarchive" => match channel("channel") {
                Some(channel) => self.returned(&channel).await,
                None => Ok(()),
            },
            "channel_id_changed" => match (channel("old_channel_id"), channel("new_channel_id")) {
                (Some(old), Some(new)) => self.channel_has_new_id(&old, &new).await,
                (_, _) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The bot can write in a channel again: what waited there is said.
    async fn returned(&self, channel: &ChannelId) -> Result<(), RecordError> {
        let Some(identity) = self.identity() else { return Ok(()) };
        let prefix = channel_prefix(&identity.team, channel);
        let (tasks, _) = self.tasks_under(&prefix, None, MOST_TOLD, |_| true).await?;
        for task in tasks.iter().filter(|task| task.away.is_some()) {
            self.apply(&task.id, Input::Returned).await?;
        }
        Ok(())
    }

    /// A channel has another id: its binding goes along, and its tasks find the new one when they
    /// need it.
    async fn channel_has_new_id(
        &self,
        old: &ChannelId,
        new: &ChannelId,
    ) -> Result<(), RecordError> {
        let Some(identity) = self.identity() else { return Ok(()) };
        let team = &identity.team;
        self.file(&renamed_key(team, old), &ChannelAlias { channel: new.clone() }).await?;
        self.file(&former_key(team, new), &ChannelAlias { channel: old.clone() }).await?;
        let now = self.now();
        let bound = self.records.get::<ChannelBinding>(&binding_key(team, old), now).await?;
        let Some((_, ChannelBinding { binding: Some(binding), changes })) = bound else {
            return Ok(());
        };
        let binding = Some(Binding { channel: new.clone(), ..binding });
        self.file(&binding_key(team, new), &ChannelBinding { binding, changes }).await?;
        self.update(&binding_key(team, old), |live: Option<ChannelBinding>, _| {
            let record = ChannelBinding { binding: None, ..live.unwrap_or_default() };
            let expires_at = record.expires_at();
            Update::Write { record, wake_at: None, expires_at, back: () }
        })
        .await
    }

    /// Files something that is kept, unless something is there.
    async fn file<T: Record>(&self, key: &Key, record: &T) -> Result<(), RecordError> {
        self.records.put(key, record, None, None, Expect::Absent, self.now()).await.map(|_| ())
    }
}

fn not_taken(error: &RecordError) -> Ack {
    tracing::warn!(%error, "an event could not be stored; Slack delivers it again");
    Ack::TryAgain
}

/// Whether it is what a person said: not a bot, not an edit, a deletion, a join (slack-platform.md
/// §11, "facts for forwarding replies").
fn is_said_by_a_person(message: &Message) -> bool {
    let said = matches!(message.subtype.as_deref(), None | Some("file_share" | "thread_broadcast"));
    said && message.user.is_some() && message.bot_id.is_none() && !message.hidden
}
