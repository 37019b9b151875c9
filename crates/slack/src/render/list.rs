//! Lists of tasks: one line each, with a menu or a button.

use super::card::{headline, review, stop, title};
use super::follow::repository;
use crate::action::{Action, LinkTo, ROW};
use crate::blocks::{LONGEST_LABEL, actions, button, link_button, plain};
use crate::client::Content;
use crate::rich_text::{Line, Rich, say};
use domain::inbound::Verb;
use domain::message::{Listing, Scope, TaskRow};
use domain::quota::Quota;
use domain::session::SessionState;
use domain::task::{CardStatus, StepAt};
use domain::watch::Usage;
use slack_morphism::prelude::*;
use url::Url;

/// How much of a title a row shows.
const TITLE: usize = 80;

/// A menu takes at most this many options (slack-platform.md §8).
const MOST_OPTIONS: usize = 5;

/// A page of a list: at most ten tasks, a block each, within Slack's 50.
pub(super) fn content(listing: &Listing) -> Content {
    let text = words(listing).notification();
    let used = usage(listing.usage, listing.limits);
    let mut head = Rich::from(heading(listing).bold()).line(used);
    if listing.rows.is_empty() {
        head = head.line(nothing(listing.scope));
    }
    let mut blocks = head.blocks();
    blocks.extend(listing.rows.iter().map(|task| section(task, listing.scope)));
    if let Some(next) = &listing.next {
        let more = button("Older tasks", &Action::More(listing.scope, next.clone()));
        blocks.push(actions("more", vec![more]));
    }
    Content { text, blocks }
}

/// The list in words alone.
pub(super) fn words(listing: &Listing) -> Rich {
    let mut rich = Rich::from(heading(listing)).line(usage(listing.usage, listing.limits));
    if listing.rows.is_empty() {
        rich = rich.line(nothing(listing.scope));
    }
    let line = |task| what(task).and(" · ").and(state(task, listing.scope));
    listing.rows.iter().map(line).fold(rich, |rich, line| rich.item(None, line))
}

fn heading(listing: &Listing) -> Line {
    match listing.scope {
        Scope::Channel => say!("Tasks here"),
        Scope::Mine => say!("Your tasks"),
        Scope::Open => say!("Your open tasks"),
        Scope::Waiting => say!("Your tasks that are waiting for someone"),
    }
}

fn nothing(scope: Scope) -> Line {
    match scope {
        Scope::Channel => say!("No tasks yet. Try `/jules fix the login page`."),
        Scope::Mine => say!("You have no tasks yet. Try `/jules fix the login page`."),
        Scope::Open => say!("You have no open tasks, so there's nothing to stop."),
        Scope::Waiting => say!("None of your tasks is waiting for anyone."),
    }
}

/// What the account used, of what it may use when that is known.
pub(super) fn usage(usage: Option<Usage>, limits: Option<Quota>) -> Line {
    let Some(Usage { today, running, at_least, at: _ }) = usage else {
        return say!("Usage isn't available right now.");
    };
    let or_more = if at_least { "+" } else { "" };
    let allows = |limits: &Quota| today <= limits.a_day && running <= limits.at_once;
    match limits.filter(allows) {
        Some(Quota { a_day, at_once }) => say!(
            "{}{} of {} tasks today, {} of {} running",
            today,
            or_more,
            a_day,
            running,
            at_once
        ),
        None => say!("{}{} tasks today, {} running", today, or_more, running),
    }
}

/// A task on one line. Titles are people's words, and the only other text that Slack accepts here would
/// parse them: they stand in a field of their own.
fn section(task: &TaskRow, scope: Scope) -> SlackBlock {
    let mut section = SlackSectionBlock::new()
        .with_block_id(format!("row-{}", task.card.task).into())
        .with_fields(vec![
            SlackBlockText::from(plain(&what(task).words(), 200)),
            SlackBlockText::MarkDown(state(task, scope).mrkdwn_text()),
        ]);
    section.accessory = accessory(task, scope);
    section.into()
}

