//! Effects at Jules: creating a session, and what is said to it.

use super::super::Engine;
use super::super::account::Account;
use super::super::fault::{jules_fault, session_fault, slack_fault};
use super::super::workspace::Workspace;
use super::store_later;
use ::slack::client::SlackClient;
use ::slack::error::CallError;
use domain::activity::{Activity, Artifact, Change, Event};
use domain::command::{PlanMode, PrMode};
use domain::diff::{Changes, patch_name};
use domain::fault::{Cause, Fault};
use domain::ids::{PlanId, SessionId};
use domain::pull::PullRef;
use domain::repo::Target;
use domain::session::{NewSession, Session, SessionState};
use domain::task::{
    Attempt, FileRef, MessageOrigin, NotApproved, Outcome, SessionRef, SessionResult, Task,
    UserMessage, WhyLeftOut, left_out, matches, to_read,
};
use slack::files::{FILE_NOT_TEXT, FILE_TOO_LARGE};
use std::time::Duration;
use tokio::time::timeout;

/// Limit for the reads before an approval, half of the effect's 90 s. If the effect's limit ends during the call, the
/// plan may be approved; if this one ends, it certainly isn't.
const BEFORE_APPROVAL: Duration = Duration::from_secs(45);

/// Limit for the reads of a patch at the end. One that takes longer can't be had: the end is told without it.
const READ_PATCH: Duration = Duration::from_secs(30);

impl Engine {
    pub(super) async fn create_session(
        &self,
        account: &Account,
        task: &Task,
        attempt: &Attempt,
    ) -> Outcome {
        let Some(target) = &task.target else { return Outcome::Done };
        if attempt.look {
            return self.look_for_session(account, task, target, attempt).await;
        }
        match self.held_back(task).await {
            Ok(None) => {}
            Ok(Some(standing)) => return Outcome::InQueue(standing),
            Err(_) => return store_later(),
        }
        match account.jules.create(&new_session(task, target)).await {
            Ok(session) => self.claimed(task, session).await,
            Err(jules::Error::CreateRefused) => match self.refused_by_jules(account, task).await {
                Ok(standing) => Outcome::InQueue(standing),
                Err(_) => store_later(),
            },
            // Another account has none of our repositories.
            Err(error @ jules::Error::NotFound) => match self.is_of_another(account).await {
                Ok(true) => {
                    let cause = Cause::JulesOtherAccount;
                    Outcome::Failed(Fault::Later { cause, after: None })
                }
                Ok(false) => Outcome::Failed(jules_fault(&error, self.now())),
                Err(_) => store_later(),
            },
            Err(error) => Outcome::Failed(jules_fault(&error, self.now())),
        }
    }

