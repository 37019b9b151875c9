//! How much is done at a time, for each workspace at Slack, for each account at Jules, and in our own store: one
//! that accepts requests and never answers holds up none of the others.

use super::bell::Bell;
use domain::ids::{AccountId, TeamId};
use domain::task::{Api, Destination};
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use store::Key;

/// How many effects run at a time in each place.
const AT_ONCE: usize = 64;

/// How many at one API, in all places: each of them has a file open.
const AT_ONCE_IN_ALL: usize = 192;

/// Where an effect does its work, and with whose credentials.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// In a workspace at Slack.
    Workspace(TeamId),
    /// In an account at Jules.
    Account(AccountId),
    /// In our own store.
    Store,
}

impl Place {
    /// Where an effect of a task of this workspace and account does its work.
    pub(super) fn of(team: &TeamId, account: &AccountId, destination: Destination) -> Self {
        match destination.api() {
            Api::Slack => Self::Workspace(team.clone()),
            Api::Jules => Self::Account(account.clone()),
            Api::Store => Self::Store,
        }
    }

    fn api(&self) -> Api {
        match self {
            Self::Workspace(_) => Api::Slack,
            Self::Account(_) => Api::Jules,
            Self::Store => Api::Store,
        }
    }
}

/// The slots of all places, and the documents that wait for one.
pub(super) struct Slots {
    lines: Mutex<Lines>,
    /// Rung when a slot is free and a document waits for it.
    bell: Arc<Bell>,
}

/// The slots of a place, and who waits for them.
#[derive(Default)]
struct Line {
    taken: usize,
    /// For those that were called to take one.
    kept: usize,
    /// In the order of the tickets. Those who left the line are still in here, with a ticket that isn't theirs.
    waiting: VecDeque<(u64, Key)>,
}

impl Line {
    fn free(&self) -> usize {
        AT_ONCE.saturating_sub(self.taken + self.kept)
    }

    fn is_unused(&self) -> bool {
        self.taken == 0 && self.kept == 0 && self.waiting.is_empty()
    }
}

/// The documents that wait for a slot, in order, and those whose turn has come.
///
/// There may be tens of thousands, so nothing here looks at all of them.
#[derive(Default)]
struct Lines {
    /// Those in which something is done or waits.
    places: HashMap<Place, Line>,
    /// The ticket with which each document waits.
    tickets: HashMap<Key, u64>,
    /// Those with something else to do at a certain time, with their tickets, as in [`Line::waiting`].
    until: BTreeSet<(Timestamp, u64, Key)>,
    /// Those that were called to take a slot, which is kept for them.
    called: HashMap<Key, Place>,
    /// How many slots of an API are taken or kept, in all places.
    used: BTreeMap<Api, usize>,
    last: u64,
}

impl Lines {
    fn free(&self, place: &Place) -> usize {
        let used = self.used.get(&place.api()).copied().unwrap_or(0);
        let here = self.places.get(place).map_or(AT_ONCE, Line::free);
        here.min(AT_ONCE_IN_ALL.saturating_sub(used))
    }

    fn use_one(&mut self, place: &Place) {
        *self.used.entry(place.api()).or_default() += 1;
    }

    fn give_one_back(&mut self, place: &Place) {
        self.used.entry(place.api()).and_modify(|used| *used -= 1);
    }

    /// Whether a slot of this API is free and someone waits for it.
    fn is_wanted(&mut self, api: Api) -> bool {
        let places = self.in_line();
        let mut of_api = places.iter().filter(|place| place.api() == api);
        of_api.any(|place| self.free(place) > 0 && self.first(place).is_some())
    }

    /// The places that have a line.
    fn in_line(&self) -> Vec<Place> {
        let waiting = self.places.iter().filter(|(_, line)| !line.waiting.is_empty());
        waiting.map(|(place, _)| place.clone()).collect()
    }

