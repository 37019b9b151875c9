//! What people do with a task that is under way: approve, ask for changes, reply, stop, nudge.
//!
//! Anybody who sees a button can press it, at any time and twice. Whether it still means something is
//! decided here, from the task alone; who comes too late is told so in private, once.

use super::super::asked::{as_it_is, to_finished};
use super::super::effect::Effect;
use super::super::entrance::Hears;
use super::super::progress::PlanStatus;
use super::super::types::{Click, ReplyKind, ThreadReply};
use super::super::user_message::{FileRef, MessageOrigin, NUDGE, ReplyReads, UserMessage};
use super::super::{Phase, Task};
use crate::fault::Cause;
use crate::ids::{PlanId, UserId};
use crate::inbound::Verb;
use crate::message::{Notice, Post, StaleAction};
use crate::secret_text::holds_credential;
use crate::session::SessionState;
use jiff::Timestamp;

/// The emoji under thanks, which aren't sent.
const WELCOME: &str = "raised_hands";

/// How much of what someone wrote in a form is kept to be shown.
const LONGEST_CHANGES: usize = 2_000;

impl Task {
    /// A button that does something with the task was pressed.
    pub(super) fn pressed(&mut self, click: Click, verb: &Verb, now: Timestamp) {
        match verb {
            Verb::Choose(index) => self.chosen(click.delivery, *index, now),
            Verb::Resume => self.resume(click.delivery, now),
            Verb::Approve(plan) => self.approve(click, plan, now),
            Verb::Stop => self.stop_asked(click, now),
            Verb::Nudge => self.nudged(click, now),
            Verb::FollowHere | Verb::MoveHere | Verb::CancelFollow => {
                self.follow_decided(click, verb, now);
            }
            Verb::Begin => self.confirmed(click, now),
            Verb::Dismiss => self.dismissed(click, now),
            Verb::ListenToAll => self.listen_to_all(click, now),
            Verb::SendAnyway(number) => self.send_anyway(click, *number, now),
            Verb::DropHeld(number) => self.drop_held(click, *number, now),
            // They open a form or a view, ask something, or start another task.
            Verb::OpenForm
            | Verb::AskChanges(_)
            | Verb::AskStop
            | Verb::Retry
            | Verb::EditRetry
            | Verb::Answer(_)
            | Verb::ShowContext
            | Verb::StartInstead(_)
            | Verb::SendReview(_)
            | Verb::SendChecks
            | Verb::NotNow(_)
            | Verb::ShowChanges(_)
            | Verb::ShowMessages(_) => {}
        }
    }

    fn approve(&mut self, click: Click, plan: &PlanId, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        match self.decidable(plan) {
            Ok(()) => {
                if let Some(note) = self.progress.plan_mut(plan) {
                    note.status = PlanStatus::Approving(click.by);
                }
                self.push(Effect::Approve(plan.clone()), now);
                self.changed = now;
            }
            Err(late) => self.too_late(click, late, now),
        }
    }

    pub(super) fn ask_changes(&mut self, click: Click, plan: PlanId, text: String, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        match self.decidable(&plan) {
            Ok(()) => {
                if let Some(note) = self.progress.plan_mut(&plan) {
                    note.status = PlanStatus::ChangesAsked(click.by.clone());
                    note.changes = Some(text.chars().take(LONGEST_CHANGES).collect());
                }
                self.progress.changes_sent = None;
                self.send_without_files(click.by, MessageOrigin::Changes(plan), text, now);
            }
            Err(late) => self.too_late(click, late, now),
        }
    }

