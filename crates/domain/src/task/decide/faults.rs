//! How an attempt that did nothing, or may have done something, ended, and what is tried next.

use super::super::effect::{Destination, Effect};
use super::super::progress::{PlanFile, PlanStatus, SessionResult};
use super::super::user_message::{MessageOrigin, UserMessage};
use super::super::{OutboxEntry, Phase, Task};
use crate::fault::{Cause, Fault};
use crate::ids::{PlanId, UserId};
use crate::message::{Notice, Post};
use jiff::{SignedDuration, Timestamp};

/// What could not be said in a channel, or in private, for so long is not said any more.
const STALE: SignedDuration = SignedDuration::from_hours(48);
/// A refusal of Slack's that may pass is final once it has lasted for so long; and a message that Jules hasn't taken for
/// so long isn't sent any more.
const MAY_PASS_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Either has been met this often by then: an outage isn't a refusal, and the clock may have been set.
const REFUSALS: u32 = 5;
/// What is tried again later than this is said to be on hold at once: a minute, and the quarter that is added to it.
const LONG_WAIT: SignedDuration = SignedDuration::from_secs(75);
/// What came of a session isn't waited for any longer than this before its end is told, and it was asked for this often
/// by then.
const UNANSWERED_FOR: SignedDuration = SignedDuration::from_mins(3);
const UNANSWERED: u32 = 5;
/// What is given up in a channel was also tried this often: a clock that is ahead for a minute makes two days
/// of it.
const STALE_ATTEMPTS: u32 = 40;

impl Task {
    pub(super) fn failed(&mut self, id: u32, effect: &Effect, fault: &Fault, now: Timestamp) {
        if fault.may_pass() {
            self.count_refusal(id);
        }
        let fault = &self.final_once_it_lasted(id, fault, now);
        match effect {
            Effect::Resolve
            | Effect::FindSession
            | Effect::AdoptSession
            | Effect::PostCard
            | Effect::CreateSession => {
                self.step_failed(id, effect, fault, now);
            }
            Effect::PostLink | Effect::Post { .. } => self.post_failed(id, effect, fault, now),
            Effect::Redraw => self.redraw_failed(id, fault, now),
            Effect::RedrawPlan(plan) => self.plan_redraw_failed(id, plan, fault, now),
            Effect::SharePlan(_) => match fault {
                Fault::Later { .. } => self.retry_later(id, fault, now),
                Fault::Unknown(cause) => self.look_later(id, effect, cause, now),
                Fault::Refused(_) => self.share_failed(id, effect),
            },
            Effect::PostDm(dm) => self.dm_failed(id, *dm, fault, now),
            Effect::RedrawDm(dm) => self.dm_redraw_failed(id, *dm, fault, now),
            Effect::ReadMaterial => self.material_failed(id, fault, now),
            Effect::Suggest => self.step_failed(id, effect, fault, now),
            Effect::Remind | Effect::LinkBeside => self.retry_later(id, fault, now),
            Effect::LeaveQueue
            | Effect::Index
            | Effect::Follow
            | Effect::LinkRetry
            | Effect::WatchPull
            | Effect::ReadIssue(_)
            | Effect::LinkMoved => {
                self.retry_later(id, fault, now);
            }
            Effect::Send(message) => self.send_failed(id, message, fault, now),
            Effect::Approve(plan) => self.approve_failed(id, plan, fault, now),
            Effect::Archive => self.archive_failed(id, fault, now),
            Effect::FetchResult => self.fetch_result_failed(id, fault, now),
            Effect::React { .. } | Effect::Unreact { .. } | Effect::TakeBack(_) => {
                self.react_failed(id, fault, now);
            }
            Effect::Ephemeral { .. } => self.tell_failed(id, fault, now),
            Effect::RefreshElapsed | Effect::Expire | Effect::ForgetMaterial => self.drop_entry(id),
        }
    }

    /// A refusal that may pass becomes final once it has lasted.
    fn final_once_it_lasted(&self, id: u32, fault: &Fault, now: Timestamp) -> Fault {
        match fault {
            Fault::Later { cause, .. } if fault.may_pass() && self.is_refused_for_long(id, now) => {
                Fault::Refused(cause.clone())
            }
            Fault::Later { .. } | Fault::Refused(_) | Fault::Unknown(_) => fault.clone(),
        }
    }

