//! A session that began elsewhere: how a task comes to follow it, and what of its history is said.

use super::super::effect::Effect;
use super::super::followed::{Adoption, Followed, SessionSearch, ThreadHolder};
use super::super::progress::{PlanFile, PlanRecord, PlanStatus};
use super::super::types::Click;
use super::super::{Phase, SessionRef, Task};
use super::plans::kept;
use super::seen::first_line;
use crate::activity::{Activity, Plan};
use crate::digest::{News, OVERLAP, digest};
use crate::ids::PlanId;
use crate::inbound::Verb;
use crate::message::{Call, LONGEST_KEPT, Notice, Occasion, Post};
use crate::session::{Session, SessionState};
use crate::session_link::SessionLink;
use crate::tenant::AccountRef;
use jiff::Timestamp;

/// Jules' own suggestions have a whole prompt as their title.
const LONGEST_TITLE: usize = 150;

impl Task {
    /// The same task, following a session, which has to be found first.
    #[must_use]
    pub fn follows(mut self, link: SessionLink, now: Timestamp) -> Self {
        self.followed = Some(Followed::new(link));
        self.proceed(now);
        self
    }

    /// Goes to the first thing that is missing: the session, its author's consent, the card.
    pub(super) fn proceed_to_follow(&mut self, now: Timestamp) {
        let Some(followed) = self.followed.clone().filter(|_| !self.is_moved()) else { return };
        let resolving = Phase::Resolving { trouble: None };
        let (phase, effect) = match followed.found {
            None => (resolving, Effect::FindSession),
            Some(_) if self.session.is_none() => (resolving, Effect::AdoptSession),
            Some(_) if self.card.is_none() && self.entrance.reads.is_some() => {
                (Phase::Reading, Effect::ReadMaterial)
            }
            Some(found) if self.card.is_none() => {
                (Phase::Running { state: self.state_so_far(&found) }, Effect::PostCard)
            }
            Some(_) => {
                // It's in its thread, so it is watched from now on.
                self.push(Effect::Follow, now);
                if followed.moved_from.is_some() {
                    self.push(Effect::LinkMoved, now);
                }
                return;
            }
        };
        self.step_to(phase, effect, now);
    }

    /// Jules was asked for the session before the task was stored: what comes of it, and what its author is
    /// told.
    #[must_use]
    pub fn found_at_once(
        mut self,
        (found, account): (SessionSearch, AccountRef),
        now: Timestamp,
    ) -> (Self, Option<Notice>) {
        self.outbox.retain(|entry| entry.effect != Effect::FindSession);
        self.on_account(account);
        self.session_found(found, now);
        let told =
            self.outbox.iter().position(|entry| matches!(entry.effect, Effect::Ephemeral { .. }));
        let notice = match told.map(|at| self.outbox.remove(at).effect) {
            Some(Effect::Ephemeral { notice, .. }) => Some(notice),
            _ => None,
        };
        (self, notice)
    }

    pub(super) fn session_found(&mut self, found: SessionSearch, now: Timestamp) {
        self.outbox.retain(|entry| entry.effect != Effect::FindSession);
        let is_direct = self.channel.as_ref().is_some_and(|channel| channel.is_dm());
        let Some(followed) = &mut self.followed else { return };
        match found {
            SessionSearch::Free(found) => {
                followed.found = Some(found);
                // In a direct message nobody else sees it.
                if is_direct {
                    return self.proceed(now);
                }
                let (task, channel) = (self.id.clone(), self.channel.clone());
                self.ask_to_follow(Notice::FollowHere { task, channel }, now);
            }
            SessionSearch::Held(found, holder) => {
                followed.found = Some(found);
                self.held_elsewhere(holder, now);
            }
            SessionSearch::Missing => self.not_to_follow(Notice::SessionNotFound, now),
            SessionSearch::NoneOpenedIt => self.not_to_follow(Notice::NoSessionOpenedIt, now),
        }
    }

    /// Another thread has the session. Someone who may know of that thread can move it here.
    fn held_elsewhere(&mut self, holder: ThreadHolder, now: Timestamp) {
        let is_open = holder.is_open_to(&self.author, self.channel.as_ref());
        let ThreadHolder { task: old, page, .. } = holder;
        if let Some(followed) = &mut self.followed {
            followed.moved_from = Some(old).filter(|_| is_open);
        }
        let task = Some(self.id.clone()).filter(|_| is_open);
        let channel = self.channel.clone().filter(|channel| !channel.is_dm());
        let page = page.filter(|_| is_open);
        self.ask_to_follow(Notice::AlreadyFollowed { task, page, channel }, now);
    }

