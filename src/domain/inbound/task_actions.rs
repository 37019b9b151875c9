//! Tasks that are under way or over: changes of a plan, replies, and starting one once more.

use super::start::{form_of, new_task};
use super::{Answer, Facts, FollowUp, Sender, Write, WrittenReply, click};
use crate::domain::command::Request;
use crate::domain::form::{ChangesForm, Field, FieldError, Form};
use crate::domain::ids::{ChannelId, PlanId, TaskId};
use crate::domain::message::{Notice, StaleAction};
use crate::domain::secret_text::holds_credential;
use crate::domain::task::{Input, Phase, RetryOf, Start, Task, ThreadReply};
use jiff::Timestamp;

/// A line in a thread that begins with this stays among people.
const ASIDE: &str = "!aside";

/// Opens the form for the changes, while somebody can still ask for any.
pub(super) fn ask_changes(id: TaskId, plan: PlanId, facts: &Facts<'_>) -> Answer {
    let Some(task) = facts.task else { return Answer::notice(Notice::TaskUnknown) };
    match task.decidable(&plan) {
        Ok(()) => {
            let form = Form::Changes(ChangesForm { task: id, plan });
            Answer { follow_up: Some(FollowUp::Open(Box::new(form))), ..Answer::nothing() }
        }
        Err(late) => Answer::notice(Notice::TooLate(late)),
    }
}

/// What is too late when the form is sent is said at its field, where the words are not lost.
pub(super) fn changes_form(
    id: TaskId,
    plan: PlanId,
    text: String,
    sender: &Sender,
    facts: &Facts<'_>,
) -> Answer {
    let Some(task) = facts.task else { return Answer::notice(Notice::TaskUnknown) };
    if text.trim().is_empty() {
        return Answer::errors(vec![(Field::Changes, FieldError::NoChanges)]);
    }
    if holds_credential(&text) {
        return Answer::errors(vec![(Field::Changes, FieldError::Credential)]);
    }
    // The same form sent again is not too late: it is the one that was taken.
    let again = task.handled.contains(&sender.delivery);
    match task.decidable(&plan) {
        Err(late) if !again => Answer::notice(Notice::TooLate(late)),
        Ok(()) | Err(_) => Answer::input(id, Input::Changes { click: click(sender), plan, text }),
    }
}

pub(super) fn reply(
    id: TaskId,
    written: WrittenReply,
    sender: &Sender,
    facts: &Facts<'_>,
) -> Answer {
    let WrittenReply { ts, text, files, outsider } = written;
    let aside = text.trim_start().to_lowercase().starts_with(ASIDE);
    let empty = text.trim().is_empty() && files.is_empty();
    if aside || empty || facts.task.is_none() {
        return Answer::nothing();
    }
    let reply = ThreadReply { click: click(sender), ts, text, files, outsider };
    Answer::input(id, Input::Reply(Box::new(reply)))
}

/// Whether a task can be started once more: not while it goes on.
fn repeatable(task: &Task) -> Result<(), StaleAction> {
    let progress = &task.progress;
    let over = progress.gone || progress.archived || progress.ended.is_some();
    let goes_on = matches!(task.phase, Phase::Running { .. }) && !over;
    if goes_on { Err(StaleAction::GoesOn) } else { Ok(()) }
}

/// The same task once more, as a new one with its own card, thread and session. Its name follows from
/// the old one's, so whoever presses, and how often, there is one.
pub(super) fn retry(sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    let Some(old) = facts.task else { return Answer::notice(Notice::TaskUnknown) };
    if let Err(late) = repeatable(old) {
        return Answer::notice(Notice::TooLate(late));
    }
    let Some(target) = old.target.clone() else { return Answer::notice(Notice::TaskUnknown) };
    let (ask, start) = (old.ask.clone(), Start::At(target));
    match facts.successor {
        // It was edited, and something about it is still to be said: this says it.
        Some(again) if again.is_draft() => {
            let input = Input::FormValues { ask, channel: None, start };
            Answer::input(again.id.clone(), input)
        }
        Some(again) => Answer::notice(already_retried(again, facts)),
        None => {
            let mut task = new_task(old.id.successor(), ask, start, sender, facts, now);
            task.channel.clone_from(&old.channel);
            task.retry_of = Some(retry_of(old, None, facts));
            Answer { write: Some(Write::Task(Box::new(task))), ..Answer::nothing() }
        }
    }
}

fn already_retried(again: &Task, facts: &Facts<'_>) -> Notice {
    Notice::RetriedAlready { page: facts.workspace.and_then(|workspace| again.page(workspace)) }
}

fn retry_of(old: &Task, draft: Option<TaskId>, facts: &Facts<'_>) -> RetryOf {
    let page = facts.workspace.and_then(|workspace| old.page(workspace));
    RetryOf { task: old.id.clone(), page, draft }
}

/// The form of a task that was edited was sent: the task takes the old one's place, unless another one
/// did.
pub(super) fn start_edited(
    draft: &Task,
    retry_of: &RetryOf,
    (ask, channel, start): (Request, Option<ChannelId>, Start),
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    match facts.successor {
        Some(again) => {
            let came_of = again.retry_of.as_ref().and_then(|retry_of| retry_of.draft.as_ref());
            if came_of == Some(&draft.id) {
                return Answer::nothing();
            }
            Answer::notice(already_retried(again, facts))
        }
        None => {
            let id = retry_of.task.successor();
            let mut task = new_task(id, ask, start, sender, facts, now);
            task.channel = channel;
            task.retry_of = Some(RetryOf { draft: Some(draft.id.clone()), ..retry_of.clone() });
            Answer { write: Some(Write::Task(Box::new(task))), ..Answer::nothing() }
        }
    }
}

/// The form, filled with the task: a draft of its own stands behind it.
pub(super) fn edit_retry(sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    let Some(old) = facts.task else { return Answer::notice(Notice::TaskUnknown) };
    let without_task = Facts { task: None, ..facts.clone() };
    if let Some(again) = facts.successor {
        if !again.is_draft() {
            return Answer::notice(already_retried(again, facts));
        }
        let form = form_of(again.id.clone(), again.ask.clone(), &without_task, None);
        return Answer { follow_up: Some(FollowUp::Open(Box::new(form))), ..Answer::nothing() };
    }
    let mut ask = old.ask.clone();
    if let Some(target) = &old.target {
        ask.options.repo = Some(target.repo.to_string());
        ask.options.branch = Some(target.branch.0.clone());
        ask.options.plan = Some(target.plan);
        ask.options.pr = Some(target.pr);
    }
    let id = TaskId::for_delivery(&sender.delivery);
    let form = form_of(id.clone(), ask.clone(), &without_task, None);
    let mut draft = new_task(id, ask, Start::Draft(Vec::new()), sender, facts, now);
    draft.channel.clone_from(&old.channel);
    draft.retry_of = Some(retry_of(old, None, facts));
    Answer {
        write: Some(Write::Task(Box::new(draft))),
        follow_up: Some(FollowUp::Open(Box::new(form))),
        ..Answer::nothing()
    }
}
