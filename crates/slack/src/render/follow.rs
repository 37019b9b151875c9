//! Sessions that began elsewhere: what is asked before one is followed, the list to pick from, what was said
//! before, and how one moves from thread to thread.

use super::card::{block_id, duration};
use super::cause::cause_words;
use super::{code, more_in_jules, name};
use crate::action::Action;
use crate::blocks::{actions, button, primary};
use crate::rich_text::{Line, Rich, cut, link, markdown, say};
use domain::earlier::EarlierMessage;
use domain::form::{MessagesShown, MessagesView, SessionChoice, SessionsShown};
use domain::ids::{ChannelId, TaskId, UserId};
use domain::inbound::Verb;
use domain::session::SessionState;
use domain::task::{Card, MovedTo};
use slack_morphism::prelude::*;

/// Where it will be seen. Told before anything is.
pub(super) fn warning(channel: Option<&ChannelId>) -> Line {
    say!("This session's title, plan and messages will be visible in {}.", place_of(channel))
}

fn place_of(channel: Option<&ChannelId>) -> Line {
    channel.map_or_else(|| say!("this channel"), Line::from)
}

pub(super) fn follow_buttons(task: &TaskId) -> SlackBlock {
    let follow = button("Follow here", &Action::Press(task.clone(), Verb::FollowHere));
    actions(&block_id(task), vec![primary(follow), cancel(task)])
}

fn cancel(task: &TaskId) -> SlackBlockButtonElement {
    button("Cancel", &Action::Press(task.clone(), Verb::CancelFollow))
}

pub(super) fn already(can_move: bool, page: Option<&str>, channel: Option<&ChannelId>) -> Line {
    let has = match page {
        Some(page) => say!("That session already has a thread: {}.", link(page, "open it")),
        None => say!("That session already has a thread."),
    };
    match channel.filter(|_| can_move) {
        Some(channel) => say!(
            "{} If you move it here, its title, plan and messages will be visible in {}.",
            has,
            channel
        ),
        None => has,
    }
}

pub(super) fn move_buttons(task: &TaskId) -> SlackBlock {
    let move_here = button("Move it here", &Action::Press(task.clone(), Verb::MoveHere));
    actions(&block_id(task), vec![move_here, cancel(task)])
}

pub(super) fn not_found() -> Line {
    say!(
        "That session isn't in your Jules account or the workspace's. If it's a colleague's, ask them to \
         follow it here."
    )
}

pub(super) fn none_opened_it() -> Line {
    say!(
        "None of the newest sessions in your Jules account or the workspace's opened that pull request. \
         Paste the session's own link instead."
    )
}

pub(super) fn no_link(typed: &str) -> Line {
    say!(
        "{} isn't a session I know how to find. Paste its link or id from Jules, or the address of its \
         pull request. To pick one from a list, type `/jules follow`.",
        code(typed)
    )
}

pub(super) fn expired() -> Line {
    say!("This button has expired, so I didn't follow the session. Type `/jules follow` again.")
}

pub(super) fn moved(by: &UserId, page: Option<&str>) -> Line {
    say!("{} moved this session to {}. Reply there to talk to Jules.", by, thread_at(page))
}

pub(super) fn moved_words(moved: &MovedTo) -> Line {
    say!(":arrow_right: *Moved* by {} to {}", &moved.by, thread_at(moved.page.as_deref()))
}

pub(super) fn moved_away(page: Option<&str>) -> Line {
    say!("This session moved to {}, so I didn't send that. Reply or click there.", thread_at(page))
}

fn thread_at(page: Option<&str>) -> Line {
    page.map_or_else(|| say!("another thread"), |page| link(page, "another thread"))
}

/// The repository of a card, or that there is none.
pub(super) fn repository(card: &Card) -> Line {
    card.repo.as_ref().map_or_else(|| say!("no repository"), name)
}

/// The repository and the branch, as far as there are any, in small print.
pub(super) fn place(card: &Card, why: &str) -> String {
    let repo = card.repo.as_ref().map_or("no repository".to_owned(), ToString::to_string);
    match &card.branch {
        Some(branch) => format!("{repo}{why} · {}", branch.0),
        None => format!("{repo}{why}"),
    }
}

