//! One step of a task, and what follows from any of them.

use super::audit::Act;
use crate::ids::{DeliveryId, PlanId, UserId};
use crate::message::{Notice, Post};
use crate::task::effect::Effect;
use crate::task::progress::{PlanStatus, Retried};
use crate::task::{Click, Input, Task};
use jiff::Timestamp;

/// How many handled deliveries a task remembers: far more than a lively thread has in the ten minutes in
/// which Slack delivers again.
const REMEMBERED: usize = 400;

/// What becomes of `task` when `input` happens at `now`.
#[must_use]
pub fn decide(mut task: Task, input: Input, now: Timestamp) -> Task {
    task.progress.correct(now);
    let (act, before) = (Act::of(&input), task.before());
    match input {
        Input::FormValues { ask, channel, start, account } => {
            task.filled(ask, channel, (start, account), now);
        }
        Input::Press(click, verb) => task.pressed(click, &verb, now),
        Input::Standing { standing, is_next } => task.stands(standing, is_next, now),
        Input::Seen(sighting) => task.seen(*sighting, now),
        Input::Unread { session, is_last } => task.unread(*session, is_last, now),
        Input::Gone => task.session_gone(now),
        Input::Blocked(cause) => task.not_seen(cause),
        Input::Answer { click, question, text } => task.answer_question(click, question, text, now),
        Input::Changes { click, plan, text } => task.ask_changes(click, plan, text, now),
        Input::SentOn { click, text } => task.sent_on(click, text, now),
        Input::Reply(reply) => task.replied(*reply, now),
        Input::Outsider(click) => task.outsider(click, now),
        Input::Returned => task.returned(now),
        Input::Retried(retried) => task.was_retried(retried, now),
        Input::HandOver(to) => task.hand_over(to, now),
        Input::Moved(page) => task.was_moved(page, now),
        Input::Beside { task: other, title, page } => {
            task.asked_beside(&other, title, page, now);
        }
        Input::Pull { of, look } => task.pull_seen(&of, *look, now),
        Input::Done { entry, outcome } => task.done(entry, outcome, now),
        Input::Operated(act) => task.operated(act, now),
    }
    if let Some(act) = act {
        task.record_act(act, &before, now);
    }
    task.note_who_is_waited_for(now);
    task.tell_time(now);
    task.keep_fresh(now);
    task.forget_decided_plans();
    task.keep_no_longer(now);
    task
}

impl Task {
    /// Remembers a delivery; false when it was taken before.
    pub(super) fn remember_delivery(&mut self, delivery: DeliveryId) -> bool {
        if self.handled.contains(&delivery) {
            return false;
        }
        self.handled.push(delivery);
        let surplus = self.handled.len().saturating_sub(REMEMBERED);
        self.handled.drain(..surplus);
        true
    }

    /// Says something in the thread; when the thread is gone, to the author alone if it matters.
    pub(super) fn post(&mut self, post: Post, now: Timestamp) {
        if !self.root_gone {
            return self.post_and_notify(post, now);
        }
        if let Post::Plan { id, .. } = &post {
            self.tell_plan(id, now);
        } else if matters_alone(&post) {
            self.tell(self.author.clone(), Notice::Copy(post), now);
        }
    }

    /// Shows the author a plan that someone has to approve; without a thread nobody else can.
    fn tell_plan(&mut self, id: &PlanId, now: Timestamp) {
        let Some(plan) = self.progress.plan(id).filter(|plan| plan.status.is_open()) else {
            return;
        };
        let plan = Box::new(plan.clone());
        let notice = Notice::Plan { task: self.id.clone(), plan, url: self.url() };
        self.tell(self.author.clone(), notice, now);
    }

    /// Tells one person something in private.
    pub(super) fn tell(&mut self, to: UserId, notice: Notice, now: Timestamp) {
        self.push(Effect::Ephemeral { to, reply: None, notice }, now);
    }

    /// Answers the person who clicked or wrote, in private.
    pub(super) fn answer(&mut self, click: Click, notice: Notice, now: Timestamp) {
        self.push(Effect::Ephemeral { to: click.by, reply: click.reply, notice }, now);
    }

    /// Answers the author in private about what they asked for: by the command's own way back, which
    /// works where the bot is no member.
    pub(super) fn answer_author(&mut self, notice: Notice, now: Timestamp) {
        let (to, reply) = (self.author.clone(), self.reply.clone());
        self.push(Effect::Ephemeral { to, reply, notice }, now);
    }

    /// The session's page; empty before there is a session.
    #[must_use]
    pub fn url(&self) -> String {
        self.session.as_ref().map(|session| session.url.clone()).unwrap_or_default()
    }

    /// Whatever is drawn somewhere is drawn again when it would look different, once for any number
    /// of changes.
    pub(super) fn keep_fresh(&mut self, now: Timestamp) {
        if self.root_gone {
            return;
        }
        // Where there is nothing to draw, drawing would change nothing, again and again.
        let stale = self.card.is_some()
            && self.card().is_some_and(|card| self.drawn.as_ref() != Some(&card));
        if stale && !self.awaits(&Effect::Redraw) {
            self.push(Effect::Redraw, now);
        }
        if self.is_awaited(&Effect::Redraw) {
            self.hurry(&Effect::Redraw, now);
        }
        self.keep_dms_fresh(now);
        let stale: Vec<_> = self
            .progress
            .plans
            .iter()
            .filter(|plan| !plan.forgotten && plan.message.is_some())
            .filter(|plan| plan.drawn.as_ref() != Some(&plan.status))
            .map(|plan| Effect::RedrawPlan(plan.id.clone()))
            .collect();
        for effect in stale {
            if !self.awaits(&effect) {
                self.push(effect, now);
            }
        }
    }

    /// Another task took this one's place.
    fn was_retried(&mut self, retried: Retried, now: Timestamp) {
        if self.progress.retried.is_none() {
            self.progress.retried = Some(retried);
            self.changed = now;
        }
    }

    /// Nobody decided about the plan that was open.
    pub(super) fn close_plan(&mut self, status: PlanStatus) {
        if let Some(plan) = self.progress.plans.last_mut().filter(|plan| plan.status.is_open()) {
            plan.status = status;
        }
    }
}

/// What the author is told in private when there is no thread any more.
fn matters_alone(post: &Post) -> bool {
    matches!(
        post,
        Post::Finished(_)
            | Post::Failed { .. }
            | Post::Word { question: true, .. }
            | Post::PullRequest(_)
            | Post::Pull(_)
            | Post::Held(_)
            | Post::Refused { .. }
            | Post::SeeSession { .. }
    )
}
