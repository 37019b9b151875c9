//! The ways to the app apart from its command: mentions, direct messages, shortcuts, its Home.
//!
//! Source: reference sections 4 (Slack: Interaction payloads, Shortcuts), 11 (Slack: Events API) and 13.

use super::channel::{Author, Message};
use super::deliver::Ack;
use super::form::Form;
use super::model::{World, fixed};
use super::person::{NotThere, Person, Said, not_there};
use super::server::SimSlack;
use super::{chat, events, interact};
use serde_json::{Value, json};

impl Person {
    /// Writes `@jules` and these words in the channel; without words the bare mention.
    ///
    /// # Errors
    /// [`NotThere`] as for [`Person::says`].
    pub async fn mentions(&self, channel: &str, words: &str) -> Result<Said, NotThere> {
        self.says(channel, None, &mention(words)).await
    }

    /// As [`Person::mentions`], in a thread.
    ///
    /// # Errors
    /// [`NotThere`] as for [`Person::says`].
    pub async fn mentions_in_thread(
        &self,
        channel: &str,
        thread_ts: &str,
        words: &str,
    ) -> Result<Said, NotThere> {
        self.says(channel, Some(thread_ts), &mention(words)).await
    }

    /// Puts `@jules` before what the person's own message says, by an edit, and delivers the events.
    ///
    /// # Errors
    /// [`NotThere`] when it is not the person's message.
    pub async fn edits_into_mention(&self, channel: &str, ts: &str) -> Result<Vec<Ack>, NotThere> {
        let words = self.slack.read(|world| {
            let message = world.channel_named(channel).and_then(|channel| channel.message(ts));
            message.map(|message| super::text::readable(world, &message.text))
        });
        let words = words.ok_or_else(|| NotThere(format!("there is no message {ts}")))?;
        self.edits(channel, ts, &mention(&words)).await
    }

    /// Writes to the app in direct messages, which open if they were not; in a thread there with its
    /// root.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such thread, or the app's Messages tab is off.
    pub async fn writes_to_the_bot(
        &self,
        thread_ts: Option<&str>,
        words: &str,
    ) -> Result<Said, NotThere> {
        let now = self.slack.now();
        let direct = self.slack.change(|world| world.direct(&self.id, now)).unwrap_or_default();
        self.says(&direct, thread_ts, words).await
    }

    /// Forwards a message (by its `ts` or words in it) to another conversation, with words of one's
    /// own: an attachment with `is_share`.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message, or as for [`Person::says`].
    pub async fn forwards(
        &self,
        (from, which): (&str, &str),
        channel: &str,
        thread_ts: Option<&str>,
        words: &str,
    ) -> Result<Said, NotThere> {
        let shared = self.slack.read(|world| {
            let (id, ts) = self.find(world, from, which)?;
            let message = world.channel(&id).and_then(|channel| channel.message(&ts));
            let message = message.ok_or_else(|| NotThere("the message is gone".to_owned()))?;
            Ok(share(world, &id, message))
        })?;
        self.posts(channel, thread_ts, words, |_, message| message.attachments = vec![shared]).await
    }

    /// Uses a global shortcut of the app with no conversation open.
    ///
    /// # Errors
    /// [`NotThere`] for people of another organisation, to whom none is offered.
    pub async fn uses_shortcut(&self, callback_id: &str) -> Result<Ack, NotThere> {
        self.uses_global(callback_id, None).await
    }

    /// Uses a global shortcut of the app with this conversation open: the app does not learn which, but
    /// a form's `default_to_current_conversation` does.
    ///
    /// # Errors
    /// [`NotThere`] when the person is not in that channel, or is of another organisation.
    pub async fn uses_shortcut_in(
        &self,
        channel: &str,
        callback_id: &str,
    ) -> Result<Ack, NotThere> {
        self.uses_global(callback_id, Some(channel)).await
    }

    async fn uses_global(&self, callback_id: &str, channel: Option<&str>) -> Result<Ack, NotThere> {
        let now = self.slack.now();
        let payload = self.slack.change(|world| {
            self.offered_shortcuts(world)?;
            let open = channel.map(|channel| self.inside(world, channel)).transpose()?;
            Ok(interact::shortcut(world, &self.id, callback_id, open, now))
        })?;
        Ok(self.interacts(&payload).await)
    }

    /// Uses a message shortcut of the app, on a message of anyone and wherever the person is, with the
    /// app there or not; not offered on lines that only one person sees.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message, or the person is of another organisation.
    pub async fn uses_message_shortcut(
        &self,
        callback_id: &str,
        channel: &str,
        which: &str,
    ) -> Result<Ack, NotThere> {
        let now = self.slack.now();
        let host = self.slack.host();
        let payload = self.slack.change(|world| {
            self.offered_shortcuts(world)?;
            let (id, ts) = self.find(world, channel, which)?;
            interact::message_action(world, &host, &self.id, callback_id, (&id, &ts), now)
                .ok_or_else(|| NotThere("the message is gone".to_owned()))
        })?;
        Ok(self.interacts(&payload).await)
    }

    /// People of another workspace are offered no shortcuts and no commands.
    fn offered_shortcuts(&self, world: &World) -> Result<(), NotThere> {
        match world.user(&self.id).is_some_and(|user| user.team.is_some()) {
            true => not_there("shortcuts are not offered to people of another organisation"),
            false => Ok(()),
        }
    }

