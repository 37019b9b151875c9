//! Working hours: when so much of them has passed.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// From nine to six, Monday to Friday.
const BEGIN: i8 = 9;
const END: i8 = 18;

/// More days never pass: two of a weekend, and what is worked in the others.
const MOST_DAYS: usize = 14;

/// When `amount` of working time has passed since `since`, by a clock that is `ahead` of UTC by so many
/// seconds.
#[must_use]
pub(crate) fn after_working(since: Timestamp, amount: SignedDuration, ahead: i32) -> Timestamp {
    let zone = Offset::from_seconds(ahead).unwrap_or(Offset::UTC);
    let mut at = zone.to_datetime(since);
    let mut left = amount;
    for _ in 0..MOST_DAYS {
        let (begin, end) = (hour(at, BEGIN), hour(at, END));
        if works_on(at) && at < end {
            let from = at.max(begin);
            let there = from.duration_until(end);
            if left <= there {
                at = from.saturating_add(left);
                break;
            }
            left -= there;
        }
        at = hour(at.saturating_add(SignedDuration::from_hours(24)), 0);
    }
    zone.to_timestamp(at).unwrap_or(since + amount)
}

/// The time after so much of working days, around the clock and in UTC.
#[must_use]
pub(crate) fn after_weekdays(since: Timestamp, amount: SignedDuration) -> Timestamp {
    let mut at = Offset::UTC.to_datetime(since);
    let mut left = amount;
    for _ in 0..MOST_DAYS {
        let next = hour(at.saturating_add(SignedDuration::from_hours(24)), 0);
        if works_on(at) {
            let there = at.duration_until(next);
            if left <= there {
                at = at.saturating_add(left);
                break;
            }
            left -= there;
        }
        at = next;
    }
    Offset::UTC.to_timestamp(at).unwrap_or(since + amount)
}

fn works_on(day: DateTime) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn hour(day: DateTime, hour: i8) -> DateTime {
    day.date().at(hour, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn two_hours_after(since: &str, ahead: i32) -> String {
        let since: Timestamp = since.parse().unwrap();
        after_working(since, SignedDuration::from_hours(2), ahead).to_string()
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        const BERLIN: i32 = 3600;
        const LOS_ANGELES: i32 = -8 * 3600;
        for (since, ahead, at) in [
            // 2026-11-24 is a Tuesday.
            ("2026-11-24T10:00:00Z", 0, "2026-11-24T12:00:00Z"),
            ("2026-11-24T07:30:00Z", 0, "2026-11-24T11:00:00Z"),
            ("2026-11-24T07:30:00Z", BERLIN, "2026-11-24T10:00:00Z"),
            ("2026-11-24T16:30:00Z", 0, "2026-11-25T09:30:00Z"),
            ("2026-11-24T16:00:00Z", 0, "2026-11-24T18:00:00Z"),
            ("2026-11-24T20:00:00Z", 0, "2026-11-25T11:00:00Z"),
            ("2026-11-24T20:00:00Z", LOS_ANGELES, "2026-11-24T22:00:00Z"),
            ("2026-11-27T17:00:00Z", 0, "2026-11-30T10:00:00Z"),
            ("2026-11-28T12:00:00Z", 0, "2026-11-30T11:00:00Z"),
            ("2026-11-29T23:59:59Z", 0, "2026-11-30T11:00:00Z"),
        ] {
            assert_eq!(two_hours_after(since, ahead), at, "{since} at {ahead}");
        }
    }

    #[test]
    fn a_day_from_a_weekend_on_ends_on_tuesday() {
        for (since, at) in [
            ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z"),
            ("2026-11-27T10:00:00Z", "2026-11-30T10:00:00Z"),
            ("2026-11-28T10:00:00Z", "2026-12-01T00:00:00Z"),
        ] {
            let since: Timestamp = since.parse().unwrap();
            let after = after_weekdays(since, SignedDuration::from_hours(24));
            assert_eq!(after.to_string(), at, "{since}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_reminded_at_night_or_too_soon(
            since in 1_700_000_000_i64..1_900_000_000, ahead in -12_i32 * 3600..=14 * 3600,
        ) {
            let since = Timestamp::from_second(since).unwrap();
            let amount = SignedDuration::from_hours(2);
            let at = after_working(since, amount, ahead);
            let there = Offset::from_seconds(ahead).unwrap().to_datetime(at);
            prop_assert!(works_on(there) && (hour(there, BEGIN)..=hour(there, END)).contains(&there));
            prop_assert!(at.duration_since(since) >= amount);
            prop_assert!(at.duration_since(since) <= SignedDuration::from_hours(24 * 3));
        }
    }
}
