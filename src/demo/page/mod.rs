//! The demo's page: the simulated Slack as a person sees it, drawn by the server.
//!
//! There is one page (`shell`), and each address is a place in it: who looks, at which conversation,
//! with which thread open (`place`). What people do comes in as ordinary forms (`doing`); the answer
//! is the page again. One small script puts the new page in place of the old one, does so again when
//! something changed (`live`), and completes what is typed (`suggest`).
//!
//! The page loads nothing from elsewhere and runs nothing that is not in `script.js`; the headers say
//! so. Requests of other sites' pages are refused, since any site can send forms to loopback.

mod blocks;
mod date;
mod doing;
mod elements;
mod elsewhere;
mod emoji;
mod fields;
mod lines;
mod link;
mod live;
mod modal;
mod mrkdwn;
mod names;
mod panel;
mod place;
mod rich;
mod shell;
mod suggest;

use super::world::World;
use crate::lock::lock;
use crate::sim::slack::Person;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use names::Names;
use place::Place;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What all requests share.
pub(super) struct Site {
    world: Arc<World>,
    names: Names,
    /// The newest message that a person has had on the screen, by who and which list.
    seen: Mutex<HashMap<(String, String), String>>,
    /// What a person was told about the form on their screen.
    told: Mutex<HashMap<String, Told>>,
    /// Why the last thing that a person tried did not happen, and in which conversation.
    notices: Mutex<HashMap<String, (String, String)>>,
}

/// What is wrong with a form that was sent.
#[derive(Debug, Clone, Default)]
struct Told {
    view: String,
    /// By `block_id`.
    errors: BTreeMap<String, String>,
    /// About the form as a whole.
    trouble: Option<String>,
}

impl Site {
    fn person(&self, place: &Place) -> Person {
        let person = self.world.slack.person(&place.who);
        // Everybody on the page is in the workspace from the beginning.
        person.unwrap_or_else(|| self.world.slack.user(&place.who))
    }

    /// The notice that stands at this person's composer.
    fn notice(&self, place: &Place) -> Option<String> {
        let notices = lock(&self.notices);
        let (channel, why) = notices.get(&place.who)?;
        (*channel == place.channel).then(|| why.clone())
    }

    /// What this person was told about this view.
    fn told(&self, who: &str, view: &str) -> Told {
        let told = lock(&self.told).get(who).cloned().unwrap_or_default();
        if told.view == view { told } else { Told::default() }
    }
}

/// Serves the page until it is dropped.
///
/// # Errors
/// When the listener fails.
pub(super) async fn serve(listener: TcpListener, world: Arc<World>) -> io::Result<()> {
    let names = Names::in_workspace(&world.slack);
    let site = Arc::new(Site {
        world,
        names,
        seen: Mutex::default(),
        told: Mutex::default(),
        notices: Mutex::default(),
    });
    let routes = Router::new()
        .route("/", get(shell::page))
        .route("/say", post(doing::say))
        .route("/use", post(doing::use_element))
        .route("/view/send", post(doing::send_view))
        .route("/view/tell", post(doing::tell_view))
        .route("/view/close", post(doing::close_view))
        .route("/view/options", get(suggest::options))
        .route("/complete", get(suggest::complete))
        .route("/panel", post(panel::turn))
        .route("/live", get(live::live))
        .route("/elsewhere", get(elsewhere::page))
        .route("/style.css", get(file("text/css", include_str!("style.css"))))
        .route("/script.js", get(file("text/javascript", include_str!("script.js"))))
        .route("/icon.svg", get(file("image/svg+xml", include_str!("icon.svg"))))
        .layer(from_fn(guard))
        .with_state(site);
    axum::serve(listener, routes).await
}

fn file(
    kind: &'static str,
    text: &'static str,
) -> impl Clone + Send + Sync + 'static + Fn() -> std::future::Ready<Response> {
    move || std::future::ready(([(CONTENT_TYPE, kind)], text).into_response())
}

/// Refuses what another site's page sends, and tells the browser what this page may load.
async fn guard(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && !is_own(request.headers()) {
        return (StatusCode::FORBIDDEN, "This comes from another page.").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    response
}

/// Sent by this page, or by no page at all. Browsers say which it is; nothing else sends `Origin`.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin == host)
        }
        (Some(_), None) => false,
        (None, _) => true,
    }
}
