//! Tasks that are under way or over: changes of a plan, replies, and starting one once more.

use super::start::{form_of, new_task};
use super::{Answer, Context, Facts, FollowUp, Forwarded, Write, WrittenMessage};
use crate::command::Request;
use crate::form::{AnswerForm, ChangesForm, Field, FieldError, Form};
use crate::ids::{ChannelId, PlanId, TaskId};
use crate::invisible::visible;
use crate::message::{Notice, StaleAction};
use crate::secret_text::holds_credential;
use crate::task::{FileRef, Input, Phase, RetryOf, Start, Task};
use crate::words::{Names, Words};

/// Opens the form for the changes, while someone can still ask for any.
pub(super) fn ask_changes(task: &Task, plan: &PlanId) -> Answer {
    match task.decidable(plan) {
        Ok(()) => {
            let form = ChangesForm { task: task.id.clone(), plan: plan.clone() };
            Answer::run(FollowUp::Open(Box::new(Form::Changes(form))))
        }
        Err(late) => Answer::notice(Notice::TooLate(late)),
    }
}

/// Asks in private before it stops the task, while that still means something.
pub(super) fn ask_stop(task: &Task) -> Answer {
    Answer::notice(match task.over() {
        Some(late) => Notice::TooLate(late),
        None => Notice::ConfirmStop { task: task.id.clone(), begun: task.session.is_some() },
    })
}

/// What is too late when the form is sent is said at its field, where the words are not lost.
pub(super) fn changes_form(id: &TaskId, plan: &PlanId, text: &str, cx: &Context<'_>) -> Answer {
    let Some(task) = cx.facts.task else { return Answer::notice(Notice::TaskUnknown) };
    if text.trim().is_empty() {
        return Answer::errors(vec![(Field::Changes, FieldError::NoChanges)]);
    }
    if holds_credential(text) {
        return Answer::errors(vec![(Field::Changes, FieldError::Credential)]);
    }
    // The same form sent again is not too late: it is the one that was taken.
    let again = task.handled.contains(&cx.origin.delivery);
    match task.decidable(plan) {
        Err(late) if !again => Answer::notice(Notice::TooLate(late)),
        Ok(()) | Err(_) => {
            let (click, plan, text) = (cx.click(), plan.clone(), text.to_owned());
            Answer::input(id.clone(), Input::Changes { click, plan, text })
        }
    }
}

/// Opens the form for the answer, while someone can still answer.
pub(super) fn ask_answer(task: &Task, question: u32) -> Answer {
    match task.answerable(question) {
        Ok(()) => {
            let form = AnswerForm { task: task.id.clone(), question };
            Answer::run(FollowUp::Open(Box::new(Form::Answer(form))))
        }
        Err(late) => Answer::notice(Notice::TooLate(late)),
    }
}

/// An answer that comes too late is said so at its field, where the words are not lost.
pub(super) fn answer_form(id: &TaskId, question: u32, text: &str, cx: &Context<'_>) -> Answer {
    let Some(task) = cx.facts.task else { return Answer::notice(Notice::TaskUnknown) };
    if text.trim().is_empty() {
        return Answer::errors(vec![(Field::Answer, FieldError::NoAnswer)]);
    }
    if holds_credential(text) {
        return Answer::errors(vec![(Field::Answer, FieldError::Credential)]);
    }
    let again = task.handled.contains(&cx.origin.delivery);
    match task.answerable(question) {
        Err(late) if !again => Answer::notice(Notice::TooLate(late)),
        Ok(()) | Err(_) => {
            let (click, text) = (cx.click(), text.to_owned());
            Answer::input(id.clone(), Input::Answer { click, question, text })
        }
    }
}

/// Sends a message on that someone pointed at. The thread sees what was said.
pub(super) fn send_form(id: &TaskId, text: &str, cx: &Context<'_>) -> Answer {
    if cx.facts.task.is_none() {
        return Answer::notice(Notice::TaskUnknown);
    }
    if text.trim().is_empty() {
        return Answer::errors(vec![(Field::Send, FieldError::NothingToSend)]);
    }
    if holds_credential(text) {
        return Answer::errors(vec![(Field::Send, FieldError::Credential)]);
    }
    let (click, text) = (cx.click(), text.to_owned());
    Answer::input(id.clone(), Input::SentOn { click, text })
}

