//! Reserving times under Slack's limits: as many as ask at a time share one write of the meter.
//!
//! Slack's limit of edits is one for the whole workspace, that of messages one for a channel, and so are
//! the documents that count them. If each task reserved by itself, one write after the other, there would
//! be no more reservations a second than the store has writes; all at once they would mostly meet
//! conflicts.

use super::Engine;
use super::coalescer::Turn;
use super::update::Update;
use domain::meter::{Claim, Limit, Meter, Reservation};
use jiff::SignedDuration;
use store::Key;
use store::records::RecordError;

/// How long a meter is kept after the last time that it handed out.
const METER_LIVES: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Reserves a time under the limit that the meter `key` counts.
    ///
    /// # Errors
    /// Returns store errors. Other waiters retry.
    pub(super) async fn reserve(
        &self,
        key: &Key,
        limit: Limit,
        claim: Claim,
    ) -> Result<Reservation, RecordError> {
        let batch = match self.bookings.submit(key.clone(), claim).await {
            Turn::Written(reservation) => return Ok(reservation),
            Turn::Write(batch) => batch,
        };
        let (mine, theirs) = self
            .update(key, |found: Option<Meter>, now| {
                let mut meter = found.clone().unwrap_or_default();
                let mine = meter.reserve(limit, claim, now);
                let others = batch.others();
                let theirs: Vec<_> =
                    others.map(|claim| meter.reserve(limit, *claim, now)).collect();
                let back = (mine, theirs);
                // A turn without room changes nothing.
                if found.as_ref() == Some(&meter) {
                    return Update::Leave(back);
                }
                let last = back.1.iter().chain([&back.0]).map(|one| one.at()).max();
                let expires_at = Some(last.unwrap_or(now) + METER_LIVES);
                Update::Write { record: meter, wake_at: None, expires_at, back }
            })
            .await?;
        batch.finish(theirs);
        Ok(mine)
    }
}
