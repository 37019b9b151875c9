//! Which answer belongs to which inbound.

use super::bind::{bind, bind_form, unbind};
use super::settings::{settings, settings_form, show_settings};
use super::start::{form_of, start, task_form};
use super::verb::Kind;
use super::{
    Answer, Facts, FollowUp, Inbound, Origin, Reply, ReplyRoute, Verb, WhyHome, Write, accept,
    admit, admit_write, follow, home, key, message, pulls, shortcut, task_actions,
};
use crate::command::{Command, CommandError, Request, read};
use crate::form::{ContextView, Field, FieldError, Form};
use crate::ids::TaskId;
use crate::message::{Notice, Scope};
use crate::offer::{Offer, StaleOffer};
use crate::policy::{Denied, KeyUse, Refusal, Right};
use crate::repo::{self, RepoRef, Source};
use crate::task::{Click, Entrance, Input};
use crate::tenant::{Actor, Whose};
use jiff::Timestamp;

/// Who asks, from where, and what is known.
pub(super) struct Context<'a> {
    pub(super) actor: &'a Actor,
    pub(super) origin: &'a Origin,
    pub(super) facts: &'a Facts<'a>,
    pub(super) now: Timestamp,
    /// How a task comes in that this starts.
    pub(super) entrance: Entrance,
}

impl<'a> Context<'a> {
    /// The same, for a task that comes in this way.
    pub(super) fn with(&self, entrance: Entrance) -> Context<'a> {
        Context {
            actor: self.actor,
            origin: self.origin,
            facts: self.facts,
            now: self.now,
            entrance,
        }
    }

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
    let cx = Context { actor, origin, facts, now, entrance: Entrance::default() };
    let answer = match admit(inbound, actor, origin, facts.task, &facts.access) {
        Ok(()) => permitted(obey(inbound, &cx), inbound, &cx),
        Err(denied) => refuse(&denied, inbound, &cx),
    };
    match origin.reply {
        ReplyRoute::Home => home::at_home(answer, inbound, &cx),
        ReplyRoute::Command(_)
        | ReplyRoute::Form
        | ReplyRoute::Button { .. }
        | ReplyRoute::Message
        | ReplyRoute::Shortcut(_) => answer,
    }
}

/// The answer, unless what it would store may not be.
fn permitted(answer: Answer, inbound: &Inbound, cx: &Context<'_>) -> Answer {
    let begins = match &answer.write {
        Some(Write::Task(_)) => !matches!(inbound, Inbound::NewTask),
        Some(Write::Input(_, input)) => matches!(**input, Input::FormValues { .. }),
        _ => false,
    };
    // It may say which repository, or that plans need approval.
    if begins && cx.facts.is_binding_damaged {
        return not_begun(Notice::BindingUnreadable, inbound, cx);
    }
    if begins && cx.facts.accounts.is_empty() {
        let channel = inbound.channel(cx.facts.task, cx.origin);
        let here = cx.facts.access.policy.here(&cx.actor.team, channel);
        let of_workspace = here.keys().0 == KeyUse::OwnFirst;
        return not_begun(Notice::NoAccount { of_workspace }, inbound, cx);
    }
    let bound = cx.facts.binding.map(|binding| &binding.repo);
    let Err(denied) = admit_write(&answer, cx.actor, bound, &cx.facts.access) else {
        return answer;
    };
    match (inbound, &denied) {
        // At its field, where nothing that was typed is lost.
        (Inbound::TaskForm(..) | Inbound::BindForm(..), Denied::Refused(refusal)) => {
            match &**refusal {
                Refusal::Repo { repo, .. } => {
                    Answer::errors(vec![(Field::Repository, FieldError::NotUsable(repo.clone()))])
                }
                _ => refuse(&denied, inbound, cx),
            }
        }
        (_, _) => refuse(&denied, inbound, cx),
    }
}

/// The answer to someone for whom nothing can begin, in place of what would.
fn not_begun(notice: Notice, inbound: &Inbound, cx: &Context<'_>) -> Answer {
    let answer = Answer::notice(notice);
    if matches!(inbound, Inbound::Message(_)) { message::once(answer, cx) } else { answer }
}

