//! What goes wrong with one call and is over at once, drawn from a seed.

use sim::jules::{Fault as JulesFault, Op, RetryAfter};
use sim::slack::Fault as SlackFault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Draws from a seed; clones draw from the same.
#[derive(Clone)]
pub(super) struct Dice(Arc<AtomicU64>);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// Below `n`. (SplitMix64.)
    pub(super) fn below(&self, n: u64) -> u64 {
        let drawn = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (drawn ^ (drawn >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }

    /// One in `n` times.
    pub(super) fn one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&self, these: &[T]) -> T {
        these[usize::try_from(self.below(these.len() as u64)).expect("is below a length")]
    }
}

/// Whatever is over at once (jules-api.md §7.2, F1 to F6 and F14); what hangs has tests of its own.
pub(super) fn jules_fault(dice: &Dice, op: Op) -> JulesFault {
    match dice.below(17) {
        0 => JulesFault::DropBefore,
        1 => JulesFault::DropAfter,
        2 => JulesFault::ErrorAfter(500),
        3 => JulesFault::ErrorAfter(504),
        4 => JulesFault::status(503),
        5 => JulesFault::html(502),
        6 => JulesFault::too_many(&RetryAfter::Seconds(3)),
        7 => JulesFault::too_many(&RetryAfter::Absent),
        8 => JulesFault::too_many(&RetryAfter::Text("soon")),
        9 => JulesFault::TruncatedJson,
        10 => JulesFault::Html200,
        11 => JulesFault::EmptyBody,
        12 => JulesFault::WrongContentType,
        13 => JulesFault::InvalidUtf8,
        14 => JulesFault::JsonNull,
        15 if op == Op::CreateSession => JulesFault::failed_precondition(),
        _ => JulesFault::ResetMidBody,
    }
}

/// What slack-platform.md §14 calls *slow down* and *transient*; the others end things, and have tests
/// of their own.
pub(super) fn slack_fault(dice: &Dice) -> SlackFault {
    let code = |code: &str| SlackFault::Error(code.to_owned());
    match dice.below(12) {
        0 => SlackFault::DropBefore,
        1 => SlackFault::DropAfter,
        2 => SlackFault::ErrorAfter,
        3 => SlackFault::Limited(Some(2)),
        4 => SlackFault::Limited(None),
        5 => SlackFault::Status(500),
        6 => SlackFault::Status(503),
        7 => code("ratelimited"),
        8 => code("internal_error"),
        9 => code("fatal_error"),
        10 => code("service_unavailable"),
        _ => code("request_timeout"),
    }
}
