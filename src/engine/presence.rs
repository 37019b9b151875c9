//! Which processes are alive: each gives a sign of life and watches the others'.
//!
//! In a store that several processes share, each renews a document of its own. A process is dead when its
//! document hasn't changed for some seconds, by the observer's clock and over looks that were never far
//! apart. So neither clocks that differ nor a machine that slept make a living process look dead. A store
//! that only one process can use needs none of this: every other holder of a lease is dead.

use super::Engine;
use domain::lease::{Holder, Holders, LONGEST};
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use platform::metrics;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::documents::{PROCESSES, Process, process_holder, process_key, session_of};
use store::records::RecordError;
use store::{Due, Expect, Key, PutResult, Rev};

/// How often signs of life are looked for.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// How often one is given.
const RENEW: SignedDuration = SignedDuration::from_secs(1);
/// Without one for longer, a process begins nothing that must not happen twice.
const FRESH: SignedDuration = SignedDuration::from_secs(3);
/// Without one for so long, a process is dead. Half a second less than a number of looks, which are never exactly one
/// second apart.
const DEAD: SignedDuration = SignedDuration::from_millis(5500);
/// One whose last sign of life is older than that by its own clock is watched for at least so long, because
/// that clock may differ from ours.
const WATCHED: SignedDuration = SignedDuration::from_millis(3500);
/// With more time between two looks, the silence may be our own.
const LONGEST_GAP: SignedDuration = SignedDuration::from_secs(2);
/// How long the document of a dead process is kept: longer than its leases, wherever clocks stand.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// More processes than will ever share a store.
const MOST: usize = 1000;
/// Every wake-up time is closer than this.
const EVER: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What this process knows about itself and the others.
pub(super) struct Presence {
    /// No other process can use the store.
    alone: bool,
    state: Mutex<State>,
    /// Locked while a sign of life is given.
    giving: tokio::sync::Mutex<()>,
}

struct State {
    holders: Arc<Holders>,
    /// Its own document: the revision, and when it was written last.
    own: Option<(Rev, Timestamp)>,
    others: BTreeMap<Holder, Other>,
    /// When it looked last.
    looked: Option<Timestamp>,
    /// The documents that wake within this time have to be looked at, whatever they wait for.
    sweep: Option<SignedDuration>,
    /// Those that were found and haven't been looked at yet.
    found: Found,
    /// Since when there are any.
    resuming: Option<Timestamp>,
}

/// Documents in the order of their wake-up times: what a dead process held wakes when its lease ends, which
/// is soon.
#[derive(Default)]
struct Found {
    in_order: BTreeSet<Due>,
    wakes: HashMap<Key, Timestamp>,
}

impl Found {
    fn insert(&mut self, due: Due) {
        self.remove(&due.key);
        self.wakes.insert(due.key.clone(), due.wake_at);
        self.in_order.insert(due);
    }

    /// True when it was there.
    fn remove(&mut self, key: &Key) -> bool {
        let Some((key, wake_at)) = self.wakes.remove_entry(key) else { return false };
        self.in_order.remove(&Due { wake_at, key })
    }
}

/// Another process's last sign of life, and when it was first seen.
struct Other {
    rev: Rev,
    renewed: Timestamp,
    seen: Timestamp,
}

impl Other {
    fn is_dead(&self, now: Timestamp) -> bool {
        let silent = now.duration_since(self.seen);
        silent >= DEAD || (silent >= WATCHED && now.duration_since(self.renewed) >= DEAD)
    }
}

impl Presence {
    /// A process that starts. It first looks at whatever earlier ones left behind.
    pub(super) fn new(me: Holder, alone: bool, now: Timestamp) -> Self {
        let holders =
            if alone { Holders::alone(me, now) } else { Holders { me, ..Holders::default() } };
        let state = State {
            holders: Arc::new(holders),
            own: None,
            others: BTreeMap::new(),
            looked: None,
            sweep: Some(EVER),
            found: Found::default(),
            resuming: None,
        };
        Self { alone, state: Mutex::new(state), giving: tokio::sync::Mutex::default() }
    }

    /// Who lives, as far as this process knows.
    pub(super) fn holders(&self) -> Arc<Holders> {
        Arc::clone(&lock(&self.state).holders)
    }

    /// Whether the others know that this process is alive, so that none of them repeats its work.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.alone || lock(&self.state).own.is_some_and(|(_, at)| now.duration_since(at) <= FRESH)
    }

    /// The first of the `wanted` documents to look at in addition to those that are due.
    pub(super) fn found(&self, wanted: impl Fn(&Key) -> bool, most: usize) -> Vec<Key> {
        let state = lock(&self.state);
        let keys = state.found.in_order.iter().map(|due| &due.key);
        keys.filter(|key| wanted(key)).take(most).cloned().collect()
    }

    /// A document was looked at.
    pub(super) fn looked_at(&self, key: &Key, now: Timestamp) {
        let mut state = lock(&self.state);
        if state.found.remove(key) {
            state.measure(now);
        }
    }
}