    fn join(&mut self, key: Key, place: Place, until: Option<Timestamp>) {
        self.give_up_kept(&key);
        self.last += 1;
        self.tickets.insert(key.clone(), self.last);
        self.until.extend(until.map(|until| (until, self.last, key.clone())));
        self.places.entry(place).or_default().waiting.push_back((self.last, key));
    }

    fn leave(&mut self, key: &Key) {
        self.tickets.remove(key);
    }

    /// A document gives up the slot that was kept for it, if one was; gives the place.
    fn give_up_kept(&mut self, key: &Key) -> Option<Place> {
        let place = self.called.remove(key)?;
        if let Some(line) = self.places.get_mut(&place) {
            line.kept -= 1;
        }
        self.give_one_back(&place);
        self.tidy(&place);
        Some(place)
    }

    /// Whether the slot that was kept for a document, if one was, is for another now.
    fn free_kept(&mut self, key: &Key) -> bool {
        self.give_up_kept(key).is_some_and(|place| self.is_wanted(place.api()))
    }

    /// The first in line.
    fn first(&mut self, place: &Place) -> Option<Key> {
        let waiting = &mut self.places.get_mut(place)?.waiting;
        while let Some((ticket, key)) = waiting.front() {
            if self.tickets.get(key) == Some(ticket) {
                return Some(key.clone());
            }
            waiting.pop_front();
        }
        self.tidy(place);
        None
    }

    /// Forgets a place in which nothing is done and nobody waits.
    fn tidy(&mut self, place: &Place) {
        if self.places.get(place).is_some_and(Line::is_unused) {
            self.places.remove(place);
        }
    }

    /// Calls as many of those that wait in this place as it has free slots.
    fn call(&mut self, place: &Place, called: &mut Vec<Key>) {
        while self.free(place) > 0 {
            let Some(key) = self.first(place) else { break };
            self.leave(&key);
            if let Some(line) = self.places.get_mut(place) {
                line.waiting.pop_front();
                line.kept += 1;
            }
            self.use_one(place);
            self.called.insert(key.clone(), place.clone());
            called.push(key);
        }
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
}

impl Slots {
    pub(super) fn new(bell: Arc<Bell>) -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), bell })
    }

    /// A slot for this document, if one is free and not kept for another.
    pub(super) fn take(self: &Arc<Self>, key: &Key, place: Place) -> Option<Slot> {
        let mut lines = lock(&self.lines);
        let kept = lines.give_up_kept(key);
        let is_free = lines.free(&place) > 0;
        if is_free {
            lines.places.entry(place.clone()).or_default().taken += 1;
            lines.use_one(&place);
        }
        // The one that was kept may have been elsewhere.
        let is_for_another = kept.is_some_and(|kept| lines.is_wanted(kept.api()));
        drop(lines);
        if is_for_another {
            self.bell.ring_for_a_slot();
        }
        is_free.then(|| Slot { place, slots: Arc::clone(self) })
    }

    /// Whether a slot is free and not kept for anyone.
    pub(super) fn has_room(&self, place: &Place) -> bool {
        lock(&self.lines).free(place) > 0
    }

    /// Makes a document wait for a slot, or until something that it has to do elsewhere is due.
    pub(super) fn wait(&self, key: Key, place: &Place, until: Option<Timestamp>) {
        let mut lines = lock(&self.lines);
        lines.join(key, place.clone(), until);
        // One may have been given back a moment ago.
        let has_room = lines.free(place) > 0;
        drop(lines);
        if has_room {
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
        lines.in_line().iter().for_each(|place| lines.call(place, &mut called));
        called
    }
}

