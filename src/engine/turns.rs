//! Sessions whose turn is further away than any that is ever set: the clock was set back.

use super::Engine;
use super::follow::write;
use super::update::Update;
use domain::watch::{FARTHEST, WatchedSession};
use jiff::SignedDuration;
use store::documents::session_of;
use store::records::RecordError;
use store::{Due, Key};

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
        let farthest = Due { wake_at: now + FARTHEST, key: Key::new("session/") };
        let beyond = self.store.due(Some(&farthest), MOST, now + HORIZON).await?;
        for Due { key, .. } in &beyond {
            let Some((account, _)) = session_of(key) else { continue };
            self.learn_of(&account).await?;
            if self.followed_on(key).is_none() {
                continue;
            }
            let recovered = self.update(key, |live: Option<WatchedSession>, now| match live {
                Some(mut session) => {
                    session.next = session.next.map(|_| now);
                    write(session, (), now)
                }
                None => Update::Leave(()),
            });
            self.passing_over(recovered.await)?;
        }
        Ok(())
    }
}
