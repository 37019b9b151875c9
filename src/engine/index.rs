//! Making tasks findable: by their thread, their channel, and who asked. And the other way round.

use super::Engine;
use domain::ids::{ChannelId, MessageTs, TaskId, TeamId};
use domain::pull::PullRef;
use domain::task::{Input, Retried, Task};
use jiff::SignedDuration;
use store::documents::{
    ChannelAlias, TaskPointer, author_prefix, channel_prefix, former_key, issue_key, place_in,
    task_key, thread_key,
};
use store::records::RecordError;
use store::{Expect, Key, Names, PutResult};

/// Longer than a task is kept after it last changed; what leads nowhere any more is passed over.
const LEADS_LIVE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// A channel gets another id each time it is shared or no longer shared: more than anyone does, and an
/// end to a circle.
const MOST_FORMER: usize = 8;

/// Whose a thread is.
pub(super) enum Claimed {
    /// The task's that claims it.
    Ours,
    /// Another one's.
    By(Box<Task>),
}

impl Engine {
    /// Tells the task that this one is a retry of where this one is. Doing it again changes nothing.
    pub(super) async fn link_retry(&self, task: &Task) -> Result<(), RecordError> {
        let Some(retry_of) = &task.retry_of else { return Ok(()) };
        let retried = Retried { by: task.author.clone(), page: self.page_of(task) };
        self.apply(&retry_of.task, Input::Retried(retried)).await
    }

    /// Tells the task in whose thread this one was asked for where this one is.
    pub(super) async fn link_beside(&self, task: &Task) -> Result<(), RecordError> {
        let Some(beside) = &task.entrance.beside else { return Ok(()) };
        let (title, page) = (task.title().to_owned(), self.page_of(task));
        let task = task.id.clone();
        self.apply(&beside.task, Input::Beside { task, title, page }).await
    }

