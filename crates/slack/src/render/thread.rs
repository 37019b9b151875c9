//! What is said in a task's thread.

use super::card::{block_id, deleted, duration, open_pull_request, retry, stop};
use super::{branch_name, code, follow, jules, more, more_in_jules, name, pull, quoted};
use crate::action::{Action, LinkTo};
use crate::blocks::{actions, button, context, link_button, primary};
use crate::client::Content;
use crate::rich_text::{Line, Rich, cut, link, markdown, say};
use domain::diff::{ChangeKind, Changes, DiffStat, FileChange};
use domain::ids::{PlanId, TaskId, UserId};
use domain::inbound::Verb;
use domain::message::{Finished, LONGEST_KEPT, Post};
use domain::policy::WhoMay;
use domain::repo::{Branch, RepoRef};
use domain::session::PullRequest;
use domain::task::{PlanRecord, PlanStatus};
use slack_morphism::prelude::*;

/// How much of a text by Jules is shown; the rest is on the session page. Slack accepts about 13,200
/// characters in all blocks of a message (slack-platform.md §8).
const LONGEST: usize = 11_000;
/// How much of a plan's steps is shown; a request for changes may follow below them.
pub(super) const LONGEST_STEPS: usize = 10_000;
/// How much of another task's title.
const LONGEST_TITLE: usize = 150;
/// How many files of a change are listed.
const MOST_FILES: usize = 15;
/// How much of a commit message, and of a quoted message.
pub(super) const LONGEST_QUOTE: usize = 1_500;

/// The words.
pub(super) fn words(post: &Post) -> Rich {
    match post {
        Post::Link { repo, branch, quiet, .. } => link_words(repo, branch, *quiet),
        Post::Word { text, question, url } => word(text, *question, url),
        Post::Finished(finished) => finished_words(finished),
        Post::Failed { reason, url, .. } => failed(reason.as_deref(), url),
        Post::SaidElsewhere { text } => said_elsewhere(text),
        Post::SentOn { by, text } => {
            Rich::from(say!("{} sent this to Jules:", by)).and(quoted(text, LONGEST_QUOTE))
        }
        Post::Answered { by, text } => {
            Rich::from(say!("{} answered:", by)).and(quoted(text, LONGEST_QUOTE))
        }
        Post::Pull(news) => pull::news(news),
        Post::Held(question) => pull::question(question),
        one_line => line(one_line).into(),
    }
}

/// The words of what is said in one line.
fn line(post: &Post) -> Line {
    match post {
        // The message is drawn from the task, by `plan`.
        Post::Plan { .. } => say!("A plan is ready."),
        Post::Refused { to, repo, .. } => refused(to, repo.as_ref()),
        Post::PullRequest(pull_request) => {
            say!("Jules opened {}.", pull_request_words(pull_request))
        }
        Post::ApprovedElsewhere => say!("The plan was approved in Jules, which is carrying on."),
        Post::WentOn => say!(
            "Jules is carrying on with its new plan. It doesn't wait again after the first approval. To \
             change course, reply here."
        ),
        Post::ArchivedElsewhere { url } => say!(
            "This session was archived in Jules, which pauses it. To continue, {} or press *Retry* on \
             the card.",
            link(url, "unarchive it there")
        ),
        Post::Unarchived => say!("This session was unarchived in Jules."),
        Post::Paused { url } => say!(
            ":double_vertical_bar: *Jules paused this session before it was done.* Reply here to ask it to \
             continue, or {}.",
            link(url, "look at it in Jules")
        ),
        Post::SessionGone { .. } => deleted(),
        Post::Dropped { url, .. } => dropped(url.as_deref()),
        Post::Moved { by, page } => follow::moved(by, page.as_deref()),
        Post::SessionFound => say!("Jules found this session again, so this thread continues."),
        // Only the person it mentions is notified, by `notify`.
        Post::Call(_) => Line::default(),
        Post::Beside { title, page } => {
            let title = cut(title, LONGEST_TITLE);
            let title = match page {
                Some(page) => link(page, &title),
                None => Line::one(&title),
            };
            say!("{} is a separate task in the channel.", title)
        }
        Post::SeeSession { url } => {
            say!("Jules has news that I can't show here. {}", link(url, "See it in Jules"))
        }
        Post::HeldDecided { by, sent } => pull::decided(by, *sent),
        // Said in several lines, above.
        Post::Link { .. }
        | Post::Pull(_)
        | Post::Held(_)
        | Post::Word { .. }
        | Post::Finished(_)
        | Post::Failed { .. }
        | Post::SaidElsewhere { .. }
        | Post::SentOn { .. }
        | Post::Answered { .. } => Line::default(),
    }
}

