//! What is offered while someone types, as the items of a list box: the command, which is all that Slack
//! completes of it, and the options of a form's select.

use super::Site;
use super::doing::pair;
use super::place::{APP, Place};
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
    /// In a thread, where there are no commands.
    #[serde(default)]
    thread: bool,
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
    let Some((form, (block, _))) = site.view(&place).zip(pair(&typed.field)) else {
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

/// The command, while its name is typed outside threads, and people, while theirs are.
pub(super) async fn complete(State(site): State<Arc<Site>>, Query(typed): Query<Typed>) -> Markup {
    let command = command(&typed.text).filter(|_| !typed.thread);
    let people = site.world.slack.people().into_iter().map(|(_, name)| name);
    let names = people.map(|name| (name, "")).chain([(APP.to_owned(), "App")]);
    list(command.into_iter().chain(mentions(&typed.text, names)))
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

/// Those whose name begins as the last word does, after its `@`.
fn mentions(
    text: &str,
    names: impl Iterator<Item = (String, &'static str)>,
) -> impl Iterator<Item = Offer> {
    let at = text.rfind('@').filter(|at| !text[..*at].ends_with(|c: char| !c.is_whitespace()));
    let (before, begun) = at.map_or(("", None), |at| (&text[..at], Some(&text[at + 1..])));
    names.filter_map(move |(name, about)| {
        let fits = begun.is_some_and(|begun| name.starts_with(begun) && name != begun);
        fits.then(|| Offer {
            value: format!("{before}@{name} "),
            shown: format!("@{name}"),
            about: about.to_owned(),
        })
    })
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
    use super::{command, mentions};

    #[test]
    fn a_name_is_completed_after_its_at_sign() {
        let names = || ["ann", "jules"].map(|name| (name.to_owned(), "")).into_iter();
        let values =
            |text: &str| mentions(text, names()).map(|offer| offer.value).collect::<Vec<_>>();
        assert_eq!(values("see\n@ju"), ["see\n@jules "]);
        assert_eq!(values("@"), ["@ann ", "@jules "]);
        for text in ["", "ann", "me@ju", "@jules", "@jules fix", "@x"] {
            assert!(values(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn only_the_name_of_the_command_is_completed() {
        assert_eq!(command("/ju").unwrap().value, "/jules ");
        assert!(command("/").is_some());
        for text in ["", "hello", "/jules ", "/jules repo=", "/julesx", "/other"] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}