impl State {
    /// Measures what still has to be looked at, and when that is nothing, how long it took.
    fn measure(&mut self, now: Timestamp) {
        let left = self.found.wakes.len();
        metrics::left_behind(u32::try_from(left).unwrap_or(u32::MAX));
        if left > 0 {
            self.resuming.get_or_insert(now);
        } else if let Some(since) = self.resuming.take() {
            metrics::resumed(now.duration_since(since).try_into().unwrap_or_default());
        }
    }

    /// The next sign of life, if one is due. A process that was silent for too long continues under a new
    /// number, because the others may already have taken its work.
    fn renewal(&self, now: Timestamp) -> Option<(Holder, Expect)> {
        match self.own {
            None => Some((self.holders.me, Expect::Absent)),
            Some((_, at)) if now.duration_since(at) > FRESH => {
                Some((self.holders.me.next(), Expect::Absent))
            }
            Some((rev, at)) if now < at || now.duration_since(at) >= RENEW => {
                Some((self.holders.me, Expect::At(rev)))
            }
            Some(_) => None,
        }
    }

    /// Takes in the others' signs of life; true when one of them was found dead.
    fn observe(
        &mut self,
        listed: &[Holder],
        seen: &[(Holder, Rev, Process)],
        now: Timestamp,
    ) -> bool {
        let is_close =
            |looked: Timestamp| looked <= now && now.duration_since(looked) <= LONGEST_GAP;
        let is_unbroken = self.looked.is_some_and(is_close);
        self.looked = Some(now);
        self.others.retain(|holder, _| listed.contains(holder));
        let holders = Arc::make_mut(&mut self.holders);
        holders.dead.retain(|holder, _| listed.contains(holder));
        let mut found = false;
        for (holder, rev, process) in seen {
            let fresh = || Other { rev: *rev, renewed: process.renewed, seen: now };
            let other = self.others.entry(*holder).or_insert_with(fresh);
            if other.rev != *rev || !is_unbroken {
                *other = fresh();
            }
            if other.is_dead(now) {
                holders.dead.insert(*holder, other.seen);
                found = true;
            }
        }
        found
    }
}

impl Engine {
    /// Gives a sign of life if one is due, looks for the others', and finds what dead processes left behind.
    ///
    /// # Errors
    /// The store's.
    pub async fn beat(&self) -> Result<(), RecordError> {
        if self.was_clock_set_back() {
            tracing::warn!("the clock was set back; looking at everything that waits");
            lock(&self.presence.state).sweep = Some(EVER);
        }
        if !self.presence.alone {
            self.give_sign_of_life().await?;
            self.look_for_others().await?;
        }
        self.sweep().await
    }

    /// Renews the sign of life if it is too old to begin anything; false when it still is.
    pub(super) async fn be_present(&self) -> Result<bool, RecordError> {
        if !self.presence.is_fresh(self.now()) {
            self.give_sign_of_life().await?;
        }
        Ok(self.presence.is_fresh(self.now()))
    }

    async fn give_sign_of_life(&self) -> Result<(), RecordError> {
        let _one_at_a_time = self.presence.giving.lock().await;
        let now = self.now();
        let Some((me, expect)) = lock(&self.presence.state).renewal(now) else { return Ok(()) };
        let process = Process { renewed: now };
        let expires_at = Some(now + KEPT);
        let written =
            self.records.put(&process_key(me), &process, None, expires_at, expect, now).await?;
        let mut state = lock(&self.presence.state);
        match written {
            PutResult::Stored(rev) => {
                state.own = Some((rev, now));
                Arc::make_mut(&mut state.holders).me = me;
            }
            // The answer to the last renewal was lost, or the store lost the document.
            PutResult::Conflict => {
                state.own = None;
                Arc::make_mut(&mut state.holders).me = me.next();
            }
        }
        Ok(())
    }

    async fn look_for_others(&self) -> Result<(), RecordError> {
        let now = self.now();
        let names = self.store.list(PROCESSES, None, MOST, now).await?;
        let listed: Vec<Holder> = names.iter().filter_map(process_holder).collect();
        let holders = self.presence.holders();
        let mut seen = Vec::new();
        for holder in &listed {
            if *holder == holders.me || holders.dead.contains_key(holder) {
                continue;
            }
            seen.extend(self.sign_of_life(*holder, now).await?);
        }
        let mut state = lock(&self.presence.state);
        if state.observe(&listed, &seen, now) {
            state.sweep = state.sweep.max(Some(LONGEST));
            tracing::warn!("a process died; continuing its work");
        }
        Ok(())
    }

