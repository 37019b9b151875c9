//! One attempt at one effect, whatever it is.

use crate::engine::Engine;
use crate::engine::tell::Route;
use domain::fault::{Cause, Fault};
use domain::task::{Attempt, Destination, Effect, Outcome, Task};
use platform::metrics;
use store::records::RecordError;

impl Engine {
    pub(in crate::engine) async fn perform(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let outcome = match &attempt.effect {
            Effect::Resolve => self.perform_resolve(task, attempt).await,
            Effect::PostCard => self.post_card(task, attempt).await,
            Effect::PostLink => self.post_link(task, attempt).await,
            Effect::Post { post, ping } => self.post(task, attempt, post, ping.as_ref()).await,
            Effect::SharePlan(plan) => self.share_plan(task, attempt, plan).await,
            Effect::PostDm(dm) => self.post_dm(task, attempt, *dm).await,
            Effect::RedrawDm(dm) => self.redraw_dm(task, attempt, *dm).await,
            Effect::Remind => self.time_zone_of(&task.author).await,
            Effect::Redraw => self.redraw(task, attempt).await,
            Effect::RedrawPlan(plan) => self.redraw_plan(task, attempt, plan).await,
            Effect::React { ts, emoji } => self.react(task, ts, emoji).await,
            Effect::TakeBack(ts) => self.take_back(task, ts).await,
            Effect::CreateSession => self.create_session(task, attempt).await,
            Effect::Send(message) => self.send(task, attempt, message).await,
            Effect::Approve(plan) => self.approve(task, attempt, plan).await,
            Effect::Archive => self.archive(task).await,
            Effect::FetchResult => self.fetch_result(task).await,
            Effect::Ephemeral { to, reply, notice } => {
                let route = Route::about(task, to, reply.as_ref());
                self.tell_once(attempt, &route, notice).await
            }
            Effect::LeaveQueue => kept(self.leave_queue(task).await),
            Effect::Index => kept(self.index(task).await),
            Effect::LinkRetry => kept(self.link_retry(task).await),
            Effect::Follow => kept(self.follow(task).await),
            // That it was looked at is all: the decision knows the time.
            Effect::RefreshElapsed => Outcome::Done,
        };
        self.report(task, attempt, &outcome);
        outcome
    }

    /// One line for everything that happened outside.
    fn report(&self, task: &Task, attempt: &Attempt, outcome: &Outcome) {
        let kind = attempt.effect.spec().kind;
        let result = outcome.spec().result;
        metrics::effect(kind, result, attempt.number);
        if let Some(cause) = outcome.cause() {
            tracing::warn!(
                task.id = %task.id, team.id = %task.team, effect.kind = kind,
                attempt = attempt.number, look = attempt.look, outcome = result,
                cause = cause.name(), code = cause.code(),
                "an effect did not succeed"
            );
        } else if attempt.effect == Effect::RefreshElapsed {
            tracing::trace!(task.id = %task.id, "the time on a card was looked at");
        } else {
            tracing::info!(
                task.id = %task.id, team.id = %task.team, effect.kind = kind,
                attempt = attempt.number, look = attempt.look, outcome = result,
                "an effect was performed"
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
            Ok(resolved) => Outcome::Resolved(resolved),
            Err(error) => self.failed(&error),
        }
    }
}

/// What became of a write at home.
pub(super) fn kept(written: Result<(), RecordError>) -> Outcome {
    match written {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(%error, "the store did not answer");
            store_later()
        }
    }
}

/// The store did not answer in the middle of an effect that had done nothing outside yet.
pub(super) fn store_later() -> Outcome {
    Outcome::Failed(Fault::Later { cause: Cause::StoreDown, after: None })
}
