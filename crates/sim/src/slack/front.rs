//! One address for several simulated workspaces, as Slack is one for all: a call goes to the workspace that gave out
//! the token or the code in it.

use super::server::SimSlack;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// The Web API of several workspaces, on a loopback port. It ends when this is dropped.
pub struct Front {
    address: SocketAddr,
    _open: DropGuard,
}

#[derive(Clone)]
struct Behind {
    all: Arc<[SimSlack]>,
    http: reqwest::Client,
}

impl Front {
    /// Starts in front of these workspaces.
    ///
    /// # Errors
    /// When no port can be bound, or no HTTP client be built.
    pub async fn start(all: &[&SimSlack]) -> io::Result<Self> {
        platform::tls::install();
        let http = reqwest::Client::builder().no_proxy().build().map_err(io::Error::other)?;
        let all = all.iter().map(|slack| (*slack).clone()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .fallback(pass_on)
            .layer(DefaultBodyLimit::max(super::routes::MOST_BODY))
            .with_state(Behind { all, http });
        let open = CancellationToken::new();
        let closed = open.clone().cancelled_owned();
        TaskTracker::new().spawn(async move {
            // It ends only by `closed`.
            let _ = axum::serve(listener, router).with_graceful_shutdown(closed).await;
        });
        Ok(Self { address, _open: open.drop_guard() })
    }

    /// The base address of the Web API; `SLACK_API_URL` for the app.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }
}

async fn pass_on(
    State(behind): State<Behind>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let gave = |slack: &&SimSlack| slack.gave(&headers, query, &body);
    // What nobody gave out is refused by anyone.
    let Some(slack) = behind.all.iter().find(gave).or(behind.all.first()) else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let url = format!("{}{uri}", slack.host());
    let mut request = behind.http.request(method, url).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let Ok(answer) = request.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    let body = answer.bytes().await.unwrap_or_default();
    (status, headers, body).into_response()
}
