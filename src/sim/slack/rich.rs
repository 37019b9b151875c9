//! `rich_text` as plain text: paragraphs, lists, quotes and code, as a person reads them.

use super::model::World;
use super::text::name_of;
use serde_json::Value;

/// The text of a `rich_text` block or object.
pub(super) fn text(world: &World, block: &Value) -> String {
    let parts = children(block).map(|part| section(world, part));
    parts.collect::<Vec<_>>().join("\n").trim_end_matches('\n').to_owned()
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    value["elements"].as_array().into_iter().flatten()
}

fn section(world: &World, part: &Value) -> String {
    let inline = || children(part).map(|one| piece(world, one)).collect::<String>();
    match part["type"].as_str().unwrap_or_default() {
        "rich_text_list" => list(world, part),
        "rich_text_quote" => prefixed(&inline(), "> "),
        "rich_text_preformatted" => format!("```\n{}\n```", inline()),
        "rich_text_section" => inline(),
        other => format!("(a {other:?} part)"),
    }
}

fn list(world: &World, part: &Value) -> String {
    let depth = part["indent"].as_u64().unwrap_or(0);
    let depth = usize::try_from(depth).unwrap_or(0).min(9);
    let first = part["offset"].as_u64().unwrap_or(0) + 1;
    let ordered = part["style"] == "ordered";
    let items = (first..).zip(children(part)).map(|(number, item)| {
        let mark = if ordered { format!("{number}.") } else { "•".to_owned() };
        format!("{}{mark} {}", "  ".repeat(depth), section(world, item))
    });
    items.collect::<Vec<_>>().join("\n")
}

fn prefixed(text: &str, prefix: &str) -> String {
    text.lines().map(|line| format!("{prefix}{line}")).collect::<Vec<_>>().join("\n")
}

fn piece(world: &World, piece: &Value) -> String {
    let field = |name: &str| piece[name].as_str().unwrap_or_default();
    match field("type") {
        "text" if piece["style"]["code"] == true => format!("`{}`", field("text")),
        "text" => field("text").to_owned(),
        "link" if field("text").is_empty() => format!("<{}>", field("url")),
        "link" => format!("{} <{}>", field("text"), field("url")),
        "user" => format!("@{}", name_of(world, field("user_id"))),
        "channel" => {
            let id = field("channel_id");
            let name = world.channel(id).map(|channel| channel.name.as_str());
            format!("#{}", name.unwrap_or(id))
        }
        "emoji" => format!(":{}:", field("name")),
        "broadcast" => format!("@{}", field("range")),
        "date" => field("fallback").to_owned(),
        other => format!("(a {other:?} part)"),
    }
}
