//! Blocks as readable plain text: what a person sees, without colour and layout.

use super::channel::{Author, Message};
use super::model::{View, World};
use super::state::{self, Chosen};
use super::text::{name_of, readable};
use serde_json::Value;

/// The words of a message: its blocks, or its text when it has none.
pub(super) fn message(world: &World, message: &Message) -> String {
    if message.blocks.is_empty() && message.author == Author::App && !message.files.is_empty() {
        let name = |file: &Value| format!("[file {}]", file["name"].as_str().unwrap_or_default());
        return message.files.iter().map(name).collect::<Vec<_>>().join("\n");
    }
    let own = match message.blocks.is_empty() {
        true => readable(world, &message.text),
        false => blocks(world, &message.blocks, &message.chosen),
    };
    let attached = message.attachments.iter().map(|one| attachment(world, one));
    let all = std::iter::once(own).chain(attached).filter(|part| !part.is_empty());
    all.collect::<Vec<_>>().join("\n")
}

/// A forwarded message, an alert's words or the preview of a link.
fn attachment(world: &World, attachment: &Value) -> String {
    let text = |name: &str| attachment[name].as_str().unwrap_or_default();
    let inside = attachment["blocks"].as_array().map(|list| blocks(world, list, &Chosen::new()));
    let words = ["pretext", "title", "text"].map(text).into_iter().filter(|part| !part.is_empty());
    let words = words.collect::<Vec<_>>().join("\n");
    let words = if words.is_empty() { text("fallback").to_owned() } else { words };
    let words = inside.unwrap_or_else(|| readable(world, &words));
    let words = match text("author_name") {
        "" => words,
        name => format!("{name}: {words}"),
    };
    words.lines().map(|line| format!("| {line}\n")).collect::<String>().trim_end().to_owned()
}

/// A modal or a Home tab in a frame.
pub(super) fn view(world: &World, view: &View) -> String {
    let list = view.content["blocks"].as_array().cloned().unwrap_or_default();
    let inside = blocks(world, &list, &view.chosen);
    let mut out = format!("┌ {}\n", plain(&view.content["title"]));
    for line in inside.lines() {
        out.push_str(format!("│ {line}").trim_end());
        out.push('\n');
    }
    let buttons = [&view.content["close"], &view.content["submit"]];
    let labels = buttons.iter().filter(|label| !label.is_null());
    let labels = labels.map(|label| format!("[{}]", plain(label))).collect::<Vec<_>>();
    out.push_str(format!("└ {}", labels.join(" ")).trim_end());
    out
}

/// The text of a text object, as it stands.
pub(super) fn plain(text: &Value) -> String {
    text["text"].as_str().unwrap_or_default().to_owned()
}

/// The text of a text object as a person reads it: mrkdwn has names and links in it.
pub(super) fn words(world: &World, text: &Value) -> String {
    let raw = text["text"].as_str().unwrap_or_default();
    if text["type"] == "mrkdwn" { readable(world, raw) } else { raw.to_owned() }
}

/// What a field holds: text, the texts of options, the names behind ids.
pub(super) fn held(world: &World, value: &Value) -> String {
    if let Some(list) = value.as_array() {
        return list.iter().map(|one| held(world, one)).collect::<Vec<_>>().join(", ");
    }
    if let Some(id) = value.as_str() {
        let channel = world.channel(id).map(|channel| match channel.name.strip_prefix('@') {
            Some(_) => channel.name.clone(),
            None => format!("#{}", channel.name),
        });
        return channel.unwrap_or_else(|| name_of(world, id));
    }
    words(world, &value["text"])
}

fn blocks(world: &World, blocks: &[Value], chosen: &Chosen) -> String {
    let values = state::values(blocks, chosen);
    let drawn = blocks.iter().map(|one| {
        let id = one["block_id"].as_str().unwrap_or_default();
        block(world, one, &values[id])
    });
    drawn.collect::<Vec<_>>().join("\n")
}

fn block(world: &World, block: &Value, values: &Value) -> String {
    let elements = || {
        let all = block["elements"].as_array().into_iter().flatten();
        all.map(|one| element(world, one, values)).collect::<Vec<_>>()
    };
    match block["type"].as_str().unwrap_or_default() {
        "section" => section(world, block, values),
        "header" => format!("# {}", words(world, &block["text"])),
        "context" => elements().join("  "),
        "actions" | "context_actions" => elements().join(" "),
        "divider" => "────────".to_owned(),
        "markdown" => block["text"].as_str().unwrap_or_default().to_owned(),
        "rich_text" => super::rich::text(world, block),
        "table" => super::rich::table(world, block),
        "image" => format!("(image: {})", block["alt_text"].as_str().unwrap_or_default()),
        "input" => input(world, block, values),
        "alert" => format!("! {}", words(world, &block["text"])),
        "plan" => plan(world, block),
        "task_card" => task(world, block),
        "card" => ["title", "subtitle", "body"].map(|part| words(world, &block[part])).join("\n"),
        other => format!("(a {other:?} block, which has no plain text)"),
    }
}

