//! How much is done at a time, for each API on its own: one that accepts requests and never answers holds
//! up neither the other API nor our own store.

use domain::task::Destination;
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use store::Key;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How many effects run at a time at Slack, at Jules, and in our own store.
const AT_ONCE: usize = 64;

/// The slots of all APIs, and the documents that wait for one.
pub(super) struct Slots {
    slack: Arc<Semaphore>,
    jules: Arc<Semaphore>,
    store: Arc<Semaphore>,
    waiting: Mutex<Vec<Waiting>>,
    /// Rung when a slot is free and a document waits for it.
    work: Arc<Notify>,
}

/// A document whose next step has to wait for a slot.
struct Waiting {
    key: Key,
    destination: Destination,
    /// When something else in it is due.
    until: Option<Timestamp>,
}

impl Slots {
    pub(super) fn new(work: Arc<Notify>) -> Arc<Self> {
        let slots = || Arc::new(Semaphore::new(AT_ONCE));
        let waiting = Mutex::default();
        Arc::new(Self { slack: slots(), jules: slots(), store: slots(), waiting, work })
    }

    fn of(&self, destination: Destination) -> &Arc<Semaphore> {
        match destination {
            Destination::Thread | Destination::Slack => &self.slack,
            Destination::Jules => &self.jules,
            Destination::Store => &self.store,
        }
    }

    /// A slot, if one is free.
    pub(super) fn take(self: &Arc<Self>, destination: Destination) -> Option<Slot> {
        let permit = Arc::clone(self.of(destination)).try_acquire_owned().ok()?;
        Some(Slot { permit: Some(permit), destination, slots: Arc::clone(self) })
    }

    /// Makes a document wait for a slot, or until an entry for another API is due.
    pub(super) fn wait(&self, key: Key, destination: Destination, until: Option<Timestamp>) {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|other| other.key != key);
        waiting.push(Waiting { key, destination, until });
    }

    /// A document changed, so there may be something else to do in it.
    pub(super) fn call(&self, key: &Key) {
        lock(&self.waiting).retain(|waiting| waiting.key != *key);
    }

    /// The documents that still have to wait. The others are released: as many as there are free slots, in
    /// order, and those with something else to do.
    pub(super) fn waiting(&self, now: Timestamp) -> HashSet<Key> {
        let free = |destination| self.of(destination).available_permits();
        let (mut slack, mut jules, mut store) =
            (free(Destination::Slack), free(Destination::Jules), free(Destination::Store));
        let mut waiting = lock(&self.waiting);
        waiting.retain(|one| {
            let free = match one.destination {
                Destination::Thread | Destination::Slack => &mut slack,
                Destination::Jules => &mut jules,
                Destination::Store => &mut store,
            };
            let has_slot = *free > 0;
            *free -= usize::from(has_slot);
            !has_slot && one.until.is_none_or(|until| until > now)
        });
        waiting.iter().map(|one| one.key.clone()).collect()
    }
}

/// The right to do one thing at an API, until it is dropped.
pub(super) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    destination: Destination,
    slots: Arc<Slots>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.permit.take());
        let waits = |one: &Waiting| one.destination.is_same_api(self.destination);
        if lock(&self.slots.waiting).iter().any(waits) {
            self.slots.work.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Destination::{Jules, Slack, Thread};

    fn key(name: &str) -> Key {
        Key::new(name)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn one_api_takes_no_slot_of_the_other() {
        let slots = Slots::new(Arc::default());
        let held: Vec<Slot> = std::iter::from_fn(|| slots.take(Jules)).collect();
        assert_eq!(held.len(), AT_ONCE);
        assert!(slots.take(Slack).is_some() && slots.take(Destination::Store).is_some());
        let _one = slots.take(Thread).unwrap();
        drop(held);
        assert!(slots.take(Jules).is_some());
    }

    #[test]
    fn who_waits_longest_goes_first_and_whoever_has_something_else_to_do_goes_then() {
        let slots = Slots::new(Arc::default());
        let mut held: Vec<Slot> = std::iter::from_fn(|| slots.take(Jules)).collect();
        slots.wait(key("a"), Jules, None);
        slots.wait(key("b"), Jules, Some(at(5)));
        slots.wait(key("c"), Jules, None);
        assert_eq!(slots.waiting(at(0)).len(), 3);
        held.pop();
        assert_eq!(slots.waiting(at(0)), [key("b"), key("c")].into());
        let _taken = slots.take(Jules).unwrap();
        assert_eq!(slots.waiting(at(5)), [key("c")].into());
        slots.call(&key("c"));
        assert!(slots.waiting(at(5)).is_empty());
    }
}
