//! Ids and times as the real service makes them: awkward ones.
//!
//! Nothing here is random. Ids come from a counter through a mixing function, so that a failing
//! test fails again with the same names.

use jiff::Timestamp;

/// SplitMix64: spreads a counter over all 64 bits, one to one.
#[must_use]
pub(super) fn mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A session id: 17 to 20 decimal digits, so that some fit neither i64 nor u64 (reference §1.8).
#[must_use]
pub(super) fn session_id(counter: u64) -> String {
    let digits = 17 + u32::try_from((counter + 2) % 4).unwrap_or(0);
    let least = 10_u128.pow(digits - 1);
    let spread = (u128::from(mix(counter)) << 64) | u128::from(mix(!counter));
    (least + spread % (9 * least)).to_string()
}

/// An id of an activity, a plan or a plan's step: 32 lower-case hex digits (reference §1.8).
#[must_use]
pub(super) fn hex_id(counter: u64) -> String {
    format!("{:016x}{:016x}", mix(counter), mix(!counter))
}

/// How finely a time is told, in nanoseconds: live times have 0, 3, 6 or 9 digits.
const GRAINS: [i128; 6] = [1_000, 1, 1_000_000, 1_000, 1_000_000_000, 1_000];

/// The time to put on the next event: near `now`, later than `last`, with fraction digits that
/// vary with the counter.
#[must_use]
pub(super) fn stamp(now: Timestamp, last: Option<Timestamp>, counter: u64) -> Timestamp {
    let grain = GRAINS[usize::try_from(mix(counter) % GRAINS.len() as u64).unwrap_or(0)];
    let floor = |ns: i128, grain: i128| ns - ns.rem_euclid(grain);
    let mut at = floor(now.as_nanosecond(), grain);
    if let Some(last) = last.map(Timestamp::as_nanosecond)
        && at <= last
    {
        // A whole second more would run ahead of the clock.
        let grain = grain.min(1_000_000);
        at = floor(last, grain) + grain;
    }
    Timestamp::from_nanosecond(at).unwrap_or(now)
}

/// RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, as proto3 JSON writes a time.
#[must_use]
pub(super) fn rfc3339(at: Timestamp) -> String {
    let ns = at.subsec_nanosecond();
    if ns == 0 {
        format!("{at:.0}")
    } else if ns % 1_000_000 == 0 {
        format!("{at:.3}")
    } else if ns % 1_000 == 0 {
        format!("{at:.6}")
    } else {
        format!("{at:.9}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn session_ids_have_seventeen_to_twenty_digits(counter: u64) {
            let id = session_id(counter % (1 << 62));
            prop_assert!((17..=20).contains(&id.len()));
            prop_assert!(!id.starts_with('0') && id.bytes().all(|b| b.is_ascii_digit()));
        }

        #[test]
        fn a_stamp_is_later_than_the_last_and_near_now(
            now in 0..4_000_000_000_000_000_000_i128,
            ahead in -1_000_000_i128..1_000_000,
            counter: u64,
        ) {
            let now = Timestamp::from_nanosecond(now).unwrap();
            let last = Timestamp::from_nanosecond(now.as_nanosecond() + ahead).unwrap();
            let at = stamp(now, Some(last), counter);
            prop_assert!(at > last);
            prop_assert!((at.as_nanosecond() - now.as_nanosecond()).abs() <= 1_000_000_000);
        }

        #[test]
        fn a_written_time_reads_back(nanos in 0..4_000_000_000_000_000_000_i128) {
            let at = Timestamp::from_nanosecond(nanos).unwrap();
            prop_assert_eq!(rfc3339(at).parse::<Timestamp>().unwrap(), at);
        }
    }
}
