//! Block Kit as Slack's own clients show it. What this page cannot draw, it says.

use super::elements;
use super::mrkdwn::{mrkdwn, plain};
use super::names::Names;
use super::place::Place;
use super::{fields, link, rich};
use maud::{Markup, html};
use serde_json::Value;
use sim::slack::{Conversation, SimSlack};
use std::collections::BTreeMap;

/// What blocks are drawn on: where their elements lead, and what is chosen in them.
pub(super) struct Surface<'a> {
    pub(super) slack: &'a SimSlack,
    pub(super) names: &'a Names,
    pub(super) place: &'a Place,
    pub(super) conversations: &'a [Conversation],
    pub(super) on: On<'a>,
    /// `block_id` → `action_id` → value.
    pub(super) values: &'a Value,
    /// What is wrong with a field, by its `block_id`.
    pub(super) errors: &'a BTreeMap<String, String>,
}

/// What the blocks belong to.
#[derive(Clone, Copy)]
pub(super) enum On<'a> {
    /// The list it stands in comes with it: a thread's root stands in two.
    Message {
        ts: &'a str,
        list: &'a str,
    },
    View {
        id: &'a str,
    },
}

/// All blocks of a message or view.
pub(super) fn blocks(surface: &Surface<'_>, blocks: &[Value]) -> Markup {
    html! { @for one in blocks { (block(surface, one)) } }
}

fn block(surface: &Surface<'_>, block: &Value) -> Markup {
    let id = text_of(&block["block_id"]);
    let all = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    match text_of(&block["type"]) {
        "section" => section(surface, block),
        "header" => html! { h3.block-header { (words(surface.names, &block["text"])) } },
        "divider" => html! { hr; },
        "context" => html! {
            div.context {
                @for one in all("elements") { span { (elements::in_text(surface.names, &one)) } }
            }
        },
        "actions" => html! {
            div.actions {
                @for one in all("elements") { (elements::element(surface, id, &one)) }
            }
        },
        "input" => fields::input(surface, block),
        "rich_text" => rich::block(surface.names, block),
        "table" => rich::table(surface.names, block),
        "image" => image(block),
        other => unknown("block", other),
    }
}

fn section(surface: &Surface<'_>, block: &Value) -> Markup {
    let id = text_of(&block["block_id"]);
    let fields = block["fields"].as_array().cloned().unwrap_or_default();
    html! {
        div.section {
            div.words {
                @if block["text"].is_object() { div { (words(surface.names, &block["text"])) } }
                @if !fields.is_empty() {
                    div.fields { @for one in &fields { div { (words(surface.names, one)) } } }
                }
            }
            @if block["accessory"].is_object() {
                div.accessory { (elements::element(surface, id, &block["accessory"])) }
            }
        }
    }
}

/// Pictures are named, not loaded: the page loads nothing from elsewhere.
fn image(block: &Value) -> Markup {
    let title = text_of(&block["title"]["text"]);
    let url = text_of(&block["image_url"]);
    html! {
        figure {
            p { "Picture: " (link::drawn(url, &html! { (text_of(&block["alt_text"])) })) }
            @if !title.is_empty() { figcaption { (title) } }
        }
    }
}

/// A text object.
pub(super) fn words(names: &Names, text: &Value) -> Markup {
    let written = text_of(&text["text"]);
    if text["type"] == "mrkdwn" { mrkdwn(names, written) } else { plain(written) }
}

/// Says that there is something, and that it is not shown as it should be.
pub(super) fn unknown(what: &str, kind: &str) -> Markup {
    html! { p.unknown { "a " (what) " of kind " code { (kind) } ", which this page cannot draw" } }
}

/// The text behind a value, empty when it is none.
pub(super) fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{On, Surface, blocks};
    use crate::demo::page::names::Names;
    use crate::demo::page::place::Place;
    use platform::clock;
    use serde_json::{Value, json};
    use sim::slack::SimSlack;
    use std::collections::BTreeMap;

    async fn drawn(on: On<'_>, kit: &[Value], errors: &[(&str, &str)]) -> String {
        let slack = SimSlack::start(clock::system()).await.unwrap();
        let place = Place {
            who: "ann".to_owned(),
            channel: "dev".to_owned(),
            thread: None,
            draft: None,
            tab: None,
        };
        let errors = errors.iter().map(|(id, why)| ((*id).to_owned(), (*why).to_owned()));
        let surface = Surface {
            slack: &slack,
            names: &Names::in_workspace(&slack),
            place: &place,
            conversations: &[],
            on,
            values: &json!({ "b": { "a": { "value": "<held>" } } }),
            errors: &errors.collect::<BTreeMap<_, _>>(),
        };
        blocks(&surface, kit).into_string()
    }

    #[tokio::test]
    async fn what_cannot_be_drawn_is_named() {
        let kit = [
            json!({ "type": "video", "title": "<b>" }),
            json!({ "type": "actions", "elements": [{ "type": "datepicker", "action_id": "a" }] }),
            json!({ "type": "section" }),
        ];
        let html = drawn(On::Message { ts: "1.1", list: "m" }, &kit, &[]).await;
        let says = |kind: &str, what: &str| {
            html.contains(&format!(
                "a {what} of kind <code>{kind}</code>, which this page cannot draw"
            ))
        };
        assert!(says("video", "block"), "{html}");
        assert!(says("datepicker", "element"), "{html}");
    }

    #[tokio::test]
    async fn a_button_that_asks_first_does_nothing_before() {
        let confirm = json!({
            "title": { "type": "plain_text", "text": "Stop it?" },
            "text": { "type": "mrkdwn", "text": "It *pauses*." },
            "confirm": { "type": "plain_text", "text": "Stop" },
            "deny": { "type": "plain_text", "text": "Keep going" },
        });
        let button = json!({
            "type": "button", "action_id": "a", "style": "danger", "confirm": confirm,
            "text": { "type": "plain_text", "text": "Stop & pause" },
        });
        let kit = [json!({ "type": "actions", "block_id": "b", "elements": [button] })];
        let html = drawn(On::Message { ts: "1.1", list: "m" }, &kit, &[]).await;
        let (before, asked) = html.split_once("<dialog").unwrap();
        assert!(
            before.contains("Stop &amp; pause") && !before.contains("type=\"submit\""),
            "{html}"
        );
        assert!(asked.contains("It <strong>pauses</strong>.") && asked.contains("Keep going"));
        assert_eq!(asked.matches("type=\"submit\"").count(), 1, "{html}");
    }

    #[tokio::test]
    async fn a_field_has_its_label_what_it_holds_and_what_is_wrong() {
        let kit = [json!({
            "type": "input", "block_id": "b", "optional": true,
            "label": { "type": "plain_text", "text": "Title" },
            "element": { "type": "plain_text_input", "action_id": "a", "max_length": 9 },
        })];
        let html = drawn(On::View { id: "V1" }, &kit, &[("b", "Too <short>")]).await;
        for part in [
            r#"<label for="f_V1_b_a">Title"#,
            "(optional)",
            r#"value="&lt;held&gt;""#,
            r#"maxlength="9""#,
            r#"aria-invalid="true""#,
            r#"aria-describedby="f_V1_b_a-error""#,
            r#"<p class="error" id="f_V1_b_a-error">Too &lt;short&gt;</p>"#,
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }
}