    /// A question is answered in the form. The thread sees what was said.
    pub(super) fn answer_question(
        &mut self,
        click: Click,
        question: u32,
        text: String,
        now: Timestamp,
    ) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if let Err(late) = self.answerable(question) {
            return self.too_late(click, late, now);
        }
        self.progress.answered = question;
        let shown = text.chars().take(LONGEST_CHANGES).collect();
        self.post(Post::Answered { by: click.by.clone(), text: shown }, now);
        self.send_without_files(click.by, MessageOrigin::Answer, text, now);
    }

    /// A message in the thread is sent on. The thread sees what was said.
    pub(super) fn sent_on(&mut self, click: Click, text: String, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            return self.too_late(click, late, now);
        }
        self.progress.talked = true;
        (self.progress.answered, self.progress.remark) = (self.progress.asked, None);
        let shown = text.chars().take(LONGEST_CHANGES).collect();
        self.post(Post::SentOn { by: click.by.clone(), text: shown }, now);
        self.send_without_files(click.by, MessageOrigin::Answer, text, now);
    }

    fn send_without_files(
        &mut self,
        from: UserId,
        origin: MessageOrigin,
        text: String,
        now: Timestamp,
    ) {
        let message = UserMessage { from, origin, text, files: Vec::new(), reads: None };
        self.push(Effect::Send(message), now);
        self.changed = now;
    }

    /// Whether someone can still answer the question; else why not.
    ///
    /// # Errors
    /// What happened before.
    pub(crate) fn answerable(&self, question: u32) -> Result<(), StaleAction> {
        match self.over() {
            Some(late) => Err(late),
            None if self.is_question_open(question) => Ok(()),
            None => Err(StaleAction::Answered),
        }
    }

    /// Whether someone can still decide about the plan; else why not.
    ///
    /// # Errors
    /// What happened before.
    pub(crate) fn decidable(&self, plan: &PlanId) -> Result<(), StaleAction> {
        if let Some(late) = self.over() {
            return Err(late);
        }
        match self.progress.plan(plan).map(|note| &note.status) {
            Some(PlanStatus::Pending) => Ok(()),
            Some(PlanStatus::Approving(by)) => Err(StaleAction::Approved(Some(by.clone()))),
            Some(PlanStatus::Approved(by)) => Err(StaleAction::Approved(by.clone())),
            Some(PlanStatus::ChangesAsked(by)) => Err(StaleAction::ChangesAsked(by.clone())),
            Some(PlanStatus::WentOn | PlanStatus::Told) => Err(StaleAction::WentOn),
            Some(PlanStatus::Closed | PlanStatus::Moved) => Err(StaleAction::Over),
            // One that is not remembered any more was replaced long ago.
            Some(PlanStatus::Replaced) | None => Err(StaleAction::Replaced),
        }
    }

    /// Why nothing can be said to the session any more, if that is so.
    pub(crate) fn over(&self) -> Option<StaleAction> {
        let failed = self.progress.ended.as_ref().is_some_and(|ended| ended.failed);
        if let Some(moved) = &self.progress.moved_to {
            Some(StaleAction::Moved(moved.page.clone()))
        } else if self.progress.gone {
            Some(StaleAction::Gone)
        } else if self.progress.archived || self.progress.stopping.is_some() {
            Some(StaleAction::Archived)
        } else if failed {
            Some(StaleAction::Failed)
        } else if self.is_dropped() {
            Some(StaleAction::Dropped)
        } else if matches!(self.phase, Phase::Stopped { .. }) {
            Some(StaleAction::NotStarted)
        } else {
            None
        }
    }

    /// Whether nothing more is done for it, unless someone wakes it up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over().is_some() || self.progress.ended.is_some()
    }

    /// Whether *Stop* still means something.
    #[must_use]
    pub fn can_be_stopped(&self) -> bool {
        self.card.is_some() && self.over().is_none() && self.progress.ended.is_none()
    }

    /// Whether Jules is waiting for a person: for an approval, or for an answer.
    #[must_use]
    pub fn waits_for_someone(&self) -> bool {
        let plan = self.progress.open_plan().is_some_and(|plan| self.decidable(&plan.id).is_ok());
        let asks = matches!(
            self.phase,
            Phase::Running {
                state: SessionState::AwaitingPlanApproval | SessionState::AwaitingUserFeedback
            }
        );
        plan || (asks && self.can_be_stopped())
    }

    pub(super) fn too_late(&mut self, click: Click, late: StaleAction, now: Timestamp) {
        self.answer(click, Notice::TooLate(late), now);
    }

    /// A reply is kept until there is a session, and sent in order. One to a finished session wakes
    /// it, as Jules allows.
    pub(super) fn replied(&mut self, reply: ThreadReply, now: Timestamp) {
        if !self.remember_delivery(reply.click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            if late == StaleAction::Archived && self.session.is_some() {
                // It may be out of the archive again, and ended sessions are no longer looked at.
                self.push(Effect::Follow, now);
            }
            return self.too_late(reply.click, late, now);
        }
        if let Some(notice) = self.kept_from_jules(&reply) {
            return self.answer(reply.click, notice, now);
        }
        let is_all = reply.files.is_empty() && !reply.is_partial;
        if is_all && self.is_only_thanked(&reply.text) {
            return self.push(Effect::React { ts: reply.ts, emoji: WELCOME.to_owned() }, now);
        }
        self.progress.talked = true;
        let reads = self.reads_of(&reply);
        let ThreadReply { click, ts, text, files, .. } = reply;
        if self.entrance.hears == Hears::Mentions {
            self.entrance.heard = Some(ts.clone());
        }
        let message = UserMessage {
            from: click.by.clone(),
            origin: MessageOrigin::Reply(ts.clone()),
            text: self.as_it_goes(text, &files),
            files,
            reads,
        };
        (self.progress.answered, self.progress.remark) = (self.progress.asked, None);
        let left_out = message.left_out();
        self.push(Effect::React { ts, emoji: "eyes".to_owned() }, now);
        self.push(Effect::Send(message), now);
        if !left_out.is_empty() {
            self.answer(click, Notice::NotPassedOn { files: left_out }, now);
        }
        self.changed = now;
    }

    /// A question to a finished session shall change nothing; while Jules works, words go as they are.
    fn as_it_goes(&self, text: String, files: &[FileRef]) -> String {
        let is_finished = self.progress.ended.as_ref().is_some_and(|ended| !ended.failed);
        if is_finished && files.is_empty() {
            return to_finished(&text);
        }
        as_it_is(&text).map(str::to_owned).unwrap_or(text)
    }

    /// What has to be read before a reply is sent: what is attached, where Slack's event did not say it, and
    /// what was said since the last one, where not everything is heard.
    fn reads_of(&self, reply: &ThreadReply) -> Option<ReplyReads> {
        let hears_all = self.entrance.hears == Hears::Everyone;
        let heard = self.entrance.heard.as_ref().or(self.entrance.message.as_ref());
        let since = heard.filter(|_| !hears_all).cloned();
        let reads = ReplyReads { message: reply.is_partial, since };
        (reads != ReplyReads::default()).then_some(reads)
    }

    /// Why a reply is not passed on, in words for its author: it is an edit of one that was, is too long,
    /// says nothing, holds a key, or is only a word for a button.
    fn kept_from_jules(&self, reply: &ThreadReply) -> Option<Notice> {
        match reply.kind {
            ReplyKind::Edited => return Some(Notice::EditNotSent),
            ReplyKind::TooLong => return Some(Notice::TooLong),
            ReplyKind::Written => {}
        }
        if reply.text.trim().is_empty() && reply.files.is_empty() && !reply.is_partial {
            return Some(Notice::NothingSaid);
        }
        if holds_credential(&reply.text) {
            return Some(Notice::Credential);
        }
        if reply.files.is_empty() { self.button_for(&reply.text) } else { None }
    }

    /// Someone of another organisation sees the thread, and is told once that it is not theirs.
    pub(super) fn outsider(&mut self, click: Click, now: Timestamp) {
        /// More are not told apart.
        const MOST: usize = 50;
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if self.progress.outsiders.contains(&click.by) || self.progress.outsiders.len() >= MOST {
            return;
        }
        self.progress.outsiders.push(click.by.clone());
        self.answer(click, Notice::NoSteering, now);
    }

    /// Stops what can be stopped: a task that waits is not started, a session is archived.
    fn stop_asked(&mut self, click: Click, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            return self.too_late(click, late, now);
        }
        self.progress.stopping = Some(click.by);
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
        let Some(by) = self.progress.stopping.clone() else { return };
        let maybe_done = self
            .outbox
            .iter()
            .any(|entry| entry.effect == Effect::CreateSession && entry.maybe_done);
        let waits = match self.phase {
            Phase::Starting { .. } | Phase::InQueue { .. } => true,
            Phase::Draft { .. }
            | Phase::Resolving { .. }
            | Phase::Reading
            | Phase::Carding
            | Phase::Running { .. }
            | Phase::Stopped { .. } => false,
        };
        if waits && !maybe_done {
            self.outbox.retain(|entry| entry.effect != Effect::CreateSession);
            self.stop(&Effect::CreateSession, Cause::Withdrawn(by), now);
        }
    }

    fn nudged(&mut self, click: Click, now: Timestamp) {
        if !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        if let Some(late) = self.over() {
            return self.too_late(click, late, now);
        }
        if !self.is_busy() {
            return self.too_late(click, StaleAction::Over, now);
        }
        // The silence is over for now: the next one is counted from here.
        self.progress.heard = Some(now);
        self.send_without_files(click.by, MessageOrigin::Nudge, NUDGE.to_owned(), now);
    }
}
