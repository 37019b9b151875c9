//! `rich_text`: what people write, and what apps compose of parts.

use super::blocks::{text_of, unknown};
use super::names::Names;
use super::{date, emoji, link};
use maud::{Markup, html};
use serde_json::Value;

/// The block.
pub(super) fn block(names: &Names, block: &Value) -> Markup {
    html! { div.rich { @for part in children(block) { (section(names, part)) } } }
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    value["elements"].as_array().into_iter().flatten()
}

fn section(names: &Names, part: &Value) -> Markup {
    let inside = html! { @for one in children(part) { (piece(names, one)) } };
    match text_of(&part["type"]) {
        "rich_text_section" => html! { div { (inside) } },
        "rich_text_quote" => html! { blockquote { (inside) } },
        "rich_text_preformatted" => {
            html! { pre data-quoted[is_quoted(part)] { code { (inside) } } }
        }
        "rich_text_list" => list(names, part),
        other => unknown("part of a text", other),
    }
}

fn list(names: &Names, part: &Value) -> Markup {
    let depth = part["indent"].as_u64().unwrap_or(0).min(8);
    let first = part["offset"].as_u64().unwrap_or(0) + 1;
    let items = html! { @for item in children(part) { li { (section(names, item)) } } };
    let class = format!("depth-{depth}");
    html! {
        @if part["style"] == "ordered" {
            ol class=(class) start=(first) data-quoted[is_quoted(part)] { (items) }
        } @else {
            ul class=(class) data-quoted[is_quoted(part)] { (items) }
        }
    }
}

/// The bar at the side of a list or code within a quote.
fn is_quoted(part: &Value) -> bool {
    part["border"] == 1
}

/// A table; its first row has the headings.
pub(super) fn table(names: &Names, block: &Value) -> Markup {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let align = |column: usize| match text_of(&block["column_settings"][column]["align"]) {
        "" => "left".to_owned(),
        align => align.to_owned(),
    };
    let cell = |cell: &Value| match text_of(&cell["type"]) {
        "raw_text" => html! { (text_of(&cell["text"])) },
        "rich_text" => html! { @for part in children(cell) { (section(names, part)) } },
        other => unknown("cell of a table", other),
    };
    html! {
        div.table {
            table {
                @for (nth, row) in list(&block["rows"]).iter().enumerate() {
                    tr {
                        @for (column, one) in list(row).iter().enumerate() {
                            @if nth == 0 {
                                th scope="col" data-align=(align(column)) { (cell(one)) }
                            } @else {
                                td data-align=(align(column)) { (cell(one)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn piece(names: &Names, piece: &Value) -> Markup {
    let field = |name: &str| text_of(&piece[name]);
    let drawn = match field("type") {
        "text" => html! { (field("text")) },
        "link" => {
            let label = if field("text").is_empty() { field("url") } else { field("text") };
            link::drawn(field("url"), &html! { (label) })
        }
        "user" => names.mention(field("user_id")),
        "channel" => names.channel(field("channel_id"), None),
        "broadcast" => html! { span.mention { "@" (field("range")) } },
        "date" => {
            let seconds = piece["timestamp"].as_i64().unwrap_or_default();
            date::drawn(&format!("{seconds}^{}", field("format")), field("fallback"))
        }
        "emoji" => match emoji::of(field("name")) {
            Some(sign) => emoji::drawn(field("name"), sign),
            None => html! { ":" (field("name")) ":" },
        },
        other => unknown("part of a text", other),
    };
    styled(drawn, &piece["style"])
}

fn styled(drawn: Markup, style: &Value) -> Markup {
    let is = |name: &str| style[name] == true;
    let drawn = if is("code") {
        html! { code { (drawn) } }
    } else {
        drawn
    };
    let drawn = if is("bold") {
        html! { strong { (drawn) } }
    } else {
        drawn
    };
    let drawn = if is("italic") {
        html! { em { (drawn) } }
    } else {
        drawn
    };
    if is("strike") {
        html! { s { (drawn) } }
    } else {
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::{block, table};
    use crate::demo::page::names::Names;
    use serde_json::json;

    fn names() -> Names {
        Names::told_by(|id| (id == "U1").then(|| "ann".to_owned()))
    }

    #[test]
    fn words_stand_as_they_are_and_styles_are_tags() {
        let html = block(&names(), &json!({ "elements": [
            { "type": "rich_text_section", "elements": [
                { "type": "text", "text": "*a* :eyes: <b>" },
                { "type": "text", "text": "x", "style": { "bold": true, "code": true } },
                { "type": "user", "user_id": "U1" },
                { "type": "emoji", "name": "eyes" },
                { "type": "date", "timestamp": 1_392_734_382, "format": "{date_num}", "fallback": "then" },
            ]},
            { "type": "rich_text_list", "style": "ordered", "indent": 1, "offset": 2, "border": 1,
                "elements": [
                    { "type": "rich_text_section", "elements": [{ "type": "text", "text": "c" }] },
                ] },
            { "type": "rich_text_quote", "elements": [{ "type": "text", "text": "d" }] },
        ] }))
        .into_string();
        for part in [
            "*a* :eyes: &lt;b&gt;",
            "<strong><code>x</code></strong>",
            "@ann",
            "👀",
            "<time datetime=",
            r#"<ol class="depth-1" start="3" data-quoted><li><div>c</div></li></ol>"#,
            "<blockquote>d</blockquote>",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn a_table_has_headings_and_columns() {
        let html = table(&names(), &json!({
            "rows": [
                [{ "type": "raw_text", "text": "File" }, { "type": "raw_text", "text": "Lines" }],
                [
                    { "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": [
                        { "type": "text", "text": "a.rs", "style": { "code": true } },
                    ]}]},
                    { "type": "raw_text", "text": "<7>" },
                ],
            ],
            "column_settings": [{ "align": "left" }, { "align": "right" }],
        }))
        .into_string();
        for part in [
            r#"<th scope="col" data-align="right">Lines</th>"#,
            r#"<td data-align="left"><div><code>a.rs</code></div></td>"#,
            r#"<td data-align="right">&lt;7&gt;</td>"#,
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }
}
