//! Who works on a document, and until when: at most one process at a time.
//!
//! A lease is taken, renewed and ended by compare-and-set, by its holder only; whatever comes in from
//! outside leaves it as it is. It names its holder. When the holder dies, others continue at once, and repeat
//! nothing that the dead process may still have under way.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The clocks of two replicas differ by less.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// No lease is longer, so a document with a lease wakes within this time.
pub const LONGEST: SignedDuration = SignedDuration::from_secs(160);

/// Whether a time that was noted as *now* lies ahead by more than clocks ever differ: the clock was set
/// back since, and whatever was reckoned from that time means nothing any more.
#[must_use]
pub fn is_from_the_future(noted: Timestamp, now: Timestamp) -> bool {
    noted.duration_since(now) > SKEW
}

/// A process that holds leases, by a random number. One that was silent for so long that others consider it
/// dead continues under the next number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Holder(pub u64);

impl Holder {
    /// The number under which the same process continues.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What one process knows about all processes that may hold leases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// The process itself.
    pub me: Holder,
    /// The dead ones, each with the time after which it gave no sign of life.
    pub dead: BTreeMap<Holder, Timestamp>,
    /// Since when this process is the only one, in a store that only one can use at a time: every other
    /// holder died before.
    pub alone_since: Option<Timestamp>,
}

impl Holders {
    /// Only this process, from this time on.
    #[must_use]
    pub fn alone(me: Holder, since: Timestamp) -> Self {
        Self { me, alone_since: Some(since), ..Self::default() }
    }

    /// The time after which a dead process gave no sign of life; `None` for one that may live.
    #[must_use]
    pub fn silent_since(&self, holder: Holder) -> Option<Timestamp> {
        let dead = || self.dead.get(&holder).copied().or(self.alone_since);
        if holder == self.me { None } else { dead() }
    }

    /// A lease of the process itself, from now on.
    #[must_use]
    pub fn lease(&self, now: Timestamp, length: SignedDuration) -> Lease {
        Lease { holder: self.me, taken: now, until: now + length }
    }
}

/// A document is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// By whom.
    pub holder: Holder,
    /// When it was taken: a holder has no second lease of a document with that time.
    pub taken: Timestamp,
    /// When it ends, if it is not renewed.
    pub until: Timestamp,
}

impl Lease {
    /// The same one, with its length counted from now.
    #[must_use]
    pub fn renewed(self, now: Timestamp, length: SignedDuration) -> Self {
        Self { until: now + length, ..self }
    }

    /// Whether its time has passed. One that was taken in a time to come is from before the clock was set
    /// back: nobody holds it any more.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        self.until <= now || is_from_the_future(self.taken, now)
    }

    /// Whether another process may take the document: its time has passed, or its holder is dead.
    #[must_use]
    pub fn is_free(self, holders: &Holders, now: Timestamp) -> bool {
        self.is_over(now) || holders.silent_since(self.holder).is_some()
    }

    /// When a dead holder may have begun a call under this lease at the latest; `None` when the holder may
    /// live.
    #[must_use]
    pub(crate) fn last_call(self, holders: &Holders, now: Timestamp) -> Option<Timestamp> {
        let silent_since = holders.silent_since(self.holder)?;
        // Taking the lease was a sign of life, too.
        Some(silent_since.max(self.taken).min(self.until).min(now))
    }

    /// Whether this is the same one, renewed or not.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        self.taken == other.taken && self.holder == other.holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);
    const OTHER: Holder = Holder(7);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn shared(holder: u64) -> Holders {
        Holders { me: Holder(holder), ..Holders::default() }
    }

    #[test]
    fn a_renewed_lease_ends_later_and_is_the_same() {
        let holders = shared(1);
        let lease = holders.lease(at(0), MINUTE);
        assert!(!lease.is_over(at(59)) && lease.is_over(at(60)));
        let renewed = lease.renewed(at(30), MINUTE);
        assert_eq!(renewed.until, at(90));
        assert!(renewed.is_same(lease));
        assert!(!holders.lease(at(60), MINUTE).is_same(lease));
        assert!(!shared(2).lease(at(0), MINUTE).is_same(lease));
    }

    #[test]
    fn a_lease_from_before_the_clock_was_set_back_holds_up_nobody() {
        let lease = shared(1).lease(at(3600), MINUTE);
        assert!(lease.is_over(at(0)));
        assert!(!lease.is_over(at(3600 - 90)), "two replicas' clocks may differ");
    }

    #[test]
    fn what_a_dead_process_held_is_free_at_once() {
        let mut holders = shared(1);
        let lease = Lease { holder: OTHER, ..holders.lease(at(10), MINUTE) };
        assert!(!lease.is_free(&holders, at(20)), "nothing is known of it");
        assert_eq!(lease.last_call(&holders, at(20)), None);
        holders.dead.insert(OTHER, at(12));
        assert!(lease.is_free(&holders, at(20)));
        assert_eq!(lease.last_call(&holders, at(20)), Some(at(12)));
        // It was seen before it took the lease, and not after.
        holders.dead.insert(OTHER, at(5));
        assert_eq!(lease.last_call(&holders, at(20)), Some(at(10)));
        // It was seen long after: under this lease it began nothing any more.
        holders.dead.insert(OTHER, at(500));
        assert_eq!(lease.last_call(&holders, at(600)), Some(at(70)));
    }

    #[test]
    fn whoever_is_alone_knows_that_all_others_are_dead_and_lives() {
        let holders = Holders::alone(Holder(1), at(100));
        let left = Lease { holder: OTHER, ..holders.lease(at(90), MINUTE) };
        assert!(left.is_free(&holders, at(101)));
        assert_eq!(left.last_call(&holders, at(101)), Some(at(100)));
        assert!(!holders.lease(at(101), MINUTE).is_free(&holders, at(102)));
    }
}
