//! Lists of tasks: what a person has going on, with buttons that act.

use super::card::{duration, links, retry, status_words, stop};
use super::{branch_name, name};
use crate::action::Action;
use crate::blocks::{actions, button, context, primary};
use crate::client::Content;
use crate::rich_text::{Line, Rich, cut, link, say};
use domain::inbound::Verb;
use domain::message::{Listing, Scope, TaskRow};
use domain::quota::Quota;
use domain::session::SessionState;
use domain::task::CardStatus;
use domain::watch::Usage;
use slack_morphism::prelude::*;

/// How much of a title a row shows.
const TITLE: usize = 100;

/// A page of a list: at most ten tasks of two blocks each, within Slack's 50.
pub(super) fn content(listing: &Listing) -> Content {
    let text = words(listing).notification();
    let mut head = Rich::from(heading(listing).bold()).line(usage(listing));
    if listing.rows.is_empty() {
        head = head.line(nothing(listing.scope));
    }
    let mut blocks = head.blocks();
    for row in &listing.rows {
        blocks.extend(lines(row, listing.scope).blocks());
        let buttons = buttons(row);
        if !buttons.is_empty() {
            blocks.push(actions(&format!("row-{}", row.card.task), buttons));
        }
    }
    if let Some(next) = &listing.next {
        let more = button("Older tasks", &Action::More(listing.scope, next.clone()));
        blocks.push(actions("more", vec![more]));
    } else if !listing.rows.is_empty() {
        blocks.push(context(&say!("That is all of them, newest first.")));
    }
    Content { text, blocks }
}

/// The list in words alone.
pub(super) fn words(listing: &Listing) -> Rich {
    let mut rich = Rich::from(heading(listing)).line(usage(listing));
    if listing.rows.is_empty() {
        rich = rich.line(nothing(listing.scope));
    }
    listing.rows.iter().map(|row| lines(row, listing.scope)).fold(rich, Rich::and)
}

fn heading(listing: &Listing) -> Line {
    match listing.scope {
        Scope::Channel => say!("Tasks of this channel"),
        Scope::Mine => say!("Your tasks"),
        Scope::Open => say!("Your open tasks"),
        Scope::Waiting => say!("Your tasks that are waiting for someone"),
    }
}

fn nothing(scope: Scope) -> Line {
    match scope {
        Scope::Channel => say!("There is none yet. Start one with `/jules what to do`."),
        Scope::Mine => say!("You have none yet. Start one with `/jules what to do`."),
        Scope::Open => say!("You have no open tasks, so there's nothing to stop."),
        Scope::Waiting => say!("None of your tasks is waiting for anyone."),
    }
}

/// What the account used, against what it may use when that is known.
fn usage(listing: &Listing) -> Line {
    let Some(Usage { today, running, at_least, at: _ }) = listing.usage else {
        return say!("Jules does not tell just now how much of its limit is used.");
    };
    let or_more = if at_least { "+" } else { "" };
    let candidates = |limits: &Quota| today <= limits.a_day && running <= limits.at_once;
    match listing.limits.filter(candidates) {
        Some(Quota { a_day, at_once }) => {
            say!("{}{} of {} today, {} of {} running", today, or_more, a_day, running, at_once)
        }
        None => say!("{}{} today, {} running", today, or_more, running),
    }
}

fn lines(row: &TaskRow, scope: Scope) -> Rich {
    let card = &row.card;
    let title = Line::one(&cut(&card.title, TITLE));
    let title = if title.is_blank() { say!("Jules task") } else { title };
    let title = match &row.thread {
        Some(thread) => link(thread, &title.words()),
        None => title,
    };
    let place = match scope {
        Scope::Channel => Line::from(&card.author),
        Scope::Mine | Scope::Open | Scope::Waiting => Line::from(&row.channel),
    };
    let step = card.step.as_ref().map(|step| say!(", step {} of {}", step.at, step.of));
    Rich::from(title.bold()).line(status_words(&card.status).and(step.unwrap_or_default())).line(
        say!(
            "{} · {} · {} · {} ago",
            place,
            name(&card.repo),
            branch_name(&card.branch),
            duration(row.age)
        ),
    )
}

fn buttons(row: &TaskRow) -> Vec<SlackBlockButtonElement> {
    let card = &row.card;
    let mut buttons = Vec::new();
    if let Some(plan) = &row.plan {
        buttons.push(primary(button(
            "Approve",
            &Action::Press(card.task.clone(), Verb::Approve(plan.clone())),
        )));
    }
    buttons.extend(links(card));
    match &card.status {
        CardStatus::Stopped(_) => {
            buttons.push(button("Try again", &Action::Press(card.task.clone(), Verb::Resume)));
        }
        CardStatus::Session(SessionState::Failed) | CardStatus::Archived(_) | CardStatus::Gone => {
            buttons.extend(retry(&card.task).into_iter().filter(|_| card.retried.is_none()));
        }
        CardStatus::Session(SessionState::Completed)
        | CardStatus::Finished { .. }
        | CardStatus::Stopping(_) => {}
        CardStatus::Starting
        | CardStatus::Held(_)
        | CardStatus::InQueue(_)
        | CardStatus::Session(_) => {
            buttons.push(stop(&card.task, card.url.is_some()));
        }
    }
    buttons
}
