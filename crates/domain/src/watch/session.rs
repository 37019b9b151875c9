//! One session that a task follows: how it looked, and when it is looked at again.

use super::account::{MINUTE, REST, SECOND};
use crate::backoff::Backoff;
use crate::ids::{AccountId, TaskId, TeamId};
use crate::omitted::is_zero;
use crate::session::{Session, SessionState};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// After a person did something its effect is awaited: for so long, and so quickly.
const TOUCHED: SignedDuration = SignedDuration::from_mins(2);
/// While Jules works, activities are read again after this even if nothing seems to have moved:
/// `updateTime` is only a hint (jules-api.md §9.12).
const SWEEP: SignedDuration = SignedDuration::from_mins(2);
/// The same while a person is awaited.
const SWEEP_AWAITING: SignedDuration = SignedDuration::from_mins(5);
/// The same in the first half hour after the end.
const SWEEP_OVER: SignedDuration = SignedDuration::from_mins(1);
/// The same right after the end, or after a person began to be awaited: the state may say it before the activity does,
/// and `updateTime` doesn't move again.
const SWEEP_NEW: SignedDuration = SignedDuration::from_secs(5);
const NEW: SignedDuration = SignedDuration::from_secs(30);
/// The same in the first minutes in which a person is awaited. It is a little less than the time between two looks, so
/// that each of them reads.
const SWEEP_AWAITING_SOON: SignedDuration = SignedDuration::from_secs(25);
const SOON: SignedDuration = SignedDuration::from_mins(5);
/// A session is gone when Jules did not find it so often, over so long. One 404 says little: young
/// sessions and other accounts have them, too (jules-api.md §1.6).
const GONE_AFTER: u32 = 3;
const GONE_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How often one is asked for that was not found, and how often once its task was told.
const MISSING_EVERY: SignedDuration = SignedDuration::from_mins(2);
const GONE_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// One that is gone is looked for this often, which takes about a day. Counted, because a clock that is ahead
/// for a minute makes a day of it.
const GONE_LOOKS: u32 = 150;
/// The waits after readings of its activities that failed.
const READ_AGAIN: Backoff =
    Backoff::new(SignedDuration::from_secs(5), SignedDuration::from_mins(5));
/// After this many failed readings in a row (a little over a minute), the task goes by the state alone.
const UNREAD_AFTER: u32 = 5;
/// So long a session may be unread because Jules refuses all readings, until its task goes by the state alone.
const UNREAD_FOR: SignedDuration = MINUTE;
/// The activities of a session that has ended are tried this often, which takes about a day.
const READ_AT_MOST: u32 = 300;
/// From this failure on, about an hour before the last, the task ends without knowing what came of it.
const ENDED_AFTER: u32 = READ_AT_MOST - 12;
/// A session that ended, and was read since, is looked after for so long: its pull request may come late, and
/// it may be woken on Jules' own page. Afterwards it costs no call, and is noticed only beside others.
const AFTERCARE: SignedDuration = SignedDuration::from_mins(30);
/// It also gets this many looks, fewer than half an hour has: a clock that is ahead ends the half hour at once.
const AFTERCARE_LOOKS: u32 = 20;
/// One that is paused is looked at for so long, though seldom: someone may have it continue.
const PAUSED_FOR: SignedDuration = SignedDuration::from_hours(12);
/// Work that goes on is read no oftener than this.
const READ_REST: SignedDuration = SignedDuration::from_secs(5);
/// No wait for a look is as long as this; one that is longer is from before the clock was set back.
pub const FARTHEST: SignedDuration = SignedDuration::from_mins(15);
/// A session that is not looked at any more is remembered for as long as its task: while it is, no other
/// task takes it for its own.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What a session looks like from outside; when it changes, something moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SessionState>,
    /// When Jules last touched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// Whether it is archived.
    pub archived: bool,
    /// The addresses of its pull requests, in order.
    pub pull_requests: Vec<String>,
}

