//! What channels are bound to, as it was read last.
//!
//! A command would wait for the store twice: for its channel's binding, and for its task to be written.
//! So bindings are remembered, and a task is written only while its channel's is still that one
//! ([`Precondition`]). What is remembered saves a question; it decides nothing.

use super::bounded_map::BoundedMap;
use domain::binding::{Binding, ChannelBinding, IsLatest};
use domain::ids::DeliveryId;
use std::sync::Arc;
use store::{Expect, Key, Precondition, Rev};

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

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// As it was read.
    pub(super) fn record(&self) -> &ChannelBinding {
        &self.found
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
pub(super) type BindingCache = BoundedMap<Key, Arc<CachedBinding>>;

impl BindingCache {
    pub(super) fn remember(&self, bound: CachedBinding) -> Arc<CachedBinding> {
        let bound = Arc::new(bound);
        self.insert(bound.key.clone(), Arc::clone(&bound));
        bound
    }
}
