//! `rich_text`: what people write, and what apps compose of parts.

use super::blocks::{text_of, unknown};
use super::names::Names;
use super::{emoji, link};
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
        "rich_text_preformatted" => html! { pre { code { (inside) } } },
        "rich_text_list" => list(names, part),
        other => unknown("part of a text", other),
    }
}

fn list(names: &Names, part: &Value) -> Markup {
    let depth = part["indent"].as_u64().unwrap_or(0).min(8);
    let first = part["offset"].as_u64().unwrap_or(0) + 1;
    let items = html! { @for item in children(part) { li { (section(names, item)) } } };
    html! {
        @if part["style"] == "ordered" {
            ol class=(format!("depth-{depth}")) start=(first) { (items) }
        } @else {
            ul class=(format!("depth-{depth}")) { (items) }
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
        "date" => html! { (field("fallback")) },
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
