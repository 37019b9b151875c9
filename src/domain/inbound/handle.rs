//! Which answer belongs to which inbound.

use super::bind::{bind, bind_form, unbind};
use super::start::{form_of, start, task_form};
use super::{Answer, Facts, FollowUp, Inbound, Sender, accept, task_actions};
use crate::domain::command::{Command, Request};
use crate::domain::ids::TaskId;
use crate::domain::message::{Notice, Scope};
use crate::domain::repo::{self, RepoRef, Source};
use crate::domain::task::{Click, Input};
use jiff::Timestamp;

/// The answer to something that came in.
#[must_use]
pub fn handle(inbound: Inbound, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match inbound {
        Inbound::Command(reading) => {
            match reading.settle(|doubt| accept::accepts(doubt, &reading, facts)) {
                Ok(command) => handle_command(command, sender, facts, now),
                Err(misspelt) => Answer::notice(Notice::CommandError(misspelt)),
            }
        }
        Inbound::TaskForm(id, filled) => task_form(id, &filled, sender, facts, now),
        Inbound::BindForm(channel, filled) => bind_form(channel, filled, sender, facts, now),
        Inbound::Choose(id, index) => {
            input(id, facts, Input::Chosen { delivery: sender.delivery.clone(), index })
        }
        Inbound::Resume(id) => {
            input(id, facts, Input::Resume { delivery: sender.delivery.clone() })
        }
        Inbound::OpenForm(id) => match facts.task {
            Some(task) => Answer {
                follow_up: Some(FollowUp::Open(Box::new(form_of(
                    id,
                    task.ask.clone(),
                    facts,
                    None,
                )))),
                ..Answer::nothing()
            },
            None => Answer::notice(Notice::FormExpired),
        },
        Inbound::Approve(id, plan) => {
            act(id, sender, facts, |click| Input::Approve { click, plan })
        }
        Inbound::AskChanges(id, plan) => task_actions::ask_changes(id, plan, facts),
        Inbound::ChangesForm(id, plan, text) => {
            task_actions::changes_form(id, plan, text, sender, facts)
        }
        Inbound::Stop(id) => act(id, sender, facts, Input::Stop),
        Inbound::Nudge(id) => act(id, sender, facts, Input::Nudge),
        Inbound::Retry(_) => task_actions::retry(sender, facts, now),
        Inbound::EditRetry(_) => task_actions::edit_retry(sender, facts, now),
        Inbound::Reply(id, written) => task_actions::reply(id, *written, sender, facts),
        Inbound::More(scope, after) => list(scope, Some(after)),
    }
}

/// Something that a person does with a task; whether it still means something is for the task to say.
pub(super) fn act(
    id: TaskId,
    sender: &Sender,
    facts: &Facts<'_>,
    input: impl FnOnce(Click) -> Input,
) -> Answer {
    if facts.task.is_none() {
        return Answer::notice(Notice::TaskUnknown);
    }
    Answer::input(id, input(click(sender)))
}

pub(super) fn click(sender: &Sender) -> Click {
    Click {
        delivery: sender.delivery.clone(),
        by: sender.user.clone(),
        reply: sender.reply.clone(),
    }
}

pub(super) fn list(scope: Scope, after: Option<String>) -> Answer {
    Answer { follow_up: Some(FollowUp::Tasks(scope, after)), ..Answer::nothing() }
}

pub(super) fn input(id: TaskId, facts: &Facts<'_>, input: Input) -> Answer {
    match facts.task {
        Some(_) => Answer::input(id, input),
        None => Answer::notice(Notice::FormExpired),
    }
}

fn handle_command(command: Command, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match command {
        Command::OpenForm => start(Request::default(), sender, facts, now),
        Command::Start(ask) => start(ask, sender, facts, now),
        Command::Help => Answer::notice(Notice::Help),
        Command::Bind(args) => bind(args, sender, facts, now),
        Command::Unbind => unbind(sender, facts, now),
        Command::Bindings => Answer::notice(Notice::Bindings(facts.bindings.to_vec())),
        Command::Repos { filter } => repos(filter, facts),
        Command::List => list(Scope::Channel, None),
        Command::Status => list(Scope::Mine, None),
        Command::Stop => list(Scope::Open, None),
        Command::Approve => list(Scope::Waiting, None),
        Command::Version => Answer::notice(Notice::Version),
        Command::Settings => not_yet("settings"),
        Command::Key => not_yet("key"),
    }
}

pub(super) fn not_yet(command: &str) -> Answer {
    Answer::notice(Notice::NotYet { command: command.to_owned() })
}

/// How many repositories one answer lists.
const LISTED: usize = 25;

pub(super) fn repos(filter: Option<String>, facts: &Facts<'_>) -> Answer {
    match facts.sources {
        Some([]) => Answer::notice(Notice::NoSources),
        Some(sources) => Answer::notice(listing(filter, sources)),
        None => Answer { follow_up: Some(FollowUp::Repos(filter)), ..Answer::nothing() },
    }
}

/// The connected repositories that a text finds, as something to say.
#[must_use]
pub fn listing(filter: Option<String>, sources: &[Source]) -> Notice {
    let found = repo::search_within(filter.as_deref().unwrap_or_default(), sources);
    let shown: Vec<RepoRef> = found.iter().take(LISTED).map(|source| source.repo.clone()).collect();
    Notice::Repos { filter, shown, total: found.len() }
}
