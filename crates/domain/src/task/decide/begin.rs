//! How a task begins: certainty, the card, the line, the session.

use super::super::effect::Effect;
use super::super::entrance::Way;
use super::super::{MOST_CHOICES, OutboxEntry, Phase, SessionRef, Start, Task};
use crate::command::{ContextMode, Request};
use crate::ids::{ChannelId, DeliveryId};
use crate::message::{Notice, Post};
use crate::policy::Refusal;
use crate::queue::Standing;
use crate::quota::Shortage;
use crate::repo::{FixedSource, Resolved};
use crate::session::SessionState;
use crate::tenant::AccountRef;
use jiff::{SignedDuration, Timestamp};

/// How long a task in line waits before it looks after the line by itself, should the line never call.
const QUEUE_CHECK: SignedDuration = SignedDuration::from_mins(2);

/// After so long a task that Jules refuses without a reason needs a person. It may still be a limit that
/// we don't know, so it stays in line.
const UNEXPLAINED: SignedDuration = SignedDuration::from_mins(5);

impl Task {
    /// Begins, or begins again after a person said more.
    pub(in crate::task) fn begin(&mut self, start: Start, now: Timestamp) {
        self.changed = now;
        match start {
            Start::At(target) => {
                self.source = None;
                self.target = Some(target);
                self.proceed(now);
            }
            Start::Resolve(source) => {
                self.source = source;
                self.target = None;
                self.proceed(now);
            }
            Start::Draft(candidates) => self.phase = Phase::Draft { candidates },
        }
    }

    /// Goes to the first thing that is missing: certainty, the card, the session.
    pub(super) fn proceed(&mut self, now: Timestamp) {
        self.held_no_more();
        if self.followed.is_some() {
            return self.proceed_to_follow(now);
        }
        let (phase, effect) = if self.target.is_none() {
            (Phase::Resolving { trouble: None }, Effect::Resolve)
        } else if self.entrance.reads.is_some() {
            (Phase::Reading, Effect::ReadMaterial)
        } else if let Some(issue) = self.issue_to_read() {
            (Phase::Reading, Effect::ReadIssue(issue))
        } else if self.entrance.is_to_confirm {
            return self.ask_to_confirm(now);
        } else if self.card.is_none() {
            (Phase::Carding, Effect::PostCard)
        } else if self.session.is_none() {
            (Phase::Starting { trouble: None }, Effect::CreateSession)
        } else {
            return;
        };
        self.step_to(phase, effect, now);
    }

    /// Goes on to a phase with what is to be done in it, unless that is waiting already. With its card a task begins.
    pub(super) fn step_to(&mut self, phase: Phase, effect: Effect, now: Timestamp) {
        self.phase = phase;
        if !self.awaits(&effect) {
            let begins = effect == Effect::PostCard;
            self.push(effect, now);
            if begins {
                self.record_start(now);
            }
        }
    }

