//! A plan in the thread: nothing of it is hidden before someone decides about it. It takes as many messages
//! as it needs, one after the other, or a file and a message.

use super::super::effect::Effect;
use super::super::progress::{PlanFile, PlanRecord, PlanStatus};
use super::super::{Phase, Task};
use crate::activity::PlanStep;
use crate::ids::{MessageTs, PlanId};
use crate::message::{Notice, Occasion, Post, StaleAction};
use crate::session::SessionState;
use jiff::Timestamp;

/// So much of a plan is kept, in characters: as much as twenty messages show.
const MOST_KEPT: usize = 200_000;

/// How much is kept of a plan that is decided about: the step that Jules is at is found by its words.
const LONGEST_TITLE: usize = 400;
const MOST_STEPS: usize = 25;

/// How many plans are kept.
const MOST_PLANS: usize = 6;

impl Task {
    /// Keeps a plan as the newest one.
    pub(super) fn remember_plan(&mut self, plan: PlanRecord) {
        self.progress.plans.push(plan);
        let surplus = self.progress.plans.len().saturating_sub(MOST_PLANS);
        self.progress.plans.drain(..surplus);
    }

    /// Jules gave another plan the id of this one. What the thread has of this one stays there under another id, as of
    /// one that was replaced: nobody shall approve what they can't see.
    pub(super) fn supersede(&mut self, id: &PlanId, now: Timestamp) {
        let Some(at) = self.progress.plans.iter().position(|plan| plan.id == *id) else { return };
        let mut old = self.progress.plans.remove(at);
        if let PlanStatus::Approving(by) = &old.status {
            self.tell(by.clone(), Notice::TooLate(StaleAction::Replaced), now);
        }
        let approve = Effect::Approve(id.clone());
        self.outbox.retain(|entry| entry.effect != approve && !is_about(&entry.effect, id));
        self.progress.waiting = None;
        let Ok(name) = PlanId::parse(&format!("{id}-{}", self.next_entry)) else { return };
        let of = Occasion::Plan(id.clone());
        for dm in self.progress.dms.iter_mut().filter(|dm| dm.call.of == of) {
            dm.call.of = Occasion::Plan(name.clone());
        }
        (old.id, old.status) = (name, PlanStatus::Replaced);
        self.progress.plans.insert(at, old);
    }

    /// A part of a plan is there. The next one follows in its place, so that nothing else comes between.
    pub(super) fn plan_shown(
        &mut self,
        id: u32,
        effect: &Effect,
        (ts, drawn): (MessageTs, Option<PlanStatus>),
        parts: u32,
        now: Timestamp,
    ) {
        self.changed = now;
        self.last_post = Some(ts.clone());
        let Effect::Post { post: Post::Plan { id: plan, part }, ping } = effect else {
            return self.drop_entry(id);
        };
        if part + 1 < parts {
            let post = Post::Plan { id: plan.clone(), part: part + 1 };
            return self.replace(id, [Effect::Post { post, ping: ping.clone() }], now);
        }
        self.drop_entry(id);
        if let Some(plan) = self.progress.plan_mut(plan) {
            plan.message = Some(ts);
            plan.mentions.clone_from(ping);
            plan.drawn = drawn;
        }
        self.write_dm_of_plan(plan, now);
    }

    pub(super) fn plan_drawn(&mut self, effect: &Effect, drawn: PlanStatus) {
        if let Effect::RedrawPlan(id) = effect
            && let Some(plan) = self.progress.plan_mut(id)
        {
            plan.drawn = Some(drawn);
        }
    }

    /// A plan becomes a file, and the message with the buttons comes after it.
    pub(super) fn plan_too_long(&mut self, id: u32, effect: &Effect, now: Timestamp) {
        let Effect::Post { post: Post::Plan { id: plan, .. }, .. } = effect else {
            return self.drop_entry(id);
        };
        if let Some(plan) = self.progress.plan_mut(plan) {
            plan.file = PlanFile::Wanted;
        }
        self.replace(id, [Effect::SharePlan(plan.clone()), effect.clone()], now);
    }

    /// What became of a plan's file.
    pub(super) fn plan_shared(&mut self, effect: &Effect, file: PlanFile) {
        if let Effect::SharePlan(plan) = effect
            && let Some(plan) = self.progress.plan_mut(plan)
        {
            plan.file = file;
        }
    }

