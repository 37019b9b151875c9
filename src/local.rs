//! The local socket: a file store belongs to one process, so commands on the same machine ask that one. The socket
//! is next to the store's file, and only its user can open it.

#[cfg(unix)]
mod serve;
mod tasks;

#[cfg(unix)]
pub use serve::serve;
pub use tasks::Tasks;

use crate::engine::Operated;
use anyhow::Context;
use domain::audit::AuditRecord;
use domain::ids::TaskId;
use domain::task::OperatorAct;
use std::path::PathBuf;
use store::forget::Whom;

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
    /// When there is a socket and no way to use it.
    #[cfg(unix)]
    pub fn of(url: &str) -> anyhow::Result<Option<Self>> {
        let Some(socket) = path(url).filter(|socket| socket.exists()) else { return Ok(None) };
        // Left behind by a process that died.
        if std::os::unix::net::UnixStream::connect(&socket).is_err() {
            return Ok(None);
        }
        let client = platform::tls::client().unix_socket(socket.as_path()).build()?;
        Ok(Some(Self { client }))
    }

    /// There is no such socket here.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn of(_: &str) -> anyhow::Result<Option<Self>> {
        Ok(None)
    }

    /// The records of its audit trail.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn audit(&self) -> anyhow::Result<Vec<AuditRecord>> {
        let lines = self.get("audit").await?.text().await?;
        lines.lines().map(read).collect()
    }

    /// Its tasks.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn tasks(&self) -> anyhow::Result<Tasks> {
        let lines = self.get("tasks").await?.text().await?;
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
        read(&answered(asked).await?.text().await?)
    }

    /// Has it remove what someone left behind; gives how many documents that took.
    ///
    /// # Errors
    /// When it doesn't answer well; it may have done it all the same.
    pub async fn forget(&self, whom: &Whom) -> anyhow::Result<usize> {
        let asked = self.client.post("http://localhost/forget").body(serde_json::to_string(whom)?);
        read(&answered(asked).await?.text().await?)
    }

    /// All of its documents, as an export has them, to be read a piece at a time.
    ///
    /// # Errors
    /// When it doesn't answer well.
    pub async fn export(&self) -> anyhow::Result<reqwest::Response> {
        self.get("export").await
    }

    async fn get(&self, what: &str) -> anyhow::Result<reqwest::Response> {
        answered(self.client.get(format!("http://localhost/{what}"))).await
    }
}

async fn answered(asked: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
    let answer = asked.send().await.context("the running process doesn't answer")?;
    match answer.status() {
        status if status.is_success() => Ok(answer),
        reqwest::StatusCode::NOT_FOUND => anyhow::bail!("{ANOTHER}"),
        _ => anyhow::bail!("the running process says: {}", answer.text().await?),
    }
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
