//! How a person is notified: the mention at the start of a message, and direct messages.

use super::card::block_id;
use super::thread::{decide_buttons, plan_standing};
use super::words::quoted_markdown;
use crate::action::{Action, LinkTo};
use crate::blocks::{actions, button, link_button, primary};
use crate::client::Content;
use crate::rich_text::{Line, Rich, cut, say};
use domain::ids::UserId;
use domain::inbound::Verb;
use domain::message::{Call, Occasion, Post};
use domain::task::{DmRecord, DmState, Task};

/// How much of a title a direct message shows.
const TITLE: usize = 150;

/// A message for a [`Post`] that mentions someone first, if it does.
#[must_use]
pub fn post_to(post: &Post, ping: Option<&UserId>) -> Content {
    mentioning(ping, post, super::post(post))
}

/// The message with a mention at its start, in the notification as well. Slack notifies of both.
#[must_use]
pub fn mentioning(ping: Option<&UserId>, post: &Post, content: Content) -> Content {
    let Some(to) = ping else { return content };
    let lead = Rich::from(say!("{}{}", to, call_words(post)));
    let mut blocks = lead.blocks();
    blocks.extend(content.blocks);
    let text = format!("{} {}", lead.notification(), content.text);
    Content { text: cut(text.trim_end(), LONGEST_TEXT), blocks }
}

/// `chat.update` takes no longer `text` (slack-platform.md §8).
const LONGEST_TEXT: usize = 3_900;

/// What the mention says, behind the name.
fn call_words(post: &Post) -> Line {
    match post {
        Post::Plan { .. } => say!(", the plan is ready. Jules is waiting for you."),
        Post::Word { .. } => say!(", Jules has a question."),
        Post::Finished(_) => say!(", it's done."),
        Post::Failed { .. } => say!(", this failed."),
        Post::Call(call) => reminder_words(call),
        Post::Link { .. }
        | Post::Refused { .. }
        | Post::Beside { .. }
        | Post::SentOn { .. }
        | Post::PullRequest(_)
        | Post::Pull(_)
        | Post::Held(_)
        | Post::HeldDecided { .. }
        | Post::ApprovedElsewhere
        | Post::WentOn
        | Post::SaidElsewhere { .. }
        | Post::Answered { .. }
        | Post::ArchivedElsewhere { .. }
        | Post::Unarchived
        | Post::Paused { .. }
        | Post::SessionGone { .. }
        | Post::SessionFound
        | Post::Dropped { .. }
        | Post::Moved { .. }
        | Post::SeeSession { .. } => Line::default(),
    }
}

/// A line of its own in the thread.
fn reminder_words(call: &Call) -> Line {
    match (&call.of, call.again) {
        (Occasion::Plan(_), true) => say!(", Jules is still waiting for you to approve the plan."),
        (Occasion::Plan(_), false) => say!(", the plan is ready. Jules is waiting for you."),
        (Occasion::Question(_), true) => say!(", Jules is still waiting for your answer."),
        (Occasion::Question(_), false) => say!(", Jules has a question."),
        (Occasion::Finished, _) => say!(", it's done."),
        (Occasion::Failed, _) => say!(", this failed."),
    }
}

/// A direct message to the author: what it is about, what they can do, and the way to the thread.
#[must_use]
pub fn direct(task: &Task, dm: &DmRecord, page: Option<&str>) -> Content {
    let state = task.dm_state(&dm.call.of);
    let head = direct_words(task, &dm.call, &state);
    let mut rich = Rich::from(head.clone());
    if let Some(words) = dm.words.as_deref().filter(|_| state != DmState::Answered) {
        rich = rich.and(quoted_markdown(words));
    }
    if let DmState::Plan(status) = &state
        && !status.is_open()
    {
        rich = rich.line(plan_standing(status));
    }
    let mut row = match (&dm.call.of, &state) {
        (Occasion::Plan(plan), DmState::Plan(status)) if status.is_open() => {
            decide_buttons(&task.id, plan)
        }
        (Occasion::Question(question), DmState::Asks) => {
            let answer = Action::Press(task.id.clone(), Verb::Answer(*question));
            vec![primary(button("Answer", &answer))]
        }
        (_, _) => Vec::new(),
    };
    let pull_request = task.progress.pull_request().filter(|_| dm.call.of == Occasion::Finished);
    row.extend(pull_request.and_then(|pull_request| {
        link_button("Open pull request", &pull_request.url, LinkTo::PullRequest)
    }));
    row.extend(page.and_then(|page| link_button("Open thread", page, LinkTo::Thread)));
    let mut blocks = rich.blocks();
    if !row.is_empty() {
        blocks.push(actions(&block_id(&task.id), row));
    }
    Content { text: Rich::from(head).notification(), blocks }
}

fn direct_words(task: &Task, call: &Call, state: &DmState) -> Line {
    let title = Line::one(&cut(task.title(), TITLE)).bold();
    let about = match &task.channel {
        Some(channel) => say!("{} ({})", title, channel),
        None => title,
    };
    match (&call.of, state) {
        (Occasion::Plan(_), DmState::Plan(status)) if status.is_open() && call.again => {
            say!("The plan for {} is still waiting for you.", about)
        }
        (Occasion::Plan(_), DmState::Plan(status)) if status.is_open() => {
            say!("The plan for {} is ready and waiting for you.", about)
        }
        (Occasion::Plan(_), _) => say!("The plan for {}:", about),
        (Occasion::Question(_), DmState::Asks) if call.again => {
            say!("Jules is still waiting for your answer about {}.", about)
        }
        (Occasion::Question(_), DmState::Asks) => say!("Jules has a question about {}:", about),
        (Occasion::Question(_), _) => say!("Jules' question about {} is answered.", about),
        (Occasion::Finished, _) => say!("{} is done.", about),
        (Occasion::Failed, _) => say!("{} failed.", about),
    }
}