    /// A person has to say more before it begins.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        matches!(self.phase, Phase::Draft { .. })
    }

    /// A form that is sent twice finds the task begun, and does nothing.
    pub(super) fn filled(
        &mut self,
        ask: Request,
        channel: Option<ChannelId>,
        (start, account): (Start, AccountRef),
        now: Timestamp,
    ) {
        if self.is_draft() && self.followed.is_none() {
            self.on_account(account);
            // Filling in the form confirms the task.
            self.entrance.is_to_confirm = false;
            self.forget_expiry();
            if let Some(reads) = &mut self.entrance.reads {
                reads.goes_along &= ask.options.context != Some(ContextMode::None);
            }
            self.ask = ask;
            if channel.is_some() && channel != self.channel {
                self.leave_thread();
            }
            self.channel = channel.or_else(|| self.channel.take());
            self.begin(start, now);
        }
    }

    /// The chosen repository takes the place of what was typed; Jules is asked for its branch.
    pub(super) fn chosen(&mut self, delivery: DeliveryId, index: usize, now: Timestamp) {
        let Phase::Draft { candidates } = &self.phase else { return };
        let Some(fit) = candidates.get(index) else { return };
        let source = FixedSource::asked(fit.clone());
        if self.remember_delivery(delivery) {
            self.ask.options.repo = Some(source.repo.to_string());
            self.entrance.is_to_confirm = false;
            self.forget_expiry();
            self.begin(Start::Resolve(Some(source)), now);
        }
    }

    /// Tries again what did not reach Jules; a stop that was asked for is forgotten.
    pub(super) fn resume(&mut self, delivery: DeliveryId, now: Timestamp) {
        let is_left = self.is_dropped() && self.session.is_some();
        if matches!(self.phase, Phase::Stopped { .. })
            && !is_left
            && self.remember_delivery(delivery)
        {
            self.changed = now;
            self.progress.stopping = None;
            self.proceed(now);
        }
    }

    /// Shows the task's place in line. If it is next, it asks Jules at once.
    pub(super) fn stands(&mut self, standing: Standing, is_next: bool, now: Timestamp) {
        match &mut self.phase {
            Phase::InQueue { standing: shown } => *shown = standing,
            Phase::Starting { .. } => {}
            Phase::Draft { .. }
            | Phase::Resolving { .. }
            | Phase::Reading
            | Phase::Carding
            | Phase::Running { .. }
            | Phase::Stopped { .. } => return,
        }
        if is_next {
            for entry in
                self.outbox.iter_mut().filter(|entry| entry.effect == Effect::CreateSession)
            {
                entry.at = entry.at.min(now);
            }
        }
    }

    /// Jules was asked which repository and branch are meant before the task was stored: what comes of it,
    /// and what its author is told.
    #[must_use]
    pub fn resolved_at_once(
        mut self,
        (found, account): (Resolved, AccountRef),
        now: Timestamp,
    ) -> (Self, Option<Notice>) {
        self.outbox.retain(|entry| entry.effect != Effect::Resolve);
        self.on_account(account);
        self.resolved(found, now);
        let is_told = |entry: &OutboxEntry| matches!(entry.effect, Effect::Ephemeral { .. });
        let told = self.outbox.iter().position(is_told).map(|at| self.outbox.remove(at).effect);
        let notice = match (told, &self.target) {
            (Some(Effect::Ephemeral { notice, .. }), _) => Some(notice),
            (_, Some(target)) => Some(Notice::Taken {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                why: target.why,
                skipped: target.skipped.clone(),
            }),
            (_, None) => None,
        };
        (self, notice)
    }

    pub(super) fn resolved(&mut self, found: Resolved, now: Timestamp) {
        let task = self.id.clone();
        let notice = match found {
            Resolved::Target(target) => {
                self.outbox.retain(|entry| entry.effect != Effect::Resolve);
                return self.begin(Start::At(target), now);
            }
            Resolved::Several(candidates) => {
                self.phase = Phase::Draft { candidates: candidates.clone() };
                let typed = self.ask.options.repo.clone().unwrap_or_default();
                let count = candidates.len();
                if typed.is_empty() && self.entrance.way != Way::Command {
                    return self.ask_for_repository(now);
                }
                let notice = if count > MOST_CHOICES {
                    Notice::ManyFit { task, typed, count }
                } else {
                    Notice::Choose { task, typed, candidates }
                };
                return self.answer_author(notice, now);
            }
            Resolved::UnknownRepo(nearest) => {
                let typed = self.ask.options.repo.clone();
                let fixed = self.source.as_ref().map(|fixed| fixed.repo.to_string());
                let typed = typed.or(fixed).unwrap_or_default();
                Notice::UnknownRepo { task: Some(task), typed, nearest }
            }
            Resolved::UnknownBranch { repo, nearest } => {
                let typed = self.ask.options.branch.clone().unwrap_or_default();
                Notice::UnknownBranch { task: Some(task), repo, typed, nearest }
            }
            Resolved::UnknownPath { repo, path } => {
                Notice::UnknownPath { task: Some(task), repo, path }
            }
            Resolved::NoDefaultBranch(repo) => Notice::NoDefaultBranch { task: Some(task), repo },
            Resolved::NoSources => Notice::NoSources,
            Resolved::Gone(gone) => {
                // The form isn't filled with what can't be used.
                self.source = None;
                Notice::NotConnected { task, gone }
            }
        };
        self.has_no_offer(now);
        self.answer_author(notice, now);
    }

    /// It turned out which repository is meant, and a rule keeps its author from using that. What was typed is
    /// kept for another one.
    pub(super) fn not_permitted(&mut self, refusal: Box<Refusal>, now: Timestamp) {
        self.outbox.retain(|entry| {
            !matches!(entry.effect, Effect::Resolve | Effect::FindSession | Effect::Suggest)
        });
        self.record_refusal(&refusal, now);
        self.source = None;
        self.held_no_more();
        self.has_no_offer(now);
        self.answer_author(Notice::Refused(refusal), now);
    }

    /// The same, found out before the task was stored; what its author is told.
    #[must_use]
    pub fn not_permitted_at_once(
        mut self,
        refusal: Box<Refusal>,
        now: Timestamp,
    ) -> (Self, Notice) {
        self.not_permitted(refusal.clone(), now);
        self.outbox.retain(|entry| !matches!(entry.effect, Effect::Ephemeral { .. }));
        (self, Notice::Refused(refusal))
    }

    pub(super) fn created(&mut self, session: SessionRef, state: SessionState, now: Timestamp) {
        self.session = Some(session);
        self.phase = Phase::Running { state };
        self.progress.began = Some(now);
        self.progress.heard = Some(now);
        self.push(Effect::LeaveQueue, now);
        self.push(Effect::Follow, now);
        // A card in a thread carries the link itself.
        if self.entrance.root.is_none() {
            self.push(Effect::PostLink, now);
        }
        if self.progress.stopping.is_some() {
            self.push(Effect::Archive, now);
        }
    }

    /// It waits until the line calls it.
    pub(super) fn in_queue(&mut self, id: u32, standing: Standing, now: Timestamp) {
        self.unexplained(&standing, now);
        self.phase = Phase::InQueue { standing };
        self.reset(id, now + QUEUE_CHECK);
        self.stop_before_start(now);
    }

    /// Jules has refused this task for long, though the account has room: the author is told what to do.
    fn unexplained(&mut self, standing: &Standing, now: Timestamp) {
        match &standing.why {
            Some(why @ Shortage::NoReason(_)) => {
                let since = *self.progress.refused_since.get_or_insert(now);
                let is_long = now.duration_since(since) >= UNEXPLAINED;
                if is_long && why.has_room() && !self.progress.refusal_told {
                    self.progress.refusal_told = true;
                    let (to, task) = (self.author.clone(), self.id.clone());
                    let repo = self.target.as_ref().map(|target| target.repo.clone());
                    self.post(Post::Refused { to, task, repo }, now);
                }
            }
            Some(Shortage::AllRunning { .. } | Shortage::UsedUp { .. }) => {
                self.progress.refused_since = None;
            }
            None => {}
        }
    }
}
