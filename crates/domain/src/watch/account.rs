//! What an account's sessions share: the meter of reads, the rest between passes, and what stands in
//! the way. What is known of one session is in its own document ([`WatchedSession`]).

use super::session::WatchedSession;
use crate::backoff::Backoff;
use crate::fault::Cause;
use crate::ids::SessionId;
use crate::lease::{Holders, Lease, is_from_the_future};
use crate::rate::{Gcra, READS};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const SECOND: SignedDuration = SignedDuration::from_secs(1);
pub(super) const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The rest between two passes, and between something people do and the look at its effect.
pub(super) const REST: SignedDuration = SignedDuration::from_secs(2);
/// How many single sessions may be asked for in one pass: a page each, in turn, so that the pass ends
/// soon even where each takes half a minute.
const MOST_GETS: usize = 5;
/// The longest wait that Jules is believed when it asks for one: a look costs little, and a wrong answer would silence
/// every thread.
const MOST_ASKED: SignedDuration = SignedDuration::from_mins(5);
/// No rest is ever longer.
const FARTHEST: SignedDuration = SignedDuration::from_mins(6);
/// How many reads one pass makes at most; the rest has its turn in the next.
const MOST_READS: usize = 15;
/// What has waited for so long may have a pass's last turn, whatever else there is: in a busy account it would
/// wait for ever.
const LONG: SignedDuration = SignedDuration::from_mins(10);
/// How many sessions that were not found are remembered: more say no more.
const MOST_LOST: usize = 8;

