//! The handler of every request, and how a reply travels, or fails to (reference §7.2, F3–F7).

use super::answer::answer;
use super::call::{Call, Route, route};
use super::fault::Fault;
use super::reply::{Refusal, Reply};
use super::shared::Shared;
use crate::cuttable::Cut;
use crate::stamp;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::stream::{self, StreamExt};
use platform::lock::lock;
use serde_json::Value;
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

/// Bodies of requests are read up to this many bytes.
const BODY_LIMIT: usize = 16 << 20;

/// Takes a request from arrival to reply.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let raw = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let route = route(parts.method.as_str(), parts.uri.path());
    let key = parts.headers.get("x-goog-api-key").and_then(|v| v.to_str().ok());
    let query = parts.uri.query().unwrap_or_default();
    let call = Call {
        op: route.op(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        body: serde_json::from_slice(&raw).unwrap_or(Value::Null),
        key: key.map(str::to_owned),
        at: shared.now(),
    };
    lock(&shared.calls).push(call.clone());
    let fault = shared.fault_for(&call);
    let reply = reply(&shared, &call, &route, &raw, fault.as_ref());
    let mut response = match fault {
        Some(fault) => deliver_badly(reply, fault, &call, cut).await,
        None => whole(reply),
    };
    stamp(response.headers_mut(), shared.now());
    response
}

fn reply(shared: &Shared, call: &Call, route: &Route, raw: &[u8], fault: Option<&Fault>) -> Reply {
    if fault.is_none_or(Fault::commits) {
        answer(&mut lock(&shared.world), call, route, raw, call.at)
    } else {
        Refusal::of_status(500).into()
    }
}

async fn deliver_badly(mut reply: Reply, fault: Fault, call: &Call, cut: Cut) -> Response {
    match fault {
        Fault::Answer(canned) => reply = canned,
        Fault::HangBefore | Fault::HangAfter => std::future::pending::<()>().await,
        Fault::DropBefore | Fault::DropAfter => {
            cut.close();
            // The connection goes away under this and takes it along.
            std::future::pending::<()>().await;
        }
        Fault::ErrorAfter(status) => reply = Refusal::of_status(status).into(),
        Fault::SlowHeaders(time) => tokio::time::sleep(time).await,
        Fault::DripBody { bytes, pause } => return drip(reply, bytes, pause),
        Fault::TruncatedJson => reply.body.truncate(reply.body.len() / 2),
        Fault::Html200 => reply = Reply::html(200, "Sign in to continue."),
        Fault::EmptyBody => reply.body.clear(),
        Fault::WrongContentType => {
            reply = Reply::typed(reply.status, "text/plain", reply.body);
        }
        Fault::InvalidUtf8 => reply.body = spoil(&reply.body),
        Fault::JsonNull => reply.body = b"null".to_vec(),
        Fault::ResetMidBody => return reset_in_the_middle(reply, cut),
        Fault::Flood(bytes) if call.param("fields").is_none() => return flood(reply, bytes),
        Fault::Flood(_) => {}
        Fault::Rewrite(change) => {
            if let (200, Ok(mut json)) = (reply.status, serde_json::from_slice(&reply.body)) {
                (change.0)(&mut json);
                reply = Reply::json(200, &json);
            }
        }
    }
    whole(reply)
}

/// Puts bytes that are not UTF-8 into every text of a JSON body.
fn spoil(body: &[u8]) -> Vec<u8> {
    let mut spoilt = Vec::with_capacity(body.len());
    for byte in body {
        spoilt.push(*byte);
        if *byte == b'"' {
            spoilt.extend([0xC3, 0x28]);
        }
    }
    spoilt
}

fn response(reply: Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn whole(mut reply: Reply) -> Response {
    let body = mem::take(&mut reply.body);
    response(reply, Body::from(body))
}

fn drip(mut reply: Reply, bytes: usize, pause: Duration) -> Response {
    let rest = Bytes::from(mem::take(&mut reply.body));
    let pieces = stream::unfold(rest, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(bytes.clamp(1, rest.len()));
        tokio::time::sleep(pause).await;
        Some((Ok::<_, io::Error>(piece), rest))
    });
    response(reply, Body::from_stream(pieces))
}

fn reset_in_the_middle(reply: Reply, cut: Cut) -> Response {
    let half = Bytes::copy_from_slice(&reply.body[..reply.body.len() / 2]);
    let pieces = stream::unfold(Some(half), move |half| {
        let cut = cut.clone();
        async move {
            if let Some(half) = half {
                return Some((Ok::<_, io::Error>(half), None));
            }
            // Once around the scheduler, so that the first half is on its way.
            tokio::task::yield_now().await;
            cut.reset();
            std::future::pending().await
        }
    });
    let promised = reply.body.len().to_string();
    response(reply.header("content-length", &promised), Body::from_stream(pieces))
}

fn flood(reply: Reply, bytes: u64) -> Response {
    const HEAD: &[u8] = br#"{"activities":[{"name":"sessions/1/activities/f","id":"f","originator":"agent","progressUpdated":{},"artifacts":[{"changeSet":{"gitPatch":{"unidiffPatch":""#;
    const TAIL: &[u8] = br#""}}}]}]}"#;
    const PIECE: usize = 1 << 16;
    let diff = stream::unfold(bytes, |left| async move {
        let size = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        (size > 0).then(|| (Bytes::from(vec![b'A'; size]), left - size as u64))
    });
    let head = stream::iter([Bytes::from_static(HEAD)]);
    let tail = stream::iter([Bytes::from_static(TAIL)]);
    let pieces = head.chain(diff).chain(tail).map(Ok::<_, io::Error>);
    response(reply, Body::from_stream(pieces))
}
