//! Documents with a revision, a wake-up time and an expiry: everything this program remembers.
//!
//! Four methods carry tasks, bindings, dedupe, leases, the queue and listings, so that a backend is
//! one small file and cannot drift from the other. What the methods promise is not said here but
//! in the laws (`tests/it/laws/store.rs`), which run on every backend.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use std::fmt;

/// The name of a document: `/`-separated plain text, for example `task/7f3k9x2q`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// Takes a name as it is; byte order of names is the order of [`Store::list`].
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A revision of one document. Never used twice, not even after the document was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rev(pub u64);

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// Opaque to the store; secrets are sealed before they get here.
    pub body: Bytes,
    /// When the document wants to be looked at again; `None` is never.
    pub wake_at: Option<Timestamp>,
    /// From this time on the document is as if it had never been; `None` keeps it.
    pub expires_at: Option<Timestamp>,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing live is stored under the key.
    Absent,
    /// The live revision is still this one.
    At(Rev),
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is durable, at this revision.
    Stored(Rev),
    /// Somebody else was there first; nothing was written.
    Conflict,
}

/// The store could not be reached or could not be trusted. Never says *whether* a write happened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Down, out of reach, or out of time: try again later.
    #[error("the store does not answer: {0}")]
    Down(String),
    /// What is there is not ours or not whole: a person has to look.
    #[error("the store cannot be used: {0}")]
    Broken(String),
}

/// Short for the store's own result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where documents live. `now` is an argument, so that expiry means the same in every backend.
#[async_trait]
pub trait Store: Send + Sync {
    /// The live document under `key`.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>>;

    /// Writes if and only if `expect` holds; durable when it returns [`Written::Stored`].
    async fn put(&self, key: &Key, doc: &Doc, expect: Expect, now: Timestamp) -> Result<Written>;

    /// Live keys with `wake_at <= now`, earliest first.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Key>>;

    /// Live keys that begin with `prefix`, after `after`, in byte order.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>>;
}
