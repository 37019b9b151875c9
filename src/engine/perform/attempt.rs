//! One attempt at one effect, whatever it is.

use super::direct::time_zone_of;
use super::slack::{react, take_back, unreact};
use crate::engine::Engine;
use crate::engine::resolve::NotResolved;
use crate::engine::tell::Route;
use domain::fault::{Cause, Fault};
use domain::ids::SessionId;
use domain::task::{Attempt, Destination, Effect, Outcome, Task};
use platform::metrics;
use store::records::RecordError;
use tracing::field::display;

impl Engine {
    pub(in crate::engine) async fn perform(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let Some(workspace) = self.workspace(&task.team) else {
            return looked(attempt, store_later());
        };
        let slack = &workspace.slack;
        let account = self.account(&task.account);
        let outcome = match (&attempt.effect, account.as_deref()) {
            // These on the heap: the others don't carry the room that they take.
            (Effect::Resolve, _) => Box::pin(self.perform_resolve(task, attempt)).await,
            (Effect::FindSession, _) => Box::pin(self.find_session(task)).await,
            (Effect::AdoptSession, Some(account)) => self.adopt_session(account, task).await,
            (Effect::LinkMoved, _) => self.link_moved(task).await,
            (Effect::Suggest, _) => self.suggest(task).await,
            (Effect::ReadMaterial, _) => self.read_material(&workspace, task, attempt).await,
            (Effect::ReadIssue(issue), _) => Box::pin(self.read_issue(task, attempt, issue)).await,
            (Effect::PostCard, _) => self.post_card(slack, task, attempt).await,
            (Effect::PostLink, _) => self.post_link(slack, task, attempt).await,
            (Effect::Post { post, ping }, _) => {
                self.post(slack, task, attempt, (post, ping.as_ref())).await
            }
            (Effect::SharePlan(plan), _) => self.share_plan(slack, task, attempt, plan).await,
            (Effect::PostDm(dm), _) => self.post_dm(&workspace, task, attempt, *dm).await,
            (Effect::RedrawDm(dm), _) => self.redraw_dm(&workspace, task, attempt, *dm).await,
            (Effect::Remind, _) => time_zone_of(slack, &task.author).await,
            (Effect::Redraw, _) => self.redraw(slack, task, attempt).await,
            (Effect::RedrawPlan(plan), _) => self.redraw_plan(slack, task, attempt, plan).await,
            (Effect::React { ts, emoji }, _) => react(slack, task, ts, emoji).await,
            (Effect::Unreact { ts, emoji }, _) => unreact(slack, task, ts, emoji).await,
            (Effect::WatchPull, _) => kept(self.watch_pull(task).await),
            (Effect::TakeBack(ts), _) => take_back(slack, task, ts).await,
            (Effect::CreateSession, Some(account)) => {
                self.create_session(account, task, attempt).await
            }
            (Effect::Send(message), Some(account)) => {
                self.send(account, &workspace, task, attempt, message).await
            }
            (Effect::Approve(plan), Some(account)) => {
                self.approve(account, task, attempt, plan).await
            }
            (Effect::Archive, Some(account)) => self.archive(account, task).await,
            (Effect::FetchResult, Some(account)) => self.fetch_result(account, task).await,
            (
                Effect::AdoptSession
                | Effect::CreateSession
                | Effect::Send(_)
                | Effect::Approve(_)
                | Effect::Archive
                | Effect::FetchResult,
                None,
            ) => no_account(),
            (Effect::Ephemeral { to, reply, notice }, _) => {
                let route = Route::about(task, &workspace, to, reply.as_ref());
                self.tell_once(attempt, &route, notice).await
            }
            (Effect::LeaveQueue, _) => kept(self.leave_queue(task).await),
            (Effect::Index, _) => kept(self.index(task).await),
            (Effect::LinkRetry, _) => kept(self.link_retry(task).await),
            (Effect::LinkBeside, _) => kept(self.link_beside(task).await),
            (Effect::Follow, _) => kept(self.follow(task).await),
            // That it was looked at is all: the decision knows the time.
            (Effect::RefreshElapsed | Effect::Expire | Effect::ForgetMaterial, _) => Outcome::Done,
        };
        let outcome = looked(attempt, outcome);
        self.report(task, attempt, &outcome);
        outcome
    }

