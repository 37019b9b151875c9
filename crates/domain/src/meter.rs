//! One of Slack's limits, shared by many: when each may do the next thing that counts.
//!
//! What someone is waiting for reserves a time at once, and is behind nothing but what reserved
//! before it. The rest has turns, which use no more than a part of the pace: when one comes, a time is
//! reserved if there is room, and otherwise it gives way. So a crowd of what can wait never holds up
//! what cannot, and uses what is left. What was reserved and is not used lapses: nothing waits for it.

use super::backoff::Backoff;
use super::lease::is_from_the_future;
use super::rate::{Gcra, Rate};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A limit: the pace of everything, and that of what can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Everything together.
    pub all: Rate,
    /// The turns of what can wait.
    pub background: Rate,
}

/// Edits of messages in one workspace. Slack allows about 50 a minute (chat.update, tier 3), for all
/// channels together; this stays below in every minute: 40 + 6.
pub const EDITS: Limit = Limit {
    all: Rate { every: SignedDuration::from_millis(1500), burst: 6 },
    background: Rate { every: SignedDuration::from_millis(2000), burst: 4 },
};

/// Messages in one channel. Slack allows about one a second, and bursts whose size it doesn't say
/// (chat.postMessage, special tier). A little slower, because a post may be late and the next on time.
pub const POSTS: Limit = Limit {
    all: Rate { every: SignedDuration::from_millis(1200), burst: 10 },
    background: Rate { every: SignedDuration::from_millis(2000), burst: 8 },
};

/// So far ahead of now a time is believed: what is further was reserved before the clock was set back.
const AHEAD: SignedDuration = SignedDuration::from_mins(20);
/// The same for a turn. A crowd of a thousand may have to wait that long.
const TURN_AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// The longest that Slack's word is taken for it; then Slack is asked again.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait between two turns: the last of a crowd is posted soon after there is room again.
const LONGEST_TURN: SignedDuration = SignedDuration::from_secs(15);

/// What was handed out so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    all: Gcra,
    background: Gcra,
    /// When something was last handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Timestamp>,
}

/// What wants a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Someone is waiting for it.
    Urgent,
    /// It can wait.
    Background,
    /// It can wait, and its turn has come, after so many in which there was no room.
    Turn {
        /// How many.
        missed: u32,
    },
    /// Slack refused it.
    Refused {
        /// Nothing is done before.
        until: Timestamp,
        /// Someone is waiting for it.
        urgent: bool,
    },
}

/// What was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reservation {
    /// It may be done at this time.
    Slot(Timestamp),
    /// At this time it may ask whether there is room.
    Turn {
        /// Not before.
        at: Timestamp,
        /// In how many turns there was no room.
        missed: u32,
    },
}

impl Reservation {
    /// When it is.
    #[must_use]
    pub fn at(self) -> Timestamp {
        match self {
            Self::Slot(at) | Self::Turn { at, .. } => at,
        }
    }
}

impl Meter {
    /// Hands out a time.
    pub fn reserve(&mut self, limit: Limit, claim: Claim, now: Timestamp) -> Reservation {
        if self.used.is_some_and(|used| is_from_the_future(used, now)) {
            *self = Self::default();
        }
        self.used = Some(now);
        self.all.forget_beyond(AHEAD, now);
        self.background.forget_beyond(TURN_AHEAD, now);
        match claim {
            Claim::Urgent => Reservation::Slot(self.all.reserve(limit.all, now)),
            Claim::Background => match self.background.reserve(limit.background, now) {
                at if at > now => Reservation::Turn { at, missed: 0 },
                _ => self.take_turn(limit, 0, now),
            },
            Claim::Turn { missed } => self.take_turn(limit, missed, now),
            Claim::Refused { until, urgent } => {
                self.all.hold(limit.all, until.min(now + LONGEST_HOLD));
                if urgent {
                    Reservation::Slot(self.all.reserve(limit.all, now))
                } else {
                    Reservation::Turn { at: self.all.next(limit.all, now), missed: 0 }
                }
            }
        }
    }

    /// A time soon, or another turn: one that could only be had much later is left to what someone is
    /// waiting for.
    fn take_turn(&mut self, limit: Limit, missed: u32, now: Timestamp) -> Reservation {
        let next = self.all.next(limit.all, now);
        if next.duration_since(now) <= limit.all.every * 2 {
            return Reservation::Slot(self.all.reserve(limit.all, now));
        }
        let missed = missed.saturating_add(1);
        let wait = Backoff::new(limit.background.every, LONGEST_TURN).wait(missed);
        Reservation::Turn { at: next + wait, missed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000 + millis).unwrap()
    }

