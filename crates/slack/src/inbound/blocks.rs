//! The words of a message that has them only in its blocks, in the markup that `text` would have had.

use super::json::text;
use serde_json::Value;

/// All words in `blocks`, line by line. What is of no known kind says nothing.
pub(super) fn words(blocks: &Value) -> String {
    let lines: Vec<String> = all(blocks).map(block).filter(|words| !words.is_empty()).collect();
    lines.join("\n")
}

fn all(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn block(block: &Value) -> String {
    match block["type"].as_str().unwrap_or_default() {
        "rich_text" => lines(all(&block["elements"]).map(rich)),
        "section" => {
            let fields = all(&block["fields"]).map(text_object);
            lines(std::iter::once(text_object(&block["text"])).chain(fields))
        }
        "header" => text_object(&block["text"]),
        "context" => lines(all(&block["elements"]).map(text_object)),
        "markdown" => escaped(text(block, &["/text"]).unwrap_or_default()),
        _ => String::new(),
    }
}

fn lines(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn text_object(object: &Value) -> String {
    let words = text(object, &["/text"]).unwrap_or_default();
    if object["type"] == "mrkdwn" { words.to_owned() } else { escaped(words) }
}

/// A part of a `rich_text` block.
fn rich(part: &Value) -> String {
    let inline = || all(&part["elements"]).map(element).collect::<String>();
    match part["type"].as_str().unwrap_or_default() {
        "rich_text_list" => {
            let indent = "  ".repeat(part["indent"].as_u64().unwrap_or(0).min(8) as usize);
            let is_ordered = part["style"] == "ordered";
            let item = |(number, item): (usize, &Value)| {
                let mark = if is_ordered { format!("{number}.") } else { "•".to_owned() };
                format!("{indent}{mark} {}", rich(item))
            };
            (1..).zip(all(&part["elements"])).map(item).collect::<Vec<_>>().join("\n")
        }
        "rich_text_quote" => {
            inline().lines().map(|line| format!("&gt; {line}")).collect::<Vec<_>>().join("\n")
        }
        "rich_text_preformatted" => format!("```\n{}\n```", inline()),
        _ => inline(),
    }
}

/// One element of a line. Slack adds kinds without notice; what one has as text is taken.
fn element(element: &Value) -> String {
    let field = |name: &str| element[name].as_str().unwrap_or_default();
    match field("type") {
        "link" => match field("text") {
            "" => format!("<{}>", field("url")),
            label => format!("<{}|{}>", field("url"), escaped(label)),
        },
        "user" => format!("<@{}>", field("user_id")),
        "channel" => format!("<#{}>", field("channel_id")),
        "usergroup" => format!("<!subteam^{}>", field("usergroup_id")),
        "broadcast" => format!("<!{}>", field("range")),
        "emoji" => format!(":{}:", field("name")),
        "date" => escaped(field("fallback")),
        _ if element["style"]["code"] == true => format!("`{}`", escaped(field("text"))),
        _ => escaped(field("text")),
    }
}

fn escaped(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::mrkdwn::decode;
    use domain::words::Names;
    use serde_json::json;

    #[test]
    fn what_people_write_is_read_from_rich_text() {
        let blocks = json!([{ "type": "rich_text", "elements": [
            { "type": "rich_text_section", "elements": [
                { "type": "user", "user_id": "U0BOT" },
                { "type": "text", "text": " use <b> & " },
                { "type": "text", "text": "x < 1", "style": { "code": true } },
                { "type": "link", "url": "https://x.test/?a=1&b" },
                { "type": "emoji", "name": "tada" },
                { "type": "mood_of_tomorrow", "text": "!" },
            ]},
            { "type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "one" }] },
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "two" }] },
            ]},
            { "type": "rich_text_quote", "elements": [{ "type": "text", "text": "said\nso" }] },
            { "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": "a\n  b" }] },
        ]}]);
        assert_eq!(
            decode(&words(&blocks)).spelled(&Names::new()),
            "@someone use <b> & `x < 1`https://x.test/?a=1&b:tada:!\n  1. one\n  2. two\n> said\n> so\n\
             ```\na\n  b\n```"
        );
    }

    #[test]
    fn what_apps_write_is_read_too_and_nothing_else_is() {
        let blocks = json!([
            { "type": "header", "text": { "type": "plain_text", "text": "A & B" } },
            { "type": "divider" },
            { "type": "section", "text": { "type": "mrkdwn", "text": "<https://x.test|x> &amp; y" },
              "fields": [{ "type": "plain_text", "text": "f" }] },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "c" }] },
            { "type": "image", "image_url": "https://x.test" },
            5,
        ]);
        assert_eq!(words(&blocks), "A &amp; B\n<https://x.test|x> &amp; y\nf\nc");
        assert_eq!(words(&json!(null)), "");
        assert_eq!(words(&json!([{ "type": "rich_text" }])), "");
    }
}
