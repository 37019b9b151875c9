//! What a form holds: the value of each element, from what the app preset and what a person chose.

use super::blocks::elements;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `block_id` → `action_id` → the element's value as payloads carry it.
pub(super) type Chosen = BTreeMap<String, BTreeMap<String, Value>>;

/// `state.values`: every element that can hold a value, with what was chosen in place of the preset.
pub(super) fn values(blocks: &[Value], chosen: &Chosen) -> Value {
    let mut all = Map::new();
    for block in blocks {
        let block_id = block["block_id"].as_str().unwrap_or_default();
        let mut of_block = Map::new();
        for element in elements(block) {
            let action_id = element["action_id"].as_str().unwrap_or_default();
            let now = chosen.get(block_id).and_then(|actions| actions.get(action_id));
            if let Some(value) = now.cloned().or_else(|| initial(element)) {
                of_block.insert(action_id.to_owned(), value);
            }
        }
        if !of_block.is_empty() {
            all.insert(block_id.to_owned(), Value::Object(of_block));
        }
    }
    Value::Object(all)
}

/// What was chosen stays when the new blocks still have that `block_id` with that `action_id`.
pub(super) fn carried(blocks: &[Value], chosen: &Chosen) -> Chosen {
    let there = values(blocks, &Chosen::new());
    let mut kept = chosen.clone();
    for (block, actions) in &mut kept {
        actions.retain(|action, value| there[block][action]["type"] == value["type"]);
    }
    kept.retain(|_, actions| !actions.is_empty());
    kept
}

/// The field of a payload that holds the value of such an element; `None` for one without a value.
pub(super) fn value_field(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => "value",
        "rich_text_input" => "rich_text_value",
        "static_select" | "external_select" | "radio_buttons" => "selected_option",
        "multi_static_select" | "multi_external_select" | "checkboxes" => "selected_options",
        "users_select" => "selected_user",
        "channels_select" => "selected_channel",
        "conversations_select" => "selected_conversation",
        "multi_users_select" => "selected_users",
        "multi_channels_select" => "selected_channels",
        "multi_conversations_select" => "selected_conversations",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        "file_input" => "files",
        _ => return None,
    })
}

/// Untouched: the preset, else `null` for one value and an empty list for several.
pub(super) fn initial(element: &Value) -> Option<Value> {
    let kind = element["type"].as_str()?;
    let field = value_field(kind)?;
    let preset = element.as_object()?.iter().find(|(name, _)| name.starts_with("initial_"));
    let many = field.ends_with('s');
    let value =
        preset.map_or_else(|| if many { json!([]) } else { Value::Null }, |(_, v)| v.clone());
    Some(json!({ "type": kind, field: value }))
}

/// The options of a select, those in groups too.
pub(super) fn offered(element: &Map<String, Value>) -> Vec<Value> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = list(element.get("options"));
    for group in list(element.get("option_groups")) {
        all.extend(list(group.get("options")));
    }
    all
}

/// The same text and value.
pub(super) fn same_option(one: &Value, other: &Value) -> bool {
    one["value"] == other["value"] && one["text"]["text"] == other["text"]["text"]
}
