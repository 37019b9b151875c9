//! Counts what is written to a store.

use async_trait::async_trait;
use kit::around::{Around, Wrapped};
use kit::memory_store::MemoryStore;
use platform::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::{Doc, Key, Store};

/// What was written of one kind of document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) writes: usize,
    pub(super) bytes: usize,
    pub(super) largest: usize,
}

/// Counts bodies by the first part of their name. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<Mutex<BTreeMap<String, Written>>>);

impl Tally {
    /// What was written since this was asked last.
    pub(super) fn take(&self) -> BTreeMap<String, Written> {
        std::mem::take(&mut lock(&self.0))
    }

    /// A store in memory whose writes are counted.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::new(Wrapped { store: Arc::new(MemoryStore::default()), around: self.clone() })
    }
}

#[async_trait]
impl Around for Tally {
    async fn before_write(&self, key: &Key, doc: &Doc) {
        let room = key.as_str().split('/').next().unwrap_or_default().to_owned();
        let bytes = doc.body.len();
        let mut written = lock(&self.0);
        let written = written.entry(room).or_default();
        written.writes += 1;
        written.bytes += bytes;
        written.largest = written.largest.max(bytes);
    }
}
