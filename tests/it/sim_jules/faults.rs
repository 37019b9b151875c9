//! Calls that go wrong (F1 to F7, F11, F13, F14), and whether they happened.

use super::{Api, KEY, SOURCE, fixture, read, task};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};
use serde_json::json;
use sim::jules::{Fault, Op, RetryAfter};
use std::sync::Arc;
use std::time::Duration;

impl Api {
    /// A create under a fault; how it went, and how many sessions there are.
    async fn create_under(&self, fault: Fault) -> (reqwest::Result<Response>, usize) {
        // Long enough for a busy machine, short for those that never answer.
        let never = matches!(
            fault,
            Fault::HangBefore
                | Fault::HangAfter
                | Fault::SlowHeaders(_)
                | Fault::DripBody { bytes: 1, .. }
        );
        let patience = if never { 1 } else { 10 };
        self.jules.fault(fault).on(Op::CreateSession).once();
        let request = self.request(Method::POST, "/sessions").json(&task(json!({})));
        let reply = request.timeout(Duration::from_secs(patience)).send().await;
        (reply, self.account.sessions().len())
    }
}

#[tokio::test]
async fn too_many_requests_with_every_retry_after() {
    let api = Api::new().await;
    let at: Timestamp = "2026-09-01T10:00:30Z".parse().unwrap();
    for (form, header) in [
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some("7")),
        (RetryAfter::Seconds(1_000_000), Some("1000000")),
        (RetryAfter::At(at), Some("Tue, 01 Sep 2026 10:00:30 GMT")),
        (RetryAfter::Text("soon"), Some("soon")),
    ] {
        let (reply, made) = api.create_under(Fault::too_many(&form)).await;
        let reply = reply.unwrap();
        let value = reply.headers().get("retry-after").map(|v| v.to_str().unwrap().to_owned());
        assert_eq!((reply.status().as_u16(), value.as_deref(), made), (429, header, 0));
        assert_eq!(read(reply).await.1["error"]["status"], "RESOURCE_EXHAUSTED");
    }
}

#[tokio::test]
async fn server_errors_a_number_of_times_then_fine() {
    let api = Api::new().await;
    api.jules.fault(Fault::status(503)).on(Op::ListSources).times(2);
    for expected in [503, 503, 200] {
        assert_eq!(api.get("/sources").await.0, expected);
    }
    api.jules.fault(Fault::html(502)).on(Op::ListSources).for_ever();
    let reply = api.request(Method::GET, "/sources").send().await.unwrap();
    assert_eq!(reply.status(), 502);
    assert!(reply.text().await.unwrap().contains("<html"));
    assert_eq!(api.get("/sessions").await.0, 200);
    api.jules.clear_faults();
    assert_eq!(api.get("/sources").await.0, 200);
}

#[tokio::test]
async fn a_reply_may_be_lost_before_or_after_the_session_is_made() {
    for (fault, made) in [
        (Fault::DropBefore, 0),
        (Fault::DropAfter, 1),
        (Fault::HangBefore, 0),
        (Fault::HangAfter, 1),
    ] {
        let api = Api::new().await;
        let hangs = matches!(fault, Fault::HangBefore | Fault::HangAfter);
        let (reply, sessions) = api.create_under(fault).await;
        let error = reply.unwrap_err();
        assert_eq!((error.is_timeout(), sessions), (hangs, made), "{error:?}");
        assert_eq!(api.get("/sessions").await.0, 200);
    }
}

#[tokio::test]
async fn an_error_may_come_after_the_deed() {
    let api = Api::new().await;
    let (reply, made) = api.create_under(Fault::ErrorAfter(504)).await;
    assert_eq!((reply.unwrap().status().as_u16(), made), (504, 1));
    let id = api.account.sessions()[0].id.clone();
    api.jules.fault(Fault::ErrorAfter(500)).on(Op::SendMessage).once();
    let message = json!({ "prompt": "hello" });
    assert_eq!(api.post(&format!("/sessions/{id}:sendMessage"), &message).await.0, 500);
    assert_eq!(api.account.activities(&id).len(), 1);
}

#[tokio::test]
async fn a_new_session_may_be_missing_from_the_list_for_a_while() {
    let api = Api::new().await;
    api.account.listed_after(SignedDuration::from_secs(20));
    let id = api.create(json!({})).await;
    assert_eq!(api.get("/sessions").await.1, json!({}));
    assert_eq!(api.get(&format!("/sessions/{id}")).await.0, 200);
    api.pass(SignedDuration::from_secs(20));
    assert_eq!(api.get("/sessions").await.1["sessions"][0]["id"], id);
}

#[tokio::test]
async fn headers_and_bodies_may_be_slow() {
    let api = Api::new().await;
    let (reply, made) = api.create_under(Fault::SlowHeaders(Duration::from_secs(60))).await;
    assert!(reply.unwrap_err().is_timeout());
    assert_eq!(made, 1);
    let drip = Fault::DripBody { bytes: 1, pause: Duration::from_millis(50) };
    let (reply, _) = api.create_under(drip).await;
    // The head is there at once; the body runs out of time.
    assert!(reply.unwrap().bytes().await.unwrap_err().is_timeout());
    let quick = Fault::DripBody { bytes: 100, pause: Duration::from_millis(1) };
    let (reply, _) = api.create_under(quick).await;
    assert_eq!(read(reply.unwrap()).await.1["state"], "QUEUED");
}