    /// Another process's last sign of life. A newer version may write more into it than this one can read; that it was
    /// written is enough.
    async fn sign_of_life(
        &self,
        holder: Holder,
        now: Timestamp,
    ) -> Result<Option<(Holder, Rev, Process)>, RecordError> {
        let key = process_key(holder);
        match self.records.get::<Process>(&key, now).await {
            Err(error) if error.is_about_the_document() => {
                self.report_unreadable(&error);
                let found = self.store.get(&key, now).await?;
                Ok(found.map(|(rev, _)| (holder, rev, Process { renewed: now })))
            }
            read => Ok(read?.map(|(rev, process)| (holder, rev, process))),
        }
    }

    /// Whether the clock shows an earlier time than at the last look.
    fn was_clock_set_back(&self) -> bool {
        let now = self.now();
        let mut latest = lock(&self.latest);
        let was_set_back = latest.duration_since(now) > SET_BACK;
        *latest = if was_set_back { now } else { now.max(*latest) };
        was_set_back
    }

    /// Finds the documents that wait for a lease to end, or for a time that was set before the clock was set
    /// back. Their own tick decides whether there is anything to do.
    async fn sweep(&self) -> Result<(), RecordError> {
        let Some(horizon) = lock(&self.presence.state).sweep else { return Ok(()) };
        let now = self.now();
        let found = self.store.due(None, usize::MAX, now + horizon).await?;
        let any = !found.is_empty();
        if horizon == EVER {
            self.recover_turns().await?;
        }
        {
            let mut state = lock(&self.presence.state);
            // What is due has its turn anyway. Sessions have no lease, and turns of their own.
            let waits = |due: &Due| due.wake_at > now && session_of(&due.key).is_none();
            found.into_iter().filter(waits).for_each(|due| state.found.insert(due));
            state.sweep = None;
            state.measure(now);
        }
        if any {
            self.bell.ring();
        }
        Ok(())
    }
}

/// Smaller corrections of the clock are normal.
const SET_BACK: SignedDuration = SignedDuration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: Holder = Holder(7);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn state() -> State {
        let presence = Presence::new(Holder(1), false, at(0));
        presence.state.into_inner().unwrap()
    }

    /// A look that finds the other's document at this revision.
    fn sees(state: &mut State, rev: u64, renewed: i64, second: i64) -> bool {
        let process = Process { renewed: at(renewed) };
        state.observe(&[OTHER], &[(OTHER, Rev(rev), process)], at(second))
    }

    #[test]
    fn a_process_that_is_silent_for_six_seconds_is_dead() {
        let mut state = state();
        for second in 0_i64..=20 {
            assert!(!sees(&mut state, second.unsigned_abs() / 2, second, second));
        }
        for second in 21..26 {
            assert!(!sees(&mut state, 10, 20, second), "{second}");
        }
        assert!(sees(&mut state, 10, 20, 26));
        assert_eq!(state.holders.silent_since(OTHER), Some(at(20)));
    }

    #[test]
    fn one_that_died_before_this_process_began_is_known_to_be_dead_after_four() {
        let mut state = state();
        for second in 0..4 {
            assert!(!sees(&mut state, 1, -30, second));
        }
        assert!(sees(&mut state, 1, -30, 4));
        assert_eq!(state.holders.silent_since(OTHER), Some(at(0)));
    }

    #[test]
    fn clocks_that_differ_kill_nobody() {
        let mut state = state();
        for second in 0_i64..60 {
            let rev = second.unsigned_abs() / 2;
            assert!(!sees(&mut state, rev, second - 90, second), "behind");
        }
        for second in 60_i64..120 {
            let rev = second.unsigned_abs() / 2;
            assert!(!sees(&mut state, rev, second + 90, second), "ahead");
        }
        let found = (120..140).find(|second| sees(&mut state, 59, 208, *second));
        assert_eq!(found, Some(124), "seen to change last at 118");
    }

    #[test]
    fn a_process_that_slept_itself_tells_nothing_of_others() {
        let mut state = state();
        sees(&mut state, 1, 0, 0);
        assert!(!sees(&mut state, 1, 0, 3600));
        assert!(!sees(&mut state, 1, 0, 3603), "a gap again");
        assert!(!sees(&mut state, 1, 0, 3604));
        assert!((3605..3610).any(|second| sees(&mut state, 1, 0, second)));
    }

    #[test]
    fn a_process_that_was_silent_for_too_long_continues_as_another() {
        let mut state = state();
        assert_eq!(state.renewal(at(0)), Some((Holder(1), Expect::Absent)));
        state.own = Some((Rev(5), at(0)));
        assert_eq!(state.renewal(at(0)), None);
        assert_eq!(state.renewal(at(1)), Some((Holder(1), Expect::At(Rev(5)))));
        assert_eq!(state.renewal(at(4)), Some((Holder(2), Expect::Absent)));
        assert_eq!(state.renewal(at(-3600)), Some((Holder(1), Expect::At(Rev(5)))));
    }
}
