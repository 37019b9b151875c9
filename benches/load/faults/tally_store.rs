//! A store in memory that counts what is written to it.

use crate::memory_store::MemoryStore;
use async_trait::async_trait;
use jiff::Timestamp;
use jules_slack::lock::lock;
use jules_slack::store::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What was written of one kind of document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) writes: usize,
    pub(super) bytes: usize,
    pub(super) largest: usize,
}

/// Counts bodies by the first part of their name.
#[derive(Default)]
pub(super) struct TallyStore {
    store: MemoryStore,
    written: Mutex<BTreeMap<String, Written>>,
}

impl TallyStore {
    /// What was written since this was asked last.
    pub(super) fn take(&self) -> BTreeMap<String, Written> {
        std::mem::take(&mut lock(&self.written))
    }
}

#[async_trait]
impl Store for TallyStore {
    fn is_for_one_process(&self) -> bool {
        self.store.is_for_one_process()
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.store.get(key, now).await
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: Option<Precondition<'_>>,
        now: Timestamp,
    ) -> Result<PutResult> {
        let room = key.as_str().split('/').next().unwrap_or_default().to_owned();
        let bytes = doc.body.len();
        {
            let mut written = lock(&self.written);
            let written = written.entry(room).or_default();
            written.writes += 1;
            written.bytes += bytes;
            written.largest = written.largest.max(bytes);
        }
        self.store.put_given(key, doc, expect, given, now).await
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        self.store.due(after, limit, now).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        self.store.list(prefix, after, limit, now).await
    }
}