    /// Gives Jules a message. It has no id, so one that may have been given is looked for among the
    /// session's activities (jules-api.md §5.1).
    pub(super) async fn send(
        &self,
        account: &Account,
        workspace: &Workspace,
        task: &Task,
        attempt: &Attempt,
        message: &UserMessage,
    ) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        let slack = &workspace.slack;
        if let (Some(reads), MessageOrigin::Reply(ts)) = (&message.reads, &message.origin) {
            return self.read_reply(workspace, task, attempt, ts, reads).await;
        }
        if attempt.look {
            return self.look_for_sent(account, slack, task, attempt, message).await;
        }
        if let Some(kept) = self.kept_from_session(task, attempt).await {
            return kept;
        }
        let texts = match self.texts_of(slack, &message.files, attempt).await {
            Ok(texts) => texts,
            Err(fault) => return Outcome::Failed(fault),
        };
        let text = message.compose(&texts);
        match account.jules.send_message(&session.id, &text).await {
            Ok(()) => Outcome::Sent(left_out(&texts)),
            Err(error) => self.failed(&error),
        }
    }

    async fn look_for_sent(
        &self,
        account: &Account,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        message: &UserMessage,
    ) -> Outcome {
        let known = message.fingerprint();
        let recent = &task.progress.mark.recent;
        let seen = |activity: &Activity| recent.iter().any(|(id, _)| *id == activity.id);
        match self.news_of(account, task).await {
            Ok(activities) => {
                // Those that Jules accepted before come back first; one more than them is this one.
                let accepted = &task.progress.accepted_messages;
                let others = accepted.iter().filter(|other| matches(other, &known)).count();
                let shown =
                    activities.iter().filter(|activity| !seen(activity)).filter(|activity| {
                        activity.events.iter().any(
                        |event| matches!(event, Event::UserMessaged(text) if matches(&known, text)),
                    )
                    });
                let ours = shown.count() > others;
                if !ours {
                    return Outcome::NotFound;
                }
                // What was left out is found out again, so that its author hears of it.
                let texts = self.texts_of(slack, &message.files, attempt).await;
                Outcome::Sent(texts.map(|texts| left_out(&texts)).unwrap_or_default())
            }
            Err(error) => self.not_looked(&error),
        }
    }

    /// The texts of attached files, as far as they can be read.
    ///
    /// # Errors
    /// While Slack refuses the token: it does not say so of a file, and then all would be left out. And the
    /// first few times that Slack does not answer.
    pub(super) async fn texts_of(
        &self,
        slack: &SlackClient,
        files: &[FileRef],
        attempt: &Attempt,
    ) -> Result<Vec<(String, Result<String, WhyLeftOut>)>, Fault> {
        /// A file that Slack doesn't give out by then doesn't hold up the words any longer.
        const PATIENT: u32 = 3;
        let mut texts = Vec::new();
        for file in to_read(files) {
            let url = file.url.as_deref().unwrap_or_default();
            let text = slack.file_text(url, file.size).await;
            if let Err(error) = &text {
                tracing::warn!(%error, "an attached file could not be read");
                if let Err(refused @ CallError::DeadInstallation(_)) = slack.auth_test().await {
                    return Err(slack_fault(&refused));
                }
                let passes = matches!(
                    error,
                    CallError::RateLimited { .. }
                        | CallError::Unreachable(_)
                        | CallError::Unknown(_)
                );
                if passes && attempt.number <= PATIENT {
                    let cause = slack_fault(error).cause().clone();
                    return Err(Fault::Later { cause, after: None });
                }
            }
            texts.push((file.name.clone(), text.map_err(|error| why_left_out(&error))));
        }
        Ok(texts)
    }

    /// Approves the plan that was shown, and no other: Jules approves whichever is the latest, so it
    /// is asked first whether that is the one.
    pub(super) async fn approve(
        &self,
        account: &Account,
        task: &Task,
        attempt: &Attempt,
        plan: &PlanId,
    ) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        let before = self.before_approval(account, task, &session.id, attempt, plan);
        let kept = timeout(BEFORE_APPROVAL, before).await.unwrap_or_else(|_| {
            Some(self.failed(&jules::Error::Transient(jules::Trouble::NoAnswer)))
        });
        if let Some(kept) = kept {
            return unless_done_before(attempt, kept);
        }
        match account.jules.approve_plan(&session.id).await {
            Ok(()) => Outcome::Approved,
            Err(jules::Error::WrongState) => not_awaited(attempt),
            // It may be approved although no proper answer came.
            Err(jules::Error::Transient(trouble))
                if !matches!(trouble, jules::Trouble::NoConnection(_)) =>
            {
                Outcome::Failed(Fault::Unknown(Cause::JulesDown))
            }
            Err(jules::Error::Decode(_) | jules::Error::TooLarge { .. }) => {
                Outcome::Failed(Fault::Unknown(Cause::JulesDown))
            }
            Err(error) => unless_done_before(attempt, self.failed(&error)),
        }
    }

    /// Looks at what has to be so for a plan to be approved. What this comes to, if Jules isn't to be told.
    async fn before_approval(
        &self,
        account: &Account,
        task: &Task,
        session: &SessionId,
        attempt: &Attempt,
        plan: &PlanId,
    ) -> Option<Outcome> {
        let now = match account.jules.session(session).await {
            Ok(session) => session,
            Err(error) => return Some(self.failed(&error)),
        };
        if now.state.is_some_and(|state| state != SessionState::AwaitingPlanApproval) {
            return Some(not_awaited(attempt));
        }
        match self.newest_plan(account, task).await {
            Ok(Some(newest)) if newest != *plan => {
                return Some(Outcome::NotApproved(NotApproved::Newer));
            }
            Ok(_) => {}
            Err(error) => return Some(self.failed(&error)),
        }
        self.kept_from_session(task, attempt).await
    }

    /// The plan that was made last, among what happened lately.
    async fn newest_plan(
        &self,
        account: &Account,
        task: &Task,
    ) -> Result<Option<PlanId>, jules::Error> {
        let mut activities = self.news_of(account, task).await?;
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
    async fn news_of(&self, account: &Account, task: &Task) -> Result<Vec<Activity>, jules::Error> {
        let Some(session) = &task.session else { return Ok(Vec::new()) };
        let from = task.progress.mark.ask_from(false);
        account.activities_since(&session.id, from).await?.whole()
    }

    /// What a call that failed means.
    pub(super) fn failed(&self, error: &jules::Error) -> Outcome {
        Outcome::Failed(session_fault(error, self.now()))
    }

    /// A look that failed tells nothing of what it looked for: that may still have been done. Where Jules
    /// can't be asked for now, it is asked later; an answer that doesn't tell counts.
    pub(super) fn not_looked(&self, error: &jules::Error) -> Outcome {
        let cause = session_fault(error, self.now()).cause().clone();
        match error {
            jules::Error::Auth
            | jules::Error::Forbidden
            | jules::Error::NotFound
            | jules::Error::RateLimited { .. }
            | jules::Error::CreateRefused
            | jules::Error::Transient(_)
            | jules::Error::AmbiguousWrite(_) => Outcome::Failed(Fault::Unknown(cause)),
            jules::Error::WrongState
            | jules::Error::Invalid(_)
            | jules::Error::Decode(_)
            | jules::Error::TooLarge { .. } => Outcome::Unclear(cause),
        }
    }

    pub(super) async fn archive(&self, account: &Account, task: &Task) -> Outcome {
        let Some(session) = &task.session else { return Outcome::Done };
        match account.jules.archive(&session.id).await {
            Ok(()) => Outcome::Done,
            Err(error) => self.failed(&error),
        }
    }

    /// The pull requests and the change, as Jules has them by now. A patch that cannot be had does not
    /// hold up the news that the task is done, unless an operator can fix that.
    pub(super) async fn fetch_result(&self, account: &Account, task: &Task) -> Outcome {
        let Some(known) = &task.session else { return Outcome::Done };
        let session = match account.jules.session(&known.id).await {
            Ok(session) => session,
            Err(error) => return self.failed(&error),
        };
        let changed = timeout(READ_PATCH, self.changed(account, task, &session)).await;
        let changed = match changed.unwrap_or_else(|_| Ok(Changed::default())) {
            Ok(changed) => changed,
            Err(fault) => return Outcome::Failed(fault),
        };
        let Changed { changes, patch, commit_message } = changed;
        let pull_requests = session.pull_requests;
        let newest = pull_requests.iter().max_by_key(|one| one.number());
        let newest = newest.and_then(|one| PullRef::parse(&one.url)).or_else(|| task.pull_ref());
        let pull = self.look_up_pull(newest).await;
        let has_token = self.pulls.get().is_some_and(|pulls| pulls.github.has_token());
        let result =
            SessionResult { pull_requests, changes, patch, commit_message, pull, has_token };
        Outcome::ResultFetched(Box::new(result))
    }

    /// What changed. That nothing did is certain only where all activities up to the end were seen.
    async fn changed(
        &self,
        account: &Account,
        task: &Task,
        session: &Session,
    ) -> Result<Changed, Fault> {
        Ok(match self.newest_patch(account, task, session).await? {
            Patch::TooLarge => Changed {
                changes: Changes::Uncounted,
                // Another patch is another activity's. Those that only the outputs have can't be told apart.
                patch: Some(
                    task.progress
                        .patch
                        .as_ref()
                        .map_or_else(|| "outputs".to_owned(), |activity| activity.0.clone()),
                ),
                commit_message: None,
            },
            Patch::Read { patch, commit_message } => Changed {
                changes: Changes::of_patch(&patch),
                patch: Some(patch_name(&patch)),
                commit_message,
            },
            Patch::None => {
                let ended = task.progress.ended.as_ref();
                let all_seen = ended.is_some_and(|ended| ended.activity.is_some())
                    && !task.progress.mark.without_artifacts;
                let none = task.progress.patch.is_none() && session.change_set == Some(false);
                let changes = if all_seen && none { Changes::Nothing } else { Changes::Unknown };
                Changed { changes, ..Changed::default() }
            }
        })
    }

    /// The newest change, whole: an activity has it, or only the session's outputs (jules-api.md §2.1).
    pub(in crate::engine) async fn newest_patch(
        &self,
        account: &Account,
        task: &Task,
        session: &Session,
    ) -> Result<Patch, Fault> {
        let mut changes = Vec::new();
        if let Some(activity) = &task.progress.patch {
            let activity = account.jules.activity(&session.id, activity).await;
            let artifacts = activity.map(|activity| activity.artifacts);
            changes = self.readable(task, artifacts)?.into_iter().filter_map(change_of).collect();
        }
        let has_patch = changes.iter().any(|change| change.patch.is_some());
        if session.change_set != Some(false) && !has_patch {
            let outputs = account.jules.changes(&session.id).await;
            if let Err(jules::Error::TooLarge { .. }) = outputs {
                return Ok(Patch::TooLarge);
            }
            changes = self.readable(task, outputs)?;
        }
        let last = changes.into_iter().rev().find(|change| change.patch.is_some());
        Ok(match last {
            Some(Change { patch: Some(patch), commit_message, .. }) => {
                Patch::Read { patch, commit_message }
            }
            Some(_) | None => Patch::None,
        })
    }

    /// What was read, or nothing where it could not be.
    ///
    /// # Errors
    /// What an operator can fix: then it is read later.
    fn readable<T>(
        &self,
        task: &Task,
        read: Result<Vec<T>, jules::Error>,
    ) -> Result<Vec<T>, Fault> {
        read.or_else(|error| {
            tracing::info!(task.id = %task.id, %error, "a change could not be read");
            let fault = jules_fault(&error, self.now());
            if fault.cause().is_for_operator() { Err(fault) } else { Ok(Vec::new()) }
        })
    }
}

