//! Where links lead that exist only in the simulation: a session's page, a pull request, a message.

use super::place::Place;
use super::{Site, link};
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct To {
    to: String,
}

/// What stands there in the simulation, as far as there is anything.
pub(super) async fn page(State(site): State<Arc<Site>>, Query(To { to }): Query<To>) -> Markup {
    let id = link::session(&to);
    let session = id.as_deref().and_then(|id| site.world.account.session(id));
    let activities = id.as_deref().map(|id| site.world.account.activities(id)).unwrap_or_default();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Elsewhere · jules-slack demo" }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/style.css";
            }
            body.elsewhere {
                main {
                    @match &session {
                        Some(session) => {
                            h1 { (session.title) }
                            p { "A simulated session, " (session.state.as_str().to_lowercase().replace('_', " ")) "." }
                            ol { @for activity in &activities { li { (told(activity)) } } }
                        }
                        None => h1 { "Only in this demo" }
                    }
                    p { "With a real account the link opens " code { (to) } }
                }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Within {
    /// The root of the thread that the message is in.
    thread_ts: Option<String>,
}

/// Where a message's permalink leads: its conversation, with its thread open.
pub(super) async fn message(
    State(site): State<Arc<Site>>,
    Path((channel, message)): Path<(String, String)>,
    Query(place): Query<Place>,
    Query(within): Query<Within>,
) -> Redirect {
    let conversations = site.person(&place).conversations();
    let name = conversations.into_iter().find(|one| one.id == channel).map(|one| one.name);
    let there = name.map_or_else(|| place.without_draft(), |name| place.inside(&name));
    let root = within.thread_ts.or_else(|| ts_of(&message));
    Redirect::to(&there.with_thread(root.as_deref()).at("/"))
}

/// `p1721609601000200` is the message `1721609601.000200`.
fn ts_of(message: &str) -> Option<String> {
    let digits = message.strip_prefix('p')?;
    let (seconds, micros) = digits.split_at_checked(digits.len().checked_sub(6)?)?;
    Some(format!("{seconds}.{micros}"))
}

/// One activity in a few words.
fn told(activity: &Value) -> Markup {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = activity["planGenerated"]["plan"]["steps"].as_array();
    if let Some(steps) = steps {
        return html! {
            strong { "Plan" }
            ul { @for step in steps { li { (text(&step["title"])) } } }
        };
    }
    let said = [
        ("Jules", &activity["agentMessaged"]["agentMessage"]),
        ("User", &activity["userMessaged"]["userMessage"]),
        ("Step", &activity["progressUpdated"]["title"]),
        ("Failed", &activity["sessionFailed"]["reason"]),
    ];
    if let Some((who, words)) = said.into_iter().find(|(_, words)| words.is_string()) {
        return html! { strong { (who) } " " (text(words)) };
    }
    let known = [("planApproved", "The plan is approved"), ("sessionCompleted", "Completed")];
    let known = known.into_iter().find(|(kind, _)| activity[kind].is_object());
    html! { (known.map_or("Something happened", |(_, words)| words)) }
}
