//! What the process that has a file store answers through its socket.

use super::path;
use super::tasks::Tasks;
use crate::engine::{Engine, Operated};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use domain::ids::TaskId;
use domain::task::OperatorAct;
use futures_util::stream;
use serde::Serialize;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use store::forget::Whom;
use store::transfer::Export;
use tokio_util::sync::CancellationToken;

/// An answer, or why there is none, for people.
type Answered<T> = Result<T, (StatusCode, String)>;

/// Answers commands until `stop`. Without a socket they say that the process has to be stopped.
pub async fn serve(url: String, engine: Arc<Engine>, stop: CancellationToken) {
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
    let router = Router::new()
        .route("/audit", get(audit))
        .route("/tasks", get(tasks))
        .route("/tasks/{id}/retry", post(retry))
        .route("/tasks/{id}/drop", post(give_up))
        .route("/forget", post(forget))
        .route("/export", get(export))
        .with_state(engine);
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.cancelled().await;
    });
    if let Err(error) = served.await {
        tracing::warn!(%error, "the local socket is closed");
    }
    drop(std::fs::remove_file(&socket));
}

async fn audit(State(engine): State<Arc<Engine>>) -> Answered<String> {
    let read = store::audit::read(&**engine.store(), engine.now()).await;
    Ok(lines(read.map_err(|error| failed(&error))?))
}

async fn tasks(State(engine): State<Arc<Engine>>) -> Answered<String> {
    let read = Tasks::of(&**engine.store(), engine.now()).await;
    Ok(lines(read.map_err(|error| failed(&error))?.lines()))
}

async fn retry(engine: State<Arc<Engine>>, id: Path<String>) -> Answered<String> {
    operate(&engine, &id, OperatorAct::Retry).await
}

async fn give_up(engine: State<Arc<Engine>>, id: Path<String>) -> Answered<String> {
    operate(&engine, &id, OperatorAct::Drop).await
}

async fn operate(engine: &Engine, id: &str, act: OperatorAct) -> Answered<String> {
    let done = match TaskId::parse(id) {
        Ok(id) => engine.operate(&id, act).await.map_err(|error| failed(&error))?,
        Err(_) => Operated::Unknown,
    };
    serde_json::to_string(&done).map_err(|error| failed(&error))
}

async fn forget(State(engine): State<Arc<Engine>>, whom: String) -> Answered<String> {
    let whom: Whom = serde_json::from_str(&whom).map_err(|error| failed(&error))?;
    let forgotten = engine.forget_all_of(&whom).await.map_err(|error| failed(&error))?;
    Ok(forgotten.to_string())
}

async fn export(State(engine): State<Arc<Engine>>) -> Answered<Body> {
    let store = Arc::clone(engine.store());
    let export = Export::of(store, engine.now()).map_err(|error| failed(&error))?;
    Ok(Body::from_stream(stream::try_unfold(export, async |mut export| {
        Ok::<_, store::StoreError>(export.next().await?.map(|page| (page, export)))
    })))
}

fn lines(all: impl IntoIterator<Item = impl Serialize>) -> String {
    let lines = all.into_iter().filter_map(|one| serde_json::to_string(&one).ok());
    lines.collect::<Vec<_>>().join("\n")
}

fn failed(error: &impl ToString) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}
