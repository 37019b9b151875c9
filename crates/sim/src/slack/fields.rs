//! The inside of a form: its fields, what they offer, and what the answer to a submission does.

use super::channel::{Channel, Kind};
use super::check;
use super::clicks::option_named;
use super::form::{Choice, Field, Outcome};
use super::model::{View, World};
use super::person::{NotThere, not_there};
use super::rules::Surface;
use super::{blocks, draw, state, views};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every element of the view that holds a value, from top to bottom.
pub(super) fn fields(world: &World, view: &View) -> Vec<Field> {
    let list = view.content["blocks"].as_array().cloned().unwrap_or_default();
    let values = state::values(&list, &view.chosen);
    let mut all = Vec::new();
    for block in &list {
        let id = block["block_id"].as_str().unwrap_or_default();
        let input = block["type"] == "input";
        let heading = if input { &block["label"] } else { &block["text"] };
        for element in blocks::elements(block) {
            let action = element["action_id"].as_str().unwrap_or_default();
            let kind = element["type"].as_str().unwrap_or_default();
            let Some(field) = state::value_field(kind) else { continue };
            all.push(Field {
                block_id: id.to_owned(),
                action_id: action.to_owned(),
                label: draw::words(world, heading),
                kind: kind.to_owned(),
                value: draw::held(world, &values[id][action][field]),
                optional: !input || block["optional"] == true,
            });
        }
    }
    all
}

/// The element behind a field.
pub(super) fn element(view: &View, field: &Field) -> Option<Value> {
    let blocks = view.content["blocks"].as_array()?;
    let block = blocks.iter().find(|block| block["block_id"] == field.block_id.as_str())?;
    let elements = blocks::elements(block);
    let mut mine = elements.into_iter().filter(|one| one["action_id"] == field.action_id.as_str());
    mine.next().cloned()
}

/// The field's value after `what` was picked in it; `None` when that is not offered.
pub(super) fn chosen(
    world: &World,
    view: &View,
    field: &Field,
    element: &Value,
    what: &str,
) -> Option<Value> {
    let kind = field.kind.as_str();
    let value = match kind {
        "static_select" | "radio_buttons" => option_named(element, what)?,
        "external_select" => offered(view, field, what)?,
        "checkboxes" | "multi_static_select" => {
            toggled(view, field, element, option_named(element, what)?)
        }
        "multi_external_select" => toggled(view, field, element, offered(view, field, what)?),
        "users_select" => json!(world.user_named(what)?.id),
        "conversations_select" | "channels_select" => {
            let channel = world.channel_named(what)?;
            if !may_pick(channel, &view.user, element) {
                return None;
            }
            json!(channel.id)
        }
        "datepicker" | "timepicker" => json!(what),
        _ => return None,
    };
    Some(json!({ "type": kind, state::value_field(kind)?: value }))
}

/// Whether a select of conversations offers this one to a person: any public channel, and what else the
/// person is in.
pub(super) fn may_pick(channel: &Channel, user: &str, element: &Value) -> bool {
    let sees = channel.kind == Kind::Public || channel.members.contains(user);
    let fits = match element["type"].as_str() {
        // Only channels, and only public ones. (Slack: channels_select)
        Some("channels_select" | "multi_channels_select") => channel.kind == Kind::Public,
        _ => is_offered(channel, element),
    };
    sees && !channel.archived && fits
}

/// Whether the `filter` of a select lets this conversation through (Slack: conversations_select).
pub(super) fn is_offered(channel: &Channel, element: &Value) -> bool {
    let filter = &element["filter"];
    let sort = match channel.kind {
        Kind::Public => "public",
        Kind::Private => "private",
        Kind::WithApp | Kind::Between => "im",
    };
    let included = filter["include"].as_array().is_none_or(|all| all.iter().any(|one| one == sort));
    let stranger = channel.shared && filter["exclude_external_shared_channels"] == true;
    let bot = channel.kind == Kind::WithApp && filter["exclude_bot_users"] == true;
    included && !stranger && !bot
}

fn offered(view: &View, field: &Field, what: &str) -> Option<Value> {
    let options = view.offered.get(&field.block_id)?;
    option_named(&json!({ "options": options }), what)
}

/// What a field holds now: what was put in, else what it began with, else nothing.
pub(super) fn holds(view: &View, field: &Field, element: &Value) -> Value {
    let now = view.chosen.get(&field.block_id).and_then(|block| block.get(&field.action_id));
    now.cloned().or_else(|| state::initial(element)).unwrap_or_default()
}

