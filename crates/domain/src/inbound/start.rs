//! Starting a task: which repository and branch, as far as the cached list settles it, and what is
//! asked for otherwise.

use super::task_actions::start_edited;
use super::{Answer, Context, Facts, FollowUp, Reply, Write};
use crate::command::{ContextMode, Request};
use crate::form::{Field, FieldError, Form, FormValues, TaskForm};
use crate::ids::TaskId;
use crate::message::Notice;
use crate::repo::{
    Branch, Choice, Known, Missing, Resolution, Resolved, TargetReason, Wish, choose, find,
};
use crate::secret_text::holds_credential;
use crate::task::{Entrance, Input, MOST_CHOICES, Start, Task, Way};

pub(super) fn start(mut ask: Request, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    tell_as_the_channel_does(&mut ask, facts);
    let id = TaskId::for_delivery(&cx.origin.delivery);
    if cx.entrance.way != Way::Command {
        return start_from_message(id, ask, cx);
    }
    let chosen = if ask.prompt.trim().is_empty() {
        Choice::Person
    } else {
        choose(&wish(&ask, facts), &known(facts))
    };
    let (reply, follow_up, start) = match chosen {
        Choice::Settled(Resolved::NoSources) => return Answer::notice(Notice::NoSources),
        Choice::Settled(Resolved::Target(target)) => {
            let notice = Notice::Taken {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                why: target.why,
            };
            (Reply::Notice(Box::new(notice)), None, Start::At(target))
        }
        Choice::Ask(Missing::Source { source, .. }) => {
            if let (TargetReason::Binding, Some(binding)) = (source.why, facts.binding) {
                // Settled now, with the repository: the channel may be bound to another one before Jules answers.
                binding.complete(&mut ask.options);
            }
            (Reply::Lookup, None, Start::Resolve(Some(source)))
        }
        Choice::Settled(Resolved::Several(fits)) if fits.len() <= MOST_CHOICES => {
            let typed = ask.options.repo.clone().unwrap_or_default();
            let candidates = fits.clone();
            let choose = Notice::Choose { task: id.clone(), typed, candidates };
            (Reply::Notice(Box::new(choose)), None, Start::Draft(fits))
        }
        Choice::Settled(Resolved::Several(fits)) => {
            let typed = ask.options.repo.clone().unwrap_or_default();
            let many = Notice::ManyFit { task: id.clone(), typed, count: fits.len() };
            let form = form_of(id.clone(), ask.clone(), facts, Some(many));
            (Reply::Nothing, Some(FollowUp::Open(Box::new(form))), Start::Draft(fits))
        }
        Choice::Settled(Resolved::NoDefaultBranch(repo)) => {
            let note = Notice::NoDefaultBranch { task: None, repo };
            let form = form_of(id.clone(), ask.clone(), facts, Some(note));
            (Reply::Nothing, Some(FollowUp::Open(Box::new(form))), Start::Draft(Vec::new()))
        }
        Choice::Person => {
            let form = form_of(id.clone(), ask.clone(), facts, None);
            (Reply::Nothing, Some(FollowUp::Open(Box::new(form))), Start::Draft(Vec::new()))
        }
        // What only Jules can say is asked, whatever the cached list says.
        Choice::Ask(Missing::Repository(_))
        | Choice::Settled(
            Resolved::UnknownRepo(_)
            | Resolved::UnknownBranch { .. }
            | Resolved::UnknownPath { .. },
        ) => (Reply::Lookup, None, Start::Resolve(None)),
    };
    let task = new_task(id, ask, Entrance::default(), start, cx);
    Answer { reply, write: Some(Write::Task(Box::new(task))), follow_up }
}