    fn ask_to_follow(&mut self, notice: Notice, now: Timestamp) {
        self.phase = Phase::Draft { candidates: Vec::new() };
        if let Some(followed) = &mut self.followed {
            followed.asked = Some(now);
        }
        self.held_no_more();
        self.answer_author(notice, now);
    }

    fn not_to_follow(&mut self, notice: Notice, now: Timestamp) {
        self.has_no_offer(now);
        self.held_no_more();
        self.answer_author(notice, now);
    }

    /// Its author decided whether to follow the session here. The first click counts.
    pub(super) fn follow_decided(&mut self, click: Click, verb: &Verb, now: Timestamp) {
        if !self.is_draft() || !self.remember_delivery(click.delivery.clone()) {
            return;
        }
        let Some(followed) = &mut self.followed else { return };
        if *verb == Verb::CancelFollow {
            followed.asked = None;
            self.changed = now;
            self.has_no_offer(now);
            return;
        }
        let moves = *verb == Verb::MoveHere;
        if !followed.can_be_agreed(now) || followed.moved_from.is_some() != moves {
            return self.answer(click, Notice::FollowExpired, now);
        }
        followed.asked = None;
        self.changed = now;
        self.proceed(now);
    }

    /// The session is this task's, or another's.
    pub(super) fn adopted(&mut self, adoption: Adoption, now: Timestamp) {
        self.outbox.retain(|entry| entry.effect != Effect::AdoptSession);
        let (since, handover) = match adoption {
            Adoption::Ours(since, handover) => (since, handover),
            Adoption::Held(holder) => return self.held_elsewhere(holder, now),
        };
        let Some(found) = self.followed.as_ref().and_then(|followed| followed.found.clone()) else {
            return;
        };
        match handover {
            Some(handover) => self.take_over(*handover, now),
            None => {
                let session = &found.session;
                self.session =
                    Some(SessionRef { id: session.id.clone(), url: session.url.clone() });
                let state = session.state.clone().unwrap_or(SessionState::Unspecified);
                // How long it takes is told of what goes on.
                self.progress.began =
                    session.created.filter(|_| state.is_busy()).map(|created| created.min(now));
                self.progress.heard = Some(now);
                self.progress.archived = session.archived == Some(true);
                self.progress.learn_pull_requests(session.pull_requests.clone());
                self.progress.tell_pull_requests();
                self.phase = Phase::Running { state };
                self.ask.prompt = found.prompt.clone().unwrap_or_default();
                self.ask.options.title =
                    session.title.as_deref().and_then(|text| first_line(text, LONGEST_TITLE));
                self.ask.options.repo = found.repo.as_ref().map(ToString::to_string);
                self.ask.options.branch = found.branch.as_ref().map(|branch| branch.0.clone());
                if let Some(followed) = &mut self.followed {
                    followed.since = Some(since);
                }
            }
        }
        self.proceed(now);
    }

    /// Whether everything that a look shows is history still.
    pub(super) fn is_catching_up(&self) -> bool {
        self.followed.as_ref().is_some_and(|followed| !followed.caught_up)
    }

    /// The first look at a session that began elsewhere. Nothing of it is news: the card shows how it is, and
    /// the thread hears Jules' last message, and the plan if it is waiting for someone. A long history takes
    /// several looks, and the thread hears nothing before the last.
    pub(super) fn catch_up(
        &mut self,
        session: Session,
        history: Option<(&[Activity], bool)>,
        state: &SessionState,
        now: Timestamp,
    ) {
        self.progress.archived = session.archived.unwrap_or(self.progress.archived);
        self.progress.learn_pull_requests(session.pull_requests);
        self.progress.tell_pull_requests();
        let Some((activities, is_whole)) = history else { return };
        let last = self.take_history(activities, state, now);
        match state.end() {
            Some(failed) => self.ended_before(failed, now),
            None => self.progress.ended = None,
        }
        self.changed = now;
        let Some(followed) = &mut self.followed else { return };
        followed.heard =
            last.map(|text| text.chars().take(LONGEST_KEPT).collect()).or(followed.heard.take());
        if !is_whole {
            return;
        }
        followed.caught_up = true;
        let question = *state == SessionState::AwaitingUserFeedback;
        if let Some(text) = followed.heard.take() {
            self.jules_says(text, question, now);
        }
        self.plan_is_awaited(state, now);
        self.watch_pull(now);
    }