impl Snapshot {
    /// The snapshot of a session. If the read didn't ask whether it is archived, that stays as in `before`.
    #[must_use]
    pub fn of(session: &Session, before: Option<&Self>) -> Self {
        let was_archived = before.is_some_and(|before| before.archived);
        let urls = session.pull_requests.iter().map(|pull_request| pull_request.url.clone());
        let mut pull_requests: Vec<String> = urls.collect();
        pull_requests.sort();
        Self {
            pull_requests,
            state: session.state.clone(),
            updated: session.updated,
            archived: session.archived.unwrap_or(was_archived),
        }
    }

    /// It differs in what people are told, not only in when Jules touched it.
    fn differs_in_words(&self, other: &Self) -> bool {
        self.state != other.state
            || self.archived != other.archived
            || self.pull_requests != other.pull_requests
    }
}

/// One session and the task it belongs to, which is one for good: a document of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchedSession {
    /// The workspace of the task.
    pub team: TeamId,
    /// The account at Jules.
    pub account: AccountId,
    /// The task.
    pub task: TaskId,
    /// Since when it is followed.
    pub since: Timestamp,
    /// When a person last did something about it.
    pub touched: Timestamp,
    /// How it looked last; `None` before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
    /// When that changed last.
    pub moved: Timestamp,
    /// Since when something has moved that was not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Timestamp>,
    /// What moved is worth being read before others.
    pub urgent: bool,
    /// When its activities were read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Timestamp>,
    /// The last reading ended before it had all of them: the next one continues there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    /// When it is looked at, or read, next; `None` while it is not worth a call. It is stored, not
    /// computed from the time of a write: otherwise each write in a busy team would postpone the look, and
    /// the busiest would hear nothing. Only a look makes it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// When it was last looked for in a list, or asked for alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Timestamp>,
    /// Since when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
    /// How often it was looked at since it is over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub looks_over: u32,
    /// Its activities could not be read lately. It waits alone: no other session is read later for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// Jules does not find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

/// Readings of a session's activities that failed in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// How many.
    pub failures: u32,
    /// Not before this time again.
    pub until: Timestamp,
}

/// Looks that did not find a session, in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// How many.
    pub looks: u32,
    /// When the first of them was.
    pub since: Timestamp,
    /// Its task was told that it is gone.
    pub told: bool,
}

/// How a session is going, as far as looking at it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    Works,
    Awaits,
    Over,
}

impl WatchedSession {
    /// A session that was just made, or found. It is followed once its task knows of it, and
    /// [touches](Self::touch) it.
    #[must_use]
    pub fn new(team: TeamId, account: AccountId, task: TaskId, now: Timestamp) -> Self {
        Self {
            team,
            account,
            task,
            since: now,
            touched: now,
            snapshot: None,
            moved: now,
            unread: Some(now),
            urgent: false,
            read: None,
            is_cut: false,
            next: None,
            seen: None,
            over: None,
            looks_over: 0,
            unreadable: None,
            missing: None,
        }
    }

    fn going(&self) -> Going {
        let Some(snapshot) = &self.snapshot else { return Going::Works };
        if snapshot.archived {
            return Going::Over;
        }
        match &snapshot.state {
            None
            | Some(
                SessionState::Queued
                | SessionState::Planning
                | SessionState::InProgress
                | SessionState::Unspecified
                | SessionState::Unknown(_),
            ) => Going::Works,
            Some(SessionState::AwaitingPlanApproval | SessionState::AwaitingUserFeedback) => {
                Going::Awaits
            }
            Some(SessionState::Paused | SessionState::Failed | SessionState::Completed) => {
                Going::Over
            }
        }
    }

    /// A person did something about it, or its task just began to follow it. The next look comes sooner
    /// for it, and never later. One that is over is looked after as if it had just ended: Jules may take
    /// minutes to wake it.
    pub fn touch(&mut self, now: Timestamp) {
        self.touched = now;
        if let Some(over) = &mut self.over {
            (*over, self.looks_over) = (now, 0);
        }
        self.unread.get_or_insert(now);
        let wanted = self.due(now).map(|due| due.max(now + REST));
        self.next = self.next.into_iter().chain(wanted).min();
    }