    /// Has a thread belong to a task, unless it belongs to another one. Doing it again changes nothing.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn claim_thread(
        &self,
        task: &Task,
        root: &MessageTs,
    ) -> Result<Claimed, RecordError> {
        let Some(channel) = &task.channel else { return Ok(Claimed::Ours) };
        let key = thread_key(&task.team, channel, root);
        let claimed = self.claim_pointer(&key, task, |other| !other.is_draft()).await?;
        if let Claimed::Ours = claimed {
            self.threads.insert(key, task.id.clone());
        }
        Ok(claimed)
    }

    /// The same for a GitHub issue, which a task has until it is over.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn claim_issue(
        &self,
        task: &Task,
        issue: &PullRef,
    ) -> Result<Claimed, RecordError> {
        let key = issue_key(&task.team, issue);
        self.claim_pointer(&key, task, |other| !other.is_draft() && !other.is_over()).await
    }

    /// Has a pointer lead to a task, unless it leads to another that `keeps` it. One that is damaged, or leads to a
    /// damaged task, leads nowhere: nobody else could ever have that place.
    async fn claim_pointer(
        &self,
        key: &Key,
        task: &Task,
        keeps: fn(&Task) -> bool,
    ) -> Result<Claimed, RecordError> {
        let pointer = TaskPointer { task: task.id.clone() };
        let mut expect = Expect::Absent;
        loop {
            let now = self.now();
            let expires = Some(now + LEADS_LIVE);
            if self.records.put(key, &pointer, None, expires, expect, now).await?
                != PutResult::Conflict
            {
                return Ok(Claimed::Ours);
            }
            let found = self.get_to_replace::<TaskPointer>(key, now).await?;
            let Some((rev, found)) = found else {
                expect = Expect::Absent;
                continue;
            };
            let holder = match found {
                Some(found) if found.task == task.id => return Ok(Claimed::Ours),
                Some(found) => self.whole_task(&found.task, &task.team).await?,
                None => None,
            };
            match holder {
                Some(other) if keeps(&other) => return Ok(Claimed::By(Box::new(other))),
                // It never began, or has ended.
                Some(_) | None => expect = Expect::At(rev),
            }
        }
    }

    /// A task of this workspace; none if its own document is damaged. If it's another one that can't be read, the task may
    /// be whole.
    async fn whole_task(&self, id: &TaskId, team: &TeamId) -> Result<Option<Task>, RecordError> {
        let found = match self.task(id, team).await {
            Err(error) if error.key() == Some(&task_key(id)) => self.unless_damaged(Err(error))?,
            found => found?,
        };
        Ok(found.map(|(_, task)| task))
    }

    /// Files a task under its thread, its channel, its author and its issue. Doing it again changes nothing.
    pub(super) async fn index(&self, task: &Task) -> Result<(), RecordError> {
        let (Some(channel), Some(root)) = (&task.channel, task.thread()) else { return Ok(()) };
        let in_channel = channel_prefix(&task.team, channel);
        let of_author = author_prefix(&task.team, &task.author);
        for key in [
            thread_key(&task.team, channel, root),
            place_in(&in_channel, &task.id, task.created),
            place_in(&of_author, &task.id, task.created),
        ] {
            let now = self.now();
            let pointer = TaskPointer { task: task.id.clone() };
            // A conflict says that it is filed already.
            self.records
                .put(&key, &pointer, None, Some(now + LEADS_LIVE), Expect::Absent, now)
                .await?;
        }
        if let Some(issue) = task.entrance.issue.as_ref().filter(|issue| !issue.is_pull) {
            self.claim_issue(task, &issue.at).await?;
        }
        Ok(())
    }

    /// The task whose thread this is; also when the channel had another id when it began. A thread belongs
    /// to one task for good, so what was found once is remembered.
    pub(super) async fn task_of_thread(
        &self,
        team: &TeamId,
        channel: &ChannelId,
        root: &MessageTs,
    ) -> Result<Option<TaskId>, RecordError> {
        let asked = thread_key(team, channel, root);
        if let Some(task) = self.threads.get(&asked) {
            return Ok(Some(task));
        }
        let found = self.filed_under(team, channel, root).await?;
        if let Some(task) = &found {
            self.threads.insert(asked, task.clone());
        }
        Ok(found)
    }

    /// The same, read again: what was remembered began nothing, and another task may have the thread by now.
    pub(super) async fn task_of_thread_now(
        &self,
        team: &TeamId,
        channel: &ChannelId,
        root: &MessageTs,
    ) -> Result<Option<TaskId>, RecordError> {
        self.threads.remove(&thread_key(team, channel, root));
        self.task_of_thread(team, channel, root).await
    }

    /// The task that a message has begun, which can't be older than its channel's id.
    pub(super) async fn task_begun_by(
        &self,
        team: &TeamId,
        channel: &ChannelId,
        message: &MessageTs,
    ) -> Result<Option<TaskId>, RecordError> {
        let key = thread_key(team, channel, message);
        if let Some(task) = self.threads.get(&key) {
            return Ok(Some(task));
        }
        let found = self.records.get::<TaskPointer>(&key, self.now()).await;
        Ok(self.unless_damaged(found)?.map(|(_, pointer)| pointer.task))
    }

    async fn filed_under(
        &self,
        team: &TeamId,
        channel: &ChannelId,
        root: &MessageTs,
    ) -> Result<Option<TaskId>, RecordError> {
        let now = self.now();
        let mut channel = channel.clone();
        for _ in 0..=MOST_FORMER {
            let key = thread_key(team, &channel, root);
            let found = self.records.get::<TaskPointer>(&key, now).await;
            if let Some((_, pointer)) = self.unless_damaged(found)? {
                return Ok(Some(pointer.task));
            }
            let key = former_key(team, &channel);
            let found = self.records.get::<ChannelAlias>(&key, now).await;
            match self.unless_damaged(found)? {
                Some((_, former)) => channel = former.channel,
                None => break,
            }
        }
        Ok(None)
    }

    /// A page of tasks under a prefix, from behind `after` on, and where the next page begins.
    pub(super) async fn tasks_under(
        &self,
        prefix: &str,
        after: Option<&Key>,
        page: usize,
        listed: impl Fn(&Task) -> bool,
    ) -> Result<(Vec<Task>, Option<Key>), RecordError> {
        let now = self.now();
        let mut tasks = Vec::new();
        let mut after = after.cloned();
        // One more than is wanted says whether there is another page.
        let mut names = Names::under(prefix, after.clone(), page + 1);
        while let Some(keys) = names.next(&*self.store, now).await? {
            for key in keys {
                if tasks.len() == page {
                    return Ok((tasks, after));
                }
                // A document that cannot be read hides itself, and no other.
                let pointer =
                    self.passing_over(self.records.get::<TaskPointer>(&key, now).await)?;
                after = Some(key);
                let Some(Some((_, pointer))) = pointer else { continue };
                let task = self.passing_over(self.own_task(&pointer.task).await)?.flatten();
                tasks.extend(task.map(|(_, task)| task).filter(&listed));
            }
        }
        Ok((tasks, None))
    }
}
