//! The document of a watched pull request: how it looked last, and when it is looked at next.

use super::{Checks, PullRef, PullSight, next_look};
use crate::backoff::Backoff;
use crate::ids::{TaskId, TeamId};
use crate::lease::is_from_the_future;
use crate::omitted::is_zero;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The waits after looks that failed.
const AFTER_FAILURE: Backoff =
    Backoff::new(SignedDuration::from_mins(3), SignedDuration::from_mins(15));

/// Why a pull request can't be seen on GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoSight {
    /// GitHub says that there is none: it was deleted, or the token doesn't reach it.
    NotFound,
    /// The token may not read it.
    Forbidden,
    /// GitHub doesn't accept the token.
    TokenRefused,
    /// The limit of calls is used up, for now.
    Limited,
}

/// A pull request that a task follows. What the thread was told of it is in the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedPull {
    /// The task's workspace.
    pub team: TeamId,
    /// The task.
    pub task: TaskId,
    /// Where it is, by its newest name.
    pub at: PullRef,
    /// How it looked last.
    #[serde(default)]
    pub sight: Option<PullSight>,
    /// The check runs of its head, as they were last read.
    #[serde(default)]
    pub runs: Option<Checks>,
    /// The statuses of its head.
    #[serde(default)]
    pub statuses: Option<Checks>,
    /// What GitHub calls each answer that was read, so that the same one isn't sent again.
    #[serde(default)]
    pub etags: BTreeMap<String, String>,
    /// What the newest reviews ask for, by their numbers, as Jules would get it.
    #[serde(default)]
    pub quotes: BTreeMap<u64, String>,
    /// Since when it can't be seen, and why.
    #[serde(default)]
    pub unseen: Option<NoSight>,
    /// When a webhook last told of its repository.
    #[serde(default)]
    pub told: Option<Timestamp>,
    /// When it was last looked at.
    #[serde(default)]
    pub looked: Option<Timestamp>,
    /// When its checks were last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Timestamp>,
    /// When a process last took its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Timestamp>,
    /// How many looks failed in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// When something about it last changed.
    pub changed: Timestamp,
    /// When it's looked at next.
    pub next: Option<Timestamp>,
}

impl WatchedPull {
    /// The document of a pull request that wasn't looked at yet.
    #[must_use]
    pub fn new(team: TeamId, task: TaskId, at: PullRef, first: Timestamp) -> Self {
        Self {
            team,
            task,
            at,
            sight: None,
            runs: None,
            statuses: None,
            etags: BTreeMap::new(),
            quotes: BTreeMap::new(),
            unseen: None,
            told: None,
            looked: None,
            checked: None,
            claimed: None,
            failures: 0,
            changed: first,
            next: Some(first),
        }
    }

