//! The line in front of the account, as a document of its own with a wake-up time: when somebody
//! leaves it, everybody behind is told the new place, and the first one may start.

use super::Engine;
use super::update::{Update, passing_over};
use crate::domain::queue::{Entry, WaitQueue};
use crate::domain::task::{Input, Task};
use crate::store::documents::queue_key;
use crate::store::records::RecordError;
use crate::store::{Expect, Key, PutResult};
use jiff::Timestamp;

impl Engine {
    /// The place at which a task has to wait before it may ask Jules; `None` lets it go ahead.
    pub(super) async fn held_back(&self, task: &Task) -> Result<Option<u32>, RecordError> {
        let queue = self.records.get::<WaitQueue>(&queue_key(&task.account), self.now()).await?;
        if queue.is_some_and(|(_, queue)| queue.must_wait(&task.id)) {
            return self.join_queue(task).await.map(Some);
        }
        Ok(None)
    }

    /// Puts a task in line, if it is not there yet, and tells its place.
    pub(super) async fn join_queue(&self, task: &Task) -> Result<u32, RecordError> {
        self.update(&queue_key(&task.account), |queue: Option<WaitQueue>, now| {
            let mut queue = queue.unwrap_or_default();
            if let Some(place) = queue.place_of(&task.id) {
                return Update::Leave(place);
            }
            // Somebody may just have left, and the others not have been told: this write must not
            // take that wake-up away.
            let wake_at = (!queue.is_empty()).then_some(now);
            let entry =
                Entry { task: task.id.clone(), user: task.author.clone(), since: now, round: 0 };
            queue.join(entry);
            let back = queue.place_of(&task.id).unwrap_or(1);
            Update::Write { record: queue, wake_at, expires_at: None, back }
        })
        .await
    }

    /// Takes a task out of line; the others are told by the line's own tick.
    pub(super) async fn leave_queue(&self, task: &Task) -> Result<(), RecordError> {
        let key = queue_key(&task.account);
        let left = self.update(&key, |queue: Option<WaitQueue>, now| {
            let mut queue = queue.unwrap_or_default();
            if queue.leave(&task.id) { called(queue, now) } else { Update::Leave(false) }
        });
        self.wake_scheduler(left.await?);
        Ok(())
    }

    /// A slot may be free: the line is looked after now.
    pub(super) async fn call_queue(&self) -> Result<(), RecordError> {
        let key = queue_key(&self.account);
        let found = self.update(&key, |queue: Option<WaitQueue>, now| {
            match queue.filter(|queue| !queue.is_empty()) {
                Some(queue) => called(queue, now),
                None => Update::Leave(false),
            }
        });
        self.wake_scheduler(found.await?);
        Ok(())
    }

    /// Tells everybody in line where they are. Told again after a crash: the same place twice is
    /// the same card.
    pub(super) async fn tick_queue(&self, key: &Key) -> Result<(), RecordError> {
        loop {
            let now = self.now();
            let Some((rev, queue)) = self.records.get::<WaitQueue>(key, now).await? else {
                return Ok(());
            };
            // Another account's may be what is left from before the key was changed.
            if *key != queue_key(&self.account) {
                self.none_foreign(queue.places().map(|(_, task)| task)).await?;
            }
            for (place, task) in queue.places() {
                passing_over(self.apply(task, Input::Place(place)).await)?;
            }
            if let PutResult::Stored(_) =
                self.records.put(key, &queue, None, None, Expect::At(rev), now).await?
            {
                return Ok(());
            }
        }
    }
}

/// A line that is looked after at once.
fn called(queue: WaitQueue, now: Timestamp) -> Update<WaitQueue, bool> {
    Update::Write { record: queue, wake_at: Some(now), expires_at: None, back: true }
}
