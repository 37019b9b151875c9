//! `views.*`: modals and the Home tab, with their limits and the rules of `trigger_id` and `hash`.

use super::answer::{self, Answer, Refusal};
use super::blocks;
use super::check::Check;
use super::model::{Origin, Trigger, View, World};
use super::payload;
use super::routes::Ask;
use super::rules::{Rule, Surface};
use super::{fields, state};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long a `trigger_id` lives (Slack: Handling user interaction).
const TRIGGER_SECONDS: i64 = 3;
/// The most views on top of each other (Slack: Modals).
const STACK: usize = 3;
/// The most blocks in a view (Slack: Block Kit).
const IN_VIEW: usize = 100;
/// The whole view in bytes (Slack: views.open).
const WHOLE: usize = 250_000;

pub(super) fn open(ask: &mut Ask<'_>) -> Answer {
    let view = given(ask)?;
    let trigger = exchange(ask)?;
    let below = Below { view: None, channel: trigger.from.channel().cloned() };
    let id = add(ask.world, &trigger.user, view, below, ask.now)?;
    ask.world.stacks.insert(trigger.user, vec![id.clone()]);
    shown(ask.world, &id)
}

pub(super) fn push(ask: &mut Ask<'_>) -> Answer {
    let view = given(ask)?;
    let trigger = exchange(ask)?;
    if !matches!(trigger.from, Origin::Modal(_)) {
        return Err(Refusal::new("invalid_trigger_id"));
    }
    let id = on_top(ask.world, &trigger.user, view, ask.now)?;
    shown(ask.world, &id)
}

/// Puts a view on the person's open stack.
pub(super) fn on_top(
    world: &mut World,
    user: &str,
    view: Value,
    now: Timestamp,
) -> Result<String, Refusal> {
    let stack = world.stacks.get(user).cloned().unwrap_or_default();
    if stack.len() >= STACK {
        return Err(Refusal::new("push_limit_reached"));
    }
    let top = stack.last().ok_or_else(|| Refusal::new("not_found"))?.clone();
    let channel = world.views.get(&top).and_then(|view| view.channel.clone());
    let id = add(world, user, view, Below { view: Some(top), channel }, now)?;
    world.stacks.entry(user.to_owned()).or_default().push(id.clone());
    Ok(id)
}

pub(super) fn update(ask: &mut Ask<'_>) -> Answer {
    let view = given(ask)?;
    let external = ask.args.text("external_id");
    let id = match (ask.args.text("view_id"), external) {
        (Some(id), _) => id,
        (None, Some(external)) => {
            by_external(ask.world, &external).ok_or_else(|| Refusal::new("not_found"))?
        }
        (None, None) => return Err(Refusal::lacks("view_id")),
    };
    let standing = |world: &World| world.stacks.values().flatten().any(|open| *open == id);
    if !standing(ask.world) {
        return Err(Refusal::new("not_found"));
    }
    same_hash(ask, &id)?;
    replace(ask.world, &id, view, ask.now)?;
    shown(ask.world, &id)
}

pub(super) fn publish(ask: &mut Ask<'_>) -> Answer {
    let user = ask.args.need("user_id")?;
    if !ask.world.settings.home_tab {
        return Err(Refusal::new("not_enabled"));
    }
    if ask.world.user(&user).is_none() {
        return Err(Refusal::new("user_not_found"));
    }
    let view = checked(ask, Surface::Home)?;
    let id = match ask.world.homes.get(&user).cloned() {
        Some(id) => {
            same_hash(ask, &id)?;
            replace(ask.world, &id, view, ask.now)?;
            id
        }
        None => add(ask.world, &user, view, Below::default(), ask.now)?,
    };
    ask.world.homes.insert(user, id.clone());
    shown(ask.world, &id)
}

fn shown(world: &World, id: &str) -> Answer {
    let view = world.views.get(id).ok_or_else(|| Refusal::new("not_found"))?;
    Ok(answer::fields(json!({ "view": payload::view(world, view) })))
}

fn same_hash(ask: &Ask<'_>, id: &str) -> Result<(), Refusal> {
    let now = ask.world.views.get(id).map(|view| view.hash.clone());
    match ask.args.text("hash") {
        Some(hash) if Some(&hash) != now.as_ref() => Err(Refusal::new("hash_conflict")),
        _ => Ok(()),
    }
}

fn by_external(world: &World, external: &str) -> Option<String> {
    let open = world.stacks.values().flatten().chain(world.homes.values());
    let mut views = open.filter_map(|id| world.views.get(id));
    views.find(|view| view.content["external_id"] == external).map(|view| view.id.clone())
}

/// What lies under a new view.
#[derive(Default)]
struct Below {
    view: Option<String>,
    channel: Option<String>,
}

/// A new view for a person, with a fresh id and hash.
fn add(
    world: &mut World,
    user: &str,
    content: Value,
    below: Below,
    now: Timestamp,
) -> Result<String, Refusal> {
    let external = content["external_id"].as_str().unwrap_or_default();
    if !external.is_empty() && by_external(world, external).is_some() {
        return Err(Refusal::new("duplicate_external_id"));
    }
    let id = format!("V{:08}", world.next());
    let root = below.view.as_ref().and_then(|under| world.views.get(under));
    let root = root.map(|view| view.root.clone());
    let content = kept(world, content, below.channel.as_deref());
    let view = View {
        team: world.team.id,
        id: id.clone(),
        user: user.to_owned(),
        content,
        hash: fresh_hash(world, now),
        root: root.unwrap_or_else(|| id.clone()),
        previous: below.view,
        channel: below.channel,
        chosen: state::Chosen::new(),
        offered: std::collections::BTreeMap::new(),
        read: false,
    };
    world.views.insert(id.clone(), view);
    Ok(id)
}

