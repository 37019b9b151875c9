//! What a person does in Slack: types commands, writes, clicks, and what then appears on the screen.
//!
//! People do only what Slack would let them do; anything else is [`NotThere`].

use super::channel::{Author, Channel, Kind, Message, seconds};
use super::deliver::{Ack, To};
use super::form::Form;
use super::model::World;
use super::server::SimSlack;
use super::{chat, command, draw, events, interact, people, text};
use jiff::Timestamp;
use serde_json::Value;

/// A person, by whom things are done. Made by [`SimSlack::user`].
#[derive(Clone)]
pub struct Person {
    pub(super) slack: SimSlack,
    pub(super) id: String,
}

/// What was to be used is not on this person's screen, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotThere(pub String);

pub(super) fn not_there<T>(what: impl Into<String>) -> Result<T, NotThere> {
    Err(NotThere(what.into()))
}

/// A message that a person wrote, and how the app took the events of it.
#[derive(Debug, Clone)]
pub struct Said {
    /// The message's id.
    pub ts: String,
    /// One answer per event: none when the app is not subscribed.
    pub acks: Vec<Ack>,
}

/// A delivery, kept so that it can come again.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) to: To,
    pub(super) body: Vec<u8>,
    /// Where the answer to a command shows, with the command as it was typed.
    pub(super) command: Option<(String, String)>,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Person {
    /// The person's user id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends the person's last command or interaction again, byte for byte.
    ///
    /// # Errors
    /// [`NotThere`] when there was none.
    pub async fn redeliver_last(&self) -> Result<Ack, NotThere> {
        match self.slack.read(|world| world.last.get(&self.id).cloned()) {
            Some(sent) => Ok(self.deliver(sent).await),
            None => not_there("nothing was sent for this person yet"),
        }
    }

    /// Writes a message, in the channel or in the thread of `thread_ts`, and delivers the events of
    /// it (and any that waited). Mentions (`@jules`) and links become Slack's own.
    ///
    /// # Errors
    /// [`NotThere`] when the person is not in that channel, or there is no such thread.
    pub async fn says(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        words: &str,
    ) -> Result<Said, NotThere> {
        self.posts(channel, thread_ts, words, |_, _| ()).await
    }

    /// Writes a message that is made special before it stands there.
    pub(super) async fn posts(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        words: &str,
        make: impl FnOnce(&mut World, &mut Message),
    ) -> Result<Said, NotThere> {
        let now = self.slack.now();
        let ts = self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            let root = |root: &str| world.channel(&id).and_then(|channel| channel.message(root));
            if let Some(ts) = thread_ts
                && root(ts).is_none_or(|message| message.thread_ts.is_some())
            {
                return not_there(format!("there is no thread {ts} in {channel}"));
            }
            let direct = world.channel(&id).is_some_and(|channel| channel.kind == Kind::WithApp);
            if direct && !world.settings.messages_tab {
                return not_there("the app's Messages tab is off");
            }
            let mut message = self.message(world, words, thread_ts);
            make(world, &mut message);
            let ts = world.channel_mut(&id).map(|channel| chat::put(channel, message, now));
            let ts = ts.unwrap_or_default();
            events::posted(world, &id, &ts, now);
            Ok(ts)
        })?;
        Ok(Said { ts, acks: self.slack.deliver_events().await })
    }

    /// Has written a message at this time, before the app could hear of it.
    ///
    /// # Errors
    /// [`NotThere`] when the person is not in that channel.
    pub fn said_at(&self, channel: &str, words: &str, at: Timestamp) -> Result<(), NotThere> {
        self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            let message = self.message(world, words, None);
            world.channel_mut(&id).map(|channel| chat::put(channel, message, at));
            Ok(())
        })
    }

    fn message(&self, world: &mut World, words: &str, thread_ts: Option<&str>) -> Message {
        let encoded = text::typed(world, words);
        let block_id = format!("gen{}", world.next());
        let mut message = Message::new(Author::Person(self.id.clone()), encoded);
        message.blocks = vec![text::rich(&message.text, &block_id)];
        message.thread_ts = thread_ts.map(str::to_owned);
        message.read = true;
        message.team = world.user(&self.id).and_then(|user| user.team.clone());
        message
    }

    /// Edits the person's own message and delivers the event of it.
    ///
    /// # Errors
    /// [`NotThere`] when it is not the person's message.
    pub async fn edits(&self, channel: &str, ts: &str, words: &str) -> Result<Vec<Ack>, NotThere> {
        let now = self.slack.now();
        self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            let new = self.message(world, words, None);
            let message = self.own(world, &id, ts)?;
            let old = message.clone();
            message.text = new.text;
            message.blocks = new.blocks;
            message.edited = Some(seconds(now));
            events::edited(world, &id, &old, now);
            Ok(())
        })?;
        Ok(self.slack.deliver_events().await)
    }

    /// Deletes the person's own message and delivers the event of it.
    ///
    /// # Errors
    /// [`NotThere`] when it is not the person's message.
    pub async fn deletes(&self, channel: &str, ts: &str) -> Result<Vec<Ack>, NotThere> {
        let now = self.slack.now();
        self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            self.own(world, &id, ts)?;
            events::deleted(world, &id, ts, now);
            chat::remove(world, &id, ts);
            Ok(())
        })?;
        Ok(self.slack.deliver_events().await)
    }

    fn own<'a>(
        &self,
        world: &'a mut World,
        channel: &str,
        ts: &str,
    ) -> Result<&'a mut Message, NotThere> {
        let message = world.channel_mut(channel).and_then(|channel| channel.message_mut(ts));
        let mine = message.filter(|message| message.author == Author::Person(self.id.clone()));
        mine.ok_or_else(|| NotThere(format!("{ts} is not this person's message")))
    }

    /// Puts an emoji (its name without colons) on a message and delivers the event of it.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message for this person.
    pub async fn reacts(
        &self,
        channel: &str,
        which: &str,
        emoji: &str,
    ) -> Result<Vec<Ack>, NotThere> {
        let now = self.slack.now();
        self.slack.change(|world| {
            let (id, ts) = self.find(world, channel, which)?;
            if people::react(world, &id, &ts, emoji, &self.id) {
                let at = (id.as_str(), ts.as_str());
                events::reaction(world, "reaction_added", at, emoji, &self.id, now);
            }
            Ok(())
        })?;
        Ok(self.slack.deliver_events().await)
    }

    /// The modal on top of this person's screen.
    ///
    /// # Errors
    /// [`NotThere`] when none is open.
    pub fn view(&self) -> Result<Form, NotThere> {
        Form::on_top(&self.slack, &self.id)
    }

    pub(super) async fn interacts(&self, payload: &Value) -> Ack {
        let body = interact::form(payload);
        self.deliver(Sent { to: To::Interactivity, body, command: None }).await
    }

    pub(super) async fn deliver(&self, sent: Sent) -> Ack {
        self.slack.change(|world| world.last.insert(self.id.clone(), sent.clone()));
        let mut ack = self.slack.send(sent.to, FORM, sent.body, &[]).await;
        if let Some((channel, typed)) = sent.command {
            let now = self.slack.now();
            let typed = command::Typed { user: &self.id, channel: &channel, text: &typed };
            self.slack.change(|world| command::shows(world, &typed, &mut ack, now));
        }
        ack
    }

    /// The channel's id, when the person is in it.
    pub(super) fn inside(&self, world: &World, name: &str) -> Result<String, NotThere> {
        let channel = world.channel_named(name);
        match channel.filter(|channel| channel.members.contains(&self.id)) {
            Some(channel) => Ok(channel.id.clone()),
            None => not_there(format!("{} is not in {name}", text::name_of(world, &self.id))),
        }
    }

    pub(super) fn can_see(&self, message: &Message) -> bool {
        message.only_for.as_ref().is_none_or(|user| *user == self.id)
    }

    /// The newest message that everyone sees and that fits.
    pub(super) fn find(
        &self,
        world: &World,
        channel: &str,
        which: &str,
    ) -> Result<(String, String), NotThere> {
        let id = self.inside(world, channel)?;
        let there = seen(world, &id)?;
        let mut public = there.messages.iter().rev().filter(|message| message.only_for.is_none());
        match public.find(|message| matches(world, message, which)) {
            Some(message) => Ok((id, message.ts.clone())),
            None => not_there(format!("no message {which:?} in {channel}")),
        }
    }
}

pub(super) fn seen<'a>(world: &'a World, id: &str) -> Result<&'a Channel, NotThere> {
    world.channel(id).ok_or_else(|| NotThere(format!("there is no channel {id}")))
}

pub(super) fn matches(world: &World, message: &Message, which: &str) -> bool {
    message.ts == which || draw::message(world, message).contains(which)
}
