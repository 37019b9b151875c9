//! Which session is a task's: the one it made, or may have made although no answer came.

use super::super::Engine;
use super::super::account::Account;
use super::super::session_list::is_about_the_account;
use super::jules::{created, new_session};
use domain::fault::{Cause, Fault};
use domain::ids::{SessionId, TaskId};
use domain::repo::Target;
use domain::same_session::{FoundSession, likeliest_first};
use domain::session::{NewSession, Session};
use domain::task::{Attempt, Outcome, Task};
use domain::watch::{Watch, WatchedSession};
use jiff::{SignedDuration, Timestamp};
use jules::Error;
use store::documents::{session_key, watch_key};
use store::records::RecordError;

/// Times that differ by less are covered by the minutes by which a search begins earlier.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How far a session's time may be from when its create was tried by Jules' clock, which is known to the second.
const CLOSE: SignedDuration = SignedDuration::from_secs(10);

/// Whose a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    ThisTask,
    AnotherTask,
}

impl Engine {
    /// The session that a create made becomes the task's. Another task that made an equal one may have
    /// taken it for its own: then that one's is looked for.
    pub(super) async fn claimed(&self, task: &Task, session: Session) -> Outcome {
        match self.claim(task, &session.id).await {
            Ok(true) => created(session),
            Ok(false) => maybe_made(Cause::JulesDown),
            Err(error) => not_stored(&error),
        }
    }

    /// Looks for the session of a create that may have happened: one of those made since, by its words,
    /// that is no other task's.
    pub(super) async fn look_for_session(
        &self,
        account: &Account,
        task: &Task,
        target: &Target,
        attempt: &Attempt,
    ) -> Outcome {
        let wanted = new_session(task, target);
        let since = attempt.since_there.unwrap_or(attempt.since);
        let mut found = match sessions_made_since(account, since, attempt).await {
            Ok(found) => found,
            Err(error) => return self.not_looked(&error),
        };
        found.retain(|one| wanted.is_on(one) && may_be_made(account, attempt, one));
        likeliest_first(&mut found, since);
        let mut free = Vec::new();
        for one in found {
            match self.owner(task, &one.session.id).await {
                Ok(Owner::ThisTask) => return created(one.session),
                Ok(Owner::AnotherTask) => {}
                Ok(Owner::Nobody) => free.push(one),
                Err(error) => return not_stored(&error),
            }
        }
        let mut untold = None;
        for one in free {
            match says_the_same(account, &wanted, &one).await {
                Ok(false) => continue,
                Ok(true) => {}
                // One that Jules can't tell of may be it, and so may another.
                Err(error) if !is_about_the_account(&error) => {
                    untold.get_or_insert(error);
                    continue;
                }
                Err(error) => return self.not_looked(&error),
            }
            match self.claim(task, &one.session.id).await {
                Ok(true) => return created(one.session),
                // Another task was faster.
                Ok(false) => {}
                Err(error) => return not_stored(&error),
            }
        }
        match untold {
            Some(error) => self.not_looked(&error),
            None => self.found_none(account).await,
        }
    }

    /// None was found. While the key is another account's that says nothing: repeated, the task would be started twice.
    async fn found_none(&self, account: &Account) -> Outcome {
        match self.is_of_another(account).await {
            Ok(true) => maybe_made(Cause::JulesOtherAccount),
            Ok(false) => Outcome::NotFound,
            Err(error) => not_stored(&error),
        }
    }

    /// Whether an account's key is another account's now, as the last look at its sessions found.
    pub(super) async fn is_of_another(&self, account: &Account) -> Result<bool, RecordError> {
        let watch = self.records.get::<Watch>(&watch_key(&account.id), self.now()).await;
        let watch = self.passing_over(watch)?.flatten();
        Ok(watch.is_some_and(|(_, watch)| watch.is_of_another_account()))
    }

    /// Whose a session is. One whose document cannot be read is someone's.
    async fn owner(&self, task: &Task, session: &SessionId) -> Result<Owner, RecordError> {
        let key = session_key(&task.account, session);
        let is_ours = |owner: &TaskId| *owner == task.id;
        match self.records.get::<WatchedSession>(&key, self.now()).await {
            Ok(None) => Ok(Owner::Nobody),
            Ok(Some((_, session))) if is_ours(&session.task) => Ok(Owner::ThisTask),
            Ok(Some(_)) => Ok(Owner::AnotherTask),
            Err(error) if error.is_about_the_document() => Ok(Owner::AnotherTask),
            Err(error) => Err(error),
        }
    }
}

/// The sessions made since then by Jules' clock, or, if ours was set meanwhile, since it was that time
/// by the clocks as they are now, whichever is earlier. Jules' answers tell that.
async fn sessions_made_since(
    account: &Account,
    since: Timestamp,
    attempt: &Attempt,
) -> Result<Vec<FoundSession>, Error> {
    let found = account.jules.sessions_since(since).await?;
    let by_now = account.jules.time_there(attempt.since);
    match by_now.filter(|by_now| since.duration_since(*by_now) > SKEW) {
        Some(earlier) => account.jules.sessions_since(earlier).await,
        None => Ok(found),
    }
}

/// Whether a session may be the one of this create. What was made before isn't, where it is known when that was by
/// Jules' clock. Elsewhere the clocks may differ, so it counts once nothing better can be listed any more.
fn may_be_made(account: &Account, attempt: &Attempt, one: &FoundSession) -> bool {
    let Some(created) = one.session.created else { return true };
    let since = attempt.since_there.unwrap_or(attempt.since);
    // It's earlier if our clock was set meanwhile.
    let since = account.jules.time_there(attempt.since).map_or(since, |by_now| since.min(by_now));
    let is_before = since.duration_since(created) > CLOSE;
    !is_before || (attempt.since_there.is_none() && attempt.is_last_look)
}

async fn says_the_same(
    account: &Account,
    wanted: &NewSession,
    found: &FoundSession,
) -> Result<bool, Error> {
    match account.jules.prompt(&found.session.id).await {
        Ok(prompt) => Ok(wanted.says(prompt.as_deref(), found.session.title.as_deref())),
        // It was deleted, or its prompt is longer than any of ours.
        Err(Error::NotFound | Error::TooLarge { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The session may be there, and which one it is cannot be said yet.
fn maybe_made(cause: Cause) -> Outcome {
    Outcome::Failed(Fault::Unknown(cause))
}

fn not_stored(error: &RecordError) -> Outcome {
    tracing::warn!(%error, "whose a session is could not be read or stored");
    maybe_made(Cause::StoreDown)
}
