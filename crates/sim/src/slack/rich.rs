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

/// The rows of a table, a line each.
pub(super) fn table(world: &World, block: &Value) -> String {
    let cell = |cell: &Value| match cell["type"].as_str() {
        Some("rich_text") => text(world, cell),
        _ => cell["text"].as_str().unwrap_or_default().to_owned(),
    };
    let cells = |row: &Value| {
        let row: Vec<String> = row.as_array().into_iter().flatten().map(cell).collect();
        format!("| {} |", row.join(" | "))
    };
    let rows: Vec<String> = block["rows"].as_array().into_iter().flatten().map(cells).collect();
    rows.join("\n")
}

/// With marks for how it looks.
fn styled(text: &str, style: &Value) -> String {
    let marks = [("code", '`'), ("italic", '_'), ("bold", '*'), ("strike", '~')];
    let marks = marks.into_iter().filter(|(name, _)| style[*name] == true);
    marks.fold(text.to_owned(), |text, (_, mark)| format!("{mark}{text}{mark}"))
}

fn prefixed(text: &str, prefix: &str) -> String {
    let line = |line: &str| format!("{prefix}{line}").trim_end().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn piece(world: &World, piece: &Value) -> String {
    let field = |name: &str| piece[name].as_str().unwrap_or_default();
    match field("type") {
        "text" => styled(field("text"), &piece["style"]),
        "link" if field("text").is_empty() => format!("<{}>", field("url")),
        "link" => format!("{} <{}>", styled(field("text"), &piece["style"]), field("url")),
        "user" => format!("@{}", name_of(world, field("user_id"))),
        "usergroup" => {
            let id = field("usergroup_id");
            let handle = world.groups.get(id).map(|group| group.handle.as_str());
            format!("@{}", handle.unwrap_or(id))
        }
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
