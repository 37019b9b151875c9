//! Looking at Jules: one pass over one account's sessions.
//!
//! What is known of a session is a document with a wake-up time of its own. A pass takes those that are
//! due, lists the account's sessions, reads activities where something moved, and hands what it saw to
//! the tasks as inputs. The account's document has the lease, so that one replica at a time makes a pass,
//! and what the sessions share. A pass decides nothing: what is looked at is decided in `domain::watch`,
//! what becomes of it in the tasks.

use super::Engine;
use super::account::Account;
use super::fault::jules_fault;
use super::follow;
use super::followed::{Followed, Sessions};
use super::session_list::{Listed, PassResult, Wanted, is_about_the_account};
use super::session_reads::{Progress, Reach, ReadActivities, Reading, SessionRead, ToRead};
use super::tick::Turn;
use super::update::Update;
use domain::activity::Activity;
use domain::fault::{Cause, Fault};
use domain::ids::{AccountId, SessionId, TaskId};
use domain::lease::Lease;
use domain::session::{Session, SessionState};
use domain::task::{Input, Observation};
use domain::watch::{Snapshot, Watch, WatchedSession};
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use jules::Error;
use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::documents::session_key;
use store::records::RecordError;
use store::{Expect, Key};

/// How long a pass may take. A page of sessions alone may take minutes (jules-api.md §1.5).
const PASS: Duration = Duration::from_secs(300);
/// How long a lease lives without being renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// How often it is renewed during a pass.
const RENEW: Duration = Duration::from_secs(20);

/// Sessions that people should be told something of, even if nothing of them can be read.
type Told = HashSet<SessionId>;

/// How the readings of a pass went.
#[derive(Default)]
struct ReadResult {
    /// At least one of them went well.
    has_read: bool,
    /// What is in the way of all of them.
    refused: Option<Error>,
}

impl Engine {
    /// One pass, if it may begin and no other replica makes it.
    pub(super) async fn tick_watch(
        self: &Arc<Self>,
        key: &Key,
        id: &AccountId,
        turn: Turn,
    ) -> Result<(), RecordError> {
        let Some(account) = self.load_account(id).await? else { return Ok(()) };
        let Some((mut watch, lease)) = self.take_watch(key).await? else { return Ok(()) };
        drop(turn);
        let had_trouble = watch.trouble.is_some();
        let passed = tokio::select! {
            passed = tokio::time::timeout(PASS, self.pass(&account, &mut watch)) => passed,
            () = self.keep_lease(key, lease) => return Ok(()),
        };
        let passed = passed.unwrap_or_else(|_| {
            // It took too long. What it saw before was shown.
            watch.record_failure(Cause::JulesDown, None, self.now());
            Ok(())
        });
        let (is_refused, has_trouble) = (watch.is_refused(), watch.trouble.is_some());
        // Where the store failed, too: nobody has to wait until the lease ends.
        let ended = passed.and(self.end_pass(key, lease, watch).await);
        if is_refused {
            self.tell_if_refused(&account).await;
        } else if had_trouble && !has_trouble {
            self.forget_refusal(&account).await;
        }
        ended
    }