    /// Of a plan that nobody can decide about any more, only what recognises its steps is kept.
    pub(super) fn forget_decided_plans(&mut self) {
        let outbox = &self.outbox;
        let is_told = |plan: &PlanRecord| {
            let is_drawn = plan.message.is_none() || plan.drawn.as_ref() == Some(&plan.status);
            is_drawn && !outbox.iter().any(|entry| is_about(&entry.effect, &plan.id))
        };
        // One that nobody was asked about may still be waiting for someone as long as Jules doesn't work on it, and so may
        // one of a session that is out of sight.
        let may_be_asked = self.may_be_asked() || self.has_not_begun();
        let has_ended = self.progress.ended.is_some();
        let newest = self.progress.plans.last().map(|plan| plan.id.clone());
        for plan in self.progress.plans.iter_mut().filter(|plan| !plan.forgotten) {
            let is_newest = newest.as_ref() == Some(&plan.id);
            let is_kept = (may_be_asked && plan.status == PlanStatus::Told)
                || (!has_ended && plan.status == PlanStatus::Closed);
            let is_over = !is_newest || (is_final(&plan.status) && !is_kept);
            if is_over && is_told(plan) {
                plan.forgotten = true;
                plan.steps.truncate(MOST_STEPS);
                plan.steps.iter_mut().for_each(forget_rest);
            }
        }
    }

    /// Whether Jules is not at work on what it plans, as far as its state tells.
    fn has_not_begun(&self) -> bool {
        matches!(
            &self.phase,
            Phase::Running {
                state: SessionState::Queued
                    | SessionState::Planning
                    | SessionState::AwaitingPlanApproval
            }
        )
    }
}

/// Whether it draws this plan.
fn is_about(effect: &Effect, plan: &PlanId) -> bool {
    match effect {
        Effect::Post { post: Post::Plan { id, .. }, .. }
        | Effect::SharePlan(id)
        | Effect::RedrawPlan(id) => id == plan,
        Effect::Post { .. }
        | Effect::PostDm(_)
        | Effect::RedrawDm(_)
        | Effect::Remind
        | Effect::Resolve
        | Effect::FindSession
        | Effect::AdoptSession
        | Effect::LinkMoved
        | Effect::PostCard
        | Effect::Redraw
        | Effect::CreateSession
        | Effect::PostLink
        | Effect::LeaveQueue
        | Effect::Index
        | Effect::Follow
        | Effect::React { .. }
        | Effect::Unreact { .. }
        | Effect::WatchPull
        | Effect::TakeBack(_)
        | Effect::LinkRetry
        | Effect::LinkBeside
        | Effect::Suggest
        | Effect::Expire
        | Effect::ReadMaterial
        | Effect::ReadIssue(_)
        | Effect::ForgetMaterial
        | Effect::Send(_)
        | Effect::Approve(_)
        | Effect::Archive
        | Effect::FetchResult
        | Effect::Ephemeral { .. }
        | Effect::RefreshElapsed => false,
    }
}

/// Whether nothing can become of it any more.
fn is_final(status: &PlanStatus) -> bool {
    match status {
        PlanStatus::Told
        | PlanStatus::Approved(_)
        | PlanStatus::Replaced
        | PlanStatus::Moved
        | PlanStatus::Closed => true,
        PlanStatus::Pending
        | PlanStatus::Approving(_)
        | PlanStatus::ChangesAsked(_)
        | PlanStatus::WentOn => false,
    }
}

fn forget_rest(step: &mut PlanStep) {
    step.description = None;
    if let Some((end, _)) = step.title.char_indices().nth(LONGEST_TITLE) {
        step.title.truncate(end);
    }
}

/// The steps as they are kept, and how many characters are missing of them.
pub(super) fn kept(steps: &[PlanStep]) -> (Vec<PlanStep>, usize) {
    let (mut room, mut missing) = (MOST_KEPT, 0);
    let mut keep = |text: &str| -> String {
        let kept: String = text.chars().take(room).collect();
        let count = kept.chars().count();
        room -= count;
        missing += text.chars().count() - count;
        kept
    };
    let mut steps: Vec<PlanStep> = steps
        .iter()
        .map(|step| PlanStep {
            title: keep(&step.title),
            description: step.description.as_deref().map(&mut keep),
        })
        .collect();
    // What has lost its title is no step.
    let whole = steps.iter().rposition(|step| missing == 0 || !step.title.is_empty());
    steps.truncate(whole.map_or(0, |last| last + 1));
    (steps, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(title: &str, description: &str) -> PlanStep {
        PlanStep { title: title.to_owned(), description: Some(description.to_owned()) }
    }

    #[test]
    fn a_plan_is_kept_whole_and_what_is_too_much_is_counted() {
        let steps = vec![step("One", &"é".repeat(150_000)), step("", "nothing")];
        assert_eq!(kept(&steps), (steps.clone(), 0));
        let more = [step("Two", &"é".repeat(100_000)), step("Three", "lost")];
        let steps: Vec<PlanStep> = steps.into_iter().chain(more).collect();
        let (kept, missing) = kept(&steps);
        assert_eq!(kept.len(), 3);
        let count = |steps: &[PlanStep]| -> usize {
            let text =
                |step: &PlanStep| step.title.clone() + step.description.as_deref().unwrap_or("");
            steps.iter().map(|step| text(step).chars().count()).sum()
        };
        assert_eq!(count(&kept), MOST_KEPT);
        assert_eq!(count(&kept) + missing, count(&steps));
    }
}
