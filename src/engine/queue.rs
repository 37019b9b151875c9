//! The line in front of the account, as a document of its own with a wake-up time: it says whose turn it
//! is to ask Jules, and tells everybody whose place has changed.

use super::Engine;
use super::account::Account;
use super::update::Update;
use domain::ids::TaskId;
use domain::queue::{Entry, Standing, WaitQueue};
use domain::quota::Shortage;
use domain::task::{Input, Phase, Task};
use jiff::Timestamp;
use std::time::Duration;
use store::documents::{queue_account, queue_key};
use store::records::RecordError;
use store::{Expect, Key, PutResult};

/// How long counting what the account uses may take: a create waits for it, and is given 45 seconds with
/// it. A page of sessions may take longer (jules-api.md §1.5); then Jules' refusal stays unexplained.
const COUNTING: Duration = Duration::from_secs(10);

/// What a task in line is by now.
enum QueuedTask {
    /// It can ask Jules.
    Ready,
    /// Not now: it has no card yet, or its document can't be read by this process.
    Later,
    /// It has a session.
    Started,
    /// It isn't there any more, or ended.
    Gone,
}

impl Engine {
    /// Where a task has to wait before it gets a card, if others are in line; `None` where nobody is.
    pub(super) async fn line_up(&self, task: &Task) -> Result<Option<Standing>, RecordError> {
        if self.is_line_empty(task).await? {
            return Ok(None);
        }
        self.change_queue(
            task,
            |queue, now| {
                if queue.is_empty() { None } else { Some(join(queue, task, now)) }
            },
        )
        .await
    }

    async fn is_line_empty(&self, task: &Task) -> Result<bool, RecordError> {
        let line = self.records.get::<WaitQueue>(&queue_key(&task.account), self.now()).await?;
        Ok(line.is_none_or(|(_, line)| line.is_empty()))
    }

    /// Where a task has to wait instead of asking Jules; `None` when it may ask.
    pub(super) async fn held_back(&self, task: &Task) -> Result<Option<Standing>, RecordError> {
        if self.is_line_empty(task).await? {
            return Ok(None);
        }
        self.change_queue(task, |queue, now| {
            if queue.is_empty() || queue.take_turn(&task.id, now) {
                return None;
            }
            Some(join(queue, task, now))
        })
        .await
    }

    /// Jules refused a task without a reason: it stands in line, with the reason that our count gives.
    pub(super) async fn refused_by_jules(
        &self,
        account: &Account,
        task: &Task,
    ) -> Result<Standing, RecordError> {
        let counted = tokio::time::timeout(COUNTING, account.tally()).await.ok().flatten();
        let unknown = Shortage::NoReason(None);
        let why = counted.map_or(unknown, |(tally, _)| tally.shortage(account.limits));
        tracing::info!(task.id = %task.id, ?why, "Jules starts no task now");
        self.change_queue(task, |queue, now| {
            join(queue, task, now);
            queue.refused(&task.id, why.clone(), now);
            told(queue, task)
        })
        .await
    }

    /// Takes a task out of line; the others are told by the line's own tick.
    pub(super) async fn leave_queue(&self, task: &Task) -> Result<(), RecordError> {
        self.change_queue(task, |queue, now| {
            if task.session.is_some() {
                queue.started(&task.id, now);
            } else {
                queue.leave(&task.id);
            }
        })
        .await
    }

    /// A slot may be free: the line is looked after now.
    pub(super) async fn call_queue(&self, account: &Account) -> Result<(), RecordError> {
        let key = queue_key(&account.id);
        let found = self.update(&key, |queue: Option<WaitQueue>, now| {
            match queue.filter(|queue| !queue.is_empty()) {
                Some(mut queue) => {
                    queue.slot_freed();
                    write(queue, true, now)
                }
                None => Update::Leave(false),
            }
        });
        // Who finds a slot free looks after sessions, and those don't wait for a line that can't be read.
        if self.passing_over(found.await)?.unwrap_or_default() {
            self.bell.ring_for(key);
        }
        Ok(())
    }