/// What can be clicked below it. The session's page has one button in a thread, below its link.
pub(super) fn buttons(post: &Post) -> Option<SlackBlock> {
    match post {
        Post::Link { url, .. } => session_button(url),
        Post::Finished(finished) => end_buttons(finished),
        Post::Failed { task, .. } | Post::SessionGone { task } | Post::Dropped { task, .. } => {
            Some(actions(&block_id(task), retry(task).to_vec()))
        }
        Post::PullRequest(pull_request) => {
            open_pull_request(pull_request).map(|open| actions("link", vec![open]))
        }
        Post::Refused { task, .. } => Some(actions(&block_id(task), vec![stop(task, false)])),
        Post::Pull(news) => pull::news_buttons(news),
        Post::Held(question) => Some(pull::question_buttons(question)),
        Post::Plan { .. }
        | Post::HeldDecided { .. }
        | Post::Call(_)
        | Post::Word { .. }
        | Post::ApprovedElsewhere
        | Post::WentOn
        | Post::SaidElsewhere { .. }
        | Post::Answered { .. }
        | Post::ArchivedElsewhere { .. }
        | Post::Unarchived
        | Post::Paused { .. }
        | Post::SessionFound
        | Post::Moved { .. }
        | Post::SentOn { .. }
        | Post::Beside { .. }
        | Post::SeeSession { .. } => None,
    }
}

/// The task was given up on the command line. Jules isn't told, because what is dropped is often what can't be told.
fn dropped(url: Option<&str>) -> Line {
    let said =
        say!("The person who runs this app dropped this task, so I'm not following it any more.");
    match url {
        Some(url) => say!("{} The session itself {}.", said, link(url, "continues in Jules")),
        None => said,
    }
}

pub(super) fn session_button(url: &str) -> Option<SlackBlock> {
    link_button("Open in Jules", url, LinkTo::Session).map(|link| actions("link", vec![link]))
}

fn link_words(repo: &RepoRef, branch: &Branch, quiet: bool) -> Rich {
    let words = Rich::from(say!(
        "Jules is working on {} ({}). Reply here to talk to Jules, or start with `!aside` to keep a \
         message between people.",
        name(repo),
        branch_name(branch)
    ));
    if quiet {
        return words.line(say!(
            "This thread is quiet. I'll only post when Jules needs you and when it's done."
        ));
    }
    words
}

fn refused(to: &UserId, repo: Option<&RepoRef>) -> Line {
    let repo = repo.map_or_else(|| say!("its repository"), name);
    say!(
        "{}, Jules has refused this task for several minutes without giving a reason, although your \
         account seems to have room. Open {} and check that {} works there. I'll keep trying until you \
         stop this task.",
        to,
        jules(),
        repo
    )
}

/// `pull request #214, title`, as far as both are known.
fn pull_request_words(pull_request: &PullRequest) -> Line {
    let words = match pull_request.number() {
        Some(number) => say!("pull request #{}", number),
        None => say!("a pull request"),
    };
    match pull_request.title.as_deref().map(Line::one).filter(|title| !title.is_blank()) {
        Some(title) => say!("{}, *{}*", words, title),
        None => words,
    }
}

fn said_elsewhere(text: &str) -> Rich {
    let words = say!("Someone wrote to Jules on the session page:");
    Rich::from(words).and(quoted(text, LONGEST_QUOTE))
}

/// What Jules wrote, as Markdown. How long it was isn't known of what is too long to be kept.
fn jules_words(text: &str, url: &str) -> Rich {
    if text.chars().count() < LONGEST_KEPT {
        return markdown(text).cut(LONGEST, |missing| more_in_jules(missing, url));
    }
    let rest = link(url, "Read the rest in Jules");
    markdown(text)
        .cut(LONGEST, |_| Line::default())
        .line(say!("… That's only the beginning. {}", rest))
}

fn word(text: &str, question: bool, url: &str) -> Rich {
    let head = if question {
        say!(":question: *Jules has a question.* Reply here to answer it.")
    } else {
        say!(":speech_balloon: *Jules says*")
    };
    Rich::from(head).and(jules_words(text, url))
}

fn failed(reason: Option<&str>, url: &str) -> Rich {
    match reason {
        Some(reason) => Rich::from(say!(":x: *Jules failed*")).and(jules_words(reason, url)),
        None => say!(
            ":x: *Jules failed* without giving a reason. The {} may say more.",
            link(url, "session page")
        )
        .into(),
    }
}

