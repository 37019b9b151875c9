//! Documents that this process passes over, so that they hold up no other: they stay due, and the store is left alone.

use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use store::Key;
use store::records::RecordError;

/// A newer version's document is read again after so long: that version may have written it in a form that this one
/// knows, or may have given way to this one.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// What is passed over, and until when.
#[derive(Default)]
pub(super) struct SetAside(Mutex<HashMap<Key, Timestamp>>);

impl SetAside {
    /// Passes over a document for this reason: for good, unless it's only too new. True the first time.
    pub(super) fn put(&self, key: &Key, why: &RecordError, now: Timestamp) -> bool {
        let until = if why.is_newer() { now + AGAIN } else { Timestamp::MAX };
        lock(&self.0).insert(key.clone(), until).is_none()
    }

    /// Whether a document is passed over.
    pub(super) fn has(&self, key: &Key, now: Timestamp) -> bool {
        let mut all = lock(&self.0);
        match all.get(key) {
            Some(until) if *until > now => true,
            Some(_) => {
                all.remove(key);
                false
            }
            None => false,
        }
    }
}
