//! What people do with a task that is under way: approve, ask for changes, reply, stop, nudge.
//!
//! Anybody who sees a button can press it, at any time and twice. Whether it still means something is
//! decided here, from the task alone; who comes too late is told so in private, once.

use super::super::effect::Effect;
use super::super::letter::{Letter, NUDGE, Occasion};
use super::super::life::PlanStanding;
use super::super::types::{Click, ThreadReply};
use super::super::{Phase, Task};
use crate::domain::credential::holds_credential;
use crate::domain::fault::Cause;
use crate::domain::ids::PlanId;
use crate::domain::say::{Late, Say};
use crate::domain::session::SessionState;
use jiff::Timestamp;

impl Task {
    pub(super) fn approve(&mut self, click: Click, plan: &PlanId, now: Timestamp) {
        if !self.is_new(click.delivery.clone()) {
            return;
        }
        match self.decidable(plan) {
            Ok(()) => {
                if let Some(note) = self.life.plan_mut(plan) {
                    note.standing = PlanStanding::Approving(click.by);
                }
                self.push(Effect::Approve(plan.clone()), now);
                self.changed = now;
            }
            Err(late) => self.too_late(click, late, now),
        }
    }

    pub(super) fn ask_changes(&mut self, click: Click, plan: PlanId, text: String, now: Timestamp) {
        if !self.is_new(click.delivery.clone()) {
            return;
        }
        match self.decidable(&plan) {
            Ok(()) => {
                if let Some(note) = self.life.plan_mut(&plan) {
                    note.standing = PlanStanding::ChangesAsked(click.by.clone());
                }
                let letter = Letter {
                    from: click.by,
                    occasion: Occasion::Changes(plan),
                    text,
                    files: Vec::new(),
                };
                self.push(Effect::Send(letter), now);
                self.changed = now;
            }
            Err(late) => self.too_late(click, late, now),
        }
    }

    /// Whether somebody can still decide about the plan; else why not.
    ///
    /// # Errors
    /// What happened before.
    pub fn decidable(&self, plan: &PlanId) -> Result<(), Late> {
        if let Some(late) = self.over() {
            return Err(late);
        }
        match self.life.plan(plan).map(|note| &note.standing) {
            Some(PlanStanding::Pending) => Ok(()),
            Some(PlanStanding::Approving(by)) => Err(Late::Approved(Some(by.clone()))),
            Some(PlanStanding::Approved(by)) => Err(Late::Approved(by.clone())),
            Some(PlanStanding::ChangesAsked(by)) => Err(Late::ChangesAsked(by.clone())),
            Some(PlanStanding::WentOn | PlanStanding::Told) => Err(Late::WentOn),
            Some(PlanStanding::Closed) => Err(Late::Over),
            // One that is not remembered any more was replaced long ago.
            Some(PlanStanding::Replaced) | None => Err(Late::Replaced),
        }
    }

    /// Why nothing can be said to the session any more, if that is so.
    fn over(&self) -> Option<Late> {
        let failed = self.life.ended.as_ref().is_some_and(|ended| ended.failed);
        if self.life.gone {
            Some(Late::Gone)
        } else if self.life.archived || self.life.stopping.is_some() {
            Some(Late::Archived)
        } else if failed {
            Some(Late::Failed)
        } else if matches!(self.phase, Phase::Stopped { .. }) {
            Some(Late::NotStarted)
        } else {
            None
        }
    }

    /// Whether *Stop* still means something.
    #[must_use]
    pub fn can_be_stopped(&self) -> bool {
        self.card.is_some() && self.over().is_none() && self.life.ended.is_none()
    }

    /// Whether Jules is waiting for a person: for an approval, or for an answer.
    #[must_use]
    pub fn waits_for_someone(&self) -> bool {
        let plan = self.life.open_plan().is_some_and(|plan| self.decidable(&plan.id).is_ok());
        let asks = matches!(
            self.phase,
            Phase::Running {
                state: SessionState::AwaitingPlanApproval | SessionState::AwaitingUserFeedback
            }
        );
        plan || (asks && self.can_be_stopped())
    }

