//! The card: the task's face in the channel.

use super::cause::{cause_words, held_words};
use super::target::why;
use super::{JULES, branch_name, code, harmless, name, prompt};
use crate::domain::fault::Cause;
use crate::domain::ids::TaskId;
use crate::domain::inbound::Verb;
use crate::domain::queue::{QueuePlace, Standing};
use crate::domain::quota::{Room, Shortage};
use crate::domain::session::SessionState;
use crate::domain::task::{Card, CardStatus, Retried, StepAt};
use crate::slack::action::{Action, LinkTo};
use crate::slack::blocks::{actions, button, confirmed, context, link_button, primary, section};
use crate::slack::client::Content;
use crate::slack::mrkdwn::{self, cut};
use slack_morphism::prelude::*;

/// How much of a title a line shows.
const TITLE: usize = 150;

/// How much of the prompt the card quotes.
const QUOTED: usize = 600;

/// How much of what Jules says it is doing.
const DOING: usize = 200;

/// Said on a card that was posted without knowing whether there is another one.
const CARD_AGAIN: &str = "Slack didn't tell me whether I had already posted this card. If there are two, \
                          use this one: I don't read replies to the other.";

/// A message for the card.
#[must_use]
pub fn card(card: &Card) -> Content {
    let (emoji, status) = status_words(&card.status);
    let title = Some(harmless(&cut(&card.title, TITLE))).filter(|title| !title.is_empty());
    // A title of characters that nobody sees would leave an empty message.
    let title = title.unwrap_or_else(|| "Jules task".to_owned());
    let mut blocks = vec![section(&format!("*{title}*"))];
    blocks.extend(card.prompt.as_deref().and_then(|words| prompt::quoted(words, QUOTED)));
    let more: String = details(card).into_iter().map(|line| format!("\n{line}")).collect();
    blocks.push(section(&format!("{emoji} {status}{}{more}", time_words(card))));
    blocks.push(context(&format!(
        "<@{}> asked {} · {} · {} · {}",
        card.author,
        time(card.created),
        name(&card.repo),
        branch_name(&card.branch),
        why(card.why)
    )));
    if card.again {
        blocks.push(context(CARD_AGAIN));
    }
    let row = buttons(card);
    if !row.is_empty() {
        blocks.push(actions(&block_id(&card.task), row));
    }
    let text = format!("Jules task “{title}” on {}: {status}", name(&card.repo));
    Content { text, blocks }
}

/// Unique in its message (slack-platform.md §9).
pub(super) fn block_id(task: &TaskId) -> String {
    format!("task-{task}")
}

/// What else there is to know, a line each.
fn details(card: &Card) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(StepAt { at, of, title }) = &card.step {
        lines.push(format!("Step {at} of {of}: {}", harmless(&cut(title, DOING))));
    }
    if let Some(failure) = &card.failure {
        lines.push(harmless(&cut(failure, DOING)));
    }
    if let Some(progress) = &card.progress {
        lines.push(harmless(&cut(progress, DOING)));
    }
    if let Some(minutes) = card.silent {
        lines.push(format!(
            "No word from Jules for {}. It may have got stuck: a nudge asks it to go on.",
            duration(u64::from(minutes) * 60)
        ));
    }
    if let Some(by) = &card.approved_by {
        lines.push(format!("Plan approved by <@{by}>"));
    }
    if let Some(retry_of) = &card.retry_of {
        lines.push(format!("Retry of {}", to_card(retry_of.page.as_deref(), "an earlier task")));
    }
    if let Some(Retried { by, page }) = &card.retried {
        lines.push(format!("Retried by <@{by}> → {}", to_card(page.as_deref(), "new card")));
    }
    if let Some(pull_request) = &card.pull_request {
        let label = pull_request.title.as_deref().unwrap_or("pull request");
        lines
            .push(format!("Pull request: {}", mrkdwn::link(&pull_request.url, &cut(label, TITLE))));
    }
    lines
}

fn to_card(page: Option<&str>, label: &str) -> String {
    page.map_or_else(|| label.to_owned(), |page| mrkdwn::link(page, label).into_string())
}