/// What a message says to the bot, and what is forwarded in it as quotes.
pub(super) fn said(words: &Words, forwarded: &[Forwarded], facts: &Facts<'_>) -> String {
    let words = match facts.bot {
        Some(bot) => &words.clone().said_to(bot),
        None => words,
    };
    let own = words.spelled(facts.names);
    let mut parts = vec![own.trim().to_owned()];
    parts.extend(forwarded.iter().filter_map(|one| one.quote(facts.names)));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

impl WrittenMessage {
    /// What it says to the bot, and what is forwarded in it as quotes.
    pub(super) fn text(&self, facts: &Facts<'_>) -> String {
        said(&self.words, &self.forwarded, facts)
    }

    /// What is attached to it, and to what is forwarded in it. A forwarded message that can't be read counts
    /// as an attachment that can't, so that its author hears of it.
    pub(super) fn all_files(&self) -> Vec<FileRef> {
        let mut files = self.files.clone();
        for one in &self.forwarded {
            if one.quote(&Names::new()).is_none() && one.files.is_empty() {
                files.push(FileRef::new("forwarded message", 0, None));
            }
            files.extend(one.files.iter().cloned());
        }
        files
    }
}

impl Forwarded {
    /// It as a quote; `None` when it says nothing.
    pub(super) fn quote(&self, names: &Names) -> Option<String> {
        let text = self.words.spelled(names);
        let lines: Vec<String> = text.trim().lines().map(|line| format!("> {line}")).collect();
        if lines.is_empty() {
            return None;
        }
        let author = self.author.as_deref().map(visible).unwrap_or_default();
        let author = author.split_whitespace().collect::<Vec<_>>().join(" ");
        let from = if author.is_empty() { String::new() } else { format!(" from {author}") };
        Some(format!("Forwarded message{from}:\n{}", lines.join("\n")))
    }
}

/// Whether a task can be started once more: not while it goes on.
fn repeatable(task: &Task) -> Result<(), StaleAction> {
    let progress = &task.progress;
    let over = progress.gone || progress.archived || progress.ended.is_some();
    let goes_on = matches!(task.phase, Phase::Running { .. }) && !over;
    if goes_on { Err(StaleAction::GoesOn) } else { Ok(()) }
}

/// The same task once more, as a new one with its own card, thread and session. Its name follows from
/// the old one's, so there is one, no matter who presses, and how often.
pub(super) fn retry(old: &Task, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    if let Err(late) = repeatable(old) {
        return Answer::notice(Notice::TooLate(late));
    }
    if old.is_about_nothing() {
        return Answer::notice(Notice::NothingInThread { code: None });
    }
    // What is missing, a person says in the form.
    let Some(start) = old.once_more() else { return edit_retry(old, cx) };
    let ask = old.ask.clone();
    match facts.successor {
        // It was edited, and something about it is still to be said: this says it.
        Some(again) if again.is_draft() => {
            let account = facts.account_for(start.repo());
            let input = Input::FormValues { ask, channel: None, start, account };
            Answer::input(again.id.clone(), input)
        }
        Some(again) => Answer::notice(already_retried(again, facts)),
        None => {
            let entrance = old.entrance.again();
            let mut task = new_task(old.id.successor(), ask, entrance, start, cx);
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
    cx: &Context<'_>,
) -> Answer {
    match cx.facts.successor {
        Some(again) => {
            let came_of = again.retry_of.as_ref().and_then(|retry_of| retry_of.draft.as_ref());
            if came_of == Some(&draft.id) {
                return Answer::nothing();
            }
            Answer::notice(already_retried(again, cx.facts))
        }
        None => {
            let id = retry_of.task.successor();
            let entrance = draft.entrance.again();
            let mut task = new_task(id, ask, entrance, start, cx);
            task.channel = channel;
            task.retry_of = Some(RetryOf { draft: Some(draft.id.clone()), ..retry_of.clone() });
            Answer { write: Some(Write::Task(Box::new(task))), ..Answer::nothing() }
        }
    }
}

/// The form, filled with the task: a draft of its own stands behind it.
pub(super) fn edit_retry(old: &Task, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let without_task = Facts { task: None, ..facts.clone() };
    if let Some(again) = facts.successor {
        if !again.is_draft() {
            return Answer::notice(already_retried(again, facts));
        }
        let form = form_of(again.id.clone(), again.ask.clone(), &without_task, None);
        return Answer::run(FollowUp::Open(Box::new(form)));
    }
    let mut ask = old.ask.clone();
    if let Some(target) = &old.target {
        ask.options.repo = Some(target.repo.to_string());
        ask.options.branch = Some(target.branch.0.clone());
        ask.options.plan = Some(target.plan);
        ask.options.pr = Some(target.pr);
    }
    let id = TaskId::for_delivery(&cx.origin.delivery);
    let form = form_of(id.clone(), ask.clone(), &without_task, None);
    let entrance = old.entrance.again();
    let mut draft = new_task(id, ask, entrance, Start::Draft(Vec::new()), cx);
    draft.channel.clone_from(&old.channel);
    draft.retry_of = Some(retry_of(old, None, facts));
    Answer {
        write: Some(Write::Task(Box::new(draft))),
        follow_up: Some(FollowUp::Open(Box::new(form))),
        ..Answer::nothing()
    }
}
