//! Something around a store: it sees every write, may hold one up, and may say that the store is away.

use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use store::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store};

/// What is around a store; what it leaves out changes nothing.
#[async_trait]
pub trait Around: Send + Sync + 'static {
    /// Whether the store answers at all.
    fn opens(&self) -> Result<()> {
        Ok(())
    }

    /// Whether the store accepts writes.
    fn accepts_writes(&self) -> Result<()> {
        Ok(())
    }

    /// A document is about to be written.
    async fn before_write(&self, _key: &Key, _doc: &Doc) {}

    /// It was written, or not; what is said of that.
    async fn after_write(&self, _key: &Key, written: Result<PutResult>) -> Result<PutResult> {
        written
    }
}

/// A store with something around it.
pub struct Wrapped<A> {
    /// What is inside.
    pub store: Arc<dyn Store>,
    /// What sees its writes.
    pub around: A,
}

impl<A: Around> Wrapped<A> {
    fn open(&self) -> Result<&Arc<dyn Store>> {
        self.around.opens()?;
        Ok(&self.store)
    }
}

#[async_trait]
impl<A: Around> Store for Wrapped<A> {
    fn is_for_one_process(&self) -> bool {
        self.store.is_for_one_process()
    }

    async fn check_rights(&self) -> Result<()> {
        self.open()?.check_rights().await
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.open()?.get(key, now).await
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult> {
        let store = self.open()?;
        self.around.accepts_writes()?;
        self.around.before_write(key, doc).await;
        let written = store.put_given(key, doc, expect, given, now).await;
        self.around.after_write(key, written).await
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
