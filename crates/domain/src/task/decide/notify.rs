//! Who is notified of what: the author, of a plan that is waiting, a question and an end, once each, with one
//! reminder of what is still waiting.
//!
//! Slack notifies people of mentions and of direct messages, and of no edit.

use super::super::effect::Effect;
use super::super::progress::{DmRecord, DmState, PlanStatus, Waiting};
use super::super::{Phase, Task};
use crate::command::Ping;
use crate::fault::Fault;
use crate::ids::{ChannelId, MessageTs, PlanId};
use crate::message::{Call, Occasion, Post};
use crate::session::SessionState;
use crate::working_hours::after_working;
use jiff::{SignedDuration, Timestamp};

/// Someone is reminded after so much of their working hours.
const WORKING: SignedDuration = SignedDuration::from_hours(2);

/// Where their time zone is not known, after so long.
const ANY_HOURS: SignedDuration = SignedDuration::from_hours(24);

/// How much of a question or a failure a direct message quotes.
const LONGEST_WORDS: usize = 1_500;

/// How many direct messages of a task are kept up to date.
const MOST_DMS: usize = 12;

impl Task {
    fn ping(&self) -> Ping {
        self.ask.options.ping.unwrap_or_default()
    }

    /// Says something in the thread, and notifies the author if it's an occasion for that.
    pub(super) fn post_and_notify(&mut self, post: Post, now: Timestamp) {
        let occasion = self.occasion(&post);
        let words = words_of(&post);
        let calls = matches!(&post, Post::Paused { .. } | Post::SeeSession { .. })
            || matches!(&post, Post::Pull(news) if news.what.is_for_its_author());
        let mentions = match self.ping() {
            Ping::Thread => occasion.is_some() || calls,
            // There is nothing to decide in a direct message about it.
            Ping::Dm => calls,
            Ping::Off => false,
        };
        let ping = mentions.then(|| self.author.clone());
        self.push(Effect::Post { post, ping }, now);
        if let Some(of) = occasion
            && self.ping() == Ping::Dm
            && !matches!(of, Occasion::Plan(_))
        {
            self.write_dm(Call { of, again: false }, words, now);
        }
    }

    /// A plan is in the thread. Only then a direct message has buttons for it: nobody shall approve what they can't
    /// see.
    pub(super) fn write_dm_of_plan(&mut self, plan: &PlanId, now: Timestamp) {
        let of = Occasion::Plan(plan.clone());
        let is_open = self.progress.plan(plan).is_some_and(|plan| plan.status.is_open());
        let is_written = self.progress.dms.iter().any(|dm| dm.call.of == of);
        if self.ping() == Ping::Dm && is_open && !is_written {
            self.write_dm(Call { of, again: false }, None, now);
        }
    }

    /// What someone is notified of by this.
    fn occasion(&self, post: &Post) -> Option<Occasion> {
        match post {
            Post::Plan { id, .. } => {
                let is_open = self.progress.plan(id).is_some_and(|plan| plan.status.is_open());
                is_open.then(|| Occasion::Plan(id.clone()))
            }
            Post::Word { question, .. } => {
                question.then_some(Occasion::Question(self.progress.asked))
            }
            Post::Finished(_) => Some(Occasion::Finished),
            Post::Failed { .. } => Some(Occasion::Failed),
            Post::Link { .. }
            | Post::Refused { .. }
            | Post::Beside { .. }
            | Post::SentOn { .. }
            | Post::PullRequest(_)
            | Post::Pull(_)
            | Post::Held(_)
            | Post::HeldDecided { .. }
            | Post::ApprovedElsewhere
            | Post::WentOn
            | Post::SaidElsewhere { .. }
            | Post::Answered { .. }
            | Post::ArchivedElsewhere { .. }
            | Post::Unarchived
            | Post::Paused { .. }
            | Post::SessionGone { .. }
            | Post::SessionFound
            | Post::Dropped { .. }
            | Post::Moved { .. }
            | Post::Call(_)
            | Post::SeeSession { .. } => None,
        }
    }

    /// Notes what the task is waiting for from a person, and since when; that person is reminded.
    pub(super) fn note_who_is_waited_for(&mut self, now: Timestamp) {
        let of = self.awaited().filter(|_| !self.root_gone);
        if self.progress.waiting.as_ref().map(|waiting| &waiting.of) == of.as_ref() {
            return;
        }
        self.outbox.retain(|entry| entry.effect != Effect::Remind);
        if of.is_some() && self.ping() != Ping::Off {
            self.push(Effect::Remind, now + WORKING);
        }
        self.progress.waiting = of.map(|of| Waiting { of, since: now, reminded: false });
    }

    /// What Jules is waiting for, if it is for a person, and the thread has it.
    pub(super) fn awaited(&self) -> Option<Occasion> {
        let open = self.progress.open_plan().filter(|plan| self.decidable(&plan.id).is_ok());
        let plan = open.map(|plan| Occasion::Plan(plan.id.clone()));
        plan.or_else(|| {
            self.is_question_open(self.progress.asked)
                .then_some(Occasion::Question(self.progress.asked))
        })
    }

