//! What a Jules account may use, what it uses, and why it starts no more.
//!
//! Jules answers a create that it does not accept with one `400 FAILED_PRECONDITION` for every reason
//! (jules-api.md §1.6): too many tasks at once, too many in 24 hours, or something it doesn't name. So
//! the account's sessions are counted and held against its plan.

use super::session::Session;
use super::watch::Usage;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The window in which tasks are counted: it rolls, so each one frees its place a day after its start.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What an account may use: tasks in 24 hours, and at once (jules-api.md §1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// In 24 hours.
    pub a_day: u32,
    /// At once.
    pub at_once: u32,
}

impl Quota {
    /// Jules without a paid plan.
    pub const FREE: Self = Self { a_day: 15, at_once: 3 };
    /// Google AI Pro.
    pub(crate) const PRO: Self = Self { a_day: 100, at_once: 15 };
    /// Google AI Ultra.
    pub(crate) const ULTRA: Self = Self { a_day: 300, at_once: 60 };

    /// This quota or, for an account that uses more, the smallest one that allows as much: the plan is a
    /// setting, and it may be wrong.
    #[must_use]
    pub(crate) fn that_allows(self, today: u32, running: u32) -> Option<Self> {
        let allows = |quota: &Self| today <= quota.a_day && running <= quota.at_once;
        [self, Self::FREE, Self::PRO, Self::ULTRA].into_iter().find(allows)
    }
}

/// The plan of a Jules account. The API does not tell it, so someone has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Jules without a paid plan.
    #[default]
    Free,
    /// Google AI Pro.
    Pro,
    /// Google AI Ultra.
    Ultra,
}

impl Plan {
    /// What it may use. [Jules: usage limits]
    #[must_use]
    pub fn limits(self) -> Quota {
        match self {
            Self::Free => Quota::FREE,
            Self::Pro => Quota::PRO,
            Self::Ultra => Quota::ULTRA,
        }
    }
}

/// Why Jules starts no more tasks, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// As many tasks are running as the plan allows at once.
    AllRunning {
        /// How many that is.
        at_once: u32,
    },
    /// As many tasks were started as the plan allows in 24 hours.
    UsedUp {
        /// How many that is.
        a_day: u32,
        /// When the oldest of them no longer counts.
        frees_at: Option<Timestamp>,
    },
    /// Jules gives no reason, and the plan explains none.
    NoReason(Option<Room>),
}

/// What an account uses of its plan, where that leaves room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Tasks that were started in the last 24 hours.
    pub today: u32,
    /// Tasks that are running.
    pub running: u32,
    /// What the plan allows.
    pub quota: Quota,
}

impl Shortage {
    /// Whether the account has room by our count, so that another task may be accepted.
    #[must_use]
    pub fn has_room(&self) -> bool {
        matches!(self, Self::NoReason(Some(_)))
    }
}

/// The sessions of an account that count against its quota, no matter who started them. Those that were
/// deleted count too, and Jules lists them no more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    started: Vec<Timestamp>,
    running: u32,
}

impl Tally {
    /// Counts a session.
    pub fn count(&mut self, session: &Session, now: Timestamp) {
        let started = session.created.filter(|created| now.duration_since(*created) < DAY);
        self.started.extend(started);
        let busy = session.state.as_ref().is_some_and(|state| state.is_busy());
        self.running += u32::from(busy && session.archived != Some(true));
    }

    /// How many were started in the last 24 hours, and how many are running. `more`: there are sessions
    /// that were not counted.
    #[must_use]
    pub fn usage(&self, more: bool, at: Timestamp) -> Usage {
        let (today, running) = (self.today(), self.running);
        Usage { today, running, at_least: more && today >= 100, at }
    }

    /// Why an account of this plan that Jules refused starts no more.
    #[must_use]
    pub fn shortage(&self, plan: Quota) -> Shortage {
        let (today, running) = (self.today(), self.running);
        match plan.that_allows(today, running) {
            // Where both are used up, a task that ends helps nobody.
            Some(Quota { a_day, .. }) if today == a_day => {
                let oldest = self.started.iter().min();
                Shortage::UsedUp { a_day, frees_at: oldest.map(|oldest| *oldest + DAY) }
            }
            Some(Quota { at_once, .. }) if running == at_once => Shortage::AllRunning { at_once },
            quota => Shortage::NoReason(quota.map(|quota| Room { today, running, quota })),
        }
    }

    fn today(&self) -> u32 {
        u32::try_from(self.started.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn tally(started: u32, running: u32) -> Tally {
        Tally { started: (0..started).rev().map(|n| at(n.into())).collect(), running }
    }

    #[test]
    fn each_shortage_is_told_from_the_others() {
        let free = |started, running| tally(started, running).shortage(Quota::FREE);
        assert_eq!(free(3, 3), Shortage::AllRunning { at_once: 3 });
        let used_up = Shortage::UsedUp { a_day: 15, frees_at: Some(at(0) + DAY) };
        assert_eq!(free(15, 0), used_up);
        assert_eq!(free(15, 3), used_up, "a task that ends would not help");
        let room = Room { today: 2, running: 1, quota: Quota::FREE };
        assert_eq!(free(2, 1), Shortage::NoReason(Some(room)));
        assert!(free(0, 0).has_room());
    }

    #[test]
    fn an_account_that_uses_more_than_its_plan_has_another_plan() {
        let free = |started, running| tally(started, running).shortage(Quota::FREE);
        assert_eq!(free(20, 15), Shortage::AllRunning { at_once: 15 });
        let room = Room { today: 20, running: 4, quota: Quota::PRO };
        assert_eq!(free(20, 4), Shortage::NoReason(Some(room)));
        assert_eq!(free(301, 0), Shortage::NoReason(None));
    }
}