/// Whether a text field accepts a text of this length.
pub(super) fn fits(field: &Field, element: &Value, text: &str) -> Result<(), NotThere> {
    let most = element["max_length"].as_u64().unwrap_or(3000);
    if text.chars().count() as u64 > most {
        return not_there(format!("{} takes at most {most} characters", field.label));
    }
    Ok(())
}

fn toggled(view: &View, field: &Field, element: &Value, option: Value) -> Value {
    let now = holds(view, field, element);
    let mut selected = now["selected_options"].as_array().cloned().unwrap_or_default();
    let before = selected.len();
    selected.retain(|known| !state::same_option(known, &option));
    if selected.len() == before {
        selected.push(option);
    }
    json!(selected)
}

/// The options of an answer as a person sees them.
pub(super) fn choices(answer: &Value) -> Vec<Choice> {
    let list = |options: &Value, group: Option<String>| {
        let options = options.as_array().cloned().unwrap_or_default();
        let choice = move |option: Value| Choice {
            text: draw::plain(&option["text"]),
            value: option["value"].as_str().unwrap_or_default().to_owned(),
            group: group.clone(),
        };
        options.into_iter().map(choice).collect::<Vec<_>>()
    };
    let mut all = list(&answer["options"], None);
    for group in answer["option_groups"].as_array().into_iter().flatten() {
        all.extend(list(&group["options"], Some(draw::plain(&group["label"]))));
    }
    all
}

/// Does what the app's answer to a submission says (reference section 5).
pub(super) fn responds(
    world: &mut World,
    user: &str,
    view: &str,
    answer: &Value,
    now: Timestamp,
) -> Result<Outcome, String> {
    let fail = |refusal: super::answer::Refusal| {
        let more = refusal.more.get("response_metadata").map(Value::to_string);
        format!("{} {}", refusal.code, more.unwrap_or_default())
    };
    match answer["response_action"].as_str() {
        Some("errors") => errors(world, view, answer),
        Some("update") => {
            views::check(&answer["view"], Surface::Modal).map_err(fail)?;
            views::replace(world, view, answer["view"].clone(), now).map_err(fail)?;
            Ok(Outcome::Updated)
        }
        Some("push") => {
            views::check(&answer["view"], Surface::Modal).map_err(fail)?;
            views::on_top(world, user, answer["view"].clone(), now).map_err(fail)?;
            Ok(Outcome::Pushed)
        }
        Some("clear") => {
            leave(world, user, None);
            Ok(Outcome::Cleared)
        }
        Some(other) => Err(format!("unknown response_action {other:?}")),
        // Closing is an empty body; even `{}` is not one.
        None => Err("no response_action".to_owned()),
    }
}

fn errors(world: &World, view: &str, answer: &Value) -> Result<Outcome, String> {
    let told = answer["errors"].as_object().filter(|told| !told.is_empty());
    let told = told.ok_or_else(|| "no errors in an answer of errors".to_owned())?;
    let blocks = world.views.get(view).and_then(|view| view.content["blocks"].as_array());
    let mut all = BTreeMap::new();
    for (id, text) in told {
        let mut inputs = blocks.into_iter().flatten().filter(|block| block["type"] == "input");
        if !inputs.any(|block| block["block_id"] == id.as_str()) {
            return Err(format!("an error for {id:?}, which is no input block"));
        }
        let text = text.as_str().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| format!("the error for {id:?} is no text"))?;
        all.insert(id.clone(), text.to_owned());
    }
    Ok(Outcome::Errors(all))
}

/// Takes so many views off the top of a person's stack; `None`: all.
pub(super) fn leave(world: &mut World, user: &str, count: Option<usize>) {
    let stack = world.stacks.remove(user).unwrap_or_default();
    let left = count.map_or(0, |count| stack.len().saturating_sub(count));
    if left > 0 {
        world.stacks.insert(user.to_owned(), stack[..left].to_vec());
    }
}

/// The options of an answer to an option load, or what is wrong with it.
pub(super) fn options(body: &str) -> Result<Value, String> {
    let answer: Value = serde_json::from_str(body).map_err(|_| "not JSON".to_owned())?;
    let wrong = check::option_answer(&answer);
    if wrong.is_empty() { Ok(answer) } else { Err(wrong.join("; ")) }
}
