//! The open file, which can be closed and opened again while readers and the writer hold on to it.
//!
//! After one failed write (a full disk, mostly) redb refuses everything until the file is opened
//! again. Doing that here means that freeing some space is all a person has to do. A panic inside redb,
//! which is how it meets some kinds of damage, is one more failure of this kind.

use super::file;
use crate::{Result, StoreError};
use platform::lock;
use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, WriteTransaction};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// One file, open or about to be opened again.
pub(super) struct FileHandle {
    path: PathBuf,
    is_to_read: bool,
    database: RwLock<Option<Opened>>,
    /// How often the file was opened again.
    reopened: AtomicU64,
}

/// How the file is open.
enum Opened {
    ToWrite(Database),
    ToRead(ReadOnlyDatabase),
}

impl Opened {
    fn begin_read(&self) -> Result<ReadTransaction> {
        match self {
            Self::ToWrite(database) => database.begin_read(),
            Self::ToRead(database) => database.begin_read(),
        }
        .map_err(failed)
    }
}

impl FileHandle {
    /// # Errors
    /// As [`file::open`].
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        Ok(Self::of(Opened::ToWrite(file::open(&path)?), path, false))
    }

    /// `None` when only opening it to write can mend it.
    ///
    /// # Errors
    /// As [`file::open_to_read`].
    pub(super) fn open_to_read(path: PathBuf) -> Result<Option<Self>> {
        let Some(database) = file::open_to_read(&path)? else { return Ok(None) };
        Ok(Some(Self::of(Opened::ToRead(database), path, true)))
    }

    fn of(opened: Opened, path: PathBuf, is_to_read: bool) -> Self {
        let database = RwLock::new(Some(opened));
        Self { path, is_to_read, database, reopened: AtomicU64::new(0) }
    }

    /// What is committed now. The file is opened again if it had to be closed: after a failed write
    /// nothing may be left to write until something was read.
    pub(super) fn read(&self) -> Result<ReadTransaction> {
        if let Some(open) = &*lock::read(&self.database) {
            return open.begin_read();
        }
        let mut database = lock::write(&self.database);
        let open = match database.take() {
            Some(open) => open,
            None => self.reopen()?,
        };
        database.insert(open).begin_read()
    }

    fn reopen(&self) -> Result<Opened> {
        self.reopened.fetch_add(1, Ordering::Relaxed);
        if !self.is_to_read {
            return Ok(Opened::ToWrite(file::open_again(&self.path)?));
        }
        let unclean = || StoreError::Down("it was not closed properly".to_owned());
        Ok(Opened::ToRead(file::open_to_read(&self.path)?.ok_or_else(unclean)?))
    }

    /// Which opening of the file is read now.
    pub(super) fn opening(&self) -> u64 {
        self.reopened.load(Ordering::Relaxed)
    }

    /// Gives up an opening, unless someone else did and the file is open again.
    pub(super) fn close_opening(&self, opening: u64) {
        let mut database = lock::write(&self.database);
        if self.opening() == opening {
            drop_caught(database.take());
        }
    }

    /// The next transaction; the file is opened again if it had to be closed.
    pub(super) fn write(&self) -> Result<WriteTransaction> {
        let mut database = lock::write(&self.database);
        if database.is_none() {
            *database = Some(self.reopen()?);
        }
        match &*database {
            Some(Opened::ToWrite(open)) => open.begin_write().map_err(failed),
            Some(Opened::ToRead(_)) | None => {
                Err(StoreError::Down("it is open to read only".to_owned()))
            }
        }
    }

    /// Gives up this opening of the file; whatever comes next tries another.
    pub(super) fn close(&self) {
        drop_caught(lock::write(&self.database).take());
    }
}

/// Does something with redb, whose panics are failures like any other: one would end the writer, and with it all
/// writing.
pub(super) fn caught<T>(
    work: impl FnOnce() -> Result<T>,
    failure: fn(String) -> StoreError,
) -> Result<T> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(failure("its library panicked".to_owned())))
}

/// What a panic has left behind may panic again when it's closed.
fn drop_caught(opened: Option<Opened>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(opened)));
}

/// A fault of the disk passes; damage does not.
pub(super) fn failed(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    let reason = error.to_string();
    if let redb::Error::Corrupted(_) = error {
        StoreError::Broken(reason)
    } else {
        StoreError::Down(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failed_write_a_read_opens_the_file_again() {
        let place = tempfile::tempdir().unwrap();
        let handle = FileHandle::open(place.path().join("jules.redb")).unwrap();
        handle.close();
        handle.read().unwrap();
        handle.close();
        handle.write().unwrap();
        handle.read().unwrap();
    }

    #[test]
    fn while_it_cannot_be_opened_a_read_says_so_and_the_next_tries_again() {
        let place = tempfile::tempdir().unwrap();
        let (path, away) = (place.path().join("jules.redb"), place.path().join("away"));
        let handle = FileHandle::open(path.clone()).unwrap();
        handle.close();
        std::fs::rename(&path, &away).unwrap();
        assert!(handle.read().is_err() && handle.write().is_err(), "none is made in its place");
        assert!(!path.exists());
        std::fs::create_dir(&path).unwrap();
        assert!(handle.read().is_err());
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&away, &path).unwrap();
        handle.read().unwrap();
    }
}