/// A task that a message asks for. There is no way to open a form, and whoever wrote may not be looking any
/// more: what has to be asked is stored with the task, and asked afterwards.
fn start_from_message(id: TaskId, ask: Request, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let mut ask = ask;
    if ask.prompt.trim().is_empty() {
        return Answer::notice(Notice::HowToStart);
    }
    let start = match choose(&wish(&ask, facts), &known(facts)) {
        Choice::Settled(Resolved::NoSources) => return Answer::notice(Notice::NoSources),
        Choice::Settled(Resolved::Target(target)) => Some(Start::At(target)),
        Choice::Ask(Missing::Source { source, .. }) => {
            if let (TargetReason::Binding, Some(binding)) = (source.why, facts.binding) {
                binding.complete(&mut ask.options);
            }
            Some(Start::Resolve(Some(source)))
        }
        Choice::Person => None,
        Choice::Ask(Missing::Repository(_))
        | Choice::Settled(
            Resolved::Several(_)
            | Resolved::NoDefaultBranch(_)
            | Resolved::UnknownRepo(_)
            | Resolved::UnknownBranch { .. }
            | Resolved::UnknownPath { .. },
        ) => Some(Start::Resolve(None)),
    };
    let mut entrance = cx.entrance.clone();
    let is_direct = entrance.way == Way::DirectMessage;
    let goes_along = match ask.options.context {
        Some(mode) => mode == ContextMode::Thread,
        None => !is_direct,
    };
    if let Some(reads) = &mut entrance.reads {
        reads.goes_along = goes_along && reads.thread.is_some();
        // In a direct conversation nobody else writes.
        reads.thread.take_if(|_| is_direct && !goes_along);
    }
    entrance.reads.take_if(|reads| !reads.is_needed());
    let task = match start {
        Some(start) => new_task(id, ask, entrance, start, cx),
        None => {
            let mut task = new_task(id, ask, entrance, Start::Draft(Vec::new()), cx);
            task.ask_for_repository(cx.now);
            task
        }
    };
    Answer { write: Some(Write::Task(Box::new(task))), ..Answer::nothing() }
}

fn wish<'a>(ask: &'a Request, facts: &Facts<'a>) -> Wish<'a> {
    Wish { options: &ask.options, fixed: None, binding: facts.binding }
}

fn known<'a>(facts: &Facts<'a>) -> Known<'a> {
    Known { sources: facts.sources, ..Known::default() }
}

/// How much is told and who is notified belong to the channel, whichever repository the task is for.
pub(super) fn tell_as_the_channel_does(ask: &mut Request, facts: &Facts<'_>) {
    let Some(binding) = facts.binding else { return };
    ask.options.quiet = ask.options.quiet.or(binding.quiet);
    ask.options.ping = ask.options.ping.or(binding.ping);
    ask.options.context = ask.options.context.or(binding.context);
}

pub(super) fn new_task(
    id: TaskId,
    ask: Request,
    entrance: Entrance,
    start: Start,
    cx: &Context<'_>,
) -> Task {
    Task::new(
        id,
        cx.actor.team.clone(),
        cx.facts.account.clone(),
        cx.actor.user.clone(),
        cx.origin.channel().cloned(),
        cx.origin.reply.to().cloned(),
        ask,
        entrance,
        start,
        cx.now,
    )
}

/// The form, filled with what was typed and what follows from it.
pub(super) fn form_of(task: TaskId, ask: Request, facts: &Facts<'_>, note: Option<Notice>) -> Form {
    let typed = ask.options.repo.as_deref();
    let fixed = facts.task.and_then(|task| task.source.as_ref());
    let repo = match (fixed, typed, facts.sources) {
        (Some(fixed), _, _) => Some(fixed.repo.clone()),
        (None, Some(typed), Some(sources)) => match find(typed, sources) {
            Resolution::One(source) => Some(source.repo.clone()),
            Resolution::Several(_) | Resolution::None { .. } => None,
        },
        (None, Some(_), None) => None,
        (None, None, _) => facts.binding.map(|binding| binding.repo.clone()),
    };
    let bound = facts.binding.filter(|_| typed.is_none() && fixed.is_none());
    let branch = ask
        .options
        .branch
        .clone()
        .map(Branch)
        .or_else(|| bound.and_then(|binding| binding.branch.clone()))
        .filter(|_| repo.is_some());
    let mut ask = ask;
    if let Some(bound) = bound {
        bound.complete(&mut ask.options);
    }
    let asks_channel = facts.task.is_some_and(|task| task.channel.is_none());
    let note = note.or_else(|| facts.sources.is_none().then_some(Notice::NoListYet));
    Form::Task(TaskForm {
        task,
        ask,
        repo,
        branch,
        asks_channel,
        about: None,
        note: note.map(Box::new),
    })
}

