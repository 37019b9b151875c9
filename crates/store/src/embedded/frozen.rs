//! The file as it was at one moment, for a backup: whatever is written meanwhile isn't seen.

use super::{get_in, list_in};
use crate::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use redb::ReadTransaction;

/// One moment. As long as it lives, the file doesn't use the space of what was replaced since.
pub(super) struct Frozen(pub(super) ReadTransaction);

#[async_trait]
impl Store for Frozen {
    fn is_for_one_process(&self) -> bool {
        true
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        get_in(&self.0, key, now)
    }

    async fn put_given(
        &self,
        _: &Key,
        _: &Doc,
        _: Expect,
        _: &[Precondition<'_>],
        _: Timestamp,
    ) -> Result<PutResult> {
        Err(StoreError::Down("it is a copy to be read".to_owned()))
    }

    /// Nothing is due in it: it is never worked on.
    async fn due(&self, _: Option<&Due>, _: usize, _: Timestamp) -> Result<Vec<Due>> {
        Ok(Vec::new())
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        list_in(&self.0, prefix, after, limit, now)
    }
}
