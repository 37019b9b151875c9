//! How much is done at a time, for each API on its own: one that accepts requests and never answers holds
//! up neither the other API nor our own store.

use super::bell::Bell;
use domain::task::{Api, Destination};
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use store::Key;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many effects run at a time at Slack, at Jules, and in our own store.
const AT_ONCE: usize = 64;

/// The slots of all APIs, and the documents that wait for one.
pub(super) struct Slots {
    free: BTreeMap<Api, Arc<Semaphore>>,
    lines: Mutex<Lines>,
    /// Rung when a slot is free and a document waits for it.
    bell: Arc<Bell>,
}

/// The documents that wait for a slot, in order, and those whose turn has come.
///
/// There may be tens of thousands, so nothing here looks at all of them.
#[derive(Default)]
struct Lines {
    /// The ticket with which each of them waits.
    tickets: HashMap<Key, u64>,
    /// In the order of the tickets. Those who left the line are still in here, with a ticket that isn't theirs.
    waiting: BTreeMap<Api, VecDeque<(u64, Key)>>,
    /// Those with something else to do at a certain time, likewise.
    until: BTreeSet<(Timestamp, u64, Key)>,
    /// Those that were called to take a slot, which is kept for them.
    called: HashMap<Key, Api>,
    last: u64,
}

impl Lines {
    fn join(&mut self, key: Key, api: Api, until: Option<Timestamp>) {
        self.called.remove(&key);
        self.last += 1;
        self.tickets.insert(key.clone(), self.last);
        self.until.extend(until.map(|until| (until, self.last, key.clone())));
        self.waiting.entry(api).or_default().push_back((self.last, key));
    }

    fn leave(&mut self, key: &Key) {
        self.tickets.remove(key);
    }

    /// Whether the slot that was kept for a document, if one was, is for another now.
    fn free_kept(&mut self, key: &Key) -> bool {
        let api = self.called.remove(key);
        api.is_some_and(|api| self.first(api).is_some())
    }

    /// The first in line.
    fn first(&mut self, api: Api) -> Option<Key> {
        let waiting = self.waiting.get_mut(&api)?;
        while let Some((ticket, key)) = waiting.front() {
            if self.tickets.get(key) == Some(ticket) {
                return Some(key.clone());
            }
            waiting.pop_front();
        }
        None
    }

    /// Those who have something else to do by now.
    fn busy_elsewhere(&mut self, now: Timestamp) -> Vec<Key> {
        let mut busy = Vec::new();
        while self.until.first().is_some_and(|(until, ..)| *until <= now) {
            let Some((_, ticket, key)) = self.until.pop_first() else { break };
            if self.tickets.get(&key) == Some(&ticket) {
                busy.push(key);
            }
        }
        busy
    }

    /// How many slots are kept for those that were called.
    fn kept(&self, api: Api) -> usize {
        self.called.values().filter(|called| **called == api).count()
    }
}

impl Slots {
    pub(super) fn new(bell: Arc<Bell>) -> Arc<Self> {
        let free = Api::ALL.map(|api| (api, Arc::new(Semaphore::new(AT_ONCE)))).into();
        Arc::new(Self { free, lines: Mutex::default(), bell })
    }

    /// A slot for this document, if one is free and not kept for another.
    pub(super) fn take(self: &Arc<Self>, key: &Key, destination: Destination) -> Option<Slot> {
        let api = destination.api();
        let free = self.free.get(&api)?;
        let mut lines = lock(&self.lines);
        lines.called.remove(key);
        if free.available_permits() <= lines.kept(api) {
            return None;
        }
        let permit = Arc::clone(free).try_acquire_owned().ok()?;
        Some(Slot { permit: Some(permit), api, slots: Arc::clone(self) })
    }

    /// Whether a slot is free and not kept for anyone.
    pub(super) fn has_room(&self, destination: Destination) -> bool {
        let api = destination.api();
        let free = self.free.get(&api).map_or(0, |free| free.available_permits());
        free > lock(&self.lines).kept(api)
    }

    /// Makes a document wait for a slot, or until an entry for another API is due.
    pub(super) fn wait(&self, key: Key, destination: Destination, until: Option<Timestamp>) {
        lock(&self.lines).join(key, destination.api(), until);
        // One may have been given back a moment ago.
        if self.has_room(destination) {
            self.bell.ring_for_a_slot();
        }
    }

