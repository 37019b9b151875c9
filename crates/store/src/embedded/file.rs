//! The file: its tables, and opening it only when it is ours and whole.

use crate::{Result, StoreError, atomic_file};
use redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, StorageError,
    TableDefinition, TableError,
};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Revision, wake-up time, expiry (both in microseconds), body.
pub(super) type Row = (u64, Option<i64>, Option<i64>, &'static [u8]);

/// Every document, live or expired and not yet collected.
pub(super) const DOCUMENTS: TableDefinition<'_, &str, Row> = TableDefinition::new("documents");

/// Wake-up time and key, so that walking the table is walking the queue. The value is the expiry:
/// whether a key is live is known here, without a look at its document.
pub(super) const WAKE: TableDefinition<'_, (i64, &str), Option<i64>> = TableDefinition::new("wake");

/// Expiry and key, so that what may be collected comes first.
pub(super) const EXPIRY: TableDefinition<'_, (i64, &str), ()> = TableDefinition::new("expiry");

/// Facts about the file: [`FORMAT`].
pub(super) const FACTS: TableDefinition<'_, &str, u64> = TableDefinition::new("jules-slack");

/// The fact that says how the other tables are to be read.
const FORMAT: &str = "format";

/// What this program writes. A file with a higher number was written by a newer one.
const CURRENT_FORMAT: u64 = 1;

/// redb would take a gigabyte. Open tasks are few and small; this holds one or two thousand.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// Opens the file, or makes it. A file that is refused is left as it was, byte for byte.
///
/// # Errors
/// [`StoreError::Broken`] with the reason in plain words.
pub(super) fn open(path: &Path) -> Result<Database> {
    let refuse = |reason: String| StoreError::setting(format!("`{}` {reason}", path.display()));
    if !path.try_exists().map_err(|error| refuse(cannot_be_opened(&error)))? {
        atomic_file::make(path, make_tables).map_err(|error| refuse(reason(&error)))?;
    }
    open_again(path)
}

/// Opens a file that was open before. If it's gone, none is made in its place: what would be stored there would be lost as
/// soon as it's back.
///
/// # Errors
/// As [`open`], and when there is none.
pub(super) fn open_again(path: &Path) -> Result<Database> {
    let refuse = |reason: String| StoreError::setting(format!("`{}` {reason}", path.display()));
    if !path.try_exists().map_err(|error| refuse(cannot_be_opened(&error)))? {
        return Err(refuse(
            "is gone; put it back, or restart to begin with an empty store".to_owned(),
        ));
    }
    // Opening a redb file to write changes its bytes, whatever its tables say: so it is looked at before.
    drop(open_unchanged(path).map_err(&refuse)?);
    let database =
        Builder::new().set_cache_size(CACHE_BYTES).open(path).map_err(|e| refuse(reason(&e)))?;
    check_format(&database).map_err(&refuse)?;
    Ok(database)
}

/// Opens the file without changing a byte of it; `None` when it was not closed properly, because then
/// only opening it to write can mend it.
///
/// # Errors
/// As [`open`], and when there is none.
pub(super) fn open_to_read(path: &Path) -> Result<Option<ReadOnlyDatabase>> {
    let refuse = |reason: String| StoreError::setting(format!("`{}` {reason}", path.display()));
    drop(File::open(path).map_err(|error| refuse(cannot_be_read(&error)))?);
    let database = open_unchanged(path).map_err(&refuse)?;
    let opened = || OpenOptions::new().append(true).open(path);
    let is_denied = |error: io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    if database.is_none() && opened().is_err_and(is_denied) {
        let reason = "was not closed properly, and can't be repaired by this user";
        return Err(refuse(format!("{reason}. {AS_ITS_USER}")));
    }
    Ok(database)
}

/// Whether another process has the file.
pub(super) fn is_in_use(path: &Path) -> bool {
    matches!(
        ReadOnlyDatabase::open(path),
        Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch)
    )
}

/// Opens a file that is ours, without writing to it.
fn open_unchanged(path: &Path) -> std::result::Result<Option<ReadOnlyDatabase>, String> {
    match ReadOnlyDatabase::open(path) {
        Ok(database) => check_format(&database).map(|()| Some(database)),
        // It was not closed, for example after a crash. Only opening it to write can mend that, and
        // mending it changes no document.
        Err(DatabaseError::RepairAborted) => Ok(None),
        Err(error) => Err(reason(&error)),
    }
}

fn check_format(database: &impl ReadableDatabase) -> std::result::Result<(), String> {
    match format_of(database).map_err(|error| format!("cannot be read: {error}"))? {
        Some(CURRENT_FORMAT) => Ok(()),
        Some(newer) if newer > CURRENT_FORMAT => Err(format!(
            "was written by a newer version of this program (format {newer}, this one knows \
             {CURRENT_FORMAT}); use that version, or another file"
        )),
        Some(unknown) => Err(format!("has format {unknown}, which no version ever wrote")),
        None => Err("belongs to another program; use another file".to_owned()),
    }
}

fn format_of(database: &impl ReadableDatabase) -> std::result::Result<Option<u64>, redb::Error> {
    let reading = database.begin_read()?;
    match reading.open_table(FACTS) {
        Ok(facts) => Ok(facts.get(FORMAT)?.map(|format| format.value())),
        Err(TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// An empty store of the current format.
fn make_tables(path: &Path) -> std::result::Result<(), DatabaseError> {
    fn fill(database: &Database) -> std::result::Result<(), redb::Error> {
        let writing = database.begin_write()?;
        writing.open_table(DOCUMENTS)?;
        writing.open_table(WAKE)?;
        writing.open_table(EXPIRY)?;
        let mut facts = writing.open_table(FACTS)?;
        facts.insert(FORMAT, CURRENT_FORMAT)?;
        drop(facts);
        Ok(writing.commit()?)
    }
    let database = Builder::new().create(path)?;
    fill(&database).map_err(|error| match error {
        redb::Error::Io(error) => error.into(),
        other => io::Error::other(other.to_string()).into(),
    })
}

/// Why redb would not open a file, for a person who never heard of redb.
fn reason(error: &DatabaseError) -> String {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            "is in use by another process; stop that one first (one file serves one process, \
             several replicas need Redis)"
                .to_owned()
        }
        DatabaseError::Storage(StorageError::Io(error)) => cannot_be_opened(error),
        DatabaseError::Storage(StorageError::Corrupted(what)) => {
            format!("is damaged ({what}); put a backup in its place")
        }
        other => format!("cannot be opened: {other}"),
    }
}

/// What to do for someone who only reads. The file is the bot's, which works: nothing about it is to be changed.
const AS_ITS_USER: &str = "Run this as the user that the bot runs as, or as root";

/// Why someone who only reads can't open the file.
fn cannot_be_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "does not exist. Run this in the bot's working directory, or name its store with \
             STORE or --store"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => format!("can't be read by this user. {AS_ITS_USER}"),
        _ => cannot_be_opened(error),
    }
}

fn cannot_be_opened(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => "is not a store of this program; use another file".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "may not be read and written by this user; change the owner or the mode of it and of \
             its directory"
                .to_owned()
        }
        io::ErrorKind::NotFound => "cannot be made, its directory does not exist".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            format!("cannot be written, its disk is full ({error}); free some space")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "is on a file system that may only be read; name a file elsewhere".to_owned()
        }
        io::ErrorKind::IsADirectory => "is a directory; name a file".to_owned(),
        _ => format!("cannot be opened: {error}"),
    }
}
