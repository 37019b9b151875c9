//! The card: what the channel sees of a task.

use super::cause::{cause_words, held_words};
use super::target::{passed_over_on_card, why_on_card};
use super::{code, follow, harmless, jules, more, pull};
use crate::action::{Action, LinkTo};
use crate::blocks::{
    actions, button, confirmed, context, context_of, link_button, plain_text, primary,
};
use crate::client::Content;
use crate::rich_text::{Line, Rich, cut, link, say};
use domain::fault::Cause;
use domain::ids::TaskId;
use domain::inbound::Verb;
use domain::pull::PullState;
use domain::queue::{QueuePlace, Standing};
use domain::quota::{Room, Shortage};
use domain::session::{PullRequest, SessionState};
use domain::task::{Card, CardStatus, Hears, Retried, StepAt, Way};
use slack_morphism::prelude::*;

/// How much of a title a line shows.
const TITLE: usize = 150;

/// How much of the prompt the card quotes.
const QUOTED: usize = 600;

/// How much of the names in the last line.
const CONTEXT: usize = 400;

/// How much of what Jules says it is doing.
const DOING: usize = 200;

/// A message for the card: the title, how it is going, then the request and what has happened. `plan` is
/// the page of the message with the plan that someone can decide about.
#[must_use]
pub fn card(card: &Card, plan: Option<&str>) -> Content {
    let title = title(card, TITLE);
    let mut rich = Rich::from(title.clone().bold()).line(headline(card));
    rich = now(card).into_iter().fold(rich, Rich::line);
    if let Some(prompt) = &card.prompt {
        rich = rich.and(Rich::typed(prompt.trim_end()).cut(QUOTED, more).quoted());
    }
    rich = history(card).into_iter().fold(rich, Rich::line);
    let mut blocks = hint(card).into_iter().fold(rich, Rich::line).blocks();
    let place = follow::place(card, why_on_card(card.why));
    let mut origin = vec![asked(card).mrkdwn(), plain_text(&place, CONTEXT)];
    let passed_over = passed_over_on_card(&card.skipped);
    origin.extend(passed_over.map(|words| plain_text(&words, CONTEXT)));
    origin.extend(card.account_of.as_ref().map(|owner| say!("{}'s Jules account", owner).mrkdwn()));
    origin.extend(card.along.map(|(messages, of)| plain_text(&includes(messages, of), CONTEXT)));
    // For the operator: `jules-slack task` and the log know it by this name.
    origin.push(plain_text(&format!("task {}", card.task), CONTEXT));
    blocks.push(context_of(origin));
    if card.again {
        blocks.push(context(&say!(
            "Slack didn't confirm whether I'd already posted this card. If there are two, use this one. I \
             don't see replies to the other."
        )));
    }
    let row = buttons(card, plan);
    if !row.is_empty() {
        blocks.push(actions(&block_id(&card.task), row));
    }
    let mut text = say!("“{}” on {}. {}.", title, follow::repository(card), headline(card));
    if let Some(url) = card.url.as_deref().filter(|_| carries_link(card)) {
        text = say!("{} {}", text, link(url, ""));
    }
    Content { text: Rich::from(text).notification(), blocks }
}

/// Whether the link to the session is on the card: no message below it has it.
fn carries_link(card: &Card) -> bool {
    card.in_thread || card.followed
}

/// Who asked, and how: unless it was by a command in this channel.
fn asked(card: &Card) -> Line {
    let by = if card.followed {
        say!("Followed by {}", &card.author)
    } else {
        say!("Asked by {}", &card.author)
    };
    match (card.way, &card.beside) {
        (Way::Command, _) => by,
        (_, Some(beside)) => {
            say!("{} · mention in {}", by, to_card(beside.page.as_deref(), "another task's thread"))
        }
        (Way::Mention, None) => say!("{} · mention in this thread", by),
        (Way::DirectMessage, None) => say!("{} · direct message", by),
        (Way::Shortcut, None) => say!("{} · shortcut", by),
        (Way::MessageShortcut, None) => say!("{} · shortcut on a message", by),
        (Way::Home, None) => say!("{} · App Home", by),
    }
}

/// How much of a thread went along.
fn includes(messages: u32, of: u32) -> String {
    match (messages, of) {
        (1, 0..=1) => "includes 1 message from this thread".to_owned(),
        (messages, of) if of > messages => {
            format!("includes {messages} of {of} messages from this thread")
        }
        (messages, _) => format!("includes {messages} messages from this thread"),
    }
}