fn finished_words(finished: &Finished) -> Rich {
    let took = finished.took.map(|seconds| say!(" in {}", duration(seconds)));
    let took = took.unwrap_or_default();
    // Green is for a task that came to something, or may have.
    let head = if changed_nothing(finished) {
        say!(":white_circle: *Done*{}, without changing anything", took)
    } else {
        say!(":white_check_mark: *Done*{}", took)
    };
    let mut rich = Rich::from(head).and(outcome_words(finished));
    if let Some(watching) = finished.watching {
        rich = rich.line(pull::watching(watching));
    }
    match &finished.changes {
        Changes::Counted(changes) => rich = rich.and(changes_words(changes)),
        Changes::Uncounted => {
            rich = rich.line(say!("Jules changed the code, but I couldn't read what it changed."));
        }
        Changes::Unknown | Changes::Nothing => {}
    }
    if let Some(message) = &finished.commit_message {
        let words = say!("Suggested commit message:");
        rich = rich.line(words).and(commit_message(message));
    }
    rich
}

/// A commit message is no Markdown: its lines are as they are.
fn commit_message(message: &str) -> Rich {
    Rich::from(Line::from(message.trim())).cut(LONGEST_QUOTE, more).quoted()
}

fn changed_nothing(finished: &Finished) -> bool {
    finished.changes == Changes::Nothing && finished.opened.is_empty() && finished.kept.is_none()
}

/// The pull requests, or why there is none.
fn outcome_words(finished: &Finished) -> Rich {
    let changed = finished.changes.is_some();
    let words = match (finished.opened.as_slice(), &finished.kept) {
        ([], Some(kept)) if changed => say!("Jules updated {}.", pull_request_words(kept)),
        ([], Some(kept)) => {
            say!("There's no new pull request. The latest is still {}.", pull_request_words(kept))
        }
        // The headline says so.
        ([], None) if changed_nothing(finished) => Line::default(),
        ([], None) if changed => {
            say!("No pull request was opened. You can publish the changes from Jules.")
        }
        ([], None) => {
            let page = link(&finished.url, "session page");
            say!("No pull request was opened. The {} may say more.", page)
        }
        ([one], _) => say!("Jules opened {}.", pull_request_words(one)),
        (several, _) => {
            let to = |one: &PullRequest| link(&one.url, &pull_request_words(one).words());
            let head = Rich::from(say!("Jules opened {} pull requests:", several.len()));
            return several.iter().map(to).fold(head, |rich, one| rich.item(None, one));
        }
    };
    words.into()
}

/// A change in numbers.
pub(super) fn stat_line(changes: &DiffStat) -> Line {
    let count = changes.count();
    let files = if count == 1 { say!("1 file") } else { say!("{} files", count) };
    say!("{} changed, +{} −{}", files, changes.added, changes.removed)
}

fn changes_words(changes: &DiffStat) -> Rich {
    let count = changes.count();
    let mut rich = Rich::from(say!("{}:", stat_line(changes)));
    let listed = changes.files.iter().take(MOST_FILES).map(file_line);
    rich = listed.fold(rich, |rich, file| rich.item(None, file));
    let listed = u32::try_from(changes.files.len().min(MOST_FILES)).unwrap_or(u32::MAX);
    let more = count.saturating_sub(listed);
    if more > 0 {
        rich = rich.line(say!("… and {} more", more));
    }
    rich
}

pub(super) fn file_line(file: &FileChange) -> Line {
    let path = code(&file.path);
    let lines =
        if file.binary { say!("(binary)") } else { say!("+{} −{}", file.added, file.removed) };
    match &file.kind {
        ChangeKind::Changed => say!("{} {}", path, lines),
        ChangeKind::Created => say!("{} {} (new)", path, lines),
        ChangeKind::Deleted => say!("{} {} (deleted)", path, lines),
        ChangeKind::Renamed { from } => say!("{} {} (renamed from {})", path, lines, code(from)),
    }
}

/// The buttons under a good end.
fn end_buttons(finished: &Finished) -> Option<SlackBlock> {
    let first = match finished.opened.last().or(finished.kept.as_ref()) {
        Some(newest) => open_pull_request(newest),
        None if finished.changes.is_some() => {
            link_button("Publish in Jules", &finished.url, LinkTo::Session)
        }
        None => None,
    };
    let mut row: Vec<_> = first.map(primary).into_iter().collect();
    if finished.changes.is_some() {
        row.push(button(
            "Show changes",
            &Action::Press(finished.task.clone(), Verb::ShowChanges(0)),
        ));
    }
    (!row.is_empty()).then(|| actions("end", row))
}

/// A plan in one message, with what became of it. What is too much for one is cut.
#[must_use]
pub fn plan(task: &TaskId, note: &PlanRecord, url: &str) -> Content {
    let steps = steps(note, url).cut(LONGEST_STEPS, |missing| more_in_jules(missing, url));
    plan_message(task, note, &[], plan_heading(note, url, None).and(steps))
}