/// The watch over one account, as it is stored. Its size does not depend on how many sessions there are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// A replica makes a pass. It may take minutes, so its holder renews the lease; when the holder dies,
    /// the next pass is not far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// No pass begins before this. Only the end of a pass sets it: what people do never postpones a look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Timestamp>,
    /// When a pass last ended, whether the sessions could be listed or not.
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
    /// Sessions that Jules did not find since it last showed one that is followed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    lost: BTreeSet<SessionId>,
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
    /// The sessions could be listed, and what happened in them could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_readings: bool,
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
    /// How late people hear of a session. What delays all sessions of the account doesn't count.
    #[must_use]
    pub fn late(&self, session: &WatchedSession, now: Timestamp) -> SignedDuration {
        let Some(since) = session.late_since() else { return SignedDuration::ZERO };
        let since = self.trouble.as_ref().map_or(since, |trouble| since.max(trouble.until));
        now.duration_since(since).max(SignedDuration::ZERO)
    }

    /// Which of the sessions that the list did not show are asked for one by one.
    #[must_use]
    pub fn singles(missing: &[SessionId]) -> &[SessionId] {
        &missing[..missing.len().min(MOST_GETS)]
    }

    /// Picks what is read in this pass, within the budget: first what people wait for, then what moved,
    /// then what is only read to be sure, and of each whatever has waited longest.
    pub fn pick<'s>(
        &mut self,
        sessions: impl IntoIterator<Item = (&'s SessionId, &'s WatchedSession)>,
        now: Timestamp,
    ) -> Vec<SessionId> {
        let mut ready: Vec<_> =
            sessions.into_iter().filter(|(_, session)| session.readable(now)).collect();
        let waited =
            |session: &WatchedSession| session.unread.map_or(now, |unread| unread.min(now));
        // One whose reading fails comes last: it would take the turns of those that can be read.
        ready.sort_by_key(|(_, session)| {
            let fails = session.unreadable.is_some();
            (fails, session.is_swept(), !session.urgent, !session.is_touched(now), waited(session))
        });
        let room = usize::try_from(self.reads.left(READS, now)).unwrap_or(0).min(MOST_READS);
        let is_long = |nth: &usize| now.duration_since(waited(ready[*nth].1)) >= LONG;
        let longest = (room..ready.len()).filter(is_long).min_by_key(|nth| waited(ready[*nth].1));
        if let Some(longest) = longest.filter(|_| room > 1) {
            ready.swap(room - 1, longest);
        }
        let picked: Vec<_> = ready.into_iter().take(room).map(|(id, _)| id.clone()).collect();
        for _ in &picked {
            self.reads.reserve(READS, now);
        }
        picked
    }

    /// Jules showed a session that is followed: the key is this account's.
    pub fn record_found(&mut self) {
        self.lost.clear();
    }

    /// Jules did not find these, and showed none that is followed. True when that says that the key is
    /// another account's: of at least two sessions that were seen before and go on, it knows none.
    pub fn record_lost<'s>(&mut self, lost: impl IntoIterator<Item = &'s SessionId>) -> bool {
        for session in lost {
            if self.lost.len() < MOST_LOST {
                self.lost.insert(session.clone());
            }
        }
        self.lost.len() >= 2
    }

    /// Whether the last pass found that the key is another account's.
    #[must_use]
    pub fn is_of_another_account(&self) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.cause == Cause::JulesOtherAccount)
    }

    /// Whether Jules refuses the key, and not only for a moment.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let is_it =
            |trouble: &AccountTrouble| trouble.told && trouble.cause == Cause::JulesKeyRefused;
        self.trouble.as_ref().is_some_and(is_it)
    }

    /// A pass went well as far as it went: the trouble is over if what it was about was done. A list says nothing of
    /// whether activities can be read again.
    pub fn record_success(&mut self, is_listed: bool, has_read: bool) {
        self.trouble.take_if(|trouble| if trouble.is_of_readings { has_read } else { is_listed });
    }

    /// What was just recorded as a failure is about the readings alone.
    pub fn blame_readings(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.is_of_readings = true;
        }
    }

    /// A pass failed. True when the cards have to show it: when it continues, for one refusal of a key
    /// that works a moment later is no news, or when Jules asks for a long wait.
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
        let wait = after.map_or(grown, |asked| asked.min(MOST_ASKED).max(grown));
        let tells = !told && (failures >= HICCUPS || wait > MINUTE);
        let told = told || tells;
        let until = now + wait;
        self.trouble = Some(AccountTrouble { cause, failures, until, told, is_of_readings: false });
        tells
    }

    /// A pass ended, well or not: the next one begins after a rest, and after what is in the way.
    pub fn end_pass(&mut self, now: Timestamp) {
        self.lease = None;
        self.listed = Some(now);
        let rested = now + REST;
        let rest = self.trouble.as_ref().map_or(rested, |trouble| rested.max(trouble.until));
        self.rest = Some(rest);
    }

    /// Whether a pass may begin: nothing stands in the way, and no replica that lives makes one.
    #[must_use]
    pub fn may_begin(&self, holders: &Holders, now: Timestamp) -> bool {
        let free = self.lease.is_none_or(|lease| lease.is_free(holders, now));
        free && (self.rest.is_none_or(|rest| rest <= now) || self.is_stranded(now))
    }

    /// Whether the rest is longer than any that was ever made, or was made in a time to come: the clock
    /// was set back.
    fn is_stranded(&self, now: Timestamp) -> bool {
        self.rest.is_some_and(|rest| rest.duration_since(now) > FARTHEST)
            || self.listed.is_some_and(|listed| is_from_the_future(listed, now))
    }

    /// Forgets times that are further away than any that was ever set.
    pub fn recover(&mut self, now: Timestamp) {
        self.reads.recover(READS, now);
        let was_ahead = self.listed.take_if(|listed| is_from_the_future(*listed, now)).is_some();
        let is_far = |trouble: &mut AccountTrouble| trouble.until.duration_since(now) > FARTHEST;
        self.trouble.take_if(|trouble| was_ahead || is_far(trouble));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, TaskId, TeamId};
    use crate::session::SessionState;
    use crate::watch::Snapshot;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Sessions = BTreeMap<SessionId, WatchedSession>;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn id(n: usize) -> SessionId {
        SessionId::parse(&n.to_string()).unwrap()
    }

    fn snapshot(state: SessionState, updated: i64) -> Snapshot {
        Snapshot {
            state: Some(state),
            updated: Some(at(updated)),
            archived: false,
            pull_requests: Vec::new(),
        }
    }

    fn followed(count: usize) -> Sessions {
        let (team, task) = (TeamId::parse("T1").unwrap(), TaskId::parse("t").unwrap());
        let one = WatchedSession::new(team, AccountId::of_settings(), task, at(0));
        (0..count).map(|n| (id(n), one.clone())).collect()
    }

    fn look(sessions: &mut Sessions, n: usize, state: SessionState, second: i64) {
        sessions.get_mut(&id(n)).unwrap().look(snapshot(state, second), at(second));
    }

    #[test]
    fn what_people_wait_for_is_read_first_and_never_more_than_the_budget() {
        let (mut watch, mut sessions) = (Watch::default(), followed(40));
        for n in 0..40 {
            look(&mut sessions, n, SessionState::InProgress, 300);
            sessions.get_mut(&id(n)).unwrap().mark_read(at(300));
        }
        for n in 0..40 {
            let state =
                if n == 39 { SessionState::AwaitingPlanApproval } else { SessionState::InProgress };
            look(&mut sessions, n, state, 310);
        }
        let picked = watch.pick(&sessions, at(310));
        assert_eq!(picked.len(), 15);
        assert_eq!(picked[0], id(39));
        assert_eq!(watch.pick(&sessions, at(310)), Vec::new());
        assert_eq!(watch.pick(&sessions, at(312)).len(), 2);
    }

    #[test]
    fn a_session_is_late_from_when_something_moved_until_that_is_read() {
        let (mut watch, mut sessions) = (Watch::default(), followed(1));
        let mut one = sessions.remove(&id(0)).unwrap();
        one.look(snapshot(SessionState::InProgress, 300), at(300));
        one.mark_read(at(300));
        one.plan_next(at(300));
        let due = one.next.unwrap();
        assert_eq!(watch.late(&one, due), SignedDuration::ZERO);
        assert_eq!(watch.late(&one, due + SECOND * 45), SECOND * 45, "a look is due");

        one.look(snapshot(SessionState::InProgress, 310), at(310));
        for second in [311, 320, 340] {
            one.record_unreadable(at(second));
            one.look(snapshot(SessionState::InProgress, 310), at(second));
            one.plan_next(at(second));
            assert!(one.next > Some(at(second)), "no look is due");
            let late = watch.late(&one, at(second));
            assert_eq!(late, SignedDuration::from_secs(second - 310), "it isn't read");
        }
        watch.record_failure(Cause::JulesDown, None, at(340));
        assert_eq!(watch.late(&one, at(341)), SignedDuration::ZERO, "nothing can be read");
        watch.record_success(true, true);
        one.mark_read(at(350));
        one.plan_next(at(350));
        assert_eq!(watch.late(&one, at(350)), SignedDuration::ZERO);

        one.look(snapshot(SessionState::InProgress, 310), at(900));
        one.plan_next(at(900));
        assert!(one.unread.is_some(), "it's read again to be sure");
        assert_eq!(watch.late(&one, at(901)), SignedDuration::ZERO);
    }

    #[test]
    fn what_moved_does_not_wait_for_those_in_which_nothing_did() {
        let (mut watch, mut sessions) = (Watch::default(), followed(400));
        for n in 0..400 {
            look(&mut sessions, n, SessionState::InProgress, 100);
            sessions.get_mut(&id(n)).unwrap().mark_read(at(100));
        }
        for second in (300..3_000).step_by(5) {
            for n in 0..400 {
                let session = sessions.get_mut(&id(n)).unwrap();
                let updated = if n == 7 { second } else { 100 };
                session.look(snapshot(SessionState::InProgress, updated), at(second));
            }
            let picked = watch.pick(&sessions, at(second));
            assert_eq!(picked[0], id(7), "{second}");
            for read in picked {
                sessions.get_mut(&read).unwrap().mark_read(at(second));
            }
        }
    }

    /// Of sixty sessions something always moves in all but the last, for half an hour; the time at which that
    /// was read last.
    fn read_beside_a_busy_crowd(last: fn(&mut WatchedSession)) -> Timestamp {
        let (mut watch, mut sessions) = (Watch::default(), followed(60));
        last(sessions.get_mut(&id(59)).unwrap());
        for second in (300..2_100).step_by(5) {
            for n in 0..60 {
                let updated = if n < 59 { second } else { 100 };
                let session = sessions.get_mut(&id(n)).unwrap();
                session.look(snapshot(SessionState::InProgress, updated), at(second));
            }
            for read in watch.pick(&sessions, at(second)) {
                sessions.get_mut(&read).unwrap().mark_read(at(second));
            }
        }
        sessions[&id(59)].read.unwrap()
    }

    #[test]
    fn whatever_has_waited_for_long_is_read_however_much_moves_elsewhere() {
        let to_be_sure = read_beside_a_busy_crowd(|session| session.mark_read(at(200)));
        assert!(to_be_sure > at(900), "{to_be_sure}");
        let failed_once = read_beside_a_busy_crowd(|session| session.record_unreadable(at(200)));
        assert!(failed_once > at(600), "{failed_once}");
    }

    #[test]
    fn one_that_cannot_be_read_waits_alone() {
        let (mut watch, mut sessions) = (Watch::default(), followed(17));
        for second in (200..500).step_by(5) {
            for n in 0..17 {
                look(&mut sessions, n, SessionState::InProgress, second);
            }
            let picked = watch.pick(&sessions, at(second));
            assert!(picked.contains(&id(16)), "the one that can be read has its turn each time");
            for read in picked {
                let session = sessions.get_mut(&read).unwrap();
                if read == id(16) {
                    session.mark_read(at(second));
                } else {
                    session.record_unreadable(at(second));
                }
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_stops_nothing() {
        let (mut watch, mut sessions) = (Watch::default(), followed(1));
        look(&mut sessions, 0, SessionState::InProgress, 4_000);
        watch.pick(&sessions, at(4_000));
        watch.record_failure(Cause::JulesDown, Some(MINUTE * 60), at(4_000));
        watch.end_pass(at(4_000));
        let holders = Holders::default();
        watch.lease = Some(holders.lease(at(4_000), MINUTE));
        assert!(watch.may_begin(&holders, at(100)));
        watch.recover(at(100));
        assert_eq!(watch.trouble, None);
        assert!(sessions[&id(0)].is_due(at(100)));
        assert!(watch.reads.left(READS, at(100)) > 0);
    }

    #[test]
    fn a_pass_that_failed_while_the_clock_was_ahead_holds_up_none_afterwards() {
        let mut watch = Watch::default();
        watch.record_failure(Cause::JulesDown, None, at(3_600));
        watch.end_pass(at(3_600));
        let holders = Holders::default();
        assert!(!watch.may_begin(&holders, at(3_601)));
        assert!(watch.may_begin(&holders, at(10)), "the clock was set right");
    }

    #[test]
    fn an_operators_trouble_is_told_once_and_a_hiccup_never() {
        let mut watch = Watch::default();
        assert!(!watch.record_failure(Cause::JulesDown, None, at(0)));
        watch.record_success(true, false);
        let told: Vec<bool> =
            (0..8).map(|n| watch.record_failure(Cause::JulesDown, None, at(n))).collect();
        assert_eq!(told.iter().filter(|told| **told).count(), 1);
        let told: Vec<bool> =
            (20..25).map(|n| watch.record_failure(Cause::JulesKeyRefused, None, at(n))).collect();
        assert_eq!(told, [false, false, true, false, false]);
        watch.end_pass(at(21));
        assert!(!watch.may_begin(&Holders::default(), at(28)), "it is asked less and less often");
        assert!(watch.may_begin(&Holders::default(), at(24 + 64)));
    }

    #[test]
    fn readings_that_are_refused_are_waited_for_longer_each_time_although_the_list_is_read() {
        let mut watch = Watch::default();
        let mut told = Vec::new();
        for n in 0..4 {
            told.push(watch.record_failure(Cause::JulesBusy, None, at(n)));
            watch.blame_readings();
            watch.record_success(true, false);
        }
        assert_eq!(told, [false, false, true, false]);
        let trouble = watch.trouble.clone().unwrap();
        assert_eq!((trouble.failures, trouble.until), (4, at(3 + 32)));
        watch.record_success(false, true);
        assert_eq!(watch.trouble, None, "one was read");
        watch.record_failure(Cause::JulesDown, None, at(0));
        watch.record_success(false, true);
        assert!(watch.trouble.is_some(), "a reading says nothing of the list");
        watch.record_success(true, false);
        assert_eq!(watch.trouble, None);
    }

    #[test]
    fn a_long_wait_that_jules_asks_for_is_told_at_once_and_cut() {
        let mut watch = Watch::default();
        assert!(!watch.record_failure(Cause::JulesBusy, Some(MINUTE), at(0)), "a hiccup");
        watch.record_success(true, false);
        assert!(watch.record_failure(Cause::JulesBusy, Some(MINUTE * 60), at(0)));
        assert!(!watch.record_failure(Cause::JulesBusy, Some(MINUTE * 60), at(0)), "once");
        watch.end_pass(at(0));
        let holders = Holders::default();
        assert!(!watch.may_begin(&holders, at(299)));
        assert!(watch.may_begin(&holders, at(300)));
        watch.record_failure(Cause::JulesBusy, Some(SECOND), at(300));
        assert_eq!(
            watch.trouble.unwrap().until,
            at(316),
            "one that asks for short waits in vain is asked less often"
        );
    }

    #[test]
    fn two_that_vanish_with_nothing_seen_between_are_another_accounts() {
        let mut watch = Watch::default();
        assert!(!watch.record_lost([&id(1)]));
        assert!(!watch.record_lost([&id(1)]), "one that is deleted says nothing of the key");
        watch.record_found();
        assert!(!watch.record_lost([&id(2)]), "each may be deleted in its time");
        assert!(watch.record_lost([&id(1)]));
        watch.record_found();
        assert!(!watch.record_lost([&id(1)]));
    }

    #[test]
    fn a_watch_is_as_small_whatever_was_lost() {
        let mut watch = Watch::default();
        for n in 0..10_000 {
            watch.record_lost([&id(n)]);
        }
        assert!(serde_json::to_vec(&watch).unwrap().len() < 512);
    }

    proptest! {
        /// Whatever moves, no minute has more than 75 reads.
        #[test]
        fn reads_stay_within_the_budget(moves in prop::collection::vec((0_usize..60, 1_i64..4), 1..300)) {
            let (mut watch, mut sessions) = (Watch::default(), followed(60));
            let mut reads: Vec<i64> = Vec::new();
            let mut now = 0;
            for (n, wait) in moves {
                now += wait;
                look(&mut sessions, n, SessionState::InProgress, now);
                for read in watch.pick(&sessions, at(now)) {
                    sessions.get_mut(&read).unwrap().mark_read(at(now));
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