    /// Whether its turn has come. A turn that was planned while the clock was ahead counts as come.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let mut noted = [self.looked, self.claimed, Some(self.changed)].into_iter().flatten();
        let was_ahead = noted.any(|noted| is_from_the_future(noted, now));
        self.next.is_some_and(|next| next <= now || was_ahead)
    }

    /// One process looks at it, and has until then. A time that was noted while the clock was ahead counts as now.
    pub fn claim(&mut self, until: Timestamp, now: Timestamp) {
        self.changed = self.changed.min(now);
        self.told = self.told.map(|told| told.min(now));
        let checks = self.sight.as_mut().map(|sight| &mut sight.checks);
        for checks in [checks, self.runs.as_mut(), self.statuses.as_mut()].into_iter().flatten() {
            checks.red_since = checks.red_since.map(|since| since.min(now));
        }
        self.looked = self.looked.map(|looked| looked.min(now));
        self.claimed = Some(now);
        self.next = Some(until);
    }

    /// A look failed for a reason that says nothing of this pull request: the next comes later each time, and others
    /// go first.
    pub fn record_failure(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.looked = Some(now);
        self.next = Some(now + AFTER_FAILURE.wait(self.failures));
    }

    /// Takes in a look, and plans the next.
    pub fn look(&mut self, sight: Result<PullSight, NoSight>, now: Timestamp) {
        let before = (self.sight.clone(), self.unseen);
        match sight {
            Ok(sight) => {
                self.at = sight.pull.at.clone();
                (self.sight, self.unseen) = (Some(sight), None);
            }
            // Nothing changed about it, and with a new token it is looked at soon.
            Err(NoSight::TokenRefused) => {
                self.unseen = Some(NoSight::TokenRefused);
                self.record_failure(now);
                let is_watched = next_look(None, self.changed, true, now).is_some();
                self.next = self.next.filter(|_| is_watched);
                return;
            }
            Err(why) => self.unseen = Some(why),
        }
        if before != (self.sight.clone(), self.unseen) {
            self.changed = now;
        }
        (self.looked, self.failures) = (Some(now), 0);
        self.plan_next(now);
    }

    /// When it is looked at again, after a look now.
    pub fn plan_next(&mut self, now: Timestamp) {
        let seen = self.sight.as_ref().filter(|_| self.unseen.is_none());
        // One that can't be seen is looked for ten times less often.
        let is_rare = self.told.is_some() || self.unseen.is_some();
        self.next = next_look(seen, self.changed, is_rare, now);
    }

    /// Something may have happened: it's looked at now.
    pub fn hurry(&mut self, now: Timestamp) {
        self.next = Some(self.next.map_or(now, |next| next.min(now)));
    }

    /// Someone did something with its task: it's looked at soon, and often for a while.
    pub fn again(&mut self, first: Timestamp) {
        self.changed = self.changed.max(first);
        self.next = Some(self.next.map_or(first, |next| next.min(first)));
    }

    /// When the document is forgotten: some time after it isn't looked at any more.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.next.is_none().then(|| now + SignedDuration::from_hours(24 * 30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::RepoRef;

    #[test]
    fn a_look_that_was_planned_while_the_clock_was_ahead_is_due() {
        let at = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let mut pull = watched(at(0));
        pull.look(Err(NoSight::NotFound), at(0));
        let is_due = pull.is_due(at(0));
        assert!(!is_due && pull.next.is_some(), "it was just looked at");
        pull.look(Err(NoSight::NotFound), at(48));
        assert!(pull.is_due(at(1)), "the clock was set right");
        pull.claim(at(2), at(1));
        assert!(!pull.is_due(at(1)), "one process has it");
    }

    fn watched(first: Timestamp) -> WatchedPull {
        let repo = RepoRef { owner: "a".to_owned(), repo: "b".to_owned() };
        let (team, task) = (TeamId::parse("T1").unwrap(), TaskId::parse("t").unwrap());
        WatchedPull::new(team, task, PullRef { repo, number: 1 }, first)
    }

    #[test]
    fn so_is_one_that_failed_then_or_was_new_then() {
        let at = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let mut pull = watched(at(0));
        pull.look(Err(NoSight::NotFound), at(0));
        pull.claim(at(49), at(48));
        assert!(pull.is_due(at(1)), "a process took it, and died");
        pull.record_failure(at(48));
        assert!(pull.is_due(at(1)), "GitHub didn't answer");
        assert!(watched(at(48)).is_due(at(1)), "it was opened then");
    }

    #[test]
    fn one_that_always_fails_is_looked_at_less_and_less_often() {
        let mut pull = watched(Timestamp::UNIX_EPOCH);
        let mut now = Timestamp::UNIX_EPOCH;
        let mut looks = 0;
        while now < Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24) {
            pull.record_failure(now);
            now = pull.next.unwrap();
            looks += 1;
        }
        assert!((90..=110).contains(&looks), "{looks}");
        pull.look(Err(NoSight::NotFound), now);
        assert_eq!(pull.failures, 0);
    }
}
