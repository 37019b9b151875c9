//! Webhooks from GitHub: signature, then which pull request to look at. What a delivery says is believed in no
//! other way.

use super::{AppState, body};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use github::{Refused, hint};
use std::mem;
use std::sync::Arc;

/// Takes a delivery: 401 for one that GitHub didn't sign, before its body is read where that shows in the head; 404
/// where no secret is set; 408, 413 and 503 as for Slack's. What is answered 200 is stored: GitHub sends it once.
pub(super) async fn receive(State(site): State<Arc<AppState>>, mut request: Request) -> Response {
    if site.webhooks.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = mem::take(request.headers_mut());
    let digest = match site.webhooks.claim(text(&headers, "x-hub-signature-256")) {
        Ok(digest) => digest,
        Err(error) => {
            let status = refused(&site, error);
            return (status, [(header::CONNECTION, "close")]).into_response();
        }
    };
    let body = match body::whole(&site, request).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    if let Err(error) = site.webhooks.prove(&digest, body.bytes()) {
        return refused(&site, error).into_response();
    }
    let event = text(&headers, "x-github-event").unwrap_or_default();
    let hint = hint(event, body.bytes());
    drop(body);
    let delivery = text(&headers, "x-github-delivery").unwrap_or_default();
    match site.engine.github_event(delivery, event, hint).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(%error, "a webhook from GitHub could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn refused(site: &AppState, error: Refused) -> StatusCode {
    if let Some(untold) = site.refusals.tell((site.clock)()) {
        tracing::warn!(%error, untold, "a request that GitHub did not sign was refused");
    }
    StatusCode::UNAUTHORIZED
}
