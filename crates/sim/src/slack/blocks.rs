//! The blocks of a message or a view: whether Slack accepts them, and the form it keeps them in.

use super::answer::Refusal;
use super::check::Check;
use super::model::World;
use super::rules::{BLOCKS, Surface};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most blocks in a message (Slack: Block Kit).
const IN_MESSAGE: usize = 50;
/// The sum of all block text from which one report had `msg_blocks_too_long` (reference section 8).
const ALL_TEXT: usize = 13_200;
/// All `markdown` blocks of a payload together (Slack: markdown block).
const ALL_MARKDOWN: usize = 12_000;

/// The blocks of a message, or why Slack refuses them.
pub(super) fn of_message(world: &mut World, blocks: Value) -> Result<Vec<Value>, Refusal> {
    let Value::Array(blocks) = blocks else { return Err(Refusal::new("invalid_blocks_format")) };
    let wrong = check(&blocks, Surface::Message, "/blocks", IN_MESSAGE);
    if !wrong.is_empty() {
        return Err(Refusal::because("invalid_blocks", &wrong));
    }
    let kinds = || blocks.iter().filter_map(|block| block["type"].as_str());
    if kinds().filter(|kind| *kind == "table").count() > 1 {
        let wrong = "[ERROR] only_one_table_allowed [json-pointer:/blocks]".to_owned();
        return Err(Refusal::because("invalid_blocks", &[wrong]));
    }
    if let Some(kind) = kinds().find(|kind| world.settings.refused_blocks.contains(*kind)) {
        let wrong = format!("[ERROR] unsupported type: {kind} [json-pointer:/blocks]");
        return Err(Refusal::because("invalid_blocks", &[wrong]));
    }
    let markdown = blocks.iter().filter(|block| block["type"] == "markdown");
    if markdown.map(all_text).sum::<usize>() > ALL_MARKDOWN
        || blocks.iter().map(all_text).sum::<usize>() > ALL_TEXT
    {
        return Err(Refusal::new("msg_blocks_too_long"));
    }
    Ok(kept(world, blocks))
}

/// Everything that is wrong with these blocks.
pub(super) fn check(blocks: &[Value], surface: Surface, at: &str, most: usize) -> Vec<String> {
    let mut check = Check::new(surface);
    if blocks.len() > most {
        check.say(at, &format!("no more than {most} items allowed"));
    }
    let mut ids = BTreeSet::new();
    for (index, block) in blocks.iter().enumerate() {
        let at = format!("{at}/{index}");
        check.thing(&at, block, BLOCKS, &[]);
        if let Some(id) = block["block_id"].as_str()
            && !ids.insert(id)
        {
            check.say(&format!("{at}/block_id"), &format!("block_id {id} already exists"));
        }
        let mut actions = BTreeSet::new();
        for element in elements(block) {
            if let Some(id) = element["action_id"].as_str()
                && !actions.insert(id)
            {
                check.say(&at, &format!("action_id {id} already exists"));
            }
        }
    }
    check.wrong
}

/// The elements of a block that people can use.
pub(super) fn elements(block: &Value) -> Vec<&Value> {
    let many = block["elements"].as_array().into_iter().flatten();
    let one = [&block["element"], &block["accessory"]];
    many.chain(one).filter(|element| element["type"].is_string()).collect()
}

/// As [`elements`], to change them.
pub(super) fn elements_mut(block: &mut Value) -> Vec<&mut Value> {
    let Some(map) = block.as_object_mut() else { return Vec::new() };
    let parts = map.iter_mut().flat_map(|(name, part)| match name.as_str() {
        "elements" => part.as_array_mut().into_iter().flatten().collect::<Vec<_>>(),
        "element" | "accessory" => vec![part],
        _ => Vec::new(),
    });
    parts.filter(|element| element["type"].is_string()).collect()
}

/// As Slack stores them: with the ids and defaults that the app left out.
pub(super) fn kept(world: &mut World, mut blocks: Vec<Value>) -> Vec<Value> {
    for block in &mut blocks {
        fill_id(world, block, "block_id");
        for name in ["element", "accessory"] {
            if block[name]["type"].is_string() {
                fill_action(world, &mut block[name]);
            }
        }
        if block["type"] == "actions" || block["type"] == "context_actions" {
            for element in block["elements"].as_array_mut().into_iter().flatten() {
                fill_action(world, element);
            }
        }
        defaults(block);
    }
    blocks
}

fn fill_action(world: &mut World, element: &mut Value) {
    if element["type"] != "image" {
        fill_id(world, element, "action_id");
    }
}

fn fill_id(world: &mut World, value: &mut Value, name: &str) {
    if value[name].as_str().is_none_or(str::is_empty) {
        value[name] = json!(format!("gen{}", world.next()));
    }
}

/// Text objects come back with `emoji` and `verbatim` said.
fn defaults(value: &mut Value) {
    if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(defaults);
    } else if let Some(map) = value.as_object_mut() {
        let is_text = map.get("text").is_some_and(Value::is_string);
        match map.get("type").and_then(Value::as_str) {
            Some("plain_text") if is_text => {
                map.entry("emoji").or_insert(json!(true));
            }
            Some("mrkdwn") if is_text => {
                map.entry("verbatim").or_insert(json!(false));
            }
            _ => {}
        }
        map.values_mut().for_each(defaults);
    }
}

fn all_text(value: &Value) -> usize {
    if let Some(items) = value.as_array() {
        return items.iter().map(all_text).sum();
    }
    let Some(map) = value.as_object() else { return 0 };
    let own = map.get("text").and_then(Value::as_str).map_or(0, |text| text.chars().count());
    own + map.values().map(all_text).sum::<usize>()
}