    /// Someone who answers doesn't take it, for now.
    fn count_refusal(&mut self, id: u32) {
        if let Some(entry) = self.entry_mut(id) {
            entry.refusals += 1;
        }
    }

    /// Whether it has been refused all the time since it was first tried, as far as that was answered. Time alone says
    /// little: nobody may have answered for most of it.
    fn is_refused_for_long(&self, id: u32, now: Timestamp) -> bool {
        self.is_older(id, MAY_PASS_FOR, now)
            && self.entry(id).is_some_and(|entry| entry.refusals >= REFUSALS)
    }

    /// Whether this was first tried so long ago, and has been so often: the clock alone may have been set.
    fn has_lasted(&self, id: u32, now: Timestamp) -> bool {
        self.is_older(id, STALE, now)
            && self.entry(id).is_some_and(|entry| entry.attempts >= STALE_ATTEMPTS)
    }

    /// Whether this was first tried longer ago than that.
    fn is_older(&self, id: u32, than: SignedDuration, now: Timestamp) -> bool {
        let since = self.entry(id).and_then(|entry| entry.since);
        since.is_some_and(|since| now.duration_since(since) > than)
    }

    /// A look found nothing. A task that shall be stopped is not started after all.
    pub(super) fn nothing_found(&mut self, id: u32, effect: &Effect, now: Timestamp) {
        self.not_found(id, now);
        let sure = self.outbox.iter().any(|entry| entry.id == id && !entry.maybe_done);
        if let (Effect::Send(message), true) = (effect, sure) {
            return self.send_again(id, message, now);
        }
        if *effect == Effect::CreateSession && sure {
            self.stop_before_start(now);
        }
        if self.is_said_elsewhere(effect) && sure {
            self.drop_entry(id);
        }
    }

    /// Jules certainly doesn't have a message. It is sent again, unless the task was stopped meanwhile, or Jules
    /// hasn't taken it for long: then its author is told, and what is behind it has its turn.
    fn send_again(&mut self, id: u32, message: &UserMessage, now: Timestamp) {
        self.count_refusal(id);
        let cause = match &self.progress.stopping {
            Some(by) => Cause::Withdrawn(by.clone()),
            None if self.is_refused_for_long(id, now) => Cause::NotTaken,
            None => return,
        };
        self.drop_entry(id);
        self.not_delivered(message, cause, now);
    }

    /// The session is archived, so nothing that Jules certainly doesn't have is said to it: that would wake it. What
    /// it may have is still looked for.
    pub(super) fn withdraw_unsent(&mut self, by: &UserId, now: Timestamp) {
        let unsent = |entry: &OutboxEntry| {
            let Effect::Send(message) = &entry.effect else { return None };
            (!entry.maybe_done).then(|| (entry.id, message.clone()))
        };
        let unsent: Vec<_> = self.outbox.iter().filter_map(unsent).collect();
        for (id, message) in unsent {
            self.drop_entry(id);
            self.not_delivered(&message, Cause::Withdrawn(by.clone()), now);
        }
    }

    /// One of the steps without which the task does not go on.
    fn step_failed(&mut self, id: u32, effect: &Effect, fault: &Fault, now: Timestamp) {
        let cause = fault.cause().clone();
        match fault {
            Fault::Later { .. } => {
                // What it's called once it is final would be untrue while it may pass.
                let shown = if fault.may_pass() { Cause::SlackDown } else { cause };
                self.retry_later(id, fault, now);
                self.trouble(id, shown, now);
                if *effect == Effect::CreateSession {
                    self.stop_before_start(now);
                }
            }
            Fault::Unknown(_) => {
                self.look_later(id, effect, &cause, now);
                self.trouble(id, cause, now);
            }
            Fault::Refused(_) => {
                self.drop_entry(id);
                self.stop(effect, cause, now);
            }
        }
    }

