//! Requests from Slack: signature, then meaning, then the answer of the engine.

use super::routes::outcome;
use super::{AppState, body};
use crate::deliver::{Size, deliver};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::metrics;
use slack::ack::Ack;
use slack::inbound::{Payload, receive as read};
use slack::verify::{Claim, Refused};
use std::mem;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinHandle;

/// Takes any request from Slack. 401 for one that doesn't even look signed, before its body is read; 408
/// for a body that does not come, 413 for one over the limit, 503 while too many are being read; 401 for
/// one that Slack did not sign, 400 for one that makes no sense. Nothing of the body is logged.
pub(super) async fn receive(State(site): State<Arc<AppState>>, mut request: Request) -> Response {
    let headers = mem::take(request.headers_mut());
    let claim = match claim(&site, &headers) {
        Ok(claim) => claim,
        // Its body is not read, so nothing else can come over this connection, which a proxy may share.
        Err(status) => return (status, [(header::CONNECTION, "close")]).into_response(),
    };
    let body = match body::whole(&site, request).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let begun = Instant::now();
    let payload = understood(&site, &headers, &claim, body.bytes());
    // What it holds is free for others while the answer is made.
    drop(body);
    let response = match payload {
        Ok(payload) => response(outcome(answer(&site, payload)).await.unwrap_or(Ack::TryAgain)),
        Err(status) => status.into_response(),
    };
    metrics::acknowledged("http", begun.elapsed());
    response
}

/// What the head says of its signature.
fn claim<'h>(site: &AppState, headers: &'h HeaderMap) -> Result<Claim<'h>, StatusCode> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (signature, timestamp) = (text("x-slack-signature"), text("x-slack-request-timestamp"));
    let claim = site.verifier.claim(signature, timestamp, (site.clock)());
    claim.map_err(|error| refused(site, error))
}

fn refused(site: &AppState, error: Refused) -> StatusCode {
    if let Some(untold) = site.refusals.tell((site.clock)()) {
        tracing::warn!(%error, untold, "a request that Slack did not sign was refused");
    }
    StatusCode::UNAUTHORIZED
}

/// What the body says, if it is signed.
fn understood(
    site: &AppState,
    headers: &HeaderMap,
    claim: &Claim<'_>,
    body: &[u8],
) -> Result<Payload, StatusCode> {
    site.verifier.prove(claim, body).map_err(|error| refused(site, error))?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let payload = std::str::from_utf8(body).ok().and_then(|text| read(content_type, text).ok());
    payload.ok_or_else(|| {
        tracing::warn!(content_type, "a signed request could not be read");
        StatusCode::BAD_REQUEST
    })
}

/// Slack hangs up after three seconds, and what was begun is done all the same: what is half stored would be taken for
/// answered when Slack sends it again.
fn answer(site: &AppState, payload: Payload) -> JoinHandle<Ack> {
    let engine = Arc::clone(&site.engine);
    site.to_the_end(async move { deliver(&engine, payload, Size::Usual).await })
}

fn response(ack: Ack) -> Response {
    match ack {
        Ack::Empty => StatusCode::OK.into_response(),
        Ack::Message(message) => Json(message).into_response(),
        Ack::Body(body) => Json(body).into_response(),
        Ack::Challenge(challenge) => challenge.into_response(),
        Ack::TryAgain => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