pub(super) fn task_form(id: &TaskId, filled: &FormValues, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let kept = facts.task.map(|task| task.ask.clone()).unwrap_or_default();
    let mut ask = filled.ask(&kept);
    tell_as_the_channel_does(&mut ask, facts);
    // A draft that has a channel keeps it, unless its form asks for another: where the bot is not in it.
    let kept = facts.task.and_then(|task| task.channel.clone());
    let channel = filled.channel.clone().or(kept);
    // The draft is forgotten after a day, and with it where to post and a prompt no field takes.
    if facts.task.is_none() && (channel.is_none() || filled.prompt.is_none()) {
        return Answer::notice(Notice::FormExpired);
    }
    let mut errors = Vec::new();
    if ask.prompt.trim().is_empty() {
        errors.push((Field::Prompt, FieldError::NoPrompt));
    }
    if holds_credential(&ask.prompt) {
        errors.push((Field::Prompt, FieldError::Credential));
    }
    if ask.options.title.as_deref().is_some_and(holds_credential) {
        errors.push((Field::Title, FieldError::Credential));
    }
    if channel.is_none() {
        errors.push((Field::Channel, FieldError::NoChannel));
    }
    let start = match form_start(&ask, facts) {
        Ok(start) => start,
        Err(error) => {
            errors.push(error);
            return Answer::errors(errors);
        }
    };
    if !errors.is_empty() {
        return Answer::errors(errors);
    }
    let edited = facts.task.and_then(|task| Some((task, task.retry_of.as_ref()?)));
    if let Some((draft, retry_of)) = edited
        && !draft.is_successor()
    {
        return start_edited(draft, retry_of, (ask, channel, start), cx);
    }
    let write = match facts.task {
        Some(_) => Write::Input(id.clone(), Box::new(Input::FormValues { ask, channel, start })),
        // What the form holds is enough.
        None => {
            let mut task = new_task(id.clone(), ask, Entrance::default(), start, cx);
            task.channel = channel;
            Write::Task(Box::new(task))
        }
    };
    Answer { write: Some(write), ..Answer::nothing() }
}

/// How a sent form begins; what is wrong stands at its field.
fn form_start(ask: &Request, facts: &Facts<'_>) -> Result<Start, (Field, FieldError)> {
    if ask.options.repo.is_none() {
        return Err((Field::Repository, FieldError::NoRepo));
    }
    let typed = || ask.options.branch.clone().unwrap_or_default();
    match choose(&wish(ask, facts), &known(facts)) {
        Choice::Settled(Resolved::Target(target)) => Ok(Start::At(target)),
        Choice::Settled(Resolved::UnknownBranch { nearest, .. })
        | Choice::Ask(Missing::Source { nearest: Some(nearest), .. }) => {
            Err((Field::Branch, FieldError::UnknownBranch(typed(), nearest)))
        }
        Choice::Settled(Resolved::NoDefaultBranch(_)) => {
            Err((Field::Branch, FieldError::NoDefaultBranch))
        }
        Choice::Ask(Missing::Source { source, nearest: None }) => Ok(Start::Resolve(Some(source))),
        Choice::Settled(
            Resolved::Several(_)
            | Resolved::UnknownRepo(_)
            | Resolved::UnknownPath { .. }
            | Resolved::NoSources,
        )
        | Choice::Ask(Missing::Repository(_))
        | Choice::Person => Ok(Start::Resolve(None)),
    }
}