/// How to talk to Jules, where no message below the card says it.
fn hint(card: &Card) -> Option<Line> {
    let is_over = matches!(
        card.status,
        CardStatus::Stopped(_)
            | CardStatus::Archived(_)
            | CardStatus::Gone
            | CardStatus::Moved(_)
            | CardStatus::Session(SessionState::Failed)
    );
    (carries_link(card) && !is_over).then(|| match card.hears {
        Hears::Mentions => say!("Mention me to talk to Jules in this thread."),
        Hears::Everyone => say!(
            "Reply here to talk to Jules, or start with `!aside` to keep a message between people."
        ),
    })
}

/// The title, at most so many characters of it.
pub(super) fn title(card: &Card, most: usize) -> Line {
    let title = Line::one(&cut(&card.title, most));
    // A title of characters that nobody sees would leave an empty message.
    if title.is_blank() { say!("Jules task") } else { title }
}

/// Unique in its message (slack-platform.md §9).
pub(super) fn block_id(task: &TaskId) -> String {
    format!("task-{task}")
}

/// What is going on, a line each.
fn now(card: &Card) -> Vec<Line> {
    let said = |text: &str| harmless(&cut(text, DOING));
    let mut lines: Vec<Line> = detail(card).into_iter().collect();
    lines.extend(card.blocked.as_ref().map(held_words));
    if let Some(StepAt { at, of, title }) = &card.step {
        lines.push(say!("Step {} of {}: {}", *at, *of, said(title)));
    }
    lines.extend(card.failure.as_deref().map(said));
    lines.extend(card.progress.as_deref().map(said));
    if let Some(minutes) = silent(card) {
        lines.push(say!(
            "No update from Jules in {}, so it may be stuck. *Nudge* asks it to continue.",
            duration(u64::from(minutes) * 60)
        ));
    }
    lines
}

/// For how many minutes nothing was heard, where Jules is the one to be heard.
fn silent(card: &Card) -> Option<u32> {
    card.silent.filter(|_| matches!(card.status, CardStatus::Session(_)))
}

/// What has happened, a line each.
fn history(card: &Card) -> Vec<Line> {
    let mut lines: Vec<Line> = card.pull.as_ref().map(pull::remarks).unwrap_or_default();
    lines.extend(card.issue.as_ref().and_then(pull::issue_remarks));
    if let Some(by) = &card.approved_by {
        lines.push(say!("Plan approved by {}", by));
    }
    if let Some(retry_of) = &card.retry_of {
        lines.push(say!("Retry of {}", to_card(retry_of.page.as_deref(), "an earlier task")));
    }
    if let Some(Retried { by, page }) = &card.retried {
        lines.push(say!("Retried by {} → {}", by, to_card(page.as_deref(), "new card")));
    }
    lines
}

fn to_card(page: Option<&str>, label: &'static str) -> Line {
    page.map_or_else(|| label.into(), |page| link(page, label))
}

/// A stretch of time, as much of it as one cares about.
pub(super) fn duration(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours @ 1..48, minutes) => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

fn buttons(card: &Card, plan: Option<&str>) -> Vec<SlackBlockButtonElement> {
    let mut row: Vec<_> = plan.and_then(review).into_iter().collect();
    row.extend(card.pull_request.as_ref().and_then(open_pull_request));
    let lost = card.url.as_deref().filter(|_| card.link_refused || carries_link(card));
    row.extend(lost.and_then(|url| link_button("Open in Jules", url, LinkTo::Session)));
    match &card.status {
        CardStatus::Stopped(Cause::Dropped) => {
            row.extend(retry(&card.task).into_iter().filter(|_| card.retried.is_none()));
        }
        CardStatus::Stopped(_) => {
            row.push(button("Try again", &Action::Press(card.task.clone(), Verb::Resume)));
        }
        CardStatus::Archived(_) | CardStatus::Gone | CardStatus::Session(SessionState::Failed) => {
            row.extend(retry(&card.task).into_iter().filter(|_| card.retried.is_none()));
        }
        CardStatus::Starting | CardStatus::Held(_) | CardStatus::InQueue(_) => {
            row.push(stop(&card.task, card.url.is_some()));
        }
        CardStatus::Session(state) => {
            if silent(card).is_some() {
                row.push(primary(button("Nudge", &Action::Press(card.task.clone(), Verb::Nudge))));
            }
            if is_stoppable(state) {
                row.push(stop(&card.task, card.url.is_some()));
            }
        }
        CardStatus::Stopping(_) | CardStatus::Finished { .. } => {}
        CardStatus::Moved(_) => return Vec::new(),
    }
    row.extend(card.followed.then(|| follow::earlier_button(&card.task)));
    if card.can_show {
        row.push(button("Show messages", &Action::Press(card.task.clone(), Verb::ShowContext)));
    }
    if card.in_thread && card.hears == Hears::Mentions && !matches!(card.status, CardStatus::Gone) {
        let listen = Action::Press(card.task.clone(), Verb::ListenToAll);
        row.push(button("Listen to every reply", &listen));
    }
    row
}