/// The outcome of an attempt that did nothing. Where an earlier attempt may have done it, nobody knows.
fn unless_done_before(attempt: &Attempt, outcome: Outcome) -> Outcome {
    if attempt.maybe_done
        && let Outcome::Failed(Fault::Later { cause, after: _ }) = outcome
    {
        return Outcome::Failed(Fault::Unknown(cause));
    }
    outcome
}

/// What it means that no plan is waiting: an attempt before this one may have approved it; one that was refused did not.
fn not_awaited(attempt: &Attempt) -> Outcome {
    if attempt.maybe_done {
        Outcome::Approved
    } else {
        Outcome::NotApproved(NotApproved::NotAwaited)
    }
}

/// What an end has changed.
#[derive(Default)]
struct Changed {
    changes: Changes,
    /// The patch, by its name.
    patch: Option<String>,
    commit_message: Option<String>,
}

/// A change of the code, as Jules has it.
pub(in crate::engine) enum Patch {
    /// All of it.
    Read { patch: String, commit_message: Option<String> },
    /// It is larger than what is read.
    TooLarge,
    /// There is none, or it can't be read.
    None,
}

fn change_of(artifact: Artifact) -> Option<Change> {
    match artifact {
        Artifact::Change(change) => Some(change),
        Artifact::Media { .. } | Artifact::Bash { .. } | Artifact::Other(_) => None,
    }
}

