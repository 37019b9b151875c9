//! The store in one file on this machine ([redb](https://docs.rs/redb)): the default, nothing to install.
//!
//! Reads go straight to the file from the thread that asks: a look-up is a few pages of a tree that
//! is mostly in memory, cheaper than handing it to another thread. Writes wait for the disk, and so
//! have a thread of their own (`writer`).
//!
//! After a crash the next start checks the whole file, which takes longer the larger it is. The other
//! way round (redb's "quick repair") every write would wait for the disk twice.

mod file;
mod file_handle;
mod frozen;
mod writer;

use super::revision::Revisions;
use super::{
    Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError, timestamp,
};
use async_trait::async_trait;
use bytes::Bytes;
use file::{DOCUMENTS, WAKE};
use file_handle::{FileHandle, caught, failed};
use frozen::Frozen;
use jiff::Timestamp;
use redb::ReadTransaction;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;
use writer::{Order, is_live};

/// Documents in one file that one process uses at a time.
pub struct Embedded {
    handle: Arc<FileHandle>,
    /// `None` when the file is open to read only, and while this is being dropped.
    orders: Option<Sender<Order>>,
    revisions: Revisions,
    writer: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Opens the file at `path`; makes it, readable for its owner only, when there is none.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the file belongs to another program, was written by a newer
    /// version of this one, is in use by another process, is damaged or may not be written. It is
    /// left untouched then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let handle = Arc::new(FileHandle::open(path.as_ref().to_owned())?);
        let (orders, inbox) = mpsc::channel();
        let writer = thread::Builder::new().name("store-writer".to_owned()).spawn({
            let handle = Arc::clone(&handle);
            move || writer::run(&handle, &inbox)
        });
        let writer = writer
            .map_err(|error| StoreError::Down(format!("no thread to write with: {error}")))?;
        Ok(Self {
            handle,
            orders: Some(orders),
            revisions: Revisions::new()?,
            writer: Some(writer),
        })
    }

    /// Opens the file at `path` to read only: no byte of it changes, and every write fails. `None` when
    /// it was not closed properly, after a crash for example: then it has to be opened to write once.
    ///
    /// # Errors
    /// As [`Embedded::open`], and when there is no file.
    pub fn open_to_read(path: impl AsRef<Path>) -> Result<Option<Self>> {
        let handle = FileHandle::open_to_read(path.as_ref().to_owned())?;
        let revisions = Revisions::new()?;
        Ok(handle.map(|handle| Self {
            handle: Arc::new(handle),
            orders: None,
            revisions,
            writer: None,
        }))
    }

    /// Reads what is committed now. After one failed read redb refuses everything, as after a failed write, so the
    /// file is opened again for the next.
    fn reading<T>(&self, read: impl FnOnce(&ReadTransaction) -> Result<T>) -> Result<T> {
        let opening = self.handle.opening();
        let done = caught(|| read(&self.handle.read()?), StoreError::Down);
        if matches!(done, Err(StoreError::Down(_))) {
            self.handle.close_opening(opening);
        }
        done
    }

    /// Whether another process has the file at `path`.
    #[must_use]
    pub fn is_in_use(path: &Path) -> bool {
        file::is_in_use(path)
    }
}