/// Leads to the plan, which is decided about where all of it is seen.
pub(super) fn review(page: &str) -> Option<SlackBlockButtonElement> {
    link_button("Review plan", page, LinkTo::Plan).map(primary)
}

pub(super) fn open_pull_request(pull_request: &PullRequest) -> Option<SlackBlockButtonElement> {
    link_button("Open pull request", &pull_request.url, LinkTo::PullRequest)
}

fn is_stoppable(state: &SessionState) -> bool {
    state.end().is_none()
}

/// Stops a task after a question.
pub(super) fn stop(task: &TaskId, begun: bool) -> SlackBlockButtonElement {
    let stop = button("Stop", &Action::Press(task.clone(), Verb::Stop));
    let yes = stop_label(begun);
    confirmed(stop, "Stop this task?", &stop_question(begun).words(), yes, "Keep going")
}

/// What it means to stop a task. Jules has no cancel (jules-api.md §1.2).
pub(super) fn stop_question(begun: bool) -> Line {
    if begun {
        say!(
            "Jules can't cancel, so I'll archive the session, which pauses it. Anything already pushed \
             stays, and you can unarchive it in Jules."
        )
    } else {
        say!("Jules hasn't started this yet. Remove it from the queue?")
    }
}

pub(super) fn stop_label(begun: bool) -> &'static str {
    if begun { "Stop task" } else { "Remove" }
}

/// The ways to start a task again.
pub(super) fn retry(task: &TaskId) -> [SlackBlockButtonElement; 2] {
    [
        button("Retry", &Action::Press(task.clone(), Verb::Retry)),
        button("Edit and retry", &Action::Press(task.clone(), Verb::EditRetry)),
    ]
}

/// How a task is going: an emoji, bold words that say the same, and for how long.
pub(super) fn headline(card: &Card) -> Line {
    let status = match &card.status {
        CardStatus::Starting => say!(":hourglass_flowing_sand: *Starting*"),
        CardStatus::Held(_) => say!(":warning: *On hold*"),
        CardStatus::InQueue(Standing { place: Some(place), .. }) => {
            say!(":hourglass: *Queued*, {}", place_words(*place))
        }
        CardStatus::InQueue(Standing { place: None, .. }) => say!(":hourglass: *Queued*"),
        CardStatus::Session(state) => session_words(state),
        CardStatus::Finished { .. } if is_merged(card) => say!(":white_check_mark: *Merged*"),
        CardStatus::Finished { changed_nothing: true } => say!(":white_circle: *Done*"),
        CardStatus::Finished { changed_nothing: false } => say!(":white_check_mark: *Done*"),
        CardStatus::Stopped(Cause::MaybeCreated) => say!(":x: *May not have started*"),
        CardStatus::Stopped(Cause::Withdrawn(by)) => {
            say!(":double_vertical_bar: *Stopped* by {} before Jules started", by)
        }
        CardStatus::Stopped(Cause::Dropped) => say!(":double_vertical_bar: *Dropped*"),
        CardStatus::Stopped(_) => say!(":x: *Not started*"),
        CardStatus::Stopping(_) => say!(":double_vertical_bar: *Stopping*"),
        CardStatus::Archived(Some(by)) => {
            say!(":double_vertical_bar: *Stopped* by {} (session archived in Jules)", by)
        }
        CardStatus::Archived(None) => {
            say!(":double_vertical_bar: *Stopped* (session archived in Jules)")
        }
        CardStatus::Gone => say!(":x: *Session deleted*"),
        CardStatus::Moved(moved) => follow::moved_words(moved),
    };
    let tail = match card.status {
        CardStatus::Finished { changed_nothing: true } => say!(", without changing anything"),
        CardStatus::Finished { changed_nothing: false } => {
            card.pull.as_ref().map(pull::standing).unwrap_or_default()
        }
        _ => Line::default(),
    };
    // How long Jules took is no matter of when people merged it.
    let time = if is_merged(card) { Line::default() } else { time_words(card) };
    status.and(time).and(tail)
}

fn is_merged(card: &Card) -> bool {
    card.pull.as_ref().is_some_and(|pull| pull.state == PullState::Merged)
}

