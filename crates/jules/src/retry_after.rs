//! How long Jules asks us to wait.
//!
//! Nobody has yet shown a live `Retry-After` of Jules (reference §1.7); HTTP allows seconds or a date,
//! and either may be nonsense. A date means nothing without a clock, so it is kept until asked.

use jiff::Timestamp;
use std::time::Duration;

/// The `Retry-After` header of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds from the reply on.
    Seconds(u64),
    /// Not before this time.
    At(Timestamp),
}

impl RetryAfter {
    /// The longest wait that we believe: what asks for more is wrong, or not about us.
    pub const LONGEST: Duration = Duration::from_secs(3600);

    /// Reads the header; `None` when it is neither seconds nor an HTTP date.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
            // Only digits and yet not a number: too many of them.
            return Some(Self::Seconds(header.parse().unwrap_or(u64::MAX)));
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new();
        date.parse_timestamp(header).ok().map(Self::At)
    }

    /// How long that is from `now` on: zero when the time has passed, at most [`Self::LONGEST`].
    #[must_use]
    pub fn wait_from(self, now: Timestamp) -> Duration {
        let wait = match self {
            Self::Seconds(seconds) => Duration::from_secs(seconds),
            Self::At(time) => Duration::try_from(time.duration_since(now)).unwrap_or_default(),
        };
        wait.min(Self::LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(header: &str) -> Option<u64> {
        let now: Timestamp = "2026-09-01T10:00:00Z".parse().unwrap();
        RetryAfter::parse(header).map(|after| after.wait_from(now).as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read_and_bounded() {
        assert_eq!(wait("0"), Some(0));
        assert_eq!(wait(" 17 "), Some(17));
        assert_eq!(wait("86400"), Some(3600));
        assert_eq!(wait("99999999999999999999999"), Some(3600));
        assert_eq!(wait("Tue, 01 Sep 2026 10:01:30 GMT"), Some(90));
        assert_eq!(wait("Tue, 01 Sep 2026 09:00:00 GMT"), Some(0));
        assert_eq!(wait("Fri, 01 Jan 2100 00:00:00 GMT"), Some(3600));
    }

    #[test]
    fn garbage_is_nothing() {
        for header in ["", " ", "-1", "1.5", "soon", "1s", "Tue, 99 Sep 2026", "\u{661}"] {
            assert_eq!(wait(header), None, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_us_wait_longer_than_the_longest(header in ".{0,40}") {
            prop_assert!(wait(&header).unwrap_or(0) <= RetryAfter::LONGEST.as_secs());
        }
    }
}
