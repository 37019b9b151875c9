//! What Slack takes in `rich_text` and `table`: shapes of their parts, fields, counts, no empty text.
//!
//! Source: reference sections 8 and 9 (Slack: Block Kit, "Rich text", "Table"; the types of
//! node-slack-sdk).

use super::check::Check;
use super::rules::{Fields, Rule};
use Rule::{Any, Bool, OneOf, Str, Web, Whole, Word};
use serde_json::{Map, Value};

/// The most rows of a table, and cells of a row.
const MOST_ROWS: usize = 100;
const MOST_CELLS: usize = 20;

/// The most elements of anything: Slack gives no number.
const MOST: usize = 10_000;

/// The most levels of a list.
const DEEPEST: i64 = 8;

const STYLE: (&str, Rule) = ("style", Any);
const BORDER: (&str, Rule) = ("border", Whole(0, 1));

/// The parts of a `rich_text`, beside their elements: required and optional fields.
static PARTS: &[(&str, Fields, Fields)] = &[
    ("rich_text_section", &[], &[]),
    (
        "rich_text_list",
        &[("style", OneOf(&["bullet", "ordered"]))],
        &[("indent", Whole(0, DEEPEST)), ("offset", Whole(0, 1_000_000)), BORDER],
    ),
    ("rich_text_preformatted", &[], &[BORDER, ("language", Str(100))]),
    ("rich_text_quote", &[], &[BORDER]),
];

/// The elements of a line.
static INLINE: &[(&str, Fields, Fields)] = &[
    ("text", &[("text", Word(1_000_000))], &[STYLE]),
    ("link", &[("url", Web)], &[("text", Word(3000)), ("unsafe", Bool), STYLE]),
    ("user", &[("user_id", Word(255))], &[STYLE]),
    ("channel", &[("channel_id", Word(255))], &[STYLE]),
    ("usergroup", &[("usergroup_id", Word(255))], &[STYLE]),
    ("emoji", &[("name", Word(255))], &[("unicode", Str(255)), ("url", Web), STYLE]),
    (
        "date",
        &[("timestamp", Whole(0, i64::MAX)), ("format", Word(255))],
        &[("url", Web), ("fallback", Word(255)), STYLE],
    ),
    ("broadcast", &[("range", OneOf(&["here", "channel", "everyone"]))], &[STYLE]),
    ("color", &[("value", Word(255))], &[STYLE]),
];

/// How words can look.
const STYLES: [&str; 8] =
    ["bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"];

impl Check {
    /// The elements of a `rich_text`, in a block or in a cell.
    pub(super) fn rich_text(&mut self, at: &str, map: &Map<String, Value>) {
        let elements = map.get("elements").unwrap_or(&Value::Null);
        self.each(&format!("{at}/elements"), elements, 1, MOST, |check, at, part| {
            check.part(at, part);
        });
    }

    fn part(&mut self, at: &str, part: &Value) {
        let Some(map) = self.known(at, part, PARTS) else { return };
        let kind = part["type"].as_str().unwrap_or_default();
        self.each(&format!("{at}/elements"), &map["elements"], 1, MOST, |check, at, one| {
            let is_section = one["type"] == "rich_text_section";
            let is_plain = matches!(one["type"].as_str(), Some("text" | "link"));
            match kind {
                "rich_text_list" if is_section => check.part(at, one),
                "rich_text_list" => check.say(at, "must be a rich_text_section"),
                "rich_text_preformatted" if !is_plain => check.say(at, "must be text or link"),
                _ => check.inline(at, one),
            }
        });
    }

    fn inline(&mut self, at: &str, one: &Value) {
        if self.known(at, one, INLINE).is_none() || one["style"].is_null() {
            return;
        }
        let at = format!("{at}/style");
        let Some(style) = one["style"].as_object() else {
            return self.say(&at, "must be an object");
        };
        for (name, value) in style {
            let has_code = matches!(one["type"].as_str(), Some("text" | "link"));
            if !STYLES.contains(&name.as_str()) || (name == "code" && !has_code) {
                self.say(&at, &format!("invalid additional property: {name}"));
            } else if !value.is_boolean() {
                self.say(&format!("{at}/{name}"), "must be a boolean");
            }
        }
    }

