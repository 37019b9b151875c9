//! Changing a document that others change too: read it, change it, write it if nobody else wrote
//! meanwhile, else all of that again.

use super::Engine;
use jiff::Timestamp;
use platform::lock::lock;
use platform::metrics;
use store::records::{Record, RecordError, Replaceable};
use store::{Expect, Key, PutResult, Rev};

/// What becomes of a document, and what is given back for it.
pub(super) enum Update<T, R> {
    /// It is written.
    Write { record: T, wake_at: Option<Timestamp>, expires_at: Option<Timestamp>, back: R },
    /// It stays as it is.
    Leave(R),
}

impl Engine {
    /// Changes the document under `key`. `change` is given it as it is now, `None` where there is
    /// none, and is called again whenever someone else was faster.
    ///
    /// # Errors
    /// The store's; whether the change was written is not known then.
    pub(super) async fn update<T: Record, R>(
        &self,
        key: &Key,
        mut change: impl FnMut(Option<T>, Timestamp) -> Update<T, R>,
    ) -> Result<R, RecordError> {
        loop {
            let now = self.now();
            let (expect, found) = match self.records.get::<T>(key, now).await? {
                Some((rev, record)) => (Expect::At(rev), Some(record)),
                None => (Expect::Absent, None),
            };
            if let Some(back) = self.carry_out(key, change(found, now), expect, now).await? {
                return Ok(back);
            }
        }
    }

    /// The same for a document that is written as a whole: a damaged one counts as absent, and is replaced.
    ///
    /// # Errors
    /// As [`Engine::update`].
    pub(super) async fn update_or_replace<T: Record, R>(
        &self,
        key: &Key,
        mut change: impl FnMut(Option<T>, Timestamp) -> Update<T, R>,
    ) -> Result<R, RecordError> {
        loop {
            let now = self.now();
            let (expect, found) = match self.get_to_replace::<T>(key, now).await? {
                Some((rev, record)) => (Expect::At(rev), record),
                None => (Expect::Absent, None),
            };
            if let Some(back) = self.carry_out(key, change(found, now), expect, now).await? {
                return Ok(back);
            }
        }
    }

    /// A document that may be replaced as a whole: a damaged one is reported, and nothing is in it.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn get_to_replace<T: Record>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Rev, Option<T>)>, RecordError> {
        let found = self.records.get_to_replace::<T>(key, now).await?;
        let read = |Replaceable { rev, record }| {
            let record: Result<T, RecordError> = record;
            (rev, record.inspect_err(|error| self.report_unreadable(error)).ok())
        };
        Ok(found.map(read))
    }

    /// What is given back; `None` where someone else was faster.
    async fn carry_out<T: Record, R>(
        &self,
        key: &Key,
        update: Update<T, R>,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Option<R>, RecordError> {
        let (record, wake_at, expires_at, back) = match update {
            Update::Write { record, wake_at, expires_at, back } => {
                (record, wake_at, expires_at, back)
            }
            Update::Leave(back) => return Ok(Some(back)),
        };
        let written = self.records.put(key, &record, wake_at, expires_at, expect, now).await?;
        Ok((written != PutResult::Conflict).then_some(back))
    }

    /// Passes over a document that can't be read or written, so that it holds up no other: `None` then.
    pub(super) fn passing_over<T>(
        &self,
        ended: Result<T, RecordError>,
    ) -> Result<Option<T>, RecordError> {
        match ended {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_foreign() => Ok(None),
            Err(error) if error.is_about_the_document() => {
                self.report_unreadable(&error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A damaged document counts as absent, so that it holds up nothing that can do without it.
    pub(super) fn unless_damaged<T>(
        &self,
        found: Result<Option<T>, RecordError>,
    ) -> Result<Option<T>, RecordError> {
        match found {
            Err(error) if error.is_damage() => {
                self.report_unreadable(&error);
                Ok(None)
            }
            found => found,
        }
    }

    /// Logs and counts a document that can't be read: once, however often this process meets it. A newer version's
    /// is as it should be, and a whole rollout of them is one line.
    pub(super) fn report_unreadable(&self, error: &RecordError) {
        let Some(key) = error.key() else { return };
        if error.is_newer() {
            self.newer.call_once(|| {
                tracing::warn!(
                    %error,
                    document = %key,
                    "a newer version of this program uses the same store; what it has written is left to it, and \
                     further documents are without a word"
                );
            });
            return;
        }
        if lock(&self.unreadable).insert(key.clone()) {
            metrics::unreadable_document();
            tracing::error!(
                %error,
                document = %key,
                "a document can't be read"
            );
        }
    }
}