fn session_words(state: &SessionState) -> Line {
    match state {
        SessionState::Queued => say!(":large_blue_circle: *Queued in Jules*"),
        SessionState::Planning => say!(":memo: *Working* on a plan"),
        SessionState::AwaitingPlanApproval | SessionState::AwaitingUserFeedback => {
            say!(":raised_hand: *Waiting for you*")
        }
        SessionState::InProgress => say!(":hammer_and_wrench: *Working*"),
        SessionState::Paused => say!(":double_vertical_bar: *Paused in Jules*"),
        SessionState::Failed => say!(":x: *Failed*"),
        // The result isn't known yet.
        SessionState::Completed => say!(":checkered_flag: *Done*"),
        SessionState::Unspecified | SessionState::Unknown(_) => {
            say!(":large_blue_circle: *With Jules*")
        }
    }
}

fn time_words(card: &Card) -> Line {
    let is_good = matches!(
        card.status,
        CardStatus::Finished { .. } | CardStatus::Session(SessionState::Completed)
    );
    let in_session = matches!(card.status, CardStatus::Session(_));
    match (card.took, card.minutes) {
        (Some(seconds), _) if is_good => say!(" in {}", duration(seconds)),
        (Some(seconds), _) => say!(" after {}", duration(seconds)),
        (None, Some(minutes)) if in_session => say!(" for {}", duration(u64::from(minutes) * 60)),
        (None, _) => Line::default(),
    }
}

/// The sentence below the headline, where that doesn't say all.
fn detail(card: &Card) -> Option<Line> {
    match &card.status {
        CardStatus::Held(cause) => Some(held_words(cause)),
        CardStatus::InQueue(standing) => Some(queue_words(standing)),
        CardStatus::Session(SessionState::AwaitingPlanApproval) => {
            Some(say!("Plan ready and waiting for approval in the thread"))
        }
        CardStatus::Session(SessionState::AwaitingUserFeedback) => {
            Some(say!("Jules has a question in the thread"))
        }
        CardStatus::Session(SessionState::Unknown(word)) => {
            Some(say!("Jules reports an unknown state, {}", code(word)))
        }
        CardStatus::Stopped(Cause::Withdrawn(_)) => None,
        CardStatus::Stopped(cause) => Some(cause_words(cause)),
        CardStatus::Stopping(by) => {
            Some(say!("{} pressed *Stop*. I'm archiving the session in Jules…", by))
        }
        CardStatus::Gone if card.retried.is_none() => Some(deleted()),
        CardStatus::Gone
        | CardStatus::Starting
        | CardStatus::Session(_)
        | CardStatus::Finished { .. }
        | CardStatus::Moved(_)
        | CardStatus::Archived(_) => None,
    }
}

/// What there is to do about a session that is gone.
pub(super) fn deleted() -> Line {
    say!("This session was deleted in Jules. Press *Retry* to start over.")
}

/// Which of Jules' limits a task is waiting for, if it is one.
fn queue_words(standing: &Standing) -> Line {
    match &standing.why {
        None => say!("It starts when Jules has accepted the tasks ahead of it."),
        Some(Shortage::AllRunning { at_once }) => say!(
            "Jules is already running {} of {} tasks, so this one starts when there's room.",
            *at_once,
            *at_once
        ),
        Some(Shortage::UsedUp { a_day, frees_at: Some(at) }) => say!(
            "Today's {} tasks are used, and the next one frees up at about {}.",
            *a_day,
            Line::time(*at)
        ),
        Some(Shortage::UsedUp { a_day, frees_at: None }) => {
            say!("Today's {} tasks are used, so this one starts when one frees up.", *a_day)
        }
        Some(Shortage::NoReason(Some(Room { today, running, quota }))) => say!(
            "Jules refused to start this task and gave no reason. By my count there's room ({} of {} \
             running, {} of {} in the last 24 hours), so I'll keep trying. If it stays like this, open \
             {} and check the repository.",
            *running,
            quota.at_once,
            *today,
            quota.a_day,
            jules()
        ),
        Some(Shortage::NoReason(None)) => {
            say!("Jules is refusing new tasks right now and gives no reason. I'll keep trying.")
        }
    }
}

fn place_words(place: QueuePlace) -> String {
    match place.number() {
        1 => "next in line".to_owned(),
        2 => "2nd in line".to_owned(),
        3 => "3rd in line".to_owned(),
        _ if place == QueuePlace::FAR => format!("behind about {} others", place.number()),
        number => format!("about {number}th in line"),
    }
}
