//! The app's shortcuts: in the menu of a message, and in the header for those that belong to none.

use super::Site;
use super::doing::told;
use super::place::Place;
use super::shell::{channel_id, refusal};
use crate::demo::offers::Shortcut;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Used {
    callback: String,
    /// The message that it was used on.
    ts: Option<String>,
}

/// A shortcut is used.
pub(super) async fn use_shortcut(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    Form(used): Form<Used>,
) -> Response {
    let person = site.person(&place);
    let Some(channel) = channel_id(&person, &place.channel) else {
        return refusal(&site, &place, &format!("There's no conversation {}.", place.channel));
    };
    let ack = match &used.ts {
        Some(ts) => person.uses_message_shortcut(&used.callback, &channel, ts).await,
        None => person.uses_shortcut_in(&channel, &used.callback).await,
    };
    told(&site, &place, ack)
}

/// The menu of a message.
pub(super) fn on_message(offered: &[Shortcut], place: &Place, list: &str, ts: &str) -> Markup {
    html! {
        @if !offered.is_empty() {
            details.more id=(format!("{list}-{ts}-more")) {
                summary aria-label="More actions" { "⋯" }
                (menu(offered, place, Some(ts)))
            }
        }
    }
}

/// The menu in the header.
pub(super) fn anywhere(offered: &[Shortcut], place: &Place) -> Markup {
    html! {
        @if !offered.is_empty() {
            details.more #shortcuts {
                summary { "Shortcuts" }
                (menu(offered, place, None))
            }
        }
    }
}

/// The items of a menu.
fn menu(offered: &[Shortcut], place: &Place, ts: Option<&str>) -> Markup {
    html! {
        form.menu method="post" action=(place.at("/shortcut")) {
            @if let Some(ts) = ts { input type="hidden" name="ts" value=(ts); }
            @for one in offered {
                button type="submit" name="callback" value=(one.callback_id) {
                    strong { (one.name) } span.about { (one.about) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{anywhere, on_message};
    use crate::demo::offers::Shortcut;
    use crate::demo::page::place::Place;

    #[test]
    fn a_menu_has_the_shortcuts_and_the_message_that_it_belongs_to() {
        let offered = [Shortcut {
            name: "Send to Jules".to_owned(),
            about: "Start a task".to_owned(),
            callback_id: "send_to_jules".to_owned(),
        }];
        let place = Place {
            who: "ann".to_owned(),
            channel: "dev".to_owned(),
            thread: None,
            draft: None,
            tab: None,
        };
        let html = on_message(&offered, &place, "m", "1.1").into_string();
        for part in [
            r#"id="m-1.1-more""#,
            r#"action="/shortcut?as=ann&amp;in=dev""#,
            r#"name="ts" value="1.1""#,
            r#"name="callback" value="send_to_jules"><strong>Send to Jules</strong>"#,
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        let html = anywhere(&offered, &place).into_string();
        assert!(html.contains("send_to_jules") && !html.contains("name=\"ts\""), "{html}");
        assert_eq!(on_message(&[], &place, "m", "1.1").into_string(), "");
        assert_eq!(anywhere(&[], &place).into_string(), "");
    }
}