    /// Shows on the card what is in the way. Without a card the author is told, once, and once more
    /// when it turns out that an operator has to mend it.
    pub(super) fn trouble(&mut self, id: u32, cause: Cause, now: Timestamp) {
        let lasts = self.lasts(id, &cause, now);
        match &mut self.phase {
            Phase::Resolving { trouble } => {
                let known = trouble.replace(cause.clone());
                if known.is_none_or(|known| known != cause && cause.is_for_operator()) {
                    self.answer_author(Notice::Held(cause), now);
                }
            }
            Phase::Carding if lasts => self.no_card_yet(cause, now),
            Phase::Starting { trouble } => *trouble = Some(cause),
            Phase::InQueue { .. } => self.phase = Phase::Starting { trouble: Some(cause) },
            Phase::Draft { .. }
            | Phase::Reading
            | Phase::Carding
            | Phase::Running { .. }
            | Phase::Stopped { .. } => {}
        }
    }

    /// Whether what is in the way of this has been there for a while, or will be.
    fn lasts(&self, id: u32, cause: &Cause, now: Timestamp) -> bool {
        cause.is_for_operator() || self.entry(id).is_some_and(|entry| lasts(entry, now))
    }

    /// What has kept something from being said to Jules for a while, or will.
    pub(super) fn held_back(&self, now: Timestamp) -> Option<Cause> {
        let is_held = |entry: &&OutboxEntry| {
            entry.effect.spec().destination == Destination::Jules && lasts(entry, now)
        };
        let cause = self.outbox.iter().find(is_held)?.cause.clone();
        cause.filter(|cause| !cause.is_slacks_credential())
    }

    /// The card has to wait; the author is told once.
    fn no_card_yet(&mut self, cause: Cause, now: Timestamp) {
        if self.away.replace(cause.clone()).as_ref() != Some(&cause) {
            self.answer_author(Notice::Held(cause), now);
        }
    }

    /// It continues: that it was held up is no news any more.
    pub(super) fn held_no_more(&mut self) {
        let held =
            |effect: &Effect| matches!(effect, Effect::Ephemeral { notice: Notice::Held(_), .. });
        self.outbox.retain(|entry| !held(&entry.effect));
    }

    /// It cannot go on without a person, who is told on the card, or in private without one.
    pub(super) fn stop(&mut self, effect: &Effect, cause: Cause, now: Timestamp) {
        self.held_no_more();
        // It may have joined the line before its card was posted.
        if matches!(effect, Effect::CreateSession | Effect::PostCard) {
            self.push(Effect::LeaveQueue, now);
        }
        if *effect != Effect::CreateSession {
            let notice = Notice::NotStarted { task: self.id.clone(), cause: cause.clone() };
            self.answer_author(notice, now);
        }
        self.undelivered(&cause, now);
        self.phase = Phase::Stopped { cause };
        self.changed = now;
    }

    /// What was said to a session that will not be: its authors are told.
    pub(super) fn undelivered(&mut self, cause: &Cause, now: Timestamp) {
        let waiting: Vec<UserMessage> = self
            .outbox
            .iter()
            .filter_map(|entry| {
                if let Effect::Send(message) = &entry.effect { Some(message.clone()) } else { None }
            })
            .collect();
        self.outbox.retain(|entry| !matches!(entry.effect, Effect::Send(_)));
        let held = self.held_for_nothing();
        for message in waiting.into_iter().chain(held) {
            self.not_delivered(&message, cause.clone(), now);
        }
    }

    fn not_delivered(&mut self, message: &UserMessage, cause: Cause, now: Timestamp) {
        self.progress.answered = 0;
        self.reopen_plan(message);
        let notice = Notice::NotDelivered { text: message.fingerprint(), cause };
        self.tell(message.from.clone(), notice, now);
    }

    /// Where a plan's changes were not asked for after all, it waits for a decision again.
    pub(super) fn reopen_plan(&mut self, message: &UserMessage) {
        if let MessageOrigin::Changes(plan) = &message.origin
            && let Some(note) = self.progress.plan_mut(plan)
            && matches!(note.status, PlanStatus::ChangesAsked(_))
        {
            note.status = PlanStatus::Pending;
            note.changes = None;
        }
    }