    /// A document changed, so there may be something else to do in it.
    pub(super) fn leave(&self, key: &Key) {
        let mut lines = lock(&self.lines);
        lines.leave(key);
        let is_for_another = lines.free_kept(key);
        drop(lines);
        if is_for_another {
            self.bell.ring_for_a_slot();
        }
    }

    /// A document was looked at: it has its slot, waits again, or needs none.
    pub(super) fn looked_at(&self, key: &Key) {
        let is_for_another = lock(&self.lines).free_kept(key);
        if is_for_another {
            self.bell.ring_for_a_slot();
        }
    }

    /// Whether a document still has to wait.
    pub(super) fn is_waiting(&self, key: &Key) -> bool {
        lock(&self.lines).tickets.contains_key(key)
    }

    /// The documents that need not wait any more: as many as there are free slots, in order, and those with
    /// something else to do. They leave the line, and a slot is kept for each until it has taken it or
    /// was [looked at](Self::looked_at).
    pub(super) fn call(&self, now: Timestamp) -> Vec<Key> {
        let mut lines = lock(&self.lines);
        let mut called = lines.busy_elsewhere(now);
        called.iter().for_each(|key| lines.leave(key));
        for (api, free) in &self.free {
            let kept = lines.kept(*api);
            for _ in kept..free.available_permits() {
                let Some(key) = lines.first(*api) else { break };
                lines.leave(&key);
                lines.called.insert(key.clone(), *api);
                called.push(key);
            }
        }
        called
    }
}

/// The right to do one thing at an API, until it is dropped.
pub(super) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    api: Api,
    slots: Arc<Slots>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.permit.take());
        if lock(&self.slots.lines).first(self.api).is_some() {
            self.slots.bell.ring_for_a_slot();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Destination::{Jules, Slack, Thread};
    use futures_util::FutureExt;

    fn key(name: &str) -> Key {
        Key::new(name)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn take_all(slots: &Arc<Slots>) -> Vec<Slot> {
        std::iter::from_fn(|| slots.take(&key("other"), Jules)).collect()
    }

    #[test]
    fn one_api_takes_no_slot_of_the_other() {
        let slots = Slots::new(Arc::default());
        let held = take_all(&slots);
        assert_eq!(held.len(), AT_ONCE);
        assert!(slots.take(&key("a"), Slack).is_some());
        assert!(slots.take(&key("a"), Destination::Store).is_some());
        let _one = slots.take(&key("a"), Thread).unwrap();
        drop(held);
        assert!(slots.take(&key("a"), Jules).is_some());
    }

    #[test]
    fn who_waits_longest_goes_first_and_whoever_has_something_else_to_do_goes_then() {
        let slots = Slots::new(Arc::default());
        let mut held = take_all(&slots);
        slots.wait(key("a"), Jules, None);
        slots.wait(key("b"), Jules, Some(at(5)));
        slots.wait(key("c"), Jules, None);
        assert!(slots.call(at(0)).is_empty());
        held.pop();
        assert_eq!(slots.call(at(0)), [key("a")]);
        assert!(slots.call(at(0)).is_empty(), "the slot is kept for the one that was called");
        let _taken = slots.take(&key("a"), Jules).unwrap();
        assert_eq!(slots.call(at(5)), [key("b")]);
        assert!(slots.is_waiting(&key("c")));
        slots.leave(&key("c"));
        assert!(!slots.is_waiting(&key("c")));
    }

    #[test]
    fn a_slot_that_was_kept_and_is_not_needed_is_for_the_next() {
        let bell = Arc::new(Bell::default());
        let is_rung = || bell.rung().now_or_never().is_some();
        let slots = Slots::new(Arc::clone(&bell));
        let mut held = take_all(&slots);
        slots.wait(key("a"), Jules, None);
        slots.wait(key("b"), Jules, None);
        held.pop();
        assert!(is_rung());
        assert_eq!(slots.call(at(0)), [key("a")]);
        assert!(slots.take(&key("newcomer"), Jules).is_none(), "it is kept for the first in line");
        assert!(!is_rung());
        slots.looked_at(&key("a"));
        assert!(is_rung(), "the next one needn't wait for the next look");
        assert_eq!(slots.call(at(0)), [key("b")]);
        assert!(slots.take(&key("b"), Jules).is_some());
    }
}
