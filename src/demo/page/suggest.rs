//! What is offered while someone types, as the items of a list box: the command, which is all that Slack
//! completes of it, and the options of a form's select.

use super::Site;
use super::doing::pair;
use super::place::Place;
use crate::manifest::{self, Way};
use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Typed {
    /// What stands before the cursor.
    #[serde(default)]
    text: String,
    /// The field of a form.
    #[serde(default)]
    field: String,
}

/// One thing to pick.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Offer {
    /// What the text, or the field, becomes.
    value: String,
    shown: String,
    about: String,
}

/// The options of an external select.
pub(super) async fn options(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    Query(typed): Query<Typed>,
) -> Markup {
    let person = site.person(&place);
    let Some((form, (block, _))) = person.top_view().zip(pair(&typed.field)) else {
        return html! {};
    };
    match form.type_ahead(&block, &typed.text).await {
        Ok(choices) if choices.is_empty() => html! { li.none { "No results" } },
        Ok(choices) => list(choices.into_iter().map(|choice| Offer {
            value: choice.value,
            shown: choice.text,
            about: String::new(),
        })),
        Err(_) => html! { li.none { "The app didn't respond" } },
    }
}

/// The command, while its name is typed.
pub(super) async fn complete(Query(typed): Query<Typed>) -> Markup {
    list(command(&typed.text).into_iter())
}

fn list(offers: impl Iterator<Item = Offer>) -> Markup {
    html! {
        @for (index, offer) in offers.enumerate() {
            li role="option" id=(format!("option-{index}")) aria-selected="false"
                data-value=(offer.value) {
                span { (offer.shown) }
                @if !offer.about.is_empty() { span.about { (offer.about.replace('`', "")) } }
            }
        }
    }
}

/// The app's command as its manifest describes it to Slack, if that's what the text begins.
fn command(text: &str) -> Option<Offer> {
    let manifest = manifest::json(Way::Socket).ok()?;
    let command = &manifest["features"]["slash_commands"][0];
    let text_of = |field: &str| command[field].as_str().unwrap_or_default().to_owned();
    let name = text_of("command");
    let is_begun = text.starts_with('/') && name.starts_with(text);
    is_begun.then(|| Offer {
        value: format!("{name} "),
        shown: format!("{name} {}", text_of("usage_hint")),
        about: text_of("description"),
    })
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn only_the_name_of_the_command_is_completed() {
        assert_eq!(command("/ju").unwrap().value, "/jules ");
        assert!(command("/").is_some());
        for text in ["", "hello", "/jules ", "/jules repo=", "/julesx", "/other"] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}
