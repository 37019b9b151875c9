//! Having sessions watched: as many as wait at a time become one write.
//!
//! The watch over an account is one document. If every task that begins wrote it by itself, a thousand
//! that begin together would read and write a document of a thousand sessions a thousand times, and
//! most of those writes would meet a conflict with the others.

use super::Engine;
use super::watcher::write;
use crate::domain::ids::{SessionId, TaskId};
use crate::domain::task::Task;
use crate::domain::watch::Watch;
use crate::store::documents::watch_key;
use crate::store::records::RecordError;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sessions that wait to be written into the watch by this process.
#[derive(Default)]
pub(super) struct Stirs {
    waiting: Mutex<BTreeMap<SessionId, TaskId>>,
    /// Held by whoever writes. With it in hand, what does not wait has been written.
    writing: tokio::sync::Mutex<()>,
}

impl Stirs {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<SessionId, TaskId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Batch<'_> {
        Batch { stirs: self, taken: mem::take(&mut *self.waiting()) }
    }
}

/// Sessions that somebody writes now. Whatever becomes of the writer, those that were not written
/// wait again.
struct Batch<'a> {
    stirs: &'a Stirs,
    taken: BTreeMap<SessionId, TaskId>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.stirs.waiting().append(&mut self.taken);
    }
}

impl Engine {
    /// Has a task's session watched, and soon.
    pub(super) async fn follow(&self, task: &Task) -> Result<(), RecordError> {
        let Some(session) = &task.session else { return Ok(()) };
        self.stirs.waiting().insert(session.id.clone(), task.id.clone());
        let _writing = self.stirs.writing.lock().await;
        let mut batch = self.stirs.take();
        if batch.taken.is_empty() {
            return Ok(());
        }
        self.update(&watch_key(&self.account), |watch: Option<Watch>, now| {
            let mut watch = watch.unwrap_or_default();
            for (session, task) in &batch.taken {
                watch.touch(session, task, now);
            }
            write(watch, (), now)
        })
        .await?;
        batch.taken.clear();
        Ok(())
    }
}
