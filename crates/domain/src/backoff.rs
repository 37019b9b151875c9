//! How long to wait before trying again: twice as long after each failure, up to a limit.

use jiff::SignedDuration;

/// The waits of something that is tried again until it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub base: SignedDuration,
    /// No wait is longer.
    pub cap: SignedDuration,
}

impl Backoff {
    /// Waits that begin with `base` and never exceed `cap`.
    #[must_use]
    pub const fn new(base: SignedDuration, cap: SignedDuration) -> Self {
        Self { base, cap }
    }

    /// The wait after so many failures in a row, counted from 1.
    #[must_use]
    pub fn wait(self, failures: u32) -> SignedDuration {
        let doubled = 2_i32.checked_pow(failures.saturating_sub(1));
        let grown = doubled.and_then(|times| self.base.checked_mul(times));
        grown.map_or(self.cap, |grown| grown.min(self.cap))
    }
}

/// Spreads waits that would end in the same moment, such as those of many tasks or many programs that
/// lost the same server. A decision has no dice, so the roll is an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter {
    /// The shortest wait, in per cent of the one that was asked for.
    from: u8,
    /// The longest.
    to: u8,
}

impl Jitter {
    /// For waits that may be shorter: at least half as long.
    pub const UPPER_HALF: Self = Self { from: 50, to: 100 };
    /// For waits that may not be shorter, such as one that a server asked for: up to a quarter longer.
    pub(crate) const QUARTER_LONGER: Self = Self { from: 100, to: 125 };

    /// The wait that a roll from 0 to 1 makes of this one, to the millisecond.
    #[must_use]
    pub fn of(self, wait: SignedDuration, roll: f64) -> SignedDuration {
        let (from, to) = (f64::from(self.from), f64::from(self.to));
        let share = (from + (to - from) * roll.clamp(0.0, 1.0)) / 100.0;
        SignedDuration::try_from_secs_f64(wait.as_secs_f64() * share)
            .and_then(|spread| spread.round(jiff::Unit::Millisecond))
            .unwrap_or(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let backoff = Backoff::new(SignedDuration::from_secs(2), SignedDuration::from_secs(60));
        let waits: Vec<_> = (1..8).map(|failures| backoff.wait(failures).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.wait(u32::MAX), backoff.cap);
    }

    proptest! {
        #[test]
        fn another_failure_never_shortens_a_wait(failures in 0_u32..200) {
            let backoff = Backoff::new(SignedDuration::from_secs(1), SignedDuration::from_mins(10));
            prop_assert!(backoff.wait(failures) <= backoff.wait(failures + 1));
        }

        #[test]
        fn a_roll_stays_within_its_jitter(seconds in 1_i64..3600, roll in -1.0..2.0) {
            let wait = SignedDuration::from_secs(seconds);
            let shorter = Jitter::UPPER_HALF.of(wait, roll);
            prop_assert!(wait / 2 <= shorter && shorter <= wait, "{shorter:?}");
            let longer = Jitter::QUARTER_LONGER.of(wait, roll);
            prop_assert!(wait <= longer && longer <= wait + wait / 4, "{longer:?}");
        }
    }
}
