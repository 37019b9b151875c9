//! The shortcuts: a new task from anywhere, and a message that becomes one.

use super::start::{form_of, new_task as task_of};
use super::task_actions::said;
use super::{Answer, Context, FollowUp, PointedMessage, ThreadOf, Write};
use crate::command::{PlanMode, Request};
use crate::form::{AboutMessage, Form, SendForm};
use crate::ids::TaskId;
use crate::task::{Entrance, FileRef, Hears, Reads, Start, Task, Way, not_passed_on};

/// A message that becomes a task in its thread, or goes to the task whose thread that is.
pub(super) fn send_to_jules(message: &PointedMessage, cx: &Context<'_>) -> Answer {
    let text = said(&message.words, &message.forwarded, cx.facts);
    match cx.facts.task.filter(|task| !task.is_draft()) {
        Some(task) => send_on(task, with_names(text, &message.files), cx),
        None => task_about(message, text, cx),
    }
}

fn send_on(task: &Task, text: String, cx: &Context<'_>) -> Answer {
    let page = cx.facts.workspace.and_then(|workspace| task.page(workspace));
    let form = SendForm { task: task.id.clone(), page, text };
    Answer::run(FollowUp::Open(Box::new(Form::Send(form))))
}

fn task_about(message: &PointedMessage, text: String, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let id = TaskId::for_delivery(&cx.origin.delivery);
    let thread = cx.origin.place.as_ref().and_then(|place| place.root.clone());
    let root = thread.clone().unwrap_or_else(|| message.ts.clone());
    let mut ask = Request { prompt: text, ..Request::default() };
    let is_own = message.author.as_ref() == Some(&cx.actor.user);
    if !is_own {
        // What someone else wrote was not written for Jules.
        ask.options.plan = Some(PlanMode::Ask);
    }
    let reads = Reads {
        thread: Some(root.clone()),
        files: message.files.clone(),
        goes_along: thread.is_some(),
        ..Reads::default()
    };
    let entrance = Entrance {
        way: Way::MessageShortcut,
        root: Some(root.clone()),
        message: Some(message.ts.clone()),
        reads: Some(reads),
        hears: Hears::Mentions,
        ..Entrance::default()
    };
    let task = task_of(id.clone(), ask.clone(), entrance, Start::Draft(Vec::new()), cx);
    let Form::Task(mut form) = form_of(id, ask, facts, None) else { return Answer::nothing() };
    form.about = Some(AboutMessage {
        author: message.author.clone(),
        channel: cx.origin.channel().cloned(),
        in_thread: thread.is_some(),
        ..AboutMessage::default()
    });
    let follow_up = match cx.origin.channel().cloned() {
        Some(channel) => {
            let thread = ThreadOf { channel, root };
            FollowUp::OpenOnMessage(Box::new(form), thread)
        }
        None => FollowUp::Open(Box::new(Form::Task(form))),
    };
    Answer {
        write: Some(Write::Task(Box::new(task))),
        follow_up: Some(follow_up),
        ..Answer::nothing()
    }
}

/// The text with the names of what is attached to it: only the text is sent on.
fn with_names(text: String, files: &[FileRef]) -> String {
    let parts = Some(text).filter(|text| !text.is_empty()).into_iter();
    parts.chain(not_passed_on(files)).collect::<Vec<_>>().join("\n\n")
}
