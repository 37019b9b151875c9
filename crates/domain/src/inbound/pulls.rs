//! Buttons about a pull request: a task instead of a message that may overwrite people's work, and a review for
//! Jules.

use super::start::start;
use super::{Answer, Context, FollowUp, Origin, message};
use crate::command::{Options, Request};
use crate::message::{Notice, Post, PullNews, StaleAction};
use crate::pull::Risk;
use crate::task::Task;

/// Starts a task on the branch, or on the one that it was merged into, with the words that were kept back.
pub(super) fn start_instead(task: &Task, number: u32, cx: &Context<'_>) -> Answer {
    let open = task.progress.pull.open.as_ref().filter(|open| open.number == number);
    let (Some(open), None) = (open, task.over()) else {
        let late = task.over().unwrap_or(StaleAction::Decided);
        return Answer::notice(Notice::TooLate(late));
    };
    let branch = match &open.risk {
        Risk::Foreign { branch, .. } => Some(branch.0.clone()),
        Risk::Merged { base, .. } | Risk::Closed { base } => Some(base.0.clone()),
        Risk::Unreadable => None,
    };
    let words = task.held_words();
    let prompt = if words.is_empty() { task.ask.prompt.clone() } else { words };
    let (plan, pr) =
        (task.target.as_ref().map(|one| one.plan), task.target.as_ref().map(|one| one.pr));
    let repo = task.repo().map(ToString::to_string);
    let options = Options { repo, branch, plan, pr, ..Options::default() };
    let ask = Request { prompt, options };
    // Named after the question, so that there is one, no matter who presses and how often.
    let origin = Origin { delivery: task.instead_of_held(number), ..cx.origin.clone() };
    let entrance = message::beside(task, task.is_direct(), cx);
    start(ask, &Context { origin: &origin, ..cx.with(entrance) })
}

/// Opens the form with a review, or with the checks that failed, while that still means something.
pub(super) fn send_review(task: &Task, review: Option<u64>) -> Answer {
    match task.over() {
        Some(late) => Answer::notice(Notice::TooLate(late)),
        None if task.is_busy() => Answer::notice(Notice::TooLate(StaleAction::GoesOn)),
        None => Answer::run(FollowUp::OpenReview(task.id.clone(), review)),
    }
}

/// Shows the message without what could be sent; it isn't asked again.
pub(super) fn not_now(task: &Task, review: Option<u64>, cx: &Context<'_>) -> Answer {
    let news =
        task.progress.pull.offers.iter().rev().find(|news| news.what.offers() == Some(review));
    let Some(news) = news else { return Answer::notice(Notice::NothingToFix) };
    let news = PullNews { set_aside: Some(cx.actor.user.clone()), ..news.clone() };
    Answer::notice(Notice::Copy(Post::Pull(Box::new(news))))
}
