//! Finding an account's sessions at Jules, from as few calls as possible.

use super::account::Account;
use domain::ids::SessionId;
use domain::quota::Tally;
use domain::session::Session;
use domain::watch::{Usage, Watch};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use jules::{Error, Page, PageToken};
use platform::clock::is_younger;
use platform::walk::Walk;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How many pages of sessions one pass walks. A page may take half a minute (jules-api.md §1.5), and
/// what is older is asked for one by one, in turn.
const MOST_PAGES: usize = 2;
/// With no more than so many missing, it is cheaper to ask for each than for another page.
const FEW: usize = 3;
/// How many lingers a further page, and the sessions that no page shows, may take.
const LINGERS: u32 = 3;
/// Clocks may differ when it is guessed which page a session is on.
const SKEW: SignedDuration = SignedDuration::from_mins(10);
/// A session younger than this may not be listed, or found, yet.
const YOUNG: SignedDuration = SignedDuration::from_mins(2);

/// A session that is looked for, and since when it is followed.
pub(super) struct Wanted {
    pub(super) id: SessionId,
    pub(super) since: Timestamp,
}

/// What a pass found of the account.
#[derive(Default)]
pub(super) struct PassResult {
    /// What Jules showed, ours or not.
    pub(super) sessions: HashMap<SessionId, Session>,
    /// Those that Jules did not find.
    pub(super) missing: Vec<SessionId>,
    /// Those of which Jules did not say how they are, although it answers otherwise, and those that it did not find
    /// where that says nothing.
    pub(super) unanswered: Vec<SessionId>,
    pub(super) usage: Option<Usage>,
    /// The list was read as far as it is worth it.
    pub(super) is_listed: bool,
    /// Why there may be more. What was found all the same counts.
    pub(super) failed: Option<Error>,
}

/// What the list of the account's sessions showed. By default it was not asked for, or is still on its way.
#[derive(Default)]
pub(super) struct Listed {
    found: PassResult,
    end: Option<Result<(), Error>>,
}

impl PassResult {
    /// Whether it tells how this session is, or that it is missing.
    fn tells(&self, id: &SessionId) -> bool {
        self.sessions.contains_key(id) || self.missing.contains(id)
    }

    /// Whether this session had its turn.
    pub(super) fn was_asked_for(&self, id: &SessionId) -> bool {
        self.tells(id) || self.unanswered.contains(id)
    }
}

/// Whether an error concerns the whole account, not one session.
pub(super) fn is_about_the_account(error: &Error) -> bool {
    matches!(error, Error::Auth | Error::RateLimited { .. })
}

impl Account {
    /// Lists the sessions that are wanted: the newest page answers for nearly all of them, and for all that are not due
    /// as well. What was found before a call failed counts.
    pub(super) async fn list(&self, wanted: &[Wanted]) -> Listed {
        if wanted.is_empty() {
            return Listed::default();
        }
        let mut found = PassResult::default();
        let end = self.list_sessions(wanted, &mut found).await;
        found.is_listed = end.is_ok();
        Listed { found, end: Some(end) }
    }

    /// The sessions that are wanted, first of them those that wait longest. Those that no list showed are asked for one
    /// by one, a few in each pass.
    pub(super) async fn find_sessions(&self, wanted: &[Wanted], listed: Listed) -> PassResult {
        let Listed { mut found, end } = listed;
        let is_listed = found.is_listed;
        let failed = end.and_then(Result::err);
        if failed.as_ref().is_some_and(is_about_the_account) {
            found.failed = failed;
            return found;
        }
        let unlisted: Vec<SessionId> =
            unfound(wanted, &found).map(|wanted| wanted.id.clone()).collect();
        let singles = Watch::singles(&unlisted);
        let asked = self.ask_for(singles, &mut found).await;
        let answers = is_listed || singles.iter().any(|id| found.tells(id));
        // One that was just made may not be listed yet, nor be found. And a Jules that can't list its sessions may not
        // find one that is there.
        let now = self.now();
        let is_young = |id: &SessionId| {
            let known = wanted.iter().find(|wanted| wanted.id == *id);
            known.is_some_and(|wanted| is_younger(wanted.since, YOUNG, now))
        };
        found.missing.retain(|id| is_listed && !is_young(id));
        if asked.is_ok() && answers {
            found.unanswered = singles.iter().filter(|id| !found.tells(id)).cloned().collect();
        }
        found.failed = failed.or(asked.err());
        found
    }

    /// Asks for these sessions side by side. What goes wrong with one of them is nothing to the others.
    ///
    /// # Errors
    /// What is in the way of all of them.
    async fn ask_for(&self, ids: &[SessionId], found: &mut PassResult) -> Result<(), Error> {
        let until = Instant::now() + self.patience();
        let mut asked: FuturesUnordered<_> =
            ids.iter().map(async |id| (id, self.jules.session(id).await)).collect();
        while let Ok(Some((id, answer))) = timeout_at(until, asked.next()).await {
            match answer {
                Ok(session) => {
                    found.sessions.insert(id.clone(), session);
                }
                Err(Error::NotFound) => found.missing.push(id.clone()),
                Err(error) if is_about_the_account(&error) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, session.id = %id, "a session could not be asked for");
                }
            }
        }
        Ok(())
    }

    /// Reads the list of sessions as far as it is worth it.
    async fn list_sessions(&self, wanted: &[Wanted], found: &mut PassResult) -> Result<(), Error> {
        let oldest = wanted.iter().map(|wanted| wanted.since).min().map(|oldest| oldest - SKEW);
        let mut walk = Walk::of(MOST_PAGES);
        let mut tally = Tally::default();
        while walk.goes_on() {
            let Some(page) = self.page_of_sessions(walk.at()).await? else { break };
            let reached = page.items.iter().filter_map(|session| session.created).min();
            for session in page.items {
                tally.count(&session, self.now());
                found.sessions.insert(session.id.clone(), session);
            }
            walk.turn(page.next);
            let far_enough = oldest.is_none_or(|oldest| reached.is_some_and(|at| at < oldest));
            if far_enough || unfound(wanted, found).count() <= FEW {
                walk.stop();
            }
        }
        found.usage = Some(tally.usage(!walk.is_whole(), self.now()));
        Ok(())
    }

    /// The first page of the list, or a further one. A further one that fails, or takes long, ends the list and
    /// nothing else: what the first one shows doesn't wait for it, and what would be on it can be asked for.
    ///
    /// # Errors
    /// What is in the way of all sessions.
    async fn page_of_sessions(
        &self,
        at: Option<&PageToken>,
    ) -> Result<Option<Page<Session>>, Error> {
        let page = self.jules.sessions(at);
        if at.is_none() {
            return page.await.map(Some);
        }
        match timeout(self.patience(), page).await {
            Ok(Ok(page)) => Ok(Some(page)),
            Ok(Err(error)) if is_about_the_account(&error) => Err(error),
            Ok(Err(error)) => {
                tracing::warn!(%error, account.id = %self.id, "a further page of sessions could not be read");
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }

    /// How long what's asked for beside the newest sessions may hold up what these show, and how long these may hold up
    /// all others.
    pub(super) fn patience(&self) -> Duration {
        self.jules.linger() * LINGERS
    }
}

/// What of it was not found yet.
fn unfound<'w>(wanted: &'w [Wanted], found: &PassResult) -> impl Iterator<Item = &'w Wanted> {
    wanted.iter().filter(|wanted| !found.sessions.contains_key(&wanted.id))
}
