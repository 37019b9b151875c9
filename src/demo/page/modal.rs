//! The modal on somebody's screen.

use super::Site;
use super::blocks::{On, Surface, blocks, text_of, words};
use super::elements::page_id;
use super::place::Place;
use maud::{Markup, html};
use sim::slack::{Conversation, Form};

/// The form in a dialog. The script opens it as a modal one, which keeps the focus inside.
pub(super) fn modal(
    site: &Site,
    place: &Place,
    conversations: &[Conversation],
    form: &Form,
) -> Markup {
    let Ok(view) = form.payload() else { return html! {} };
    let told = site.told(&place.who, form.id());
    let surface = Surface {
        slack: &site.world.slack,
        names: &site.names,
        place,
        conversations,
        on: On::View { id: form.id() },
        values: &view["state"]["values"],
        errors: &told.errors,
    };
    let all = view["blocks"].as_array().cloned().unwrap_or_default();
    let id = page_id(&["view", form.id()]);
    let titled = format!("{id}-title");
    let close = match text_of(&view["close"]["text"]) {
        "" => "Close",
        close => close,
    };
    html! {
        dialog #modal data-view=(id) aria-labelledby=(titled) {
            form id=(id) method="post" action=(place.at("/view/send")) {
                header {
                    h2 id=(titled) { (words(&site.names, &view["title"])) }
                    button.x type="submit" formaction=(place.at("/view/close")) formnovalidate
                        name="all" value="yes" aria-label="Close" { "×" }
                }
                div.fields-of {
                    @if let Some(trouble) = &told.trouble { p.trouble role="alert" { (trouble) } }
                    (blocks(&surface, &all))
                }
                div.foot {
                    button.button #modal-close type="submit" formaction=(place.at("/view/close"))
                        formnovalidate { (close) }
                    @if view["submit"].is_object() {
                        button.button #modal-send type="submit" data-style="primary" {
                            (words(&site.names, &view["submit"]))
                        }
                    }
                }
            }
        }
    }
}