/// The beginning of a message with a plan, or with a part of one.
pub(super) fn plan_heading(note: &PlanRecord, url: &str, part: Option<(usize, usize)>) -> Rich {
    if note.total == 0 {
        let look = link(url, "in Jules");
        let missing =
            say!("Jules sent no steps for this plan. Look at it {} before you approve.", look);
        return Rich::from(say!(":clipboard: *Plan*")).line(missing);
    }
    match part {
        None => say!(":clipboard: *Plan* · {}", step_count(note)).into(),
        Some((part, of)) => {
            say!(":clipboard: *Plan* · {}, part {} of {}", step_count(note), part, of).into()
        }
    }
}

fn step_count(note: &PlanRecord) -> Line {
    if note.total == 1 { say!("1 step") } else { say!("{} steps", note.total) }
}

/// The last message of a plan: what it says, what became of the plan, and the buttons to decide about it.
pub(super) fn plan_message(
    task: &TaskId,
    note: &PlanRecord,
    approvers: &[WhoMay],
    mut rich: Rich,
) -> Content {
    let status = plan_standing(&note.status);
    let text = if note.total == 0 {
        say!("Jules sent a plan without steps. {}", status.clone())
    } else {
        say!("Jules has a plan with {}. {}", step_count(note), status.clone())
    };
    let mut blocks = Vec::new();
    if note.status.is_open() {
        let rich = approvers.iter().map(approval).fold(rich.line(status), Rich::line);
        blocks.extend(rich.blocks());
        blocks.push(actions(&format!("plan-{}", note.id), decide_buttons(task, &note.id)));
    } else if let (PlanStatus::ChangesAsked(by), Some(asked)) = (&note.status, &note.changes) {
        rich = rich
            .line(say!(":pencil2: {} asked for changes:", by))
            .and(quoted(asked, LONGEST_QUOTE))
            .line(say!("A new plan is on its way."));
        blocks.extend(rich.blocks());
    } else {
        blocks.extend(rich.blocks());
        blocks.push(context(&status));
    }
    // chat.update accepts at most 4,000 characters of text, so the steps are in the blocks only.
    Content { text: Rich::from(text).notification(), blocks }
}

/// Who decides about a plan, where that isn't everyone. A list isn't spelled out: that would notify all of it.
fn approval(who: &WhoMay) -> Line {
    match who {
        WhoMay::Everyone => Line::default(),
        WhoMay::Requester => say!("Approval: the person who asked for this task"),
        WhoMay::Other => say!("Approval: anyone but the person who asked for this task"),
        WhoMay::Admins => say!("Approval: admins"),
        WhoMay::These(_) => say!("Approval: only some people (`/jules access` lists them)"),
    }
}

/// The buttons by which someone decides about a plan.
pub(super) fn decide_buttons(task: &TaskId, plan: &PlanId) -> Vec<SlackBlockButtonElement> {
    let press = |verb| Action::Press(task.clone(), verb);
    vec![
        primary(button("Approve", &press(Verb::Approve(plan.clone())))),
        button("Ask for changes", &press(Verb::AskChanges(plan.clone()))),
    ]
}

/// Everything that is kept of a plan, and how much isn't.
pub(super) fn steps(note: &PlanRecord, url: &str) -> Rich {
    let mut rich = Rich::default();
    for (number, step) in (1..).zip(&note.steps) {
        let title = Line::one(&step.title).bold();
        let more = step.description.as_deref().map(markdown).unwrap_or_default();
        rich = rich.and(more.under(Some(number), title));
    }
    if note.missing > 0 {
        rich = rich.line(more_in_jules(note.missing, url));
    }
    rich
}

pub(super) fn plan_standing(status: &PlanStatus) -> Line {
    match status {
        PlanStatus::Told => {
            say!(":arrow_forward: No approval needed, so Jules is carrying on.")
        }
        PlanStatus::Pending => {
            say!(":raised_hand: *Jules is waiting for you.* Approve the plan, or ask for changes.")
        }
        PlanStatus::Approving(by) => {
            say!(":hourglass_flowing_sand: Approved by {}. Letting Jules know…", by)
        }
        PlanStatus::Approved(Some(by)) => say!(":white_check_mark: Approved by {}.", by),
        PlanStatus::Approved(None) => say!(":white_check_mark: Approved in Jules."),
        PlanStatus::ChangesAsked(by) => {
            say!(":pencil2: {} asked for changes. A new plan is on its way.", by)
        }
        PlanStatus::Replaced => say!(":wastebasket: Replaced by a newer plan."),
        PlanStatus::WentOn => {
            say!(":arrow_forward: Jules carried on without waiting for approval.")
        }
        PlanStatus::Moved => {
            say!(":arrow_right: This session moved to another thread. Decide about the plan there.")
        }
        PlanStatus::Closed => say!(":wastebasket: The task ended before anyone decided."),
    }
}
