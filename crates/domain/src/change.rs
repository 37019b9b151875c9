//! Requests that change a document of settings: applied once, in the order in which they were asked.
//!
//! Slack may deliver a request again, and one that has to ask Jules first may be ready later than one that
//! was asked after it.

use super::ids::DeliveryId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A request to change a document of settings: the delivery's name, and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The delivery.
    pub delivery: DeliveryId,
    /// When it came in. Asking Jules about the repository takes time, so a later request may be applied
    /// before it.
    pub asked: Timestamp,
}

/// The requests that made a document as it is: those of the last day, newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeLog(Vec<Change>);

/// What became of a request to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is as the request wants it.
    Now,
    /// This very request was applied before.
    Before,
    /// A request that came later has been applied already, and stands.
    TooLate,
}

/// Whether nothing was applied after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsLatest(pub bool);

/// How long an applied request is remembered: as long as Slack delivers anything again (Slack: Events
/// API, retries), and far longer than a signature counts.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(25);

/// How many of them, however many come in that time.
const MOST_REMEMBERED: usize = 200;

impl ChangeLog {
    /// Whether this delivery was applied, and if so, whether it was the last one that was.
    #[must_use]
    pub fn applied(&self, delivery: &DeliveryId) -> Option<IsLatest> {
        let found = self.0.iter().rposition(|change| change.delivery == *delivery)?;
        Some(IsLatest(found + 1 == self.0.len()))
    }

    /// Remembers a request, unless it was applied before or one that was asked later was. The document is
    /// to be changed only if it is [`Applied::Now`].
    pub fn apply(&mut self, change: Change, now: Timestamp) -> Applied {
        if self.applied(&change.delivery).is_some() {
            return Applied::Before;
        }
        // A time that is still to come says nothing: the clock was set back since.
        let is_later = |last: &Change| change.asked < last.asked && last.asked <= now;
        if self.0.last().is_some_and(is_later) {
            return Applied::TooLate;
        }
        self.0.retain(|old| now.duration_since(old.asked) < REMEMBERED_FOR);
        self.0.push(change);
        let surplus = self.0.len().saturating_sub(MOST_REMEMBERED);
        self.0.drain(..surplus);
        Applied::Now
    }

    /// When a document that says nothing besides is forgotten.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.last().map_or(Timestamp::UNIX_EPOCH, |last| last.asked) + REMEMBERED_FOR
    }

    /// How many requests are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
