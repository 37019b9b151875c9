//! Changing a document that others change too: read it, change it, write it if nobody else wrote
//! meanwhile, else all of that again.

use super::Engine;
use jiff::Timestamp;
use platform::lock::lock;
use platform::metrics;
use store::records::{Record, RecordError, Replaceable};
use store::{Expect, Key, PutResult};

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
    pub(super) fn update<T: Record, R>(
        &self,
        key: &Key,
        change: impl FnMut(Option<T>, Timestamp) -> Update<T, R>,
    ) -> impl Future<Output = Result<R, RecordError>> {
        self.update_found(key, change, Err)
    }

    /// The same for a document that is written as a whole: a damaged one counts as absent, and is replaced.
    ///
    /// # Errors
    /// As [`Engine::update`].
    pub(super) fn update_or_replace<T: Record, R>(
        &self,
        key: &Key,
        change: impl FnMut(Option<T>, Timestamp) -> Update<T, R>,
    ) -> impl Future<Output = Result<R, RecordError>> {
        let replaced = move |error| {
            self.report_unreadable(&error);
            Ok(())
        };
        self.update_found(key, change, replaced)
    }

    /// Does either; `on_damage` says whether a damaged document counts as absent.
    async fn update_found<T: Record, R>(
        &self,
        key: &Key,
        mut change: impl FnMut(Option<T>, Timestamp) -> Update<T, R>,
        on_damage: impl Fn(RecordError) -> Result<(), RecordError>,
    ) -> Result<R, RecordError> {
        loop {
            let now = self.now();
            let (expect, found) = match self.records.get_to_replace::<T>(key, now).await? {
                Some(Replaceable { rev, record: Ok(record) }) => (Expect::At(rev), Some(record)),
                Some(Replaceable { rev, record: Err(error) }) => {
                    on_damage(error)?;
                    (Expect::At(rev), None)
                }
                None => (Expect::Absent, None),
            };
            let (record, wake_at, expires_at, back) = match change(found, now) {
                Update::Write { record, wake_at, expires_at, back } => {
                    (record, wake_at, expires_at, back)
                }
                Update::Leave(back) => return Ok(back),
            };
            let written = self.records.put(key, &record, wake_at, expires_at, expect, now).await?;
            if let PutResult::Stored(_) = written {
                return Ok(back);
            }
        }
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
