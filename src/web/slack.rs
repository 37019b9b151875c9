//! Requests from Slack: signature, then meaning, then the answer of the engine.

use super::Site;
use crate::engine::Ack;
use crate::measure;
use crate::slack::inbound::receive as read;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Instant;

/// Takes any request from Slack. 413 for a body over the limit (before it is hashed), 401 for one
/// that Slack did not sign, 400 for one that makes no sense; nothing of the body is logged.
pub(super) async fn receive(
    State(site): State<Site>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let begun = Instant::now();
    let response = match checked(&site, &headers, body) {
        Ok(text) => understood(&site, &headers, &text).await,
        Err(refusal) => refusal.into_response(),
    };
    measure::acknowledged("http", begun.elapsed());
    response
}

/// The body, if it is whole and signed.
fn checked(
    site: &Site,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, StatusCode> {
    let body = body.map_err(|rejection| rejection.status())?;
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

async fn understood(site: &Site, headers: &HeaderMap, body: &Bytes) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let received = std::str::from_utf8(body).ok().and_then(|text| read(content_type, text).ok());
    let Some(received) = received else {
        tracing::warn!(content_type, "a signed request could not be read");
        return StatusCode::BAD_REQUEST.into_response();
    };
    match site.engine.receive(received).await {
        Ack::Empty => StatusCode::OK.into_response(),
        Ack::Body(body) => Json(body).into_response(),
        Ack::Challenge(challenge) => challenge.into_response(),
        Ack::TryAgain => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
