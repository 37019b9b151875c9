//! A line in the log for something that may happen many times a second, without filling the disk.

use crate::lock::lock;
use jiff::{SignedDuration, Timestamp};
use std::sync::Mutex;

/// Lets one line through in a while, and counts the others.
#[derive(Debug)]
pub struct LogThrottle {
    every: SignedDuration,
    untold: Mutex<Untold>,
}

#[derive(Debug, Default)]
struct Untold {
    told_at: Option<Timestamp>,
    count: u64,
}

impl LogThrottle {
    /// At most one line in this time.
    #[must_use]
    pub fn new(every: SignedDuration) -> Self {
        Self { every, untold: Mutex::default() }
    }

    /// Whether to log now; if so, how many lines before this one were not.
    pub fn tell(&self, now: Timestamp) -> Option<u64> {
        let mut untold = lock(&self.untold);
        let quiet = |told: Timestamp| now.duration_since(told).abs() < self.every;
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
        let throttle = LogThrottle::new(SignedDuration::from_secs(1));
        let at = |ms| Timestamp::from_millisecond(ms).expect("a time");
        let told: Vec<_> = [0, 1, 999, 1000, 1500, 3000].map(|ms| throttle.tell(at(ms))).into();
        assert_eq!(told, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
