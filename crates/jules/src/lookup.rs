//! Looking for a session that may have been made although no answer came.

use super::client::{JulesClient, PAGE_SIZE};
use super::error::Error;
use super::paging::{Page, PageToken};
use super::wire::session;
use domain::ids::SessionId;
use domain::same_session::FoundSession;
use jiff::{SignedDuration, Timestamp};
use platform::walk::Walk;

/// A search ends here: 15,000 sessions younger than the one that is looked for. While it cannot be
/// finished nothing is created, so this is far beyond what any account may make in a day.
const MOST_PAGES: usize = 150;

/// When a create was tried is known to within this by Jules' clock.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

impl JulesClient {
    /// The sessions that were made at `not_before` or later by Jules' clock, less ten minutes, archived or not, no
    /// matter who made them. Jules cannot search, so this walks the list; a page that is too large is asked for again in
    /// smaller ones.
    ///
    /// That one is missing soon after its creation does not mean that it never happened: the list may lag.
    ///
    /// # Errors
    /// Those of a read; [`Error::Decode`] also when the list cannot be read to its end, since "none"
    /// would then be a guess.
    pub async fn sessions_since(&self, not_before: Timestamp) -> Result<Vec<FoundSession>, Error> {
        let horizon = not_before.saturating_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN);
        let mut found = Vec::new();
        let mut size = PAGE_SIZE;
        let mut walk = Walk::of(MOST_PAGES);
        while walk.goes_on() {
            let page = match self.lookup_page(size, walk.at()).await {
                Err(Error::TooLarge { .. }) if size > 1 => {
                    size /= 2;
                    continue;
                }
                page => page?,
            };
            if page.passed_over > 0 {
                return Err(Error::Decode("a session in the list has no id"));
            }
            let too_old =
                |one: &FoundSession| one.session.created.is_some_and(|created| created < horizon);
            let end = page.items.iter().any(too_old);
            found.extend(page.items.into_iter().filter(|one| !too_old(one)));
            if end {
                walk.stop();
            } else {
                walk.turn(page.next);
                size = PAGE_SIZE;
            }
        }
        walk.finish()?;
        Ok(found)
    }

    async fn lookup_page(
        &self,
        size: u32,
        at: Option<&PageToken>,
    ) -> Result<Page<FoundSession>, Error> {
        let size = size.to_string();
        let query = [("pageSize", size.as_str())];
        let (page, asked) = self.session_page(&query, &session::LOOKUP, at).await?;
        Ok(page.into_found(&asked))
    }

    /// The prompt of a session; `None` when Jules does not tell it. Jules: `sessions.get`.
    ///
    /// # Errors
    /// Those of a read; [`Error::TooLarge`] when it is longer than any of ours.
    pub async fn prompt(&self, id: &SessionId) -> Result<Option<String>, Error> {
        let path = super::client::session_path(id)?;
        let (wire, _): (session::WireSession, _) = self.get(&path, &session::PROMPT).await?;
        Ok(wire.into_prompt())
    }
}
