//! The app's own tabs in its direct messages: its Home as it was published, and the messages.

use super::blocks::{On, Surface, blocks};
use super::place::{APP, Place};
use super::{Site, elements};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use sim::slack::{Conversation, Person};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Opened {
    tab: String,
}

/// A tab is opened, of which the app hears.
pub(super) async fn open(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    Form(opened): Form<Opened>,
) -> Response {
    let person = site.person(&place);
    let home = opened.tab == "home";
    // An app that doesn't listen now hears of it later; the tab opens all the same.
    drop(if home { person.opens_home().await } else { person.opens_messages().await });
    Redirect::to(&place.inside(APP).on_home(home).at("/")).into_response()
}

/// The two tabs, where the app has a Home.
pub(super) fn tabs(site: &Site, place: &Place) -> Markup {
    html! {
        @if site.offers.home && place.channel == APP {
            form.tabs method="post" action=(place.at("/tab")) data-goes {
                @for (tab, label) in [("home", "Home"), ("messages", "Messages")] {
                    @let here = place.is_home() == (tab == "home");
                    button id=(format!("tab-{tab}")) type="submit" name="tab" value=(tab)
                        aria-current=[here.then_some("page")] { (label) }
                }
            }
        }
    }
}

/// Home as this person sees it, and why the last click on it did nothing.
pub(super) fn home(
    site: &Site,
    place: &Place,
    person: &Person,
    conversations: &[Conversation],
    notice: Option<&str>,
) -> Markup {
    let view = person.home_view().and_then(|form| form.payload().ok().map(|view| (form, view)));
    html! {
        div.scroll #home tabindex="0" role="region" aria-label="Home" {
            @if let Some(notice) = notice { p.trouble role="alert" { (notice) } }
            @match &view {
                None => p.none { "Jules hasn't published anything here yet." },
                Some((form, view)) => {
                    @let surface = Surface {
                        slack: &site.world.slack,
                        names: &site.names,
                        place,
                        conversations,
                        on: On::View { id: form.id() },
                        values: &view["state"]["values"],
                        errors: &BTreeMap::new(),
                    };
                    form.home-view id=(elements::page_id(&["home", form.id()])) method="post"
                        action=(place.at("/view/tell")) {
                        (blocks(&surface, view["blocks"].as_array().map_or(&[], Vec::as_slice)))
                    }
                }
            }
        }
    }
}
