//! The primary limit: so many calls an hour for each token, and for everyone without one.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Without a token. [GitHub: rate limits]
const ANONYMOUS: u32 = 60;
/// With one.
const WITH_TOKEN: u32 = 5_000;

/// Who has used how much.
#[derive(Debug, Default)]
pub(super) struct Rates {
    used: BTreeMap<Option<String>, Window>,
}

#[derive(Debug)]
struct Window {
    used: u32,
    reset: Timestamp,
}

/// What the headers of an answer say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    pub(super) reset: Timestamp,
    /// There was nothing left for this call.
    pub(super) is_over: bool,
}

impl Rates {
    /// Counts a call, and says what is left. One that `is_free` is not counted.
    pub(super) fn count(&mut self, token: Option<&str>, is_free: bool, now: Timestamp) -> Left {
        let limit = if token.is_some() { WITH_TOKEN } else { ANONYMOUS };
        let fresh = || Window { used: 0, reset: now + SignedDuration::from_hours(1) };
        let window = self.used.entry(token.map(str::to_owned)).or_insert_with(fresh);
        if window.reset <= now {
            *window = fresh();
        }
        let is_over = window.used >= limit;
        if !is_free && !is_over {
            window.used += 1;
        }
        Left { limit, remaining: limit - window.used, reset: window.reset, is_over }
    }

    /// What is left, asked for on its own: that isn't counted.
    pub(super) fn left(&mut self, token: Option<&str>, now: Timestamp) -> Left {
        self.count(token, true, now)
    }

    /// Uses up what is left, as someone else does.
    pub(super) fn use_up(&mut self, token: Option<&str>, now: Timestamp) {
        let limit = self.left(token, now).limit;
        if let Some(window) = self.used.get_mut(&token.map(str::to_owned)) {
            window.used = limit;
        }
    }
}
