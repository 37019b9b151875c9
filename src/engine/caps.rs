//! How many tasks a person or a channel may have. A place is taken before a task is stored, each by
//! compare-and-set, so that two replicas never let one too many in; a place whose task was never stored, or is
//! over, is found out about when there is no other left.

use super::Engine;
use super::facts::Gathered;
use super::update::Update;
use super::workspace::Caller;
use domain::ids::{ChannelId, TaskId, TeamId};
use domain::inbound::{Answer, Verb, Write};
use domain::policy::{CapReached, Caps, SetBy, Started, Starts};
use domain::task::{Input, Task};
use store::Key;
use store::documents::{starts_in_key, starts_of_key};
use store::records::RecordError;

/// The caps of a place, with who set them.
#[derive(Clone, Copy)]
struct Limits<'a> {
    open: &'a (Caps, SetBy),
    day: &'a (Caps, SetBy),
}

impl Engine {
    /// Takes a place for the task that an answer begins, where there are caps.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn take_place(
        &self,
        answer: &Answer,
        gathered: &Gathered,
        caller: &Caller,
    ) -> Result<Result<(), CapReached>, RecordError> {
        let known = gathered.task.as_deref().map(|(_, task)| task);
        let Some((task, channel)) = begun(answer, known) else { return Ok(Ok(())) };
        let actor = &caller.actor;
        let policy = self.policy();
        let here = policy.here(&actor.team, channel);
        let (open, day) = (here.open_tasks(), here.tasks_a_day());
        let limits = Limits { open: &open, day: &day };
        let of_person = || starts_of_key(&actor.team, &actor.user);
        if open.0.person.is_some() || day.0.person.is_some() {
            let taken =
                Box::pin(self.take_one(&of_person(), task, true, limits, &actor.team)).await?;
            if taken.is_err() {
                return Ok(taken);
            }
        }
        if let Some(channel) = channel
            && (open.0.channel.is_some() || day.0.channel.is_some())
        {
            let in_channel = starts_in_key(&actor.team, channel);
            let taken =
                Box::pin(self.take_one(&in_channel, task, false, limits, &actor.team)).await?;
            if taken.is_err() {
                Box::pin(self.give_back(&of_person(), task)).await?;
                return Ok(taken);
            }
        }
        Ok(Ok(()))
    }

    /// Takes one of the places under a key. Before there is none, it is looked at which are free by now.
    async fn take_one(
        &self,
        key: &Key,
        task: &TaskId,
        of_person: bool,
        limits: Limits<'_>,
        team: &TeamId,
    ) -> Result<Result<(), CapReached>, RecordError> {
        let taken = self.try_to_take(key, task, of_person, limits).await?;
        if taken.is_ok() || !self.free_places(key, team).await? {
            return Ok(taken);
        }
        self.try_to_take(key, task, of_person, limits).await
    }

    async fn try_to_take(
        &self,
        key: &Key,
        task: &TaskId,
        of_person: bool,
        limits: Limits<'_>,
    ) -> Result<Result<(), CapReached>, RecordError> {
        self.update(key, |live: Option<Starts>, now| {
            let mut starts = live.unwrap_or_default();
            let (open, day) = (limits.open.clone(), limits.day.clone());
            match starts.add(task, open, day, of_person, now) {
                Ok(()) => {
                    let expires_at = Some(starts.expires_at(now));
                    Update::Write { record: starts, wake_at: None, expires_at, back: Ok(()) }
                }
                Err(reached) => Update::Leave(Err(reached)),
            }
        })
        .await
    }

    /// Frees the places of tasks that are over or never began; whether there are any.
    async fn free_places(&self, key: &Key, team: &TeamId) -> Result<bool, RecordError> {
        let Some((_, starts)) = self.records.get::<Starts>(key, self.now()).await? else {
            return Ok(false);
        };
        let mut became = Vec::new();
        for id in starts.open() {
            let found = self.passing_over(self.task(id, team).await)?.flatten();
            became.push((id.clone(), state(found.as_ref().map(|(_, task)| task))));
        }
        self.update(key, |live: Option<Starts>, now| {
            let mut starts = live.unwrap_or_default();
            let freed = became.iter().filter(|(id, state)| starts.settle(id, *state, now)).count();
            if freed == 0 {
                return Update::Leave(false);
            }
            let expires_at = Some(starts.expires_at(now));
            Update::Write { record: starts, wake_at: None, expires_at, back: true }
        })
        .await
    }

    /// Gives a place back whose task is not stored.
    async fn give_back(&self, key: &Key, task: &TaskId) -> Result<(), RecordError> {
        self.update(key, |live: Option<Starts>, now| {
            let mut starts = live.unwrap_or_default();
            if !starts.remove(task) {
                return Update::Leave(());
            }
            let expires_at = Some(starts.expires_at(now));
            Update::Write { record: starts, wake_at: None, expires_at, back: () }
        })
        .await
    }
}

/// The task that an answer begins, if it begins one, and its channel.
fn begun<'a>(
    answer: &'a Answer,
    known: Option<&'a Task>,
) -> Option<(&'a TaskId, Option<&'a ChannelId>)> {
    match answer.write.as_ref()? {
        Write::Task(task) => (!task.is_draft()).then_some((&task.id, task.channel.as_ref())),
        Write::Input(id, input) => {
            let draft = known.filter(|task| task.id == *id && task.is_draft())?;
            match &**input {
                Input::FormValues { channel, .. } => {
                    Some((id, channel.as_ref().or(draft.channel.as_ref())))
                }
                Input::Press(_, Verb::Choose(_) | Verb::Begin | Verb::FollowHere) => {
                    Some((id, draft.channel.as_ref()))
                }
                _ => None,
            }
        }
        Write::Bind(..) | Write::Unbind(_) | Write::Settings(_) | Write::Once(_) => None,
    }
}

/// What became of a task that took a place.
fn state(task: Option<&Task>) -> Started {
    match task {
        None => Started::Never,
        Some(task) if task.is_draft() => Started::Never,
        Some(task) if task.is_over() => Started::Over,
        Some(_) => Started::Open,
    }
}