    /// It was looked at, or read, as far as that could be: plans what comes next.
    pub fn plan_next(&mut self, now: Timestamp) {
        self.correct(now);
        let look = self.due(now);
        // What could not be read for want of budget or rest is read soon. Where nothing moved it can wait for
        // the next look, which shows the session too: that saves a call.
        let waits = self.unread.is_some()
            && !self.is_swept()
            && self.missing.is_none()
            && self.cadence(now).is_some();
        let read = waits.then(|| self.readable_from().unwrap_or(now).max(now + READ_REST));
        let next = [look, read].into_iter().flatten().min();
        self.next = next.map(|next| next.max(now + REST));
    }

    /// When it is forgotten: not while it is looked at.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.next.is_none().then(|| now + KEPT)
    }

    /// Whether a look at it is due.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due(now).is_some_and(|due| due <= now)
    }

    /// How late a look at it is, as a multiple of the time between two, which is shorter the more happens in it.
    #[must_use]
    pub fn lateness(&self, now: Timestamp) -> f64 {
        let (Some(cadence), Some(seen)) = (self.cadence(now), past(self.seen, now)) else {
            return f64::INFINITY;
        };
        now.duration_since(seen + cadence).div_duration_f64(cadence)
    }

    /// Since when people may wait for what it has to say: something moved that isn't read yet, whatever is in the way of
    /// that, or its next look is due. A reading that is only to be sure keeps nobody waiting.
    pub(super) fn late_since(&self) -> Option<Timestamp> {
        let next = self.next?;
        let moved = self.unread.filter(|_| !self.is_swept() && self.missing.is_none());
        Some(moved.map_or(next, |moved| moved.min(next)))
    }

    /// From when on a look that costs no call of its own is worth being stored: when half of the wait for
    /// its next is over, or when it is to be read. So the looks at an account's sessions fall together.
    #[must_use]
    pub fn worth_a_look(&self, now: Timestamp) -> Option<Timestamp> {
        let cadence = self.cadence(now)?;
        let half = past(self.seen, now).map_or(now, |seen| seen + cadence / 2);
        let read = self.unread.and(self.next);
        Some(read.map_or(half, |read| read.min(half)))
    }

    /// What a pass found, put into the document as it is by now: someone may have done something about
    /// the session in the meantime, and waits for a look at what came of that, or it may have moved to another
    /// task, which was told nothing yet.
    #[must_use]
    pub fn merged(mut self, live: &Self) -> Self {
        let has_moved = (&live.team, &live.task) != (&self.team, &self.task);
        if live.touched > self.touched || has_moved {
            (self.team, self.task) = (live.team.clone(), live.task.clone());
            self.touched = self.touched.max(live.touched);
            // What the live document waits for was not read by the pass.
            self.unread = self.unread.or(live.unread);
            self.read = live.read;
            if self.over.is_some() && live.over.is_some() {
                (self.over, self.looks_over) = (live.over, live.looks_over);
            }
            self.next = self.next.into_iter().chain(live.next).min();
        }
        self
    }

    /// Whether it should be at Jules: it was seen there, and goes on.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        self.snapshot.is_some() && !self.is_over()
    }

    /// Whether Jules itself is at work on it, which takes one of the account's few places.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| {
            snapshot.state.as_ref().is_some_and(SessionState::is_busy) && !snapshot.archived
        })
    }

    /// Whether nothing more comes, unless someone wakes it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.going() == Going::Over
    }

    /// Whether the effect of what a person did is awaited.
    pub(super) fn is_touched(&self, now: Timestamp) -> bool {
        now.duration_since(self.touched) < TOUCHED
    }

    /// How long after a look the next one is due; `None` when it is not worth a call of its own.
    #[must_use]
    pub(crate) fn cadence(&self, now: Timestamp) -> Option<SignedDuration> {
        if let Some(missing) = self.missing {
            let every = if missing.told { GONE_EVERY } else { MISSING_EVERY };
            return (missing.looks < GONE_LOOKS).then_some(every);
        }
        if self.is_touched(now) {
            return Some(SECOND * 3);
        }
        let quiet = now.duration_since(self.moved);
        match self.going() {
            Going::Works if quiet < MINUTE => Some(SECOND * 5),
            Going::Works if quiet < MINUTE * 10 => Some(SECOND * 10),
            Going::Works if quiet < MINUTE * 120 => Some(SECOND * 30),
            Going::Works => Some(MINUTE * 5),
            Going::Awaits if quiet < NEW => Some(SECOND * 10),
            Going::Awaits if quiet < MINUTE * 60 => Some(SECOND * 30),
            Going::Awaits => Some(MINUTE * 2),
            Going::Over if self.over_for(now) < MINUTE * 2 => Some(SECOND * 10),
            Going::Over if self.is_looked_after(now) || self.is_to_be_read() => Some(MINUTE * 2),
            Going::Over => self.may_be_resumed(now).then_some(MINUTE * 10),
        }
    }

    fn over_for(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.over.unwrap_or(self.moved))
    }

    /// Whether something may come after its end.
    fn is_looked_after(&self, now: Timestamp) -> bool {
        self.over_for(now) < AFTERCARE || self.looks_over < AFTERCARE_LOOKS
    }

    /// Whether it's paused, and someone may have it continue on Jules' own page.
    fn may_be_resumed(&self, now: Timestamp) -> bool {
        let is_paused = self.snapshot.as_ref().is_some_and(|snapshot| {
            snapshot.state == Some(SessionState::Paused) && !snapshot.archived
        });
        is_paused && self.over_for(now) < PAUSED_FOR
    }

    /// Whether something of it is still to be told: how it ended, unless that can't be learned.
    fn is_to_be_read(&self) -> bool {
        let failures = self.unreadable.map_or(0, |unreadable| unreadable.failures);
        self.unread.is_some() && failures < READ_AT_MOST
    }

    /// When it should be looked at.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let cadence = self.cadence(now)?;
        Some(past(self.seen, now).map_or(now, |seen| seen + cadence))
    }

    /// Takes in how it looks now; true when people should be told something.
    pub fn look(&mut self, snapshot: Snapshot, now: Timestamp) -> bool {
        self.seen = Some(now);
        let was_gone = self.missing.take().is_some_and(|missing| missing.told);
        let differs = self.snapshot.as_ref().is_none_or(|old| old.differs_in_words(&snapshot));
        let words = differs || was_gone;
        // What became of one that was gone is told by its words, too.
        if self.snapshot.as_ref() != Some(&snapshot) || was_gone {
            self.moved = now;
            self.unread.get_or_insert(now);
            self.urgent |= words;
        }
        self.snapshot = Some(snapshot);
        let going = self.going();
        self.over = (going == Going::Over).then(|| self.over.unwrap_or(now));
        self.looks_over = self.over.map_or(0, |_| self.looks_over.saturating_add(1));
        let quiet = now.duration_since(self.moved);
        // Its last word, or what it waits for, may come a little after its state; after a while nothing more comes.
        let sweep = match going {
            Going::Works => Some(SWEEP),
            Going::Awaits if quiet < NEW => Some(SWEEP_NEW),
            Going::Awaits if quiet < SOON => Some(SWEEP_AWAITING_SOON),
            Going::Awaits => Some(SWEEP_AWAITING),
            Going::Over if self.over_for(now) < NEW => Some(SWEEP_NEW),
            Going::Over => self.is_looked_after(now).then_some(SWEEP_OVER),
        };
        let is_stale =
            |sweep| past(self.read, now).is_none_or(|read| now.duration_since(read) >= sweep);
        if sweep.is_some_and(is_stale) {
            self.unread.get_or_insert(now);
        }
        words
    }

    /// Its activities were read to the end.
    pub fn mark_read(&mut self, now: Timestamp) {
        self.read = Some(now);
        self.unread = None;
        self.urgent = false;
        self.unreadable = None;
        self.is_cut = false;
    }

    /// Its activities were read, and there are more.
    pub fn mark_cut(&mut self) {
        self.is_cut = true;
    }

    /// Its activities were read to the end by a reading that began then: what moved meanwhile may be missing.
    pub fn mark_read_since(&mut self, began: Timestamp, now: Timestamp) {
        let (has_moved, urgent) = (self.moved > began || self.touched > began, self.urgent);
        self.mark_read(now);
        if has_moved {
            // It isn't read to the end of what moved.
            (self.read, self.unread, self.urgent) = (Some(began), Some(now), urgent);
        }
    }

    /// It was asked for, and Jules did not say in time how it is: others have their turn first, and a reading, which
    /// may take longer, asks for it too.
    pub fn record_unanswered(&mut self, now: Timestamp) {
        self.seen = Some(now);
        self.unread.get_or_insert(now);
    }

    /// A look did not find it. True when that is enough to tell its task, once.
    pub fn record_missing(&mut self, now: Timestamp) -> bool {
        self.correct(now);
        self.seen = Some(now);
        let missing = self.missing.get_or_insert(Missing { looks: 0, since: now, told: false });
        missing.looks += 1;
        let enough = missing.looks >= GONE_AFTER && now.duration_since(missing.since) >= GONE_FOR;
        let tells = enough && !missing.told;
        missing.told |= tells;
        tells
    }

    /// A time that was noted while the clock was ahead counts as now.
    fn correct(&mut self, now: Timestamp) {
        let missing = self.missing.as_mut().map(|missing| &mut missing.since);
        let noted = [&mut self.touched, &mut self.moved].into_iter();
        for noted in noted.chain(self.over.as_mut()).chain(missing) {
            *noted = (*noted).min(now);
        }
    }

    /// Its activities could not be read: the next reading waits, longer each time.
    pub fn record_unreadable(&mut self, now: Timestamp) {
        let failures = self.unreadable.map_or(0, |before| before.failures) + 1;
        self.unreadable = Some(Unreadable { failures, until: now + READ_AGAIN.wait(failures) });
    }

    /// Whether the task has to go by the state alone: its activities couldn't be read for a while, and Jules is waiting
    /// for someone or has ended. `Some(true)`: after about a day, for the last time.
    #[must_use]
    pub fn goes_unread(&self) -> Option<bool> {
        let failures = self.unreadable?.failures;
        let matters = failures >= UNREAD_AFTER && self.going() != Going::Works;
        matters.then_some(failures >= ENDED_AFTER)
    }

    /// Whether the task has to go by the state alone although nothing is wrong with this session: Jules has refused all
    /// readings for a while, and is waiting for someone in it or has ended.
    #[must_use]
    pub fn is_refused_for_long(&self, now: Timestamp) -> bool {
        let waits = self.unread.is_some_and(|since| now.duration_since(since) >= UNREAD_FOR);
        waits && self.going() != Going::Works
    }

    /// From when on its activities may be read again after readings that failed.
    fn readable_from(&self) -> Option<Timestamp> {
        self.unreadable.map(|unreadable| unreadable.until)
    }

    /// Whether its next reading is only to be sure: nothing has moved since the last.
    pub(super) fn is_swept(&self) -> bool {
        self.read.is_some_and(|read| self.moved.max(self.touched) <= read)
    }

    /// Whether its activities may be read now.
    pub(super) fn readable(&self, now: Timestamp) -> bool {
        let rested = past(self.read, now).is_none_or(|read| now.duration_since(read) >= READ_REST);
        let waits = self
            .readable_from()
            .is_some_and(|from| from > now && from.duration_since(now) < FARTHEST);
        self.unread.is_some() && (rested || self.urgent) && !waits && self.missing.is_none()
    }
}

