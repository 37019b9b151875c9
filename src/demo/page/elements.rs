//! The elements of blocks in a message, and the buttons of a form: each is a small form of its own.

use super::blocks::{On, Surface, text_of, unknown, words};
use super::names::Names;
use super::{fields, link};
use maud::{Markup, html};
use serde_json::Value;

/// What stands among the words of a context.
pub(super) fn in_text(names: &Names, element: &Value) -> Markup {
    match text_of(&element["type"]) {
        "mrkdwn" | "plain_text" => words(names, element),
        "image" => html! { span.picture { (text_of(&element["alt_text"])) } },
        other => unknown("part of a text", other),
    }
}

/// What can be used.
pub(super) fn element(surface: &Surface<'_>, block_id: &str, element: &Value) -> Markup {
    let kind = text_of(&element["type"]);
    match (kind, surface.on) {
        ("image", _) => in_text(surface.names, element),
        ("button", On::Message { ts, .. }) => {
            in_message(surface, (ts, block_id, element), &button(surface, block_id, element))
        }
        ("button", On::View { .. }) => button(surface, block_id, element),
        ("overflow", On::Message { ts, .. }) => {
            let items = html! {
                details.overflow {
                    summary aria-label="More actions" { "⋯" }
                    div.menu {
                        @for option in options(element) {
                            @if let Some(url) = option["url"].as_str() {
                                a href=(link::target(url)) target="_blank" rel="noopener noreferrer" {
                                    (words(surface.names, &option["text"]))
                                    span.out aria-hidden="true" { " ↗" }
                                }
                            } @else {
                                button type="submit" name="picked" value=(text_of(&option["value"])) {
                                    (words(surface.names, &option["text"]))
                                }
                            }
                        }
                    }
                }
            };
            in_message(surface, (ts, block_id, element), &items)
        }
        ("static_select" | "radio_buttons", On::Message { ts, .. }) => {
            let choose = html! {
                (select(surface, block_id, element))
                button.after-choice type="submit" { "Choose" }
            };
            in_message(surface, (ts, block_id, element), &choose)
        }
        (_, On::View { .. }) => fields::alone(surface, block_id, element),
        (other, On::Message { .. }) => unknown("element", other),
    }
}

/// The options of an element, those in groups too.
pub(super) fn options(element: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let groups = list(&element["option_groups"]);
    let grouped = groups.iter().flat_map(|group| list(&group["options"]));
    list(&element["options"]).into_iter().chain(grouped).collect()
}

/// The name by which an element is found again.
pub(super) fn name(block_id: &str, element: &Value) -> String {
    // A pair of texts always becomes JSON.
    serde_json::to_string(&(block_id, text_of(&element["action_id"]))).unwrap_or_default()
}

/// An id for the page: letters, digits and hyphens.
pub(super) fn page_id(parts: &[&str]) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    parts
        .iter()
        .map(|part| part.chars().map(safe).collect::<String>())
        .collect::<Vec<_>>()
        .join("_")
}

fn in_message(
    surface: &Surface<'_>,
    (ts, block_id, element): (&str, &str, &Value),
    inside: &Markup,
) -> Markup {
    html! {
        form.use method="post" action=(surface.place.at("/use")) {
            input type="hidden" name="ts" value=(ts);
            input type="hidden" name="element" value=(name(block_id, element));
            (inside)
        }
    }
}

fn select(surface: &Surface<'_>, block_id: &str, element: &Value) -> Markup {
    let action = text_of(&element["action_id"]);
    let held = &surface.values[block_id][action]["selected_option"]["value"];
    let label = match text_of(&element["placeholder"]["text"]) {
        "" => "Choose",
        placeholder => placeholder,
    };
    html! {
        select name="picked" aria-label=(label) data-at-once {
            option value="" disabled selected[held.is_null()] { (label) }
            @for option in options(element) {
                option value=(text_of(&option["value"])) selected[option["value"] == *held] {
                    (text_of(&option["text"]["text"]))
                }
            }
        }
    }
}

fn button(surface: &Surface<'_>, block_id: &str, element: &Value) -> Markup {
    let style = text_of(&element["style"]);
    let label = html! { (words(surface.names, &element["text"])) };
    let spoken = element["accessibility_label"].as_str();
    if let Some(url) = element["url"].as_str() {
        return html! {
            a.button href=(link::target(url)) target="_blank" rel="noopener noreferrer" aria-label=[spoken]
                data-style=(style) data-tells { (label) span.out aria-hidden="true" { " ↗" } }
        };
    }
    let id = match surface.on {
        On::Message { ts, list } => {
            page_id(&["b", list, ts, block_id, text_of(&element["action_id"])])
        }
        On::View { id } => page_id(&["b", id, block_id, text_of(&element["action_id"])]),
    };
    if element["confirm"].is_object() {
        return asking_first(surface, (&id, block_id), element, &label);
    }
    html! { (pressed(surface, (&id, block_id), element, style, &label)) }
}

/// The button that does it.
fn pressed(
    surface: &Surface<'_>,
    (id, block_id): (&str, &str),
    element: &Value,
    style: &str,
    label: &Markup,
) -> Markup {
    let spoken = element["accessibility_label"].as_str();
    let (name, value, to) = match surface.on {
        On::Message { .. } => (None, None, None),
        On::View { .. } => {
            let name = name(block_id, element);
            (Some("tell"), Some(name), Some(surface.place.at("/view/tell")))
        }
    };
    html! {
        button.button id=(id) type="submit" data-style=(style) aria-label=[spoken] name=[name]
            value=[value] formaction=[to] { (label) }
    }
}

/// The button that opens a question, and the question.
fn asking_first(
    surface: &Surface<'_>,
    (id, block_id): (&str, &str),
    element: &Value,
    label: &Markup,
) -> Markup {
    let confirm = &element["confirm"];
    let asked = format!("{id}_ask");
    let titled = format!("{id}_title");
    let sure = text_of(&confirm["confirm"]["text"]);
    let style = match text_of(&confirm["style"]) {
        "" => "primary",
        style => style,
    };
    html! {
        button.button id=(id) type="button" data-style=(text_of(&element["style"]))
            data-opens=(asked) { (label) }
        dialog.confirm id=(asked) aria-labelledby=(titled) {
            h2 id=(titled) { (words(surface.names, &confirm["title"])) }
            div.words { (words(surface.names, &confirm["text"])) }
            div.foot {
                button.button type="button" data-closes {
                    (words(surface.names, &confirm["deny"]))
                }
                (pressed(surface, (&format!("{id}_sure"), block_id), element, style,
                    &html! { (sure) }))
            }
        }
    }
}
