//! What may overwrite people's work is kept back, and people are asked. Nothing of it goes to Jules without a
//! person's yes, and a yes covers what was shown and nothing later.

use super::super::Task;
use super::super::effect::Effect;
use super::super::progress::PlanStatus;
use super::super::pull_life::{Held, KeptBack, OpenQuestion};
use super::super::types::Click;
use super::super::user_message::UserMessage;
use crate::fault::Cause;
use crate::ids::{DeliveryId, TaskId};
use crate::message::{HeldQuestion, Notice, Post, StaleAction};
use jiff::Timestamp;
use std::mem;

/// No more is kept back than this; nobody writes so much before someone decides.
const MOST_HELD: usize = 50;

impl Task {
    /// Something wasn't sent, because it may do harm.
    pub(super) fn kept_back(&mut self, id: u32, effect: &Effect, kept: KeptBack, now: Timestamp) {
        self.drop_entry(id);
        let Some(held) = self.what_is_held(effect) else { return };
        let KeptBack { risk, pull } = kept;
        let life = &mut self.progress.pull;
        if let Some(pull) = &pull {
            life.branched.kept_back(pull);
        }
        if life.held.len() >= MOST_HELD {
            if let Held::Message(message) = held {
                let (to, text) = (message.from.clone(), message.fingerprint());
                self.tell(to, Notice::NotDelivered { text, cause: Cause::Undecided }, now);
            }
            return;
        }
        let is_again = matches!(&held, Held::Approval(..)) && life.held.contains(&held);
        if !is_again {
            life.held.push(held);
        }
        let seen = pull.map(|pull| (pull.state, pull.head));
        let is_asked =
            life.open.as_ref().is_some_and(|open| open.risk == risk && open.seen == seen);
        if !is_asked {
            life.questions += 1;
            let number = life.questions;
            life.open = Some(OpenQuestion { number, risk: risk.clone(), seen });
            let pull_request = self.progress.pull_request().cloned();
            let task = self.id.clone();
            let question = HeldQuestion { task, number, risk, pull_request };
            self.post(Post::Held(Box::new(question)), now);
        }
        self.changed = now;
    }

    /// A message, or an approval: the plan is waiting for a decision again.
    fn what_is_held(&mut self, effect: &Effect) -> Option<Held> {
        if let Effect::Send(message) = effect {
            return Some(Held::Message(message.clone()));
        }
        let Effect::Approve(plan) = effect else { return None };
        let note = self.progress.plan_mut(plan)?;
        let PlanStatus::Approving(by) = note.status.clone() else { return None };
        note.status = PlanStatus::Pending;
        Some(Held::Approval(plan.clone(), by))
    }

    /// Nobody can see whether people have pushed: the author of the message is told so, once, and then it goes.
    pub(super) fn unguarded(&mut self, id: u32, effect: &Effect, now: Timestamp) {
        self.progress.pull.branched.warned = true;
        if let (Effect::Send(message), Some(repo)) = (effect, self.repo().cloned()) {
            self.tell(message.from.clone(), Notice::PushesUnseen { repo }, now);
        }
        self.reset(id, now);
        self.changed = now;
    }

    /// A person says yes: what is kept back goes to Jules.
    pub(super) fn send_anyway(&mut self, click: Click, number: u32, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        let Some(open) = self.decided(&click, number, now) else { return };
        let branched = &mut self.progress.pull.branched;
        match open.seen {
            Some((state, head)) => branched.allow(state, head),
            None => branched.blind = true,
        }
        self.post(Post::HeldDecided { by: click.by, sent: true }, now);
        for held in mem::take(&mut self.progress.pull.held) {
            match held {
                Held::Message(message) => self.push(Effect::Send(message), now),
                Held::Approval(plan, by) => {
                    if self.decidable(&plan).is_ok() {
                        if let Some(note) = self.progress.plan_mut(&plan) {
                            note.status = PlanStatus::Approving(by);
                        }
                        self.push(Effect::Approve(plan), now);
                    }
                }
            }
        }
        self.changed = now;
    }

    /// A person says no.
    pub(super) fn drop_held(&mut self, click: Click, number: u32, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if self.decided(&click, number, now).is_some() {
            self.progress.pull.held.clear();
            self.post(Post::HeldDecided { by: click.by, sent: false }, now);
            self.changed = now;
        }
    }

    /// The question that a click is about, if it's the one that is open.
    fn decided(&mut self, click: &Click, number: u32, now: Timestamp) -> Option<OpenQuestion> {
        let late = match self.over() {
            Some(late) => late,
            None if self.is_asked(number) => return self.progress.pull.open.take(),
            None => StaleAction::Decided,
        };
        self.too_late(click.clone(), late, now);
        None
    }

    /// Whether this question is the one that is open.
    #[must_use]
    pub fn is_asked(&self, number: u32) -> bool {
        self.progress.pull.open.as_ref().is_some_and(|open| open.number == number)
    }

    /// What is kept back, as the words of a new task.
    #[must_use]
    pub fn held_words(&self) -> String {
        let words = self.progress.pull.held.iter().filter_map(|held| match held {
            Held::Message(message) => Some(message.text.trim()).filter(|text| !text.is_empty()),
            Held::Approval(..) => None,
        });
        words.collect::<Vec<_>>().join("\n\n")
    }

    /// The delivery that a task counts as asked for by which someone starts instead: one for each question.
    #[must_use]
    pub(crate) fn instead_of_held(&self, number: u32) -> DeliveryId {
        DeliveryId::of(&["instead", self.id.as_str(), &number.to_string()])
    }

    /// Another task began beside this one: if it is instead of what is kept back, that is decided.
    pub(super) fn began_instead(&mut self, other: &TaskId) {
        let life = &self.progress.pull;
        let is_it = life
            .open
            .as_ref()
            .is_some_and(|open| *other == TaskId::for_delivery(&self.instead_of_held(open.number)));
        if is_it {
            self.progress.pull.open = None;
            self.progress.pull.held.clear();
        }
    }

    /// Nothing can be said to the session any more: what was kept back isn't said either.
    pub(super) fn held_for_nothing(&mut self) -> Vec<UserMessage> {
        self.progress.pull.open = None;
        let held = mem::take(&mut self.progress.pull.held);
        let messages = held.into_iter().filter_map(|held| match held {
            Held::Message(message) => Some(message),
            Held::Approval(..) => None,
        });
        messages.collect()
    }

    /// The session has another thread: what was kept back there is looked at again here.
    pub(super) fn look_at_held_again(&mut self, now: Timestamp) {
        for message in self.held_for_nothing() {
            self.push(Effect::Send(message), now);
        }
    }
}
