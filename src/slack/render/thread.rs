//! What is said in a task's thread, and to single people about it.

use super::card::{block_id, duration, retry};
use super::cause::cause_words;
use super::{code, harmless, quoted};
use crate::domain::diff::{ChangeKind, DiffStat, FileChange};
use crate::domain::fault::Cause;
use crate::domain::ids::TaskId;
use crate::domain::say::{Finished, StaleAction};
use crate::domain::session::PullRequest;
use crate::domain::task::{PlanRecord, PlanStatus};
use crate::slack::action::{Action, LinkTo};
use crate::slack::blocks::{actions, button, context, link_button, primary, section, sections};
use crate::slack::client::Content;
use crate::slack::mrkdwn::{self, Escaped};
use slack_morphism::prelude::*;

/// How much of a text of Jules' is shown; the rest is behind the session's link. Slack takes about
/// 13,200 characters in all blocks of a message (slack-platform.md §8).
const LONGEST: usize = 9_000;
/// How much of the steps of a plan.
const LONGEST_STEPS: usize = 9_000;
/// How many files of a change are listed.
const MOST_FILES: usize = 15;
/// How much of a commit message, and of a quoted message.
const LONGEST_QUOTE: usize = 1_500;

pub(super) fn pull_request(pull_request: &PullRequest) -> String {
    let label = pull_request.title.as_deref().unwrap_or("pull request");
    format!("Jules opened a pull request: {}", mrkdwn::link(&pull_request.url, label))
}

pub(super) fn said_elsewhere(text: &str) -> String {
    format!("Somebody wrote to Jules on its own page:\n{}", quoted(text, LONGEST_QUOTE))
}

pub(super) fn not_passed_on(files: &[String]) -> String {
    format!(
        "Jules takes words only, so I did not pass on {}. Small text files go along.",
        names(files)
    )
}

pub(super) fn not_delivered(text: &str, cause: &Cause) -> String {
    format!(
        "Your message did not reach Jules. {}\n{}",
        cause_words(cause),
        quoted(text, LONGEST_QUOTE)
    )
}

/// Words of Jules': Markdown, cut at a paragraph.
fn jules_words(text: &str) -> String {
    let whole = mrkdwn::markdown(text);
    let short = whole.cut(LONGEST);
    let cut = short != whole;
    let short = short.into_string();
    if cut { format!("{short}\n_The rest is on the session's page._") } else { short }
}

pub(super) fn word(text: &str, question: bool) -> String {
    let head = if question {
        ":question: *Jules asks* (answer in this thread):"
    } else {
        ":speech_balloon: *Jules says:*"
    };
    format!("{head}\n{}", jules_words(text))
}

pub(super) fn failed(reason: Option<&str>) -> String {
    match reason {
        Some(reason) => {
            let words = jules_words(reason);
            // A quote begins its line, and so do lists and code.
            let space = if words.starts_with('>') || words.contains('\n') { "\n" } else { " " };
            format!(":x: *Jules failed:*{space}{words}")
        }
        None => ":x: *Jules failed* and does not say why. Its page may show more.".to_owned(),
    }
}

pub(super) fn finished(finished: &Finished) -> String {
    let took = finished.took.map(|seconds| format!(" after {}", duration(seconds)));
    let mut lines = vec![format!(":white_check_mark: *Finished*{}", took.unwrap_or_default())];
    match &finished.pull_request {
        Some(pull_request) => {
            let label = pull_request.title.as_deref().unwrap_or("Open the pull request");
            lines.push(format!("Pull request: {}", mrkdwn::link(&pull_request.url, label)));
        }
        None if finished.changes.as_ref().is_some_and(|changes| changes.count() == 0) => {
            lines.push("It changed nothing.".to_owned());
        }
        None => lines.push(
            "There is no pull request. Publish a branch or open one on the session's page."
                .to_owned(),
        ),
    }
    if let Some(changes) = finished.changes.as_ref().filter(|changes| changes.count() > 0) {
        lines.push(changes_words(changes));
    }
    if let Some(message) = &finished.commit_message {
        lines.push(format!("Suggested commit message:\n{}", quoted(message, LONGEST_QUOTE)));
    }
    lines.join("\n")
}

fn changes_words(changes: &DiffStat) -> String {
    let count = changes.count();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let mut lines = vec![format!("{files} changed, +{} −{}:", changes.added, changes.removed)];
    lines.extend(changes.files.iter().take(MOST_FILES).map(file_words));
    let listed = u32::try_from(changes.files.len().min(MOST_FILES)).unwrap_or(u32::MAX);
    let more = count.saturating_sub(listed);
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    lines.join("\n")
}

fn file_words(file: &FileChange) -> String {
    let path = code(&file.path);
    let lines = if file.binary {
        "not text".to_owned()
    } else {
        format!("+{} −{}", file.added, file.removed)
    };
    match &file.kind {
        ChangeKind::Changed => format!("• {path} {lines}"),
        ChangeKind::Created => format!("• {path} {lines}, new"),
        ChangeKind::Deleted => format!("• {path} {lines}, deleted"),
        ChangeKind::Renamed { from } => format!("• {path} {lines}, was {}", code(from)),
    }
}

/// The buttons under a good end.
pub(super) fn end_buttons(finished: &Finished) -> Option<SlackBlock> {
    let mut row = Vec::new();
    if let Some(pull_request) = &finished.pull_request {
        row.extend(
            link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest)
                .map(primary),
        );
    }
    let label =
        if finished.pull_request.is_some() { "Open in Jules" } else { "Publish it in Jules" };
    row.extend(link_button(label, &finished.url, LinkTo::Session));
    (!row.is_empty()).then(|| actions("end", row))
}