fn time_words(card: &Card) -> String {
    match (card.took, card.minutes) {
        (Some(seconds), _) => format!(" after {}", duration(seconds)),
        (None, Some(minutes)) => format!(" for {}", duration(u64::from(minutes) * 60)),
        (None, None) => String::new(),
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
            row.push(button("Try again", &Action::Press(card.task.clone(), Verb::Resume)))
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

/// A time in the reader's own zone (Slack: date formatting).
pub(super) fn time(at: jiff::Timestamp) -> String {
    let fallback = at.strftime("%Y-%m-%d %H:%M UTC");
    format!("<!date^{}^{{date_short_pretty}} at {{time}}|{fallback}>", at.as_second())
}

/// How a task is going: an emoji and the words for it, which say all by themselves.
pub(super) fn status_words(status: &CardStatus) -> (&'static str, String) {
    match status {
        CardStatus::Starting => (":hourglass_flowing_sand:", "Starting at Jules".to_owned()),
        CardStatus::Held(cause) => (":warning:", held_words(cause)),
        CardStatus::InQueue(standing) => (":hourglass:", queue_words(standing)),
        CardStatus::Session(state) => session_words(state),
        CardStatus::Stopped(cause @ Cause::MaybeCreated) => (":x:", cause_words(cause)),
        CardStatus::Finished { changed_nothing: true } => {
            (":white_circle:", "Finished without a change".to_owned())
        }
        CardStatus::Finished { changed_nothing: false } => {
            (":white_check_mark:", "Finished".to_owned())
        }
        CardStatus::Stopped(cause) => (":x:", format!("Not started. {}", cause_words(cause))),
        CardStatus::Stopping(by) => {
            (":double_vertical_bar:", format!("<@{by}> stops it: the session is being archived"))
        }
        CardStatus::Archived(Some(by)) => (
            ":double_vertical_bar:",
            format!("Stopped by <@{by}>: the session is archived at Jules, which pauses it"),
        ),
        CardStatus::Archived(None) => {
            (":double_vertical_bar:", "Archived on Jules' own page, which pauses it".to_owned())
        }
        CardStatus::Gone => (":x:", "The session was deleted on Jules' own page".to_owned()),
    }
}

/// Where a task stands in line, and which of Jules' limits it is waiting for, if it is one.
fn queue_words(standing: &Standing) -> String {
    let place = standing.place.map(place_words);
    let place = place.map(|place| format!("Queued, {place}. ")).unwrap_or_default();
    let why = match &standing.why {
        None => "It starts when Jules has accepted the tasks ahead.".to_owned(),
        Some(Shortage::AllRunning { at_once }) => format!(
            "Jules is already running {at_once} of {at_once} tasks, so this one starts when there's \
             room."
        ),
        Some(Shortage::UsedUp { a_day, frees_at }) => {
            let next =
                frees_at.map(|at| format!(", and the next one frees up around {}", time(at)));
            format!(
                "{a_day} of {a_day} tasks were started in the last 24 hours{}.",
                next.unwrap_or_default()
            )
        }
        Some(Shortage::NoReason(Some(Room { today, running, quota }))) => format!(
            "Jules refused to start this task and gave no reason. By my count there's room ({running} \
             of {} running, {today} of {} in the last 24 hours), so I'll keep trying. If it stays like \
             this, open {JULES} and check the repository.",
            quota.at_once, quota.a_day
        ),
        Some(Shortage::NoReason(None)) => {
            "Jules is refusing new tasks right now and gives no reason. I'll keep trying."
                .to_owned()
        }
    };
    format!("{place}{why}")
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

fn session_words(state: &SessionState) -> (&'static str, String) {
    let (emoji, words) = match state {
        SessionState::Queued => (":large_blue_circle:", "Queued at Jules"),
        SessionState::Planning => (":memo:", "Planning"),
        SessionState::AwaitingPlanApproval => {
            (":raised_hand:", "Waits for an approval of its plan, in the thread")
        }
        SessionState::AwaitingUserFeedback => (":question:", "Waits for an answer, in the thread"),
        SessionState::InProgress => (":hammer_and_wrench:", "Working"),
        SessionState::Paused => (":double_vertical_bar:", "Paused at Jules"),
        SessionState::Failed => (":x:", "Failed"),
        // What came of it is not known yet.
        SessionState::Completed => (":checkered_flag:", "Finished"),
        SessionState::Unspecified => (":large_blue_circle:", "With Jules"),
        SessionState::Unknown(word) => {
            return (
                ":large_blue_circle:",
                format!("With Jules, in a state that I do not know: {}", code(word)),
            );
        }
    };
    (emoji, words.to_owned())
}