    /// Something for the thread was not said.
    fn post_failed(&mut self, id: u32, effect: &Effect, fault: &Fault, now: Timestamp) {
        self.link_refused |= *effect == Effect::PostLink && matches!(fault, Fault::Refused(_));
        match fault {
            Fault::Later { .. } => self.retry_later(id, fault, now),
            Fault::Unknown(cause) => self.look_later(id, effect, cause, now),
            Fault::Refused(cause) if cause.is_place() => self.cannot_write(id, cause, now),
            Fault::Refused(Cause::MessageGone) => {
                self.reset(id, now);
                self.root_is_gone(now);
            }
            // Slack does not take what we made of it: at least it is said that there is something.
            Fault::Refused(Cause::MessageRefused(_)) if is_rich(effect) => {
                let url = self.url();
                if let Some(entry) = self.entry_mut(id)
                    && let Effect::Post { post, .. } = &mut entry.effect
                {
                    *post = Post::SeeSession { url };
                }
                self.reset(id, now);
                if let Effect::Post { post: Post::Plan { id: plan, .. }, .. } = effect {
                    self.write_dm_of_plan(plan, now);
                }
            }
            Fault::Refused(_) => self.drop_entry(id),
        }
    }

    /// A plan can't go into the thread as a file, so it takes more messages instead.
    pub(super) fn share_failed(&mut self, id: u32, effect: &Effect) {
        self.plan_shared(effect, PlanFile::Refused);
        self.drop_entry(id);
    }

    /// The bot was removed from the channel, or it is archived. What there is to say waits; the
    /// author is told once.
    fn cannot_write(&mut self, id: u32, cause: &Cause, now: Timestamp) {
        if self.has_lasted(id, now) {
            return self.drop_entry(id);
        }
        if self.away.is_none()
            && let Some(channel) = self.channel.clone()
        {
            let notice = Notice::CannotWrite { channel, cause: cause.clone() };
            self.tell(self.author.clone(), notice, now);
        }
        self.away = Some(cause.clone());
        self.wait(id, cause.patience(), now);
    }

    /// A message can't be edited where it is, for now: that waits with the channel. False once it isn't worth it any
    /// more.
    fn edits_later(&mut self, id: u32, cause: &Cause, now: Timestamp) -> bool {
        let waits = cause.is_place() && !self.has_lasted(id, now);
        if waits {
            self.wait(id, cause.patience(), now);
        }
        waits
    }

