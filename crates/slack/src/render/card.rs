//! The card: the task's face in the channel.

use super::cause::{cause_words, held_words};
use super::target::why;
use super::{code, harmless, jules, more, name};
use crate::action::{Action, LinkTo};
use crate::blocks::{
    actions, button, confirmed, context, context_of, link_button, plain_text, primary,
};
use crate::client::Content;
use crate::rich_text::{Line, Rich, cut, link, say};
use domain::fault::Cause;
use domain::ids::TaskId;
use domain::inbound::Verb;
use domain::queue::{QueuePlace, Standing};
use domain::quota::{Room, Shortage};
use domain::session::SessionState;
use domain::task::{Card, CardStatus, Retried, StepAt};
use slack_morphism::prelude::*;

/// How much of a title a line shows.
const TITLE: usize = 150;

/// How much of the prompt the card quotes.
const QUOTED: usize = 600;

/// How much of the names in the last line.
const CONTEXT: usize = 400;

/// How much of what Jules says it is doing.
const DOING: usize = 200;

/// A message for the card.
#[must_use]
pub fn card(card: &Card) -> Content {
    let status = status_words(&card.status);
    let title = Line::one(&cut(&card.title, TITLE));
    // A title of characters that nobody sees would leave an empty message.
    let title = if title.is_blank() { say!("Jules task") } else { title };
    let mut rich = Rich::from(title.clone().bold());
    if let Some(prompt) = &card.prompt {
        rich = rich.and(Rich::typed(prompt.trim_end()).cut(QUOTED, more).quoted());
    }
    rich = rich.line(status.clone().and(time_words(card)));
    let mut blocks = details(card).into_iter().fold(rich, Rich::line).blocks();
    blocks.push(context_of(vec![
        say!("{} asked {}", &card.author, card.created).mrkdwn(),
        plain_text(&format!("{} · {} · {}", card.repo, card.branch.0, why(card.why)), CONTEXT),
    ]));
    if card.again {
        blocks.push(context(&say!(
            "Slack didn't tell me whether I had already posted this card. If there are two, use this \
             one: I don't read replies to the other."
        )));
    }
    let row = buttons(card);
    if !row.is_empty() {
        blocks.push(actions(&block_id(&card.task), row));
    }
    let text = say!("Jules task “{}” on {}: {}", title, name(&card.repo), status);
    Content { text: Rich::from(text).notification(), blocks }
}

/// Unique in its message (slack-platform.md §9).
pub(super) fn block_id(task: &TaskId) -> String {
    format!("task-{task}")
}

/// What else there is to know, a line each.
fn details(card: &Card) -> Vec<Line> {
    let doing = |text: &str| harmless(&cut(text, DOING));
    let mut lines = Vec::new();
    if let Some(StepAt { at, of, title }) = &card.step {
        lines.push(say!("Step {} of {}: {}", *at, *of, doing(title)));
    }
    lines.extend(card.failure.as_deref().map(doing));
    lines.extend(card.progress.as_deref().map(doing));
    if let Some(minutes) = card.silent {
        lines.push(say!(
            "No word from Jules for {}. It may have got stuck: a nudge asks it to go on.",
            duration(u64::from(minutes) * 60)
        ));
    }
    if let Some(by) = &card.approved_by {
        lines.push(say!("Plan approved by {}", by));
    }
    if let Some(retry_of) = &card.retry_of {
        lines.push(say!("Retry of {}", to_card(retry_of.page.as_deref(), "an earlier task")));
    }
    if let Some(Retried { by, page }) = &card.retried {
        lines.push(say!("Retried by {} → {}", by, to_card(page.as_deref(), "new card")));
    }
    if let Some(pull_request) = &card.pull_request {
        let label = pull_request.title.as_deref().unwrap_or("pull request");
        lines.push(say!("Pull request: {}", link(&pull_request.url, &cut(label, TITLE))));
    }
    lines
}

fn to_card(page: Option<&str>, label: &'static str) -> Line {
    page.map_or_else(|| label.into(), |page| link(page, label))
}

fn time_words(card: &Card) -> Line {
    match (card.took, card.minutes) {
        (Some(seconds), _) => say!(" after {}", duration(seconds)),
        (None, Some(minutes)) => say!(" for {}", duration(u64::from(minutes) * 60)),
        (None, None) => Line::default(),
    }
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

fn buttons(card: &Card) -> Vec<SlackBlockButtonElement> {
    let mut row = links(card);
    match &card.status {
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
            if card.silent.is_some() {
                row.push(primary(button("Nudge", &Action::Press(card.task.clone(), Verb::Nudge))));
            }
            if is_stoppable(state) {
                row.push(stop(&card.task, card.url.is_some()));
            }
        }
        CardStatus::Stopping(_) | CardStatus::Finished { .. } => {}
    }
    row
}

