//! Pull requests on GitHub: what a thread is told, and what people are asked before something may overwrite
//! their work.

use super::card::{block_id, open_pull_request};
use super::{branch_name, code, harmless, name, quoted};
use crate::action::Action;
use crate::blocks::{actions, button, primary};
use crate::rich_text::{Line, Rich, link, say};
use domain::ids::UserId;
use domain::inbound::Verb;
use domain::message::{HeldQuestion, PullEvent, PullNews, Watching};
use domain::pull::{Login, NoSight, PullRef, PullState, Risk};
use domain::repo::{Branch, RepoRef};
use domain::session::PullRequest;
use domain::task::{ChecksFace, IssueAlong, IssueClosed, PullFace};
use slack_morphism::prelude::*;

/// How much of a review is shown.
const LONGEST_REVIEW: usize = 300;
/// How many failed checks are named.
const MOST_CHECKS: usize = 5;

/// What happened.
pub(super) fn news(news: &PullNews) -> Rich {
    match &news.set_aside {
        Some(by) => told(news).line(say!("Set aside by {}.", by)),
        None => told(news),
    }
}

fn told(news: &PullNews) -> Rich {
    let (pull, it) = (number(&news.pull_request), within(&news.pull_request));
    match &news.what {
        PullEvent::Merged { by: Some(by) } => {
            say!(":white_check_mark: {} was *merged* by {}.", pull, who(by)).into()
        }
        PullEvent::Merged { by: None } => say!(":white_check_mark: {} was *merged*.", pull).into(),
        PullEvent::Closed { by: Some(by) } => {
            say!("{} was closed without merging by {}.", pull, who(by)).into()
        }
        PullEvent::Closed { by: None } => say!("{} was closed without merging.", pull).into(),
        PullEvent::Approved { by } => say!("{} was approved by {}.", pull, who(by)).into(),
        PullEvent::Reviewed { by, text, comments, wants_changes, .. } => {
            let head = if *wants_changes {
                say!(":pencil2: {} *requested changes*{}", who(by), with_comments(*comments))
            } else {
                say!("{} reviewed {}{}", who(by), it, with_comments(*comments))
            };
            match text.is_empty() {
                true => head.and(say!(".")).into(),
                false => Rich::from(head.and(say!(":"))).and(quoted(text, LONGEST_REVIEW)),
            }
        }
        PullEvent::ChecksFailed { failed, bad, total, .. } => {
            let named = failed.iter().take(MOST_CHECKS).map(|one| code(one));
            let names = joined(named.collect());
            let more = usize::try_from(*bad).unwrap_or(0).saturating_sub(MOST_CHECKS);
            let more = if more > 0 { say!(" and {} more", more) } else { Line::default() };
            say!(":warning: {} of {} checks failed: {}{}.", *bad, *total, names, more).into()
        }
        PullEvent::Conflict { base } => {
            say!("There's a conflict with {}.", branch_name(base)).into()
        }
        PullEvent::ReviewAwaited => {
            say!("{} has been waiting for a review for a day.", pull).into()
        }
        PullEvent::Unseen { repo } => say!(
            "I can't see {} on GitHub any more. It was deleted, or the GitHub token no longer reaches {}.",
            it,
            name(repo)
        )
        .into(),
    }
}

/// What can be clicked below it.
pub(super) fn news_buttons(news: &PullNews) -> Option<SlackBlock> {
    let press = |verb| Action::Press(news.task.clone(), verb);
    let offered = news.what.offers().filter(|_| news.set_aside.is_none());
    let mut row: Vec<_> = offered
        .into_iter()
        .flat_map(|review| {
            let send = review.map_or(Verb::SendChecks, Verb::SendReview);
            [
                primary(button("Send it to Jules", &press(send))),
                button("Not now", &press(Verb::NotNow(review))),
            ]
        })
        .collect();
    row.extend(open_pull_request(&news.pull_request));
    (!row.is_empty()).then(|| actions(&block_id(&news.task), row))
}