    /// Something was not said in private. Nobody can look up whether it was, so only what was certainly not said is
    /// tried again. A notice that someone is owed is repeated once.
    fn tell_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        let owed = |entry: &&OutboxEntry| matches!(&entry.effect, Effect::Ephemeral { notice, .. } if notice.is_owed());
        let is_owed_again = self.entry(id).filter(owed).is_some_and(|entry| !entry.again);
        match fault {
            // Nobody wants to hear it after so long.
            Fault::Later { .. } if !self.is_older(id, STALE, now) => {
                self.retry_later(id, fault, now);
            }
            Fault::Unknown(_) if is_owed_again => self.retry_later(id, fault, now),
            Fault::Later { .. } | Fault::Unknown(_) | Fault::Refused(_) => self.drop_entry(id),
        }
    }

    /// The bot can write again: everything that waited for that is said now.
    pub(super) fn returned(&mut self, now: Timestamp) {
        if self.away.take().is_some() {
            for entry in self.outbox.iter_mut().filter(|entry| is_in_thread(&entry.effect)) {
                entry.at = entry.at.min(now);
            }
            self.drawn = None;
        }
    }

    /// The card, and with it the thread, is gone. The session goes on; the author is told where.
    pub(super) fn root_is_gone(&mut self, now: Timestamp) {
        if self.root_gone {
            return;
        }
        self.root_gone = true;
        let post = |entry: &OutboxEntry| {
            if let Effect::Post { post, .. } = &entry.effect { Some(post.clone()) } else { None }
        };
        let waiting: Vec<Post> = self.outbox.iter().filter_map(post).collect();
        // One that may be in the channel by now is looked for, and taken back.
        let is_in_doubt =
            |entry: &OutboxEntry| entry.maybe_done && entry.effect.spec().is_findable();
        self.outbox.retain(|entry| !is_in_thread(&entry.effect) || is_in_doubt(entry));
        let url = self.session.as_ref().map(|session| session.url.clone());
        let notice = Notice::RootGone { title: self.title().to_owned(), url };
        self.tell(self.author.clone(), notice, now);
        for post in waiting {
            self.post(post, now);
        }
    }

    fn redraw_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.retry_later(id, fault, now),
            Fault::Refused(Cause::MessageGone) => {
                self.drop_entry(id);
                self.root_is_gone(now);
            }
            Fault::Refused(cause) => {
                if !self.edits_later(id, cause, now) {
                    self.drop_entry(id);
                    // As good as drawn: the next change is tried again, this one is not.
                    self.drawn = self.card();
                }
            }
        }
    }

    fn plan_redraw_failed(&mut self, id: u32, plan: &PlanId, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.retry_later(id, fault, now),
            Fault::Refused(cause) => {
                if !self.edits_later(id, cause, now) {
                    self.drop_entry(id);
                    if let Some(plan) = self.progress.plan_mut(plan) {
                        plan.drawn = Some(plan.status.clone());
                    }
                }
            }
        }
    }

    fn react_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.retry_later(id, fault, now),
            // The message is gone: neither a reaction nor taking it back is worth a word.
            Fault::Refused(_) => self.drop_entry(id),
        }
    }

    /// Jules could not be told something, for now: it is shown, unless Slack is what is in the way,
    /// and tried again.
    fn held_up(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        let cause = fault.cause().clone();
        self.retry_later(id, fault, now);
        if self.lasts(id, &cause, now) && !cause.is_slacks_credential() {
            self.blocked(cause);
        }
    }

    fn send_failed(&mut self, id: u32, message: &UserMessage, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } => self.held_up(id, fault, now),
            Fault::Unknown(cause) => self.look_soon(id, cause, now),
            Fault::Refused(cause) => {
                self.drop_entry(id);
                self.not_delivered(message, cause.clone(), now);
            }
        }
    }

    fn approve_failed(&mut self, id: u32, plan: &PlanId, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.held_up(id, fault, now),
            Fault::Refused(cause) => {
                self.drop_entry(id);
                let by = self.progress.plan_mut(plan).and_then(|note| match note.status.clone() {
                    PlanStatus::Approving(by) => {
                        note.status = PlanStatus::Pending;
                        Some(by)
                    }
                    PlanStatus::Told
                    | PlanStatus::Pending
                    | PlanStatus::Approved(_)
                    | PlanStatus::ChangesAsked(_)
                    | PlanStatus::Replaced
                    | PlanStatus::WentOn
                    | PlanStatus::Moved
                    | PlanStatus::Closed => None,
                });
                if let Some(to) = by {
                    self.tell(to, Notice::Trouble(cause.clone()), now);
                }
            }
        }
    }

    fn archive_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.held_up(id, fault, now),
            Fault::Refused(cause) => {
                self.drop_entry(id);
                let by = self.progress.stopping.take();
                if let Some(to) = by {
                    self.tell(to, Notice::Trouble(cause.clone()), now);
                }
            }
        }
    }

    /// Asking how it ended did not work. When Jules refuses to say, or hasn't said for minutes, it is told with what is
    /// known.
    fn fetch_result_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        let is_held = match fault {
            Fault::Later { cause, .. } | Fault::Unknown(cause) => {
                !is_jules_unable(cause) || !self.is_unanswered_for_long(id, now)
            }
            Fault::Refused(_) => false,
        };
        if is_held {
            return self.held_up(id, fault, now);
        }
        self.progress.blocked = None;
        self.result_fetched(id, SessionResult::default(), now);
    }

    fn is_unanswered_for_long(&self, id: u32, now: Timestamp) -> bool {
        self.is_older(id, UNANSWERED_FOR, now)
            && self.entry(id).is_some_and(|entry| entry.attempts >= UNANSWERED)
    }
}

/// Whether it was tried so often, or so much time passes before it is tried again, that people are told.
fn lasts(entry: &OutboxEntry, now: Timestamp) -> bool {
    entry.attempts > 2 || entry.at.duration_since(now) > LONG_WAIT
}

/// Whether it's Jules' own trouble: it may pass, and nobody here can do anything about it.
fn is_jules_unable(cause: &Cause) -> bool {
    matches!(cause, Cause::JulesDown | Cause::JulesBusy | Cause::SessionMissing)
}

/// Whether it waits with the channel, and ends with the thread.
pub(super) fn is_in_thread(effect: &Effect) -> bool {
    effect.spec().destination == Destination::Thread
}

/// Whether it has someone else's words in it, which Slack may not take.
fn is_rich(effect: &Effect) -> bool {
    matches!(effect, Effect::Post { post, .. } if !matches!(post, Post::SeeSession { .. }))
}
