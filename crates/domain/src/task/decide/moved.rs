//! A session moves from one thread to another: one task gives it up, and another continues where it was.

use super::super::effect::Effect;
use super::super::followed::{Handover, MovedTo};
use super::super::progress::{PlanFile, PlanRecord, PlanStatus, Progress};
use super::super::{Phase, Task};
use crate::message::Post;
use jiff::Timestamp;

impl Task {
    /// Continues where the other task was: nothing that it said is said again, and what was not said yet is
    /// said here.
    pub(super) fn take_over(&mut self, handover: Handover, now: Timestamp) {
        let Handover { ask, target, session, state, progress, followed, .. } = handover;
        let (quiet, ping) = (self.ask.options.quiet, self.ask.options.ping);
        self.ask = ask;
        (self.ask.options.quiet, self.ask.options.ping) = (quiet, ping);
        self.target = target;
        self.session = Some(session);
        self.phase = Phase::Running { state };
        if let Some(ours) = &mut self.followed {
            ours.since = followed.as_ref().and_then(|theirs| theirs.since);
            ours.heard = followed.as_ref().and_then(|theirs| theirs.heard.clone());
            ours.caught_up = followed.as_ref().is_none_or(|theirs| theirs.caught_up);
        }
        let unposted = |plan: PlanRecord| PlanRecord {
            message: None,
            drawn: None,
            mentions: None,
            file: PlanFile::Undecided,
            ..plan
        };
        let mut accepted_messages = progress.accepted_messages;
        accepted_messages.extend(handover.on_their_way);
        self.progress = Progress {
            accepted_messages,
            plans: progress.plans.into_iter().map(unposted).collect(),
            moved_to: None,
            retried: None,
            waiting: None,
            unread_told: false,
            outsiders: Vec::new(),
            dms: Vec::new(),
            ..progress
        };
        self.watch_pull(now);
        self.look_at_held_again(now);
        if handover.awaits_result {
            self.push(Effect::FetchResult, now);
        }
    }

    /// Says in the new thread what a person is waited for. The messages about it are in the old one.
    pub(super) fn say_what_is_waiting(&mut self, now: Timestamp) {
        let moved = self
            .followed
            .as_ref()
            .is_some_and(|followed| followed.moved_from.is_some() && followed.caught_up);
        if !moved {
            return;
        }
        if let Some(plan) = self.progress.open_plan().map(|plan| plan.id.clone()) {
            self.post(Post::Plan { id: plan, part: 0 }, now);
        }
        if self.is_question_open(self.progress.asked)
            && let Some(text) = self.progress.question.clone()
        {
            let url = self.url();
            self.post(Post::Word { text, question: true, url }, now);
        }
    }

    /// Another task takes the session over. This one says nothing about it any more, and passes nothing on.
    pub(super) fn hand_over(&mut self, to: MovedTo, now: Timestamp) {
        if self.session.is_none() || self.is_moved() {
            return;
        }
        self.progress.moved_to = Some(to);
        // How it ends is said in the other thread, and a card that isn't there yet isn't wanted any more.
        let is_over =
            |effect: &Effect| matches!(effect, Effect::FetchResult | Effect::ReadMaterial);
        self.outbox.retain(|entry| {
            let is_unposted = entry.effect == Effect::PostCard && !entry.maybe_done;
            !is_over(&entry.effect) && !is_unposted
        });
        self.changed = now;
    }

    /// The new thread is there: this one links to it, once. What was open here is decided there.
    pub(super) fn was_moved(&mut self, page: Option<String>, now: Timestamp) {
        let Some(moved) = &mut self.progress.moved_to else { return };
        if moved.told {
            return;
        }
        moved.told = true;
        moved.page.clone_from(&page);
        let by = moved.by.clone();
        self.close_plan(PlanStatus::Moved);
        self.changed = now;
        self.post(Post::Moved { by, page }, now);
    }
}
