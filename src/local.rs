//! The local socket: a file store belongs to one process, so commands on the same machine ask that one. The socket
//! is next to the store's file, and only its user can open it.

use crate::engine::Engine;
use anyhow::Context;
use domain::audit::AuditRecord;
use domain::ids::{TeamId, UserId};
use std::path::PathBuf;
use std::sync::Arc;
use store::forget::Whom;
use tokio_util::sync::CancellationToken;

/// The socket of a store; none for a store that isn't a file.
#[must_use]
pub fn path(url: &str) -> Option<PathBuf> {
    store::file_path(url).map(|file| file.with_extension("sock"))
}

/// What the process that has a file store open says; `None` where no process has, or the store isn't a file.
///
/// # Errors
/// When there is one, and it doesn't answer well.
#[cfg(unix)]
pub async fn ask(url: &str, what: &str) -> anyhow::Result<Option<String>> {
    exchange(url, reqwest::Method::GET, what).await
}

/// Has the process that has a file store open do something; what it says, and `None` as for [`ask`].
///
/// # Errors
/// As for [`ask`]; it may have been done all the same.
#[cfg(unix)]
pub async fn send(url: &str, what: &str) -> anyhow::Result<Option<String>> {
    exchange(url, reqwest::Method::POST, what).await
}

#[cfg(unix)]
async fn exchange(
    url: &str,
    method: reqwest::Method,
    what: &str,
) -> anyhow::Result<Option<String>> {
    let Some(socket) = path(url).filter(|socket| socket.exists()) else { return Ok(None) };
    // Left behind by a process that died.
    if std::os::unix::net::UnixStream::connect(&socket).is_err() {
        return Ok(None);
    }
    let client = platform::tls::client().unix_socket(socket.as_path()).build()?;
    let asked = client.request(method, format!("http://localhost/{what}")).send().await;
    let answer = asked.and_then(reqwest::Response::error_for_status);
    let text = answer.context("the running process doesn't answer")?.text().await?;
    Ok(Some(text))
}

/// There is no such socket here.
#[cfg(not(unix))]
pub async fn ask(_: &str, _: &str) -> anyhow::Result<Option<String>> {
    Ok(None)
}

/// There is no such socket here.
#[cfg(not(unix))]
pub async fn send(_: &str, _: &str) -> anyhow::Result<Option<String>> {
    Ok(None)
}

/// The records in an answer.
///
/// # Errors
/// When it isn't one.
pub fn records(lines: &str) -> anyhow::Result<Vec<AuditRecord>> {
    let read = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    read.context("the running process is another version of this program")
}

/// Answers commands until `stop`. Without a socket they say that the process has to be stopped.
#[cfg(unix)]
pub async fn serve(url: String, engine: Arc<Engine>, stop: CancellationToken) {
    use std::os::unix::fs::PermissionsExt;
    let Some(socket) = path(&url) else { return };
    // The file's lock is ours, so whatever is there was left behind.
    drop(std::fs::remove_file(&socket));
    let listener = match tokio::net::UnixListener::bind(&socket) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, socket = %socket.display(), "no local socket, so commands can't ask this process");
            return;
        }
    };
    drop(std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600)));
    let router = axum::Router::new()
        .route("/audit", axum::routing::get(audit))
        .route("/forget", axum::routing::post(forgotten))
        .with_state(engine);
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.cancelled().await;
    });
    if let Err(error) = served.await {
        tracing::warn!(%error, "the local socket is closed");
    }
    drop(std::fs::remove_file(&socket));
}

/// There is no such socket here.
#[cfg(not(unix))]
pub async fn serve(_: String, _: Arc<Engine>, stop: CancellationToken) {
    stop.cancelled().await;
}

#[cfg(unix)]
async fn audit(
    axum::extract::State(engine): axum::extract::State<Arc<Engine>>,
) -> Result<String, axum::http::StatusCode> {
    let read = store::audit::read(&**engine.store(), engine.now()).await;
    let records = read.map_err(|_| axum::http::StatusCode::SERVICE_UNAVAILABLE)?;
    let lines = records.iter().filter_map(|record| serde_json::to_string(record).ok());
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Who is to be forgotten.
#[cfg(unix)]
#[derive(serde::Deserialize)]
struct Named {
    #[serde(default)]
    team: Option<TeamId>,
    #[serde(default)]
    user: Option<UserId>,
}

#[cfg(unix)]
async fn forgotten(
    axum::extract::State(engine): axum::extract::State<Arc<Engine>>,
    axum::extract::Query(named): axum::extract::Query<Named>,
) -> Result<String, axum::http::StatusCode> {
    if named.team.is_none() && named.user.is_none() {
        return Err(axum::http::StatusCode::BAD_REQUEST);
    }
    let whom = Whom { team: named.team, user: named.user };
    let done = engine.forget_all_of(&whom).await;
    done.map(|count| count.to_string()).map_err(|_| axum::http::StatusCode::SERVICE_UNAVAILABLE)
}
