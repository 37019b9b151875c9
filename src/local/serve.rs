//! What the process that has a file store answers through its socket.

use super::listing::{Tasks, Trail};
use super::path;
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
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;
use store::forget::Whom;
use store::transfer::Export;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How often a long answer shows a sign of life: the client takes ten seconds of silence for a process that hangs.
const SIGN: Duration = Duration::from_secs(3);

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
    let read = Trail::of(&**engine.store(), engine.now()).await;
    Ok(lines(read.map_err(|error| failed(&error))?.lines()))
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

async fn forget(State(engine): State<Arc<Engine>>, whom: String) -> Answered<Body> {
    let whom: Whom = serde_json::from_str(&whom).map_err(|error| failed(&error))?;
    // Of a workspace it may be thousands of documents, and the disk is waited for after each.
    with_signs(SIGN, async move {
        let count = engine.forget_all_of(&whom).await.map_err(|error| failed(&error))?;
        Ok(count.to_string())
    })
    .await
}

/// An answer in JSON that may take long: spaces come before it meanwhile, which a reader of JSON passes over. Work that
/// fails after the first of them cuts the answer off.
async fn with_signs(
    every: Duration,
    work: impl Future<Output = Answered<String>> + Send + 'static,
) -> Answered<Body> {
    let mut work = Box::pin(work);
    if let Ok(done) = timeout(every, &mut work).await {
        return done.map(Body::from);
    }
    Ok(Body::from_stream(stream::unfold(Some(work), move |work| async move {
        let mut work = work?;
        Some(match timeout(every, &mut work).await {
            Err(_) => (Ok(" ".to_owned()), Some(work)),
            Ok(Ok(text)) => (Ok(text), None),
            Ok(Err((_, why))) => (Err(io::Error::other(why)), None),
        })
    })))
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use tokio::sync::oneshot;

    const SOON: Duration = Duration::from_millis(1);

    /// An answer to work that ends like this once two signs of life have come.
    async fn slowly(answer: Answered<String>) -> Option<String> {
        let (ends, ended) = oneshot::channel();
        let work = async move {
            ended.await.unwrap();
            answer
        };
        let mut pieces = with_signs(SOON, work).await.unwrap().into_data_stream();
        for _ in 0..2 {
            assert_eq!(pieces.next().await.unwrap().unwrap(), " ");
        }
        ends.send(()).unwrap();
        let mut text = String::new();
        while let Some(piece) = pieces.next().await {
            text.push_str(std::str::from_utf8(&piece.ok()?).unwrap());
        }
        Some(text)
    }

    #[tokio::test]
    async fn a_long_answer_shows_signs_of_life_and_is_read_as_any_other() {
        let at_once = with_signs(Duration::MAX, async { Ok("7".to_owned()) }).await.unwrap();
        assert_eq!(axum::body::to_bytes(at_once, 1024).await.unwrap(), "7");
        let slow = slowly(Ok("7".to_owned())).await.unwrap();
        assert_eq!(serde_json::from_str::<usize>(&slow).unwrap(), 7);
    }

    #[tokio::test]
    async fn work_that_fails_is_no_answer_however_long_it_took() {
        let fails = || Err(failed(&"the disk is full"));
        let at_once = with_signs(Duration::MAX, async move { fails() }).await;
        assert_eq!(at_once.unwrap_err().1, "the disk is full");
        assert_eq!(slowly(fails()).await, None);
    }
}
