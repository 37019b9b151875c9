//! Booking edits: as many as ask at a time share one write of the workspace's meter.
//!
//! Slack's limit of edits is one for the whole workspace, and so is the document that counts them. If
//! each task booked by itself, a write after the other, there would be no more bookings a second than
//! the store has writes; all at once they would mostly meet conflicts.

use super::Engine;
use super::update::Update;
use crate::domain::ids::TeamId;
use crate::domain::rate::{EDITS, Gcra};
use crate::store::documents::edits_key;
use crate::store::records::RecordError;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot::{self, Sender};

/// How long a workspace's meter of edits is kept without one.
const METER_LIVES: SignedDuration = SignedDuration::from_hours(1);

/// Who waits for a time, in this process.
#[derive(Default)]
pub(super) struct Bookings {
    waiting: Mutex<Vec<(TeamId, Sender<Timestamp>)>>,
    /// Held by whoever books, for all who wait.
    writing: tokio::sync::Mutex<()>,
}

impl Bookings {
    fn waiting(&self) -> MutexGuard<'_, Vec<(TeamId, Sender<Timestamp>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who still wait for a time in this workspace.
    fn take(&self, team: &TeamId) -> Vec<Sender<Timestamp>> {
        let taken = self.waiting().extract_if(.., |(of, _)| of == team).collect::<Vec<_>>();
        taken.into_iter().map(|(_, asks)| asks).filter(|asks| !asks.is_closed()).collect()
    }
}

impl Engine {
    /// Reserves the next edit of the workspace and says when it may be made.
    ///
    /// # Errors
    /// The store's. Who waited for this write books anew.
    pub(super) async fn book_edit(&self, team: &TeamId) -> Result<Timestamp, RecordError> {
        let (asks, mut told) = oneshot::channel();
        self.bookings.waiting().push((team.clone(), asks));
        let _writing = self.bookings.writing.lock().await;
        if let Ok(at) = told.try_recv() {
            return Ok(at);
        }
        // From here on this is not one of those who wait.
        drop(told);
        let others = self.bookings.take(team);
        let (mine, theirs) = self
            .update(&edits_key(team), |meter: Option<Gcra>, now| {
                let mut meter = meter.unwrap_or_default();
                let mine = meter.reserve(EDITS, now);
                let theirs: Vec<_> = others.iter().map(|_| meter.reserve(EDITS, now)).collect();
                let last = theirs.last().copied().unwrap_or(mine);
                let (wake_at, expires_at) = (None, Some(last + METER_LIVES));
                Update::Write { record: meter, wake_at, expires_at, back: (mine, theirs) }
            })
            .await?;
        for (other, at) in others.into_iter().zip(theirs) {
            // Who has given up meanwhile leaves an edit unused.
            let _ = other.send(at);
        }
        Ok(mine)
    }
}
