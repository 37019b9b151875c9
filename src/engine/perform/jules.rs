//! Effects at Jules: creating a session, and what is said to it.

use super::super::Engine;
use super::super::fault::jules_fault;
use super::store_later;
use crate::domain::activity::{Activity, Artifact, Event};
use crate::domain::command::{PlanMode, PrMode};
use crate::domain::diff::{self, DiffStat};
use crate::domain::digest::ask_from;
use crate::domain::fault::Fault;
use crate::domain::ids::PlanId;
use crate::domain::session::{NewSession, Session, SessionState};
use crate::domain::task::{
    Attempt, Conclusion, Letter, NotApproved, Outcome, SessionRef, Target, Task, comes_back,
    mark_of,
};
use crate::jules;
use jiff::Timestamp;

impl Engine {
    pub(super) async fn create_session(&self, task: &Task, attempt: &Attempt) -> Outcome {
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
            Err(error) => self.failed(&error),
        }
    }

    async fn look_for_session(&self, task: &Task, target: &Target, since: Timestamp) -> Outcome {
        let mark = mark_of(&task.id);
        match self.jules.find_session(&mark, &target.source, since).await {
            Ok(Some(session)) => created(session),
            Ok(None) => Outcome::NotFound,
            Err(error) => self.not_looked(&error),
        }
    }

    /// Gives Jules a message. It has no id, so one that may have been given is looked for among the
    /// session's activities (jules-api.md §5.1).
    pub(super) async fn send(&self, task: &Task, attempt: &Attempt, letter: &Letter) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        if attempt.look {
            return self.look_for_letter(task, letter).await;
        }
        let text = letter.compose(&self.texts_of(letter).await);
        match self.jules.send_message(&session.id, &text).await {
            Ok(()) => Outcome::Sent,
            Err(error) => self.failed(&error),
        }
    }

    async fn look_for_letter(&self, task: &Task, letter: &Letter) -> Outcome {
        let opened = letter.opening();
        let seen = |activity: &Activity| task.life.recent.iter().any(|(id, _)| *id == activity.id);
        match self.news_of(task).await {
            Ok(activities) => {
                let ours = activities.iter().filter(|activity| !seen(activity)).any(|activity| {
                    activity.events.iter().any(
                        |event| matches!(event, Event::UserMessaged(text) if comes_back(&opened, text)),
                    )
                });
                if ours { Outcome::Sent } else { Outcome::NotFound }
            }
            Err(error) => self.not_looked(&error),
        }
    }

    /// The texts of attached files, as far as they can be read.
    async fn texts_of(&self, letter: &Letter) -> Vec<(String, Option<String>)> {
        let mut texts = Vec::new();
        for file in letter.passed_on() {
            let text = match &file.url {
                Some(url) => self.slack.file_text(url).await.map_err(|error| {
                    tracing::warn!(%error, "an attached file could not be read");
                }),
                None => Err(()),
            };
            texts.push((file.name.clone(), text.ok()));
        }
        texts
    }

    /// Approves the plan that was shown, and no other: Jules approves whichever is the latest, so it
    /// is asked first whether that is the one.
    pub(super) async fn approve(&self, task: &Task, attempt: &Attempt, plan: &PlanId) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        let now = match self.jules.session(&session.id).await {
            Ok(session) => session,
            Err(error) => return self.failed(&error),
        };
        if now.state.is_some_and(|state| state != SessionState::AwaitingPlanApproval) {
            // An attempt before this one may have done it.
            let ours = attempt.number > 1;
            return if ours {
                Outcome::Approved
            } else {
                Outcome::NotApproved(NotApproved::NotAwaited)
            };
        }
        match self.newest_plan(task).await {
            Ok(Some(newest)) if newest != *plan => {
                return Outcome::NotApproved(NotApproved::Newer);
            }
            Ok(_) => {}
            Err(error) => return self.failed(&error),
        }
        match self.jules.approve_plan(&session.id).await {
            Ok(()) => Outcome::Approved,
            Err(jules::Error::WrongState) => Outcome::NotApproved(NotApproved::NotAwaited),
            Err(error) => self.failed(&error),
        }
    }

    /// The plan that was made last, among what happened lately.
    async fn newest_plan(&self, task: &Task) -> Result<Option<PlanId>, jules::Error> {
        let mut activities = self.news_of(task).await?;
        activities.sort_by_key(|activity| activity.created);
        let plan = |activity: &Activity| {
            activity.events.iter().rev().find_map(|event| match event {
                Event::PlanGenerated(plan) => activity.plan_id(plan),
                Event::PlanApproved(_)
                | Event::AgentMessaged(_)
                | Event::UserMessaged(_)
                | Event::Progress { .. }
                | Event::SessionCompleted
                | Event::SessionFailed { .. }
                | Event::Other(_) => None,
            })
        };
        Ok(activities.iter().rev().find_map(plan))
    }

    /// What happened in a session since it was looked at last, with some overlap.
    async fn news_of(&self, task: &Task) -> Result<Vec<Activity>, jules::Error> {
        let Some(session) = &task.session else { return Ok(Vec::new()) };
        self.activities_since(&session.id, ask_from(task.life.cursor)).await
    }

    /// What a call that failed means.
    pub(super) fn failed(&self, error: &jules::Error) -> Outcome {
        Outcome::Failed(jules_fault(error, self.now()))
    }

    /// A look that failed tells nothing of what it looked for: that may still have been done.
    fn not_looked(&self, error: &jules::Error) -> Outcome {
        Outcome::Failed(Fault::Unknown(jules_fault(error, self.now()).cause().clone()))
    }

    pub(super) async fn archive(&self, task: &Task) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        match self.jules.archive(&session.id).await {
            Ok(()) => Outcome::Done,
            Err(error) => self.failed(&error),
        }
    }

    /// The pull request and the change, as Jules has them by now. A patch that cannot be had does not
    /// hold up the news that the task is done.
    pub(super) async fn conclude(&self, task: &Task) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        let pull_request = match self.jules.session(&session.id).await {
            Ok(session) => session.pull_request,
            Err(error) => return self.failed(&error),
        };
        let changes = self.changes(task).await;
        Outcome::Concluded(Box::new(Conclusion { pull_request, changes }))
    }

    async fn changes(&self, task: &Task) -> Option<DiffStat> {
        let session = task.session.as_ref()?;
        // No activity ever had one.
        let Some(activity) = &task.life.patch else { return Some(DiffStat::default()) };
        match self.jules.activity(&session.id, activity).await {
            Ok(activity) => {
                activity.artifacts.into_iter().rev().find_map(|artifact| match artifact {
                    Artifact::Change(change) => Some(diff::summary(&change.patch?)),
                    Artifact::Media { .. } | Artifact::Bash { .. } | Artifact::Other(_) => None,
                })
            }
            Err(error) => {
                tracing::info!(task.id = %task.id, %error, "a change could not be read");
                None
            }
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