/// Whether something may go to Jules although it may overwrite people's work.
pub(super) fn question(question: &HeldQuestion) -> Rich {
    let words = match &question.risk {
        Risk::Foreign { commits: Some(commits), branch } => {
            let count =
                if *commits == 1 { say!("1 new commit") } else { say!("{} new commits", *commits) };
            say!(
                ":raised_hand: {} has {} since Jules' last one. If Jules continues, it may overwrite people's \
                 work, so I haven't sent that yet.",
                branch_name(branch),
                count
            )
        }
        Risk::Foreign { commits: None, branch } => say!(
            ":raised_hand: People have pushed to {} since Jules' last commit. If Jules continues, it may \
             overwrite their work, so I haven't sent that yet.",
            branch_name(branch)
        ),
        Risk::Merged { by: Some(by), base } => say!(
            ":raised_hand: This is already merged (by {}), so I haven't sent that yet. Start a new task from \
             {} instead?",
            who(by),
            branch_name(base)
        ),
        Risk::Merged { by: None, base } => say!(
            ":raised_hand: This is already merged, so I haven't sent that yet. Start a new task from {} \
             instead?",
            branch_name(base)
        ),
        Risk::Closed { base } => say!(
            ":raised_hand: The pull request is closed, so I haven't sent that yet. Start a new task from {} \
             instead?",
            branch_name(base)
        ),
        Risk::Unreadable => say!(
            ":raised_hand: I can't read GitHub right now, so I can't check whether people have pushed to the branch. \
             If they have, Jules may overwrite their work. I haven't sent that yet."
        ),
    };
    words.into()
}

/// What can be decided.
pub(super) fn question_buttons(question: &HeldQuestion) -> SlackBlock {
    let press = |verb| Action::Press(question.task.clone(), verb);
    let number = question.number;
    let anyway = button("Send anyway", &press(Verb::SendAnyway(number)));
    let cancel = button("Cancel", &press(Verb::DropHeld(number)));
    let instead = |label| button(label, &press(Verb::StartInstead(number)));
    let row = match &question.risk {
        Risk::Foreign { .. } => vec![anyway, instead("New task on this branch"), cancel],
        Risk::Merged { .. } | Risk::Closed { .. } => {
            vec![primary(instead("New task")), anyway, cancel]
        }
        Risk::Unreadable => vec![anyway, cancel],
    };
    actions(&format!("held-{number}"), row)
}

/// What someone decided.
pub(super) fn decided(by: &UserId, sent: bool) -> Line {
    if sent {
        say!("{} decided to send it to Jules anyway.", by)
    } else {
        say!("{} cancelled it, so Jules didn't get it.", by)
    }
}

/// Below the end of a session: whether the thread hears what becomes of the pull request.
pub(super) fn watching(watching: Watching) -> Line {
    match watching {
        Watching::Yes => say!("I'll post here when it's reviewed or merged."),
        Watching::Hidden { has_token: false } => say!(
            "I can't see this repository on GitHub. For reviews here, ask the person who runs this app to set \
             `GITHUB_TOKEN`."
        ),
        Watching::Hidden { has_token: true } => {
            say!("The GitHub token can't see this repository, so reviews won't show up here.")
        }
    }
}

/// That nobody can see whether people have pushed.
pub(super) fn pushes_unseen(repo: &RepoRef) -> Line {
    say!(
        "I sent that to Jules, but I can't see whether people have pushed to its branch in {} since. If they \
         have, Jules may overwrite their work.",
        name(repo)
    )
}

/// How a pull request is, behind the headline of its card.
pub(super) fn standing(face: &PullFace) -> Line {
    let mut parts = vec![match (face.unseen, face.state) {
        (Some(NoSight::NotFound | NoSight::Forbidden | NoSight::TokenRefused), _) => {
            return say!(" · pull request not visible on GitHub");
        }
        (Some(NoSight::Limited) | None, PullState::Open) => say!("pull request open"),
        (Some(NoSight::Limited) | None, PullState::Draft) => say!("pull request is a draft"),
        (Some(NoSight::Limited) | None, PullState::Closed) => {
            return say!(" · pull request closed without merging");
        }
        (Some(NoSight::Limited) | None, PullState::Merged) => return Line::default(),
    }];
    match face.approvals {
        0 => {}
        1 => parts.push(say!("1 approval")),
        many => parts.push(say!("{} approvals", many)),
    }
    if face.wants_changes {
        parts.push(say!("changes requested"));
    }
    match face.checks {
        ChecksFace::None => {}
        ChecksFace::Running => parts.push(say!("checks running")),
        ChecksFace::Green => parts.push(say!("checks green")),
        ChecksFace::Red => parts.push(say!("checks failed")),
    }
    if face.conflict {
        parts.push(say!("conflict"));
    }
    parts.into_iter().fold(Line::default(), |line, part| say!("{} · {}", line, part))
}

