//! The workspace as a graphical client shows it to one person: everything as data, and each thing
//! used by its ids. The demo's page is drawn from this.
//!
//! Looking from here marks nothing as read: a page that looks is not a test that has looked.

use super::channel::{Author, Channel, Kind, Message};
use super::clicks::option_named;
use super::deliver::Ack;
use super::fields::{fits, holds, may_pick};
use super::form::{Field, Form};
use super::model::{View, World, fixed};
use super::person::{NotThere, Person, not_there};
use super::screen::reactions;
use super::server::SimSlack;
use super::text::name_of;
use super::{payload, state};
use serde_json::{Value, json};

/// A conversation in the sidebar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The channel's id.
    pub id: String,
    /// Its name, without `#`; for direct messages the name of the other one.
    pub name: String,
    /// Between this person and the app.
    pub direct: bool,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// A person, by name.
    Person(String),
    /// The app.
    App,
    /// Slack itself.
    Slack,
}

/// A message as this person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The message's id in its channel: its time in seconds, with a fraction that makes it unique.
    pub ts: String,
    /// The root of its thread, for a reply.
    pub thread_ts: Option<String>,
    /// Who wrote it.
    pub writer: Writer,
    /// The fallback, or all there is when there are no blocks.
    pub text: String,
    /// The blocks as stored.
    pub blocks: Vec<Value>,
    /// What is chosen in its own selects and inputs: `block_id` → `action_id` → value.
    pub values: Value,
    /// No one else sees it.
    pub private: bool,
    /// A reply that stands in the channel as well.
    pub broadcast: bool,
    /// It carries the "edited" mark.
    pub edited: bool,
    /// Emoji names, and the names of who used each.
    pub reactions: Vec<(String, Vec<String>)>,
}

impl SimSlack {
    /// The name behind a user's id, with `#` that behind a channel's.
    #[must_use]
    pub fn name_behind(&self, id: &str) -> Option<String> {
        self.read(|world| {
            let user = world.user(id).map(|user| user.name.clone());
            user.or_else(|| world.channel(id).map(|channel| format!("#{}", channel.name)))
        })
    }

    /// The person of that name; unlike [`SimSlack::user`] it makes no new one.
    #[must_use]
    pub fn person(&self, name: &str) -> Option<Person> {
        let id = self.read(|world| world.user_named(name).map(|user| user.id.clone()))?;
        Some(Person { slack: self.clone(), id })
    }

    /// Everyone that a select of people offers: id and name.
    #[must_use]
    pub fn people(&self) -> Vec<(String, String)> {
        self.read(|world| {
            let people = world.users.iter().filter(|user| !user.bot && !user.deleted);
            people.map(|user| (user.id.clone(), user.name.clone())).collect()
        })
    }
}

impl Person {
    /// The conversations this person is in, in the order in which they came to be.
    #[must_use]
    pub fn conversations(&self) -> Vec<Conversation> {
        self.slack.read(|world| {
            let mine = world.channels.iter().filter(|channel| channel.members.contains(&self.id));
            mine.map(|channel| self.conversation(world, channel)).collect()
        })
    }

    fn conversation(&self, world: &World, channel: &Channel) -> Conversation {
        let other = channel.members.iter().find(|id| **id != self.id);
        let (name, direct) = match (channel.kind, other) {
            (Kind::WithApp | Kind::Between, Some(other)) => (name_of(world, other), true),
            (Kind::WithApp | Kind::Between | Kind::Public | Kind::Private, _) => {
                (channel.name.clone(), false)
            }
        };
        Conversation { id: channel.id.clone(), name, direct }
    }

    /// Everything this person sees in a channel, replies in threads among it, oldest first.
    #[must_use]
    pub fn lines(&self, channel: &str) -> Vec<Line> {
        self.slack.read(|world| {
            let there = world.channel(channel).into_iter();
            let there = there.filter(|channel| channel.members.contains(&self.id));
            let all = there.flat_map(|channel| &channel.messages);
            all.filter(|message| self.can_see(message))
                .map(|message| line(world, message))
                .collect()
        })
    }

    /// The modal on top of this person's screen, as [`Person::view`] gives it.
    #[must_use]
    pub fn top_view(&self) -> Option<Form> {
        let slack = self.slack.clone();
        let view = self.slack.read(|world| world.stacks.get(&self.id)?.last().cloned())?;
        Some(Form { slack, user: self.id.clone(), view })
    }

    /// What the app has published on its Home, as [`Person::home`] gives it.
    #[must_use]
    pub fn home_view(&self) -> Option<Form> {
        let view = self
            .slack
            .read(|world| world.homes.get(&self.id).filter(|_| world.settings.home_tab).cloned())?;
        Some(Form { slack: self.slack.clone(), user: self.id.clone(), view })
    }

    /// Whether a select of conversations offers this one (by its id) to this person.
    #[must_use]
    pub fn may_choose(&self, channel: &str, element: &Value) -> bool {
        self.slack.read(|world| {
            world.channel(channel).is_some_and(|channel| may_pick(channel, &self.id, element))
        })
    }

