//! Which answer belongs to which inbound.

use super::bind::{bind, bind_form, unbind};
use super::start::{form_of, start, task_form};
use super::{
    Answer, Denied, Facts, FollowUp, Inbound, Origin, Reply, Right, Verb, accept, admit, follow,
    is_aside, may, task_actions,
};
use crate::command::{Command, Request, read};
use crate::ids::TaskId;
use crate::message::{Notice, Scope};
use crate::offer::{Offer, StaleOffer};
use crate::repo::{self, RepoRef, Source};
use crate::task::{Click, Input};
use crate::tenant::Actor;
use jiff::Timestamp;

/// Who asks, from where, and what is known.
pub(super) struct Context<'a> {
    pub(super) actor: &'a Actor,
    pub(super) origin: &'a Origin,
    pub(super) facts: &'a Facts<'a>,
    pub(super) now: Timestamp,
}

impl Context<'_> {
    pub(super) fn click(&self) -> Click {
        Click {
            delivery: self.origin.delivery.clone(),
            by: self.actor.user.clone(),
            reply: self.origin.reply.to().cloned(),
        }
    }
}

/// The answer to something that came in.
#[must_use]
pub fn handle(
    inbound: &Inbound,
    actor: &Actor,
    origin: &Origin,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    let cx = Context { actor, origin, facts, now };
    if let Err(denied) = admit(inbound, actor, origin, facts.task) {
        return refuse(denied, inbound, &cx);
    }
    match inbound {
        Inbound::Command(words) => command(&words.spelled(facts.names), &cx),
        Inbound::CommandTooLong => Answer::notice(Notice::TooLong),
        Inbound::Run(offer) => run(offer, &cx),
        Inbound::Press(id, verb) => press(id, verb, &cx),
        Inbound::More(scope, after) => list(*scope, Some(after.clone())),
        Inbound::TaskForm(id, filled) => task_form(id, filled, &cx),
        Inbound::BindForm(channel, filled) => bind_form(channel.clone(), filled.clone(), &cx),
        Inbound::AnswerForm(id, question, text) => {
            task_actions::answer_form(id, *question, text, &cx)
        }
        Inbound::ChangesForm(id, plan, text) => task_actions::changes_form(id, plan, text, &cx),
        Inbound::TurnPage { task, page, view } => {
            Answer::run(FollowUp::ShowChanges(task.clone(), *page, Some(view.clone())))
        }
        Inbound::FollowForm(channel, session) => {
            follow::picked(channel.clone(), session.as_ref(), &cx)
        }
        Inbound::TurnMessages { task, page, view } => {
            Answer::run(FollowUp::ShowMessages(task.clone(), *page, Some(view.clone())))
        }
        Inbound::Picked(picked) => Answer::run(FollowUp::Redraw(picked.clone())),
        Inbound::Search(search) => {
            Answer { reply: Reply::Options(search.clone()), ..Answer::nothing() }
        }
        Inbound::Message(message) => task_actions::message(message, &cx),
    }
}

/// What becomes of something that is not obeyed.
fn refuse(denied: Denied, inbound: &Inbound, cx: &Context<'_>) -> Answer {
    match (inbound, cx.facts.task, denied.notice()) {
        (Inbound::Search(_), ..) | (_, _, None) => Answer::nothing(),
        // Someone who only reads along is told once for the whole thread.
        (Inbound::Message(message), Some(task), Some(_)) if !is_aside(&message.text(cx.facts)) => {
            Answer::input(task.id.clone(), Input::Outsider(cx.click()))
        }
        (
            Inbound::Message(_)
            | Inbound::Picked(_)
            | Inbound::TurnPage { .. }
            | Inbound::TurnMessages { .. },
            ..,
        ) => Answer::nothing(),
        (_, _, Some(notice)) => Answer::notice(notice),
    }
}

/// A corrected command runs once, for its author, where it was typed.
fn run(offer: &Offer, cx: &Context<'_>) -> Answer {
    if let Err(stale) = offer.accepts(&cx.actor.user, cx.origin.channel(), cx.now) {
        return Answer::notice(Notice::OfferNotRun(stale));
    }
    if cx.facts.seen {
        return Answer::notice(Notice::OfferNotRun(StaleOffer::Used));
    }
    command(offer.text(), cx)
}

fn command(text: &str, cx: &Context<'_>) -> Answer {
    let reading = read(text);
    match reading.settle(|doubt| accept::accepts(doubt, &reading, cx.facts)) {
        Ok(command) => handle_command(command, cx),
        Err(error) => {
            let offered = |text| Offer::new(text, &cx.actor.user, cx.origin.channel(), cx.now);
            let offer = error.corrected().and_then(offered);
            Answer::notice(Notice::CommandError { error, offer })
        }
    }
}

