//! Effects in Slack: the card, what is said in its thread, reactions, private lines.

use super::super::Engine;
use super::super::fault::slack_fault;
use super::super::tell::Route;
use crate::domain::fault::{Cause, Fault};
use crate::domain::ids::{ChannelId, MessageTs, PlanId};
use crate::domain::message::{Notice, Post};
use crate::domain::task::{Attempt, CardStatus, Outcome, Task};
use crate::slack::client::Content;
use crate::slack::error::CallError;
use crate::slack::render;
use crate::store::documents::{ChannelAlias, renamed_key};
use jiff::{SignedDuration, Timestamp};

/// Slack's clock and ours may differ by this much when a message is looked for.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// An edit that comes this much later than its time has lost it: after a restart all those that were
/// late would come at once.
const LATE: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    pub(super) async fn post_card(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let (Some(channel), Some(mut card)) = (&task.channel, task.card()) else {
            return Outcome::Failed(Fault::Refused(Cause::ChannelNotFound));
        };
        // A card that says nothing of the line would have to be edited, and edits are few. What one that
        // is found says is not known.
        let lined_up = if attempt.look { Ok(None) } else { self.line_up(task).await };
        let Ok(standing) = lined_up else { return super::store_later() };
        card.status = standing.clone().map_or(card.status, CardStatus::InQueue);
        let mark = format!("{}/card", task.id);
        let content = render::card(&card);
        let outcome = self.post_once(task, channel, None, &content, &mark, attempt).await;
        if let Outcome::Posted(ts) = outcome {
            return Outcome::CardPosted(ts, standing);
        }
        outcome
    }

    pub(super) async fn post_link(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let (Some(session), Some(target)) = (&task.session, &task.target) else {
            return Outcome::Done;
        };
        let link = Post::Link {
            url: session.url.clone(),
            repo: target.repo.clone(),
            branch: target.branch.clone(),
            quiet: task.is_quiet(),
        };
        let mark = format!("{}/link", task.id);
        self.post_in_thread(task, &render::post(&link), &mark, attempt).await
    }

    /// A milestone. A plan is drawn from the task, with what became of it by now.
    pub(super) async fn post(&self, task: &Task, attempt: &Attempt, post: &Post) -> Outcome {
        let mark = format!("{}/{}", task.id, attempt.entry);
        let Post::Plan(plan) = post else {
            return self.post_in_thread(task, &render::post(post), &mark, attempt).await;
        };
        let Some(note) = task.progress.plan(plan) else { return Outcome::Done };
        let content = render::plan(&task.id, note);
        let outcome = self.post_in_thread(task, &content, &mark, attempt).await;
        if let Outcome::Posted(ts) = outcome {
            // One that was found shows what it showed when it was posted.
            let shown = (!attempt.look).then(|| note.status.clone());
            return Outcome::PlanShown(ts, shown);
        }
        outcome
    }

    async fn post_in_thread(
        &self,
        task: &Task,
        content: &Content,
        mark: &str,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(channel), Some(card)) = (&task.channel, &task.card) else {
            return Outcome::Done;
        };
        self.post_once(task, channel, Some(card), content, mark, attempt).await
    }

    /// Posts a message that is not there yet.
    async fn post_once(
        &self,
        task: &Task,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        content: &Content,
        mark: &str,
        attempt: &Attempt,
    ) -> Outcome {
        if attempt.look {
            return self.look_for_message(channel, thread, mark, attempt.since).await;
        }
        match self.slack.post(channel, thread, content, Some(mark)).await {
            Ok(posted) => Outcome::Posted(posted.ts),
            Err(error) => self.refused_there(task, &error).await,
        }
    }

    /// What an error means, unless the channel only has another id by now.
    async fn refused_there(&self, task: &Task, error: &CallError) -> Outcome {
        let fault = slack_fault(error);
        if fault == Fault::Refused(Cause::ChannelNotFound)
            && let Some(moved) = self.moved_to(task).await
        {
            return Outcome::Moved(moved);
        }
        Outcome::Failed(fault)
    }

    async fn moved_to(&self, task: &Task) -> Option<ChannelId> {
        let key = renamed_key(&task.team, task.channel.as_ref()?);
        let found = self.records.get::<ChannelAlias>(&key, self.now()).await.ok()??;
        Some(found.1.channel)
    }

    async fn look_for_message(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        mark: &str,
        since: Timestamp,
    ) -> Outcome {
        match self.slack.find_by_mark(channel, thread, mark, since - SKEW).await {
            Ok(Some(ts)) => Outcome::Posted(ts),
            Ok(None) => Outcome::NotFound,
            Err(error) => match slack_fault(&error) {
                // We may not look there at all. Rather twice than never.
                Fault::Refused(_) => Outcome::NotFound,
                Fault::Later { cause, .. } | Fault::Unknown(cause) => {
                    Outcome::Failed(Fault::Unknown(cause))
                }
            },
        }
    }

    pub(super) async fn redraw(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let (Some(channel), Some(ts), Some(card)) = (&task.channel, &task.card, task.card()) else {
            return Outcome::Done;
        };
        if let Some(wait) = self.edit_waits(task, attempt).await {
            return wait;
        }
        match self.slack.update(channel, ts, &render::card(&card)).await {
            Ok(()) => Outcome::Drawn(Box::new(card)),
            Err(error) => self.refused_there(task, &error).await,
        }
    }

    pub(super) async fn redraw_plan(
        &self,
        task: &Task,
        attempt: &Attempt,
        plan: &PlanId,
    ) -> Outcome {
        let (Some(channel), Some(note)) = (&task.channel, task.progress.plan(plan)) else {
            return Outcome::Done;
        };
        let Some(ts) = &note.message else { return Outcome::Done };
        if let Some(wait) = self.edit_waits(task, attempt).await {
            return wait;
        }
        match self.slack.update(channel, ts, &render::plan(&task.id, note)).await {
            Ok(()) => Outcome::PlanDrawn(note.status.clone()),
            Err(error) => self.refused_there(task, &error).await,
        }
    }

    /// An edit that cannot be made now: Slack counts them for the whole workspace, and so do all
    /// replicas together. Who waits has a place, so that nobody asks again and again; whatever it
    /// draws in the end is the newest state.
    async fn edit_waits(&self, task: &Task, attempt: &Attempt) -> Option<Outcome> {
        let now = self.now();
        let in_time = |reserved_for: Timestamp| {
            reserved_for <= now && now.duration_since(reserved_for) < LATE
        };
        if attempt.reserved_for.is_some_and(in_time) {
            return None;
        }
        match self.book_edit(&task.team).await {
            Ok(at) if at <= now => None,
            Ok(at) => Some(Outcome::Reserved(at)),
            Err(error) => {
                tracing::warn!(%error, "the meter of edits could not be kept");
                Some(super::store_later())
            }
        }
    }

    pub(super) async fn react(&self, task: &Task, ts: &MessageTs, emoji: &str) -> Outcome {
        let Some(channel) = &task.channel else { return Outcome::Done };
        match self.slack.react(channel, ts, emoji).await {
            Ok(()) => Outcome::Done,
            // A reaction is optional: without the scope there are none.
            Err(CallError::MissingRights { code, .. }) if code == "missing_scope" => Outcome::Done,
            Err(error) => Outcome::Failed(slack_fault(&error)),
        }
    }

    /// Tells one person something in private. An attempt after one that may have said it keeps quiet:
    /// there is no way to look.
    pub(super) async fn tell_once(
        &self,
        attempt: &Attempt,
        route: &Route,
        notice: &Notice,
    ) -> Outcome {
        if attempt.maybe_done || self.would_be_untrue(route, notice) {
            return Outcome::Done;
        }
        match self.tell(route, notice).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(slack_fault(&error)),
        }
    }

    /// That Slack refuses the token can be told only where none is needed: once Slack accepts it, it
    /// isn't true any more.
    fn would_be_untrue(&self, route: &Route, notice: &Notice) -> bool {
        let needs_token = route.live_reply(self.now()).is_none();
        matches!(notice, Notice::Held(cause) if cause.is_slacks_credential()) && needs_token
    }
}
