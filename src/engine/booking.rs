//! Booking edits: as many as ask at a time share one write of the workspace's meter.
//!
//! Slack's limit of edits is one for the whole workspace, and so is the document that counts them. If
//! each task booked by itself, one write after the other, there would be no more bookings a second than
//! the store has writes; all at once they would mostly meet conflicts.

use super::Engine;
use super::coalescer::Turn;
use super::update::Update;
use crate::domain::ids::TeamId;
use crate::domain::rate::{EDITS, Gcra};
use crate::store::documents::edits_key;
use crate::store::records::RecordError;
use jiff::{SignedDuration, Timestamp};

/// How long a workspace's meter of edits is kept without one.
const METER_LIVES: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Reserves the next edit of the workspace and says when it may be made.
    ///
    /// # Errors
    /// Returns store errors. Other waiters retry.
    pub(super) async fn book_edit(&self, team: &TeamId) -> Result<Timestamp, RecordError> {
        let batch = match self.bookings.submit(team.clone(), ()).await {
            Turn::Written(at) => return Ok(at),
            Turn::Write(batch) => batch,
        };
        let (mine, theirs) = self
            .update(&edits_key(team), |meter: Option<Gcra>, now| {
                let mut meter = meter.unwrap_or_default();
                let mine = meter.reserve(EDITS, now);
                let theirs: Vec<_> = batch.others().map(|()| meter.reserve(EDITS, now)).collect();
                let last = theirs.last().copied().unwrap_or(mine);
                let (wake_at, expires_at) = (None, Some(last + METER_LIVES));
                Update::Write { record: meter, wake_at, expires_at, back: (mine, theirs) }
            })
            .await?;
        batch.finish(theirs);
        Ok(mine)
    }
}
