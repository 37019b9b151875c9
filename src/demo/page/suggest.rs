//! What is offered while somebody types: a command's words and options, repositories, and the options
//! of a form's select. The answers are the items of a list box.

use super::Site;
use super::doing::pair;
use super::place::Place;
use axum::extract::{Query, State};
use domain::command::{HelpRow, help};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// More than this do not fit on a screen.
const MOST: usize = 12;

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
        Err(_) => html! { li.none { "The app did not answer" } },
    }
}

/// What may follow in a composer.
pub(super) async fn complete(State(site): State<Arc<Site>>, Query(typed): Query<Typed>) -> Markup {
    list(offers(&typed.text, &site.world.account.repositories()).into_iter())
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

fn offers(text: &str, repositories: &[String]) -> Vec<Offer> {
    let Some(words) = text.strip_prefix("/jules ") else {
        let begun = text.starts_with('/') && "/jules".starts_with(text);
        return begun
            .then(|| offer("/jules ", "/jules", "give Jules a task"))
            .into_iter()
            .collect();
    };
    let before = text.len() - words.rsplit([' ', '\n']).next().unwrap_or_default().len();
    let (kept, word) = text.split_at(before);
    let known = help();
    let mut all = Vec::new();
    if let Some((key, value)) = word.split_once('=') {
        let row = known.options.iter().find(|row| row.usage.starts_with(&format!("{key}=")));
        let values = row.map(|row| values(row, repositories)).unwrap_or_default();
        let fits = values.into_iter().filter(|known| fits(known, value));
        all.extend(fits.map(|value| offer(&format!("{kept}{key}={value} "), &value, "")));
    } else {
        if kept == "/jules " {
            let verbs = known.commands.iter().filter_map(|row| Some((verb(row)?, row)));
            let verbs = verbs.filter(|(verb, _)| verb.starts_with(word));
            all.extend(verbs.map(|(verb, row)| {
                offer(
                    &format!("{kept}{verb}{}", if row.usage == verb { "" } else { " " }),
                    &row.usage,
                    row.does,
                )
            }));
        }
        if kept == "/jules bind " || kept == "/jules repos " {
            let named = repositories.iter().filter(|name| fits(name, word));
            all.extend(named.map(|name| offer(&format!("{kept}{name} "), name, "")));
        }
        let unused = known.options.iter().filter(|row| {
            let key = row.usage.split_inclusive('=').next().unwrap_or_default();
            key.starts_with(word) && !kept.contains(&format!(" {key}"))
        });
        all.extend(unused.map(|row| {
            let key = row.usage.split_inclusive('=').next().unwrap_or_default();
            offer(&format!("{kept}{key}"), &row.usage, row.does)
        }));
    }
    all.truncate(MOST);
    all
}

fn offer(value: &str, shown: &str, about: &str) -> Offer {
    Offer { value: value.to_owned(), shown: shown.to_owned(), about: about.to_owned() }
}

/// The sub-command of a row, if it is one.
fn verb(row: &HelpRow) -> Option<&str> {
    let word = row.usage.split(' ').next().unwrap_or_default();
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    plain.then_some(word)
}

/// What an option takes: `ask|auto` as it stands, a repository from the list.
fn values(row: &HelpRow, repositories: &[String]) -> Vec<String> {
    match row.usage.split_once('=') {
        Some((_, "REPO")) => repositories.to_vec(),
        Some((_, words)) if words.contains('|') => words.split('|').map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The beginning of the name or of what follows the owner comes to people's minds.
fn fits(known: &str, typed: &str) -> bool {
    known.to_lowercase().contains(&typed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::offers;

    fn offered(text: &str) -> Vec<String> {
        let repositories = ["AshikNesin/404less", "bobalover/boba-web"].map(str::to_owned);
        offers(text, &repositories).into_iter().map(|offer| offer.value).collect()
    }

    #[test]
    fn words_are_offered_where_they_may_stand() {
        assert_eq!(offered("/ju"), ["/jules "]);
        assert!(offered("hello").is_empty());
        assert!(offered("/jules b").contains(&"/jules bind ".to_owned()));
        assert!(offered("/jules unb").contains(&"/jules unbind".to_owned()));
        assert_eq!(offered("/jules repo=404"), ["/jules repo=AshikNesin/404less "]);
        assert_eq!(offered("/jules bind boba"), ["/jules bind bobalover/boba-web "]);
        assert_eq!(
            offered("/jules add a mode plan="),
            ["/jules add a mode plan=ask ", "/jules add a mode plan=auto "]
        );
        assert_eq!(offered("/jules add pl"), ["/jules add plan="]);
        assert!(offered("/jules add the list").is_empty(), "a sub-command stands alone");
    }
}
