//! The heart: what happens to a task next.
//!
//! `decide` changes the document and fills its outbox; it does nothing itself. Split by what
//! happens: how a task begins (`begin`), what Jules shows (`seen`), what people do (`people`), and
//! how attempts ended (`ends`, `faults`). What follows from any of them is done here, once.

// A new input, effect or outcome must be decided about, never fall into an arm for the rest.
#![warn(clippy::wildcard_enum_match_arm)]

mod begin;
mod ends;
mod faults;
mod people;
mod seen;

use super::effect::Effect;
use super::progress::PlanStatus;
use super::{Click, Input, Task};
use crate::domain::ids::{DeliveryId, UserId};
use crate::domain::message::{Notice, Post};
use jiff::{SignedDuration, Timestamp};

/// How many handled deliveries a task remembers: more than a lively thread has in the ten minutes in
/// which Slack delivers again.
const REMEMBERED: usize = 100;

/// Without a word of the agent for so long, the card says so (jules-api.md §4.1: of all gaps, 1 in
/// 100 is longer than 7.6 minutes).
const SILENCE: SignedDuration = SignedDuration::from_mins(15);

/// The minutes at which the card shows anew how long it takes; after the last, each hour.
const MINUTES: &[u32] = &[1, 2, 3, 5, 10, 15, 20, 30, 45, 60];

/// After this the card does not count on: it would be edited for nothing.
const COUNTED: SignedDuration = SignedDuration::from_hours(12);

/// What becomes of `task` when `input` happens at `now`.
#[must_use]
pub fn decide(mut task: Task, input: Input, now: Timestamp) -> Task {
    match input {
        Input::FormValues { ask, channel, start } => task.filled(ask, channel, start, now),
        Input::Chosen { delivery, index } => task.chosen(delivery, index, now),
        Input::Resume { delivery } => task.resume(delivery, now),
        Input::Place(place) => task.placed(place, now),
        Input::Seen(sighting) => task.seen(*sighting, now),
        Input::Gone => task.session_gone(now),
        Input::Blocked(cause) => task.blocked(cause),
        Input::Approve { click, plan } => task.approve(click, &plan, now),
        Input::Changes { click, plan, text } => task.ask_changes(click, plan, text, now),
        Input::Reply(reply) => task.replied(*reply, now),
        Input::Stop(click) => task.stop_asked(click, now),
        Input::Nudge(click) => task.nudged(click, now),
        Input::Returned => task.returned(now),
        Input::Done { entry, outcome } => task.done(entry, outcome, now),
    }
    task.tell_time(now);
    task.keep_fresh(now);
    task
}

impl Task {
    /// Remembers a delivery; false when it was taken before.
    fn remember_delivery(&mut self, delivery: DeliveryId) -> bool {
        if self.handled.contains(&delivery) {
            return false;
        }
        self.handled.push(delivery);
        let surplus = self.handled.len().saturating_sub(REMEMBERED);
        self.handled.drain(..surplus);
        true
    }

    /// Says something in the thread; when the thread is gone, to the author alone if it matters.
    fn post(&mut self, post: Post, now: Timestamp) {
        if !self.root_gone {
            return self.push(Effect::Post(post), now);
        }
        if matters_alone(&post) {
            self.tell(self.author.clone(), Notice::Copy(post), now);
        }
    }

    /// Tells one person something in private.
    fn tell(&mut self, to: UserId, notice: Notice, now: Timestamp) {
        self.push(Effect::Ephemeral { to, reply: None, notice }, now);
    }

    /// Answers whoever clicked or wrote, in private.
    fn answer(&mut self, click: Click, notice: Notice, now: Timestamp) {
        self.push(Effect::Ephemeral { to: click.by, reply: click.reply, notice }, now);
    }

    /// Answers the author in private about what they asked for: by the command's own way back, which
    /// works where the bot is no member.
    fn answer_author(&mut self, notice: Notice, now: Timestamp) {
        let (to, reply) = (self.author.clone(), self.reply.clone());
        self.push(Effect::Ephemeral { to, reply, notice }, now);
    }

    /// The session's page; empty before there is a session.
    fn url(&self) -> String {
        self.session.as_ref().map(|session| session.url.clone()).unwrap_or_default()
    }

    /// Whatever is drawn somewhere is drawn again when it would look different, once for any number
    /// of changes.
    fn keep_fresh(&mut self, now: Timestamp) {
        if self.root_gone {
            return;
        }
        let stale = self.card.is_some() && self.card() != self.drawn;
        if stale && !self.awaits(&Effect::Redraw) {
            self.push(Effect::Redraw, now);
        }
        let stale: Vec<_> = self
            .progress
            .plans
            .iter()
            .filter(|plan| plan.message.is_some() && plan.drawn.as_ref() != Some(&plan.status))
            .map(|plan| Effect::RedrawPlan(plan.id.clone()))
            .collect();
        for effect in stale {
            if !self.awaits(&effect) {
                self.push(effect, now);
            }
        }
    }

    /// Keeps the times on the card true, and wakes when they change next.
    fn tell_time(&mut self, now: Timestamp) {
        let began = self.progress.began.filter(|_| self.is_busy());
        let Some(began) = began.filter(|began| now.duration_since(*began) < COUNTED) else {
            (self.progress.minutes, self.progress.silent) = (None, None);
            self.outbox.retain(|entry| entry.effect != Effect::RefreshElapsed);
            return;
        };
        let (minutes, next) = coarse(began, SignedDuration::ZERO, now);
        let (silent, next_silent) = coarse(self.progress.heard.unwrap_or(began), SILENCE, now);
        (self.progress.minutes, self.progress.silent) = (minutes, silent);
        let next = next.min(next_silent);
        match self.outbox.iter_mut().find(|entry| entry.effect == Effect::RefreshElapsed) {
            // Never before now: a glance that is due is done, and then this is asked again.
            Some(entry) if entry.at > now => entry.at = next,
            Some(_) => {}
            None => self.push(Effect::RefreshElapsed, next),
        }
    }

    /// Nobody decided about the plan that was open.
    fn close_plan(&mut self, status: PlanStatus) {
        if let Some(plan) = self.progress.plans.last_mut().filter(|plan| plan.status.is_open()) {
            plan.status = status;
        }
    }
}

/// How many minutes have passed since `from`, in the steps of the card, and when the next step is.
/// Nothing before the step at or after `least`.
fn coarse(from: Timestamp, least: SignedDuration, now: Timestamp) -> (Option<u32>, Timestamp) {
    let passed = u32::try_from(now.duration_since(from).as_mins()).unwrap_or(0);
    let least = u32::try_from(least.as_mins()).unwrap_or(0);
    let steps = MINUTES.iter().copied().chain((2..=24).map(|hours| hours * 60));
    let steps: Vec<u32> = steps.filter(|step| *step >= least).collect();
    let shown = steps.iter().rev().find(|step| **step <= passed).copied();
    let next = steps.iter().find(|step| **step > passed).copied().unwrap_or(passed + 60);
    (shown, from + SignedDuration::from_mins(i64::from(next)))
}

/// What the author is told in private when there is no thread any more.
fn matters_alone(post: &Post) -> bool {
    matches!(
        post,
        Post::Finished(_)
            | Post::Failed { .. }
            | Post::Word { question: true, .. }
            | Post::PullRequest(_)
    )
}
