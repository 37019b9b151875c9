//! Telling of refused requests in the log, without letting whoever sends them fill the disk.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// How often a refusal is told at most.
const TOLD_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// What was told last.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    told_at: Option<Timestamp>,
    count: u64,
}

impl Refusals {
    /// Whether the refusal of this moment is to be told; if so, how many before it were not.
    pub(super) fn tell(&self, now: Timestamp) -> Option<u64> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = |told: Timestamp| now.duration_since(told).abs() < TOLD_EVERY;
        if untold.told_at.is_some_and(quiet) {
            untold.count += 1;
            return None;
        }
        untold.told_at = Some(now);
        Some(std::mem::take(&mut untold.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_is_told_with_the_number_of_the_others() {
        let refusals = Refusals::default();
        let at = |ms| Timestamp::from_millisecond(ms).expect("a time");
        let told: Vec<_> = [0, 1, 999, 1000, 1500, 3000].map(|ms| refusals.tell(at(ms))).into();
        assert_eq!(told, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