/// The answer to something that is obeyed.
fn obey(inbound: &Inbound, cx: &Context<'_>) -> Answer {
    match inbound {
        Inbound::Command(words) => command(&words.spelled(cx.facts.names), cx),
        Inbound::CommandTooLong => Answer::notice(Notice::TooLong),
        Inbound::Run(offer) => run(offer, cx),
        Inbound::Press(id, verb) => press(id, verb, cx),
        Inbound::More(scope, after) => list(*scope, Some(after.clone())),
        Inbound::TaskForm(id, filled) => task_form(id, filled, cx),
        Inbound::BindForm(channel, filled) => bind_form(channel.clone(), filled.clone(), cx),
        Inbound::AnswerForm(id, question, text) => {
            task_actions::answer_form(id, *question, text, cx)
        }
        Inbound::ChangesForm(id, plan, text) => task_actions::changes_form(id, plan, text, cx),
        Inbound::SettingsForm { whose, channel, values } => {
            settings_form(*whose, channel.as_ref(), values, cx)
        }
        Inbound::ShowSettings { whose, channel, view, hash } => {
            show_settings(*whose, channel.as_ref(), (view.as_str(), hash.as_ref()), None, cx)
        }
        Inbound::TurnPage { task, page, view } => {
            Answer::run(FollowUp::ShowChanges(task.clone(), *page, Some(view.clone())))
        }
        Inbound::FollowForm(channel, session) => {
            follow::picked(channel.clone(), session.as_ref(), cx)
        }
        Inbound::TurnMessages { task, page, view } => {
            Answer::run(FollowUp::ShowMessages(task.clone(), *page, Some(view.clone())))
        }
        Inbound::Picked(picked) => Answer::run(FollowUp::Redraw(picked.clone())),
        Inbound::Search(search) => {
            Answer { reply: Reply::Options(search.clone()), ..Answer::nothing() }
        }
        Inbound::Message(message) => message::message(message, cx),
        Inbound::HomeOpened => Answer::run(FollowUp::Home(WhyHome::Opened)),
        Inbound::NewTask => home::new_task_form(cx),
        Inbound::SendToJules(message) => shortcut::send_to_jules(message, cx),
        Inbound::SendForm(id, text) => task_actions::send_form(id, text, cx),
        Inbound::KeyForm(whose, values) => key::form(*whose, values, cx),
    }
}

