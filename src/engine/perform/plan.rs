//! A plan in the thread: its messages, one by one, its file, and the message that shows what became of it.

use super::super::Engine;
use super::super::fault::slack_fault;
use domain::fault::Fault;
use domain::ids::{PlanId, UserId};
use domain::message::Post;
use domain::task::{Attempt, Outcome, PlanFile, PlanRecord, Task};
use slack::client::{Content, SlackClient};
use slack::error::CallError;
use slack::files::NewFile;
use slack::history::Sought;
use slack::render;

impl Engine {
    /// A part of a plan, drawn from the task, with what became of it by now.
    pub(super) async fn post_plan(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        (plan, part, ping): (&PlanId, u32, Option<&UserId>),
    ) -> Outcome {
        let Some(note) = task.progress.plan(plan) else { return Outcome::Done };
        let approvers = self.approvers(task);
        let messages = render::plan_messages(&task.id, note, &task.url(), &approvers);
        if note.file == PlanFile::Undecided && messages.len() > render::MOST_MESSAGES {
            return Outcome::PlanTooLong;
        }
        let parts = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let nth = usize::try_from(part).unwrap_or(usize::MAX);
        let Some(content) = messages.into_iter().nth(nth) else { return Outcome::Done };
        let is_last = part + 1 == parts;
        let content = if is_last { mentioning(note, ping, content) } else { content };
        let mark = format!("{}/{}", task.id, attempt.entry);
        let outcome = self.post_in_thread(slack, task, &content, &mark, attempt).await;
        if let Outcome::Posted(ts) = outcome {
            // One that was found shows what it showed when it was posted.
            let drawn = (!attempt.look).then(|| note.status.clone());
            return Outcome::PlanShown { ts, drawn, parts };
        }
        outcome
    }

    /// Puts a plan into the thread as a file. It has no mark, so it is found again by its name.
    pub(super) async fn share_plan(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        plan: &PlanId,
    ) -> Outcome {
        let (Some(channel), Some(root)) = (&task.channel, task.thread()) else {
            return Outcome::Done;
        };
        let Some(note) = task.progress.plan(plan) else { return Outcome::Done };
        let name = note.file_name();
        if attempt.look {
            let sought = Sought::File(&name);
            let found =
                self.look_for_message(slack, task, channel, Some(root), sought, attempt).await;
            return if let Outcome::Posted(_) = found { Outcome::PlanShared } else { found };
        }
        let text = render::plan_file(note, task.title(), &task.url());
        let file = NewFile { name: &name, title: &name, text: &text };
        match slack.share_file(channel, Some(root), file).await {
            Ok(()) => Outcome::PlanShared,
            // Files are optional: without the scope, or where they are switched off, the plan takes more messages.
            Err(error @ (CallError::MissingRights { .. } | CallError::State(_))) => {
                Outcome::Failed(Fault::Refused(slack_fault(&error).cause().clone()))
            }
            Err(error) => self.refused_there(slack, task, Some(root), &error).await,
        }
    }

    /// Draws the last message of a plan: the others stay as they are.
    pub(super) async fn redraw_plan(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        plan: &PlanId,
    ) -> Outcome {
        let (Some(channel), Some(note)) = (&task.channel, task.progress.plan(plan)) else {
            return Outcome::Done;
        };
        let Some(ts) = &note.message else { return Outcome::Done };
        let approvers = self.approvers(task);
        let last = render::plan_messages(&task.id, note, &task.url(), &approvers).pop();
        let Some(content) = last else { return Outcome::Done };
        let content = mentioning(note, note.mentions.as_ref(), content);
        match self.edit(slack, task, attempt, channel, ts, &content).await {
            Ok(()) => Outcome::PlanDrawn(note.status.clone()),
            Err(outcome) => outcome,
        }
    }
}

/// The last message of a plan, which mentions someone as long as it is waiting for them.
fn mentioning(note: &PlanRecord, ping: Option<&UserId>, content: Content) -> Content {
    let ping = ping.filter(|_| note.status.is_open());
    render::mentioning(ping, &Post::Plan { id: note.id.clone(), part: 0 }, content)
}
