//! Revisions, and the names of writes: random numbers, so that none comes twice, not even after the
//! store lost what it held last or an old copy of it was restored. What someone remembers of a document
//! that is gone then never passes for what is there now.

use super::{Result, Rev, StoreError};
use std::sync::atomic::{AtomicU64, Ordering};

/// Hands out revisions. Every process begins at a random place among 2⁶⁴ and counts on from there.
pub(super) struct Revisions(AtomicU64);

impl Revisions {
    pub(super) fn new() -> Result<Self> {
        let begin = getrandom::u64().map_err(|error| {
            StoreError::Down(format!("the system gives no random numbers: {error}"))
        })?;
        Ok(Self(AtomicU64::new(begin)))
    }

    pub(super) fn next(&self) -> Rev {
        Rev(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
