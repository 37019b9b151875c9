//! The page's addresses, and what guards them.

use super::names::Names;
use super::{Site, avatar, doing, elsewhere, home, live, panel, shell, shortcuts, suggest};
use crate::demo::world::World;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::{Host, Url};

/// The app's icon, which people upload to Slack, too.
pub(super) const ICON: &str = include_str!("../../../deploy/icon/jules-slack.svg");

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the page until it is dropped.
///
/// # Errors
/// When the listener fails.
pub(in crate::demo) async fn serve(listener: TcpListener, world: Arc<World>) -> io::Result<()> {
    let offers = world.offers.clone();
    let names = Names::in_workspace(&world.slack);
    let site = Arc::new(Site {
        world,
        names,
        offers,
        seen: Mutex::default(),
        told: Mutex::default(),
        notices: Mutex::default(),
    });
    let routes = Router::new()
        .route("/", get(shell::page))
        .route("/say", post(doing::say))
        .route("/use", post(doing::use_element))
        .route("/shortcut", post(shortcuts::use_shortcut))
        .route("/tab", post(home::open))
        .route("/view/send", post(doing::send_view))
        .route("/view/tell", post(doing::tell_view))
        .route("/view/close", post(doing::close_view))
        .route("/view/options", get(suggest::options))
        .route("/complete", get(suggest::complete))
        .route("/panel", post(panel::turn))
        .route("/live", get(live::live))
        .route("/elsewhere", get(elsewhere::page))
        .route("/archives/{channel}/{message}", get(elsewhere::message))
        .route("/style.css", get(file("text/css", include_str!("style.css"))))
        .route("/script.js", get(file("text/javascript", include_str!("script.js"))))
        .route("/icon.svg", get(file("image/svg+xml", ICON)))
        .route("/avatar/{name}", get(avatar::picture))
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

/// Refuses what another site's page sends, or requests under a name of its own, and tells the browser what
/// this page may load.
async fn guard(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_for_this_machine(headers) {
        return (StatusCode::FORBIDDEN, "Open this page as localhost or by its IP address.\n")
            .into_response();
    }
    let is_from_elsewhere = header(headers, "sec-fetch-site") == Some("cross-site");
    if is_from_elsewhere || (request.method() != Method::GET && !is_own(headers)) {
        return (
            StatusCode::FORBIDDEN,
            "This comes from another page. Type the address instead.\n",
        )
            .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    response
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Asked for by an address, or as `localhost`. Anyone can have a name of theirs lead to this machine, and
/// then the browser takes their page and this one for one site (DNS rebinding); no one can do that with an address.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = header(headers, "host") else { return false };
    // A port in front or behind makes no difference to that.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".:-[]".contains(c);
    if !host.chars().all(is_plain) {
        return false;
    }
    match Url::parse(&format!("http://{host}/")).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Sent by this page, or by no page at all. Browsers say which it is; nothing else sends `Origin`.
fn is_own(headers: &HeaderMap) -> bool {
    match (header(headers, "origin"), header(headers, "host")) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin == host)
        }
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_or_localhost_is_this_machine() {
        for (host, fits) in [
            ("localhost:3004", true),
            ("LOCALHOST", true),
            ("127.0.0.1:3004", true),
            ("192.168.1.5:80", true),
            ("[::1]:3004", true),
            ("evil.example:3004", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("evil.localhost", false),
            ("user@localhost", false),
            ("localhost/evil.example", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().unwrap());
            assert_eq!(is_for_this_machine(&headers), fits, "{host}");
        }
        assert!(!is_for_this_machine(&HeaderMap::new()));
    }
}
