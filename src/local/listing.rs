//! The tasks and the audit trail of a store, as the operator reads them: what can be read, and what can't.

use domain::audit::AuditRecord;
use domain::task::TaskOverview;
use jiff::Timestamp;
use store::{Result, Store};

/// The tasks of a store, oldest first.
pub type Tasks = Listing<TaskOverview>;

/// The audit trail of a store, oldest first.
pub type Trail = Listing<AuditRecord>;

/// All documents of one kind.
#[derive(Debug)]
pub struct Listing<T> {
    /// Those that can be read.
    pub read: Vec<T>,
    /// What is wrong with each of the others. It names the document and quotes nothing of it.
    pub unreadable: Vec<String>,
}

/// One document in a listing that one process sends to another, as a line of JSON.
pub(super) type Line<T> = std::result::Result<T, String>;

impl Tasks {
    /// Those of a store.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &dyn Store, now: Timestamp) -> Result<Self> {
        let mut tasks = Self::default();
        store::tasks::each(store, now, |task| tasks.push(task.map(|task| task.overview(now))))
            .await?;
        tasks.read.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(tasks)
    }
}

impl Trail {
    /// That of a store.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &dyn Store, now: Timestamp) -> Result<Self> {
        let mut trail = Self::default();
        store::audit::each(store, now, |record| trail.push(record)).await?;
        trail.read.sort_by_key(|record| record.at);
        Ok(trail)
    }
}

impl<T> Listing<T> {
    fn push(&mut self, document: std::result::Result<T, impl ToString>) {
        match document {
            Ok(document) => self.read.push(document),
            Err(error) => self.unreadable.push(error.to_string()),
        }
    }

    pub(super) fn lines(self) -> impl Iterator<Item = Line<T>> {
        self.read.into_iter().map(Ok).chain(self.unreadable.into_iter().map(Err))
    }
}

/// Not derived: that would ask the same of `T`.
impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { read: Vec::new(), unreadable: Vec::new() }
    }
}

/// From the lines of another process, in their order.
impl<T> FromIterator<Line<T>> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = Line<T>>>(lines: I) -> Self {
        let mut listing = Self::default();
        for line in lines {
            listing.push(line);
        }
        listing
    }
}
