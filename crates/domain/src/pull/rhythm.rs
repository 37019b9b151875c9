//! When a pull request is looked at again: soon after something happened to it, then ever more seldom.

use super::{PullSight, PullState};
use jiff::{SignedDuration, Timestamp};

/// The first look after the end of a session.
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(30);

/// Jules' own CI fixer has so long to push before anyone is told that checks failed (changes-2026-11.md, J9).
pub(crate) const FIXER_GRACE: SignedDuration = SignedDuration::from_mins(10);

/// A pull request is watched for so long without a change.
pub(crate) const WATCHED_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// After it's merged or closed, for so long: someone may reopen it.
const AFTER_THE_END: SignedDuration = SignedDuration::from_hours(24);

/// Until so long after a change, it's looked at so often.
const PACE: [(SignedDuration, SignedDuration); 4] = [
    (SignedDuration::from_mins(30), SignedDuration::from_mins(2)),
    (SignedDuration::from_hours(24), SignedDuration::from_mins(10)),
    (SignedDuration::from_hours(24 * 7), SignedDuration::from_mins(30)),
    (WATCHED_FOR, SignedDuration::from_hours(24)),
];

/// Webhooks report changes, so a pull request is looked at that much less often.
const WITH_WEBHOOKS: i32 = 10;

/// When to look again after a look at `now`; `None` once it isn't watched any more. `changed` is when something
/// last changed, `is_told` whether GitHub's webhooks arrive for this repository.
#[must_use]
pub fn next_look(
    sight: Option<&PullSight>,
    changed: Timestamp,
    is_told: bool,
    now: Timestamp,
) -> Option<Timestamp> {
    let quiet = now.duration_since(changed);
    let is_open = sight.is_none_or(|sight| sight.pull.state.is_open());
    if !is_open && quiet >= AFTER_THE_END {
        return None;
    }
    let (_, pace) = PACE.iter().find(|(until, _)| quiet < *until)?;
    let pace = if is_told { *pace * WITH_WEBHOOKS } else { *pace };
    // What is to be told at a time of its own isn't told late.
    let grace = sight.and_then(|sight| sight.checks.red_since).map(|since| since + FIXER_GRACE);
    let grace = grace.filter(|at| *at > now);
    let next = now + pace;
    Some(grace.map_or(next, |at| at.min(next)))
}

/// Whether a review is awaited: the reminder is about these.
#[must_use]
pub(crate) fn awaits_review(sight: &PullSight) -> bool {
    sight.pull.state == PullState::Open
        && (sight.checks.is_green() || sight.checks.total() == 0)
        && sight.reviews.iter().all(|review| review.by.is_bot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(quiet: i64, is_told: bool) -> Option<i64> {
        let changed = Timestamp::from_second(1_800_000_000).unwrap();
        let now = changed + SignedDuration::from_mins(quiet);
        let next = next_look(None, changed, is_told, now)?;
        Some(next.duration_since(now).as_mins())
    }

    #[test]
    fn the_longer_nothing_changes_the_less_it_is_looked_at() {
        let day = 24 * 60;
        for (quiet, expected) in [
            (0, Some(2)),
            (29, Some(2)),
            (30, Some(10)),
            (day - 1, Some(10)),
            (day, Some(30)),
            (7 * day, Some(day)),
            (30 * day, None),
        ] {
            assert_eq!(minutes(quiet, false), expected, "{quiet}");
        }
        assert_eq!(minutes(0, true), Some(20));
    }
}
