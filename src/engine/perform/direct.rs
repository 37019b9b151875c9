//! Direct messages to the author of a task, and when it is working hours where they are.

use super::super::Engine;
use super::super::fault::slack_fault;
use super::super::workspace::Workspace;
use domain::fault::Fault;
use domain::ids::UserId;
use domain::task::{Attempt, DmRecord, Outcome, Task};
use slack::client::{Content, SlackClient};
use slack::error::CallError;
use slack::render;

impl Engine {
    /// Posts a direct message, drawn from the task as it is by now.
    pub(super) async fn post_dm(
        &self,
        workspace: &Workspace,
        task: &Task,
        attempt: &Attempt,
        dm: u32,
    ) -> Outcome {
        let Some(dm) = task.progress.dm(dm) else { return Outcome::Done };
        let slack = workspace.slack();
        let channel = match slack.open_dm(&task.author).await {
            Ok(channel) => channel,
            Err(error) => return Outcome::Failed(not_opened(&error, attempt)),
        };
        let mark = format!("{}/dm-{}", task.id, dm.id);
        let content = dm_content(workspace, task, dm);
        let outcome = self.post_once(slack, task, (&channel, None), &content, &mark, attempt).await;
        if let Outcome::Posted(ts) = outcome {
            let shown = (!attempt.look).then(|| task.dm_state(&dm.call.of));
            return Outcome::DmShown(channel, ts, shown);
        }
        outcome
    }

    pub(super) async fn redraw_dm(
        &self,
        workspace: &Workspace,
        task: &Task,
        attempt: &Attempt,
        dm: u32,
    ) -> Outcome {
        let Some(dm) = task.progress.dm(dm) else { return Outcome::Done };
        let Some((channel, ts)) = &dm.at else { return Outcome::Done };
        let content = dm_content(workspace, task, dm);
        match self.edit(workspace.slack(), task, attempt, channel, ts, &content).await {
            Ok(()) => Outcome::DmDrawn(task.dm_state(&dm.call.of)),
            Err(outcome) => outcome,
        }
    }
}

fn dm_content(workspace: &Workspace, task: &Task, dm: &DmRecord) -> Content {
    let address = workspace.installation().and_then(|installation| installation.url.as_deref());
    let page = address.and_then(|address| task.page(address));
    render::direct(task, dm, page.as_deref())
}

/// What time it is where a person is. Without the scope `users:read` nobody knows, which is no failure.
pub(super) async fn time_zone_of(slack: &SlackClient, user: &UserId) -> Outcome {
    match slack.user_info(user).await {
        Ok(info) => Outcome::TimeZone(info.ahead),
        Err(
            error @ (CallError::RateLimited { .. }
            | CallError::Unreachable(_)
            | CallError::Unknown(_)
            | CallError::DeadInstallation(_)),
        ) => Outcome::Failed(slack_fault(&error)),
        Err(
            CallError::MissingRights { .. }
            | CallError::Unclear(_)
            | CallError::TooLarge
            | CallError::Place(_)
            | CallError::Content { .. }
            | CallError::State(_)
            | CallError::UntrustedUrl,
        ) => Outcome::TimeZone(None),
    }
}

/// Why there is no conversation to write in. Nothing was posted by this attempt, but an earlier one may
/// have. Without the scope `im:write` there are no direct messages: people are mentioned instead.
fn not_opened(error: &CallError, attempt: &Attempt) -> Fault {
    let fault = slack_fault(error);
    if matches!(error, CallError::MissingRights { .. }) {
        return Fault::Refused(fault.cause().clone());
    }
    match fault {
        Fault::Later { cause, .. } | Fault::Unknown(cause) if attempt.maybe_done => {
            Fault::Unknown(cause)
        }
        Fault::Unknown(cause) => Fault::Later { cause, after: None },
        known @ (Fault::Later { .. } | Fault::Refused(_)) => known,
    }
}
