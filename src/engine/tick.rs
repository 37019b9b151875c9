//! One document, one step: take the lease, do one thing, store how it ended.

use super::Engine;
use super::foreign::Belonging;
use super::slots::{Place, Slot};
use super::update::Update;
use domain::ids::{TaskId, TeamId};
use domain::task::{Attempt, Destination, Input, Next, Outcome, Phase, Task, decide};
use jiff::{SignedDuration, Timestamp};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use store::documents::{
    installed_team, is_pull, person_of, queue_account, queue_key, session_of, task_id, task_key,
    watch_account,
};
use store::records::RecordError;
use store::{Expect, Key, Precondition, PutResult, Rev};
use tokio::sync::OwnedSemaphorePermit;

/// A draft nobody completed is forgotten after this.
const DRAFT_LIVES: SignedDuration = SignedDuration::from_hours(24);
/// A task whose thread is quiet is forgotten after this.
const TASK_LIVES: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A turn to read and take a document, of which there are a limited number. Given back before work outside
/// begins, which has its own slots.
pub(super) type Turn = Option<OwnedSemaphorePermit>;

/// What a task has to do now.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
enum Taken {
    /// This, with a slot.
    Attempt(Attempt, Slot),
    /// Something, and it waits for a slot.
    Waits,
    /// Nothing.
    Nothing,
}

/// A task with its lease, and what is to be done under it.
struct Held {
    rev: Rev,
    task: Task,
    attempt: Attempt,
    slot: Slot,
}

impl Engine {
    /// Carries on with the document of this name until nothing in it is due.
    ///
    /// # Errors
    /// The store's. Whatever was under way is found again when the lease has ended.
    pub async fn tick(self: &Arc<Self>, key: &Key) -> Result<(), RecordError> {
        self.tick_in_turn(key, None).await
    }

    /// The same, with a turn.
    pub(super) async fn tick_in_turn(
        self: &Arc<Self>,
        key: &Key,
        turn: Turn,
    ) -> Result<(), RecordError> {
        let ticked = self.tick_kind(key, turn).await;
        if !matches!(ticked, Err(RecordError::Store(_))) {
            self.presence.looked_at(key, self.now());
        }
        if let Err(error) = &ticked
            && error.is_foreign()
        {
            self.report_foreign(key, error);
        }
        ticked
    }

    async fn tick_kind(self: &Arc<Self>, key: &Key, turn: Turn) -> Result<(), RecordError> {
        if let Some(id) = task_id(key) {
            return self.tick_task(&id, turn).await;
        }
        if let Some(account) = watch_account(key) {
            return Box::pin(self.tick_watch(key, &account, turn)).await;
        }
        if session_of(key).is_some() {
            return self.put_off_session(key).await;
        }
        if is_pull(key) {
            drop(turn);
            return Box::pin(self.tick_pull(key)).await;
        }
        if let Some(person) = person_of(key) {
            return Box::pin(self.tick_person(key, person)).await;
        }
        if let Some(team) = installed_team(key) {
            return Box::pin(self.tick_install(&team)).await;
        }
        match queue_account(key) {
            Some(account) => Box::pin(self.tick_queue(&queue_key(&account))).await,
            // Else it would be due for ever, and a crowd of them would be all that is looked at.
            None => Err(RecordError::of_unknown_kind(key)),
        }
    }

    async fn tick_task(&self, id: &TaskId, turn: Turn) -> Result<(), RecordError> {
        // All on the heap: a task that waits for an answer carries no more than it needs for that.
        let mut held = Box::pin(self.take(id)).await?;
        drop(turn);
        while let Some(step) = held {
            // Without the lease nothing is done; its next holder looks first.
            let attempted = self.attempt(&step.task, &step.attempt).await;
            let Some(outcome) = attempted else { return Ok(()) };
            drop(step.slot);
            let finished = self.finish(step.rev, step.task, step.attempt.entry, outcome);
            held = Box::pin(finished).await?;
        }
        Ok(())
    }