    fn slot(reservation: Reservation) -> Option<Timestamp> {
        match reservation {
            Reservation::Slot(at) => Some(at),
            Reservation::Turn { .. } => None,
        }
    }

    #[test]
    fn in_a_quiet_channel_everything_is_said_at_once() {
        let mut meter = Meter::default();
        for claim in [Claim::Background, Claim::Urgent, Claim::Urgent, Claim::Background] {
            assert_eq!(meter.reserve(POSTS, claim, at(0)), Reservation::Slot(at(0)));
        }
    }

    /// A crowd that does what it is told, with something urgent every five seconds.
    #[test]
    fn what_is_urgent_overtakes_a_crowd_that_reserved_before() {
        let mut meter = Meter::default();
        let mut waiting: Vec<_> =
            (0..500).map(|_| meter.reserve(POSTS, Claim::Background, at(0))).collect();
        let (mut done, mut now) = (Vec::new(), 0);
        while !waiting.is_empty() {
            now += 100;
            if now % 5_000 == 0 {
                let urgent = slot(meter.reserve(POSTS, Claim::Urgent, at(now))).unwrap();
                let wait = urgent.duration_since(at(now));
                assert!(wait <= SignedDuration::from_secs(5), "{wait:?} after {now} ms");
                done.push(urgent);
            }
            for entry in &mut waiting {
                if let Reservation::Turn { at: turn, missed } = *entry
                    && turn <= at(now)
                {
                    *entry = meter.reserve(POSTS, Claim::Turn { missed }, at(now));
                }
            }
            waiting.retain(|entry| {
                done.extend(slot(*entry));
                slot(*entry).is_none()
            });
        }
        assert!(now < 500 * 3_000, "{now} ms for a crowd of 500");
        done.sort_unstable();
        for (n, first) in done.iter().enumerate().skip(12) {
            let within = done[n..].iter().filter(|at| at.duration_since(*first).as_secs() < 60);
            assert!(within.count() <= 60, "more than one a second after {first}");
        }
    }

    #[test]
    fn what_slack_refused_comes_first_when_it_may() {
        let mut meter = Meter::default();
        let until = at(30_000);
        let refused = |urgent| Claim::Refused { until, urgent };
        assert_eq!(meter.reserve(POSTS, refused(true), at(0)), Reservation::Slot(until));
        let next = meter.reserve(POSTS, refused(true), at(0));
        assert_eq!(next, Reservation::Slot(at(31_200)), "and without a burst");
        let card = meter.reserve(POSTS, refused(false), at(0));
        assert_eq!(card, Reservation::Turn { at: at(32_400), missed: 0 });
        let new = meter.reserve(POSTS, Claim::Urgent, at(0));
        assert_eq!(new, Reservation::Slot(at(32_400)), "nobody else is posted before");
    }

    #[test]
    fn an_hour_that_slack_asks_for_is_asked_about_again() {
        let mut meter = Meter::default();
        let claim = Claim::Refused { until: at(3_600_000), urgent: true };
        assert_eq!(meter.reserve(POSTS, claim, at(0)), Reservation::Slot(at(600_000)));
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up() {
        for ahead in [600_000, 3_600_000, 7_200_000].map(at) {
            for claim in [Claim::Urgent, Claim::Background] {
                let mut meter = Meter::default();
                for _ in 0..50 {
                    meter.reserve(POSTS, claim, ahead);
                }
                assert_eq!(meter.reserve(POSTS, claim, at(0)), Reservation::Slot(at(0)));
            }
        }
    }

    proptest! {
        #[test]
        fn no_time_is_before_now_and_every_turn_ends(
            steps in prop::collection::vec((0_i64..4000, 0_u8..4), 1..300),
        ) {
            let mut meter = Meter::default();
            let mut now = 0;
            for (wait, kind) in steps {
                now += wait;
                let until = at(now + 3000);
                let claim = match kind {
                    0 => Claim::Urgent,
                    1 => Claim::Background,
                    2 => Claim::Turn { missed: 3 },
                    _ => Claim::Refused { until, urgent: wait % 2 == 0 },
                };
                let reserved = meter.reserve(POSTS, claim, at(now));
                prop_assert!(reserved.at() >= at(now));
                if kind == 3 {
                    prop_assert!(reserved.at() >= until);
                }
            }
        }
    }
}