pub(super) fn earlier_button(task: &TaskId) -> SlackBlockButtonElement {
    button("Show earlier messages", &Action::Press(task.clone(), Verb::ShowMessages(0)))
}

/// What the list says where there is nothing to pick.
pub(crate) fn sessions(shows: &SessionsShown) -> Vec<SlackBlock> {
    let words = match shows {
        SessionsShown::Loading => {
            say!(":hourglass_flowing_sand: Getting the sessions from Jules…").into()
        }
        SessionsShown::List(_) => Rich::from(say!("All sessions already have a thread."))
            .line(say!("To move one here, type `/jules follow` and its link.")),
        SessionsShown::Trouble(cause) => {
            Rich::from(say!("I can't list the sessions right now.")).line(cause_words(cause))
        }
    };
    words.blocks()
}

/// A session in the list, by its title.
pub(crate) fn choice_title(session: &SessionChoice) -> String {
    let lines = session.title.as_deref().unwrap_or_default().lines();
    let title = lines.map(str::trim).find(|line| !line.is_empty()).unwrap_or("Untitled session");
    title.to_owned()
}

/// What tells it from others: where, how it is, how old.
pub(crate) fn choice_about(session: &SessionChoice) -> String {
    /// A long name must not hide the rest.
    const REPO: usize = 40;
    let repo = session.repo.as_ref().map_or("no repository".to_owned(), ToString::to_string);
    let state = session.state.as_ref().map(state_words);
    let age = session.age.map(|age| format!("{} ago", duration(age)));
    let parts = [Some(cut(&repo, REPO)), state.map(str::to_owned), age];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn state_words(state: &SessionState) -> &'static str {
    match state {
        SessionState::Queued => "queued",
        SessionState::Planning => "planning",
        SessionState::AwaitingPlanApproval => "plan needs approval",
        SessionState::AwaitingUserFeedback => "has a question",
        SessionState::InProgress => "working",
        SessionState::Paused => "paused",
        SessionState::Failed => "failed",
        SessionState::Completed => "done",
        SessionState::Unspecified | SessionState::Unknown(_) => "state unknown",
    }
}

/// The blocks of the view with what was said before.
pub(crate) fn messages(view: &MessagesView) -> Vec<SlackBlock> {
    let words = match &view.shows {
        MessagesShown::Loading => {
            say!(":hourglass_flowing_sand: Getting the messages from Jules…").into()
        }
        MessagesShown::Missing => {
            Rich::from(say!("There are no earlier messages in this session."))
        }
        MessagesShown::Trouble(cause) => {
            Rich::from(say!("I can't show the messages right now.")).line(cause_words(cause))
        }
        MessagesShown::Page { messages, at: (at, of), url } => {
            let said = messages.iter().map(|message| said(message, url));
            let mut blocks = said.fold(Rich::default(), Rich::and).blocks();
            blocks.extend(turning(&view.task, *at, *of));
            return blocks;
        }
    };
    words.blocks()
}

fn said(message: &EarlierMessage, url: &str) -> Rich {
    let by = if message.by_jules { say!("*Jules*") } else { say!("*Someone in Jules*") };
    let head = match message.at {
        Some(at) => say!("{}, {}", by, at),
        None => by,
    };
    let text = if message.by_jules { markdown(&message.text) } else { Rich::typed(&message.text) };
    let said = Rich::from(head).and(text.quoted());
    if message.missing == 0 {
        return said;
    }
    said.line(more_in_jules(message.missing, url))
}

/// The buttons to the pages before and after.
fn turning(task: &TaskId, at: u32, of: u32) -> Option<SlackBlock> {
    let to = |label, page| button(label, &Action::Press(task.clone(), Verb::ShowMessages(page)));
    let older = (at + 1 < of).then(|| to("Older messages", at + 1));
    let newer = at.checked_sub(1).map(|page| to("Newer messages", page));
    let row: Vec<_> = older.into_iter().chain(newer).collect();
    (!row.is_empty()).then(|| actions("pages", row))
}
