//! The page's addresses, and what guards them.

use super::names::Names;
use super::{Site, doing, elsewhere, live, panel, shell, suggest};
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

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the page until it is dropped.
///
/// # Errors
/// When the listener fails.
pub(in crate::demo) async fn serve(listener: TcpListener, world: Arc<World>) -> io::Result<()> {
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