    /// Takes the lease, if something is due, there is a slot for it, and nobody who lives has the lease.
    async fn take(&self, id: &TaskId) -> Result<Option<Box<Held>>, RecordError> {
        if !self.be_present().await? {
            return Ok(None);
        }
        loop {
            let now = self.now();
            let Some((rev, mut task)) = self.own_task(id).await? else { return Ok(None) };
            if self.workspace(&task.team).is_none() {
                self.leave_asleep(&task.team, task_key(id));
                return Ok(None);
            }
            // Another process may have been told of it.
            self.load_account(&task.account).await?;
            let was_held = task.lease.is_some();
            let taken = self.take_next(&mut task, now);
            // That no dead process holds it any more has to be stored even if nothing is due.
            let is_freed = was_held && task.lease.is_none();
            let is_changed = match taken {
                Taken::Attempt(..) => {
                    self.write_records(&mut task).await?;
                    true
                }
                // With the next write.
                Taken::Waits => is_freed,
                // The holder of the lease writes them.
                Taken::Nothing if task.lease.is_some() => false,
                Taken::Nothing => self.write_records(&mut task).await? || is_freed,
            };
            if !is_changed {
                return Ok(None);
            }
            if let PutResult::Stored(rev) = self.store_task(&task, Expect::At(rev), now).await? {
                return Ok(match taken {
                    Taken::Attempt(attempt, slot) => {
                        Some(Box::new(Held { rev, task, attempt, slot }))
                    }
                    Taken::Waits | Taken::Nothing => None,
                });
            }
        }
    }

    /// Takes what is due and has a slot. If there is none, the task waits for one.
    fn take_next(&self, task: &mut Task, now: Timestamp) -> Taken {
        let (key, mut slot) = (task_key(&task.id), None);
        let (team, account) = (task.team.clone(), task.account.clone());
        let has_room = |destination| {
            slot = self.slots.take(&key, Place::of(&team, &account, destination));
            slot.is_some()
        };
        match task.take(&self.presence.holders(), has_room, now) {
            Next::Attempt(mut attempt) => {
                let there = self.time_there(task, attempt.effect.spec().destination, now);
                task.note_time_there(&mut attempt, there);
                slot.map_or(Taken::Nothing, |slot| Taken::Attempt(attempt, slot))
            }
            Next::NoRoom { destination, until } => {
                self.slots.wait(key, &Place::of(&team, &account, destination), until);
                Taken::Waits
            }
            Next::Nothing => Taken::Nothing,
        }
    }

