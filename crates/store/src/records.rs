//! Typed, versioned records above any store: what the rest of the program reads and writes.
//!
//! A record is JSON with its version in it, `{"v":1,…}`. An older version is brought up step by step
//! when it is read; a newer one, written by a newer program that shares this store, is left alone.
//! Secrets inside are sealed on the way down and opened on the way up, for every type alike.

use super::documents;
use super::seal::{SealError, Sealer};
use super::sealed_json::{self, WalkError};
use super::{Doc, Expect, Key, Precondition, PutResult, Rev, Store, StoreError, write_once};
use bytes::Bytes;
use domain::ids::TeamId;
use jiff::{SignedDuration, Timestamp};
use platform::log_throttle::LogThrottle;
use platform::metrics;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The field that holds the version.
const VERSION_FIELD: &str = "v";

/// Something that is kept. It serialises to a JSON object without a field `v`.
pub trait Record: Serialize + DeserializeOwned {
    /// What it is, and the first part of its keys: `task` in `task/7f3k9x2q`.
    const KIND: &'static str;

    /// The version that is written. It rises when stored documents would no longer be read as they
    /// are; the old form then becomes a golden file and a step in [`Record::upcast`].
    const VERSION: u32;

    /// Brings the fields of version `from` to version `from + 1`. Called once for each step. As long
    /// as the first version, 1, is the only one, there is nothing older to bring up.
    ///
    /// # Errors
    /// What is wrong with the fields, in words that quote none of them.
    fn upcast(from: u32, _fields: Map<String, Value>) -> Result<Map<String, Value>, String> {
        Err(format!("version {from} was never released"))
    }

    /// What takes the place of a damaged one, where nothing in it belongs to a person: it only counts, or keeps what is
    /// learned again. Otherwise it is left as it is, for a person to look at.
    #[must_use]
    fn if_damaged() -> Option<Self> {
        None
    }

    /// The key of the record with this name.
    #[must_use]
    fn key(name: &str) -> Key {
        Key::new(format!("{}/{name}", Self::KIND))
    }
}

/// Why a record could not be read or written. The document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer version of this program wrote it; it is for that one to read.
    #[error("`{key}` has version {found}, this program knows {known}: use the newer program")]
    Newer {
        /// The document.
        key: Key,
        /// Its version.
        found: u32,
        /// [`Record::VERSION`].
        known: u32,
    },
    /// A secret without which the record is none cannot be opened, or could not be sealed.
    #[error("a secret in `{key}`: {cause}")]
    Secret {
        /// The document.
        key: Key,
        /// Mostly a key that is missing in `ENCRYPTION_KEY`.
        cause: SealError,
    },
    /// It is another installation's: two of them use the same store.
    #[error("`{key}` belongs to the workspace {team}, which this installation does not serve")]
    Foreign {
        /// The document.
        key: Key,
        /// Whose it is.
        team: TeamId,
    },
    /// What is stored is not such a record, or what should be stored cannot be.
    #[error("`{key}` isn't a valid document of the kind `{kind}`: {reason}")]
    Unfit {
        /// The document.
        key: Key,
        /// [`Record::KIND`].
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl RecordError {
    /// Whether it is about this one document and not about the store: others can be read and written.
    #[must_use]
    pub fn is_about_the_document(&self) -> bool {
        !matches!(self, Self::Store(_))
    }

    /// The document that it is about; `None` when it is about the store.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Store(_) => None,
            Self::Newer { key, .. }
            | Self::Secret { key, .. }
            | Self::Foreign { key, .. }
            | Self::Unfit { key, .. } => Some(key),
        }
    }

    /// Whether it is another installation's. That is said once, and not of each document.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign { .. })
    }

    /// Whether a newer version of this program wrote it.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }

    /// Whether the document is damaged: no version of this program can read it.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Unfit { .. })
    }

    /// Of a document of a kind that this program does not know: a newer version has it.
    #[must_use]
    pub fn of_unknown_kind(key: &Key) -> Self {
        Self::Newer { key: key.clone(), found: 1, known: 0 }
    }

    /// Whether a write that ended like this may have happened, or may happen still.
    #[must_use]
    pub fn may_be_written(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unanswered(_)))
    }
}

/// A live record as it can be replaced.
#[derive(Debug)]
pub struct Replaceable<T> {
    /// Its revision.
    pub rev: Rev,
    /// What is in it, or how it's damaged.
    pub record: Result<T, RecordError>,
}

/// From so many unanswered writes on, one after the other, the store counts as one that refuses them.
const REFUSED: u8 = 2;

