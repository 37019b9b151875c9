//! Times as whole microseconds since 1970, the form in which both backends keep and order them.
//!
//! Microseconds fit a Redis score, a 64-bit float, exactly until the year 2255; nanoseconds would not.

use super::{Result, StoreError};
use jiff::Timestamp;

/// Microseconds since 1970; what is finer is cut off.
pub(super) fn of(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The time back.
///
/// # Errors
/// [`StoreError::Broken`] for a number that [`of`] never makes.
pub(super) fn time(timestamp: i64) -> Result<Timestamp> {
    let nanoseconds = timestamp.rem_euclid(1_000_000) as i32 * 1000;
    // Not `from_microsecond`, which refuses the last second that there is.
    Timestamp::new(timestamp.div_euclid(1_000_000), nanoseconds)
        .map_err(|_| StoreError::Broken(format!("{timestamp} is not a time")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_whole_microsecond_comes_back(second in -377_705_023_200..=253_402_207_200_i64, rest in 0..1_000_000_i64) {
            let whole = Timestamp::from_second(second).expect("in range");
            let whole = whole.checked_add(jiff::SignedDuration::from_micros(rest)).unwrap_or(whole);
            prop_assert_eq!(time(of(whole)).expect("comes back"), whole);
        }
    }

    #[test]
    fn the_last_time_there_is_loses_only_what_is_finer() {
        let last = time(of(Timestamp::MAX)).expect("comes back");
        assert_eq!(Timestamp::MAX.duration_since(last).as_nanos(), 999);
    }
}
