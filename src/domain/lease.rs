//! Who works on a document, and until when: at most one process at a time.
//!
//! A lease is taken, renewed and ended by compare-and-set, by its holder only; whatever comes in from
//! outside leaves it as it is. When a holder dies, its lease ends by itself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The clocks of two replicas differ by less.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A document is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// When it was taken: no second lease of a document has that time, so this names its holder.
    pub taken: Timestamp,
    /// When it ends, if it is not renewed.
    pub until: Timestamp,
}

impl Lease {
    /// A lease from now on.
    #[must_use]
    pub fn new(now: Timestamp, length: SignedDuration) -> Self {
        Self { taken: now, until: now + length }
    }

    /// The same one, with its length counted from now.
    #[must_use]
    pub fn renewed(self, now: Timestamp, length: SignedDuration) -> Self {
        Self { until: now + length, ..self }
    }

    /// Whether somebody else may take the document. One that was taken in a time to come is from before
    /// the clock was set back: nobody holds it any more.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        self.until <= now || self.taken.duration_since(now) > SKEW
    }

    /// Whether this is the same holder's, renewed or not.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        self.taken == other.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_renewed_lease_ends_later_and_names_the_same_holder() {
        let minute = SignedDuration::from_mins(1);
        let lease = Lease::new(at(0), minute);
        assert!(!lease.is_over(at(59)) && lease.is_over(at(60)));
        let renewed = lease.renewed(at(30), minute);
        assert_eq!(renewed.until, at(90));
        assert!(renewed.is_same(lease));
        assert!(!Lease::new(at(60), minute).is_same(lease));
    }

    #[test]
    fn a_lease_from_before_the_clock_was_set_back_holds_up_nobody() {
        let lease = Lease::new(at(3600), SignedDuration::from_mins(1));
        assert!(lease.is_over(at(0)));
        assert!(!lease.is_over(at(3600 - 90)), "two replicas' clocks may differ");
    }
}
