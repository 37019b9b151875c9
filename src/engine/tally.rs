//! Counting what the account uses, in the list of all its sessions.

use super::account::Account;
use domain::quota::Tally;
use jiff::SignedDuration;
use platform::walk::Walk;

/// The most pages of sessions that are counted: 300 is the largest limit of a day.
const MOST_PAGES: usize = 4;

impl Account {
    /// The sessions that count by now, and whether there are more than were counted; `None` when Jules
    /// can't be asked.
    pub(super) async fn tally(&self) -> Option<(Tally, bool)> {
        let now = self.now();
        let mut tally = Tally::default();
        let mut walk = Walk::of(MOST_PAGES);
        while walk.goes_on() {
            let page = self.jules.sessions(walk.at()).await.ok()?;
            let day = SignedDuration::from_hours(24);
            let reached = page.items.iter().filter_map(|session| session.created).min();
            for session in &page.items {
                tally.count(session, now);
            }
            if reached.is_some_and(|reached| now.duration_since(reached) > day) {
                walk.stop();
            } else {
                walk.turn(page.next);
            }
        }
        let more = walk.finish().is_err();
        Some((tally, more))
    }
}
