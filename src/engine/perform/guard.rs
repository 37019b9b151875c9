//! What may overwrite people's work is looked at on GitHub right before it goes to Jules.

use super::super::Engine;
use super::super::pulls::no_sight;
use domain::fault::{Cause, Fault};
use domain::pull::{Guard, PullRef, Shown, guard};
use domain::task::{Attempt, KeptBack, Outcome, PullLookup, Task};
use github::Error;

/// A GitHub that doesn't answer by then is said not to.
const PATIENT: u32 = 3;

impl Engine {
    /// Why something isn't sent to a task's session, if it isn't.
    pub(super) async fn kept_from_session(
        &self,
        task: &Task,
        attempt: &Attempt,
    ) -> Option<Outcome> {
        let read = self.pull_now(task.pull_ref()).await?;
        let shown = match &read {
            Ok(pull) => Shown::Pull(pull),
            // That a token is refused says nothing of the pull request.
            Err(Error::TokenRefused) => Shown::Down,
            Err(error) if no_sight(error).is_some() => Shown::Nothing,
            // A moment later it may answer; a limit lasts longer than people wait.
            Err(Error::Down(_)) if attempt.number < PATIENT => {
                return Some(Outcome::Failed(Fault::Later {
                    cause: Cause::GitHubDown,
                    after: None,
                }));
            }
            Err(_) => Shown::Down,
        };
        match guard(&task.progress.pull.branched, shown) {
            Guard::Go => None,
            Guard::Warn => Some(Outcome::Unguarded),
            Guard::Ask(risk) => {
                Some(Outcome::KeptBack(Box::new(KeptBack { risk, pull: read.ok() })))
            }
        }
    }

    /// What GitHub says of the newest of these pull requests, now that Jules has completed.
    pub(super) async fn look_up_pull(&self, at: Option<PullRef>) -> PullLookup {
        match self.pull_now(at).await {
            None => PullLookup::NotAsked,
            Some(Ok(pull)) => PullLookup::Seen(Box::new(pull)),
            Some(Err(Error::TokenRefused)) => PullLookup::Down,
            Some(Err(error)) => match no_sight(&error) {
                Some(why) => PullLookup::Hidden(why),
                None => PullLookup::Down,
            },
        }
    }
}