    /// Opens the app and delivers the event of it: on its Home, or on the messages where Home is off.
    pub async fn opens_home(&self) -> Vec<Ack> {
        let home = self.slack.read(|world| world.settings.home_tab);
        self.opens_tab(if home { "home" } else { "messages" }).await
    }

    /// Opens the app on its Messages tab and delivers the event of it.
    pub async fn opens_messages(&self) -> Vec<Ack> {
        self.opens_tab("messages").await
    }

    async fn opens_tab(&self, tab: &str) -> Vec<Ack> {
        let now = self.slack.now();
        self.slack.change(|world| events::home_opened(world, &self.id, tab, now));
        self.slack.deliver_events().await
    }

    /// What the app has published on its Home for this person, to be used like a form; it counts as
    /// looked at.
    ///
    /// # Errors
    /// [`NotThere`] when nothing was published, or Home is off.
    pub fn home(&self) -> Result<Form, NotThere> {
        let view = self.slack.change(|world| {
            let id = world.homes.get(&self.id).filter(|_| world.settings.home_tab)?.clone();
            world.views.get_mut(&id)?.read = true;
            Some(id)
        });
        match view {
            Some(view) => Ok(Form { slack: self.slack.clone(), user: self.id.clone(), view }),
            None => not_there("there is nothing on Home"),
        }
    }

    /// Presses the first button with this label on the app's Home.
    ///
    /// # Errors
    /// [`NotThere`] when there is none.
    pub async fn presses_at_home(&self, label: &str) -> Result<Ack, NotThere> {
        self.home()?.clicks(label).await
    }
}

impl SimSlack {
    /// Another app's bot writes a message of this content (`text`, `blocks`, `attachments`) in the
    /// channel or a thread. Alerts often have all their words in attachments.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such channel.
    pub async fn other_bot_posts(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        content: &Value,
    ) -> Result<Said, NotThere> {
        let now = self.now();
        let list = |name: &str| content[name].as_array().cloned().unwrap_or_default();
        let text = content["text"].as_str().unwrap_or_default().to_owned();
        let said = self.change(|world| {
            let id = world.channel_named(channel)?.id.clone();
            let mut message = Message::new(Author::OtherBot, text);
            message.blocks = super::blocks::kept(world, list("blocks"));
            message.attachments = list("attachments");
            message.thread_ts = thread_ts.map(str::to_owned);
            message.read = true;
            let ts = chat::put(world.channel_mut(&id)?, message, now);
            events::posted(world, &id, &ts, now);
            Some(ts)
        });
        match said {
            Some(ts) => Ok(Said { ts, acks: self.deliver_events().await }),
            None => not_there(format!("there is no channel {channel}")),
        }
    }

    /// Adds the preview of a link to a message, as Slack does by itself some time later, and delivers
    /// the event of it: `message_changed`, with the text as it was and no `edited`.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message.
    pub async fn previews_link(
        &self,
        channel: &str,
        ts: &str,
        url: &str,
    ) -> Result<Vec<Ack>, NotThere> {
        let now = self.now();
        let previewed = self.change(|world| {
            let id = world.channel_named(channel)?.id.clone();
            let message = world.channel_mut(&id)?.message_mut(ts)?;
            let old = message.clone();
            message.attachments.push(json!({ "from_url": url, "title": url, "fallback": url }));
            events::edited(world, &id, &old, now);
            Some(())
        });
        match previewed {
            Some(()) => Ok(self.deliver_events().await),
            None => not_there(format!("there is no message {ts} in {channel}")),
        }
    }

    /// Fills a thread with so many replies of these people in turn, before the app could hear of any:
    /// `1`, `2`, … Gives their `ts`.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message, or nobody to write.
    pub fn fills_thread(
        &self,
        channel: &str,
        root: &str,
        people: &[&Person],
        count: usize,
    ) -> Result<Vec<String>, NotThere> {
        let now = self.now();
        self.change(|world| {
            let there = world.channel_named(channel).map(|channel| channel.id.clone());
            let there = there.and_then(|id| world.channel_mut(&id));
            let there = there.filter(|channel| channel.message(root).is_some());
            let Some(there) = there.filter(|_| !people.is_empty()) else {
                return not_there(format!("there is no message {root} in {channel}"));
            };
            let replies = (1..=count).zip(people.iter().cycle()).map(|(number, person)| {
                let author = Author::Person(person.id.clone());
                let mut message = Message::new(author, number.to_string());
                message.thread_ts = Some(root.to_owned());
                message.read = true;
                chat::put(there, message, now)
            });
            Ok(replies.collect())
        })
    }
}

fn mention(words: &str) -> String {
    format!("@{} {words}", fixed::BOT_NAME).trim_end().to_owned()
}

/// A forwarded message as the attachment that Slack makes of it.
fn share(world: &World, channel: &str, message: &Message) -> Value {
    let digits = message.ts.replace('.', "");
    let domain = world.team.domain;
    let author = super::payload::author_id(message);
    json!({
        "is_share": true,
        "from_url": format!("https://{domain}.slack.com/archives/{channel}/p{digits}"),
        "author_id": author,
        "author_name": super::text::name_of(world, author),
        "channel_id": channel,
        "ts": message.ts,
        "text": message.text,
        "fallback": message.text,
    })
}
