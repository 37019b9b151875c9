//! The one way out: an effect becomes calls, a call becomes an outcome.
//!
//! Nothing is decided here. An attempt that has to look does only that: if it finds nothing, the
//! decision says whether to look again or to do it.

use super::Engine;
use super::fault::{jules_fault, slack_fault};
use super::resolve::Unsettled;
use crate::domain::command::{PlanMode, PrMode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::ids::{ChannelId, MessageTs};
use crate::domain::say::Say;
use crate::domain::session::{NewSession, Session, SessionState};
use crate::domain::task::{Attempt, Effect, Outcome, SessionRef, Target, Task, mark_of};
use crate::jules;
use crate::measure;
use crate::slack::client::Content;
use crate::slack::error::CallError;
use crate::slack::render;
use crate::slack::respond::{Reply, ResponseType};
use jiff::{SignedDuration, Timestamp};

/// Slack's clock and ours may differ by this much when a message is looked for.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    pub(super) async fn perform(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let outcome = match &attempt.effect {
            Effect::Resolve => self.perform_resolve(task).await,
            Effect::PostCard => self.post_card(task, attempt).await,
            Effect::SayLink => self.say_link(task, attempt).await,
            Effect::Redraw => self.redraw(task).await,
            Effect::CreateSession => self.create_session(task, attempt).await,
            Effect::Whisper(say) => self.whisper_once(task, attempt, say).await,
            Effect::LeaveLine => match self.leave_line(task).await {
                Ok(()) => Outcome::Done,
                Err(_) => store_later(),
            },
        };
        self.report(task, attempt, &outcome);
        outcome
    }

    /// One line for everything that happened outside.
    fn report(&self, task: &Task, attempt: &Attempt, outcome: &Outcome) {
        let kind = attempt.effect.kind();
        let result = match outcome {
            Outcome::Failed(Fault::Later { .. }) => "later",
            Outcome::Failed(Fault::Refused(_)) => "refused",
            Outcome::Failed(Fault::Unknown(_)) => "unknown",
            Outcome::NotFound => "not_found",
            Outcome::InLine(_) => "in_line",
            Outcome::Resolved(_)
            | Outcome::Posted(_)
            | Outcome::Drawn(_)
            | Outcome::Created(..)
            | Outcome::Done => "done",
        };
        measure::effect(kind, result, attempt.number);
        if let Outcome::Failed(fault) = outcome {
            tracing::warn!(
                task.id = %task.id, team.id = %task.team, effect.kind = kind,
                attempt = attempt.number, look = attempt.look, outcome = result,
                cause = ?fault.cause(),
                "an effect did not succeed"
            );
        } else {
            tracing::info!(
                task.id = %task.id, team.id = %task.team, effect.kind = kind,
                attempt = attempt.number, look = attempt.look, outcome = result,
                "an effect was performed"
            );
        }
    }

    /// What it means that an effect took longer than its limit.
    pub(super) fn out_of_time(&self, effect: &Effect) -> Fault {
        Fault::Unknown(match effect {
            Effect::Resolve | Effect::CreateSession => Cause::JulesDown,
            Effect::PostCard
            | Effect::Redraw
            | Effect::SayLink
            | Effect::Whisper(_)
            | Effect::LeaveLine => Cause::SlackDown,
        })
    }

    async fn perform_resolve(&self, task: &Task) -> Outcome {
        match self.resolve(task).await {
            Ok(resolved) => Outcome::Resolved(resolved),
            Err(Unsettled::Jules(error)) => Outcome::Failed(jules_fault(&error, self.now())),
            Err(Unsettled::Store(error)) => {
                tracing::warn!(%error, "a binding could not be read");
                store_later()
            }
        }
    }

    async fn post_card(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let (Some(channel), Some(card)) = (&task.channel, task.card()) else {
            return Outcome::Failed(Fault::Refused(Cause::ChannelNotFound));
        };
        self.post_once(channel, None, &render::card(&card), &format!("{}/card", task.id), attempt)
            .await
    }

    async fn say_link(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let (Some(channel), Some(card), Some(session), Some(target)) =
            (&task.channel, &task.card, &task.session, &task.target)
        else {
            return Outcome::Done;
        };
        let say = Say::Link {
            url: session.url.clone(),
            repo: target.repo.clone(),
            branch: target.branch.clone(),
        };
        let mark = format!("{}/link", task.id);
        self.post_once(channel, Some(card), &render::message(&say), &mark, attempt).await
    }

    /// Posts a message that is not there yet.
    async fn post_once(
        &self,
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
            Err(error) => Outcome::Failed(slack_fault(&error)),
        }
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

    async fn redraw(&self, task: &Task) -> Outcome {
        let (Some(channel), Some(ts), Some(card)) = (&task.channel, &task.card, task.card()) else {
            return Outcome::Done;
        };
        match self.slack.update(channel, ts, &render::card(&card)).await {
            Ok(()) => Outcome::Drawn(Box::new(card)),
            Err(error) => Outcome::Failed(slack_fault(&error)),
        }
    }

    async fn create_session(&self, task: &Task, attempt: &Attempt) -> Outcome {
        let Some(target) = &task.target else { return Outcome::Done };
        if attempt.look {
            return self.look_for_session(task, target, attempt.since).await;
        }
        match self.held_back(task).await {
            Ok(None) => {}
            Ok(Some(place)) => return Outcome::InLine(place),
            Err(_) => return store_later(),
        }
        match self.jules.create(&new_session(task, target)).await {
            Ok(session) => created(session),
            Err(jules::Error::LimitReached) => match self.join_line(task).await {
                Ok(place) => Outcome::InLine(place),
                Err(_) => store_later(),
            },
            Err(error) => Outcome::Failed(jules_fault(&error, self.now())),
        }
    }

    async fn look_for_session(&self, task: &Task, target: &Target, since: Timestamp) -> Outcome {
        let mark = mark_of(&task.id);
        match self.jules.find_session(&mark, &target.source, since).await {
            Ok(Some(session)) => created(session),
            Ok(None) => Outcome::NotFound,
            Err(error) => {
                Outcome::Failed(Fault::Unknown(jules_fault(&error, self.now()).cause().clone()))
            }
        }
    }

    /// Tells the author something in private. An attempt after the first keeps quiet: it may have
    /// been said, and there is no way to look.
    async fn whisper_once(&self, task: &Task, attempt: &Attempt, say: &Say) -> Outcome {
        if attempt.number == 1 {
            let content = render::message(say);
            if let Err(error) = self.whisper(task, &content).await {
                return Outcome::Failed(slack_fault(&error));
            }
        }
        Outcome::Done
    }

    async fn whisper(&self, task: &Task, content: &Content) -> Result<(), CallError> {
        let now = self.now();
        if let Some(reply) = task.reply.as_ref().filter(|reply| reply.until > now) {
            let message = Reply {
                response_type: Some(ResponseType::Ephemeral),
                text: Some(content.text.clone()),
                blocks: content.blocks.clone(),
                ..Reply::default()
            };
            return self.slack.respond(&reply.url, &message).await;
        }
        match &task.channel {
            Some(channel) => self.slack.post_ephemeral(channel, &task.author, None, content).await,
            None => self.slack.dm(&task.author, content).await.map(|_| ()),
        }
    }
}

fn new_session(task: &Task, target: &Target) -> NewSession {
    NewSession {
        prompt: task.ask.prompt.clone(),
        title: task.session_title(),
        source: target.source.clone(),
        starting_branch: target.branch.clone(),
        ask_for_plan: target.plan == PlanMode::Ask,
        open_pull_request: target.pr == PrMode::Auto,
    }
}

fn created(session: Session) -> Outcome {
    let state = session.state.unwrap_or(SessionState::Queued);
    Outcome::Created(SessionRef { id: session.id, url: session.url }, state)
}

/// The store did not answer in the middle of an effect that had done nothing outside yet.
fn store_later() -> Outcome {
    Outcome::Failed(Fault::Later { cause: Cause::StoreDown, after: None })
}