/// Waits for the last commit, so that the file is free for the next process when this returns.
impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl Store for Embedded {
    fn is_for_one_process(&self) -> bool {
        true
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.reading(|read| get_in(read, key, now))
    }

    fn frozen(&self) -> Result<Option<Box<dyn Store>>> {
        Ok(Some(Box::new(Frozen { read: self.handle.read()?, _file: Arc::clone(&self.handle) })))
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult> {
        let (answer, ending) = oneshot::channel();
        let given = given.iter().map(|given| (given.key.clone(), given.is)).collect();
        let rev = self.revisions.next();
        let order = Order { key: key.clone(), doc: doc.clone(), rev, expect, given, now, answer };
        let gone = || StoreError::Down("it has no writer".to_owned());
        self.orders.as_ref().ok_or_else(gone)?.send(order).map_err(|_| gone())?;
        // The writer may have committed it before it ended.
        ending.await.map_err(|_| StoreError::Unanswered("its writer has ended".to_owned()))?
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        let now = timestamp::of(now);
        let after = after.map(|after| (timestamp::of(after.wake_at), after.key.as_str()));
        if after.is_some_and(|(wake, _)| wake > now) {
            return Ok(Vec::new());
        }
        let range = (
            after.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Excluded((now.saturating_add(1), "")),
        );
        self.reading(|read| {
            let wakes = read.open_table(WAKE).map_err(failed)?;
            let mut due = Vec::new();
            for entry in wakes.range(range).map_err(failed)? {
                if due.len() == limit {
                    break;
                }
                let (place, expires) = entry.map_err(failed)?;
                if is_live(expires.value(), now) {
                    let (wake, name) = place.value();
                    due.push(Due { wake_at: timestamp::time(wake)?, key: Key::new(name) });
                }
            }
            Ok(due)
        })
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        self.reading(|read| list_in(read, prefix, after, limit, now))
    }
}

/// See [`Store::get`].
fn get_in(read: &ReadTransaction, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
    let documents = read.open_table(DOCUMENTS).map_err(failed)?;
    let Some(row) = documents.get(key.as_str()).map_err(failed)? else { return Ok(None) };
    let (rev, wake, expires, body) = row.value();
    if !is_live(expires, timestamp::of(now)) {
        return Ok(None);
    }
    let doc = Doc {
        body: Bytes::copy_from_slice(body),
        wake_at: wake.map(timestamp::time).transpose()?,
        expires_at: expires.map(timestamp::time).transpose()?,
    };
    Ok(Some((Rev(rev), doc)))
}

/// See [`Store::list`].
fn list_in(
    read: &ReadTransaction,
    prefix: &str,
    after: Option<&Key>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Key>> {
    let now = timestamp::of(now);
    let start = after.map_or(prefix, |after| after.as_str().max(prefix));
    let documents = read.open_table(DOCUMENTS).map_err(failed)?;
    let mut keys = Vec::new();
    for entry in documents.range(start..).map_err(failed)? {
        let (name, row) = entry.map_err(failed)?;
        if keys.len() == limit || !name.value().starts_with(prefix) {
            break;
        }
        let is_after = after.is_none_or(|after| name.value() > after.as_str());
        if is_after && is_live(row.value().2, now) {
            keys.push(Key::new(name.value()));
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[tokio::test]
    async fn after_a_failed_write_the_file_is_opened_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Embedded::open(directory.path().join("jules.redb")).expect("a new store");
        let (key, now) = (Key::new("a"), Timestamp::UNIX_EPOCH);
        let doc = Doc { body: Bytes::from_static(b"x"), wake_at: None, expires_at: None };

        // What the writer does when a commit fails. Where nothing is left to write, as behind a load
        // balancer that asks `/readyz` first, reading has to be enough.
        store.handle.close();
        assert_eq!(store.get(&key, now).await.expect("opens it again"), None);
        store.handle.close();
        let written = store.put(&key, &doc, Expect::Absent, now).await.expect("opens it again");
        let (rev, found) = store.get(&key, now).await.expect("reads").expect("is there");
        assert_eq!((written, found), (PutResult::Stored(rev), doc));
    }

    /// A store whose file has a damaged name in place of this one, and the file as it was.
    async fn with_a_damaged_name(path: &Path, name: &str, doc: &Doc) -> (Embedded, Vec<u8>) {
        let store = Embedded::open(path).expect("a new store");
        let (key, now) = (Key::new(name), Timestamp::UNIX_EPOCH);
        store.put(&key, doc, Expect::Absent, now).await.expect("stored");
        drop(store);
        let whole = std::fs::read(path).expect("the file");
        let mut damaged = whole.clone();
        let is_there = |at: &usize| whole[*at..].starts_with(name.as_bytes());
        for at in (0..whole.len()).filter(is_there) {
            damaged[at..at + name.len()].fill(0xff);
        }
        assert!(damaged != whole, "the name is in it");
        std::fs::write(path, damaged).expect("damaged");
        (Embedded::open(path).expect("the same store"), whole)
    }

    #[tokio::test]
    async fn a_panic_inside_redb_ends_one_commit_and_not_the_writer() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("jules.redb");
        let hours = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let doc = Doc { body: Bytes::from_static(b"x"), wake_at: None, expires_at: None };
        let mortal = Doc { expires_at: Some(hours(1)), ..doc.clone() };
        // It has to be forgotten, and redb takes its name for text.
        let (store, _) = with_a_damaged_name(&path, "a/damaged/name", &mortal).await;
        let (key, now) = (Key::new("b"), hours(2));
        let written = store.put(&key, &doc, Expect::Absent, now).await;
        assert!(matches!(written, Err(StoreError::Unanswered(_))), "{written:?}");
        // What can't be forgotten stays, and everything else is written.
        let written = store.put(&key, &doc, Expect::Absent, now).await.expect("it still writes");
        let (rev, found) = store.get(&key, now).await.expect("reads").expect("is there");
        assert_eq!((written, found), (PutResult::Stored(rev), doc));
    }

    #[tokio::test]
    async fn a_panic_inside_redb_is_one_failed_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("jules.redb");
        let now = Timestamp::UNIX_EPOCH;
        let doc = Doc { body: Bytes::from_static(b"x"), wake_at: None, expires_at: None };
        let (store, whole) = with_a_damaged_name(&path, "a/damaged/name", &doc).await;
        let frozen = store.frozen().expect("can be frozen").expect("it is a file");
        for store in [&store as &dyn Store, &*frozen] {
            let listed = store.list("", None, 9, now).await;
            assert!(matches!(listed, Err(StoreError::Down(_))), "{listed:?}");
        }
        drop(frozen);
        std::fs::write(&path, whole).expect("written back");
        let listed = store.list("", None, 9, now).await.expect("reads");
        assert_eq!(listed, [Key::new("a/damaged/name")]);
    }

    #[tokio::test]
    async fn after_a_failed_read_the_file_is_opened_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("jules.redb");
        let (key, now) = (Key::new("a"), Timestamp::UNIX_EPOCH);
        let body = Bytes::from(vec![b'x'; 16 << 20]);
        let doc = Doc { body, wake_at: None, expires_at: None };
        let store = Embedded::open(&path).expect("a new store");
        store.put(&key, &doc, Expect::Absent, now).await.expect("stored");
        drop(store);

        let store = Embedded::open(&path).expect("the same store");
        let whole = std::fs::read(&path).expect("the file");
        let file = std::fs::OpenOptions::new().write(true).open(&path).expect("the file");
        // It is larger than the cache, and most of the disk is away for a moment.
        file.set_len(16 * 1024).expect("cut");
        assert!(store.get(&key, now).await.is_err(), "can't be read");
        std::fs::write(&path, &whole).expect("written back");
        let (_, found) = store.get(&key, now).await.expect("reads").expect("is there");
        assert!(found == doc, "as it was");
    }
}
