//! Which sessions a pass is about: those that are due, and those of the list that moved.

use super::Engine;
use super::account::Account;
use super::follow::write;
use super::foreign::Belonging;
use super::session_cache::Known;
use super::session_list::PassResult;
use super::update::Update;
use domain::ids::{SessionId, TaskId};
use domain::watch::{Watch, WatchedSession};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::pin::pin;
use std::sync::Arc;
use store::documents::{session_key, session_of, session_prefix, watch_key};
use store::records::RecordError;
use store::{Due, Expect, Key, PutResult, Rev, StoreError, drop_if_gone};

/// How many sessions that are due one pass is about; the others are due in the next. Far more than an
/// account has at work, since those that are asked for one by one stay due until their turn.
const MOST: usize = 1000;
/// How many documents are read at a time.
const AT_ONCE: usize = 16;
/// How many keys are listed at a time.
const PAGE: usize = 256;

/// A session as its document was read.
pub(super) struct Followed {
    rev: Rev,
    pub(super) session: WatchedSession,
}

/// Sessions as their documents were read.
pub(super) type Sessions = BTreeMap<SessionId, Followed>;

impl Engine {
    /// The documents whose time has come, earliest first, and those that nobody looks after. Sessions that
    /// are due are one pass over their account, and are left out while none may begin.
    ///
    /// # Errors
    /// The store's.
    pub async fn due(&self, limit: usize) -> Result<Vec<Key>, StoreError> {
        self.due_where(limit, |_| true).await
    }

    /// The first so many of them that are `wanted`, behind however many that are not. What a dead process
    /// held takes turns with what is due, or people whose task it was would wait behind a crowd.
    pub(super) async fn due_where(
        &self,
        limit: usize,
        wanted: impl Fn(&Key) -> bool,
    ) -> Result<Vec<Key>, StoreError> {
        // Before it is known which documents are ours, none is carried on.
        if !self.knows_a_home().await {
            return Ok(Vec::new());
        }
        let now = self.now();
        let (mut due, mut to_pass) = (Vec::new(), BTreeSet::new());
        let mut after = None;
        let wanted = |key: &Key| wanted(key) && !self.is_asleep(key);
        let before = std::mem::take(&mut *lock(&self.due_before));
        loop {
            let page = self.store.due(after.as_ref(), limit, now).await?;
            let is_last = page.len() < limit;
            after = page.last().cloned();
            let mut found = Vec::with_capacity(page.len());
            for one in page {
                let key = &one.key;
                if let Some((account, _)) = session_of(key) {
                    self.learn_of(&account).await?;
                    match self.account(&account) {
                        Some(_) => to_pass.extend(self.followed_on(key).map(|on| on.id.clone())),
                        None if wanted(key) => found.push(one),
                        None => {}
                    }
                } else if wanted(key) {
                    found.push(one);
                }
            }
            due.extend(self.without_gone(found, &before).await?);
            if is_last || due.len() >= limit {
                break;
            }
        }
        let keys = due.iter().map(|one| one.key.clone()).collect();
        *lock(&self.due_before) = due;
        let mut due = by_turns(self.presence.found(wanted, limit), keys);
        // An account's document is read only where a pass could begin: the store is asked twice a second.
        // It comes first, or a crowd of tasks would leave no room for it.
        for account in &to_pass {
            let watch = watch_key(account);
            if wanted(&watch) && self.may_pass(&watch).await? {
                due.insert(0, watch);
            }
        }
        due.truncate(limit.max(1));
        Ok(due)
    }

    /// Those of them that have a document. One that was due at the look `before` already, and since the same time, may
    /// have none: its tick finds nothing to do, and a crowd of them would be all that is looked at.
    async fn without_gone(
        &self,
        mut due: Vec<Due>,
        before: &[Due],
    ) -> Result<Vec<Due>, StoreError> {
        let stays = |one: &&Due| before.binary_search(one).is_ok();
        let gone = self.drop_gone(due.iter().filter(stays).cloned().collect()).await?;
        due.retain(|one| !gone.contains(&one.key));
        Ok(due)
    }

