//! A store that was down when it was opened: nothing is read or written before it has said that this program may do
//! everything there.

use super::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use platform::log_throttle::LogThrottle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How often it's logged at most that the store doesn't grant what is needed.
const SAID_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Another store, behind the question whether it may be used.
pub struct Untried {
    store: Arc<dyn Store>,
    is_tried: AtomicBool,
    refusals: LogThrottle,
}

impl Untried {
    /// Asks with the first use of `store`, and again with each until the answer is yes.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        let refusals = LogThrottle::new(SAID_EVERY);
        Self { store, is_tried: AtomicBool::new(false), refusals }
    }

    async fn tried(&self, now: Timestamp) -> Result<&dyn Store> {
        if !self.is_tried.load(Ordering::Relaxed) {
            self.store.check_rights().await.inspect_err(|error| self.log(error, now))?;
            self.is_tried.store(true, Ordering::Relaxed);
        }
        Ok(&*self.store)
    }

    fn log(&self, error: &StoreError, now: Timestamp) {
        match error {
            StoreError::Forbidden(_) | StoreError::Broken(_) => {
                if let Some(untold) = self.refusals.tell(now) {
                    tracing::error!(%error, untold, "nothing is accepted until that is fixed");
                }
            }
            // That is logged where the store is needed.
            StoreError::Down(_) | StoreError::Unanswered(_) => {}
        }
    }
}

#[async_trait]
impl Store for Untried {
    fn is_for_one_process(&self) -> bool {
        self.store.is_for_one_process()
    }

    fn frozen(&self) -> Result<Option<Box<dyn Store>>> {
        self.store.frozen()
    }

    async fn check_rights(&self) -> Result<()> {
        self.store.check_rights().await
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.tried(now).await?.get(key, now).await
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult> {
        self.tried(now).await?.put_given(key, doc, expect, given, now).await
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        self.tried(now).await?.due(after, limit, now).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        self.tried(now).await?.list(prefix, after, limit, now).await
    }
}
