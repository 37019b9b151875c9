//! Clicks and choices in messages, and the app's shortcuts.

use super::deliver::Ack;
use super::model::World;
use super::person::{NotThere, Person, matches, not_there, seen};
use super::{blocks, interact, state};
use serde_json::{Value, json};

/// A button as someone saw it.
#[derive(Debug, Clone)]
pub struct Button {
    channel: String,
    used: Used,
}

/// Something usable in a message.
#[derive(Debug, Clone)]
struct Used {
    ts: String,
    block_id: String,
    element: Value,
}

impl Button {
    /// The value that the app gave it, which its click carries.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.used.element["value"].as_str()
    }
}

impl Person {
    /// Clicks the button with this label in a message: the newest that this person can see and that
    /// has the button, where `which` is its `ts` or words that stand in it (empty: any). A question
    /// that the button asks first is answered with yes.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message or button.
    pub async fn clicks(&self, channel: &str, which: &str, label: &str) -> Result<Ack, NotThere> {
        self.uses(channel, which, |_, element| named(element, label), |_| None).await
    }

    /// Clicks such a button and says no to the question that it asks first: nothing is sent.
    /// Gives the question.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such button, or it asks nothing.
    pub fn dismisses(&self, channel: &str, which: &str, label: &str) -> Result<String, NotThere> {
        self.slack.read(|world| {
            let id = self.inside(world, channel)?;
            let used = self.usable(world, &id, which, |_, element| named(element, label))?;
            match used.element["confirm"]["text"]["text"].as_str() {
                Some(question) => Ok(question.to_owned()),
                None => not_there(format!("{label} asks nothing first")),
            }
        })
    }

    /// Chooses an option, by its text, in a select, overflow menu or radio group of a message.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message or option.
    pub async fn chooses(&self, channel: &str, which: &str, option: &str) -> Result<Ack, NotThere> {
        let offers = |_: &str, element: &Value| option_named(element, option).is_some();
        self.uses(channel, which, offers, |element| {
            let chosen = option_named(element, option);
            Some(json!({ "type": element["type"], "selected_option": chosen }))
        })
        .await
    }

    /// A button as it stands now, to be pressed later: a screen may not show yet that it is gone.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such message or button.
    pub fn sees(&self, channel: &str, which: &str, label: &str) -> Result<Button, NotThere> {
        self.slack.read(|world| {
            let channel = self.inside(world, channel)?;
            let used = self.usable(world, &channel, which, |_, element| named(element, label))?;
            Ok(Button { channel, used })
        })
    }

    /// Presses a button that was seen before, whatever became of its message since.
    ///
    /// # Errors
    /// [`NotThere`] when the message is gone altogether.
    pub async fn presses(&self, button: &Button) -> Result<Ack, NotThere> {
        self.forges(button, |_| {}).await
    }

    /// Presses a button with a client that sends other values than Slack gave it: Slack signs what a
    /// client sends. `forge` changes the payload.
    ///
    /// # Errors
    /// [`NotThere`] when the message is gone altogether.
    pub async fn forges(
        &self,
        button: &Button,
        forge: impl FnOnce(&mut Value),
    ) -> Result<Ack, NotThere> {
        let now = self.slack.now();
        let host = self.slack.host();
        let Button { channel, used } = button;
        let payload = self.slack.change(|world| {
            let what = (used.block_id.as_str(), &used.element, None);
            interact::in_message(world, &host, &self.id, (channel, &used.ts), what, now)
                .ok_or_else(|| NotThere("the message is gone".to_owned()))
        });
        let mut payload = payload?;
        forge(&mut payload);
        Ok(self.interacts(&payload).await)
    }

    /// Uses the first element that fits, by its `block_id` and itself, in the newest such message.
    pub(super) async fn uses(
        &self,
        channel: &str,
        which: &str,
        fits: impl Fn(&str, &Value) -> bool,
        value: impl Fn(&Value) -> Option<Value>,
    ) -> Result<Ack, NotThere> {
        let now = self.slack.now();
        let host = self.slack.host();
        let payload = self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            let used = self.usable(world, &id, which, fits)?;
            let value = value(&used.element);
            remember(world, &id, &used, value.as_ref());
            let what = (used.block_id.as_str(), &used.element, value);
            interact::in_message(world, &host, &self.id, (&id, &used.ts), what, now)
                .ok_or_else(|| NotThere("the message is gone".to_owned()))
        })?;
        Ok(self.interacts(&payload).await)
    }

    fn usable(
        &self,
        world: &World,
        channel: &str,
        which: &str,
        fits: impl Fn(&str, &Value) -> bool,
    ) -> Result<Used, NotThere> {
        let there = seen(world, channel)?;
        let mut newest = there
            .messages
            .iter()
            .rev()
            .filter(|message| self.can_see(message) && matches(world, message, which));
        let found = newest.find_map(|message| {
            let (block_id, element) = used(&message.blocks, &fits)?;
            Some(Used { ts: message.ts.clone(), block_id, element })
        });
        match found {
            Some(used) => Ok(used),
            None => not_there(format!("nothing like that in {channel} under {which:?}")),
        }
    }
}

/// The message has been looked at, and keeps what was chosen in it.
fn remember(world: &mut World, channel: &str, used: &Used, value: Option<&Value>) {
    let Some(channel) = world.channel_mut(channel) else { return };
    let Some(message) = channel.any_message_mut(&used.ts) else { return };
    message.read = true;
    let action = used.element["action_id"].as_str().unwrap_or_default();
    if let Some(value) = value.filter(|_| state::initial(&used.element).is_some()) {
        let of_block = message.chosen.entry(used.block_id.clone()).or_default();
        of_block.insert(action.to_owned(), value.clone());
    }
}

fn used(blocks: &[Value], fits: impl Fn(&str, &Value) -> bool) -> Option<(String, Value)> {
    blocks.iter().find_map(|block| {
        let id = block["block_id"].as_str()?;
        let element = blocks::elements(block).into_iter().find(|element| fits(id, element))?;
        Some((id.to_owned(), element.clone()))
    })
}

/// A button by its label.
pub(super) fn named(element: &Value, label: &str) -> bool {
    element["type"] == "button" && element["text"]["text"] == label
}

/// An option by its text or value.
pub(super) fn option_named(element: &Value, name: &str) -> Option<Value> {
    let options = state::offered(element.as_object()?);
    options.into_iter().find(|option| option["text"]["text"] == name || option["value"] == name)
}
