//! The limit: what an axum handler does that only checks the signature, reads one key of Redis and
//! writes one entry. No dedupe, no sealing, no metrics, no logs, and nothing is carried on.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use redis::aio::MultiplexedConnection;
use serde::Serialize;
use sha2::Sha256;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Site {
    redis: MultiplexedConnection,
    key: Hmac<Sha256>,
}

/// A job, as the frameworks' minimal apps store it too.
#[derive(Serialize)]
struct Job {
    team_id: String,
    channel_id: String,
    user_id: String,
    text: String,
    response_url: String,
    trigger_id: String,
    repo: Option<String>,
}

#[derive(Serialize)]
struct Reply {
    response_type: &'static str,
    text: &'static str,
}

/// Serves until the process is ended, as the environment says: `PORT`, `REDIS_URL`,
/// `SLACK_SIGNING_SECRET`.
pub(crate) async fn serve_as_told() {
    #[expect(clippy::disallowed_methods, reason = "told in the way the peers are told")]
    let told = |name: &str| std::env::var(name).expect("the bench says it");
    let (port, secret) = (told("PORT").parse().expect("a port"), told("SLACK_SIGNING_SECRET"));
    serve(port, &told("REDIS_URL"), &secret).await;
}

async fn serve(port: u16, redis: &str, secret: &str) {
    let client = redis::Client::open(redis).expect("an address");
    let redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let key = Hmac::new_from_slice(secret.as_bytes()).expect("any length will do");
    let router = Router::new().route("/slack/events", post(take)).with_state(Site { redis, key });
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    axum::serve(listener, router).await.expect("serves");
}

async fn take(State(mut site): State<Site>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_signed(&site.key, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match job(&mut site.redis, &body).await {
        Some(()) => axum::Json(Reply { response_type: "ephemeral", text: "On it" }).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn is_signed(key: &Hmac<Sha256>, headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let time = text("x-slack-request-timestamp").unwrap_or_default();
    let signature = text("x-slack-signature").and_then(|text| text.strip_prefix("v0="));
    let Some(Ok(signature)) = signature.map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()))
    else {
        return false;
    };
    let mut mac = key.clone();
    for part in [b"v0:", time.as_bytes(), b":", body] {
        mac.update(part);
    }
    mac.verify_slice(&signature).is_ok()
}

async fn job(redis: &mut MultiplexedConnection, body: &[u8]) -> Option<()> {
    let mut job = Job::read(body);
    let binding = format!("binding:{}:{}", job.team_id, job.channel_id);
    job.repo = redis::cmd("GET").arg(binding).query_async(redis).await.ok()?;
    let text = serde_json::to_string(&job).ok()?;
    let mut add = redis::cmd("XADD");
    add.arg("jobs").arg("*").arg("job").arg(text);
    add.query_async(redis).await.ok()
}

impl Job {
    fn read(body: &[u8]) -> Self {
        let mut job = Self {
            team_id: String::new(),
            channel_id: String::new(),
            user_id: String::new(),
            text: String::new(),
            response_url: String::new(),
            trigger_id: String::new(),
            repo: None,
        };
        for (name, value) in url::form_urlencoded::parse(body) {
            let field = match &*name {
                "team_id" => &mut job.team_id,
                "channel_id" => &mut job.channel_id,
                "user_id" => &mut job.user_id,
                "text" => &mut job.text,
                "response_url" => &mut job.response_url,
                "trigger_id" => &mut job.trigger_id,
                _ => continue,
            };
            *field = value.into_owned();
        }
        job
    }
}
