//! Starting a task: which repository and branch, as far as the cached list settles it, and what is
//! asked for otherwise.

use super::task_actions::start_edited;
use super::{Answer, Context, Facts, FollowUp, Reply, Write};
use crate::command::{ContextMode, Options, PlanMode, Request};
use crate::form::{Field, FieldError, Form, FormValues, TaskForm};
use crate::ids::TaskId;
use crate::issue_context::with_address;
use crate::message::Notice;
use crate::repo::{
    Branch, Choice, Known, Missing, Resolution, Resolved, Wish, choose, find, presumed,
};
use crate::secret_text::holds_credential;
use crate::task::{Entrance, Input, MOST_CHOICES, Start, Task, Way};
use crate::tenant::Role;

pub(super) fn start(mut ask: Request, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    complete(&mut ask, cx);
    let id = TaskId::for_delivery(&cx.origin.delivery);
    if cx.entrance.way != Way::Command {
        return start_from_message(id, ask, cx);
    }
    // Settled now for a repository that was typed or is picked with a button.
    let modes = facts.defaults().without_channel().modes();
    let chosen = if ask.prompt.trim().is_empty() {
        Choice::Person(Vec::new())
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
                skipped: target.skipped.clone(),
            };
            (Reply::Notice(Box::new(notice)), None, Start::At(target))
        }
        // What it is used with goes along: the channel may be bound to another one before Jules answers.
        Choice::Ask(Missing::Source { source, .. }) => {
            (Reply::Lookup, None, Start::Resolve(Some(source)))
        }
        Choice::Settled(Resolved::Several(fits)) if fits.len() <= MOST_CHOICES => {
            let typed = ask.options.repo.clone().unwrap_or_default();
            let candidates = fits.clone();
            let choose = Notice::Choose { task: id.clone(), typed, candidates };
            ask.options = ask.options.or(&modes);
            (Reply::Notice(Box::new(choose)), None, Start::Draft(fits))
        }
        Choice::Person(offered) if !offered.is_empty() => {
            let candidates: Vec<_> = offered.into_iter().take(MOST_CHOICES).collect();
            let total = facts.sources.map_or(0, <[_]>::len);
            let (task, candidates_again) = (id.clone(), candidates.clone());
            let pick = Notice::Pick { task, candidates: candidates_again, total };
            ask.options = ask.options.or(&modes);
            (Reply::Notice(Box::new(pick)), None, Start::Draft(candidates))
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
        Choice::Person(_) => {
            let form = form_of(id.clone(), ask.clone(), facts, None);
            (Reply::Nothing, Some(FollowUp::Open(Box::new(form))), Start::Draft(Vec::new()))
        }
        // What only Jules can say is asked, whatever the cached list says.
        Choice::Ask(Missing::Repository(_))
        | Choice::Settled(
            Resolved::UnknownRepo(_)
            | Resolved::UnknownBranch { .. }
            | Resolved::UnknownPath { .. }
            | Resolved::Gone(_),
        ) => {
            ask.options = ask.options.or(&modes);
            (Reply::Lookup, None, Start::Resolve(None))
        }
    };
    let task = new_task(id, ask, Entrance::default(), start, cx);
    Answer { reply, write: Some(Write::Task(Box::new(task))), follow_up }
}

/// A task that a message asks for. There is no way to open a form, and the author may not be looking any more:
/// what has to be asked is stored with the task, and asked afterwards.
fn start_from_message(id: TaskId, mut ask: Request, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    if ask.prompt.trim().is_empty() {
        return Answer::notice(Notice::HowToStart);
    }
    let start = match choose(&wish(&ask, facts), &known(facts)) {
        Choice::Settled(Resolved::NoSources) => return Answer::notice(Notice::NoSources),
        Choice::Settled(Resolved::Target(target)) => Some(Start::At(target)),
        Choice::Ask(Missing::Source { source, .. }) => Some(Start::Resolve(Some(source))),
        // Those that the text has addresses of are offered first, when all that may be meant are looked for.
        Choice::Person(_) => None,
        Choice::Ask(Missing::Repository(_))
        | Choice::Settled(
            Resolved::Several(_)
            | Resolved::NoDefaultBranch(_)
            | Resolved::UnknownRepo(_)
            | Resolved::UnknownBranch { .. }
            | Resolved::UnknownPath { .. }
            | Resolved::Gone(_),
        ) => Some(Start::Resolve(None)),
    };
    if !matches!(start, Some(Start::At(_) | Start::Resolve(Some(_)))) {
        ask.options = ask.options.or(&facts.defaults().without_channel().modes());
    }
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
    Wish { options: &ask.options, text: &ask.prompt, fixed: None, defaults: facts.defaults() }
}

