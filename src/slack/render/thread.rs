//! What is said in a task's thread.

use super::card::{block_id, duration, retry, stop};
use super::{JULES, branch_name, code, name, quoted};
use crate::domain::diff::{ChangeKind, Changes, DiffStat, FileChange};
use crate::domain::ids::{TaskId, UserId};
use crate::domain::inbound::Verb;
use crate::domain::message::{Finished, Post};
use crate::domain::repo::{Branch, RepoRef};
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
pub(super) const LONGEST_QUOTE: usize = 1_500;

/// The words, as mrkdwn.
pub(super) fn words(post: &Post) -> String {
    match post {
        Post::Link { url, repo, branch, quiet } => link_words(url, repo, branch, *quiet),
        // The message is drawn from the task, by `plan`.
        Post::Plan(_) => "A plan is ready.".to_owned(),
        Post::Word { text, question, .. } => word(text, *question),
        Post::Finished(finished) => finished_words(finished),
        Post::Failed { reason, .. } => failed(reason.as_deref()),
        Post::Refused { to, repo, .. } => refused(to, repo.as_ref()),
        Post::PullRequest(pull_request) => pull_request_words(pull_request),
        Post::ApprovedElsewhere => {
            "The plan was approved on Jules' own page. Jules goes on.".to_owned()
        }
        Post::WentOn => "Jules went on with its new plan without waiting for an approval: after a \
                        first one it does not ask again. To change course, write here."
            .to_owned(),
        Post::SaidElsewhere { text } => said_elsewhere(text),
        Post::ArchivedElsewhere { .. } => {
            "The session was archived on Jules' own page, which pauses it. To go on, take it out of \
             the archive there, or retry the task from its card."
                .to_owned()
        }
        Post::Unarchived => "The session is out of Jules' archive again.".to_owned(),
        Post::SessionGone { .. } => "The session was deleted on Jules' own page, so this thread leads \
                                    nowhere any more."
            .to_owned(),
        Post::SessionFound => {
            "Jules has this session after all, so this thread continues.".to_owned()
        }
        Post::SeeSession { .. } => {
            "Jules has news here that Slack does not let me show. They are on the session's page."
                .to_owned()
        }
    }
}

/// What can be clicked below it.
pub(super) fn buttons(post: &Post) -> Option<SlackBlock> {
    match post {
        Post::Link { url, .. }
        | Post::Word { url, .. }
        | Post::ArchivedElsewhere { url }
        | Post::SeeSession { url } => session_button(url),
        Post::Finished(finished) => end_buttons(finished),
        Post::Failed { task, url, .. } => Some(retry_buttons(task, Some(url))),
        Post::PullRequest(pull_request) => {
            let open = link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest);
            open.map(|open| actions("link", vec![open]))
        }
        Post::SessionGone { task } => Some(retry_buttons(task, None)),
        Post::Refused { task, .. } => Some(actions(&block_id(task), vec![stop(task, false)])),
        Post::Plan(_)
        | Post::ApprovedElsewhere
        | Post::WentOn
        | Post::SaidElsewhere { .. }
        | Post::Unarchived
        | Post::SessionFound => None,
    }
}

pub(super) fn session_button(url: &str) -> Option<SlackBlock> {
    link_button("Open in Jules", url, LinkTo::Session).map(|link| actions("link", vec![link]))
}

fn link_words(url: &str, repo: &RepoRef, branch: &Branch, quiet: bool) -> String {
    let link = mrkdwn::link(url, "").into_string();
    let appears = if quiet {
        "Only what waits for somebody, and the end, appear here."
    } else {
        "Plans, questions and the pull request appear here."
    };
    format!(
        "Jules works on {} from {}: {link}\nReply in this thread to steer it: what you write goes to \
         Jules, except after `!aside`. {appears}",
        name(repo),
        branch_name(branch)
    )
}

fn refused(to: &UserId, repo: Option<&RepoRef>) -> String {
    let repo = repo.map_or_else(|| "its repository".to_owned(), name);
    format!(
        "<@{to}> Jules has been refusing this task for several minutes and gives no reason, although \
         your account seems to have room. Open {JULES} and check that {repo} works there. I'll keep \
         trying until you stop this task."
    )
}

fn pull_request_words(pull_request: &PullRequest) -> String {
    let label = pull_request.title.as_deref().unwrap_or("pull request");
    format!("Jules opened a pull request: {}", mrkdwn::link(&pull_request.url, label))
}

fn said_elsewhere(text: &str) -> String {
    format!("Somebody wrote to Jules on its own page:\n{}", quoted(text, LONGEST_QUOTE))
}

/// Words of Jules': Markdown, cut at a paragraph.
fn jules_words(text: &str) -> String {
    let whole = mrkdwn::markdown(text);
    let short = whole.cut(LONGEST);
    let cut = short != whole;
    let short = short.into_string();
    if cut { format!("{short}\n_The rest is on the session's page._") } else { short }
}

fn word(text: &str, question: bool) -> String {
    let head = if question {
        ":question: *Jules asks* (answer in this thread):"
    } else {
        ":speech_balloon: *Jules says:*"
    };
    format!("{head}\n{}", jules_words(text))
}

