//! Documents that this process passes over, so that they hold up no other: they stay due, and the store is left alone.

use domain::backoff::Backoff;
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use store::Key;
use store::records::RecordError;
use tokio::time::Instant;

/// A newer version's document is read again after so long: that version may have written it in a form that this one
/// knows, or may have given way to this one.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// What is passed over, and until when.
#[derive(Default)]
pub(super) struct SetAside(Mutex<HashMap<Key, Timestamp>>);

impl SetAside {
    /// Passes over a document for this reason: for good, unless it's only too new. True the first time.
    pub(super) fn put(&self, key: &Key, why: &RecordError, now: Timestamp) -> bool {
        let until = if why.is_newer() { now + AGAIN } else { Timestamp::MAX };
        lock(&self.0).insert(key.clone(), until).is_none()
    }

    /// Whether a document is passed over.
    pub(super) fn has(&self, key: &Key, now: Timestamp) -> bool {
        let mut all = lock(&self.0);
        match all.get(key) {
            Some(until) if *until > now => true,
            Some(_) => {
                all.remove(key);
                false
            }
            None => false,
        }
    }
}

/// The waits of a document whose step panicked. They stay short, since it may be that of a whole account.
const AFTER_PANIC: Backoff =
    Backoff::new(SignedDuration::from_secs(1), SignedDuration::from_mins(1));

/// Documents whose last step panicked: each is passed over for a while, longer each time.
#[derive(Default)]
pub(super) struct Panicked(Mutex<HashMap<Key, Panics>>);

struct Panics {
    in_a_row: u32,
    /// By the machine's own time: a clock that is set changes nothing about it.
    until: Instant,
}

impl Panicked {
    /// Passes over a document whose step has just panicked; gives for how long.
    pub(super) fn put(&self, key: &Key, now: Instant) -> Duration {
        let mut all = lock(&self.0);
        let panics = all.entry(key.clone()).or_insert(Panics { in_a_row: 0, until: now });
        panics.in_a_row = panics.in_a_row.saturating_add(1);
        let wait = AFTER_PANIC.wait(panics.in_a_row).unsigned_abs();
        panics.until = now + wait;
        wait
    }

    /// Whether a document is passed over.
    pub(super) fn has(&self, key: &Key, now: Instant) -> bool {
        lock(&self.0).get(key).is_some_and(|panics| panics.until > now)
    }

    /// A document's step ended without a panic.
    pub(super) fn forget(&self, key: &Key) {
        lock(&self.0).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_panics_every_time_is_passed_over_for_longer_each_time() {
        let (panicked, key, other) = (Panicked::default(), Key::new("task/a"), Key::new("task/b"));
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = panicked.put(&key, now);
            assert!(panicked.has(&key, now) && !panicked.has(&other, now));
            now += wait;
            assert!(!panicked.has(&key, now), "it has its turn");
            waits.push(wait.as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        panicked.forget(&key);
        assert_eq!(panicked.put(&key, now).as_secs(), 1);
    }
}