/// What becomes of something that is not obeyed.
fn refuse(denied: &Denied, inbound: &Inbound, cx: &Context<'_>) -> Answer {
    match (inbound, cx.facts.task, denied.notice()) {
        (Inbound::Search(_), ..) | (_, _, None) => Answer::nothing(),
        (Inbound::Message(message), _, Some(notice)) => message::refuse(message, notice, cx),
        (
            Inbound::Picked(_)
            | Inbound::TurnPage { .. }
            | Inbound::TurnMessages { .. }
            | Inbound::HomeOpened,
            ..,
        ) => Answer::nothing(),
        // A button in a view can be answered only in the view.
        (Inbound::ShowSettings { channel, view, hash, .. }, _, Some(notice)) => match denied {
            Denied::NotManager(_) | Denied::Refused(_) => {
                let view = (view.as_str(), hash.as_ref());
                show_settings(Whose::Mine, channel.as_ref(), view, Some(notice), cx)
            }
            Denied::App
            | Denied::Stranger
            | Denied::Deactivated
            | Denied::Elsewhere
            | Denied::NotTheirs => Answer::nothing(),
        },
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
    let place = cx.origin.place.as_ref();
    let thread = place.and_then(|place| Some((place.root.as_ref()?, place.channel.is_dm())));
    match thread {
        Some((root, is_dm)) => {
            let holder = cx.facts.task.filter(|task| !task.is_draft());
            let entrance = match holder {
                // One thread is one session.
                Some(task) => message::beside(task, is_dm, cx),
                None => message::from_thread(root, is_dm),
            };
            command(offer.text(), &cx.with(entrance))
        }
        None => command(offer.text(), cx),
    }
}

/// What a text means as a command.
pub(super) fn reading_of(text: &str, cx: &Context<'_>) -> Result<Command, CommandError> {
    read(text).settle(|doubt, reading| accept::accepts(doubt, reading, cx.facts))
}

pub(super) fn command(text: &str, cx: &Context<'_>) -> Answer {
    match reading_of(text, cx) {
        Ok(command) => handle_command(command, cx),
        Err(error) => {
            let offered = |text| Offer::new(text, &cx.actor.user, cx.origin.channel(), cx.now);
            let offer = error.corrected().and_then(offered);
            Answer::notice(Notice::CommandError { error, offer })
        }
    }
}

pub(super) fn handle_command(command: Command, cx: &Context<'_>) -> Answer {
    if let Err(denied) = cx.facts.access.may(cx.actor, right(&command), cx.origin.channel()) {
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
        Command::Settings => settings(cx),
        Command::Access => Answer::run(FollowUp::Access(cx.origin.channel().cloned())),
        Command::Key(whose) => key::open(whose, cx),
    }
}

fn right(command: &Command) -> Right {
    match command {
        Command::OpenForm
        | Command::Start(_)
        | Command::Follow { .. }
        | Command::Key(Whose::Mine) => Right::Start,
        Command::Key(Whose::Workspace) => Right::Manage,
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
        | Command::Access => Right::See,
    }
}

/// What a button does. Whether it still means something is for the task to say.
fn press(id: &TaskId, verb: &Verb, cx: &Context<'_>) -> Answer {
    let Some(task) = cx.facts.task else {
        return Answer::notice(match verb.spec().of {
            Kind::Follow => Notice::FollowExpired,
            Kind::Draft => Notice::FormExpired,
            Kind::Begun => Notice::TaskUnknown,
        });
    };
    match verb {
        // It was asked about long ago, and its author was told that nothing came of it.
        Verb::Choose(_) | Verb::Begin if task.is_draft() && !task.is_on_offer() => {
            Answer::notice(Notice::OfferOver)
        }
        Verb::Choose(_) | Verb::Begin if task.is_direct() => Answer {
            follow_up: Some(FollowUp::ConfirmDirect(None)),
            ..Answer::input(id.clone(), Input::Press(cx.click(), verb.clone()))
        },
        Verb::OpenForm => {
            let form = form_of(id.clone(), task.ask.clone(), cx.facts, None);
            Answer::run(FollowUp::Open(Box::new(form)))
        }
        Verb::AskChanges(plan) => task_actions::ask_changes(task, plan),
        Verb::Answer(question) => task_actions::ask_answer(task, *question),
        Verb::StartInstead(number) => pulls::start_instead(task, *number, cx),
        Verb::SendReview(review) => pulls::send_review(task, Some(*review)),
        Verb::SendChecks => pulls::send_review(task, None),
        Verb::NotNow(review) => pulls::not_now(task, *review, cx),
        Verb::AskStop => task_actions::ask_stop(task),
        Verb::Retry => task_actions::retry(task, cx),
        Verb::EditRetry => task_actions::edit_retry(task, cx),
        Verb::ShowMessages(page) => Answer::run(FollowUp::ShowMessages(id.clone(), *page, None)),
        Verb::ShowChanges(page) => Answer::run(FollowUp::ShowChanges(id.clone(), *page, None)),
        Verb::ShowContext => Answer::run(FollowUp::Open(Box::new(Form::Context(ContextView {
            text: task.entrance.material.as_ref().and_then(|one| one.thread.open().cloned()),
        })))),
        // The task decides: each verb has its arm in `decide`.
        act => Answer::input(id.clone(), Input::Press(cx.click(), act.clone())),
    }
}

fn list(scope: Scope, after: Option<String>) -> Answer {
    Answer::run(FollowUp::Tasks(scope, after))
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
