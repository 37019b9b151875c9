//! Having sessions watched: as many as wait at a time become one write of the account's watch.

use super::Engine;
use super::coalescer::Turn;
use super::watcher::write;
use crate::domain::task::Task;
use crate::domain::watch::Watch;
use crate::store::documents::watch_key;
use crate::store::records::RecordError;
use std::iter;

impl Engine {
    /// Has a task's session watched, and soon.
    pub(super) async fn follow(&self, task: &Task) -> Result<(), RecordError> {
        let Some(session) = &task.session else { return Ok(()) };
        let followed = (session.id.clone(), task.id.clone());
        let batch = match self.touches.submit(self.account.clone(), followed).await {
            Turn::Written(()) => return Ok(()),
            Turn::Write(batch) => batch,
        };
        self.update(&watch_key(&self.account), |watch: Option<Watch>, now| {
            let mut watch = watch.unwrap_or_default();
            watch.touch(&session.id, &task.id, now);
            for (session, task) in batch.others() {
                watch.touch(session, task, now);
            }
            write(watch, (), now)
        })
        .await?;
        batch.finish(iter::repeat(()));
        Ok(())
    }
}
