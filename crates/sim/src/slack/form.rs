//! A modal on a person's screen: filling it in, submitting it, and what the app's answer does to it.
//!
//! Source: reference sections 4, 5 and 7 (Slack: Modals).

use super::clicks::named;
use super::deliver::{Ack, Failure, To};
use super::fields::{self, choices, chosen, element, fields, fits, leave, responds};
use super::model::{View, World};
use super::person::{NotThere, Person, not_there};
use super::server::SimSlack;
use super::{blocks, draw, interact, state};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An open modal, or the app's Home. It means the same view after an update, and not after it is closed.
pub struct Form {
    pub(super) slack: SimSlack,
    pub(super) user: String,
    pub(super) view: String,
}

/// One thing to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The block's id, by which errors are told.
    pub block_id: String,
    /// The element's id.
    pub action_id: String,
    /// What stands above it; empty for an element outside an `input` block.
    pub label: String,
    /// The element's kind, such as `plain_text_input`.
    pub kind: String,
    /// What it holds as a person sees it; empty when it holds nothing.
    pub value: String,
    /// It may be left empty.
    pub optional: bool,
}

/// An option that a select offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the person sees.
    pub text: String,
    /// What the app gets.
    pub value: String,
    /// The heading it stands under, if any.
    pub group: Option<String>,
}

/// What became of a submitted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This view closed; the one below, if any, is on top.
    Closed,
    /// All views closed.
    Cleared,
    /// The view has other content now.
    Updated,
    /// Another view lies on top.
    Pushed,
    /// The app's errors, by `block_id`; the view stays.
    Errors(BTreeMap<String, String>),
    /// Required fields are empty, by `block_id`: Slack's own client does not even send it.
    Incomplete(Vec<String>),
    /// The app did not answer in time or in order; the view stays and shows a failure.
    Failed(Failure),
}

impl SimSlack {
    /// The modal on top of this person's screen; it counts as looked at.
    ///
    /// # Errors
    /// [`NotThere`] when none is open.
    pub fn open_view(&self, name: &str) -> Result<Form, NotThere> {
        self.user(name).view()
    }
}

impl Form {
    pub(super) fn on_top(slack: &SimSlack, user: &str) -> Result<Self, NotThere> {
        slack.change(|world| {
            let top = world.stacks.get(user).and_then(|stack| stack.last()).cloned();
            let Some(view) = top else { return not_there("no form is open") };
            if let Some(view) = world.views.get_mut(&view) {
                view.read = true;
            }
            Ok(Self { slack: slack.clone(), user: user.to_owned(), view })
        })
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> String {
        self.look(|_, view| draw::plain(&view.content["title"])).unwrap_or_default()
    }

    /// `private_metadata`, as the app set it.
    #[must_use]
    pub fn private_metadata(&self) -> String {
        let text = |view: &View| view.content["private_metadata"].as_str().map(str::to_owned);
        self.look(|_, view| text(view)).ok().flatten().unwrap_or_default()
    }

    /// The whole modal as a person sees it; it counts as looked at.
    #[must_use]
    pub fn screen(&self) -> String {
        self.slack.change(|world| {
            if let Some(view) = world.views.get_mut(&self.view) {
                view.read = true;
            }
            world.views.get(&self.view).map(|view| draw::view(world, view)).unwrap_or_default()
        })
    }

    /// Everything that can be filled in, from top to bottom.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        self.look(fields).unwrap_or_default()
    }

    /// The field with this `block_id`, `action_id` or label.
    ///
    /// # Errors
    /// [`NotThere`] when there is none, or the form is no longer open.
    pub fn field(&self, name: &str) -> Result<Field, NotThere> {
        let all = self.look(fields)?;
        let known = all.iter().map(|field| field.label.as_str()).collect::<Vec<_>>().join(", ");
        let found = all
            .iter()
            .find(|field| field.block_id == name || field.label == name || field.action_id == name);
        found.cloned().ok_or_else(|| NotThere(format!("no field {name:?}; there are: {known}")))
    }

    /// Types into a text field, in place of what it held. Empty text empties it.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such text field, or it does not take text that long.
    pub async fn fill(&self, field: &str, words: &str) -> Result<Option<Ack>, NotThere> {
        let field = self.field(field)?;
        let element = self.element(&field)?;
        if state::value_field(&field.kind) != Some("value") {
            return not_there(format!("{} is no text field", field.label));
        }
        fits(&field, &element, words)?;
        // An emptied field is the same as an untouched one.
        let value = if words.is_empty() { Value::Null } else { json!(words) };
        self.set(&field, &element, json!({ "type": field.kind, "value": value })).await
    }

