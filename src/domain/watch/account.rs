//! The watch over one account: which sessions are looked at next, and what stands in the way.

use super::session::{Snapshot, WatchedSession};
use crate::domain::backoff::Backoff;
use crate::domain::fault::Cause;
use crate::domain::ids::{SessionId, TaskId};
use crate::domain::lease::Lease;
use crate::domain::rate::{Gcra, READS};
use crate::domain::session::Session;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const SECOND: SignedDuration = SignedDuration::from_secs(1);
pub(super) const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The rest between two passes, and between something people do and the look at its effect.
const REST: SignedDuration = SignedDuration::from_secs(2);
/// Work that goes on is read no oftener than this.
pub(super) const READ_REST: SignedDuration = SignedDuration::from_secs(5);
/// After this a session that ended is not noticed any more.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How many single sessions may be asked for in one pass: a page each, in turn, so that the pass ends
/// soon even where each takes half a minute.
const MOST_GETS: usize = 5;
/// No pass is ever planned further away: Jules may ask for an hour's rest.
const FARTHEST: SignedDuration = SignedDuration::from_mins(61);
/// How many reads one pass makes at most; the rest has its turn in the next.
const MOST_READS: usize = 15;

/// The watch over one account's sessions, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// The sessions that tasks follow.
    pub sessions: BTreeMap<SessionId, WatchedSession>,
    /// A replica makes a pass. It may take minutes, so its holder renews the lease; when the holder dies,
    /// the next pass is not far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// When the next pass is due; `None` when no session is worth a call. It is stored, not computed
    /// from the time of a write: otherwise each write in a busy team would postpone the pass, and the
    /// busiest would hear nothing. Only the end of a pass makes it later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// When the sessions were listed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<Timestamp>,
    /// The lists of activities that were made.
    pub reads: Gcra,
    /// What keeps Jules from being asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<AccountTrouble>,
    /// What the account really used, as the last list showed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// What keeps Jules from being asked, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTrouble {
    /// What it is.
    pub cause: Cause,
    /// How many passes failed in a row.
    pub failures: u32,
    /// When the next pass is due.
    pub until: Timestamp,
    /// The tasks were told.
    pub told: bool,
}

/// What an account used, counted from the sessions it really has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Sessions that were made in the last 24 hours.
    pub today: u32,
    /// Sessions that Jules works on.
    pub running: u32,
    /// There are more than were counted.
    pub at_least: bool,
    /// When it was counted.
    pub at: Timestamp,
}

impl Watch {
    /// Follows a session, or notices that a person did something about it. The next pass comes sooner
    /// for it, and never later.
    pub fn touch(&mut self, session: &SessionId, task: &TaskId, now: Timestamp) {
        let follow = self
            .sessions
            .entry(session.clone())
            .or_insert_with(|| WatchedSession::new(task.clone(), now));
        follow.touched = now;
        follow.unread.get_or_insert(now);
        let wanted = follow.due(now).map(|due| self.not_before(due, now));
        self.next = self.next.into_iter().chain(wanted).min();
    }

    /// Since when a look is overdue, if one is.
    #[must_use]
    pub fn due_since(&self, now: Timestamp) -> Option<Timestamp> {
        let due = self.sessions.values().filter_map(|follow| follow.due(now)).min()?;
        let after_trouble = self.trouble.as_ref().map_or(due, |trouble| due.max(trouble.until));
        Some(after_trouble).filter(|due| *due < now)
    }

    /// The sessions that have to be looked at now, first what was not seen for longest: when not all
    /// can be asked for in one pass, everybody has a turn.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<SessionId> {
        let is_due = |follow: &WatchedSession| follow.due(now).is_some_and(|due| due <= now);
        let mut due: Vec<_> = self.sessions.iter().filter(|(_, follow)| is_due(follow)).collect();
        due.sort_by_key(|(_, follow)| follow.seen);
        due.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// How old the oldest session is that has to be found in the list; nobody looks further back.
    #[must_use]
    pub fn oldest(&self, wanted: &[SessionId]) -> Option<Timestamp> {
        wanted.iter().filter_map(|id| self.sessions.get(id)).map(|follow| follow.since).min()
    }

    /// Which of the sessions that the list did not show are asked for one by one.
    #[must_use]
    pub fn singles(missing: &[SessionId]) -> &[SessionId] {
        &missing[..missing.len().min(MOST_GETS)]
    }

    /// Takes in a session; true when its task has to be told even if nothing can be read.
    pub fn look(&mut self, session: &Session, now: Timestamp) -> bool {
        let snapshot = Snapshot::of(session);
        self.sessions.get_mut(&session.id).is_some_and(|follow| follow.look(snapshot, now))
    }

