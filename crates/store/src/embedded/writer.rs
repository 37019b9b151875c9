//! The one writer: takes every write that is waiting, and commits them together.
//!
//! A durable commit costs one wait for the disk, whatever is in it. While the disk works, the next
//! writes queue up; so the more there is to do, the more each commit carries, and nobody waits for
//! more than two.

use super::file::{DOCUMENTS, EXPIRY, Row, WAKE};
use super::file_handle::{FileHandle, caught, failed};
use crate::{Doc, Expect, Key, PutResult, Result, Rev, StoreError, timestamp};
use jiff::Timestamp;
use redb::{ReadableTable, Table, WriteTransaction};
use std::cell::Cell;
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// More than this are left for the next commit, so that the first of a crowd is not kept waiting.
const ORDERS_PER_COMMIT: usize = 256;

/// Expired documents that one commit forgets, beyond one for each that it stores: enough to shrink
/// any backlog, too few to notice.
const COLLECTED_PER_COMMIT: usize = 16;

type Attempt<T> = std::result::Result<T, redb::Error>;

/// A write that waits for its commit.
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) doc: Doc,
    /// The revision that it makes.
    pub(super) rev: Rev,
    pub(super) expect: Expect,
    /// Other documents, and what has to hold of each.
    pub(super) given: Vec<(Key, Expect)>,
    pub(super) now: Timestamp,
    /// The caller may be gone; the write is done all the same.
    pub(super) answer: oneshot::Sender<Result<PutResult>>,
}

/// Serves orders until nobody can send any more.
pub(super) fn run(handle: &FileHandle, orders: &Receiver<Order>) {
    let mut collects = true;
    while let Ok(first) = orders.recv() {
        let mut batch = vec![first];
        batch.extend(orders.try_iter().take(ORDERS_PER_COMMIT - 1));
        // After a panic the disk may have it all the same.
        let is_done = Cell::new(false);
        let committed = || {
            let committed = commit(handle, &batch, collects);
            is_done.set(true);
            committed
        };
        match caught(committed, StoreError::Unanswered) {
            Ok(endings) => {
                for (order, written) in batch.into_iter().zip(endings) {
                    let _ = order.answer.send(Ok(written));
                }
            }
            Err(error) => {
                // What has expired stays until the next start: damage there is no reason to write nothing.
                collects &= is_done.get();
                handle.close();
                for order in batch {
                    let _ = order.answer.send(Err(error.clone()));
                }
            }
        }
    }
}

/// One transaction for the whole batch; when it returns, the disk has it.
fn commit(handle: &FileHandle, batch: &[Order], collects: bool) -> Result<Vec<PutResult>> {
    let writing = handle.write()?;
    let endings = apply(&writing, batch, collects).map_err(failed)?;
    if endings.iter().all(|ending| *ending == PutResult::Conflict) {
        // Nothing to wait for the disk for.
        writing.abort().map_err(failed)?;
    } else {
        // The disk may have it although it did not say so.
        writing.commit().map_err(|error| StoreError::Unanswered(error.to_string()))?;
    }
    Ok(endings)
}

fn apply(writing: &WriteTransaction, batch: &[Order], collects: bool) -> Attempt<Vec<PutResult>> {
    let mut tables = Tables::open(writing)?;
    let endings = batch.iter().map(|order| tables.put(order)).collect::<Attempt<Vec<_>>>()?;
    if let Some(now) = batch.iter().map(|order| timestamp::of(order.now)).max()
        && collects
    {
        tables.collect(now, batch.len() + COLLECTED_PER_COMMIT)?;
    }
    Ok(endings)
}

/// All tables of one transaction: a document and its places in the indexes change together.
struct Tables<'t> {
    documents: Table<'t, &'static str, Row>,
    wake: Table<'t, (i64, &'static str), Option<i64>>,
    expiry: Table<'t, (i64, &'static str), ()>,
}

/// What the indexes say about a document.
#[derive(Clone, Copy)]
struct Places {
    rev: u64,
    wake: Option<i64>,
    expires: Option<i64>,
}

impl<'t> Tables<'t> {
    fn open(writing: &'t WriteTransaction) -> Attempt<Self> {
        Ok(Self {
            documents: writing.open_table(DOCUMENTS)?,
            wake: writing.open_table(WAKE)?,
            expiry: writing.open_table(EXPIRY)?,
        })
    }

    fn put(&mut self, order: &Order) -> Attempt<PutResult> {
        let key = order.key.as_str();
        let old = self.places(key)?;
        if !order.expect.holds(live(old, order.now)) {
            return Ok(PutResult::Conflict);
        }
        for (given, is) in &order.given {
            if !is.holds(live(self.places(given.as_str())?, order.now)) {
                return Ok(PutResult::Conflict);
            }
        }
        if let Some(old) = old {
            self.unplace(key, old)?;
        }
        let new = Places {
            rev: order.rev.0,
            wake: order.doc.wake_at.map(timestamp::of),
            expires: order.doc.expires_at.map(timestamp::of),
        };
        self.place(key, new, &order.doc.body)?;
        Ok(PutResult::Stored(order.rev))
    }

    fn places(&self, key: &str) -> Attempt<Option<Places>> {
        Ok(self.documents.get(key)?.map(|row| {
            let (rev, wake, expires, _) = row.value();
            Places { rev, wake, expires }
        }))
    }

    fn place(&mut self, key: &str, new: Places, body: &[u8]) -> Attempt<()> {
        self.documents.insert(key, (new.rev, new.wake, new.expires, body))?;
        if let Some(wake) = new.wake {
            self.wake.insert((wake, key), new.expires)?;
        }
        if let Some(expires) = new.expires {
            self.expiry.insert((expires, key), ())?;
        }
        Ok(())
    }

    fn unplace(&mut self, key: &str, old: Places) -> Attempt<()> {
        if let Some(wake) = old.wake {
            self.wake.remove((wake, key))?;
        }
        if let Some(expires) = old.expires {
            self.expiry.remove((expires, key))?;
        }
        Ok(())
    }

    /// Forgets at most `limit` documents that have expired, those that expired first first.
    fn collect(&mut self, now: i64, limit: usize) -> Attempt<()> {
        let mut gone = Vec::new();
        for entry in self.expiry.range(..(now.saturating_add(1), ""))?.take(limit) {
            gone.push(entry?.0.value().1.to_owned());
        }
        for key in gone {
            if let Some(old) = self.places(&key)? {
                self.unplace(&key, old)?;
            }
            self.documents.remove(key.as_str())?;
        }
        Ok(())
    }
}

/// The revision of what was found, unless it has expired.
fn live(found: Option<Places>, now: Timestamp) -> Option<Rev> {
    let live = found.filter(|found| is_live(found.expires, timestamp::of(now)));
    live.map(|live| Rev(live.rev))
}

/// Whether a document with this expiry is still there at `now`.
pub(super) fn is_live(expires: Option<i64>, now: i64) -> bool {
    expires.is_none_or(|expires| now < expires)
}
