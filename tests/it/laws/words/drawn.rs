//! Blocks as a person reads them, with the question that a button asks first.

use serde_json::Value;

/// A line with what a button asks first begins with this.
pub(super) const ASKS: &str = "? ";

/// All blocks, one below the other.
pub(super) fn blocks(blocks: &Value) -> String {
    let drawn: Vec<String> = list(blocks).map(block).collect();
    drawn.join("\n")
}

/// A form: its title, its blocks, its buttons.
pub(super) fn form(view: &Value) -> String {
    let buttons = [&view["close"], &view["submit"]].map(|label| format!("[{}]", text(label)));
    format!("{}\n{}\n{}", text(&view["title"]), blocks(&view["blocks"]), buttons.join(" "))
}

fn list(values: &Value) -> impl Iterator<Item = &Value> {
    values.as_array().into_iter().flatten()
}

/// The words of a text object. In mrkdwn people, channels and times are tokens.
fn text(object: &Value) -> String {
    let raw = object["text"].as_str().unwrap_or_default();
    let mut parts = raw.split('<');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (token, rest) = part.split_once('>').unwrap_or((part, ""));
        out.push_str(match token.chars().next() {
            Some('@') => "@ann",
            Some('#') => "#dev",
            _ => token.split_once('|').map_or("", |(_, fallback)| fallback),
        });
        out.push_str(rest);
    }
    out
}

fn block(block: &Value) -> String {
    let parts = match block["type"].as_str().unwrap_or_default() {
        "rich_text" => list(&block["elements"]).map(rich).collect::<Vec<_>>().join("\n"),
        "header" => format!("*{}*", text(&block["text"])),
        "divider" => "────────".to_owned(),
        "context" => list(&block["elements"]).map(text).collect::<Vec<_>>().join("  "),
        "actions" => {
            let labels: Vec<String> = list(&block["elements"]).map(element).collect();
            let asked: String = list(&block["elements"]).filter_map(question).collect();
            labels.join(" ") + &asked
        }
        "section" => {
            let words = block.get("text").into_iter().chain(list(&block["fields"]));
            let fields: Vec<String> = words.map(text).collect();
            let asked = question(&block["accessory"]).unwrap_or_default();
            format!("{} {}{asked}", fields.join(" | "), element(&block["accessory"]))
        }
        "input" => format!(
            "{}: {}\n{}",
            text(&block["label"]),
            element(&block["element"]),
            text(&block["hint"])
        ),
        other => panic!("a {other} block has no words yet"),
    };
    parts.trim_end().to_owned()
}

/// What a button asks first, on a line of its own.
fn question(element: &Value) -> Option<String> {
    let confirm = element.get("confirm")?;
    let asked = [&confirm["title"], &confirm["text"]].map(text).join(" ");
    let answers = [&confirm["deny"], &confirm["confirm"]].map(|label| format!("[{}]", text(label)));
    Some(format!("\n{ASKS}{asked} {}", answers.join(" ")))
}

/// A button, a menu, an input.
fn element(element: &Value) -> String {
    let options = || list(&element["options"]).map(|option| text(&option["text"]));
    match element["type"].as_str().unwrap_or_default() {
        "button" => format!("[{}]", text(&element["text"])),
        "overflow" => format!("[… {}]", options().collect::<Vec<_>>().join(" | ")),
        "static_select" => list(&element["options"])
            .map(|one| match text(&one["description"]).as_str() {
                "" => format!("\n    ( ) {}", text(&one["text"])),
                more => format!("\n    ( ) {} ({more})", text(&one["text"])),
            })
            .collect(),
        "checkboxes" => options().map(|option| format!("\n    [ ] {option}")).collect(),
        _ => text(&element["placeholder"]),
    }
}

fn rich(element: &Value) -> String {
    let line = || list(&element["elements"]).map(inline).collect::<String>();
    let each = |mark: &str, line: &str| {
        line.lines().map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n")
    };
    match element["type"].as_str().unwrap_or_default() {
        "rich_text_quote" => each("> ", &line()),
        "rich_text_preformatted" => each("    ", &line()),
        "rich_text_list" => list(&element["elements"])
            .map(rich)
            .map(|one| format!("• {one}"))
            .collect::<Vec<_>>()
            .join("\n"),
        _ => line(),
    }
}

fn inline(one: &Value) -> String {
    let words = one["text"].as_str().unwrap_or_default();
    match one["type"].as_str().unwrap_or_default() {
        "text" if one["style"]["code"] == true => format!("`{words}`"),
        "text" if one["style"]["bold"] == true => format!("*{words}*"),
        "text" => words.to_owned(),
        "link" if words.is_empty() => one["url"].as_str().unwrap_or_default().to_owned(),
        "link" => words.to_owned(),
        "user" => "@ann".to_owned(),
        "channel" => "#dev".to_owned(),
        "usergroup" => "@leads".to_owned(),
        "emoji" => format!(":{}:", one["name"].as_str().unwrap_or_default()),
        "date" => one["fallback"].as_str().unwrap_or_default().to_owned(),
        other => panic!("a {other} has no words yet"),
    }
}
