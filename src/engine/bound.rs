//! What channels are bound to, as it was read last.
//!
//! A command would wait for the store twice: for its channel's binding, and for its task to be written.
//! So bindings are remembered, and a task is written only while its channel's is still that one
//! ([`Given`]). What is remembered saves a question; it decides nothing.

use crate::domain::binding::Binding;
use crate::store::{Expect, Given, Key, Rev};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many channels are remembered. One more, and all are forgotten, and read as they are needed.
const MOST: usize = 4096;

/// A channel's binding, or that it has none.
#[derive(Debug)]
pub(super) struct Bound {
    key: Key,
    is: Expect,
    pub(super) binding: Option<Binding>,
}

impl Bound {
    pub(super) fn new(key: Key, found: Option<(Rev, Binding)>) -> Self {
        match found {
            Some((rev, binding)) => Self { key, is: Expect::At(rev), binding: Some(binding) },
            None => Self { key, is: Expect::Absent, binding: None },
        }
    }

    /// That it is still so.
    pub(super) fn given(&self) -> Given<'_> {
        Given { key: &self.key, is: self.is }
    }
}

/// The bindings that were read, by their names.
#[derive(Debug, Default)]
pub(super) struct Bounds(Mutex<HashMap<Key, Arc<Bound>>>);

impl Bounds {
    pub(super) fn remembered(&self, key: &Key) -> Option<Arc<Bound>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(super) fn remember(&self, bound: Bound) -> Arc<Bound> {
        let bound = Arc::new(bound);
        let mut bounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bounds.len() == MOST && !bounds.contains_key(&bound.key) {
            bounds.clear();
        }
        bounds.insert(bound.key.clone(), Arc::clone(&bound));
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_an_end_and_what_is_read_again_takes_no_more_of_it() {
        let bounds = Bounds::default();
        let key = |number: usize| Key::new(format!("binding/T1/C{number}"));
        for number in 0..MOST {
            bounds.remember(Bound::new(key(number), None));
        }
        bounds.remember(Bound::new(key(0), None));
        assert!(bounds.remembered(&key(1)).is_some());
        bounds.remember(Bound::new(key(MOST), None));
        assert!(bounds.remembered(&key(1)).is_none());
        assert!(bounds.remembered(&key(MOST)).is_some());
    }
}