/// A time at which something was done; none if that is a time to come, from before the clock was set
/// back. The clocks of two replicas may differ a little.
fn past(done: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    done.filter(|done| done.duration_since(now) < MINUTE * 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn snapshot(state: SessionState, updated: i64) -> Snapshot {
        Snapshot {
            state: Some(state),
            updated: Some(at(updated)),
            archived: false,
            pull_requests: Vec::new(),
        }
    }

    fn followed() -> WatchedSession {
        let (team, task) = (TeamId::parse("T1").unwrap(), TaskId::parse("t").unwrap());
        WatchedSession::new(team, AccountId::of_settings(), task, at(0))
    }

    #[test]
    fn one_that_moved_to_another_task_during_a_pass_stays_there() {
        let mut passed = followed();
        passed.look(snapshot(SessionState::InProgress, 10), at(10));
        passed.mark_read(at(10));
        passed.plan_next(at(10));
        let mut live = followed();
        live.task = TaskId::parse("new").unwrap();
        live.unread = Some(at(9));
        let merged = passed.merged(&live);
        assert_eq!(merged.task, live.task);
        assert_eq!(merged.unread, Some(at(9)), "the new task was told nothing yet");
    }

    #[test]
    fn one_at_work_is_later_than_a_quiet_one_that_was_seen_at_the_same_time() {
        let mut at_work = followed();
        at_work.look(snapshot(SessionState::InProgress, 1_000), at(1_000));
        let mut quiet = followed();
        quiet.look(snapshot(SessionState::InProgress, 300), at(300));
        quiet.look(snapshot(SessionState::InProgress, 300), at(1_000));
        assert!(followed().lateness(at(1_010)) > at_work.lateness(at(1_010)), "never seen");
        assert!(at_work.lateness(at(1_010)) > quiet.lateness(at(1_010)));
        quiet.record_unanswered(at(1_010));
        assert!(!quiet.is_due(at(1_012)), "it was asked for");
        at_work.look(snapshot(SessionState::InProgress, 1_000), at(1_300));
        assert!(quiet.lateness(at(1_310)) > at_work.lateness(at(1_310)), "each has its turn");
    }

    #[test]
    fn one_that_jules_does_not_find_is_gone_late_and_back_when_it_is_seen() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::InProgress, 0), at(300));
        assert!(![310, 320, 330].into_iter().any(|second| follow.record_missing(at(second))));
        assert!(follow.record_missing(at(620)), "after five minutes");
        assert!(!follow.record_missing(at(800)), "once");
        assert!(
            follow.look(snapshot(SessionState::InProgress, 0), at(900)),
            "its task has to be told"
        );
        assert!(!follow.record_missing(at(910)), "counted anew");
    }

    #[test]
    fn one_that_is_over_is_looked_after_again_when_someone_writes_to_it() {
        let mut follow = followed();
        for second in (10..2_000).step_by(60) {
            follow.look(snapshot(SessionState::Completed, 10), at(second));
            follow.mark_read(at(second));
        }
        assert_eq!(follow.cadence(at(2_000)), None);
        follow.touch(at(2_000));
        follow.look(snapshot(SessionState::Completed, 10), at(2_003));
        follow.mark_read(at(2_003));
        assert!(follow.cadence(at(2_180)).is_some(), "Jules may take three minutes to wake it");
    }

    #[test]
    fn half_an_hour_after_the_end_nothing_is_read_any_more() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::Completed, 10), at(10));
        (follow.read, follow.unread) = (Some(at(12)), None);
        follow.look(snapshot(SessionState::Completed, 10), at(20));
        assert!(follow.readable(at(20)), "its last word may come a little after its state");
        for second in (30..1_800).step_by(60) {
            follow.look(snapshot(SessionState::Completed, 10), at(second));
            follow.mark_read(at(second));
        }
        for second in (2_000..90_000).step_by(60) {
            follow.look(snapshot(SessionState::Completed, 10), at(second));
            assert!(!follow.readable(at(second)), "after {second} s");
        }
    }

    #[test]
    fn how_one_ended_is_read_however_long_that_takes_and_whatever_the_clock_shows() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::Completed, 10), at(10));
        // The second time is that of a clock which is two days ahead.
        for second in [3_600, 180_000, 3_700] {
            follow.record_unreadable(at(second));
            follow.plan_next(at(second));
            assert!(follow.next.is_some(), "after {second} s");
        }
        follow.looks_over = AFTERCARE_LOOKS;
        let mut read = follow.clone();
        read.mark_read(at(4_000));
        read.plan_next(at(4_000));
        assert_eq!(read.next, None);
        (0..READ_AT_MOST).for_each(|_| follow.record_unreadable(at(4_000)));
        follow.plan_next(at(4_000));
        assert_eq!(follow.next, None, "not for ever");
    }

    #[test]
    fn what_cannot_be_read_for_a_while_goes_by_its_state_unless_it_works() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::AwaitingUserFeedback, 10), at(10));
        (1..UNREAD_AFTER).for_each(|n| follow.record_unreadable(at(10 + i64::from(n))));
        assert_eq!(follow.goes_unread(), None, "a hiccup");
        follow.record_unreadable(at(80));
        assert_eq!(follow.goes_unread(), Some(false));
        follow.look(snapshot(SessionState::InProgress, 90), at(90));
        assert_eq!(follow.goes_unread(), None, "nobody waits for it");
        follow.look(snapshot(SessionState::Completed, 100), at(100));
        assert_eq!(follow.goes_unread(), Some(false));
        (0..ENDED_AFTER).for_each(|_| follow.record_unreadable(at(100)));
        assert_eq!(follow.goes_unread(), Some(true));
        assert!(follow.is_to_be_read(), "it's told before it is given up");
        follow.mark_read(at(200));
        assert_eq!(follow.goes_unread(), None);
    }

    #[test]
    fn what_is_awaited_may_come_after_its_state() {
        let mut follow = followed();
        let mut read_at = |second: i64| {
            follow.look(snapshot(SessionState::AwaitingPlanApproval, 300), at(second));
            let is_read = follow.readable(at(second));
            if is_read {
                follow.mark_read(at(second + 1));
            }
            is_read
        };
        let looks = [300, 310, 320, 330, 360, 390, 480, 590, 630, 890, 900];
        let read: Vec<i64> = looks.into_iter().filter(|second| read_at(*second)).collect();
        assert_eq!(read, [300, 310, 320, 360, 390, 480, 590, 900]);
    }

    #[test]
    fn what_is_refused_for_a_while_goes_by_its_state_unless_it_works() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::InProgress, 10), at(10));
        assert!(!follow.is_refused_for_long(at(300)), "nobody waits for it");
        follow.mark_read(at(300));
        follow.look(snapshot(SessionState::AwaitingUserFeedback, 310), at(310));
        assert!(!follow.is_refused_for_long(at(340)), "a hiccup");
        assert!(follow.is_refused_for_long(at(370)));
        follow.mark_read(at(371));
        assert!(!follow.is_refused_for_long(at(500)));
    }

    #[test]
    fn one_that_ended_just_before_the_clock_was_ahead_is_still_looked_after() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::Completed, 10), at(10));
        follow.mark_read(at(10));
        follow.look(snapshot(SessionState::Completed, 10), at(180_000));
        assert!(follow.readable(at(180_000)), "its last word may come a little later");
        follow.mark_read(at(180_000));
        follow.plan_next(at(180_000));
        assert!(follow.next.is_some());
    }

    #[test]
    fn one_that_was_missed_first_while_the_clock_was_ahead_is_gone_as_late_as_any() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::InProgress, 10), at(10));
        assert!(!follow.record_missing(at(180_000)));
        assert!(![20, 30, 40].into_iter().any(|second| follow.record_missing(at(second))));
        assert!(follow.record_missing(at(330)), "after five minutes");
    }

    #[test]
    fn one_that_is_missing_is_looked_for_whatever_the_clock_shows() {
        let mut follow = followed();
        follow.look(snapshot(SessionState::InProgress, 10), at(10));
        for second in [20, 180_000, 40] {
            follow.record_missing(at(second));
            follow.plan_next(at(second));
            assert!(follow.next.is_some(), "after {second} s");
        }
        for _ in 0..GONE_LOOKS {
            follow.record_missing(at(1_000));
        }
        follow.plan_next(at(1_000));
        assert_eq!(follow.next, None, "not for ever");
    }

    #[test]
    fn quick_after_a_person_slower_while_jules_works_slowest_while_somebody_is_awaited() {
        let mut follow = followed();
        let cadence =
            |follow: &WatchedSession, second| follow.cadence(at(second)).map(|d| d.as_secs());
        assert_eq!(cadence(&follow, 10), Some(3));
        follow.look(snapshot(SessionState::InProgress, 200), at(200));
        assert_eq!(cadence(&follow, 210), Some(5));
        assert_eq!(cadence(&follow, 300), Some(10));
        assert_eq!(cadence(&follow, 2000), Some(30));
        follow.look(snapshot(SessionState::AwaitingUserFeedback, 3000), at(3000));
        assert_eq!(cadence(&follow, 3010), Some(10), "its words may come after its state");
        assert_eq!(cadence(&follow, 3040), Some(30));
        assert_eq!(cadence(&follow, 10_000), Some(120));
        follow.look(snapshot(SessionState::Completed, 11_000), at(11_000));
        follow.mark_read(at(11_005));
        assert_eq!(cadence(&follow, 11_010), Some(10));
        assert_eq!(cadence(&follow, 11_300), Some(120));
        assert_eq!(cadence(&follow, 13_000), Some(120), "it was hardly looked at");
        follow.looks_over = AFTERCARE_LOOKS;
        assert_eq!(cadence(&follow, 13_000), None, "a finished, quiet session costs nothing");
    }

    #[test]
    fn a_finished_quiet_session_does_not_wake_until_somebody_does_something() {
        let mut follow = followed();
        assert_eq!(follow.next, None, "its task does not know of it yet");
        follow.touch(at(0));
        assert_eq!(follow.next, Some(at(2)));
        follow.look(snapshot(SessionState::Completed, 10), at(10));
        follow.mark_read(at(10));
        follow.looks_over = AFTERCARE_LOOKS;
        follow.plan_next(at(60));
        assert!(follow.next.is_some() && follow.expires_at(at(60)).is_none());
        follow.plan_next(at(3600));
        assert_eq!(follow.next, None);
        assert!(follow.expires_at(at(3600)).is_some_and(|at| at > self::at(3600) + KEPT / 2));
        follow.touch(at(3600));
        assert_eq!(follow.next, Some(at(3602)));
    }

    #[test]
    fn what_somebody_did_during_a_pass_is_looked_at_after_it() {
        let mut live = followed();
        live.touch(at(300));
        let mut ours = live.clone();
        live.touch(at(310));
        ours.look(snapshot(SessionState::InProgress, 300), at(305));
        ours.mark_read(at(311));
        ours.plan_next(at(311));
        let merged = ours.clone().merged(&live);
        assert_eq!((merged.touched, merged.unread), (at(310), live.unread));
        assert!(merged.unread.is_some());
        assert!(merged.next <= ours.next && merged.snapshot == ours.snapshot);
        let before = followed();
        assert_eq!(ours.clone().merged(&before), ours, "what is older changes nothing");
    }

    fn at_ms(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000 + ms).unwrap()
    }

    #[test]
    fn however_often_people_do_something_a_look_is_due_in_time() {
        let mut follow = followed();
        for ms in [0, 1500, 3000, 4500] {
            follow.touch(at_ms(ms));
            let due = follow.next.unwrap();
            assert!(due <= at_ms(3000), "after {ms} ms it is due at {due}");
        }
    }

    proptest! {
        /// Whatever was seen and went wrong before: what someone does never postpones a look, and a look
        /// is never planned without a rest.
        #[test]
        fn a_write_never_postpones_what_is_due(
            before in prop::collection::vec((0_i64..20_000, 0_u8..5), 0..12),
            touches in prop::collection::vec(0_i64..400_000, 1..40),
        ) {
            let mut follow = followed();
            let mut now = 0;
            for (wait, what) in before {
                now += wait;
                match what {
                    0 => { follow.look(snapshot(SessionState::InProgress, now), at_ms(now)); }
                    1 => { follow.look(snapshot(SessionState::AwaitingPlanApproval, now), at_ms(now)); }
                    2 => { follow.look(snapshot(SessionState::Completed, now), at_ms(now)); }
                    3 => { follow.record_missing(at_ms(now)); }
                    _ => follow.record_unreadable(at_ms(now)),
                }
                follow.plan_next(at_ms(now));
                let rest = follow.next.map(|next| next.duration_since(at_ms(now)));
                prop_assert!(rest.is_none_or(|rest| rest >= REST), "rests {rest:?}");
            }
            let mut due = follow.next;
            for wait in touches {
                now += wait;
                follow.touch(at_ms(now));
                prop_assert!(due.is_none_or(|due| follow.next.is_some_and(|next| next <= due)));
                due = follow.next;
            }
        }
    }
}
