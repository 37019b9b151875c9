//! What a store holds and promises: documents, the conditions of a write, and the [`Store`] itself.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// The name of a document: `/`-separated plain text, for example `task/7f3k9x2q`. Its copies share the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// Takes a name as it is; byte order of names is the order of [`Store::list`].
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
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
    /// Someone else was there first, or what was given no longer holds; nothing was written.
    Conflict,
}

/// The store could not be reached or could not be trusted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Down or out of reach: nothing was written. Try again later.
    #[error("the store isn't responding: {0}")]
    Down(String),
    /// The answer is missing. What was to be written may be written, or will be once the store comes to
    /// it.
    #[error("the store has not answered: {0}")]
    Unanswered(String),
    /// What is there is not ours or not whole: a person has to look.
    #[error("the store cannot be used: {0}")]
    Broken(String),
    /// It lets this program do too little: its operator has to grant more.
    #[error("the store cannot be used: {0}")]
    Forbidden(String),
}

impl StoreError {
    /// What a person has to mend in the setting `STORE`.
    pub(super) fn setting(reason: impl fmt::Display) -> Self {
        Self::Broken(format!("STORE: {reason}"))
    }
}

/// A document whose time has come, and since when: its place in the order of [`Store::due`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Its wake-up time.
    pub wake_at: Timestamp,
    /// The document.
    pub key: Key,
}

/// Short for the store's own result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where documents live. `now` is an argument, so that expiry means the same in every backend.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether no other process can use it while this one does.
    fn is_for_one_process(&self) -> bool;

    /// All documents as they are now, to be read whatever is written meanwhile; `None` where the store can't give
    /// that.
    ///
    /// # Errors
    /// As reading.
    fn frozen(&self) -> Result<Option<Box<dyn Store>>> {
        Ok(None)
    }

    /// Whether this program may do everything that is ever asked of the store, as far as that can be known without a
    /// write.
    ///
    /// # Errors
    /// [`StoreError::Forbidden`] when it may not; else as reading.
    async fn check_rights(&self) -> Result<()> {
        Ok(())
    }

    /// The live document under `key`.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>>;

    /// Writes if and only if `expect` holds, and all that is `given`; durable when it returns
    /// [`PutResult::Stored`].
    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult>;

    /// The same, whatever other documents are like.
    async fn put(&self, key: &Key, doc: &Doc, expect: Expect, now: Timestamp) -> Result<PutResult> {
        self.put_given(key, doc, expect, &[], now).await
    }

    /// Live documents with `wake_at <= now`, after `after`, earliest first, those of the same time in byte
    /// order of their keys.
    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>>;

    /// Live keys that begin with `prefix`, after `after`, in byte order.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>>;
}

/// Every way of reading once, so that keys of another program are noticed.
///
/// # Errors
/// The store's.
pub async fn read_once(store: &dyn Store, now: Timestamp) -> Result<()> {
    store.get(&Key::new("ready"), now).await?;
    store.list("", None, 1, now).await?;
    store.due(None, 1, now).await?;
    Ok(())
}

/// Takes a name whose document is gone out of those that are due, where it would stay for good: a store may lose what it
/// was told to keep. Whether it was gone. What is written in its place has expired by every clock, so the store forgets
/// the name together with it.
///
/// # Errors
/// The store's.
pub async fn drop_if_gone(store: &dyn Store, due: &Due, now: Timestamp) -> Result<bool> {
    if store.get(&due.key, now).await?.is_some() {
        return Ok(false);
    }
    let (wake_at, expires_at) = (Some(due.wake_at), Some(Timestamp::UNIX_EPOCH));
    let nothing = Doc { body: Bytes::new(), wake_at, expires_at };
    // Who made it again in the meantime is left alone.
    let put = store.put(&due.key, &nothing, Expect::Absent, now).await?;
    Ok(put != PutResult::Conflict)
}

/// A write of a document that has expired when it's written: no one sees it, and it's forgotten in passing.
///
/// # Errors
/// The store's.
pub async fn write_once(store: &dyn Store, now: Timestamp) -> Result<PutResult> {
    let doc = Doc { body: Bytes::from_static(b"{}"), wake_at: None, expires_at: Some(now) };
    store.put(&Key::new("ready"), &doc, Expect::Absent, now).await
}
