//! What people do on the page: they write, use what stands in messages, and fill forms in.
//!
//! Each answer is the page again, after what was done, or with the reason why it wasn't.

use super::place::Place;
use super::shell::refusal as refused;
use super::{Site, Told, shell};
use axum::extract::{self, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use platform::lock::lock;
use serde::Deserialize;
use sim::slack::{Ack, Failure, Form, NotThere, Outcome};
use std::sync::Arc;

/// The one command that the app has.
const COMMAND: &str = "/jules";

#[derive(Deserialize)]
pub(super) struct Words {
    text: String,
    /// The thread that it is a reply in.
    thread: Option<String>,
}

/// A line from a composer: a command, or a message.
pub(super) async fn say(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    extract::Form(words): extract::Form<Words>,
) -> Response {
    let text = words.text.replace("\r\n", "\n");
    let text = text.trim();
    let person = site.person(&place);
    let Some(channel) = shell::channel_id(&person, &place.channel) else {
        return refused(&site, &place, &format!("There's no conversation {}.", place.channel));
    };
    let first = text.split_whitespace().next().unwrap_or_default();
    if text.is_empty() {
        return done(&site, &place);
    }
    let said = if !first.starts_with('/') {
        person.says(&channel, words.thread.as_deref(), text).await.map(drop)
    } else if first != COMMAND {
        return refused(&site, &place, &format!("{first} isn't a command here. Try {COMMAND}."));
    } else if words.thread.is_some() {
        return refused(
            &site,
            &place,
            "Slack doesn't support slash commands in threads. Type it in the channel.",
        );
    } else {
        person.types(&channel, text).await.map(drop)
    };
    answer(&site, &place, said)
}

#[derive(Deserialize)]
pub(super) struct Used {
    ts: String,
    element: String,
    picked: Option<String>,
}

/// Something in a message.
pub(super) async fn use_element(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    extract::Form(used): extract::Form<Used>,
) -> Response {
    let person = site.person(&place);
    let Some((channel, (block, action))) =
        shell::channel_id(&person, &place.channel).zip(pair(&used.element))
    else {
        return refused(&site, &place, "That isn't here any more.");
    };
    let at = (channel.as_str(), used.ts.as_str());
    let ack = person.uses_element(at, (&block, &action), used.picked.as_deref()).await;
    told(&site, &place, ack)
}

/// The pairs of a form, in order; a name may come several times.
type Pairs = Vec<(String, String)>;

/// The form is sent.
pub(super) async fn send_view(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    extract::Form(pairs): extract::Form<Pairs>,
) -> Response {
    let person = site.person(&place);
    let Some(form) = person.top_view() else { return done(&site, &place) };
    if let Err(refusal) = hold(&form, &pairs) {
        return refused(&site, &place, &refusal.0);
    }
    let outcome = form.submit().await;
    let told = outcome.map(|outcome| about(form.id(), outcome));
    answer(&site, &place, told.map(|told| drop(lock(&site.told).insert(place.who.clone(), told))))
}

fn about(view: &str, outcome: Outcome) -> Told {
    let mut told = Told { view: view.to_owned(), ..Told::default() };
    match outcome {
        Outcome::Closed | Outcome::Cleared | Outcome::Updated | Outcome::Pushed => {}
        Outcome::Errors(errors) => told.errors = errors,
        Outcome::Incomplete(blocks) => {
            let empty = "Please complete this required field.".to_owned();
            told.errors = blocks.into_iter().map(|block| (block, empty.clone())).collect();
        }
        Outcome::Failed(failure) => told.trouble = Some(trouble(&failure)),
    }
    told
}

/// As Slack's own client puts it, with what Slack's log would say.
fn trouble(failure: &Failure) -> String {
    format!("We had some trouble connecting. Try again? ({failure})")
}

/// Something in the form was used that the app wants to hear of.
pub(super) async fn tell_view(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    extract::Form(pairs): extract::Form<Pairs>,
) -> Response {
    let Some(form) = site.view(&place) else { return done(&site, &place) };
    let used = pairs.iter().find(|(name, _)| name == "tell").and_then(|(_, name)| pair(name));
    let Some((block, action)) = used else {
        return refused(&site, &place, "That isn't there any more.");
    };
    // What was wrong with the form when it was sent may be right by now.
    lock(&site.told).remove(&place.who);
    match hold(&form, &pairs) {
        Ok(()) => told(&site, &place, form.tell(&block, &action).await),
        Err(refusal) => refused(&site, &place, &refusal.0),
    }
}

/// The form is closed, or with `all` everything that lies under it, too.
pub(super) async fn close_view(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    extract::Form(pairs): extract::Form<Pairs>,
) -> Response {
    let person = site.person(&place);
    let Some(form) = person.top_view() else { return done(&site, &place) };
    let all = pairs.iter().any(|(name, _)| name == "all");
    let closed = if all { form.dismiss().await } else { form.close().await };
    answer(&site, &place, closed.map(drop))
}

/// What stands in the fields now.
fn hold(form: &Form, pairs: &Pairs) -> Result<(), NotThere> {
    for field in form.fields() {
        let own = Some((field.block_id.clone(), field.action_id.clone()));
        let given: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| pair(name) == own)
            .map(|(_, value)| value.replace("\r\n", "\n"))
            .collect();
        form.hold(&field, &given)?;
    }
    Ok(())
}

/// `block_id` and `action_id`, as the page names fields.
pub(super) fn pair(name: &str) -> Option<(String, String)> {
    serde_json::from_str(name).ok()
}

fn done(site: &Site, place: &Place) -> Response {
    lock(&site.notices).remove(&place.who);
    let place = Place { draft: None, ..place.clone() };
    Redirect::to(&place.at("/")).into_response()
}

fn answer(site: &Site, place: &Place, result: Result<(), NotThere>) -> Response {
    match result {
        Ok(()) => done(site, place),
        Err(refusal) => refused(site, place, &refusal.0),
    }
}

/// Slack's client shows when the app didn't accept a click.
pub(super) fn told(site: &Site, place: &Place, ack: Result<Ack, NotThere>) -> Response {
    match ack {
        Ok(Ack { failure: Some(failure), .. }) => refused(site, place, &trouble(&failure)),
        Ok(_) => done(site, place),
        Err(refusal) => refused(site, place, &refusal.0),
    }
}
