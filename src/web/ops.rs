//! What the operator asks: whether it is alive and ready, and its metrics.

use super::AppState;
use crate::socket::Status;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Key, StoreError};

/// 200 as long as the process answers at all.
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

/// 200 when requests can be taken: the store answers and didn't refuse the last write, Slack accepts the token and has
/// told who we are, no stop is under way; with Socket Mode also: a connection is open. Else 503 and what is missing. A
/// refused Jules key is no reason: what people ask for waits for it, whichever replica takes it.
pub(super) async fn readyz(State(site): State<Arc<AppState>>) -> Response {
    let now = (site.clock)();
    let store = site.engine.store().get(&Key::new("ready"), now).await;
    let missing = if site.draining.load(Ordering::Relaxed) {
        "stopping".to_owned()
    } else if let Err(error) = &store {
        unusable(error).to_owned()
    } else if site.engine.refuses_writes() {
        "the store refuses writes".to_owned()
    } else if let Some(refusal) = site.engine.slack_refusal() {
        refusal
    } else if !site.engine.is_identified() {
        "Slack has not been reached yet".to_owned()
    } else if let Some(missing) = site.socket.as_ref().and_then(Status::missing) {
        missing.to_owned()
    } else {
        return "ready\n".into_response();
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{missing}\n")).into_response()
}

/// The error itself is for operators, who have it in the log.
fn unusable(store: &StoreError) -> &'static str {
    match store {
        StoreError::Down(_) | StoreError::Unanswered(_) => "the store isn't responding",
        StoreError::Broken(_) | StoreError::Forbidden(_) => {
            "the store can't be used; the log says why"
        }
    }
}

/// Everything that is measured, in Prometheus' text format.
pub(super) async fn metrics(State(site): State<Arc<AppState>>) -> Response {
    match &site.metrics {
        Some(handle) => handle.render().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
