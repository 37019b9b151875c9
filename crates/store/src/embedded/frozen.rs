//! The file as it was at one moment, for a backup: whatever is written meanwhile isn't seen.

use super::file_handle::{FileHandle, caught};
use super::{get_in, list_in};
use crate::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use redb::ReadTransaction;
use std::sync::Arc;

/// One moment. As long as it lives, the file doesn't use the space of what was replaced since.
pub(super) struct Frozen {
    pub(super) read: ReadTransaction,
    /// Closing the file would end what is being read, though nobody else has the store any more.
    pub(super) _file: Arc<FileHandle>,
}

#[async_trait]
impl Store for Frozen {
    fn is_for_one_process(&self) -> bool {
        true
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        caught(|| get_in(&self.read, key, now), StoreError::Down)
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
        caught(|| list_in(&self.read, prefix, after, limit, now), StoreError::Down)
    }
}