fn section(world: &World, block: &Value, values: &Value) -> String {
    let mut lines = Vec::new();
    if block["text"].is_object() {
        lines.push(words(world, &block["text"]));
    }
    for field in block["fields"].as_array().into_iter().flatten() {
        lines.push(words(world, field));
    }
    if block["accessory"].is_object() {
        lines.push(element(world, &block["accessory"], values));
    }
    lines.join("\n")
}

fn input(world: &World, block: &Value, values: &Value) -> String {
    let may = if block["optional"] == true { " (optional)" } else { "" };
    let label = words(world, &block["label"]);
    let mut out = format!("{label}{may}: {}", element(world, &block["element"], values));
    if block["hint"].is_object() {
        out.push_str(&format!("\n  {}", words(world, &block["hint"])));
    }
    out
}

fn plan(world: &World, block: &Value) -> String {
    let mut lines = vec![block["title"].as_str().unwrap_or_default().to_owned()];
    for one in block["tasks"].as_array().into_iter().flatten() {
        lines.push(task(world, one));
    }
    lines.join("\n")
}

fn task(world: &World, task: &Value) -> String {
    let text = |name: &str| task[name].as_str().unwrap_or_default();
    let mut out = format!("- {} ({})", text("title"), text("status"));
    for part in ["details", "output"] {
        if task[part].is_object() {
            let inside = super::rich::text(world, &task[part]);
            out.push_str(&format!("\n  {}", inside.replace('\n', "\n  ")));
        }
    }
    out
}

/// An element with what is chosen in it.
fn element(world: &World, element: &Value, values: &Value) -> String {
    let kind = element["type"].as_str().unwrap_or_default();
    let action = element["action_id"].as_str().unwrap_or_default();
    let value = state::value_field(kind).map(|field| &values[action][field]);
    match kind {
        "mrkdwn" | "plain_text" => words(world, element),
        "image" => format!("({})", element["alt_text"].as_str().unwrap_or_default()),
        "button" | "workflow_button" => button(element),
        "icon_button" => format!("[{}]", plain(&element["text"])),
        "feedback_buttons" => {
            let one = |which: &str| format!("[{}]", plain(&element[which]["text"]));
            format!("{} {}", one("positive_button"), one("negative_button"))
        }
        "overflow" => format!("[… {}]", options(world, element).join(" | ")),
        "radio_buttons" | "checkboxes" => marked(world, element, value),
        _ => holding(world, element, value),
    }
}

fn button(element: &Value) -> String {
    let label = format!("[{}]", plain(&element["text"]));
    match element["url"].as_str() {
        Some(url) => format!("{label} <{url}>"),
        None => label,
    }
}

fn options(world: &World, element: &Value) -> Vec<String> {
    let options = element.as_object().map(state::offered).unwrap_or_default();
    options.iter().map(|option| words(world, &option["text"])).collect()
}

/// `(•)` and `( )`, or `[x]` and `[ ]`, before each option.
fn marked(world: &World, element: &Value, value: Option<&Value>) -> String {
    let many = element["type"] == "checkboxes";
    let (on, off) = if many { ("[x]", "[ ]") } else { ("(•)", "( )") };
    let chosen = |option: &Value| match value.and_then(Value::as_array) {
        Some(list) => list.iter().any(|known| state::same_option(known, option)),
        None => value.is_some_and(|known| state::same_option(known, option)),
    };
    let options = element.as_object().map(state::offered).unwrap_or_default();
    let drawn = options.iter().map(|option| {
        let mark = if chosen(option) { on } else { off };
        format!("{mark} {}", words(world, &option["text"]))
    });
    drawn.collect::<Vec<_>>().join("  ")
}

/// A text field or a select: what it holds, else its placeholder.
fn holding(world: &World, element: &Value, value: Option<&Value>) -> String {
    let kind = element["type"].as_str().unwrap_or_default();
    let Some(value) = value else { return format!("(a {kind:?} element)") };
    let held = held(world, value);
    let shown = if held.is_empty() { plain(&element["placeholder"]) } else { held };
    if kind.ends_with("select") { format!("[{shown} ▾]") } else { format!("[{shown}]") }
}
