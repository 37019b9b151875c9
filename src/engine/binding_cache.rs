//! What channels are bound to, as it was read last.
//!
//! A command would wait for the store twice: for its channel's binding, and for its task to be written.
//! So bindings are remembered, and a task is written only while its channel's is still that one
//! ([`Precondition`]). What is remembered saves a question; it decides nothing.

use crate::domain::binding::{Binding, ChannelBinding, IsLatest};
use crate::domain::ids::DeliveryId;
use crate::lock::lock;
use crate::store::{Expect, Key, Precondition, Rev};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// So many channels are remembered. One more, and all are forgotten, and read as they are needed.
const MOST: usize = 4096;

/// A channel's binding, or that it has none.
#[derive(Debug)]
pub(super) struct CachedBinding {
    key: Key,
    is: Expect,
    found: ChannelBinding,
}

impl CachedBinding {
    pub(super) fn new(key: Key, found: Option<(Rev, ChannelBinding)>) -> Self {
        match found {
            Some((rev, found)) => Self { key, is: Expect::At(rev), found },
            None => Self { key, is: Expect::Absent, found: ChannelBinding::default() },
        }
    }

    pub(super) fn binding(&self) -> Option<&Binding> {
        self.found.binding.as_ref()
    }

    /// Whether this delivery made it so, or an older state of it.
    pub(super) fn applied(&self, delivery: &DeliveryId) -> Option<IsLatest> {
        self.found.applied(delivery)
    }

    /// That it is still so.
    pub(super) fn given(&self) -> Precondition<'_> {
        Precondition { key: &self.key, is: self.is }
    }
}

/// The bindings that were read, by their names.
#[derive(Debug, Default)]
pub(super) struct BindingCache(Mutex<HashMap<Key, Arc<CachedBinding>>>);

impl BindingCache {
    pub(super) fn remembered(&self, key: &Key) -> Option<Arc<CachedBinding>> {
        lock(&self.0).get(key).cloned()
    }

    pub(super) fn remember(&self, bound: CachedBinding) -> Arc<CachedBinding> {
        let bound = Arc::new(bound);
        let mut binding_cache = lock(&self.0);
        if binding_cache.len() == MOST && !binding_cache.contains_key(&bound.key) {
            binding_cache.clear();
        }
        binding_cache.insert(bound.key.clone(), Arc::clone(&bound));
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_an_end_and_what_is_read_again_takes_no_more_of_it() {
        let binding_cache = BindingCache::default();
        let key = |number: usize| Key::new(format!("binding/T1/C{number}"));
        for number in 0..MOST {
            binding_cache.remember(CachedBinding::new(key(number), None));
        }
        binding_cache.remember(CachedBinding::new(key(0), None));
        assert!(binding_cache.remembered(&key(1)).is_some());
        binding_cache.remember(CachedBinding::new(key(MOST), None));
        assert!(binding_cache.remembered(&key(1)).is_none());
        assert!(binding_cache.remembered(&key(MOST)).is_some());
    }
}
