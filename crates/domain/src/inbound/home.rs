//! What is asked for in someone's App Home. A click there has no channel and no `response_url`, so whatever
//! would be said about it in private stands at the top of the Home, which is drawn again.

use super::start::{form_of, new_task};
use super::{Answer, Context, Facts, FollowUp, Inbound, Reply, ReplyRoute, Verb, WhyHome, Write};
use crate::command::Request;
use crate::form::Form;
use crate::ids::TaskId;
use crate::message::{Notice, StaleAction};
use crate::policy::Right;
use crate::task::{Entrance, Start, Way};

/// The form of a new task, empty. Where no channel is known, it asks for one.
pub(super) fn new_task_form(cx: &Context<'_>) -> Answer {
    let id = TaskId::for_delivery(&cx.origin.delivery);
    let way = match cx.origin.reply {
        ReplyRoute::Home => Way::Home,
        ReplyRoute::Command(_)
        | ReplyRoute::Form
        | ReplyRoute::Button { .. }
        | ReplyRoute::Message
        | ReplyRoute::Shortcut(_) => Way::Shortcut,
    };
    let entrance = Entrance { way, ..Entrance::default() };
    let ask = Request::default();
    let draft = new_task(id.clone(), ask.clone(), entrance, Start::Draft(Vec::new()), cx);
    let facts = Facts { task: Some(&draft), ..cx.facts.clone() };
    let form: Form = form_of(id, ask, &facts, None);
    Answer {
        reply: Reply::Nothing,
        write: Some(Write::Task(Box::new(draft))),
        follow_up: Some(FollowUp::Open(Box::new(form))),
    }
}

/// The answer to something that was done in the Home: it is drawn again, unless a form opens. Nobody but a
/// member is shown one.
pub(super) fn at_home(answer: Answer, inbound: &Inbound, cx: &Context<'_>) -> Answer {
    if cx.facts.access.may(cx.actor, Right::See, None).is_err() {
        return Answer::nothing();
    }
    let drawn = |note| FollowUp::Home(WhyHome::Clicked(note));
    let late = too_late(inbound, cx);
    let note = match (late, answer.reply) {
        (Some(late), _) => {
            return Answer::run(drawn(Some(Box::new(Notice::TooLate(late)))));
        }
        (None, Reply::Notice(notice) | Reply::Announce(notice)) => Some(notice),
        (None, Reply::Nothing | Reply::Lookup | Reply::Errors(_) | Reply::Options(_)) => None,
    };
    let follow_up = answer.follow_up.or_else(|| Some(drawn(note)));
    Answer { reply: Reply::Nothing, write: answer.write, follow_up }
}

/// Why the click is stale. Shown in the Home, because its reader doesn't see the task's thread. Still true at
/// the write, which is conditional on this version of the task.
fn too_late(inbound: &Inbound, cx: &Context<'_>) -> Option<StaleAction> {
    let task = cx.facts.task?;
    match inbound {
        // The same click again is not too late: it is the one that was taken.
        Inbound::Press(_, Verb::Approve(plan)) if !task.handled.contains(&cx.origin.delivery) => {
            task.decidable(plan).err()
        }
        _ => None,
    }
}
