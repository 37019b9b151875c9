//! The open file, which can be closed and opened again while readers and the writer hold on to it.
//!
//! After one failed write (a full disk, mostly) redb refuses everything until the file is opened
//! anew. Doing that here means that freeing some space is all a person has to do.

use super::file;
use crate::{Result, StoreError};
use platform::lock;
use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, WriteTransaction};
use std::path::PathBuf;
use std::sync::RwLock;

/// One file, open or about to be opened again.
pub(super) struct FileHandle {
    path: PathBuf,
    database: RwLock<Option<Opened>>,
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
        let database = RwLock::new(Some(Opened::ToWrite(file::open(&path)?)));
        Ok(Self { path, database })
    }

    /// `None` when only opening it to write can mend it.
    ///
    /// # Errors
    /// As [`file::open_to_read`].
    pub(super) fn open_to_read(path: PathBuf) -> Result<Option<Self>> {
        let Some(database) = file::open_to_read(&path)? else { return Ok(None) };
        Ok(Some(Self { path, database: RwLock::new(Some(Opened::ToRead(database))) }))
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
            None => Opened::ToWrite(file::open(&self.path)?),
        };
        database.insert(open).begin_read()
    }

    /// The next transaction; the file is opened again if it had to be closed.
    pub(super) fn write(&self) -> Result<WriteTransaction> {
        let mut database = lock::write(&self.database);
        let open = match database.take() {
            Some(Opened::ToWrite(open)) => open,
            Some(Opened::ToRead(_)) | None => file::open(&self.path)?,
        };
        let writing = open.begin_write().map_err(failed);
        *database = Some(Opened::ToWrite(open));
        writing
    }

    /// Gives up this opening of the file; whatever comes next tries another.
    pub(super) fn close(&self) {
        *lock::write(&self.database) = None;
    }
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
        std::fs::create_dir(&path).unwrap();
        assert!(handle.read().is_err());
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&away, &path).unwrap();
        handle.read().unwrap();
    }
}