fn known<'a>(facts: &Facts<'a>) -> Known<'a> {
    Known { sources: facts.sources, ..Known::default() }
}

/// How much is told and goes along belongs to the channel, and how the requester is notified to the channel and
/// to them, whichever repository the task is for. What the rules require nobody can choose otherwise.
pub(super) fn complete(ask: &mut Request, cx: &Context<'_>) {
    let facts = cx.facts;
    name_the_issue(ask, facts);
    let options = &mut ask.options;
    let here = facts.access.policy.here(&cx.actor.team, cx.origin.channel());
    if !here.context().0 {
        options.context = Some(ContextMode::None);
    }
    if matches!(cx.actor.role, Role::App(_)) {
        options.plan = Some(PlanMode::Ask);
    }
    options.quiet = options.quiet.or(facts.binding.and_then(|binding| binding.quiet));
    options.context = options.context.or(facts.binding.and_then(|binding| binding.context));
    options.ping = options.ping.or(facts.defaults().ping().map(|(ping, _)| ping));
}

/// `fix #12` means an issue of the repository that the channel is bound to.
fn name_the_issue(ask: &mut Request, facts: &Facts<'_>) {
    let Some(binding) = facts.binding else { return };
    let bound = binding.repo.to_string();
    let is_here = ask.options.repo.as_ref().is_none_or(|typed| typed.eq_ignore_ascii_case(&bound));
    if let Some(prompt) = with_address(&ask.prompt, &binding.repo).filter(|_| is_here) {
        ask.prompt = prompt;
    }
}

pub(super) fn new_task(
    id: TaskId,
    ask: Request,
    entrance: Entrance,
    start: Start,
    cx: &Context<'_>,
) -> Task {
    let by_app = match &cx.actor.role {
        Role::App(ids) => Some(ids.clone()),
        Role::Member | Role::External => None,
    };
    let entrance = Entrance { by_app, ..entrance };
    let account = cx.facts.account_for(start.repo());
    Task::new(
        id,
        cx.actor.team.clone(),
        account,
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
    let presumed =
        presumed(&wish(&ask, facts), &known(facts)).filter(|_| typed.is_none() && fixed.is_none());
    let repo = match (fixed, typed, facts.sources) {
        (Some(fixed), _, _) => Some(fixed.repo.clone()),
        (None, Some(typed), Some(sources)) => match find(typed, sources) {
            Resolution::One(source) => Some(source.repo.clone()),
            Resolution::Several(_) | Resolution::None { .. } => None,
        },
        (None, Some(_), None) => None,
        (None, None, _) => presumed.as_ref().map(|presumed| presumed.repo.clone()),
    };
    let modes = facts.defaults().without_channel().modes();
    let with = fixed.or(presumed.as_ref()).map_or(&modes, |source| &source.with);
    let options = ask.options.or(with).or(&modes);
    let branch = options.branch.clone().map(Branch).filter(|_| repo.is_some());
    // The request itself keeps the branch as it was typed.
    let options = Options { branch: ask.options.branch.clone(), ..options };
    let ask = Request { options, ..ask };
    let asks_channel = facts.task.is_some_and(|task| task.channel.is_none());
    let note = note.or_else(|| facts.sources.is_none().then_some(Notice::NoListYet));
    Form::Task(TaskForm {
        task,
        ask,
        repo,
        branch,
        asks_channel,
        about: None,
        // Elsewhere a channel can be bound.
        offers_default: facts.task.is_some_and(Task::is_direct) && lacks_default(facts),
        note: note.map(Box::new),
    })
}

fn lacks_default(facts: &Facts<'_>) -> bool {
    facts.person.is_none_or(|person| person.preferences.repo.is_none())
}

pub(super) fn task_form(id: &TaskId, filled: &FormValues, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let kept = facts.task.map(|task| task.ask.clone()).unwrap_or_default();
    let mut ask = filled.ask(&kept);
    complete(&mut ask, cx);
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
        Some(_) => {
            let account = facts.account_for(start.repo());
            let input = Input::FormValues { ask, channel, start, account };
            Write::Input(id.clone(), Box::new(input))
        }
        // What the form holds is enough.
        None => {
            let mut task = new_task(id.clone(), ask, Entrance::default(), start, cx);
            task.channel = channel;
            Write::Task(Box::new(task))
        }
    };
    let is_direct = facts.task.is_some_and(|task| task.is_direct());
    let picked = filled.repo.clone().filter(|_| filled.make_default);
    let follow_up = is_direct.then_some(FollowUp::ConfirmDirect(picked));
    Answer { write: Some(write), follow_up, ..Answer::nothing() }
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
            | Resolved::NoSources
            | Resolved::Gone(_),
        )
        | Choice::Ask(Missing::Repository(_))
        | Choice::Person(_) => Ok(Start::Resolve(None)),
    }
}