fn failed(reason: Option<&str>) -> String {
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

fn finished_words(finished: &Finished) -> String {
    let took = finished.took.map(|seconds| format!(" after {}", duration(seconds)));
    // Green is for a task that came to something, or may have.
    let emoji = if changed_nothing(finished) { ":white_circle:" } else { ":white_check_mark:" };
    let mut lines = vec![format!("{emoji} *Finished*{}", took.unwrap_or_default())];
    lines.extend(outcome_words(finished));
    match &finished.changes {
        Changes::Counted(changes) => lines.push(changes_words(changes)),
        Changes::Uncounted => {
            lines.push("Jules changed the code, but I couldn't read what it changed.".to_owned());
        }
        Changes::Unknown | Changes::Nothing => {}
    }
    if let Some(message) = &finished.commit_message {
        lines.push(format!("Suggested commit message:\n{}", quoted(message, LONGEST_QUOTE)));
    }
    lines.join("\n")
}

fn changed_nothing(finished: &Finished) -> bool {
    finished.changes == Changes::Nothing && finished.opened.is_empty() && finished.kept.is_none()
}

/// The pull requests, or why there is none.
fn outcome_words(finished: &Finished) -> Vec<String> {
    let link = |pull_request: &PullRequest| {
        let label = pull_request.title.as_deref().unwrap_or("Open the pull request");
        mrkdwn::link(&pull_request.url, label)
    };
    let words = match (finished.opened.as_slice(), &finished.kept) {
        ([], Some(kept)) if finished.changes.is_some() => {
            format!("Pull request updated: {}", link(kept))
        }
        ([], Some(kept)) => format!("No new pull request. The one from before: {}", link(kept)),
        ([], None) if changed_nothing(finished) => "It changed nothing.".to_owned(),
        ([], None) if finished.changes.is_some() => {
            "No pull request was opened. You can publish the changes from Jules.".to_owned()
        }
        ([], None) => "No pull request was opened. The session page may show more.".to_owned(),
        (several, _) => {
            return several.iter().map(|one| format!("Pull request: {}", link(one))).collect();
        }
    };
    vec![words]
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
fn end_buttons(finished: &Finished) -> Option<SlackBlock> {
    let newest = finished.opened.last().or(finished.kept.as_ref());
    let mut row = Vec::new();
    if let Some(pull_request) = newest {
        row.extend(
            link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest)
                .map(primary),
        );
    }
    let publishes = newest.is_none() && finished.changes.is_some();
    let label = if publishes { "Publish it in Jules" } else { "Open in Jules" };
    row.extend(link_button(label, &finished.url, LinkTo::Session));
    (!row.is_empty()).then(|| actions("end", row))
}

/// The buttons under a bad end.
fn retry_buttons(task: &TaskId, url: Option<&str>) -> SlackBlock {
    let mut row = retry(task).to_vec();
    row.extend(url.and_then(|url| link_button("Open in Jules", url, LinkTo::Session)));
    actions(&block_id(task), row)
}

/// A plan, with what became of it.
#[must_use]
pub fn plan(task: &TaskId, note: &PlanRecord, url: &str) -> Content {
    let count = if note.total == 1 { "1 step".to_owned() } else { format!("{} steps", note.total) };
    let (emoji, status) = plan_standing(&note.status);
    let steps = Escaped::drawn(steps(note)).cut(LONGEST_STEPS).into_string();
    let is_empty = note.total == 0;
    let heading = if is_empty {
        format!(
            ":clipboard: *Plan*\nJules sent no steps for this plan. Look at it {} before you approve.",
            mrkdwn::link(url, "in Jules")
        )
    } else {
        format!(":clipboard: *Plan* · {count}")
    };
    let mut blocks = vec![section(&heading)];
    if !steps.is_empty() {
        blocks.extend(sections(&steps));
    }
    if note.status.is_open() {
        blocks.push(section(&format!("{emoji} {status}")));
        blocks.push(actions(
            &format!("plan-{}", note.id),
            vec![
                primary(button(
                    "Approve",
                    &Action::Press(task.clone(), Verb::Approve(note.id.clone())),
                )),
                button(
                    "Ask for changes",
                    &Action::Press(task.clone(), Verb::AskChanges(note.id.clone())),
                ),
            ],
        ));
    } else if let (PlanStatus::ChangesAsked(by), Some(asked)) = (&note.status, &note.changes) {
        let asked = quoted(asked, LONGEST_QUOTE);
        blocks.extend(sections(&format!(
            "{emoji} <@{by}> asked for changes:\n{asked}\nA new plan is on its way."
        )));
    } else {
        blocks.push(context(&format!("{emoji} {status}")));
    }
    // An edit takes at most 4,000 characters here (chat.update), so the steps are in the blocks only.
    let text = if is_empty {
        format!("Jules made a plan and sent no steps. {status}")
    } else {
        format!("Jules made a plan of {count}. {status}")
    };
    Content { text, blocks }
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
            (":pencil2:", format!("<@{by}> asked for changes. A new plan is on its way."))
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
