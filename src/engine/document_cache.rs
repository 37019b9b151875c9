//! Documents that decide about tasks, as they were read last: what channels are bound to, and the defaults of
//! people and workspaces.
//!
//! A command would wait for the store several times: for each of them, and for its task to be written.
//! So they are remembered, and a task is written only while all of them are still like that
//! ([`Precondition`]). What is remembered saves a question; it decides nothing.

use super::Engine;
use super::bounded_map::BoundedMap;
use jiff::Timestamp;
use std::sync::Arc;
use store::records::{Record, RecordError};
use store::{Expect, Key, Precondition, Rev};

/// A document as it was read, or that there is none.
#[derive(Debug)]
pub(super) struct Cached<T> {
    key: Key,
    is: Expect,
    found: T,
    is_damaged: bool,
}

impl<T: Default> Cached<T> {
    fn new(key: Key, found: Option<(Rev, T)>) -> Self {
        match found {
            Some((rev, found)) => Self { key, is: Expect::At(rev), found, is_damaged: false },
            None => Self { key, is: Expect::Absent, found: T::default(), is_damaged: false },
        }
    }

    fn damaged(key: Key, rev: Rev) -> Self {
        Self { key, is: Expect::At(rev), found: T::default(), is_damaged: true }
    }
}

impl<T> Cached<T> {
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// As it was read; the default where there was none, or a damaged one.
    pub(super) fn record(&self) -> &T {
        &self.found
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// That it is still so.
    pub(super) fn given(&self) -> Precondition<'_> {
        Precondition { key: &self.key, is: self.is }
    }
}

/// The documents of one kind that were read, by their names.
pub(super) type DocumentCache<T> = BoundedMap<Key, Arc<Cached<T>>>;

/// A document, and whether it is only remembered.
pub(super) struct Recalled<T> {
    pub(super) document: Arc<Cached<T>>,
    pub(super) is_remembered: bool,
}

impl Engine {
    /// A document from memory, else from the store.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn recall<T: Record + Default>(
        &self,
        cache: &DocumentCache<T>,
        key: Key,
        now: Timestamp,
    ) -> Result<Recalled<T>, RecordError> {
        if let Some(recalled) = remembered(cache, &key) {
            return Ok(recalled);
        }
        let found = self.records.get::<T>(&key, now).await?;
        Ok(remembering(cache, Cached::new(key, found)))
    }

    /// The same for one that is replaced as a whole: a damaged one counts as an empty one, and isn't remembered.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn recall_to_replace<T: Record + Default>(
        &self,
        cache: &DocumentCache<T>,
        key: Key,
        now: Timestamp,
    ) -> Result<Recalled<T>, RecordError> {
        if let Some(recalled) = remembered(cache, &key) {
            return Ok(recalled);
        }
        let found = match self.get_to_replace::<T>(&key, now).await? {
            Some((rev, None)) => {
                let document = Arc::new(Cached::damaged(key, rev));
                return Ok(Recalled { document, is_remembered: false });
            }
            Some((rev, Some(record))) => Some((rev, record)),
            None => None,
        };
        Ok(remembering(cache, Cached::new(key, found)))
    }
}

fn remembered<T>(cache: &DocumentCache<T>, key: &Key) -> Option<Recalled<T>> {
    cache.get(key).map(|document| Recalled { document, is_remembered: true })
}

/// A document that was just read, and is remembered from now on.
fn remembering<T>(cache: &DocumentCache<T>, read: Cached<T>) -> Recalled<T> {
    let document = Arc::new(read);
    cache.insert(document.key.clone(), Arc::clone(&document));
    Recalled { document, is_remembered: false }
}