#[tokio::test]
async fn a_body_may_be_spoilt_in_every_way() {
    let api = Api::new().await;
    api.account.limits(100, 100);
    let mut made = 0;
    for fault in [
        Fault::TruncatedJson,
        Fault::Html200,
        Fault::EmptyBody,
        Fault::InvalidUtf8,
        Fault::JsonNull,
        Fault::WrongContentType,
    ] {
        let name = format!("{fault:?}");
        let (reply, sessions) = api.create_under(fault).await;
        made += 1;
        let reply = reply.unwrap();
        assert_eq!((reply.status().as_u16(), sessions), (200, made), "{name}");
        let content_type = reply.headers()["content-type"].to_str().unwrap().to_owned();
        let body = reply.bytes().await.unwrap();
        let parsed = serde_json::from_slice::<serde_json::Value>(&body);
        match name.as_str() {
            "WrongContentType" => {
                assert_eq!((content_type.as_str(), parsed.is_ok()), ("text/plain", true));
            }
            "JsonNull" => assert_eq!(parsed.unwrap(), json!(null)),
            "EmptyBody" => assert_eq!(body.len(), 0),
            "InvalidUtf8" => assert!(std::str::from_utf8(&body).is_err()),
            "Html200" => assert!(content_type.starts_with("text/html")),
            _ => assert!(parsed.is_err() && body.len() > 20),
        }
    }
}

#[tokio::test]
async fn a_connection_may_be_reset_in_the_middle_of_the_body() {
    let api = Api::new().await;
    let (reply, made) = api.create_under(Fault::ResetMidBody).await;
    assert_eq!(made, 1);
    let error = match reply {
        Ok(reply) => reply.bytes().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_page_without_a_mask_may_be_enormous() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.jules.fault(Fault::Flood(50_000_000)).on(Op::ListActivities).for_ever();
    let path = format!("/sessions/{id}/activities");
    assert_eq!(api.query(&path, &[("fields", "activities(id)")]).await, (200, json!({})));
    let mut reply = api.request(Method::GET, &path).send().await.unwrap();
    let mut read = 0;
    while let Some(chunk) = reply.chunk().await.unwrap() {
        read += chunk.len();
    }
    assert!(read > 50_000_000);
}

#[tokio::test]
async fn the_port_may_be_closed_and_opened_again() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.jules.refuse().await;
    let error = api.request(Method::GET, "/sessions").send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    api.jules.resume().await.unwrap();
    assert_eq!(api.state(&id).await, "QUEUED");
    let url = api.jules.url();
    api.jules.stop().await;
    assert!(api.http.get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_source_may_go_away_between_the_list_and_the_create() {
    let api = Api::new().await;
    let source = api.account.source("AshikNesin", "404less");
    source.forbid();
    let (status, reply) = api.post("/sessions", &task(json!({}))).await;
    assert_eq!((status, &reply["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    source.disconnect();
    assert_eq!(
        api.post("/sessions", &task(json!({}))).await,
        (404, fixture("error_404_not_found"))
    );
    assert_eq!(api.get(&format!("/{SOURCE}")).await.0, 404);
    source.reconnect();
    assert_eq!(api.post("/sessions", &task(json!({}))).await.0, 200);
}

#[tokio::test]
async fn creates_may_be_refused_for_some_minutes_while_reads_work() {
    let api = Api::new().await;
    api.account.refuse_creates_until(api.now() + SignedDuration::from_mins(53));
    let (status, reply) = api.post("/sessions", &task(json!({}))).await;
    assert_eq!((status, &reply["error"]["status"]), (400, &json!("FAILED_PRECONDITION")));
    assert_eq!(api.get("/sessions").await.0, 200);
    api.pass(SignedDuration::from_mins(53));
    assert_eq!(api.post("/sessions", &task(json!({}))).await.0, 200);
}

#[tokio::test]
async fn the_services_clock_may_be_wrong() {
    let api = Api::new().await;
    api.jules.skew(SignedDuration::from_mins(-4));
    api.create(json!({})).await;
    let behind = api.now().duration_since(api.account.sessions()[0].create_time);
    assert_eq!(behind.as_mins(), 4);
}

#[tokio::test]
async fn a_gate_is_asked_on_every_call_before_the_armed_faults() {
    let api = Api::new().await;
    api.jules.fault(Fault::status(500)).only_for(KEY).for_ever();
    api.jules.gate(Arc::new(|call| (call.op == Op::ListSessions).then(|| Fault::status(503))));
    assert_eq!((api.get("/sessions").await.0, api.get("/sources").await.0), (503, 500));
    api.jules.clear_gate();
    assert_eq!(api.get("/sessions").await.0, 500);
    api.jules.account("other");
    let url = api.jules.url() + "/sessions";
    let other = api.http.get(url).header("x-goog-api-key", "other").send().await.unwrap();
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn chance_is_the_same_every_time() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = Api::new().await;
        api.jules.fault(Fault::status(503)).with_chance(0.5, 42);
        let mut run = Vec::new();
        for _ in 0..40 {
            run.push(api.get("/sessions").await.0);
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    let struck = runs[0].iter().filter(|s| **s == 503).count();
    assert!((8..=32).contains(&struck), "{struck}");
}