fn handle_command(command: Command, cx: &Context<'_>) -> Answer {
    if let Err(denied) = may(cx.actor, right(&command)) {
        return denied.notice().map_or_else(Answer::nothing, Answer::notice);
    }
    match command {
        Command::OpenForm => start(Request::default(), cx),
        Command::Start(ask) => start(ask, cx),
        Command::Help => Answer::notice(Notice::Help),
        Command::Bind(args) => bind(args, cx),
        Command::Unbind => unbind(cx),
        Command::Bindings => Answer::run(FollowUp::Bindings),
        Command::Repos { filter } => repos(filter, cx.facts),
        Command::List => list(Scope::Channel, None),
        Command::Status => list(Scope::Mine, None),
        Command::Stop => list(Scope::Open, None),
        Command::Approve => list(Scope::Waiting, None),
        Command::Follow { session } => follow::follow(session, cx),
        Command::Version => Answer::notice(Notice::Version),
        Command::Settings => not_yet("settings"),
        Command::Key => not_yet("key"),
    }
}

fn right(command: &Command) -> Right {
    match command {
        Command::OpenForm | Command::Start(_) | Command::Follow { .. } => Right::Start,
        Command::Bind(_) | Command::Unbind => Right::Bind,
        Command::Help
        | Command::Bindings
        | Command::Repos { .. }
        | Command::List
        | Command::Status
        | Command::Stop
        | Command::Approve
        | Command::Version
        | Command::Settings
        | Command::Key => Right::See,
    }
}

/// What a button does. Whether it still means something is for the task to say.
fn press(id: &TaskId, verb: &Verb, cx: &Context<'_>) -> Answer {
    let Some(task) = cx.facts.task else {
        return Answer::notice(match verb {
            Verb::Choose(_) | Verb::Resume | Verb::OpenForm => Notice::FormExpired,
            Verb::FollowHere | Verb::MoveHere | Verb::CancelFollow => Notice::FollowExpired,
            Verb::Approve(_)
            | Verb::AskChanges(_)
            | Verb::Stop
            | Verb::AskStop
            | Verb::Nudge
            | Verb::Retry
            | Verb::EditRetry
            | Verb::Answer(_)
            | Verb::ShowChanges(_)
            | Verb::ShowMessages(_) => Notice::TaskUnknown,
        });
    };
    match verb {
        Verb::Choose(_)
        | Verb::Resume
        | Verb::Approve(_)
        | Verb::Stop
        | Verb::Nudge
        | Verb::FollowHere
        | Verb::MoveHere
        | Verb::CancelFollow => Answer::input(id.clone(), Input::Press(cx.click(), verb.clone())),
        Verb::OpenForm => {
            let form = form_of(id.clone(), task.ask.clone(), cx.facts, None);
            Answer::run(FollowUp::Open(Box::new(form)))
        }
        Verb::AskChanges(plan) => task_actions::ask_changes(task, plan),
        Verb::Answer(question) => task_actions::ask_answer(task, *question),
        Verb::AskStop => task_actions::ask_stop(task),
        Verb::Retry => task_actions::retry(task, cx),
        Verb::EditRetry => task_actions::edit_retry(task, cx),
        Verb::ShowMessages(page) => Answer::run(FollowUp::ShowMessages(id.clone(), *page, None)),
        Verb::ShowChanges(page) => Answer::run(FollowUp::ShowChanges(id.clone(), *page, None)),
    }
}

fn list(scope: Scope, after: Option<String>) -> Answer {
    Answer::run(FollowUp::Tasks(scope, after))
}

fn not_yet(command: &str) -> Answer {
    Answer::notice(Notice::NotYet { command: command.to_owned() })
}

/// How many repositories one answer lists.
const LISTED: usize = 25;

fn repos(filter: Option<String>, facts: &Facts<'_>) -> Answer {
    match facts.sources {
        Some([]) => Answer::notice(Notice::NoSources),
        Some(sources) => Answer::notice(listing(filter, sources)),
        None => Answer::run(FollowUp::Repos(filter)),
    }
}

/// The connected repositories that a text finds, as something to say.
#[must_use]
pub fn listing(filter: Option<String>, sources: &[Source]) -> Notice {
    let found = repo::search_within(filter.as_deref().unwrap_or_default(), sources);
    let shown: Vec<RepoRef> = found.iter().take(LISTED).map(|source| source.repo.clone()).collect();
    Notice::Repos { filter, shown, total: found.len() }
}
