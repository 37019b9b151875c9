//! What the scheduler is to look at: documents that were just stored, by their names, or everything that is due.

use platform::lock::lock;
use std::sync::Mutex;
use store::Key;
use tokio::sync::Notify;

/// More names than this are not kept: they are found when the store is asked for what is due, which it is every
/// half second.
const MOST_NAMES: usize = 1_000;

/// Rung when there may be something to do.
#[derive(Debug, Default)]
pub(super) struct Bell {
    calls: Mutex<Calls>,
    rung: Notify,
}

/// What it was rung for.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// These documents, in this order.
    pub(super) names: Vec<Key>,
    /// Everything that is due.
    pub(super) everything: bool,
}

impl Bell {
    /// Something in this document is due.
    pub(super) fn ring_for(&self, key: Key) {
        let mut calls = lock(&self.calls);
        if calls.names.len() < MOST_NAMES {
            calls.names.push(key);
        }
        drop(calls);
        self.rung.notify_one();
    }

    /// Something is due, wherever it is.
    pub(super) fn ring(&self) {
        lock(&self.calls).everything = true;
        self.rung.notify_one();
    }

    /// A document that waits for a slot may have one.
    pub(super) fn ring_for_a_slot(&self) {
        self.rung.notify_one();
    }

    /// Waits until it is rung.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }

    /// What it was rung for since the last time.
    pub(super) fn calls(&self) -> Calls {
        std::mem::take(&mut *lock(&self.calls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_names_that_it_was_rung_for() {
        let bell = Bell::default();
        bell.ring_for(Key::new("a"));
        bell.ring_for(Key::new("b"));
        bell.rung().await;
        let calls = bell.calls();
        assert_eq!((calls.names, calls.everything), (vec![Key::new("a"), Key::new("b")], false));
        assert!(bell.calls().names.is_empty());
    }

    #[test]
    fn a_flood_fills_no_memory() {
        let bell = Bell::default();
        (0..2 * MOST_NAMES).for_each(|number| bell.ring_for(Key::new(number.to_string())));
        assert_eq!(bell.calls().names.len(), MOST_NAMES);
    }
}
