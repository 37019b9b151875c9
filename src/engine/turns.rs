//! Sessions whose turn is further away than any that is ever set: the clock was set back.

use super::Engine;
use super::follow::write;
use super::update::{Update, passing_over};
use crate::domain::watch::{FARTHEST, WatchedSession};
use crate::store::Key;
use crate::store::records::RecordError;
use jiff::SignedDuration;
use std::collections::HashSet;

/// How many documents are gone through at most.
const MOST: usize = 20_000;
/// Further than any clock was ahead.
const HORIZON: SignedDuration = SignedDuration::from_hours(24 * 365);

impl Engine {
    /// Has those sessions looked at now. It reads no document while there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn recover_turns(&self) -> Result<(), RecordError> {
        let now = self.now();
        let all = self.store.due(now + HORIZON, MOST).await?;
        let near: HashSet<Key> = self.store.due(now + FARTHEST, MOST).await?.into_iter().collect();
        for key in all.iter().filter(|key| self.is_followed_here(key) && !near.contains(key)) {
            let recovered = self.update(key, |live: Option<WatchedSession>, now| match live {
                Some(mut session) => {
                    session.next = session.next.map(|_| now);
                    write(session, (), now)
                }
                None => Update::Leave(()),
            });
            passing_over(recovered.await)?;
        }
        Ok(())
    }
}