/// The right to do one thing in a place, until it is dropped.
pub(super) struct Slot {
    place: Place,
    slots: Arc<Slots>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut lines = lock(&self.slots.lines);
        if let Some(line) = lines.places.get_mut(&self.place) {
            line.taken -= 1;
        }
        lines.give_one_back(&self.place);
        let is_for_another = lines.is_wanted(self.place.api());
        lines.tidy(&self.place);
        drop(lines);
        if is_for_another {
            self.slots.bell.ring_for_a_slot();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn key(name: &str) -> Key {
        Key::new(name)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn account(id: &str) -> Place {
        Place::Account(AccountId::parse(id).unwrap())
    }

    fn workspace(id: &str) -> Place {
        Place::Workspace(TeamId::parse(id).unwrap())
    }

    /// All the slots of account A.
    fn take_all(slots: &Arc<Slots>) -> Vec<Slot> {
        std::iter::from_fn(|| slots.take(&key("other"), account("A"))).collect()
    }

    #[test]
    fn one_account_takes_no_slot_of_another_and_none_of_slack() {
        let slots = Slots::new(Arc::default());
        let held = take_all(&slots);
        assert_eq!(held.len(), AT_ONCE);
        for place in [workspace("T1"), Place::Store, account("B")] {
            assert!(slots.take(&key("a"), place).is_some());
        }
        let _one = slots.take(&key("a"), workspace("T1")).unwrap();
        drop(held);
        assert!(slots.take(&key("a"), account("A")).is_some());
    }

    #[test]
    fn who_waits_longest_goes_first_and_whoever_has_something_else_to_do_goes_then() {
        let slots = Slots::new(Arc::default());
        let mut held = take_all(&slots);
        slots.wait(key("a"), &account("A"), None);
        slots.wait(key("b"), &account("A"), Some(at(5)));
        slots.wait(key("c"), &account("A"), None);
        assert!(slots.call(at(0)).is_empty());
        held.pop();
        assert_eq!(slots.call(at(0)), [key("a")]);
        assert!(slots.call(at(0)).is_empty(), "the slot is kept for the one that was called");
        let _taken = slots.take(&key("a"), account("A")).unwrap();
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
        slots.wait(key("a"), &account("A"), None);
        slots.wait(key("b"), &account("A"), None);
        held.pop();
        assert!(is_rung());
        assert_eq!(slots.call(at(0)), [key("a")]);
        assert!(
            slots.take(&key("newcomer"), account("A")).is_none(),
            "it is kept for the first in line"
        );
        assert!(!is_rung());
        slots.looked_at(&key("a"));
        assert!(is_rung(), "the next one needn't wait for the next look");
        assert_eq!(slots.call(at(0)), [key("b")]);
        assert!(slots.take(&key("b"), account("A")).is_some());
    }

    #[test]
    fn all_accounts_together_take_no_more_than_there_are_files_for() {
        let bell = Arc::new(Bell::default());
        let slots = Slots::new(Arc::clone(&bell));
        let ids = ["A", "B", "C", "D", "E"];
        let take = |id| slots.take(&key("one"), account(id));
        let mut held: Vec<Slot> =
            ids.iter().flat_map(|id| std::iter::from_fn(|| take(id))).collect();
        assert_eq!(held.len(), AT_ONCE_IN_ALL);
        assert!(slots.take(&key("a"), workspace("T1")).is_some());
        slots.wait(key("e"), &account("E"), None);
        assert!(slots.call(at(0)).is_empty());
        held.pop();
        assert!(bell.rung().now_or_never().is_some(), "whichever account gave one back");
        assert_eq!(slots.call(at(0)), [key("e")]);
        assert!(take("E").is_none(), "it is kept");
        assert!(slots.take(&key("e"), account("E")).is_some());
    }

    #[test]
    fn a_place_where_nothing_is_done_is_forgotten() {
        let slots = Slots::new(Arc::default());
        let held = take_all(&slots);
        slots.wait(key("a"), &account("A"), None);
        slots.leave(&key("a"));
        slots.wait(key("b"), &account("A"), None);
        drop(held);
        assert_eq!(slots.call(at(0)), [key("b")]);
        slots.looked_at(&key("b"));
        assert!(lock(&slots.lines).places.is_empty());
    }
}
