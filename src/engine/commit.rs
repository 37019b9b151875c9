//! The one write behind an answer. It holds only if what the answer was decided by still does.

use super::Engine;
use super::facts::Gathered;
use super::index::Claimed;
use domain::binding::Binding;
use domain::change::{Applied, Change};
use domain::ids::{DeliveryId, TaskId};
use domain::inbound::Write;
use domain::task::{Input, Task, decide};
use jiff::SignedDuration;
use store::documents::{ProcessedEvent, seen_key, task_key};
use store::records::RecordError;
use store::{Expect, PutResult};

/// Slack redelivers events for up to a day ("Delayed Events").
const SEEN_LIVES: SignedDuration = SignedDuration::from_hours(25);

/// What became of the write behind an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Committed {
    /// It is stored, or was before by the same delivery.
    Now,
    /// The same delivery was answered before, and is not answered again.
    Answered,
    /// A request that was asked later has been applied already, and stands: the channel is bound like this.
    Overtaken(Option<Box<Binding>>),
    /// Something else was stored since the facts were read: the answer has to be decided again.
    Stale,
}

impl Engine {
    /// Stores what an answer promises.
    ///
    /// # Errors
    /// The store's. What was to be written may be written all the same, unless the error says otherwise.
    pub(super) async fn commit(
        &self,
        write: &Write,
        gathered: &Gathered,
    ) -> Result<Committed, RecordError> {
        match write {
            Write::Task(task) => self.commit_task(task, gathered).await,
            // On the heap: a new task doesn't carry the room that these take.
            Write::Input(id, input) => Box::pin(self.commit_input(id, input, gathered)).await,
            Write::Bind(binding, change) => {
                Box::pin(self.commit_binding(Some(binding), change, gathered)).await
            }
            Write::Unbind(change) => Box::pin(self.commit_binding(None, change, gathered)).await,
            Write::Settings(change) => Box::pin(self.commit_settings(change, gathered)).await,
            Write::Once(delivery) => match self.remember(delivery, "mention").await {
                Ok(true) => Ok(Committed::Now),
                Ok(false) => Ok(Committed::Answered),
                // Delivered again it would be met there, and nobody would have been answered. It keeps words from being
                // said twice, which is better than never.
                Err(error) if error.may_be_written() => Ok(Committed::Now),
                Err(error) => Err(error),
            },
        }
    }

    /// A new task, while the channel's binding and the defaults are as they were when the task was decided. If it is there already,
    /// this delivery came before, and that is the answer, or someone else's retry did.
    async fn commit_task(
        &self,
        task: &Task,
        gathered: &Gathered,
    ) -> Result<Committed, RecordError> {
        // A message that comes next in the thread has to find the task.
        if let Some(root) = task.entrance.root.as_ref().filter(|_| !task.is_draft())
            && let Claimed::By(_) = Box::pin(self.claim_thread(task, root)).await?
        {
            return Ok(Committed::Stale);
        }
        let written = self.store_new_task(task, &gathered.given(), self.now()).await?;
        if written != PutResult::Conflict {
            return Ok(Committed::Now);
        }
        let key = task_key(&task.id);
        let found = Box::pin(self.records.get::<Task>(&key, self.now())).await?;
        Ok(if found.is_some() && !task.is_successor() { Committed::Now } else { Committed::Stale })
    }

    /// Something that happens to a task.
    async fn commit_input(
        &self,
        id: &TaskId,
        input: &Input,
        gathered: &Gathered,
    ) -> Result<Committed, RecordError> {
        let known = [&gathered.task, &gathered.successor].into_iter().flatten();
        let Some((rev, task)) = known.map(|known| &**known).find(|(_, task)| task.id == *id) else {
            return Ok(Committed::Now);
        };
        let now = self.now();
        let mut next = decide(task.clone(), input.clone(), now);
        if next == *task {
            return Ok(Committed::Now);
        }
        next.forget_dead_replies(now);
        let given = gathered.given();
        let written = self.store_task_given(&next, Expect::At(*rev), &given, now).await?;
        if written == PutResult::Conflict {
            return Ok(Committed::Stale);
        }
        self.task_changed(task_key(id));
        Ok(Committed::Now)
    }

    /// A channel is bound or unbound. Applied before, it stays as the first time.
    async fn commit_binding(
        &self,
        binding: Option<&Binding>,
        change: &Change,
        gathered: &Gathered,
    ) -> Result<Committed, RecordError> {
        let Some(bound) = gathered.bound.as_deref() else { return Ok(Committed::Stale) };
        let now = self.now();
        let mut record = bound.record().clone();
        match record.apply(binding.cloned(), change.clone(), now) {
            Applied::Now => {}
            Applied::Before => return Ok(Committed::Now),
            Applied::TooLate => return Ok(Committed::Overtaken(record.binding.map(Box::new))),
        }
        let given = bound.given();
        let expires_at = record.expires_at();
        let put = self.records.put(given.key, &record, None, expires_at, given.is, now).await?;
        self.binding_cache.remove(given.key);
        Ok(if put == PutResult::Conflict { Committed::Stale } else { Committed::Now })
    }

    /// Remembers that a delivery came, so that the same one again is nothing; whether it is new.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn remember(
        &self,
        delivery: &DeliveryId,
        kind: &str,
    ) -> Result<bool, RecordError> {
        let now = self.now();
        let (key, seen) = (seen_key(delivery), ProcessedEvent { kind: kind.to_owned() });
        let expires = Some(now + SEEN_LIVES);
        let put = self.records.put(&key, &seen, None, expires, Expect::Absent, now).await?;
        Ok(put != PutResult::Conflict)
    }
}