    /// Chooses by what a person sees (or by value): an option of a select or a radio group, a box of
    /// checkboxes (again: unticked), a person's or channel's name. The options of an external select
    /// are those that [`Form::type_ahead`] brought last.
    ///
    /// # Errors
    /// [`NotThere`] when that is not offered.
    pub async fn choose(&self, field: &str, what: &str) -> Result<Option<Ack>, NotThere> {
        let field = self.field(field)?;
        let element = self.element(&field)?;
        let chosen = self.look(|world, view| chosen(world, view, &field, &element, what))?;
        let Some(value) = chosen else {
            return not_there(format!("{} does not offer {what:?}", field.label));
        };
        self.set(&field, &element, value).await
    }

    /// Empties a select.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such field.
    pub async fn clear(&self, field: &str) -> Result<Option<Ack>, NotThere> {
        let field = self.field(field)?;
        let element = self.element(&field)?;
        let bare = json!({ "type": element["type"] });
        let value = state::initial(&bare).unwrap_or(bare);
        self.set(&field, &element, value).await
    }

    /// Types into an external select and gives the options that the app answers with. Fewer letters
    /// than the select wants (`min_query_length`, three unless the app says otherwise) ask nothing.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such select, and when the answer was late or not valid: Slack
    /// then shows no results.
    pub async fn type_ahead(&self, field: &str, typed: &str) -> Result<Vec<Choice>, NotThere> {
        self.type_ahead_forged(field, typed, |_| {}).await
    }

    /// Types into a select with a client that sends other values than Slack gave it. `forge` changes the
    /// payload.
    ///
    /// # Errors
    /// As for [`type_ahead`](Self::type_ahead).
    pub async fn type_ahead_forged(
        &self,
        field: &str,
        typed: &str,
        forge: impl FnOnce(&mut Value),
    ) -> Result<Vec<Choice>, NotThere> {
        let field = self.field(field)?;
        let element = self.element(&field)?;
        if field.kind != "external_select" && field.kind != "multi_external_select" {
            return not_there(format!("{} asks nobody for its options", field.label));
        }
        let least = element["min_query_length"].as_u64().unwrap_or(3);
        if (typed.chars().count() as u64) < least {
            return Ok(Vec::new());
        }
        let mut payload = self.look(|world, view| {
            interact::suggestion(world, view, &field.block_id, &element, typed)
        })?;
        forge(&mut payload);
        let form = "application/x-www-form-urlencoded";
        let ack = self.slack.send(To::Options, form, interact::form(&payload), &[]).await;
        if let Some(failure) = ack.failure {
            return not_there(format!("no results: {failure}"));
        }
        let answer =
            fields::options(&ack.body).map_err(|why| NotThere(format!("no results: {why}")))?;
        let options = answer.as_object().map(state::offered).unwrap_or_default();
        self.slack.change(|world| {
            if let Some(view) = world.views.get_mut(&self.view) {
                view.offered.insert(field.block_id.clone(), options);
            }
        });
        Ok(choices(&answer))
    }

    /// Clicks the button with this label in the form.
    ///
    /// # Errors
    /// [`NotThere`] when there is none.
    pub async fn clicks(&self, label: &str) -> Result<Ack, NotThere> {
        let found = self.look(|_, view| {
            let blocks = view.content["blocks"].as_array()?;
            blocks.iter().find_map(|block| {
                let elements = blocks::elements(block);
                let button = elements.into_iter().find(|element| named(element, label))?;
                Some((block["block_id"].as_str()?.to_owned(), button.clone()))
            })
        })?;
        match found {
            Some((block, button)) => self.acts(&block, &button, None).await,
            None => not_there(format!("no button {label:?} in the form")),
        }
    }

    /// Submits the form and does what the app answers.
    ///
    /// # Errors
    /// [`NotThere`] when the form is no longer open or has no submit button.
    pub async fn submit(&self) -> Result<Outcome, NotThere> {
        self.submit_forged(|_| {}).await
    }

    /// Submits the form with a client that sends other values than were filled in. `forge` changes the
    /// payload.
    ///
    /// # Errors
    /// As for [`submit`](Self::submit).
    pub async fn submit_forged(&self, forge: impl FnOnce(&mut Value)) -> Result<Outcome, NotThere> {
        if self.look(|_, view| view.content["submit"].is_null())? {
            return not_there("the form cannot be submitted");
        }
        let empty: Vec<String> = self
            .fields()
            .into_iter()
            .filter(|field| !field.optional && field.value.is_empty())
            .map(|field| field.block_id)
            .collect();
        if !empty.is_empty() {
            return Ok(Outcome::Incomplete(empty));
        }
        let now = self.slack.now();
        let view = self.look(|_, view| view.clone())?;
        let mut payload = self.slack.change(|world| interact::submission(world, &view, now));
        forge(&mut payload);
        let ack = self.person().interacts(&payload).await;
        Ok(self.answered(ack))
    }

