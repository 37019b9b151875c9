//! One document, one step: take the lease, do one thing, store how it ended.

use super::Engine;
use super::update::Update;
use crate::domain::ids::TaskId;
use crate::domain::task::{Attempt, Input, Outcome, Phase, Task, decide};
use crate::store::documents::{queue_account, queue_key, task_id, task_key, watch_account};
use crate::store::records::RecordError;
use crate::store::{Expect, Key, Precondition, PutResult, Rev};
use jiff::{SignedDuration, Timestamp};

/// A draft nobody completed is forgotten after this.
const DRAFT_LIVES: SignedDuration = SignedDuration::from_hours(24);
/// A task whose thread is quiet is forgotten after this.
const TASK_LIVES: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Engine {
    /// Carries on with the document of this name until nothing in it is due.
    ///
    /// # Errors
    /// The store's. Whatever was under way is found again when the lease has ended.
    pub async fn tick(&self, key: &Key) -> Result<(), RecordError> {
        let ended = self.tick_document(key).await;
        if let Err(error) = &ended
            && error.is_foreign()
        {
            self.report_foreign(key, error);
        }
        ended
    }

    async fn tick_document(&self, key: &Key) -> Result<(), RecordError> {
        if let Some(id) = task_id(key) {
            return self.tick_task(&id).await;
        }
        if let Some(account) = watch_account(key) {
            return self.tick_watch(key, &account).await;
        }
        match queue_account(key) {
            Some(account) => self.tick_queue(&queue_key(&account)).await,
            None => Ok(()),
        }
    }

    async fn tick_task(&self, id: &TaskId) -> Result<(), RecordError> {
        let mut held = self.take(id).await?;
        while let Some((rev, task, attempt)) = held {
            // Without the lease nothing is done; whoever has it next, or takes it next, looks first.
            let Some(outcome) = self.attempt(&task, &attempt).await else { return Ok(()) };
            held = self.finish(rev, task, attempt.entry, outcome).await?;
        }
        Ok(())
    }

    /// Takes the lease, if something is due and nobody else has it.
    async fn take(&self, id: &TaskId) -> Result<Option<(Rev, Task, Attempt)>, RecordError> {
        loop {
            let now = self.now();
            let Some((rev, mut task)) = self.own_task(id).await? else { return Ok(None) };
            let Some(attempt) = task.take(now) else { return Ok(None) };
            if let PutResult::Stored(rev) = self.store_task(&task, Expect::At(rev), now).await? {
                return Ok(Some((rev, task, attempt)));
            }
        }
    }

    /// Stores how an attempt ended and takes the next thing, in one write. If the lease was lost
    /// meanwhile, another holder's is left alone, and only what is certain is stored.
    async fn finish(
        &self,
        mut rev: Rev,
        mut task: Task,
        entry: u32,
        outcome: Outcome,
    ) -> Result<Option<(Rev, Task, Attempt)>, RecordError> {
        let lease = task.lease;
        loop {
            let now = self.now();
            let input = Input::Done { entry, outcome: outcome.clone() };
            let mut next = decide(task, input, now);
            next.release();
            let attempt = next.take(now);
            match self.store_task(&next, Expect::At(rev), now).await? {
                PutResult::Stored(rev) => return Ok(attempt.map(|attempt| (rev, next, attempt))),
                PutResult::Conflict => {}
            }
            // A person did something meanwhile: the same end, on what the task is now.
            match self.records.get::<Task>(&task_key(&next.id), now).await? {
                Some((live, fresh)) if fresh.lease == lease => (rev, task) = (live, fresh),
                Some((_, lost)) if outcome.spec().lasts => {
                    self.apply(&lost.id, Input::Done { entry, outcome }).await?;
                    return Ok(None);
                }
                _ => return Ok(None),
            }
        }
    }

    /// Applies an input from outside. The lease, if somebody holds it, stays as it is.
    pub(super) async fn apply(&self, id: &TaskId, input: Input) -> Result<(), RecordError> {
        let key = task_key(id);
        let home = self.home().await;
        let changed = self.update(&key, |task: Option<Task>, now| {
            let is_ours = |task: &Task| home.is_none_or(|home| home.serves(&task.team));
            let Some(task) = task.filter(is_ours) else { return Update::Leave(false) };
            let next = decide(task.clone(), input.clone(), now);
            if next == task {
                return Update::Leave(false);
            }
            let (wake_at, expires_at) = (next.wake_at(), expiry(&next));
            Update::Write { record: next, wake_at, expires_at, back: true }
        });
        self.wake_scheduler(changed.await?);
        Ok(())
    }

    /// Stores a task under its name, with its wake-up time and its expiry.
    pub(super) async fn store_task(
        &self,
        task: &Task,
        expect: Expect,
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let key = task_key(&task.id);
        self.records.put(&key, task, task.wake_at(), expiry(task), expect, now).await
    }

    /// Stores a task that is not there yet, while what is `given` holds.
    pub(super) async fn store_new_task(
        &self,
        task: &Task,
        given: Option<Precondition<'_>>,
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let key = task_key(&task.id);
        let written =
            self.records.put_new(&key, task, task.wake_at(), expiry(task), given, now).await?;
        self.work.notify_one();
        Ok(written)
    }

    /// One attempt, within its limit; what takes longer may have been done. The limit is counted
    /// from when the lease was taken: writing that may have taken long, and a process may have been
    /// stopped for a while. `None` when nothing of it is left.
    async fn attempt(&self, task: &Task, attempt: &Attempt) -> Option<Outcome> {
        let since_taken = self.now().duration_since(attempt.at).try_into().unwrap_or_default();
        let limit = attempt.limit().checked_sub(since_taken)?;
        Some(match tokio::time::timeout(limit, self.perform(task, attempt)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::Failed(self.out_of_time(&attempt.effect)),
        })
    }
}

/// When a task is forgotten; `None` while there is something to do.
fn expiry(task: &Task) -> Option<Timestamp> {
    let lives = match task.phase {
        Phase::Draft { .. } => DRAFT_LIVES,
        _ => TASK_LIVES,
    };
    task.outbox.is_empty().then(|| task.changed + lives)
}
