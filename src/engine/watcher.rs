//! Looking at Jules: one pass over one account's sessions.
//!
//! The watch over an account is a document with a wake-up time and a lease, so replicas share the
//! accounts among them as they share tasks. A pass lists the sessions, reads activities where
//! something moved, and hands what it saw to the tasks as inputs. It decides nothing: what is looked
//! at is decided in `domain::watch`, what becomes of it in the tasks.

use super::Engine;
use super::fault::jules_fault;
use super::update::{Update, passing_over};
use crate::domain::activity::Activity;
use crate::domain::fault::{Cause, Fault};
use crate::domain::ids::{AccountId, SessionId, TaskId};
use crate::domain::lease::Lease;
use crate::domain::session::{Session, SessionState};
use crate::domain::task::{Input, Observation};
use crate::domain::watch::{Usage, Watch};
use crate::jules::{Error, Trouble};
use crate::store::documents::watch_key;
use crate::store::records::RecordError;
use crate::store::{Expect, Key};
use crate::walk::{Unfinished, Walk};
use futures_util::{Stream, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;

/// How long a pass may take. A page of sessions alone may take minutes (jules-api.md §1.5).
const PASS: Duration = Duration::from_secs(300);
/// How long a lease lives without being renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// How often it is renewed while a pass goes on.
const RENEW: Duration = Duration::from_secs(20);
/// How many sessions are read at a time.
const READS_AT_ONCE: usize = 4;
/// How many pages of sessions one pass walks. A page may take half a minute (jules-api.md §1.5), and
/// what is older is asked for one by one, in turn.
const MOST_PAGES: usize = 2;
/// How many pages of activities are read at a time: a session rarely has more than one.
const MOST_ACTIVITY_PAGES: usize = 20;
/// With no more than so many missing, it is cheaper to ask for each than for another page.
const FEW: usize = 3;
/// Clocks may differ when it is guessed which page a session is on.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How long reading one session's activities may take.
const READ: Duration = Duration::from_secs(60);

/// What a pass found of the account.
#[derive(Default)]
struct PassResult {
    sessions: HashMap<SessionId, Session>,
    /// Those that Jules did not find.
    missing: Vec<SessionId>,
    usage: Option<Usage>,
    /// Why there may be more.
    failed: Option<Error>,
}

/// Whether an error is no matter of the one session that was asked for.
fn is_about_the_account(error: &Error) -> bool {
    matches!(error, Error::Auth | Error::RateLimited { .. })
}

impl Engine {
    /// One pass, if it is due and nobody else makes it.
    pub(super) async fn tick_watch(
        &self,
        key: &Key,
        account: &AccountId,
    ) -> Result<(), RecordError> {
        if *account != self.account {
            return self.adopt(key).await;
        }
        let Some((watch, lease)) = self.take_watch(key).await? else { return Ok(()) };
        let passed = tokio::select! {
            passed = tokio::time::timeout(PASS, self.pass(watch)) => passed,
            () = self.keep_lease(key, lease) => return Ok(()),
        };
        match passed {
            Ok(watch) => {
                let found = watch?;
                self.end_pass(key, lease, |live, _| found.clone().merged(live, lease.taken)).await
            }
            // It took too long. What it saw before was shown.
            Err(_) => {
                self.end_pass(key, lease, |mut live, now| {
                    live.record_failure(Cause::JulesDown, None, now);
                    live
                })
                .await
            }
        }
    }

    /// Takes the lease, if a pass is due and nobody else has it.
    async fn take_watch(&self, key: &Key) -> Result<Option<(Watch, Lease)>, RecordError> {
        self.update(key, |watch: Option<Watch>, now| {
            let Some(mut watch) = watch.filter(|watch| watch.may_begin(now)) else {
                return Update::Leave(None);
            };
            let lease = Lease::new(now, LEASE);
            watch.lease = Some(lease);
            write(watch.clone(), Some((watch, lease)), now)
        })
        .await
    }

    /// Renews the lease of a long pass; ends when it was lost.
    async fn keep_lease(&self, key: &Key, lease: Lease) {
        loop {
            tokio::time::sleep(RENEW).await;
            let now = self.now();
            // What cannot be read or written now can be later; the lease has some time left.
            let Ok(found) = self.records.get::<Watch>(key, now).await else { continue };
            match found {
                Some((rev, mut watch)) if is_held(&watch, lease) => {
                    watch.lease = watch.lease.map(|live| live.renewed(now, LEASE));
                    let wake = watch.wake_at(now);
                    drop(self.records.put(key, &watch, wake, None, Expect::At(rev), now).await);
                }
                Some(_) | None => return,
            }
        }
    }

    /// Stores what came of a pass, beside what others wrote meanwhile, and ends its lease. Who lost the
    /// lease leaves the document alone: everything was handed to the tasks already, and to look again is
    /// harmless.
    async fn end_pass(
        &self,
        key: &Key,
        lease: Lease,
        mut change: impl FnMut(Watch, Timestamp) -> Watch,
    ) -> Result<(), RecordError> {
        self.update(key, |live: Option<Watch>, now| {
            let Some(live) = live.filter(|live| is_held(live, lease)) else {
                return Update::Leave(());
            };
            let mut ended = Watch { lease: None, ..change(live, now) };
            ended.plan_next(now);
            write(ended, (), now)
        })
        .await
    }

    /// The key was changed: another name for what we hope is the same account. Its tasks are followed
    /// under the new one.
    async fn adopt(&self, old: &Key) -> Result<(), RecordError> {
        let now = self.now();
        let Some((rev, left)) = self.records.get::<Watch>(old, now).await? else { return Ok(()) };
        self.none_foreign(left.sessions.values().map(|follow| &follow.task)).await?;
        self.update(&watch_key(&self.account), |watch: Option<Watch>, now| {
            let mut watch = watch.unwrap_or_default();
            for (session, follow) in &left.sessions {
                watch.touch(session, &follow.task, now);
            }
            write(watch, (), now)
        })
        .await?;
        // Forgetting is expiring now. Whoever follows meanwhile does so under the new name.
        self.records.put(old, &left, None, Some(now), Expect::At(rev), now).await?;
        Ok(())
    }

    async fn pass(&self, mut watch: Watch) -> Result<Watch, RecordError> {
        let now = self.now();
        watch.recover(now);
        let due = watch.due(now);
        let found = self.find_sessions(&watch, &due).await;
        let failed = found.failed;
        if found.sessions.is_empty() && watch.is_another_accounts(&found.missing) {
            tracing::error!("no session that is followed is in this account; check JULES_API_KEY");
            return self.pass_failed(watch, Fault::not_done(Cause::JulesOtherAccount)).await;
        }
        if failed.is_none() {
            watch.record_success(self.now());
            watch.usage = found.usage.or(watch.usage);
        }
        let running_before = running(&watch);
        let mut told: HashSet<SessionId> = HashSet::new();
        for session in found.sessions.values() {
            if watch.look(session, now) {
                told.insert(session.id.clone());
            }
        }
        self.tell_gone(&mut watch, &found.missing).await?;
        let mut trouble = failed;
        let picked = watch.pick(now);
        let wanted = self.wanted(&watch, &picked).await?;
        let mut reads = pin!(self.read_all(wanted));
        // Each is shown as it arrives: one whose page never comes keeps nobody waiting.
        while let Some((id, read)) = reads.next().await {
            match read {
                Ok(read) => {
                    // What is not whole is shown as far as it goes, and read again soon.
                    if read.unfinished.is_none() {
                        watch.mark_read(&id, self.now());
                    }
                    told.remove(&id);
                    let session = found.sessions.get(&id);
                    self.show(&watch, session, &id, Some(read.activities)).await?;
                }
                // So young that it does not show its activities yet (jules-api.md §1.6).
                Err(Error::NotFound) => {}
                Err(error) if is_about_the_account(&error) => trouble = Some(error),
                Err(error) => {
                    let task = watch.sessions.get(&id).map(|follow| follow.task.to_string());
                    tracing::warn!(%error, session.id = %id, task.id = task, "the activities of a session could not be read");
                    watch.record_unreadable(&id, self.now());
                }
            }
        }
        for id in told {
            self.show(&watch, found.sessions.get(&id), &id, None).await?;
        }
        if running(&watch) < running_before {
            self.call_queue().await?;
        }
        match trouble {
            Some(error) => {
                let fault = jules_fault(&error, self.now());
                tracing::warn!(%error, "the sessions at Jules could not be looked at");
                self.pass_failed(watch, fault).await
            }
            None => Ok(watch),
        }
    }

    /// Hands a task what was seen of its session. A task that cannot be read is passed over.
    async fn show(
        &self,
        watch: &Watch,
        session: Option<&Session>,
        id: &SessionId,
        activities: Option<Vec<Activity>>,
    ) -> Result<(), RecordError> {
        let Some(follow) = watch.sessions.get(id) else { return Ok(()) };
        let session = match session {
            Some(session) => session.clone(),
            // Read between two lists: it looks as it did.
            None => match self.jules.session(id).await {
                Ok(session) => session,
                Err(_) => return Ok(()),
            },
        };
        let observation = Observation { session, activities };
        let shown = self.apply(&follow.task, Input::Seen(Box::new(observation))).await;
        passing_over(shown).map(Option::unwrap_or_default)
    }

    async fn pass_failed(&self, mut watch: Watch, fault: Fault) -> Result<Watch, RecordError> {
        let now = self.now();
        let after = fault.after().and_then(|after| after.try_into().ok());
        let cause = fault.cause().clone();
        if watch.record_failure(cause.clone(), after, now) {
            let tasks: Vec<TaskId> = watch.active().map(|follow| follow.task.clone()).collect();
            for task in tasks {
                passing_over(self.apply(&task, Input::Blocked(cause.clone())).await)?;
            }
        }
        Ok(watch)
    }

    async fn tell_gone(&self, watch: &mut Watch, missing: &[SessionId]) -> Result<(), RecordError> {
        let now = self.now();
        for id in missing {
            if watch.record_missing(id, now)
                && let Some(follow) = watch.sessions.get(id)
            {
                passing_over(self.apply(&follow.task, Input::Gone).await)?;
            }
        }
        Ok(())
    }

    /// The sessions that are due, from as few calls as possible: the newest page answers for nearly
    /// all of them, and for all that are not due as well. What was found before a call failed counts.
    async fn find_sessions(&self, watch: &Watch, due: &[SessionId]) -> PassResult {
        let mut found = PassResult::default();
        if due.is_empty() {
            return found;
        }
        if let Err(error) = self.list_sessions(watch, due, &mut found).await {
            found.failed = Some(error);
            return found;
        }
        let known = |id: &&SessionId| !found.sessions.contains_key(*id);
        let unlisted: Vec<SessionId> = due.iter().filter(known).cloned().collect();
        for id in Watch::singles(&unlisted) {
            match self.jules.session(id).await {
                Ok(session) => {
                    found.sessions.insert(id.clone(), session);
                }
                Err(Error::NotFound) => found.missing.push(id.clone()),
                Err(error) => {
                    found.failed = Some(error);
                    break;
                }
            }
        }
        // One that was just made may not be listed yet, nor be found.
        let now = self.now();
        let is_young = |id: &SessionId| {
            let follow = watch.sessions.get(id);
            follow.is_some_and(|follow| now.duration_since(follow.since) < YOUNG)
        };
        found.missing.retain(|id| !is_young(id));
        found
    }

    /// Reads the list of sessions as far as it is worth it.
    async fn list_sessions(
        &self,
        watch: &Watch,
        due: &[SessionId],
        found: &mut PassResult,
    ) -> Result<(), Error> {
        let oldest = watch.oldest(due).map(|oldest| oldest - SKEW);
        let mut missing: Vec<SessionId> = due.to_vec();
        let mut walk = Walk::of(MOST_PAGES);
        let mut counted = Counted::default();
        while walk.goes_on() {
            let page = self.jules.sessions(walk.at()).await?;
            let reached = page.items.iter().filter_map(|session| session.created).min();
            for session in page.items {
                counted.count(&session, self.now());
                if watch.sessions.contains_key(&session.id) {
                    found.sessions.insert(session.id.clone(), session);
                }
            }
            missing.retain(|id| !found.sessions.contains_key(id));
            walk.turn(page.next);
            let far_enough = oldest.is_none_or(|oldest| reached.is_some_and(|at| at < oldest));
            if far_enough || missing.len() <= FEW {
                walk.stop();
            }
        }
        found.usage = Some(counted.usage(!walk.is_whole(), self.now()));
        Ok(())
    }

    /// From when on each of these sessions is read. One whose task cannot be read is left out.
    async fn wanted(
        &self,
        watch: &Watch,
        picked: &[SessionId],
    ) -> Result<Vec<(SessionId, Option<Timestamp>)>, RecordError> {
        let mut wanted = Vec::new();
        for id in picked {
            let Some(follow) = watch.sessions.get(id) else { continue };
            let Some(task) = passing_over(self.own_task(&follow.task).await)? else { continue };
            let state = follow.snapshot.as_ref().and_then(|snapshot| snapshot.state.as_ref());
            let awaits = state.is_some_and(SessionState::awaits_person);
            let from = task.and_then(|(_, task)| task.progress.mark.ask_from(awaits));
            wanted.push((id.clone(), from));
        }
        Ok(wanted)
    }

    /// Reads the activities of these sessions, a few at a time, and gives each as it arrives.
    fn read_all(
        &self,
        wanted: Vec<(SessionId, Option<Timestamp>)>,
    ) -> impl Stream<Item = (SessionId, Result<ReadActivities, Error>)> {
        stream::iter(wanted)
            .map(async |(id, from)| {
                let read = tokio::time::timeout(READ, self.activities_since(&id, from)).await;
                (id, read.unwrap_or(Err(Error::Transient(Trouble::NoAnswer))))
            })
            .buffer_unordered(READS_AT_ONCE)
    }

    /// The activities of a session from a time on, as many as a walk reads.
    pub(super) async fn activities_since(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
    ) -> Result<ReadActivities, Error> {
        let mut activities = Vec::new();
        let mut walk = Walk::of(MOST_ACTIVITY_PAGES);
        while walk.goes_on() {
            let page = self.jules.activities(id, from, walk.at()).await?;
            activities.extend(page.items);
            walk.turn(page.next);
        }
        Ok(ReadActivities { activities, unfinished: walk.finish().err() })
    }
}

/// What happened in a session, oldest first.
pub(super) struct ReadActivities {
    activities: Vec<Activity>,
    /// Why there may be more.
    unfinished: Option<Unfinished>,
}

impl ReadActivities {
    /// All of it, for whoever concludes something from what is missing.
    ///
    /// # Errors
    /// [`Error::Decode`] when there may be more.
    pub(super) fn whole(self) -> Result<Vec<Activity>, Error> {
        match self.unfinished {
            Some(unfinished) => Err(unfinished.into()),
            None => Ok(self.activities),
        }
    }
}

/// A session younger than this may not be listed, or found, yet.
const YOUNG: SignedDuration = SignedDuration::from_mins(2);

/// A watch as it is stored: it wakes when it says.
pub(super) fn write<R>(watch: Watch, back: R, now: Timestamp) -> Update<Watch, R> {
    Update::Write { wake_at: watch.wake_at(now), record: watch, expires_at: None, back }
}

fn is_held(watch: &Watch, lease: Lease) -> bool {
    watch.lease.is_some_and(|live| live.is_same(lease))
}

fn running(watch: &Watch) -> usize {
    let busy = watch.sessions.values().filter_map(|follow| follow.snapshot.as_ref());
    busy.filter(|snapshot| {
        snapshot.state.as_ref().is_some_and(|state| state.is_busy()) && !snapshot.archived
    })
    .count()
}

/// Counts what the account used, among the sessions it really has.
#[derive(Default)]
pub(super) struct Counted {
    today: u32,
    running: u32,
}

impl Counted {
    pub(super) fn count(&mut self, session: &Session, now: Timestamp) {
        let day = SignedDuration::from_hours(24);
        let young = session.created.is_some_and(|created| now.duration_since(created) < day);
        self.today += u32::from(young);
        let busy = session.state.as_ref().is_some_and(|state| state.is_busy());
        self.running += u32::from(busy && !session.archived);
    }

    pub(super) fn usage(&self, more: bool, at: Timestamp) -> Usage {
        let (today, running) = (self.today, self.running);
        Usage { today, running, at_least: more && today >= 100, at }
    }
}