    /// What the clock of an API shows when ours shows this, as far as it's known.
    pub(super) fn time_there(
        &self,
        task: &Task,
        destination: Destination,
        ours: Timestamp,
    ) -> Option<Timestamp> {
        match destination {
            Destination::Thread | Destination::Slack => {
                self.workspace(&task.team)?.slack.time_there(ours)
            }
            Destination::Jules => self.account(&task.account)?.jules.time_there(ours),
            Destination::Store => None,
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
    ) -> Result<Option<Box<Held>>, RecordError> {
        let lease = task.lease;
        loop {
            let now = self.now();
            let input = Input::Done { entry, outcome: outcome.clone() };
            let mut next = decide(task, input, now);
            next.release();
            let is_fresh = self.presence.is_fresh(now);
            let taken = if is_fresh { self.take_next(&mut next, now) } else { Taken::Nothing };
            if !matches!(taken, Taken::Waits)
                && let Err(error) = self.write_records(&mut next).await
            {
                // How the attempt ended is worth more. They stay due.
                tracing::warn!(task.id = %next.id, %error, "a record was not put into the audit trail");
            }
            match self.store_task(&next, Expect::At(rev), now).await? {
                PutResult::Stored(rev) => {
                    return Ok(match taken {
                        Taken::Attempt(attempt, slot) => {
                            Some(Box::new(Held { rev, task: next, attempt, slot }))
                        }
                        Taken::Waits | Taken::Nothing => None,
                    });
                }
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

    /// Applies an input from outside. The lease, if someone holds it, stays as it is.
    pub(super) async fn apply(&self, id: &TaskId, input: Input) -> Result<(), RecordError> {
        // A workspace that this process hasn't met may have been installed in another one.
        if let Some(team) = self.apply_in(id, &input, None).await?
            && self.belonging(&team).await? != Belonging::Foreign
        {
            self.apply_in(id, &input, Some(&team)).await?;
        }
        Ok(())
    }

    /// The same to a task of a workspace that is known, or of this one; else gives its workspace.
    async fn apply_in(
        &self,
        id: &TaskId,
        input: &Input,
        ours: Option<&TeamId>,
    ) -> Result<Option<TeamId>, RecordError> {
        let key = task_key(id);
        let mut unknown = None;
        let changed = self.update(&key, |task: Option<Task>, now| {
            let Some(task) = task else { return Update::Leave(None) };
            if ours != Some(&task.team) && self.workspace(&task.team).is_none() {
                unknown = Some(task.team);
                return Update::Leave(None);
            }
            let mut next = decide(task.clone(), input.clone(), now);
            if next == task {
                return Update::Leave(None);
            }
            next.forget_dead_replies(now);
            let (wake_at, expires_at) = (next.wake_at(), expiry(&next));
            let back = Some((next.team.clone(), next.author.clone()));
            Update::Write { record: next, wake_at, expires_at, back }
        });
        let changed = changed.await?;
        if let Some((team, author)) = &changed {
            self.homes.changed(team, author);
            self.task_changed(key);
        }
        Ok(unknown)
    }

    /// There may be something to do in a task at once.
    pub(super) fn task_changed(&self, key: Key) {
        self.slots.leave(&key);
        self.bell.ring_for(key);
    }

    /// Stores a task under its name, with its wake-up time and its expiry.
    pub(super) async fn store_task(
        &self,
        task: &Task,
        expect: Expect,
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        self.store_task_given(task, expect, &[], now).await
    }

    /// The same, while all that is `given` holds.
    pub(super) async fn store_task_given(
        &self,
        task: &Task,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let (key, wake_at, expires_at) = (task_key(&task.id), task.wake_at(), expiry(task));
        let put = self.records.put_given(&key, task, wake_at, expires_at, expect, given, now).await;
        self.homes.changed(&task.team, &task.author);
        put
    }

    /// Stores a task that is not there yet, while all that is `given` holds.
    pub(super) async fn store_new_task(
        &self,
        task: &Task,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let written = self.store_task_given(task, Expect::Absent, given, now).await?;
        let key = task_key(&task.id);
        let place = |destination| Place::of(&task.team, &task.account, destination);
        match task.waits_for_room(|destination| self.slots.has_room(&place(destination)), now) {
            // In a crowd, it need not be read to find that out.
            Some((destination, until)) if matches!(written, PutResult::Stored(_)) => {
                self.slots.wait(key, &place(destination), until);
            }
            Some(_) | None => self.bell.ring_for(key),
        }
        Ok(written)
    }

    /// One attempt, within its limit; what takes longer may have been done. The limit is counted
    /// from when the lease was taken: writing that may have taken long, and a process may have been
    /// stopped for a while. `None` when nothing of the limit is left, or when it must not happen twice and
    /// the others may consider this process dead.
    async fn attempt(&self, task: &Task, attempt: &Attempt) -> Option<Outcome> {
        let now = self.now();
        let since_taken = now.duration_since(attempt.at).try_into().unwrap_or_default();
        let limit = attempt.limit().checked_sub(since_taken)?;
        let is_harmless = attempt.look || attempt.effect.spec().is_repeatable;
        if !is_harmless && !self.presence.is_fresh(now) {
            return None;
        }
        let within = self.until(attempt.at + limit, Box::pin(self.perform(task, attempt)));
        Some(match tokio::time::timeout(limit, within).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => Outcome::Failed(self.out_of_time(&attempt.effect)),
        })
    }

    /// Polls `work` until the clock passes `end`. A process that was stopped in the middle of a call sends
    /// nothing more once it is too late, because the clock is checked before each step.
    async fn until<T>(
        &self,
        end: Timestamp,
        mut work: impl Future<Output = T> + Unpin,
    ) -> Option<T> {
        poll_fn(|context| {
            if self.now() > end {
                return Poll::Ready(None);
            }
            Pin::new(&mut work).poll(context).map(Some)
        })
        .await
    }
}

/// When a task is forgotten; `None` while there is something to do.
pub(super) fn expiry(task: &Task) -> Option<Timestamp> {
    let lives = match task.phase {
        Phase::Draft { .. } => DRAFT_LIVES,
        _ => TASK_LIVES,
    };
    (task.outbox.is_empty() && task.records.is_empty()).then(|| task.changed + lives)
}
