//! How a task begins: certainty, the card, the line, the session.

use super::super::effect::Effect;
use super::super::{MOST_CHOICES, OutboxEntry, Phase, Resolved, SessionRef, Start, Task};
use crate::domain::command::Request;
use crate::domain::ids::{ChannelId, DeliveryId};
use crate::domain::message::Notice;
use crate::domain::session::SessionState;
use jiff::{SignedDuration, Timestamp};

/// How often the first in line asks Jules for a slot, in seconds; the last wait repeats.
/// A refused create costs nothing of the quota.
const PROBES: &[i64] = &[5, 10, 15, 20, 30];

/// How long anybody else in line waits before looking after the line by itself, should nobody
/// call: the line is looked after by whoever is at its head.
const QUEUE_CHECK: SignedDuration = SignedDuration::from_secs(30);

impl Task {
    /// Begins, or begins anew after a person said more.
    pub(in crate::domain::task) fn begin(&mut self, start: Start, now: Timestamp) {
        self.changed = now;
        match start {
            Start::At(target) => {
                self.target = Some(target);
                self.proceed(now);
            }
            Start::Resolve => {
                self.target = None;
                self.proceed(now);
            }
            Start::Draft(candidates) => self.phase = Phase::Draft { candidates },
        }
    }

    /// Goes to the first thing that is missing: certainty, the card, the session.
    pub(super) fn proceed(&mut self, now: Timestamp) {
        self.held_no_more();
        let (phase, effect) = if self.target.is_none() {
            (Phase::Resolving { trouble: None }, Effect::Resolve)
        } else if self.card.is_none() {
            (Phase::Carding, Effect::PostCard)
        } else if self.session.is_none() {
            (Phase::Starting { trouble: None }, Effect::CreateSession)
        } else {
            return;
        };
        self.phase = phase;
        if !self.awaits(&effect) {
            self.push(effect, now);
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
        start: Start,
        now: Timestamp,
    ) {
        if self.is_draft() {
            self.ask = ask;
            self.channel = channel.or_else(|| self.channel.take());
            self.begin(start, now);
        }
    }

    /// The chosen repository takes the place of what was typed; Jules is asked for its branch.
    pub(super) fn chosen(&mut self, delivery: DeliveryId, index: usize, now: Timestamp) {
        let Phase::Draft { candidates } = &self.phase else { return };
        let Some(fit) = candidates.get(index) else { return };
        let repo = fit.repo.to_string();
        if self.remember_delivery(delivery) {
            self.ask.options.repo = Some(repo);
            self.begin(Start::Resolve, now);
        }
    }

    /// Tries again what did not reach Jules; a stop that was asked for is forgotten.
    pub(super) fn resume(&mut self, delivery: DeliveryId, now: Timestamp) {
        if matches!(self.phase, Phase::Stopped { .. }) && self.remember_delivery(delivery) {
            self.changed = now;
            self.progress.stopping = None;
            self.proceed(now);
        }
    }

    /// The head of the line may start at once; the others show where they are.
    pub(super) fn placed(&mut self, place: u32, now: Timestamp) {
        let Phase::InQueue { place: shown } = &mut self.phase else { return };
        *shown = place;
        if place == 1 {
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
    pub fn resolved_at_once(mut self, found: Resolved, now: Timestamp) -> (Self, Option<Notice>) {
        self.outbox.retain(|entry| entry.effect != Effect::Resolve);
        self.resolved(found, now);
        let is_told = |entry: &OutboxEntry| matches!(entry.effect, Effect::Ephemeral { .. });
        let told = self.outbox.iter().position(is_told).map(|at| self.outbox.remove(at).effect);
        let notice = match (told, &self.target) {
            (Some(Effect::Ephemeral { notice, .. }), _) => Some(notice),
            (_, Some(target)) => Some(Notice::Taken {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                why: target.why,
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
                let notice = if count > MOST_CHOICES {
                    Notice::ManyFit { task, typed, count }
                } else {
                    Notice::Choose { task, typed, candidates }
                };
                return self.answer_author(notice, now);
            }
            Resolved::UnknownRepo(nearest) => {
                let typed = self.ask.options.repo.clone().unwrap_or_default();
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
        };
        // What was typed is kept: the form continues from here.
        self.phase = Phase::Draft { candidates: Vec::new() };
        self.answer_author(notice, now);
    }

    pub(super) fn created(&mut self, session: SessionRef, state: SessionState, now: Timestamp) {
        self.session = Some(session);
        self.phase = Phase::Running { state };
        self.progress.began = Some(now);
        self.progress.heard = Some(now);
        self.push(Effect::Follow, now);
        self.push(Effect::PostLink, now);
        self.push(Effect::LeaveQueue, now);
        if self.progress.stopping.is_some() {
            self.push(Effect::Archive, now);
        }
    }

    /// The head asks again soon; everybody else waits to be called.
    pub(super) fn in_queue(&mut self, id: u32, place: u32, attempts: u32, now: Timestamp) {
        self.phase = Phase::InQueue { place };
        let nth = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let probe = PROBES.get(nth).or(PROBES.last()).copied().unwrap_or(30);
        let wait = if place == 1 { SignedDuration::from_secs(probe) } else { QUEUE_CHECK };
        self.reset(id, now + wait);
    }
}
