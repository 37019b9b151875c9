//! What was learned and can be learned again, in bounded memory.

use platform::lock::lock;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

/// The most entries. One more, and all are forgotten and learned again as they are needed: simpler than
/// choosing which to forget, and rare enough not to matter.
const MOST: usize = 4096;

/// A shared map of at most 4,096 entries.
#[derive(Debug)]
pub(super) struct BoundedMap<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for BoundedMap<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq, V: Clone> BoundedMap<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        lock(&self.0).get(key).cloned()
    }

    pub(super) fn remove(&self, key: &K) {
        lock(&self.0).remove(key);
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    pub(super) fn insert(&self, key: K, value: V) {
        let mut map = lock(&self.0);
        if map.len() == MOST && !map.contains_key(&key) {
            map.clear();
        }
        map.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_an_entry_learned_again_takes_no_more_of_it() {
        let map = BoundedMap::default();
        for number in 0..MOST {
            map.insert(number, ());
        }
        map.insert(0, ());
        assert_eq!(map.get(&1), Some(()));
        map.insert(MOST, ());
        assert_eq!(map.get(&1), None);
        assert_eq!(map.get(&MOST), Some(()));
    }
}
