//! The local socket: a file store belongs to one process, so commands on the same machine ask that one. The socket
//! is next to the store's file, and only its user can open it.

mod listing;
#[cfg(unix)]
mod serve;

pub use listing::{Listing, Tasks, Trail};
#[cfg(unix)]
pub use serve::serve;

use crate::engine::Operated;
use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use domain::ids::TaskId;
use domain::task::OperatorAct;
use std::path::PathBuf;
use std::time::Duration;
use store::forget::Whom;

/// A process that sends nothing for this long counts as hanging. What may take longer, `forget` and `export`, shows signs
/// of life.
const SILENCE: Duration = Duration::from_secs(10);

const HANGS: &str = "the running process has the file open and hasn't answered for 10 seconds. Restart it, or stop it \
                     to read the file";

/// What came isn't whole.
pub(crate) const STOPPED: &str = "the running process stopped in the middle of it";

/// The socket of a store; none for a store that isn't a file.
#[must_use]
pub fn path(url: &str) -> Option<PathBuf> {
    store::file_path(url).map(|file| file.with_extension("sock"))
}

/// The process that has a file store open.
pub struct Running {
    client: reqwest::Client,
}

impl Running {
    /// The one that has this store; `None` where no process has, or the store isn't a file.
    ///
    /// # Errors
    /// When there is a socket and no way to use it, for example because it belongs to another user.
    #[cfg(unix)]
    pub async fn of(url: &str) -> anyhow::Result<Option<Self>> {
        use std::io::ErrorKind;
        let Some(socket) = path(url).filter(|socket| socket.exists()) else { return Ok(None) };
        if let Err(error) = tokio::net::UnixStream::connect(&socket).await {
            match error.kind() {
                ErrorKind::PermissionDenied => bail!(
                    "`{}` belongs to another user. Run this as the user that the bot runs as, or as root",
                    socket.display()
                ),
                // A process that has hung for long has no room for another connection. The request tells of it.
                ErrorKind::WouldBlock => {}
                // Left behind by a process that died.
                _ => return Ok(None),
            }
        }
        let client = platform::tls::client().unix_socket(socket.as_path()).build()?;
        Ok(Some(Self { client }))
    }

    /// There is no such socket here.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub async fn of(_: &str) -> anyhow::Result<Option<Self>> {
        std::future::ready(Ok(None)).await
    }

    /// Its audit trail.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn audit(&self) -> anyhow::Result<Trail> {
        let lines = text(self.get("audit")).await?;
        lines.lines().map(read).collect()
    }

    /// Its tasks.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn tasks(&self) -> anyhow::Result<Tasks> {
        let lines = text(self.get("tasks")).await?;
        lines.lines().map(read).collect()
    }

    /// Has it do this to a task.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn operate(&self, id: &TaskId, act: OperatorAct) -> anyhow::Result<Operated> {
        let what = match act {
            OperatorAct::Retry => "retry",
            OperatorAct::Drop => "drop",
        };
        let asked = self.client.post(format!("http://localhost/tasks/{id}/{what}"));
        read(&text(asked).await?)
    }

    /// Has it remove what someone left behind; gives how many documents that took.
    ///
    /// # Errors
    /// When it doesn't answer well; it may have done it all the same.
    pub async fn forget(&self, whom: &Whom) -> anyhow::Result<usize> {
        let asked = self.client.post("http://localhost/forget").body(serde_json::to_string(whom)?);
        read(&text(asked).await?)
    }

    /// All of its documents, as an export has them, to be read a piece at a time.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn export(&self) -> anyhow::Result<Answer> {
        answered(self.get("export")).await
    }

    fn get(&self, what: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("http://localhost/{what}"))
    }
}

/// An answer that is read a piece at a time.
pub struct Answer(reqwest::Response);

impl Answer {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the process stops or hangs.
    pub async fn next(&mut self) -> anyhow::Result<Option<Bytes>> {
        in_time(self.0.chunk()).await?.context(STOPPED)
    }
}

async fn answered(asked: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let answer = in_time(asked.send()).await?.context("the running process doesn't answer")?;
    match answer.status() {
        status if status.is_success() => Ok(Answer(answer)),
        reqwest::StatusCode::NOT_FOUND => bail!("{ANOTHER}"),
        _ => bail!("the running process says: {}", in_time(answer.text()).await??),
    }
}

async fn text(asked: reqwest::RequestBuilder) -> anyhow::Result<String> {
    let mut answer = answered(asked).await?;
    let mut text = Vec::new();
    while let Some(piece) = answer.next().await? {
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).context(ANOTHER)
}

/// What the process does next, unless it is silent for too long. The client's own read timeout would count the time that
/// a piece takes to be written, too, and so cut an export into a slow pipe.
async fn in_time<T>(next: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::time::timeout(SILENCE, next).await.map_err(|_| anyhow!(HANGS))
}

const ANOTHER: &str = "the running process is another version of this program; use that version";

fn read<T: serde::de::DeserializeOwned>(line: &str) -> anyhow::Result<T> {
    serde_json::from_str(line).context(ANOTHER)
}

/// There is no such socket here.
#[cfg(not(unix))]
pub async fn serve(
    _: String,
    _: std::sync::Arc<crate::engine::Engine>,
    stop: tokio_util::sync::CancellationToken,
) {
    stop.cancelled().await;
}