    /// One line for everything that happened outside, and where: what people and Jules get is for everyone who reads
    /// the log; what is done here or only drawn again is for debugging.
    fn report(&self, task: &Task, attempt: &Attempt, outcome: &Outcome) {
        let kind = attempt.effect.spec().kind;
        let result = outcome.spec().result;
        metrics::effect(kind, result, attempt.number);
        let channel = task.channel.as_ref().map(display);
        let repo = task.repo().map(display);
        let session = session_after(task, outcome).map(display);
        if let Some(cause) = outcome.cause() {
            tracing::warn!(
                task.id = %task.id, team.id = %task.team, channel, repo, session,
                effect.kind = kind, attempt = attempt.number, look = attempt.look,
                outcome = result, cause = cause.name(), code = cause.code(),
                "an effect did not succeed"
            );
        } else if attempt.effect == Effect::RefreshElapsed {
            tracing::trace!(task.id = %task.id, "the time on a card was looked at");
        } else if is_seen_outside(&attempt.effect) {
            tracing::info!(
                task.id = %task.id, team.id = %task.team, channel, repo, session,
                effect.kind = kind, attempt = attempt.number, look = attempt.look,
                outcome = result, "an effect was performed"
            );
        } else {
            tracing::debug!(
                task.id = %task.id, effect.kind = kind, attempt = attempt.number,
                outcome = result, "an effect was performed"
            );
        }
    }

    /// What it means that an effect took longer than its limit.
    pub(in crate::engine) fn out_of_time(&self, effect: &Effect) -> Fault {
        Fault::Unknown(match effect.spec().destination {
            Destination::Jules => Cause::JulesDown,
            Destination::Thread | Destination::Slack => Cause::SlackDown,
            Destination::Store => Cause::StoreDown,
        })
    }

    async fn perform_resolve(&self, task: &Task, attempt: &Attempt) -> Outcome {
        match self.resolve(task, attempt.since).await {
            Ok((resolved, account)) => match self.permit(task, resolved.repo()).await {
                Ok(()) => Outcome::Resolved(resolved, account),
                Err(refusal) => Outcome::NotPermitted(refusal),
            },
            Err(NotResolved::Jules(error)) => self.failed(&error),
            Err(NotResolved::Store) => store_later(),
        }
    }
}

/// Whether something new is in Slack or at Jules after it.
fn is_seen_outside(effect: &Effect) -> bool {
    let is_redrawn = matches!(
        effect,
        Effect::Redraw
            | Effect::RedrawPlan(_)
            | Effect::RedrawDm(_)
            | Effect::React { .. }
            | Effect::Remind
            | Effect::ReadMaterial
            | Effect::Resolve
            | Effect::FindSession
            | Effect::Suggest
            | Effect::FetchResult
    );
    effect.spec().destination != Destination::Store && !is_redrawn
}

/// The task's session, the one that was created just now too.
fn session_after<'t>(task: &'t Task, outcome: &'t Outcome) -> Option<&'t SessionId> {
    if let Outcome::Created(session, _) = outcome {
        return Some(&session.id);
    }
    task.session.as_ref().map(|session| &session.id)
}

/// Whatever kept a look from being made says nothing of what is looked for: that may be there all the same. What goes
/// along with a reply is read before anything is looked for.
fn looked(attempt: &Attempt, outcome: Outcome) -> Outcome {
    let reads = matches!(&attempt.effect, Effect::Send(message) if message.reads.is_some());
    if attempt.look
        && !reads
        && let Outcome::Failed(Fault::Later { cause, after: _ }) = outcome
    {
        return Outcome::Failed(Fault::Unknown(cause));
    }
    outcome
}

/// The key of the task's account is not here: it waits until someone adds it again.
fn no_account() -> Outcome {
    Outcome::Failed(Fault::Later { cause: Cause::JulesKeyRefused, after: None })
}

/// What became of a write at home.
pub(in crate::engine) fn kept(written: Result<(), RecordError>) -> Outcome {
    match written {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(%error, "the store did not answer");
            store_later()
        }
    }
}

/// The store did not answer in the middle of an effect that had done nothing outside yet.
pub(in crate::engine) fn store_later() -> Outcome {
    Outcome::Failed(Fault::Later { cause: Cause::StoreDown, after: None })
}
