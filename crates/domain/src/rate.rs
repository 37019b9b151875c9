//! How often something may be done: a steady pace with a little slack, as one stored timestamp.
//!
//! Jules counts activity lists a minute and Slack counts edits a minute. A meter hands out the times
//! at which the next ones may be made. It is a value, so that replicas can share it through the
//! store, and it is as true after a restart as before it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A pace: one each `every`, and up to `burst` of them at once after a rest. In any stretch of time
/// there are at most `stretch / every + burst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time between two, in the long run.
    pub every: SignedDuration,
    /// How many may come at once after a rest; at least 1.
    pub burst: u32,
}

/// Lists of activities of one account. The one limit that was measured is 120 a minute
/// (jules-api.md §1.7); this stays far below in every minute: 60 + 15.
pub const READS: Rate = Rate { every: SignedDuration::from_secs(1), burst: 15 };

/// What was handed out so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gcra {
    /// When everything that was handed out is paid for at the steady pace.
    theoretical_arrival: Option<Timestamp>,
}

impl Gcra {
    /// Reserves the next one and says when it may be done: `now`, or later.
    pub fn reserve(&mut self, pace: Rate, now: Timestamp) -> Timestamp {
        let theoretical_arrival = self.theoretical_arrival.map_or(now, |arrival| arrival.max(now));
        self.theoretical_arrival = Some(theoretical_arrival + pace.every);
        (theoretical_arrival - slack(pace)).max(now)
    }

    /// When the next one could be done, without reserving it.
    #[must_use]
    pub fn next(&self, pace: Rate, now: Timestamp) -> Timestamp {
        self.clone().reserve(pace, now)
    }

    /// Nothing more is done before `until`, and from then on there is no burst.
    pub fn hold(&mut self, pace: Rate, until: Timestamp) {
        self.theoretical_arrival = self.theoretical_arrival.max(Some(until + slack(pace)));
    }

    /// Forgets what was handed out if that is so far ahead: it was counted before the clock was set back.
    pub(crate) fn forget_beyond(&mut self, ahead: SignedDuration, now: Timestamp) {
        if self.owed(now) > ahead {
            self.theoretical_arrival = None;
        }
    }

    /// Forgets what was handed out if that is more than [`left`](Self::left) ever allows: it was counted
    /// before the clock was set back. Not for a meter whose reservations may lie ahead.
    pub fn recover(&mut self, pace: Rate, now: Timestamp) {
        if self.owed(now) > slack(pace) + pace.every * 2 {
            self.theoretical_arrival = None;
        }
    }

    fn owed(&self, now: Timestamp) -> SignedDuration {
        let owed = self.theoretical_arrival.map(|arrival| arrival.duration_since(now));
        owed.unwrap_or_default().max(SignedDuration::ZERO)
    }

    /// How many may be done at once now.
    #[must_use]
    pub fn left(&self, pace: Rate, now: Timestamp) -> u32 {
        let owed = self.owed(now);
        let free = (slack(pace) + pace.every - owed).as_millis() / pace.every.as_millis().max(1);
        u32::try_from(free.max(0)).unwrap_or(u32::MAX).min(pace.burst)
    }
}

/// How far ahead of the steady pace a burst may run.
fn slack(pace: Rate) -> SignedDuration {
    pace.every * i32::try_from(pace.burst.saturating_sub(1)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PACE: Rate = Rate { every: SignedDuration::from_millis(1500), burst: 6 };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + millis).unwrap()
    }

    #[test]
    fn a_burst_then_the_steady_pace() {
        let mut meter = Gcra::default();
        assert_eq!(meter.left(PACE, at(0)), 6);
        let times: Vec<_> = (0..9).map(|_| meter.reserve(PACE, at(0))).collect();
        assert_eq!(times[..6], [at(0); 6]);
        assert_eq!(times[6..], [at(1500), at(3000), at(4500)]);
        assert_eq!(meter.left(PACE, at(0)), 0);
        assert_eq!(meter.left(PACE, at(60_000)), 6);
    }

    proptest! {
        /// A caller that keeps to the times that are handed out is never over the limit of any minute.
        #[test]
        fn no_minute_has_more_than_it_may(waits in prop::collection::vec(0_i64..3000, 1..400)) {
            let mut meter = Gcra::default();
            let mut now = 0;
            let mut times = Vec::new();
            for wait in waits {
                now += wait;
                let left = meter.left(PACE, at(now));
                let time = meter.reserve(PACE, at(now));
                prop_assert_eq!(left > 0, time == at(now), "left {}", left);
                times.push(time.as_millisecond());
            }
            for (n, first) in times.iter().enumerate() {
                let within = times[n..].iter().filter(|time| **time - first < 60_000).count();
                prop_assert!(within <= 46, "{within} in the minute after {first}");
            }
        }
    }
}