    /// Picks what is read in this pass, within the budget: first what people wait for, then whatever
    /// has waited longest.
    pub fn pick(&mut self, now: Timestamp) -> Vec<SessionId> {
        let mut ready: Vec<_> =
            self.sessions.iter().filter(|(_, follow)| follow.readable(now)).collect();
        let waited = |follow: &WatchedSession| follow.unread.unwrap_or(now);
        // One whose reading fails comes last: it would take the turns of those that can be read.
        ready.sort_by_key(|(_, follow)| {
            let fails = follow.unreadable.is_some();
            (fails, !follow.urgent, !follow.is_touched(now), waited(follow))
        });
        let room = usize::try_from(self.reads.left(READS, now)).unwrap_or(0).min(MOST_READS);
        let picked: Vec<_> = ready.into_iter().take(room).map(|(id, _)| id.clone()).collect();
        for _ in &picked {
            self.reads.reserve(READS, now);
        }
        picked
    }

    /// Its activities were read to the end.
    pub fn mark_read(&mut self, session: &SessionId, now: Timestamp) {
        if let Some(follow) = self.sessions.get_mut(session) {
            follow.read = Some(now);
            follow.unread = None;
            follow.urgent = false;
            follow.unreadable = None;
        }
    }

    /// Its activities could not be read. Others are read as if nothing had happened.
    pub fn record_unreadable(&mut self, session: &SessionId, now: Timestamp) {
        if let Some(follow) = self.sessions.get_mut(session) {
            follow.record_unreadable(now);
        }
    }

    /// Whether what was not found was never in this account: of at least two sessions that were seen
    /// before and go on, not one is found any more.
    #[must_use]
    pub fn is_another_accounts(&self, missing: &[SessionId]) -> bool {
        let mut seen_before = self
            .sessions
            .iter()
            .filter(|(_, follow)| follow.snapshot.is_some() && !follow.is_over());
        let lost = |(id, follow): &(&SessionId, &WatchedSession)| {
            missing.contains(id) || follow.missing.is_some()
        };
        seen_before.clone().count() >= 2 && seen_before.all(|one| lost(&one))
    }

    /// A look did not find a session. True when that is enough to tell its task that it is gone, once.
    pub fn record_missing(&mut self, session: &SessionId, now: Timestamp) -> bool {
        self.sessions.get_mut(session).is_some_and(|follow| follow.record_missing(now))
    }

    /// A pass went well: whatever was the trouble is over.
    pub fn record_success(&mut self, now: Timestamp) {
        self.trouble = None;
        self.listed = Some(now);
        self.sessions.retain(|_, follow| {
            follow.over.is_none_or(|over| now.duration_since(over) < FORGOTTEN)
        });
    }

    /// A pass failed. True when the cards have to show it: when it continues, for one refusal of a key
    /// that works a moment later is no news.
    pub fn record_failure(
        &mut self,
        cause: Cause,
        after: Option<SignedDuration>,
        now: Timestamp,
    ) -> bool {
        /// So many failures in a row are more than a hiccup.
        const HICCUPS: u32 = 3;
        let same = self.trouble.take().filter(|trouble| trouble.cause == cause);
        let failures = same.as_ref().map_or(0, |trouble| trouble.failures) + 1;
        let told = same.is_some_and(|trouble| trouble.told);
        let cap = if cause.is_for_operator() { MINUTE * 2 } else { MINUTE };
        let grown = Backoff::new(SECOND * 4, cap).wait(failures);
        let wait = after.map_or(grown, |asked| asked.min(MINUTE * 60));
        let tells = !told && failures >= HICCUPS;
        let told = told || tells;
        self.trouble = Some(AccountTrouble { cause, failures, until: now + wait, told });
        tells
    }

    /// The tasks whose sessions are not over.
    pub fn active(&self) -> impl Iterator<Item = &WatchedSession> {
        self.sessions.values().filter(|follow| !follow.is_over())
    }

    /// A pass ended, well or not: plans the next one from everything that is followed.
    pub fn plan_next(&mut self, now: Timestamp) {
        let look = self.sessions.values().filter_map(|follow| follow.due(now)).min();
        // What could not be read for want of budget or rest is read soon.
        let is_waiting = |follow: &&WatchedSession| {
            follow.unread.is_some() && follow.missing.is_none() && follow.cadence(now).is_some()
        };
        let waiting = self.sessions.values().filter(is_waiting);
        let read =
            waiting.map(|follow| follow.readable_from().unwrap_or(now).max(now + READ_REST)).min();
        let next = [look, read].into_iter().flatten().min();
        self.next = next.map(|next| self.not_before(next, now));
    }

    /// A pass that is wanted at `wanted`, after a rest from `now` on and after what is in the way.
    fn not_before(&self, wanted: Timestamp, now: Timestamp) -> Timestamp {
        let after_trouble =
            self.trouble.as_ref().map_or(wanted, |trouble| wanted.max(trouble.until));
        after_trouble.max(now + REST)
    }