    fn too_late(&mut self, click: Click, late: Late, now: Timestamp) {
        let say = Say::TooLate(late);
        self.push(Effect::Tell { to: click.by, reply: click.reply, say }, now);
    }

    /// A reply is kept until there is a session, and sent in order. One to a finished session wakes
    /// it, as Jules allows.
    pub(super) fn replied(&mut self, reply: ThreadReply, now: Timestamp) {
        if !self.is_new(reply.click.delivery.clone()) {
            return;
        }
        if reply.outsider {
            return self.outsider(reply.click, now);
        }
        if let Some(late) = self.over() {
            return self.too_late(reply.click, late, now);
        }
        if let Some(say) = self.kept_from_jules(&reply) {
            return self
                .push(Effect::Tell { to: reply.click.by, reply: reply.click.reply, say }, now);
        }
        self.life.talked = true;
        let ThreadReply { click, ts, text, files, outsider: _ } = reply;
        let letter =
            Letter { from: click.by.clone(), occasion: Occasion::Reply(ts.clone()), text, files };
        let left_out = letter.left_out();
        self.push(Effect::React { ts, emoji: "eyes".to_owned() }, now);
        self.push(Effect::Send(letter), now);
        if !left_out.is_empty() {
            let say = Say::NotPassedOn { files: left_out };
            self.push(Effect::Tell { to: click.by, reply: click.reply, say }, now);
        }
        self.changed = now;
    }

    /// Why a reply is not passed on, in words for its author: it holds a key, or is only a word for a
    /// button.
    fn kept_from_jules(&self, reply: &ThreadReply) -> Option<Say> {
        if holds_credential(&reply.text) {
            return Some(Say::Credential);
        }
        if reply.files.is_empty() { self.button_for(&reply.text) } else { None }
    }

    /// Somebody of another organisation sees the thread, and is told once that it is not theirs.
    fn outsider(&mut self, click: Click, now: Timestamp) {
        /// More are not told apart.
        const MOST: usize = 50;
        if self.life.outsiders.contains(&click.by) || self.life.outsiders.len() >= MOST {
            return;
        }
        self.life.outsiders.push(click.by.clone());
        self.push(Effect::Tell { to: click.by, reply: click.reply, say: Say::NoSteering }, now);
    }

    /// Stops what can be stopped: a task that waits is not started, a session is archived.
    pub(super) fn stop_asked(&mut self, click: Click, now: Timestamp) {
        if !self.is_new(click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            return self.too_late(click, late, now);
        }
        self.life.stopping = Some(click.by);
        if self.session.is_some() {
            self.push(Effect::Archive, now);
        } else {
            self.stop_before_start(now);
        }
        self.changed = now;
    }

    /// A task that shall be stopped and certainly has no session does not start. While that is not
    /// certain, the session is looked for first, and archived when it is found.
    pub(super) fn stop_before_start(&mut self, now: Timestamp) {
        let Some(by) = self.life.stopping.clone() else { return };
        let unsure =
            self.outbox.iter().any(|todo| todo.effect == Effect::CreateSession && todo.unsure);
        let waits = match self.phase {
            Phase::Starting { .. } | Phase::InLine { .. } => true,
            Phase::Draft { .. }
            | Phase::Resolving { .. }
            | Phase::Carding
            | Phase::Running { .. }
            | Phase::Stopped { .. } => false,
        };
        if waits && !unsure {
            self.outbox.retain(|todo| todo.effect != Effect::CreateSession);
            self.stop(&Effect::CreateSession, Cause::Withdrawn(by), now);
        }
    }

    pub(super) fn nudged(&mut self, click: Click, now: Timestamp) {
        if !self.is_new(click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            return self.too_late(click, late, now);
        }
        if !self.is_busy() {
            return self.too_late(click, Late::Over, now);
        }
        // The silence is over for now: the next one is counted from here.
        self.life.heard = Some(now);
        let letter = Letter {
            from: click.by,
            occasion: Occasion::Nudge,
            text: NUDGE.to_owned(),
            files: Vec::new(),
        };
        self.push(Effect::Send(letter), now);
        self.changed = now;
    }
}