    /// Takes the lease, if a pass may begin and no other replica has it.
    async fn take_watch(&self, key: &Key) -> Result<Option<(Watch, Lease)>, RecordError> {
        if !self.be_present().await? {
            return Ok(None);
        }
        let holders = self.presence.holders();
        self.update(key, |watch: Option<Watch>, now| {
            let mut watch = watch.unwrap_or_default();
            if !watch.may_begin(&holders, now) {
                return Update::Leave(None);
            }
            let lease = holders.lease(now, LEASE);
            watch.lease = Some(lease);
            write(watch.clone(), Some((watch, lease)))
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
                    drop(self.records.put(key, &watch, None, None, Expect::At(rev), now).await);
                }
                Some(_) | None => return,
            }
        }
    }

    /// Stores what came of a pass for the account, and ends its lease. Who lost the lease leaves the
    /// document alone: everything was handed to the tasks already, and to look again is harmless.
    async fn end_pass(&self, key: &Key, lease: Lease, watch: Watch) -> Result<(), RecordError> {
        self.update(key, |live: Option<Watch>, now| {
            if !live.is_some_and(|live| is_held(&live, lease)) {
                return Update::Leave(());
            }
            let mut ended = watch.clone();
            ended.end_pass(now);
            write(ended, ())
        })
        .await
    }

    /// Looks at the sessions that are due. While their list is on its way for long, a few of them are asked for alone,
    /// again and again: a list that hangs holds up no thread.
    async fn pass(
        self: &Arc<Self>,
        account: &Arc<Account>,
        watch: &mut Watch,
    ) -> Result<(), RecordError> {
        let now = self.now();
        watch.recover(now);
        let mut sessions = self.due_sessions(account).await?;
        let first = wanted(&sessions, now);
        let mut listing = pin!(account.list(&first));
        let mut seen = HashSet::new();
        let listed = loop {
            match tokio::time::timeout(account.patience(), &mut listing).await {
                Ok(listed) => break listed,
                Err(_) => {
                    tracing::debug!(account.id = %account.id, "Jules' list of sessions takes long");
                    let none = Listed::default();
                    if !self.look_at(account, watch, sessions, none, &mut seen).await? {
                        return Ok(());
                    }
                    sessions = self.due_sessions(account).await?;
                }
            }
        };
        self.look_at(account, watch, sessions, listed, &mut seen).await?;
        Ok(())
    }

    /// Looks at sessions as far as the list shows them, or Jules those that are asked for alone. `seen` are the tasks
    /// whose sessions this pass found. False when something is in the way of all of them.
    async fn look_at(
        self: &Arc<Self>,
        account: &Arc<Account>,
        watch: &mut Watch,
        mut sessions: Sessions,
        listed: Listed,
        seen: &mut HashSet<TaskId>,
    ) -> Result<bool, RecordError> {
        let now = self.now();
        let wanted = wanted(&sessions, now);
        let mut found = account.find_sessions(&wanted, listed).await;
        let shows_ours = self.take_along(account, &mut sessions, &mut found, now).await?;
        forget_outdated(&sessions, &mut found, seen);
        if shows_ours {
            watch.record_found();
        } else if is_another_accounts(watch, &sessions, &found) {
            tracing::error!(
                account.id = %account.id,
                "no session that is followed is in this account; check JULES_API_KEY"
            );
            let fault = Fault::not_done(Cause::JulesOtherAccount);
            self.pass_failed(account, watch, fault, &HashSet::new()).await?;
            return Ok(false);
        }
        let is_listed = found.is_listed && found.failed.is_none();
        if is_listed {
            watch.usage = found.usage.or(watch.usage.take());
        }
        seen.extend(tasks_seen(&sessions, &found));
        let (told, freed) = look(&mut sessions, &found, now);
        for id in &found.unanswered {
            sessions.entry(id.clone()).and_modify(|one| one.session.record_unanswered(now));
        }
        if freed {
            self.call_queue(account).await?;
        }
        self.tell_gone(&mut sessions, &found.missing).await?;
        // What an earlier pass began to read isn't read twice at a time.
        let is_idle = |id: &SessionId| !account.session_cache.is_late(id);
        let idle = sessions.iter().filter(|(id, _)| is_idle(id));
        let picked = watch.pick(idle.map(|(id, one)| (id, &one.session)), now);
        let to_read = picked.iter().filter_map(|id| sessions.remove_entry(id)).collect();
        // What had no turn stays due.
        for Wanted { id, .. } in &wanted {
            if !found.was_asked_for(id) {
                sessions.remove(id);
            }
        }
        try_join_all(sessions.into_iter().map(async |(id, followed)| {
            self.show_found(&id, &followed, &found, &told).await?;
            self.keep(account, &id, followed).await
        }))
        .await?;
        let read = self.read_and_show(account, &picked, to_read, &found, &told).await?;
        let is_of_readings = found.failed.is_none();
        match found.failed.or(read.refused) {
            Some(error) => {
                let fault = jules_fault(&error, self.now());
                tracing::warn!(%error, "the sessions at Jules could not be looked at");
                if is_of_readings {
                    self.pass_failed(account, watch, fault, &HashSet::new()).await?;
                    watch.blame_readings();
                } else {
                    self.pass_failed(account, watch, fault, seen).await?;
                }
                Ok(false)
            }
            None => {
                watch.record_success(is_listed, read.has_read);
                Ok(true)
            }
        }
    }

    /// Reads these sessions and shows each as it arrives: one whose page never comes delays no other. Once one is
    /// refused as all are, no more is begun.
    async fn read_and_show(
        self: &Arc<Self>,
        account: &Arc<Account>,
        picked: &[SessionId],
        mut sessions: Sessions,
        found: &PassResult,
        told: &Told,
    ) -> Result<ReadResult, RecordError> {
        let to_read = self.to_read(account, picked, &mut sessions, found).await?;
        let (mut result, began) = (ReadResult::default(), self.now());
        let mut readings = account.read_all(to_read);
        while let Some(progress) = readings.next().await {
            let (id, read) = match progress {
                Progress::Read(id, read) => (id, read),
                Progress::Late(ids, late) => {
                    account.session_cache.begin_late(ids);
                    self.let_go(account, late, began);
                    continue;
                }
            };
            let Some(mut followed) = sessions.remove(&id) else { continue };
            match read.map(|read| *read) {
                // What is not whole is shown as far as it goes, and read again soon.
                Ok((session, read)) => {
                    result.has_read = true;
                    let ReadActivities { activities, reach } = read;
                    let shown = Some((activities, &reach));
                    self.show(&followed.session.task, session, shown).await?;
                    match reach {
                        Reach::Whole => followed.session.mark_read(self.now()),
                        Reach::Cut(_) => followed.session.mark_cut(),
                        Reach::Failed(error) => {
                            followed.session.mark_cut();
                            let (live, listed) = (&mut followed.session, found.sessions.get(&id));
                            self.note_unreadable(account, &id, live, &error, listed).await?;
                        }
                    }
                }
                Err(error) => {
                    self.show_found(&id, &followed, found, told).await?;
                    if is_about_the_account(&error) {
                        readings.begin_no_more();
                        result.refused = Some(error);
                        self.show_refused(&id, &followed.session, found).await?;
                    } else if is_unreadable(&error, &followed.session) {
                        let (live, listed) = (&mut followed.session, found.sessions.get(&id));
                        self.note_unreadable(account, &id, live, &error, listed).await?;
                    }
                }
            }
            self.keep(account, &id, followed).await?;
        }
        // Those that are still being read, or were not begun.
        for (id, followed) in sessions {
            self.show_found(&id, &followed, found, told).await?;
            if result.refused.is_some() && !account.session_cache.is_late(&id) {
                self.show_refused(&id, &followed.session, found).await?;
            }
            self.keep(account, &id, followed).await?;
        }
        Ok(result)
    }

    /// Lets readings that began then continue without the pass, and shows each as it arrives.
    fn let_go(
        self: &Arc<Self>,
        account: &Arc<Account>,
        late: FuturesUnordered<Reading>,
        began: Timestamp,
    ) {
        let (engine, account) = (Arc::clone(self), Arc::clone(account));
        self.follow_ups.spawn(async move {
            let taken = late.for_each_concurrent(None, async |(id, read)| {
                let taken = engine.take_late(&account, &id, read, began).await;
                account.session_cache.end_late(&id);
                if let Err(error) = taken {
                    tracing::warn!(%error, session.id = %id, "what came late of a session could not be shown");
                }
            });
            taken.await;
        });
    }

    /// Shows what came late of a session, and stores how far it was read.
    async fn take_late(
        &self,
        account: &Account,
        id: &SessionId,
        read: Result<SessionRead, Error>,
        began: Timestamp,
    ) -> Result<(), RecordError> {
        let key = session_key(&account.id, id);
        let Some((_, mut followed)) = self.records.get::<WatchedSession>(&key, self.now()).await?
        else {
            return Ok(());
        };
        // What a list showed then may not be true any more.
        let read = match read {
            Ok(read) => account.jules.session(id).await.map(|session| (session, read.1)),
            Err(error) => Err(error),
        };
        let note: &(dyn Fn(&mut WatchedSession, Timestamp) + Send + Sync) = match read {
            Ok((session, ReadActivities { activities, reach })) => {
                self.show(&followed.task, session, Some((activities, &reach))).await?;
                match reach {
                    Reach::Whole => &|live, now| live.mark_read_since(began, now),
                    Reach::Cut(_) => &|live, _| live.mark_cut(),
                    Reach::Failed(error) => {
                        self.note_unreadable(account, id, &mut followed, &error, None).await?;
                        &|live, now| {
                            live.mark_cut();
                            live.record_unreadable(now);
                        }
                    }
                }
            }
            Err(error) if !is_about_the_account(&error) && is_unreadable(&error, &followed) => {
                self.note_unreadable(account, id, &mut followed, &error, None).await?;
                &|live, now| live.record_unreadable(now)
            }
            // The next pass finds out.
            Err(_) => return Ok(()),
        };
        let kept = self.update(&key, |live: Option<WatchedSession>, now| {
            let Some(mut live) = live else { return Update::Leave(()) };
            note(&mut live, now);
            live.plan_next(now);
            account.session_cache.remember_followed(id, &live, now);
            follow::write(live, (), now)
        });
        self.passing_over(kept.await).map(Option::unwrap_or_default)
    }

    /// Hands a task how the pass found its session, if people should be told something of that.
    async fn show_found(
        &self,
        id: &SessionId,
        followed: &Followed,
        found: &PassResult,
        told: &Told,
    ) -> Result<(), RecordError> {
        match found.sessions.get(id).filter(|_| told.contains(id)) {
            Some(session) => self.show(&followed.session.task, session.clone(), None).await,
            None => Ok(()),
        }
    }

    /// A session could not be read to its end: the next reading waits longer, and after a few its task goes by the
    /// state.
    async fn note_unreadable(
        &self,
        account: &Account,
        id: &SessionId,
        followed: &mut WatchedSession,
        error: &Error,
        listed: Option<&Session>,
    ) -> Result<(), RecordError> {
        tell_unreadable(error, id, &followed.task);
        followed.record_unreadable(self.now());
        self.show_unread(account, id, followed, listed.cloned()).await
    }

    /// After a few failed readings, hands the task the session's state alone. If Jules doesn't show that either, nothing
    /// is concluded.
    async fn show_unread(
        &self,
        account: &Account,
        id: &SessionId,
        followed: &WatchedSession,
        listed: Option<Session>,
    ) -> Result<(), RecordError> {
        let Some(is_last) = followed.goes_unread() else { return Ok(()) };
        let session = match listed {
            Some(session) => session,
            None => {
                let asked = tokio::time::timeout(account.jules.linger(), account.jules.session(id));
                let Ok(Ok(session)) = asked.await else { return Ok(()) };
                session
            }
        };
        self.go_by_state(&followed.task, session, is_last).await
    }

    /// Once Jules has refused all readings for a while, hands the task of a session its state alone, if the pass found
    /// it. Jules isn't asked for more.
    async fn show_refused(
        &self,
        id: &SessionId,
        followed: &WatchedSession,
        found: &PassResult,
    ) -> Result<(), RecordError> {
        match found.sessions.get(id).filter(|_| followed.is_refused_for_long(self.now())) {
            Some(session) => self.go_by_state(&followed.task, session.clone(), false).await,
            None => Ok(()),
        }
    }

    /// Hands a task the state of its session, since what happened in it can't be read.
    async fn go_by_state(
        &self,
        task: &TaskId,
        session: Session,
        is_last: bool,
    ) -> Result<(), RecordError> {
        let unread = Input::Unread { session: Box::new(session), is_last };
        let shown = self.apply(task, unread).await;
        self.passing_over(shown).map(Option::unwrap_or_default)
    }

    /// Hands a task what was seen of its session. A task that cannot be read is passed over.
    async fn show(
        &self,
        task: &TaskId,
        session: Session,
        read: Option<(Vec<Activity>, &Reach)>,
    ) -> Result<(), RecordError> {
        let is_whole = matches!(read, Some((_, Reach::Whole)));
        let activities = read.map(|(activities, _)| activities);
        let observation = Observation { session, activities, is_whole };
        let shown = self.apply(task, Input::Seen(Box::new(observation))).await;
        self.passing_over(shown).map(Option::unwrap_or_default)
    }

    /// Notes what is in the way of all sessions. The cards of those that were seen all the same don't say so.
    async fn pass_failed(
        &self,
        account: &Account,
        watch: &mut Watch,
        fault: Fault,
        seen: &HashSet<TaskId>,
    ) -> Result<(), RecordError> {
        let now = self.now();
        let after = fault.after().and_then(|after| after.try_into().ok());
        let cause = fault.cause().clone();
        if watch.record_failure(cause.clone(), after, now) {
            let tasks: Vec<TaskId> = self.active_tasks(account).await?;
            for task in tasks.into_iter().filter(|task| !seen.contains(task)) {
                self.passing_over(self.apply(&task, Input::Blocked(cause.clone())).await)?;
            }
        }
        Ok(())
    }

    async fn tell_gone(
        &self,
        sessions: &mut Sessions,
        missing: &[SessionId],
    ) -> Result<(), RecordError> {
        let now = self.now();
        for id in missing {
            if let Some(followed) = sessions.get_mut(id)
                && followed.session.record_missing(now)
            {
                self.passing_over(self.apply(&followed.session.task, Input::Gone).await)?;
            }
        }
        Ok(())
    }

    /// What is to be read of these sessions, in this order. One whose task cannot be read waits alone.
    async fn to_read(
        &self,
        account: &Account,
        picked: &[SessionId],
        sessions: &mut Sessions,
        found: &PassResult,
    ) -> Result<Vec<ToRead>, RecordError> {
        let mut to_read = Vec::new();
        for id in picked {
            let Some(mut followed) = sessions.remove(id) else { continue };
            let Some(task) = self.passing_over(self.own_task(&followed.session.task).await)? else {
                followed.session.record_unreadable(self.now());
                self.keep(account, id, followed).await?;
                continue;
            };
            let snapshot = followed.session.snapshot.as_ref();
            let state = snapshot.and_then(|snapshot| snapshot.state.as_ref());
            let awaits = state.is_some_and(SessionState::awaits_person);
            let awaits = awaits && !followed.session.is_cut;
            let from = task.and_then(|(_, task)| task.progress.mark.ask_from(awaits));
            let listed = found.sessions.get(id).cloned();
            to_read.push(ToRead { id: id.clone(), from, listed });
            sessions.insert(id.clone(), followed);
        }
        Ok(to_read)
    }
}