    /// Whether a pass may begin: it is due, and no replica makes one.
    #[must_use]
    pub fn may_begin(&self, now: Timestamp) -> bool {
        let free = self.lease.is_none_or(|lease| lease.is_over(now));
        free && (self.next.is_none_or(|next| next <= now) || self.is_stranded(now))
    }

    /// Whether the next pass is further away than any that was ever planned: the clock was set back.
    #[must_use]
    pub fn is_stranded(&self, now: Timestamp) -> bool {
        self.next.is_some_and(|next| next.duration_since(now) > FARTHEST)
    }

    /// Forgets times that are further away than any that was ever planned.
    pub fn recover(&mut self, now: Timestamp) {
        self.reads.recover(READS, now);
        if self.is_stranded(now) {
            self.next = Some(now);
        }
        if self.trouble.as_ref().is_some_and(|trouble| trouble.until.duration_since(now) > FARTHEST)
        {
            self.trouble = None;
        }
    }

    /// When the document should be looked at again: when the next pass is due or, during a pass, when
    /// its lease ends. `None` when no session is worth a call.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.lease.filter(|lease| !lease.is_over(now)) {
            Some(lease) => Some(self.next.map_or(lease.until, |next| next.max(lease.until))),
            None => self.next,
        }
    }

    /// Puts what a pass found into the document as it is by now: others may have begun to follow, or
    /// stirred, in the meantime. What the pass dropped stays out, unless it was stirred since `began`.
    #[must_use]
    pub fn merged(self, live: Self, began: Timestamp) -> Self {
        let mut merged = self;
        for (id, theirs) in live.sessions {
            if let Some(ours) = merged.sessions.get_mut(&id) {
                if theirs.touched > ours.touched {
                    ours.touched = theirs.touched;
                    ours.unread = ours.unread.or(theirs.unread);
                }
            } else if theirs.touched >= began {
                merged.sessions.insert(id, theirs);
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::SessionState;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn id(n: usize) -> SessionId {
        SessionId::parse(&n.to_string()).unwrap()
    }

    fn session(n: usize, state: SessionState, updated: i64) -> Session {
        Session {
            id: id(n),
            url: "https://jules.google.com/session/1".to_owned(),
            title: None,
            state: Some(state),
            source: None,
            created: None,
            updated: Some(at(updated)),
            archived: false,
            pull_requests: Vec::new(),
            change_set: false,
        }
    }

    fn following(n: usize) -> Watch {
        let mut watch = Watch::default();
        for n in 0..n {
            watch.touch(&id(n), &TaskId::parse("t").unwrap(), at(0));
        }
        watch
    }

    #[test]
    fn a_finished_quiet_account_does_not_wake() {
        let mut watch = following(2);
        for n in 0..2 {
            watch.look(&session(n, SessionState::Completed, 10), at(10));
            watch.mark_read(&id(n), at(10));
        }
        watch.plan_next(at(60));
        assert!(watch.wake_at(at(60)).is_some());
        watch.plan_next(at(3600));
        assert_eq!(watch.wake_at(at(3600)), None);
        watch.touch(&id(1), &TaskId::parse("t").unwrap(), at(3600));
        assert_eq!(watch.wake_at(at(3600)), Some(at(3602)));
    }

    #[test]
    fn who_was_not_seen_for_longest_is_asked_for_first() {
        let mut watch = following(30);
        let mut asked = std::collections::BTreeSet::new();
        for second in [200, 206, 212, 218, 224, 230] {
            let due = watch.due(at(second));
            for id in Watch::singles(&due).to_vec() {
                let n = id.to_string().parse().unwrap();
                watch.look(&session(n, SessionState::InProgress, second), at(second));
                asked.insert(id);
            }
        }
        assert_eq!(asked.len(), 30, "nobody is asked for twice while others wait");
    }

    #[test]
    fn what_people_wait_for_is_read_first_and_never_more_than_the_budget() {
        let mut watch = following(40);
        for n in 0..40 {
            watch.look(&session(n, SessionState::InProgress, 300), at(300));
            watch.mark_read(&id(n), at(300));
        }
        for n in 0..40 {
            let state =
                if n == 39 { SessionState::AwaitingPlanApproval } else { SessionState::InProgress };
            watch.look(&session(n, state, 310), at(310));
        }
        let picked = watch.pick(at(310));
        assert_eq!(picked.len(), 15);
        assert_eq!(picked[0], id(39));
        assert_eq!(watch.pick(at(310)), Vec::new());
        assert_eq!(watch.pick(at(312)).len(), 2);
    }

    #[test]
    fn one_that_cannot_be_read_waits_alone() {
        let mut watch = following(17);
        for second in (200..500).step_by(5) {
            for n in 0..17 {
                watch.look(&session(n, SessionState::InProgress, second), at(second));
            }
            let picked = watch.pick(at(second));
            assert!(picked.contains(&id(16)), "the one that can be read has its turn each time");
            for read in picked {
                if read == id(16) {
                    watch.mark_read(&read, at(second));
                } else {
                    watch.record_unreadable(&read, at(second));
                }
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_stops_nothing() {
        let mut watch = following(1);
        watch.look(&session(0, SessionState::InProgress, 4_000), at(4_000));
        watch.pick(at(4_000));
        watch.record_failure(Cause::JulesDown, Some(MINUTE * 60), at(4_000));
        watch.plan_next(at(4_000));
        watch.lease = Some(Lease::new(at(4_000), MINUTE));
        assert!(watch.may_begin(at(100)));
        watch.recover(at(100));
        assert_eq!(watch.trouble, None);
        assert_eq!(watch.due(at(100)), [id(0)]);
        assert!(watch.reads.left(READS, at(100)) > 0);
    }

    #[test]
    fn an_operators_trouble_is_told_once_and_a_hiccup_never() {
        let mut watch = following(1);
        assert!(!watch.record_failure(Cause::JulesDown, None, at(0)));
        watch.record_success(at(5));
        let told: Vec<bool> =
            (0..8).map(|n| watch.record_failure(Cause::JulesDown, None, at(n))).collect();
        assert_eq!(told.iter().filter(|told| **told).count(), 1);
        let told: Vec<bool> =
            (20..25).map(|n| watch.record_failure(Cause::JulesKeyRefused, None, at(n))).collect();
        assert_eq!(told, [false, false, true, false, false]);
        watch.plan_next(at(21));
        let wait = watch.wake_at(at(21)).unwrap().duration_since(at(21));
        assert!(wait >= SignedDuration::from_secs(8), "{wait:?}");
    }

    fn at_ms(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000 + ms).unwrap()
    }

    #[test]
    fn however_often_people_do_something_a_pass_is_due_in_time() {
        let mut watch = Watch::default();
        for (n, ms) in [0, 1500, 3000, 4500].into_iter().enumerate() {
            watch.touch(&id(n), &TaskId::parse("t").unwrap(), at_ms(ms));
            let due = watch.wake_at(at_ms(ms)).unwrap();
            assert!(due <= at_ms(3000), "after {ms} ms it is due at {due}");
        }
    }

    proptest! {
        /// Whatever was seen and went wrong before: what somebody does never postpones a pass.
        #[test]
        fn a_write_never_postpones_what_is_due(
            before in prop::collection::vec((0_usize..6, 0_i64..20_000, 0_u8..4), 0..12),
            stirs in prop::collection::vec((0_usize..9, 0_i64..400_000), 1..40),
        ) {
            let mut watch = following(6);
            let mut now = 0;
            for (n, wait, what) in before {
                now += wait;
                let states = [SessionState::InProgress, SessionState::AwaitingPlanApproval,
                    SessionState::Completed];
                match states.into_iter().nth(usize::from(what)) {
                    Some(state) => {
                        watch.look(&session(n, state, now), at_ms(now));
                        watch.record_success(at_ms(now));
                    }
                    None => {
                        watch.record_failure(Cause::JulesDown, None, at_ms(now));
                    }
                }
                watch.plan_next(at_ms(now));
                let rest = watch.wake_at(at_ms(now)).map(|due| due.duration_since(at_ms(now)));
                prop_assert!(rest.is_none_or(|rest| rest >= REST), "rests {rest:?}");
            }
            let mut due = watch.wake_at(at_ms(now));
            for (n, wait) in stirs {
                now += wait;
                watch.touch(&id(n), &TaskId::parse("t").unwrap(), at_ms(now));
                let next = watch.wake_at(at_ms(now)).unwrap();
                prop_assert!(due.is_none_or(|due| next <= due), "{due:?} became {next}");
                due = Some(next);
            }
        }
    }

    proptest! {
        /// Whatever moves, no minute has more than 75 reads.
        #[test]
        fn reads_stay_within_the_budget(moves in prop::collection::vec((0_usize..60, 1_i64..4), 1..300)) {
            let mut watch = following(60);
            let mut reads: Vec<i64> = Vec::new();
            let mut now = 0;
            for (n, wait) in moves {
                now += wait;
                watch.look(&session(n, SessionState::InProgress, now), at(now));
                for id in watch.pick(at(now)) {
                    watch.mark_read(&id, at(now));
                    reads.push(now);
                }
            }
            for (n, first) in reads.iter().enumerate() {
                let within = reads[n..].iter().filter(|time| **time - first < 60).count();
                prop_assert!(within <= 75, "{within} in the minute after {first}");
            }
        }
    }
}