    /// Changes the line that a task belongs to. Nothing is written where nothing changed.
    async fn change_queue<R>(
        &self,
        task: &Task,
        mut change: impl FnMut(&mut WaitQueue, Timestamp) -> R,
    ) -> Result<R, RecordError> {
        let key = queue_key(&task.account);
        let changed = self.update(&key, |queue: Option<WaitQueue>, now| {
            let before = queue.unwrap_or_default();
            let mut queue = before.clone();
            let back = change(&mut queue, now);
            if queue == before {
                return Update::Leave((back, false));
            }
            let is_due = queue.wake_at(now).is_some_and(|at| at <= now);
            write(queue, (back, is_due), now)
        });
        let (back, is_due) = changed.await?;
        if is_due {
            self.bell.ring_for(key);
        }
        Ok(back)
    }

    /// Gives the next task its turn, and tells everybody whose place has changed. Told again after a
    /// crash: the same place twice is the same card.
    pub(super) async fn tick_queue(&self, key: &Key) -> Result<(), RecordError> {
        loop {
            let now = self.now();
            let Some((rev, before)) = self.records.get::<WaitQueue>(key, now).await? else {
                return Ok(());
            };
            // That of an account which none of our workspaces has may be another installation's.
            let known = match queue_account(key) {
                Some(id) => self.load_account(&id).await?,
                None => None,
            };
            if known.is_none() {
                self.none_foreign(before.tasks()).await?;
            }
            let mut queue = before.clone();
            self.give_turn(&mut queue, now).await?;
            for (task, standing) in queue.untold() {
                self.tell_standing(&task, standing.clone(), false).await?;
                queue.mark_told(&task, standing);
            }
            let wake_at = queue.wake_at(now);
            if let PutResult::Stored(_) =
                self.records.put(key, &queue, wake_at, None, Expect::At(rev), now).await?
            {
                return Ok(());
            }
        }
    }

    /// Lets the next task that can ask Jules do so. Whatever else is in line holds nobody up: what is
    /// over leaves it, and what cannot be read is passed over.
    async fn give_turn(&self, queue: &mut WaitQueue, now: Timestamp) -> Result<(), RecordError> {
        while let Some(task) = queue.call_next(now) {
            match self.waiting(&task).await? {
                QueuedTask::Ready => {
                    if let Some(standing) = queue.standing_of(&task) {
                        self.tell_standing(&task, standing.clone(), true).await?;
                        queue.mark_told(&task, standing);
                    }
                    return Ok(());
                }
                QueuedTask::Later => queue.pass_over(&task, now),
                QueuedTask::Started => {
                    queue.started(&task, now);
                }
                QueuedTask::Gone => {
                    tracing::warn!(task.id = %task, "a task in line is over and leaves it");
                    queue.leave(&task);
                }
            }
        }
        Ok(())
    }

    async fn waiting(&self, task: &TaskId) -> Result<QueuedTask, RecordError> {
        let Some(found) = self.passing_over(self.own_task(task).await)? else {
            return Ok(QueuedTask::Later);
        };
        let Some((_, task)) = found else { return Ok(QueuedTask::Gone) };
        Ok(match task.phase {
            Phase::InQueue { .. } | Phase::Starting { .. } => QueuedTask::Ready,
            Phase::Draft { .. } | Phase::Resolving { .. } | Phase::Reading | Phase::Carding => {
                QueuedTask::Later
            }
            Phase::Running { .. } => QueuedTask::Started,
            Phase::Stopped { .. } => QueuedTask::Gone,
        })
    }

    async fn tell_standing(
        &self,
        task: &TaskId,
        standing: Standing,
        is_next: bool,
    ) -> Result<(), RecordError> {
        let told = self.apply(task, Input::Standing { standing, is_next }).await;
        self.passing_over(told).map(Option::unwrap_or_default)
    }
}

/// Puts a task in line, if it is not there yet, and gives where it stands.
fn join(queue: &mut WaitQueue, task: &Task, now: Timestamp) -> Standing {
    if let Some(target) = &task.target {
        queue.join(Entry::new(task.id.clone(), task.author.clone(), target.source.clone(), now));
    }
    told(queue, task)
}

/// Where a task stands, which its card is told with the answer.
fn told(queue: &mut WaitQueue, task: &Task) -> Standing {
    let standing = queue.standing_of(&task.id).unwrap_or(Standing { place: None, why: None });
    queue.mark_told(&task.id, standing.clone());
    standing
}

/// A line as it is stored: it wakes when it says.
fn write<R>(queue: WaitQueue, back: R, now: Timestamp) -> Update<WaitQueue, R> {
    Update::Write { wake_at: queue.wake_at(now), record: queue, expires_at: None, back }
}
