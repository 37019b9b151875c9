//! What the operator does to a task on the command line: try again at once what it waits for, or give it up.

use super::super::effect::{Destination, Effect};
use super::super::overview::{NotOperable, OperatorAct};
use super::super::progress::PlanStatus;
use super::super::{OutboxEntry, Phase, Task};
use crate::audit::Action;
use crate::fault::Cause;
use crate::message::{Notice, Post};
use jiff::Timestamp;

impl Task {
    /// Whether this can be done to the task now.
    ///
    /// # Errors
    /// Why not.
    pub fn operable(&self, act: OperatorAct, now: Timestamp) -> Result<(), NotOperable> {
        match act {
            OperatorAct::Retry if self.outbox.iter().any(|entry| entry.can_be_sooner(now)) => {
                Ok(())
            }
            OperatorAct::Retry => Err(NotOperable::NothingToRetry),
            OperatorAct::Drop if self.is_over() && !self.outbox.iter().any(is_given_up) => {
                Err(NotOperable::NothingToDrop)
            }
            OperatorAct::Drop => match self.lease.filter(|lease| !lease.is_over(now)) {
                Some(lease) => Err(NotOperable::UnderWay(lease.until)),
                None => Ok(()),
            },
        }
    }

    /// Does it, where it can be done.
    pub(super) fn operated(&mut self, act: OperatorAct, now: Timestamp) {
        if self.operable(act, now).is_err() {
            return;
        }
        match act {
            OperatorAct::Retry => {
                for entry in self.outbox.iter_mut().filter(|entry| entry.can_be_sooner(now)) {
                    entry.at = entry.repeats_later(now).unwrap_or(now);
                }
                self.record_operator(Action::TaskResume, now);
            }
            OperatorAct::Drop => self.dropped(now),
        }
    }

    /// Whether the operator gave it up.
    #[must_use]
    pub(crate) fn is_dropped(&self) -> bool {
        matches!(self.phase, Phase::Stopped { cause: Cause::Dropped })
    }

    /// Nothing more is done for it. The thread is told, or without one the author, and everyone whose message is not
    /// sent any more. What is over already stays as it ended.
    fn dropped(&mut self, now: Timestamp) {
        let was_over = self.is_over();
        let waits_in_line = matches!(self.phase, Phase::Starting { .. } | Phase::InQueue { .. });
        let keeps =
            |entry: &OutboxEntry| !is_given_up(entry) || matches!(entry.effect, Effect::Send(_));
        self.outbox.retain(keeps);
        self.undelivered(&Cause::Dropped, now);
        self.record_operator(Action::TaskDrop, now);
        self.changed = now;
        if was_over {
            return;
        }
        self.close_plan(PlanStatus::Closed);
        if waits_in_line {
            self.push(Effect::LeaveQueue, now);
        }
        if self.card.is_some() {
            let url = self.session.as_ref().map(|session| session.url.clone());
            self.post(Post::Dropped { task: self.id.clone(), url }, now);
        } else {
            let notice = Notice::NotStarted { task: self.id.clone(), cause: Cause::Dropped };
            self.answer_author(notice, now);
        }
        self.phase = Phase::Stopped { cause: Cause::Dropped };
    }
}

/// Whether an entry is for Slack or Jules, or leads to what is. What is to be written at home still is.
fn is_given_up(entry: &OutboxEntry) -> bool {
    match entry.effect.spec().destination {
        Destination::Store => {
            matches!(entry.effect, Effect::Follow | Effect::AdoptSession | Effect::RefreshElapsed)
        }
        Destination::Thread | Destination::Slack | Destination::Jules => true,
    }
}

impl OutboxEntry {
    /// Whether it waits for its next attempt, and not for a time of its own or for one of Slack's limits.
    fn can_be_sooner(&self, now: Timestamp) -> bool {
        self.at > now && !self.is_timed() && self.reserved.is_none()
    }
}