    /// Uses one element of a message: clicks a button, or picks the option of this value.
    ///
    /// # Errors
    /// [`NotThere`] when this person does not see it, or it does not offer that.
    pub async fn uses_element(
        &self,
        (channel, ts): (&str, &str),
        (block_id, action_id): (&str, &str),
        picked: Option<&str>,
    ) -> Result<Ack, NotThere> {
        let fits = |block: &str, element: &Value| {
            let offers = picked.is_none_or(|picked| option_named(element, picked).is_some());
            block == block_id && element["action_id"] == action_id && offers
        };
        self.uses(channel, ts, fits, |element| {
            let option = option_named(element, picked?)?;
            Some(json!({ "type": element["type"], "selected_option": option }))
        })
        .await
    }
}

fn line(world: &World, message: &Message) -> Line {
    Line {
        ts: message.ts.clone(),
        thread_ts: message.thread_ts.clone(),
        writer: match &message.author {
            Author::Person(user) => Writer::Person(name_of(world, user)),
            Author::App | Author::AppReply => Writer::App,
            Author::OtherBot => Writer::Person(fixed::OTHER_BOT_NAME.to_owned()),
            Author::Slack => Writer::Slack,
        },
        text: message.text.clone(),
        blocks: message.blocks.clone(),
        values: state::values(&message.blocks, &message.chosen),
        private: message.only_for.is_some(),
        broadcast: message.broadcast,
        edited: message.edited.is_some(),
        reactions: reactions(world, message),
    }
}

impl Form {
    /// The view's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.view
    }

    /// The view as it goes to the app, with what it holds under `state.values`.
    ///
    /// # Errors
    /// [`NotThere`] when it is no longer open.
    pub fn payload(&self) -> Result<Value, NotThere> {
        self.look(payload::view)
    }

    /// Makes a field hold this, and tells no one: text as typed, options by their values, people and
    /// channels by their ids. Nothing empties it.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such field, or it does not take that.
    pub fn hold(&self, field: &Field, given: &[String]) -> Result<(), NotThere> {
        let element = self.element(field)?;
        let value = self.look(|world, view| held(world, view, field, &element, given))??;
        let name = state::value_field(&field.kind).unwrap_or("value");
        self.keep(field, json!({ "type": field.kind, name: value }));
        Ok(())
    }

    /// Tells the app what a field holds now, or that a button was clicked.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such element.
    pub async fn tell(&self, block_id: &str, action_id: &str) -> Result<Ack, NotThere> {
        let found = self.look(|world, view| {
            let view = payload::view(world, view);
            let blocks = view["blocks"].as_array()?;
            let block = blocks.iter().find(|block| block["block_id"] == block_id)?;
            let elements = super::blocks::elements(block);
            let element = elements.into_iter().find(|one| one["action_id"] == action_id)?;
            let value = &view["state"]["values"][block_id][action_id];
            Some((element.clone(), Some(value.clone()).filter(|value| !value.is_null())))
        })?;
        match found {
            Some((element, value)) => self.acts(block_id, &element, value).await,
            None => not_there("that is not in the form"),
        }
    }
}

fn held(
    world: &World,
    view: &View,
    field: &Field,
    element: &Value,
    given: &[String],
) -> Result<Value, NotThere> {
    let one = || given.first().filter(|one| !one.is_empty());
    let options = |given: &[String]| {
        let all = given.iter().map(|value| option(view, field, element, value));
        all.collect::<Result<Vec<_>, _>>()
    };
    Ok(match state::value_field(&field.kind) {
        Some("selected_option") => match one() {
            Some(value) => option(view, field, element, value)?,
            None => Value::Null,
        },
        Some("selected_options") => json!(options(given)?),
        Some("value") => {
            if let Some(text) = one() {
                fits(field, element, text)?;
            }
            json!(one())
        }
        Some(several) if several.ends_with('s') => {
            given.iter().try_for_each(|id| pickable(world, view, field, element, id))?;
            json!(given)
        }
        Some(_) => {
            one().map_or(Ok(()), |id| pickable(world, view, field, element, id))?;
            json!(one())
        }
        None => return not_there(format!("{} holds nothing", field.label)),
    })
}

/// Whether a select of conversations offers this id; other fields are not looked into.
fn pickable(
    world: &World,
    view: &View,
    field: &Field,
    element: &Value,
    id: &str,
) -> Result<(), NotThere> {
    let places =
        field.kind.ends_with("conversations_select") || field.kind.ends_with("channels_select");
    let there = || world.channel(id).is_some_and(|channel| may_pick(channel, &view.user, element));
    if !places || there() {
        Ok(())
    } else {
        not_there(format!("{} does not offer {id}", field.label))
    }
}

/// The option of this value: one that the element has, that was loaded for it, or that it holds.
fn option(view: &View, field: &Field, element: &Value, value: &str) -> Result<Value, NotThere> {
    let loaded = view.offered.get(&field.block_id).cloned().unwrap_or_default();
    let now = holds(view, field, element);
    let mut held = now["selected_options"].as_array().cloned().unwrap_or_default();
    held.push(now["selected_option"].clone());
    let found = option_named(element, value)
        .or_else(|| loaded.into_iter().chain(held).find(|option| option["value"] == value));
    found.ok_or_else(|| NotThere(format!("{} does not offer {value:?}", field.label)))
}
