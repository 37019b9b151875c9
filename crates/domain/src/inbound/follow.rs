//! Following a session that began elsewhere: typed, or picked from a list.

use super::start::{complete, new_task};
use super::{Answer, Context, FollowUp, Reply, ReplyRoute, Write};
use crate::command::Request;
use crate::form::{Field, FieldError};
use crate::ids::{ChannelId, SessionId, TaskId};
use crate::message::Notice;
use crate::session_link::SessionLink;
use crate::task::{Entrance, Reads, Start, Task, Way};

/// `/jules follow`: what was typed is looked up; nothing offers a list.
pub(super) fn follow(typed: Option<String>, cx: &Context<'_>) -> Answer {
    let Some(channel) = cx.origin.channel().cloned() else { return Answer::nothing() };
    let Some(typed) = typed else {
        // A message has nothing to open a list with.
        return match cx.origin.trigger {
            Some(_) => Answer::run(FollowUp::PickSession(channel)),
            None => Answer::notice(Notice::TypeCommand { command: "follow".to_owned() }),
        };
    };
    match SessionLink::parse(&typed) {
        // Slack may tell of a message twice, so its author is answered by what is stored.
        Some(link) => Answer {
            reply: match cx.origin.reply {
                ReplyRoute::Message => Reply::Nothing,
                ReplyRoute::Command(_)
                | ReplyRoute::Form
                | ReplyRoute::Button { .. }
                | ReplyRoute::Shortcut(_)
                | ReplyRoute::Home => Reply::Lookup,
            },
            write: Some(Write::Task(Box::new(follower(link, channel, cx)))),
            follow_up: None,
        },
        None => Answer::notice(Notice::NoSessionLink { typed }),
    }
}

/// The list was sent, with the session that was picked in it. The form closes, and Jules is asked afterwards.
pub(super) fn picked(channel: ChannelId, session: Option<&SessionId>, cx: &Context<'_>) -> Answer {
    let Some(session) = session else {
        return Answer::errors(vec![(Field::Session, FieldError::NoSession)]);
    };
    let task = follower(SessionLink::Session(session.clone()), channel, cx);
    Answer { write: Some(Write::Task(Box::new(task))), ..Answer::nothing() }
}

fn follower(link: SessionLink, channel: ChannelId, cx: &Context<'_>) -> Task {
    let mut ask = Request::default();
    complete(&mut ask, cx);
    let id = TaskId::for_delivery(&cx.origin.delivery);
    // The channel is known before it begins: what is asked depends on it.
    let mut task = new_task(id, ask, entrance(cx), Start::Draft(Vec::new()), cx);
    task.channel = Some(channel);
    task.follows(link, cx.now)
}

/// How it comes in. What people wrote in the thread doesn't go along: the session has its own words.
fn entrance(cx: &Context<'_>) -> Entrance {
    let mut entrance = cx.entrance.clone();
    entrance.reads = entrance.reads.and_then(|reads| {
        let thread = reads.thread.filter(|_| entrance.way != Way::DirectMessage)?;
        Some(Reads { thread: Some(thread), ..Reads::default() })
    });
    entrance
}