    /// The fields of one of these kinds.
    fn known<'v>(
        &mut self,
        at: &str,
        value: &'v Value,
        kinds: &[(&str, Fields, Fields)],
    ) -> Option<&'v Value> {
        let kind = value["type"].as_str().unwrap_or_default();
        let Some((_, required, optional)) = kinds.iter().find(|(known, ..)| *known == kind) else {
            self.say(&format!("{at}/type"), &format!("unsupported type: {kind}"));
            return None;
        };
        let mut map = value.as_object().cloned().unwrap_or_default();
        map.remove("elements");
        if map.contains_key("block_id") {
            self.say(at, "invalid additional property: block_id");
        }
        self.fields(at, &map, required, optional);
        Some(value)
    }

    /// The rows, cells and columns of a table.
    pub(super) fn table(&mut self, at: &str, map: &Map<String, Value>) {
        let rows = map.get("rows").unwrap_or(&Value::Null);
        self.each(&format!("{at}/rows"), rows, 1, MOST_ROWS, |check, at, row| {
            check.each(at, row, 1, MOST_CELLS, Self::cell);
        });
        if let Some(columns) = map.get("column_settings").filter(|columns| !columns.is_null()) {
            let at = format!("{at}/column_settings");
            self.each(&at, columns, 0, MOST_CELLS, |check, at, column| {
                let Some(map) = column.as_object() else { return };
                let align = OneOf(&["left", "center", "right"]);
                check.fields(at, map, &[], &[("align", align), ("is_wrapped", Bool)]);
            });
        }
    }

    fn cell(&mut self, at: &str, cell: &Value) {
        let Some(map) = cell.as_object() else { return self.say(at, "must be an object") };
        match cell["type"].as_str() {
            Some("raw_text") => self.fields(at, map, &[("text", Word(1_000_000))], &[]),
            Some("rich_text") => {
                self.fields(at, map, &[("elements", Any)], &[]);
                self.rich_text(at, map);
            }
            _ => self.say(&format!("{at}/type"), "must be raw_text or rich_text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::slack::blocks::check;
    use crate::slack::rules::Surface;
    use serde_json::{Value, json};

    fn wrong(block: &Value) -> Vec<String> {
        check(std::slice::from_ref(block), Surface::Message, "/blocks", 50)
    }

    fn rich(elements: &Value) -> Value {
        json!({ "type": "rich_text", "elements": elements })
    }

    fn table(rows: &Value) -> Value {
        json!({ "type": "table", "rows": rows })
    }

    #[test]
    fn what_slack_documents_is_taken() {
        let text = json!({ "type": "text", "text": "a", "style": { "bold": true, "code": true } });
        let section = json!({ "type": "rich_text_section", "elements": [
            text,
            { "type": "link", "url": "https://x.test/", "text": "x" },
            { "type": "user", "user_id": "U1" },
            { "type": "channel", "channel_id": "C1" },
            { "type": "emoji", "name": "eyes" },
            { "type": "date", "timestamp": 1_700_000_000, "format": "{time}", "fallback": "then" },
        ]});
        let list = json!({
            "type": "rich_text_list", "style": "ordered", "indent": 1, "offset": 2, "border": 1,
            "elements": [section],
        });
        let quote = json!({ "type": "rich_text_quote", "elements": [text] });
        let code = json!({ "type": "rich_text_preformatted", "elements": [text], "border": 0 });
        assert_eq!(wrong(&rich(&json!([section, list, quote, code]))), Vec::<String>::new());
        let cells = json!([[{ "type": "raw_text", "text": "a" },
            { "type": "rich_text", "elements": [section] }]]);
        let mut whole = table(&cells);
        whole["column_settings"] = json!([{ "align": "right", "is_wrapped": true }]);
        assert_eq!(wrong(&whole), Vec::<String>::new());
    }

    #[test]
    fn what_has_another_shape_is_refused() {
        let section =
            |elements: Value| json!([{ "type": "rich_text_section", "elements": elements }]);
        let text = json!({ "type": "text", "text": "a" });
        for elements in [
            json!([]),
            section(json!([])),
            section(json!([{ "type": "text", "text": "" }])),
            section(json!([{ "type": "text", "text": "a", "color": "red" }])),
            section(json!([{ "type": "text", "text": "a", "style": { "blink": true } }])),
            section(json!([{ "type": "user", "user_id": "U1", "style": { "code": true } }])),
            section(json!([{ "type": "link", "url": "no address" }])),
            section(json!([{ "type": "link", "url": "https://x.test/", "text": "" }])),
            section(json!([{ "type": "date", "format": "{time}" }])),
            section(json!([{ "type": "mood", "text": "a" }])),
            json!([{ "type": "rich_text_list", "style": "bullet", "elements": [text] }]),
            json!([{ "type": "rich_text_list", "elements": section(json!([text])) }]),
            json!([{ "type": "rich_text_list", "style": "bullet", "indent": 9,
                "elements": section(json!([text])) }]),
            json!([{ "type": "rich_text_preformatted", "elements": [{ "type": "user", "user_id": "U1" }] }]),
            json!([{ "type": "rich_text_quote", "elements": [text], "indent": 1 }]),
            json!([{ "type": "rich_text_poem", "elements": [text] }]),
        ] {
            assert_ne!(wrong(&rich(&elements)), Vec::<String>::new(), "{elements}");
        }
        let cell = json!({ "type": "raw_text", "text": "a" });
        for rows in [
            json!([]),
            json!([[]]),
            json!([[{ "type": "raw_text", "text": "" }]]),
            json!([[{ "type": "mrkdwn", "text": "a" }]]),
            json!([vec![cell.clone(); 21]]),
            json!(vec![vec![cell]; 101]),
        ] {
            assert_ne!(wrong(&table(&rows)), Vec::<String>::new(), "{rows}");
        }
    }
}