/// The buttons under a bad end.
pub(super) fn retry_buttons(task: &TaskId, url: Option<&str>) -> SlackBlock {
    let mut row = retry(task).to_vec();
    row.extend(url.and_then(|url| link_button("Open in Jules", url, LinkTo::Session)));
    actions(&block_id(task), row)
}

pub(super) fn too_late(late: &StaleAction) -> String {
    match late {
        StaleAction::Approved(Some(by)) => format!("<@{by}> approved this plan already."),
        StaleAction::Approved(None) => {
            "This plan was approved already, on Jules' own page.".to_owned()
        }
        StaleAction::ChangesAsked(by) => {
            format!("<@{by}> asked for changes of this plan; a new one follows.")
        }
        StaleAction::Replaced => {
            "There is a newer plan: decide about that one. Nothing was sent.".to_owned()
        }
        StaleAction::WentOn => {
            "Jules does not wait for an approval and works already. To change course, \
                         write in the thread."
                .to_owned()
        }
        StaleAction::Over => {
            "This session is over, so nothing was sent. A reply in its thread wakes it.".to_owned()
        }
        StaleAction::Failed => {
            "This session failed, and Jules does not take one up again. Press Retry to \
                         start it anew."
                .to_owned()
        }
        StaleAction::Archived => {
            "This session is stopped, so nothing was sent. Press Retry on its card to \
                           start it anew, or take it out of the archive on its page."
                .to_owned()
        }
        StaleAction::Gone => {
            "This session was deleted at Jules, so nothing was sent. Press Retry to start \
                       it anew."
                .to_owned()
        }
        StaleAction::GoesOn => {
            "This task still goes on, so it was not started once more. Stop it first, or \
                         write in its thread."
                .to_owned()
        }
        StaleAction::NotStarted => {
            "This task was not started, so nothing was sent. Press Try again on its \
                             card."
                .to_owned()
        }
    }
}

pub(super) fn root_gone(title: &str, url: Option<&str>) -> String {
    let at = url.map(|url| format!(": {}", mrkdwn::link(url, "")));
    format!(
        "The card of your task “{}” was deleted from its channel, and with it the thread. The \
         session goes on at Jules{}. I tell you here when it ends.",
        harmless(title),
        at.unwrap_or_default()
    )
}

fn names(files: &[String]) -> String {
    let names: Vec<String> = files.iter().take(10).map(|file| code(file)).collect();
    names.join(", ")
}

/// A plan, with what became of it.
#[must_use]
pub fn plan(task: &TaskId, note: &PlanRecord) -> Content {
    let count = if note.total == 1 { "1 step".to_owned() } else { format!("{} steps", note.total) };
    let (emoji, status) = plan_standing(&note.status);
    let steps = Escaped::drawn(steps(note)).cut(LONGEST_STEPS).into_string();
    let mut blocks = vec![section(&format!(":clipboard: *Plan* · {count}"))];
    if !steps.is_empty() {
        blocks.extend(sections(&steps));
    }
    if note.status.is_open() {
        blocks.push(section(&format!("{emoji} {status}")));
        blocks.push(actions(
            &format!("plan-{}", note.id),
            vec![
                primary(button("Approve", &Action::Approve(task.clone(), note.id.clone()))),
                button("Ask for changes", &Action::AskChanges(task.clone(), note.id.clone())),
            ],
        ));
    } else {
        blocks.push(context(&format!("{emoji} {status}")));
    }
    // An edit takes at most 4,000 characters here (chat.update), so the steps are in the blocks only.
    Content { text: format!("Jules made a plan of {count}. {status}"), blocks }
}

fn steps(note: &PlanRecord) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (n, step) in note.steps.iter().enumerate() {
        lines.push(format!("*{}.* {}", n + 1, mrkdwn::harmless(&step.title)));
        let more = step.description.as_deref().map(mrkdwn::markdown).unwrap_or_default();
        lines.extend(more.as_str().lines().map(indented));
    }
    let more = note.total.saturating_sub(note.steps.len());
    if more > 0 {
        lines.push(format!("… and {more} more steps, on the session's page"));
    }
    lines.join("\n")
}

/// A line under a step. Slack knows no quotes that are indented, and would show their mark bare.
fn indented(line: &str) -> String {
    let line = match line.strip_prefix('>') {
        Some(quoted) => format!("      ›{quoted}"),
        None => format!("      {line}"),
    };
    line.trim_end().to_owned()
}

fn plan_standing(status: &PlanStatus) -> (&'static str, String) {
    match status {
        PlanStatus::Told => (":arrow_forward:", "Jules goes on by itself.".to_owned()),
        PlanStatus::Pending => {
            (":raised_hand:", "Jules waits: approve it, or say what should change.".to_owned())
        }
        PlanStatus::Approving(by) => {
            (":hourglass_flowing_sand:", format!("<@{by}> approves it; telling Jules …"))
        }
        PlanStatus::Approved(Some(by)) => (":white_check_mark:", format!("Approved by <@{by}>.")),
        PlanStatus::Approved(None) => {
            (":white_check_mark:", "Approved on Jules' own page.".to_owned())
        }
        PlanStatus::ChangesAsked(by) => {
            (":pencil2:", format!("<@{by}> asked for changes; a new plan follows."))
        }
        PlanStatus::Replaced => (":wastebasket:", "Replaced by a newer plan.".to_owned()),
        PlanStatus::WentOn => {
            (":arrow_forward:", "Jules went on without waiting for an approval.".to_owned())
        }
        PlanStatus::Closed => {
            (":wastebasket:", "The session ended before anybody decided.".to_owned())
        }
    }
}