/// Reads and writes records. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
    /// How many of the last writes weren't answered; [`REFUSED`] after one that was refused.
    unwritten: Arc<AtomicU8>,
    /// For the log: which secrets count as absent.
    lost: Arc<LogThrottle>,
    /// The same: which documents are damaged and replaced.
    damaged: Arc<LogThrottle>,
}

/// Between two lines in the log about secrets that cannot be opened, or about damaged documents.
const SAID_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Records {
    /// Names for a secret that don't give it away ([`Sealer::fingerprints`]).
    #[must_use]
    pub fn fingerprints(&self, secret: &str) -> Vec<String> {
        self.sealer.fingerprints(secret)
    }

    /// Records in `store`, their secrets sealed by `sealer`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Sealer) -> Self {
        let throttle = || Arc::new(LogThrottle::new(SAID_EVERY));
        let (lost, damaged) = (throttle(), throttle());
        Self { store, sealer: Arc::new(sealer), unwritten: Arc::default(), lost, damaged }
    }

    /// Whether the store refused the last write, or didn't answer the last two: one alone may be late. Reading doesn't show
    /// that: a full disk, or a Redis whose memory is full or that is a replica, can be read all the time.
    #[must_use]
    pub fn refuses_writes(&self) -> bool {
        self.unwritten.load(Ordering::Relaxed) >= REFUSED
    }

    /// Whether the last write failed, in whatever way.
    #[must_use]
    pub fn is_unsure_of_writes(&self) -> bool {
        self.unwritten.load(Ordering::Relaxed) > 0
    }

    /// Writes something that no one ever sees, to find out whether the store accepts writes.
    ///
    /// # Errors
    /// The store's.
    pub async fn try_write(&self, now: Timestamp) -> Result<(), StoreError> {
        self.noted(write_once(&*self.store, now).await).map(|_| ())
    }

    /// Remembers how a write ended. A conflict is found by reading, so it says nothing of writes.
    fn noted(&self, written: Result<PutResult, StoreError>) -> Result<PutResult, StoreError> {
        match &written {
            Ok(PutResult::Stored(_)) => self.unwritten.store(0, Ordering::Relaxed),
            Ok(PutResult::Conflict) => {}
            Err(StoreError::Unanswered(_)) => {
                let one_more = |count: u8| Some(count.saturating_add(1));
                let _ = self.unwritten.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
            }
            Err(StoreError::Down(_) | StoreError::Broken(_) | StoreError::Forbidden(_)) => {
                self.unwritten.store(REFUSED, Ordering::Relaxed);
            }
        }
        written
    }

    /// The live record under `key`.
    ///
    /// # Errors
    /// Any [`RecordError`].
    pub async fn get<T: Record>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Rev, T)>, RecordError> {
        let Some((rev, doc)) = self.store.get(key, now).await? else { return Ok(None) };
        Ok(Some((rev, self.open(key, &doc, now)?)))
    }

    /// The same for one that may be replaced as a whole, damaged or not.
    ///
    /// # Errors
    /// Any [`RecordError`] but [`RecordError::Unfit`].
    pub async fn get_to_replace<T: Record>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Replaceable<T>>, RecordError> {
        let Some((rev, doc)) = self.store.get(key, now).await? else { return Ok(None) };
        match self.open(key, &doc, now) {
            Err(error) if !error.is_damage() => Err(error),
            record => Ok(Some(Replaceable { rev, record })),
        }
    }

    /// The record in a document.
    fn open<T: Record>(&self, key: &Key, doc: &Doc, now: Timestamp) -> Result<T, RecordError> {
        let (record, lost) = match read(key, &doc.body, &self.sealer) {
            Err(error @ RecordError::Unfit { .. }) => (self.if_damaged(error, now)?, None),
            read => read?,
        };
        if let Some(lost) = lost
            && let Some(untold) = self.lost.tell(now)
        {
            tracing::warn!(document = %key, %lost, untold, "a secret cannot be read and counts as absent");
        }
        Ok(record)
    }

    /// An empty record in place of a damaged one, where its kind allows that.
    fn if_damaged<T: Record>(&self, error: RecordError, now: Timestamp) -> Result<T, RecordError> {
        let Some(empty) = T::if_damaged() else { return Err(error) };
        if let Some(untold) = self.damaged.tell(now) {
            metrics::unreadable_document();
            tracing::error!(%error, untold, "a document is damaged; an empty one takes its place");
        }
        Ok(empty)
    }

    /// Writes the record again if a secret in it was sealed with an older key, so that the older key can go. One
    /// whose secrets don't open is left as it is. Whether it was written.
    ///
    /// # Errors
    /// Any [`RecordError`].
    pub async fn reseal<T: Record>(&self, key: &Key, now: Timestamp) -> Result<bool, RecordError> {
        let Some((rev, doc)) = self.store.get(key, now).await? else { return Ok(false) };
        let is_old = std::str::from_utf8(&doc.body)
            .is_ok_and(|json| sealed_json::is_old(json, &self.sealer));
        let (record, lost) = read::<T>(key, &doc.body, &self.sealer)?;
        if !is_old || lost.is_some() {
            return Ok(false);
        }
        let Doc { wake_at, expires_at, .. } = doc;
        let put = self.put(key, &record, wake_at, expires_at, Expect::At(rev), now).await?;
        Ok(put != PutResult::Conflict)
    }

    /// Writes the record if `expect` holds; see [`Store::put`] and [`Doc`] for the rest.
    ///
    /// # Errors
    /// Any [`RecordError`] but [`RecordError::Newer`].
    pub async fn put<T: Record>(
        &self,
        key: &Key,
        record: &T,
        wake_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        expect: Expect,
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let doc = Doc { body: write(key, record, &self.sealer)?, wake_at, expires_at };
        Ok(self.noted(self.store.put(key, &doc, expect, now).await)?)
    }

    /// Writes the record if `expect` holds, and all that is `given`; see [`Store::put_given`].
    ///
    /// # Errors
    /// As [`Records::put`].
    #[expect(
        clippy::too_many_arguments,
        reason = "as the store's own, with the parts of a document"
    )]
    pub async fn put_given<T: Record>(
        &self,
        key: &Key,
        record: &T,
        wake_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult, RecordError> {
        let doc = Doc { body: write(key, record, &self.sealer)?, wake_at, expires_at };
        Ok(self.noted(self.store.put_given(key, &doc, expect, given, now).await)?)
    }

    /// Keys of live records of one kind, after `after`, in byte order.
    ///
    /// # Errors
    /// [`RecordError::Store`].
    pub async fn list<T: Record>(
        &self,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>, RecordError> {
        Ok(self.store.list(T::key("").as_str(), after, limit, now).await?)
    }
}

/// Looks at a stored document without reading it as what it is: its kind and version, and, with a
/// `sealer`, whether its secrets open. Says how many secrets it has.
///
/// # Errors
/// [`RecordError::Newer`] also for a kind that this program does not know;
/// [`RecordError::Secret`] and [`RecordError::Unfit`].
pub fn inspect(key: &Key, body: &[u8], sealer: Option<&Sealer>) -> Result<usize, RecordError> {
    let kind = key.as_str().split('/').next().unwrap_or_default();
    let Some(&(kind, known)) = documents::KINDS.iter().find(|(name, _)| *name == kind) else {
        return Err(RecordError::of_unknown_kind(key));
    };
    let (_, json) = versioned(key, kind, known, body)?;
    if let Some(sealer) = sealer {
        sealed_json::open(json, sealer, key.as_str()).map_err(|error| walk(key, kind, error))?;
    }
    Ok(sealed_json::count(json))
}

/// A record without the keys that open secrets: they count as absent.
///
/// # Errors
/// [`RecordError::Newer`] and [`RecordError::Unfit`].
pub(crate) fn read_open<T: Record>(key: &Key, body: &[u8]) -> Result<T, RecordError> {
    check_kind::<T>(key)?;
    let (found, json) = versioned(key, T::KIND, T::VERSION, body)?;
    parse(key, found, &sealed_json::without_secrets(json))
}

/// The room for a record while it is written, in bytes: a new task fits, so nothing is copied as it grows.
const ROOM: usize = 2048;

/// From a record to bytes, without a tree of values between: every acknowledgement goes through here.
fn write<T: Record>(key: &Key, record: &T, sealer: &Sealer) -> Result<Bytes, RecordError> {
    check_kind::<T>(key)?;
    let mut json = Vec::with_capacity(ROOM);
    json.extend_from_slice(format!("{{\"{VERSION_FIELD}\":{}", T::VERSION).as_bytes());
    let begin = json.len();
    serde_json::to_writer(&mut json, record)
        .map_err(|error| unfit(key, T::KIND, &place(&error)))?;
    // The version and the fields become one object.
    match &json[begin..] {
        [b'{', b'}'] => drop(json.remove(begin)),
        [b'{', ..] => json[begin] = b',',
        _ => return Err(unfit(key, T::KIND, "it does not serialise to an object")),
    }
    let json = String::from_utf8(json).map_err(|_| unfit(key, T::KIND, "it isn't text"))?;
    let sealed = sealed_json::seal(&json, sealer, key.as_str())
        .map_err(|error| walk(key, T::KIND, error))?;
    Ok(match sealed {
        Cow::Owned(sealed) => Bytes::from(sealed),
        Cow::Borrowed(_) => Bytes::from(json),
    })
}

/// From bytes to a record, and why a secret in it counts as absent, if one does.
fn read<T: Record>(
    key: &Key,
    body: &[u8],
    sealer: &Sealer,
) -> Result<(T, Option<SealError>), RecordError> {
    check_kind::<T>(key)?;
    let (found, json) = versioned(key, T::KIND, T::VERSION, body)?;
    let (opened, lost) = sealed_json::open_what_opens(json, sealer, key.as_str());
    match (parse(key, found, &opened), lost) {
        (Ok(record), lost) => Ok((record, lost)),
        // It cannot be without that secret.
        (Err(_), Some(cause)) => Err(RecordError::Secret { key: key.clone(), cause }),
        (Err(error), None) => Err(error),
    }
}

/// A record from the JSON of version `found`.
fn parse<T: Record>(key: &Key, found: u32, opened: &str) -> Result<T, RecordError> {
    let misread = |error| unfit(key, T::KIND, &place(&error));
    if found == T::VERSION {
        return serde_json::from_str(opened).map_err(misread);
    }
    let mut fields: Map<String, Value> = serde_json::from_str(opened).map_err(misread)?;
    fields.remove(VERSION_FIELD);
    for from in found..T::VERSION {
        fields = T::upcast(from, fields).map_err(|reason| unfit(key, T::KIND, &reason))?;
    }
    // By way of the text: reading every record from a tree as well would double the code for it.
    serde_json::from_str(&Value::Object(fields).to_string()).map_err(misread)
}

/// The one field that every document has.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// The JSON of a document of a version that is known, and that version.
fn versioned<'b>(
    key: &Key,
    kind: &'static str,
    known: u32,
    body: &'b [u8],
) -> Result<(u32, &'b str), RecordError> {
    let json = std::str::from_utf8(body).map_err(|_| unfit(key, kind, "it isn't text"))?;
    // A list would be taken for a version as well.
    if !json.trim_ascii_start().starts_with('{') {
        return Err(unfit(key, kind, "it is not an object"));
    }
    let Version { v: found } =
        serde_json::from_str(json).map_err(|error| unfit(key, kind, &place(&error)))?;
    if found > known {
        return Err(RecordError::Newer { key: key.clone(), found, known });
    }
    Ok((found, json))
}