/// Whether the next reading waits longer. A session so young that it doesn't show its activities yet
/// (jules-api.md §1.6) is read soon.
fn is_unreadable(error: &Error, session: &WatchedSession) -> bool {
    *error != Error::NotFound || session.is_over()
}

/// The operator is told which session cannot be read, and why.
fn tell_unreadable(error: &Error, id: &SessionId, task: &TaskId) {
    tracing::warn!(%error, session.id = %id, task.id = %task, "the activities of a session could not be read");
}

/// The sessions that are to be found at Jules, the most overdue first: when not all can be asked for in one pass,
/// each has its turn.
fn wanted(sessions: &Sessions, now: Timestamp) -> Vec<Wanted> {
    let mut due: Vec<_> = sessions.iter().filter(|(_, one)| one.session.is_due(now)).collect();
    let lateness = |one: &Followed| one.session.lateness(now);
    due.sort_by(|(_, one), (_, other)| lateness(other).total_cmp(&lateness(one)));
    let wanted =
        |(id, one): (&SessionId, &Followed)| Wanted { id: id.clone(), since: one.session.since };
    due.into_iter().map(wanted).collect()
}

/// Takes in how the sessions look: those that people should be told something of, and whether Jules
/// ended its work on one, which makes room for another.
fn look(sessions: &mut Sessions, found: &PassResult, now: Timestamp) -> (Told, bool) {
    let (mut told, mut freed) = (Told::new(), false);
    for (id, Followed { session, .. }) in sessions {
        let Some(seen) = found.sessions.get(id) else { continue };
        let was_busy = session.is_busy();
        let snapshot = Snapshot::of(seen, session.snapshot.as_ref());
        if session.look(snapshot, now) {
            told.insert(id.clone());
        }
        freed |= was_busy && !session.is_busy();
    }
    (told, freed)
}

