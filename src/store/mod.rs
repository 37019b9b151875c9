//! Documents with a revision, a wake-up time and an expiry: everything this program remembers.
//!
//! Four methods carry tasks, bindings, dedupe, leases, the queue and listings, so that a backend is
//! one small file and cannot drift from the other. What the methods promise is not said here but
//! in the laws (`tests/it/laws/store.rs`), which run on every backend.

mod atomic_file;
pub mod documents;
mod embedded;
pub mod records;
mod redis;
mod revision;
pub mod scan;
pub mod seal;
mod sealed_json;
mod timestamp;
pub mod transfer;

pub use embedded::Embedded;
pub use redis::{Health, Redis};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// A revision of one document: the number of the write that made it, random and never used twice, not
/// even after the document was forgotten or the store lost it. Revisions have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rev(pub u64);

/// What is stored under a key. Times are kept to the microsecond, which both backends can order by;
/// what is finer is cut off.
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

impl Expect {
    /// Whether a document is so whose live revision, if it has one, is this.
    #[must_use]
    pub fn holds(self, live: Option<Rev>) -> bool {
        match self {
            Self::Absent => live.is_none(),
            Self::At(rev) => live == Some(rev),
        }
    }
}

/// Another document on which a write depends: it happens only while that one is as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Precondition<'k> {
    /// The other document.
    pub key: &'k Key,
    /// What has to hold of it.
    pub is: Expect,
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutResult {
    /// It is durable, at this revision.
    Stored(Rev),
    /// Somebody else was there first, or what was given no longer holds; nothing was written.
    Conflict,
}

/// The store could not be reached or could not be trusted. Never says *whether* a write happened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Down, out of reach, or out of time: try again later.
    #[error("the store does not answer: {0}")]
    Down(String),
    /// What is there is not ours or not whole: a person has to look.
    #[error("the store cannot be used: {0}")]
    Broken(String),
}

impl StoreError {
    /// What a person has to mend in the setting `STORE`.
    fn setting(reason: impl fmt::Display) -> Self {
        Self::Broken(format!("STORE: {reason}"))
    }
}

/// Short for the store's own result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where documents live. `now` is an argument, so that expiry means the same in every backend.
#[async_trait]
pub trait Store: Send + Sync {
    /// The live document under `key`.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>>;

    /// Writes if and only if `expect` holds, and what is `given`; durable when it returns
    /// [`PutResult::Stored`].
    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: Option<Precondition<'_>>,
        now: Timestamp,
    ) -> Result<PutResult>;

    /// The same, whatever other documents are like.
    async fn put(&self, key: &Key, doc: &Doc, expect: Expect, now: Timestamp) -> Result<PutResult> {
        self.put_given(key, doc, expect, None, now).await
    }

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

/// A walk over the names that begin with `prefix`, in byte order, a page at a time.
pub(crate) struct Names<'p> {
    prefix: &'p str,
    after: Option<Key>,
    page: usize,
    is_last: bool,
}

impl<'p> Names<'p> {
    /// From behind `after` on, in pages of so many.
    pub(crate) fn under(prefix: &'p str, after: Option<Key>, page: usize) -> Self {
        Self { prefix, after, page, is_last: false }
    }

    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn next(
        &mut self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Option<Vec<Key>>> {
        if self.is_last {
            return Ok(None);
        }
        let names = store.list(self.prefix, self.after.as_ref(), self.page, now).await?;
        self.is_last = names.len() < self.page;
        self.after = names.last().cloned().or(self.after.take());
        Ok(Some(names))
    }
}

/// Opens the store that the setting `STORE` names.
///
/// - `file:PATH`: one file on this machine, made when it is missing ([`Embedded`]).
/// - `redis://`, `rediss://`, `redis-sentinel://`, `redis-cluster://` and so on: a Redis that many
///   replicas share ([`Redis`]). It is not contacted yet: while it is down the methods answer
///   [`StoreError::Down`], and once it is up they work, whichever was started first.
///
/// # Errors
/// [`StoreError::Broken`], with words that begin with `STORE`, when the address makes no sense or the
/// file cannot be used. Trying again does not help before a person has mended it.
pub fn open(url: &str) -> Result<Arc<dyn Store>> {
    if let Some(path) = file_path(url) {
        return Ok(Arc::new(Embedded::open(path)?));
    }
    if url.starts_with("redis") {
        return Ok(Arc::new(Redis::open(url)?));
    }
    // The address is not repeated: it may hold a password.
    Err(StoreError::setting(
        "takes `file:PATH` or an address that begins with `redis://` or `rediss://`",
    ))
}

/// Opens the store that the setting `STORE` names for somebody who only reads. A file stays as it is,
/// byte for byte, if it was closed properly, and is never made.
///
/// # Errors
/// As [`open`], and when there is no such file.
pub fn open_to_read(url: &str) -> Result<Arc<dyn Store>> {
    match file_path(url) {
        Some(path) => match Embedded::open_to_read(path)? {
            Some(store) => Ok(Arc::new(store)),
            None => open(url),
        },
        None => open(url),
    }
}

/// Every way of reading once, so that keys of another program are noticed.
///
/// # Errors
/// The store's.
pub async fn read_once(store: &dyn Store, now: Timestamp) -> Result<()> {
    store.get(&Key::new("ready"), now).await?;
    store.list("", None, 1, now).await?;
    store.due(now, 1).await?;
    Ok(())
}

/// Where the key that seals secrets is kept when `ENCRYPTION_KEY` is not set: beside the store's
/// file, with the ending `.key`. A shared store has no such place, and needs the setting.
#[must_use]
pub fn key_file(url: &str) -> Option<PathBuf> {
    file_path(url).map(|path| path.with_extension("key"))
}

/// The path in `file:PATH` or `file:///PATH`; `None` for a store that is no file.
#[must_use]
pub fn file_path(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("file:")?;
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
}