/// What else the card says of a pull request.
pub(super) fn remarks(face: &PullFace) -> Vec<Line> {
    let mut lines = Vec::new();
    match face.unseen {
        Some(NoSight::TokenRefused) => {
            lines.push(say!("GitHub doesn't accept the token right now."));
        }
        Some(NoSight::Limited) => {
            lines.push(say!("GitHub is rate-limiting me, so news from there shows up later."));
        }
        Some(NoSight::NotFound | NoSight::Forbidden) | None => {}
    }
    if face.partly && face.unseen.is_none() && face.state.is_open() {
        lines.push(say!("I'm watching reviews, but the GitHub token can't read all checks."));
    }
    match face.bot_comments {
        0 => {}
        1 => lines.push(say!("1 comment by an app")),
        many => lines.push(say!("{} comments by apps", many)),
    }
    lines
}

/// That the issue of a task is closed.
pub(super) fn issue_closed(issue: &PullRef, closed: &IssueClosed) -> Line {
    let why = match closed.why.as_deref() {
        Some("completed") => say!("completed"),
        Some("duplicate") => say!("a duplicate"),
        Some("not_planned") => say!("not planned"),
        Some(_) | None => Line::default(),
    };
    let on = closed.day();
    let issue = code(&issue.to_string());
    match (closed.why.is_some() && !why.is_blank(), on) {
        (true, Some(on)) => say!("{} is closed ({} on {}). Start anyway?", issue, why, on),
        (false, Some(on)) => say!("{} is closed (on {}). Start anyway?", issue, on),
        (_, None) => say!("{} is closed. Start anyway?", issue),
    }
}

/// Someone has begun a task on the same issue.
pub(super) fn issue_begun(issue: &PullRef, by: &UserId, page: Option<&str>) -> Line {
    let issue = code(&issue.to_string());
    match page {
        Some(page) => say!("{} already started {}: {}.", by, issue, link(page, "open the thread")),
        None => say!("{} already started {}.", by, issue),
    }
}

/// A task is about a pull request.
pub(super) fn linked(pull: &PullRef, branch: Option<&Branch>) -> Line {
    let number = code(&format!("#{}", pull.number));
    match branch {
        Some(branch) => say!("Work on the branch of {} ({})?", number, branch_name(branch)),
        None => {
            let follow = format!("/jules follow {}", pull.url());
            say!(
                "Jules opened {} in a session of its own. To continue there, type {}. Start a new task \
                 instead?",
                number,
                code(&follow)
            )
        }
    }
}

/// What the card says of the issue that its task is about.
pub(super) fn issue_remarks(issue: &IssueAlong) -> Option<Line> {
    if issue.is_unread {
        return Some(say!("I couldn't read the issue, so Jules only got the link."));
    }
    let owner = issue.strangers_to.as_deref()?;
    Some(say!("Includes text from people outside {}, so the plan needs approval.", harmless(owner)))
}

fn number(pull_request: &PullRequest) -> Line {
    match pull_request.number() {
        Some(number) => say!("Pull request #{}", number),
        None => say!("The pull request"),
    }
}

/// The same within a sentence.
fn within(pull_request: &PullRequest) -> Line {
    match pull_request.number() {
        Some(number) => say!("pull request #{}", number),
        // What is watched has one.
        None => number(pull_request),
    }
}

fn who(login: &Login) -> Line {
    harmless(&login.name)
}

fn with_comments(comments: u32) -> Line {
    match comments {
        0 => Line::default(),
        1 => say!(" (1 comment)"),
        many => say!(" ({} comments)", many),
    }
}

fn joined(parts: Vec<Line>) -> Line {
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |line, part| say!("{}, {}", line, part))
}