/// The pages that belong to a task.
pub(super) fn links(card: &Card) -> Vec<SlackBlockButtonElement> {
    let mut row = Vec::new();
    if let Some(pull_request) = &card.pull_request {
        row.extend(link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest));
    }
    row.extend(
        card.url.as_deref().and_then(|url| link_button("Open in Jules", url, LinkTo::Session)),
    );
    row
}

fn is_stoppable(state: &SessionState) -> bool {
    !matches!(state, SessionState::Failed | SessionState::Completed)
}

/// Jules has no cancel (jules-api.md §1.2); the button says what it really does.
pub(super) fn stop(task: &TaskId, begun: bool) -> SlackBlockButtonElement {
    let stop = button("Stop", &Action::Press(task.clone(), Verb::Stop));
    if begun {
        confirmed(
            stop,
            "Stop this task?",
            "Jules has no cancel. This archives the session, which pauses it: nothing is undone, and \
             what it has pushed stays. You can take it out of the archive on its page.",
            "Archive it",
            "Let it go on",
        )
    } else {
        confirmed(
            stop,
            "Stop this task?",
            "Jules has not started it yet. It will not be started.",
            "Do not start it",
            "Let it go on",
        )
    }
}

/// The ways to start a task once more.
pub(super) fn retry(task: &TaskId) -> [SlackBlockButtonElement; 2] {
    [
        button("Retry", &Action::Press(task.clone(), Verb::Retry)),
        button("Edit and retry", &Action::Press(task.clone(), Verb::EditRetry)),
    ]
}

/// How a task is going: an emoji and the words for it, which say all by themselves.
pub(super) fn status_words(status: &CardStatus) -> Line {
    match status {
        CardStatus::Starting => say!(":hourglass_flowing_sand: Starting at Jules"),
        CardStatus::Held(cause) => say!(":warning: {}", held_words(cause)),
        CardStatus::InQueue(standing) => say!(":hourglass: {}", queue_words(standing)),
        CardStatus::Session(state) => session_words(state),
        CardStatus::Stopped(cause @ Cause::MaybeCreated) => say!(":x: {}", cause_words(cause)),
        CardStatus::Finished { changed_nothing: true } => {
            say!(":white_circle: Finished without a change")
        }
        CardStatus::Finished { changed_nothing: false } => say!(":white_check_mark: Finished"),
        CardStatus::Stopped(cause) => say!(":x: Not started. {}", cause_words(cause)),
        CardStatus::Stopping(by) => {
            say!(":double_vertical_bar: {} stops it: the session is being archived", by)
        }
        CardStatus::Archived(Some(by)) => say!(
            ":double_vertical_bar: Stopped by {}: the session is archived at Jules, which pauses it",
            by
        ),
        CardStatus::Archived(None) => {
            say!(":double_vertical_bar: Archived on Jules' own page, which pauses it")
        }
        CardStatus::Gone => say!(":x: The session was deleted on Jules' own page"),
    }
}

/// Where a task stands in line, and which of Jules' limits it is waiting for, if it is one.
fn queue_words(standing: &Standing) -> Line {
    let place = standing.place.map(|place| say!("Queued, {}. ", place_words(place)));
    let why = match &standing.why {
        None => say!("It starts when Jules has accepted the tasks ahead."),
        Some(Shortage::AllRunning { at_once }) => say!(
            "Jules is already running {} of {} tasks, so this one starts when there's room.",
            *at_once,
            *at_once
        ),
        Some(Shortage::UsedUp { a_day, frees_at }) => {
            let next = frees_at.map(|at| say!(", and the next one frees up around {}", at));
            say!(
                "{} of {} tasks were started in the last 24 hours{}.",
                *a_day,
                *a_day,
                next.unwrap_or_default()
            )
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
    };
    place.unwrap_or_default().and(why)
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

fn session_words(state: &SessionState) -> Line {
    match state {
        SessionState::Queued => say!(":large_blue_circle: Queued at Jules"),
        SessionState::Planning => say!(":memo: Planning"),
        SessionState::AwaitingPlanApproval => {
            say!(":raised_hand: Waits for an approval of its plan, in the thread")
        }
        SessionState::AwaitingUserFeedback => {
            say!(":question: Waits for an answer, in the thread")
        }
        SessionState::InProgress => say!(":hammer_and_wrench: Working"),
        SessionState::Paused => say!(":double_vertical_bar: Paused at Jules"),
        SessionState::Failed => say!(":x: Failed"),
        // What came of it is not known yet.
        SessionState::Completed => say!(":checkered_flag: Finished"),
        SessionState::Unspecified => say!(":large_blue_circle: With Jules"),
        SessionState::Unknown(word) => {
            say!(":large_blue_circle: With Jules, in a state that I do not know: {}", code(word))
        }
    }
}