    /// Takes those whose documents are gone out of what is due, and gives their names.
    async fn drop_gone(&self, due: Vec<Due>) -> Result<HashSet<Key>, StoreError> {
        let now = self.now();
        let mut looks = pin!(
            stream::iter(due)
                .map(async |one| (drop_if_gone(&*self.store, &one, now).await, one.key))
                .buffer_unordered(AT_ONCE)
        );
        let mut gone = HashSet::new();
        while let Some((is_gone, key)) = looks.next().await {
            if is_gone? {
                if let Some(untold) = self.gone.tell(now) {
                    tracing::error!(
                        document = %key,
                        untold,
                        "a document that was due is gone from the store, and nothing of it can be done any more; a \
                         Redis in STORE needs `maxmemory-policy noeviction`"
                    );
                }
                gone.insert(key);
            }
        }
        Ok(gone)
    }

    /// The account of a session, if it is one of ours and the session's document can be read.
    pub(super) fn followed_on(&self, key: &Key) -> Option<Arc<Account>> {
        let (id, _) = session_of(key)?;
        let now = self.now();
        self.account(&id).filter(|account| !account.session_cache.set_aside.has(key, now))
    }

    /// Whether a pass may begin now. A document that cannot be read is for the pass to complain about.
    async fn may_pass(&self, watch: &Key) -> Result<bool, StoreError> {
        let now = self.now();
        match self.records.get::<Watch>(watch, now).await {
            Ok(found) => {
                let holders = self.presence.holders();
                Ok(found.is_none_or(|(_, watch)| watch.may_begin(&holders, now)))
            }
            Err(RecordError::Store(error)) => Err(error),
            Err(_) => Ok(true),
        }
    }

    /// The sessions of an account that are due.
    pub(super) async fn due_sessions(&self, account: &Account) -> Result<Sessions, RecordError> {
        let now = self.now();
        let (mut due, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.due(after.as_ref(), PAGE, now).await?;
            let is_last = page.len() < PAGE;
            after = page.last().cloned();
            let is_its =
                |due: &Due| self.followed_on(&due.key).is_some_and(|on| on.id == account.id);
            due.extend(page.into_iter().filter(is_its));
            if is_last || due.len() >= MOST {
                break;
            }
        }
        due.truncate(MOST);
        let keys = due.iter().map(|due| due.key.clone()).collect();
        let sessions = self.read_sessions(account, keys).await?;
        let is_read = |due: &Due| {
            session_of(&due.key).is_some_and(|(_, session)| sessions.contains_key(&session))
        };
        due.retain(|due| !is_read(due));
        self.drop_gone(due).await?;
        Ok(sessions)
    }