    /// Takes in what happened, without a word; Jules' last message comes back.
    fn take_history(
        &mut self,
        activities: &[Activity],
        state: &SessionState,
        now: Timestamp,
    ) -> Option<String> {
        let digest = digest(activities, &self.progress.mark, state.awaits_person(), now);
        self.progress.mark = digest.mark;
        let mut last = None;
        for news in digest.news {
            match news {
                News::Message(text) => last = Some(text),
                News::Plan { id, plan } => self.plan_was_made(id, &plan),
                News::Approved(plan) => {
                    let newest = self.progress.plans.last().map(|plan| plan.id.clone());
                    let of = plan.or(newest);
                    if let Some(note) = of.and_then(|id| self.progress.plan_mut(&id)) {
                        note.status = PlanStatus::Approved(None);
                    }
                }
                News::Patch { activity, commit_message } => {
                    self.progress.patch = Some(activity);
                    self.progress.commit_message = commit_message;
                }
                News::Progress(words) => self.progressed(&words, now),
                News::Completed { activity } => self.ended_with(Some(activity), false, true, now),
                News::Failed { activity, reason } => {
                    self.ended_with(Some(activity), true, true, now);
                    self.progress.failure =
                        reason.as_deref().and_then(|text| first_line(text, LONGEST_TITLE));
                }
                News::UserMessage(_) => {}
            }
        }
        last
    }

    fn plan_was_made(&mut self, id: PlanId, plan: &Plan) {
        let (steps, missing) = kept(&plan.steps);
        for older in &mut self.progress.plans {
            older.status = PlanStatus::Replaced;
        }
        self.remember_plan(PlanRecord {
            id,
            steps,
            missing,
            forgotten: false,
            file: PlanFile::Undecided,
            total: plan.steps.len(),
            message: None,
            status: PlanStatus::Told,
            drawn: None,
            mentions: None,
            changes: None,
        });
    }

    fn ended_before(&mut self, failed: bool, now: Timestamp) {
        let activity = self.progress.ended.take().and_then(|ended| ended.activity);
        self.ended_with(activity, failed, true, now);
        // How long it took is not known.
        self.progress.began = None;
    }

    /// What is older than the task's following is history, however late it is shown.
    pub(super) fn without_history(
        &mut self,
        activities: Vec<Activity>,
        state: &SessionState,
        now: Timestamp,
    ) -> Vec<Activity> {
        let since = self.followed.as_ref().and_then(|followed| followed.since);
        let Some(since) = since.and_then(|since| since.checked_sub(OVERLAP).ok()) else {
            return activities;
        };
        let is_old = |one: &Activity| one.created.is_some_and(|created| created < since);
        let (old, fresh): (Vec<_>, Vec<_>) = activities.into_iter().partition(is_old);
        if !old.is_empty() {
            self.progress.mark = digest(&old, &self.progress.mark, state.awaits_person(), now).mark;
        }
        fresh
    }

    /// Jules doesn't say beforehand whether it waits for an approval in a session that began elsewhere: its
    /// state does, perhaps after the plan. And of a plan that Jules seemed to go on with, its state may say again and
    /// again that it waits.
    pub(super) fn plan_is_awaited(&mut self, before: &SessionState, now: Timestamp) {
        let is_awaited =
            matches!(self.phase, Phase::Running { state: SessionState::AwaitingPlanApproval });
        let is_elsewhere = self.followed.is_some();
        let is_in_sight = self.over().is_none();
        let Some(plan) = self.progress.plans.last().filter(|_| is_awaited) else { return };
        let turns_out = match plan.status {
            PlanStatus::Told => is_elsewhere,
            PlanStatus::WentOn => *before == SessionState::AwaitingPlanApproval,
            // It was closed with a session that was gone, or archived, for a while.
            PlanStatus::Closed => is_in_sight && !plan.forgotten,
            PlanStatus::Pending
            | PlanStatus::Approving(_)
            | PlanStatus::Approved(_)
            | PlanStatus::ChangesAsked(_)
            | PlanStatus::Replaced
            | PlanStatus::Moved => false,
        };
        if turns_out {
            self.plan_waits(now);
        }
    }

    /// The last plan is waiting for someone after all, or again.
    pub(super) fn plan_waits(&mut self, now: Timestamp) {
        self.progress.changes_sent = None;
        let Some(plan) = self.progress.plans.last_mut() else { return };
        (plan.status, plan.changes) = (PlanStatus::Pending, None);
        let id = plan.id.clone();
        let of_plan = |effect: &Effect| matches!(effect, Effect::Post { post: Post::Plan { id: known, .. }, .. } if *known == id);
        let is_posted = plan.message.is_some();
        if self.outbox.iter().any(|entry| of_plan(&entry.effect)) || is_posted {
            // The message itself mentions nobody.
            self.notify(Call { of: Occasion::Plan(id), again: false }, None, now);
        } else {
            self.post(Post::Plan { id, part: 0 }, now);
        }
    }

    /// Whether a plan that was told may still turn out to be waiting for someone.
    pub(super) fn may_be_asked(&self) -> bool {
        self.followed.is_some() && self.target.is_none()
    }
}