/// Other content in an open view. What the person filled in stays where block and action ids are the
/// same (Slack: Modals, "Carry data between views").
pub(super) fn replace(
    world: &mut World,
    id: &str,
    content: Value,
    now: Timestamp,
) -> Result<(), Refusal> {
    let external = content["external_id"].as_str().unwrap_or_default();
    if !external.is_empty() && by_external(world, external).is_some_and(|other| other != id) {
        return Err(Refusal::new("duplicate_external_id"));
    }
    let channel = world.views.get(id).and_then(|view| view.channel.clone());
    let content = kept(world, content, channel.as_deref());
    let hash = fresh_hash(world, now);
    let view = world.views.get_mut(id).ok_or_else(|| Refusal::new("not_found"))?;
    let blocks = content["blocks"].as_array().cloned().unwrap_or_default();
    view.chosen = state::carried(&blocks, &view.chosen);
    view.content = content;
    view.hash = hash;
    view.read = false;
    Ok(())
}

fn fresh_hash(world: &mut World, now: Timestamp) -> String {
    format!("{}.{:08x}", now.as_second(), world.next())
}

/// As Slack keeps it: with ids, with what was left out, and with the conversation that was open in a
/// select that asks for it (`default_to_current_conversation`, which beats a preset) and offers it.
fn kept(world: &mut World, mut content: Value, channel: Option<&str>) -> Value {
    let blocks = content["blocks"].as_array().cloned().unwrap_or_default();
    let mut blocks = blocks::kept(world, blocks);
    if let Some(open) = channel.and_then(|channel| world.channel(channel)) {
        for element in blocks.iter_mut().flat_map(blocks::elements_mut) {
            let wanted = element["default_to_current_conversation"] == true;
            if !wanted || !fields::is_offered(open, element) {
                continue;
            }
            if element["type"] == "conversations_select" {
                element["initial_conversation"] = json!(open.id);
            } else {
                element["initial_conversations"] = json!([open.id]);
            }
        }
    }
    content["blocks"] = json!(blocks);
    let usual = [
        ("private_metadata", json!("")),
        ("callback_id", json!("")),
        ("external_id", json!("")),
        ("clear_on_close", json!(false)),
        ("notify_on_close", json!(false)),
        ("close", Value::Null),
        ("submit", Value::Null),
    ];
    for (name, value) in usual {
        if content[name].is_null() {
            content[name] = value;
        }
    }
    content
}

fn given(ask: &mut Ask<'_>) -> Result<Value, Refusal> {
    checked(ask, Surface::Modal)
}

fn checked(ask: &mut Ask<'_>, surface: Surface) -> Result<Value, Refusal> {
    let view = ask.args.data("view", "invalid_arguments")?.ok_or_else(|| Refusal::lacks("view"))?;
    check(&view, surface)?;
    Ok(view)
}

/// Whether Slack accepts this view (reference section 8).
pub(super) fn check(view: &Value, surface: Surface) -> Result<(), Refusal> {
    if view.to_string().len() > WHOLE {
        return Err(Refusal::new("view_too_large"));
    }
    let mut check = Check::new(surface);
    let Some(map) = view.as_object() else {
        return Err(Refusal::because(
            "invalid_arguments",
            &["[ERROR] must be an object".to_owned()],
        ));
    };
    let common: &[(&str, Rule)] = &[
        ("private_metadata", Rule::Str(3000)),
        ("callback_id", Rule::Str(255)),
        ("external_id", Rule::Str(255)),
    ];
    let modal: &[(&str, Rule)] = &[
        ("submit", Rule::Plain(24)),
        ("close", Rule::Plain(24)),
        ("clear_on_close", Rule::Bool),
        ("notify_on_close", Rule::Bool),
        ("submit_disabled", Rule::Bool),
    ];
    let kind = view["type"].as_str().unwrap_or_default();
    match surface {
        Surface::Modal => {
            let optional: Vec<_> = common.iter().chain(modal).copied().collect();
            let required = [("title", Rule::Plain(24)), ("blocks", Rule::Any)];
            check.fields("/view", map, &required, &optional);
            if kind != "modal" {
                check.say("/view/type", &format!("unsupported type: {kind}"));
            }
        }
        Surface::Home | Surface::Message => {
            check.fields("/view", map, &[("blocks", Rule::Any)], common);
            if kind != "home" {
                check.say("/view/type", &format!("unsupported type: {kind}"));
            }
        }
    }
    let mut wrong = check.wrong;
    let blocks = view["blocks"].as_array().cloned().unwrap_or_default();
    wrong.extend(blocks::check(&blocks, surface, "/view/blocks", IN_VIEW));
    let has_input = blocks.iter().any(|block| block["type"] == "input");
    if surface == Surface::Modal && has_input && !view["submit"].is_object() {
        wrong.push("[ERROR] missing required field: submit [json-pointer:/view]".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::because("invalid_arguments", &wrong)) }
}

/// Uses up the trigger: once, and within three seconds.
fn exchange(ask: &mut Ask<'_>) -> Result<Trigger, Refusal> {
    let id = ask.args.need("trigger_id")?;
    let now = ask.now;
    let trigger = ask.world.triggers.get_mut(&id);
    let trigger = trigger.ok_or_else(|| Refusal::new("invalid_trigger_id"))?;
    if trigger.used {
        return Err(Refusal::new("exchanged_trigger_id"));
    }
    if now.as_millisecond() - trigger.made.as_millisecond() > TRIGGER_SECONDS * 1000 {
        return Err(Refusal::new("expired_trigger_id"));
    }
    trigger.used = true;
    Ok(trigger.clone())
}