    /// Reads the documents of sessions. One that cannot be read, or is of another workspace, is set aside
    /// and holds up nobody.
    async fn read_sessions(
        &self,
        account: &Account,
        keys: Vec<Key>,
    ) -> Result<Sessions, RecordError> {
        let now = self.now();
        let mut sessions = Sessions::new();
        let mut reads = pin!(
            stream::iter(keys)
                .map(async |key| (self.records.get::<WatchedSession>(&key, now).await, key))
                .buffer_unordered(AT_ONCE)
        );
        while let Some((read, key)) = reads.next().await {
            let Some((_, id)) = session_of(&key) else { continue };
            match read {
                Ok(None) => {}
                Ok(Some((rev, session))) => match self.belonging(&session.team).await? {
                    Belonging::Served => {
                        sessions.insert(id, Followed { rev, session });
                    }
                    Belonging::Waiting => self.put_off_session(&key).await?,
                    Belonging::Foreign => {
                        let team = session.team;
                        let error = RecordError::Foreign { key: key.clone(), team };
                        if account.session_cache.set_aside.put(&key, &error, now) {
                            self.report_foreign(&key, &error);
                        }
                    }
                },
                Err(error) if error.is_about_the_document() => {
                    account.session_cache.set_aside.put(&key, &error, now);
                    self.report_unreadable(&error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(sessions)
    }

    /// Takes those of the listed sessions along that a task follows and that moved, or are worth being
    /// looked at since that costs no call; the others are dropped. True when the list shows any that is
    /// followed.
    pub(super) async fn take_along(
        &self,
        account: &Account,
        sessions: &mut Sessions,
        found: &mut PassResult,
        now: Timestamp,
    ) -> Result<bool, RecordError> {
        let mut shows_ours = false;
        let mut unknown = Vec::new();
        for (id, session) in &found.sessions {
            let known = account.session_cache.passes_over(session, now);
            let is_due = sessions.contains_key(id);
            shows_ours |= is_due || matches!(known, Some(Known::Followed(..)));
            if !is_due && known.is_none() {
                unknown.push(id.clone());
            }
        }
        let keys = unknown.iter().map(|id| session_key(&account.id, id)).collect();
        let mut read = self.read_sessions(account, keys).await?;
        for id in unknown {
            let Some(followed) = read.remove(&id) else {
                account.session_cache.remember_foreign(id);
                continue;
            };
            shows_ours = true;
            account.session_cache.remember_followed(&id, &followed.session, now);
            let seen = found.sessions.get(&id);
            let known = seen.and_then(|session| account.session_cache.passes_over(session, now));
            if known.is_none() {
                sessions.insert(id, followed);
            }
        }
        found.sessions.retain(|id, _| sessions.contains_key(id));
        Ok(shows_ours)
    }

    /// Stores what a pass found out about a session, and when it is looked at next.
    pub(super) async fn keep(
        &self,
        account: &Account,
        id: &SessionId,
        followed: Followed,
    ) -> Result<(), RecordError> {
        let now = self.now();
        let key = session_key(&account.id, id);
        let Followed { rev, mut session } = followed;
        session.plan_next(now);
        account.session_cache.remember_followed(id, &session, now);
        let (wake_at, expires_at) = (session.next, session.expires_at(now));
        let put = self.records.put(&key, &session, wake_at, expires_at, Expect::At(rev), now).await;
        if let Some(PutResult::Conflict) = self.passing_over(put)? {
            // Someone did something about it meanwhile.
            let merged = self.update(&key, |live: Option<WatchedSession>, now| match live {
                Some(live) => write(session.clone().merged(&live), (), now),
                None => Update::Leave(()),
            });
            self.passing_over(merged.await)?;
        }
        Ok(())
    }

    /// The tasks whose sessions go on. Reads every document of a session: only for what is rare.
    pub(super) async fn active_tasks(&self, account: &Account) -> Result<Vec<TaskId>, RecordError> {
        let prefix = session_prefix(&account.id);
        let mut tasks = Vec::new();
        let mut after: Option<Key> = None;
        loop {
            let keys = self.store.list(&prefix, after.as_ref(), PAGE, self.now()).await?;
            let Some(last) = keys.last().cloned() else { return Ok(tasks) };
            let read = self.read_sessions(account, keys).await?;
            let active = read.into_values().filter(|followed| !followed.session.is_over());
            tasks.extend(active.map(|followed| followed.session.task));
            after = Some(last);
        }
    }
}

/// By turns one of each, and no key twice: a crowd of either holds up none of the other.
fn by_turns(left_behind: Vec<Key>, due: Vec<Key>) -> Vec<Key> {
    let (mut taken, mut all) = (HashSet::new(), Vec::new());
    let (mut left_behind, mut due) = (left_behind.into_iter(), due.into_iter());
    loop {
        let pair = [left_behind.next(), due.next()];
        if pair == [None, None] {
            return all;
        }
        all.extend(pair.into_iter().flatten().filter(|key| taken.insert(key.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_either_holds_up_none_of_the_other() {
        let keys = |names: &str| -> Vec<Key> {
            names.split_whitespace().map(|name| Key::new(name.to_owned())).collect()
        };
        assert_eq!(by_turns(keys("x y"), keys("a b c d")), keys("x a y b c d"));
        assert_eq!(by_turns(keys("x y z"), keys("a")), keys("x a y z"));
        assert_eq!(by_turns(keys("a x"), keys("a b")), keys("a x b"), "each once");
        assert_eq!(by_turns(keys(""), keys("a b")), keys("a b"));
    }
}