/// The sessions of these tasks were looked at while the list was on its way, so it shows them as they were before.
fn forget_outdated(sessions: &Sessions, found: &mut PassResult, seen: &HashSet<TaskId>) {
    let is_newer = |one: &Followed| found.is_listed && seen.contains(&one.session.task);
    found.sessions.retain(|id, _| !sessions.get(id).is_some_and(is_newer));
}

/// The tasks whose sessions were found, whatever is in the way of the others.
fn tasks_seen(sessions: &Sessions, found: &PassResult) -> Vec<TaskId> {
    let seen = sessions.iter().filter(|(id, _)| found.sessions.contains_key(*id));
    seen.map(|(_, followed)| followed.session.task.clone()).collect()
}

/// Whether what Jules did not find was never in this account.
fn is_another_accounts(watch: &mut Watch, sessions: &Sessions, found: &PassResult) -> bool {
    let is_expected =
        |id: &&SessionId| sessions.get(*id).is_some_and(|one| one.session.is_expected());
    let lost: Vec<&SessionId> = found.missing.iter().filter(is_expected).collect();
    !lost.is_empty() && watch.record_lost(lost)
}

/// A watch as it is stored: the sessions have wake-up times, it has none.
fn write<R>(watch: Watch, back: R) -> Update<Watch, R> {
    Update::Write { wake_at: None, record: watch, expires_at: None, back }
}

fn is_held(watch: &Watch, lease: Lease) -> bool {
    watch.lease.is_some_and(|live| live.is_same(lease))
}