fn why_left_out(error: &CallError) -> WhyLeftOut {
    match error {
        CallError::UntrustedUrl => WhyLeftOut::Elsewhere,
        CallError::State(code) if code == FILE_TOO_LARGE => WhyLeftOut::TooLarge,
        CallError::State(code) if code == FILE_NOT_TEXT => WhyLeftOut::NotText,
        CallError::TooLarge => WhyLeftOut::TooLarge,
        CallError::State(_)
        | CallError::Unclear(_)
        | CallError::RateLimited { .. }
        | CallError::Unreachable(_)
        | CallError::Unknown(_)
        | CallError::Place(_)
        | CallError::DeadInstallation(_)
        | CallError::MissingRights { .. }
        | CallError::Content { .. } => WhyLeftOut::Unreadable,
    }
}

pub(super) fn new_session(task: &Task, target: &Target) -> NewSession {
    NewSession {
        prompt: task.whole_prompt(),
        title: task.session_title(),
        source: target.source.clone(),
        starting_branch: target.branch.clone(),
        ask_for_plan: target.plan == PlanMode::Ask,
        open_pull_request: target.pr == PrMode::Auto,
    }
}

pub(super) fn created(session: Session) -> Outcome {
    let state = session.state.unwrap_or(SessionState::Queued);
    Outcome::Created(SessionRef { id: session.id, url: session.url }, state)
}