/// A record under another kind's key would be found by nobody who looks for it.
fn check_kind<T: Record>(key: &Key) -> Result<(), RecordError> {
    match key.as_str().split_once('/') {
        Some((kind, _)) if kind == T::KIND => Ok(()),
        Some(_) | None => Err(unfit(key, T::KIND, "its key says otherwise")),
    }
}

fn walk(key: &Key, kind: &'static str, error: WalkError) -> RecordError {
    match error {
        WalkError::Seal(cause) => RecordError::Secret { key: key.clone(), cause },
        WalkError::Forged => unfit(key, kind, &error),
    }
}

fn unfit(key: &Key, kind: &'static str, reason: &(impl ToString + ?Sized)) -> RecordError {
    RecordError::Unfit { key: key.clone(), kind, reason: reason.to_string() }
}

/// Where a document does not fit. Of serde's own words only the name of a missing field is passed on:
/// the others quote values, and a value may be a prompt or an opened secret.
fn place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    if words.starts_with("missing field") {
        return words;
    }
    format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Embedded;

    #[test]
    fn one_write_that_is_not_answered_is_no_refusal_and_two_are() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Embedded::open(directory.path().join("jules.redb")).expect("a new store");
        let records = Records::new(Arc::new(store), Sealer::new(&[7; 32], &[]));
        let ends = |written| records.noted(written).is_ok();
        let late = || Err(StoreError::Unanswered("nothing came".to_owned()));
        assert!(!ends(late()) && !records.refuses_writes() && records.is_unsure_of_writes());
        assert!(ends(Ok(PutResult::Conflict)) && records.is_unsure_of_writes());
        assert!(!ends(late()) && records.refuses_writes());
        assert!(ends(Ok(PutResult::Stored(Rev(1)))) && !records.is_unsure_of_writes());
        assert!(!ends(Err(StoreError::Down("full".to_owned()))) && records.refuses_writes());
    }
}
