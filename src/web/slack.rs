//! Requests from Slack: signature, then meaning, then the answer of the engine.

use super::AppState;
use crate::engine::Ack;
use crate::metrics;
use crate::slack::inbound::receive as read;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::mem;
use std::time::Instant;
use tokio::time::timeout;

/// Takes any request from Slack. 408 for a body that does not come, 413 for one over the limit (before
/// it is hashed), 401 for one that Slack did not sign, 400 for one that makes no sense; nothing of the
/// body is logged.
pub(super) async fn receive(State(site): State<AppState>, mut request: Request) -> Response {
    let headers = mem::take(request.headers_mut());
    let Ok(body) = timeout(site.limits.body, Bytes::from_request(request, &())).await else {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    };
    let begun = Instant::now();
    let body = body.map_err(|rejection| rejection.status());
    let response = match body.and_then(|body| checked(&site, &headers, body)) {
        Ok(text) => understood(&site, &headers, &text).await,
        Err(refusal) => refusal.into_response(),
    };
    metrics::acknowledged("http", begun.elapsed());
    response
}

/// The body, if it is signed.
fn checked(site: &AppState, headers: &HeaderMap, body: Bytes) -> Result<Bytes, StatusCode> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (signature, timestamp) = (text("x-slack-signature"), text("x-slack-request-timestamp"));
    let now = (site.clock)();
    if let Err(error) = site.verifier.verify(signature, timestamp, &body, now) {
        if let Some(untold) = site.refusals.tell(now) {
            tracing::warn!(%error, untold, "a request that Slack did not sign was refused");
        }
        return Err(StatusCode::UNAUTHORIZED);
    }
    Ok(body)
}

async fn understood(site: &AppState, headers: &HeaderMap, body: &Bytes) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let received = std::str::from_utf8(body).ok().and_then(|text| read(content_type, text).ok());
    let Some(received) = received else {
        tracing::warn!(content_type, "a signed request could not be read");
        return StatusCode::BAD_REQUEST.into_response();
    };
    match site.engine.receive(received).await {
        Ack::Empty => StatusCode::OK.into_response(),
        Ack::Message(message) => Json(message).into_response(),
        Ack::Body(body) => Json(body).into_response(),
        Ack::Challenge(challenge) => challenge.into_response(),
        Ack::TryAgain => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
