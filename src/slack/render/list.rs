//! Lists of tasks: what a person has going on, with buttons that act.

use super::card::{duration, links, retry, status_words, stop};
use super::{branch_name, harmless, name};
use crate::domain::inbound::Verb;
use crate::domain::message::{Listing, Scope, TaskRow};
use crate::domain::quota::Quota;
use crate::domain::session::SessionState;
use crate::domain::task::CardStatus;
use crate::domain::watch::Usage;
use crate::slack::action::Action;
use crate::slack::blocks::{actions, button, context, primary, section};
use crate::slack::client::Content;
use crate::slack::mrkdwn::{self, cut};
use slack_morphism::prelude::*;

/// How much of a title a row shows.
const TITLE: usize = 100;

/// A page of a list: at most ten tasks of two blocks each, within Slack's 50.
pub(super) fn content(listing: &Listing) -> Content {
    let text = words(listing);
    let mut blocks = vec![section(&format!("*{}*{}", heading(listing), usage(listing)))];
    if listing.rows.is_empty() {
        blocks.push(section(nothing(listing.scope)));
    }
    for row in &listing.rows {
        blocks.push(section(&line(row, listing.scope)));
        let buttons = buttons(row);
        if !buttons.is_empty() {
            blocks.push(actions(&format!("row-{}", row.card.task), buttons));
        }
    }
    if let Some(next) = &listing.next {
        let more = button("Older tasks", &Action::More(listing.scope, next.clone()));
        blocks.push(actions("more", vec![more]));
    } else if !listing.rows.is_empty() {
        blocks.push(context("That is all of them, newest first."));
    }
    Content { text, blocks }
}

/// The list in words alone.
pub(super) fn words(listing: &Listing) -> String {
    let mut lines = vec![format!("{}{}", heading(listing), usage(listing))];
    if listing.rows.is_empty() {
        lines.push(nothing(listing.scope).to_owned());
    }
    lines.extend(listing.rows.iter().map(|row| line(row, listing.scope)));
    lines.join("\n")
}

fn heading(listing: &Listing) -> &'static str {
    match listing.scope {
        Scope::Channel => "Tasks of this channel",
        Scope::Mine => "Your tasks",
        Scope::Open => "Your open tasks",
        Scope::Waiting => "Your tasks that are waiting for someone",
    }
}

fn nothing(scope: Scope) -> &'static str {
    match scope {
        Scope::Channel => "There is none yet. Start one with `/jules what to do`.",
        Scope::Mine => "You have none yet. Start one with `/jules what to do`.",
        Scope::Open => "You have no open tasks, so there's nothing to stop.",
        Scope::Waiting => "None of your tasks is waiting for anyone.",
    }
}

/// What the account used, against what it may use when that is known.
fn usage(listing: &Listing) -> String {
    let Some(Usage { today, running, at_least, at: _ }) = listing.usage else {
        return "\nJules does not tell just now how much of its limit is used.".to_owned();
    };
    let or_more = if at_least { "+" } else { "" };
    let candidates = |limits: &Quota| today <= limits.a_day && running <= limits.at_once;
    match listing.limits.filter(candidates) {
        Some(Quota { a_day, at_once }) => {
            format!("\n{today}{or_more} of {a_day} today, {running} of {at_once} running")
        }
        None => format!("\n{today}{or_more} today, {running} running"),
    }
}

fn line(row: &TaskRow, scope: Scope) -> String {
    let card = &row.card;
    let (emoji, status) = status_words(&card.status);
    // Escaped once, by whichever of the two it goes through.
    let words = cut(&card.title, TITLE);
    let words = if harmless(&words).is_empty() { "Jules task".to_owned() } else { words };
    let title = match &row.thread {
        Some(thread) => mrkdwn::link(thread, &words).into_string(),
        None => harmless(&words),
    };
    let place = match scope {
        Scope::Channel => format!("<@{}>", card.author),
        Scope::Mine | Scope::Open | Scope::Waiting => format!("<#{}>", row.channel),
    };
    let step = card.step.as_ref().map(|step| format!(", step {} of {}", step.at, step.of));
    format!(
        "*{title}*\n{emoji} {status}{}\n{place} · {} · {} · {} ago",
        step.unwrap_or_default(),
        name(&card.repo),
        branch_name(&card.branch),
        duration(row.age)
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