/// The task, by its title and its repository.
fn what(task: &TaskRow) -> Line {
    title(&task.card, TITLE).and(" · ").and(repository(&task.card).words())
}

/// How it is going, whose it is or where, and since when.
fn state(task: &TaskRow, scope: Scope) -> Line {
    let card = &task.card;
    let status = match (&card.status, &card.step) {
        (CardStatus::Session(SessionState::AwaitingPlanApproval), _) => {
            say!(":raised_hand: Plan ready for approval")
        }
        (CardStatus::Session(SessionState::AwaitingUserFeedback), _) => {
            say!(":raised_hand: Jules has a question")
        }
        (_, Some(StepAt { at, of, .. })) => say!("{}, step {} of {}", headline(card), *at, *of),
        (_, None) => headline(card),
    };
    let place = match scope {
        Scope::Channel => Line::from(&card.author),
        Scope::Mine | Scope::Open | Scope::Waiting => Line::from(&task.channel),
    };
    say!("{} · {} · {} ago", status, place, super::card::duration(task.age))
}

/// What a list is for is one click away; everything else is in the menu.
fn accessory(task: &TaskRow, scope: Scope) -> Option<SlackSectionBlockElement> {
    let button = match scope {
        Scope::Channel | Scope::Mine => return menu(task),
        Scope::Open => Some(stop(&task.card.task, task.card.url.is_some())),
        Scope::Waiting => task.plan.as_deref().and_then(review).or_else(|| {
            task.thread.as_deref().and_then(|page| link_button("Open thread", page, LinkTo::Thread))
        }),
    };
    button.map(Into::into)
}

fn menu(task: &TaskRow) -> Option<SlackSectionBlockElement> {
    let card = &task.card;
    let press = |verb| Action::Press(card.task.clone(), verb);
    let pull_request = card.pull_request.as_ref().map(|one| one.url.as_str());
    let links = [
        (task.plan.as_deref(), "Review plan", LinkTo::Plan),
        (task.thread.as_deref(), "Open thread", LinkTo::Thread),
        (pull_request, "Open pull request", LinkTo::PullRequest),
        (card.url.as_deref(), "Open in Jules", LinkTo::Session),
    ];
    let link = |(url, label, to): (Option<&str>, _, _)| {
        let url = Url::parse(url?).ok().filter(|url| url.scheme() == "https")?;
        Some(option(label, &Action::Link(to)).with_url(url))
    };
    let mut options: Vec<_> = links.into_iter().filter_map(link).collect();
    match &card.status {
        CardStatus::Stopped(_) => options.push(option("Try again", &press(Verb::Resume))),
        CardStatus::Session(SessionState::Failed) | CardStatus::Archived(_) | CardStatus::Gone
            if card.retried.is_none() =>
        {
            options.push(option("Retry", &press(Verb::Retry)));
            options.push(option("Edit and retry", &press(Verb::EditRetry)));
        }
        CardStatus::Session(SessionState::Failed | SessionState::Completed)
        | CardStatus::Archived(_)
        | CardStatus::Gone
        | CardStatus::Moved(_)
        | CardStatus::Finished { .. }
        | CardStatus::Stopping(_) => {}
        CardStatus::Starting
        | CardStatus::Held(_)
        | CardStatus::InQueue(_)
        | CardStatus::Session(_) => options.push(option("Stop…", &press(Verb::AskStop))),
    }
    options.truncate(MOST_OPTIONS);
    let menu = SlackBlockOverflowElement::new(options).with_action_id(ROW.into());
    (!menu.options.is_empty()).then(|| menu.into())
}

fn option(label: &str, action: &Action) -> SlackBlockChoiceItem<SlackBlockPlainTextOnly> {
    SlackBlockChoiceItem::new(plain(label, LONGEST_LABEL), action.in_menu())
}