    /// Closes this view by its cancel button; the app hears of it if the view says so.
    ///
    /// # Errors
    /// [`NotThere`] when it is no longer open.
    pub async fn close(&self) -> Result<Option<Ack>, NotThere> {
        let view = self.look(|_, view| view.clone())?;
        let all = view.content["clear_on_close"] == true;
        self.shut(&view, all).await
    }

    /// Closes the whole stack by the x.
    ///
    /// # Errors
    /// [`NotThere`] when it is no longer open.
    pub async fn dismiss(&self) -> Result<Option<Ack>, NotThere> {
        let root = self.look(|world, view| world.views.get(&view.root).cloned())?;
        match root {
            Some(root) => self.shut(&root, true).await,
            None => not_there("the form is gone"),
        }
    }

    async fn shut(&self, view: &View, all: bool) -> Result<Option<Ack>, NotThere> {
        if view.content["type"] == "home" {
            return not_there("Home cannot be closed");
        }
        let payload = self.slack.read(|world| interact::closed(world, view, all));
        self.slack.change(|world| leave(world, &self.user, if all { None } else { Some(1) }));
        if view.content["notify_on_close"] == true {
            return Ok(Some(self.person().interacts(&payload).await));
        }
        Ok(None)
    }

    fn answered(&self, ack: Ack) -> Outcome {
        if let Some(failure) = ack.failure {
            return Outcome::Failed(failure);
        }
        let outcome = if ack.body.is_empty() {
            self.slack.change(|world| leave(world, &self.user, Some(1)));
            Ok(Outcome::Closed)
        } else if ack.content_type.starts_with("application/json") {
            let answer = serde_json::from_str(&ack.body).unwrap_or_default();
            let now = self.slack.now();
            self.slack.change(|world| responds(world, &self.user, &self.view, &answer, now))
        } else {
            Err("the answer is neither empty nor JSON".to_owned())
        };
        outcome.unwrap_or_else(|why| Outcome::Failed(Failure::BadAnswer(why)))
    }

    async fn set(
        &self,
        field: &Field,
        element: &Value,
        value: Value,
    ) -> Result<Option<Ack>, NotThere> {
        self.keep(field, value.clone());
        // Inside an input block nothing is told before the submit, unless the app asked for it.
        let told = self.look(|_, view| {
            let blocks = view.content["blocks"].as_array().into_iter().flatten();
            let mut mine = blocks.filter(|block| block["block_id"] == field.block_id.as_str());
            mine.any(|block| block["type"] != "input" || block["dispatch_action"] == true)
        })?;
        if told {
            return self.acts(&field.block_id, element, Some(value)).await.map(Some);
        }
        Ok(None)
    }

    /// Puts a value in a field, and tells no one.
    pub(super) fn keep(&self, field: &Field, value: Value) {
        self.slack.change(|world| {
            if let Some(view) = world.views.get_mut(&self.view) {
                let of_block = view.chosen.entry(field.block_id.clone()).or_default();
                of_block.insert(field.action_id.clone(), value);
            }
        });
    }

    pub(super) async fn acts(
        &self,
        block: &str,
        element: &Value,
        value: Option<Value>,
    ) -> Result<Ack, NotThere> {
        let now = self.slack.now();
        let view = self.look(|_, view| view.clone())?;
        let payload = self
            .slack
            .change(|world| interact::in_view(world, &view, (block, element, value), now));
        Ok(self.person().interacts(&payload).await)
    }

    pub(super) fn element(&self, field: &Field) -> Result<Value, NotThere> {
        let found = self.look(|_, view| element(view, field))?;
        found.ok_or_else(|| NotThere(format!("{} is gone", field.label)))
    }

    fn person(&self) -> Person {
        Person { slack: self.slack.clone(), id: self.user.clone() }
    }

    /// Looks at the view while it is open.
    pub(super) fn look<R>(&self, look: impl FnOnce(&World, &View) -> R) -> Result<R, NotThere> {
        self.slack.read(|world| {
            let stack = world.stacks.get(&self.user);
            let open = stack.is_some_and(|stack| stack.contains(&self.view))
                || world.homes.get(&self.user) == Some(&self.view);
            match world.views.get(&self.view).filter(|_| open) {
                Some(view) => Ok(look(world, view)),
                None => not_there("the form is no longer open"),
            }
        })
    }
}