    /// Whether Jules is waiting for the answer to a question.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.is_question_open(self.progress.asked)
    }

    /// Whether this question is waiting for an answer.
    pub(super) fn is_question_open(&self, question: u32) -> bool {
        let state = SessionState::AwaitingUserFeedback;
        self.can_be_stopped()
            && self.phase == Phase::Running { state }
            && self.progress.asked == question
            && self.progress.answered < question
    }

    /// The author's clock is known, if Slack tells it: reminds them if it is time, or later.
    pub(super) fn remind(&mut self, id: u32, ahead: Option<i32>, now: Timestamp) {
        let Some(waiting) = &mut self.progress.waiting else { return self.drop_entry(id) };
        let at = match ahead {
            // It may be late: after a day on which nothing ran, it isn't the middle of the night that is due.
            Some(ahead) => after_working(waiting.since, WORKING, ahead).max(after_working(
                now,
                SignedDuration::ZERO,
                ahead,
            )),
            None => waiting.since + ANY_HOURS,
        };
        if now < at {
            return self.reset(id, at);
        }
        waiting.reminded = true;
        let call = Call { of: waiting.of.clone(), again: true };
        self.drop_entry(id);
        self.notify(call, None, now);
    }

    /// Notifies the author of something that the thread has already.
    pub(super) fn notify(&mut self, call: Call, words: Option<String>, now: Timestamp) {
        match self.ping() {
            Ping::Thread => self.mention(call, now),
            Ping::Dm => self.write_dm(call, words, now),
            Ping::Off => {}
        }
    }

    /// Mentions the author in the thread, with a line of its own.
    fn mention(&mut self, call: Call, now: Timestamp) {
        if !self.root_gone {
            let ping = Some(self.author.clone());
            self.push(Effect::Post { post: Post::Call(call), ping }, now);
        }
    }

    fn write_dm(&mut self, call: Call, words: Option<String>, now: Timestamp) {
        let progress = &mut self.progress;
        let id = progress.dm_count;
        progress.dm_count += 1;
        progress.dms.push(DmRecord { id, call, words, at: None, drawn: None });
        let surplus = progress.dms.len().saturating_sub(MOST_DMS);
        progress.dms.drain(..surplus);
        self.push(Effect::PostDm(id), now);
    }

    /// What a direct message should show now.
    #[must_use]
    pub fn dm_state(&self, of: &Occasion) -> DmState {
        match of {
            Occasion::Plan(id) => {
                let status = self.progress.plan(id).map(|plan| plan.status.clone());
                DmState::Plan(status.unwrap_or(PlanStatus::Replaced))
            }
            Occasion::Question(question) if self.is_question_open(*question) => DmState::Asks,
            Occasion::Question(_) => DmState::Answered,
            Occasion::Finished | Occasion::Failed => DmState::Ended,
        }
    }

    /// A decision in one place shows in the other.
    pub(super) fn keep_dms_fresh(&mut self, now: Timestamp) {
        let dms = self.progress.dms.iter().filter(|dm| dm.at.is_some());
        let stale = dms.filter(|dm| dm.drawn.as_ref() != Some(&self.dm_state(&dm.call.of)));
        let effects: Vec<Effect> = stale.map(|dm| Effect::RedrawDm(dm.id)).collect();
        for effect in effects {
            if !self.awaits(&effect) {
                self.push(effect, now);
            }
        }
    }

    pub(super) fn dm_shown(
        &mut self,
        effect: &Effect,
        at: (ChannelId, MessageTs),
        drawn: Option<DmState>,
    ) {
        if let Effect::PostDm(id) = effect
            && let Some(dm) = self.progress.dm_mut(*id)
        {
            dm.at = Some(at);
            dm.drawn = drawn;
        }
    }

    pub(super) fn dm_drawn(&mut self, effect: &Effect, drawn: DmState) {
        if let Effect::RedrawDm(id) = effect
            && let Some(dm) = self.progress.dm_mut(*id)
        {
            dm.drawn = Some(drawn);
        }
    }

    /// A direct message that can't be sent becomes a mention.
    pub(super) fn dm_failed(&mut self, id: u32, dm: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } => self.retry_later(id, fault, now),
            Fault::Unknown(cause) => self.look_later(id, &Effect::PostDm(dm), cause, now),
            Fault::Refused(_) => {
                self.drop_entry(id);
                if let Some(call) = self.progress.dm(dm).map(|dm| dm.call.clone()) {
                    self.mention(call, now);
                }
            }
        }
    }

    pub(super) fn dm_redraw_failed(&mut self, id: u32, dm: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { .. } | Fault::Unknown(_) => self.retry_later(id, fault, now),
            Fault::Refused(_) => {
                self.drop_entry(id);
                let shown = self.progress.dm(dm).map(|dm| self.dm_state(&dm.call.of));
                if let Some(dm) = self.progress.dm_mut(dm) {
                    dm.drawn = shown;
                }
            }
        }
    }
}

/// What a direct message quotes of a message in the thread.
fn words_of(post: &Post) -> Option<String> {
    let text = if let Post::Word { text, .. } | Post::Failed { reason: Some(text), .. } = post {
        text
    } else {
        return None;
    };
    Some(text.chars().take(LONGEST_WORDS).collect())
}
