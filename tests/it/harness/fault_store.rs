//! A store that can be switched off: every call fails as if the disk or Redis were away.

use async_trait::async_trait;
use jiff::Timestamp;
use jules_slack::store::{
    Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The switch, shared by every store that was wrapped with it.
#[derive(Clone, Default)]
pub(crate) struct Switch {
    off: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
}

impl Switch {
    /// From now on nothing is read or written.
    pub(crate) fn off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// The store answers again.
    pub(crate) fn on(&self) {
        self.off.store(false, Ordering::SeqCst);
        self.silent.store(false, Ordering::SeqCst);
    }

    /// From now on it writes, and does not say so: the answer comes too late, or is lost.
    pub(crate) fn silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// A store behind this switch.
    pub(crate) fn before(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(FaultStore { store, switch: self.clone() })
    }
}

struct FaultStore {
    store: Arc<dyn Store>,
    switch: Switch,
}

impl FaultStore {
    fn open(&self) -> Result<&Arc<dyn Store>> {
        if self.switch.off.load(Ordering::SeqCst) {
            return Err(StoreError::Down("switched off by the test".to_owned()));
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl Store for FaultStore {
    fn is_for_one_process(&self) -> bool {
        self.store.is_for_one_process()
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.open()?.get(key, now).await
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: Option<Precondition<'_>>,
        now: Timestamp,
    ) -> Result<PutResult> {
        let written = self.open()?.put_given(key, doc, expect, given, now).await;
        if self.switch.silent.load(Ordering::SeqCst) {
            return Err(StoreError::Unanswered("made silent by the test".to_owned()));
        }
        written
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        self.open()?.due(after, limit, now).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        self.open()?.list(prefix, after, limit, now).await
    }
}
