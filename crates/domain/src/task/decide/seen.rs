//! What Jules showed: news become milestones, in order, once each; everything else moves the card.

use super::super::effect::Effect;
use super::super::progress::{ChangesSent, Completion, PlanFile, PlanRecord, PlanStatus};
use super::super::types::Observation;
use super::super::user_message::{fingerprint, matches};
use super::super::{OutboxEntry, Phase, Task};
use super::plans::kept;
use crate::activity::{ActivityId, Plan};
use crate::command::PlanMode;
use crate::digest::{Digest, News, digest, step_of};
use crate::fault::Cause;
use crate::ids::PlanId;
use crate::message::{Call, LONGEST_KEPT, Occasion, Post};
use crate::session::{PullRequest, Session, SessionState};
use jiff::{SignedDuration, Timestamp};

/// How much of a line about progress is kept.
const LONGEST_LINE: usize = 200;

/// What Jules waits for may be told later than that it does, and it may go on without anyone.
const UNTOLD: SignedDuration = SignedDuration::from_mins(2);

/// How long Jules may take to make another plan without a word.
const REPLANNING: SignedDuration = SignedDuration::from_mins(5);

impl Task {
    pub(super) fn seen(&mut self, sighting: Observation, now: Timestamp) {
        let Observation { session, activities, is_whole } = sighting;
        let is_read = is_whole && activities.is_some();
        let Some(before) = self.state_before(&session) else { return };
        self.progress.blocked = self.held_back(now);
        self.found_again(now);
        let state = session.state.clone().unwrap_or_else(|| before.clone());
        self.phase = Phase::Running { state: state.clone() };
        self.works_again(&before, &state, now);
        if is_read || before != state {
            self.progress.unread_told = false;
        }
        if self.is_catching_up() {
            let history = activities.as_deref().map(|read| (read, is_whole));
            return self.catch_up(session, history, &state, now);
        }
        if before != state {
            self.progress.untold_wait = state.awaits_person().then_some(now);
        }
        let activities = self.without_history(activities.unwrap_or_default(), &state, now);
        let digest = digest(&activities, &self.progress.mark, state.awaits_person(), now);
        self.progress.mark.clone_from(&digest.mark);
        if digest.agent {
            self.progress.heard = Some(now);
        }
        let quiet = digest.news.is_empty();
        let is_planned = digest.news.iter().any(|news| matches!(news, News::Plan { .. }));
        self.take_news(digest, &state, is_read, now);
        self.paused_seen(&before, &state, session.archived, now);
        // What a state means is in the words that belong to it. Before they are read, only the card shows it.
        if is_read {
            self.waits_for_an_answer(&state, now);
            self.plan_is_awaited(&before, now);
            self.archive_seen(session.archived, &state, now);
            self.went_on(&before, &state, is_planned, now);
            if quiet && before == state {
                self.ended_without_a_word(&state, now);
                self.changes_not_made(&state, now);
            }
            self.waits_untold(&state, now);
        }
        self.pull_requests_seen(session.pull_requests, now);
    }

    /// The state of its session until now, if this is its session and this task tells of it.
    fn state_before(&self, session: &Session) -> Option<SessionState> {
        let is_ours = self.session.as_ref().is_some_and(|known| known.id == session.id);
        let Phase::Running { state } = &self.phase else { return None };
        (is_ours && !self.is_moved()).then(|| state.clone())
    }

    /// What happened in its session could not be read for a while, so its state has to do. If people should know what
    /// happened, they are sent to its page, once. An end that can't be read at all ends the task with no word on what
    /// came of it.
    pub(super) fn unread(&mut self, session: Session, is_last: bool, now: Timestamp) {
        let Some(before) = self.state_before(&session) else { return };
        let archived = session.archived;
        self.seen(Observation { session, activities: None, is_whole: false }, now);
        let Phase::Running { state } = self.phase.clone() else { return };
        self.archive_seen(archived, &state, now);
        let end = self.new_end(&state).filter(|_| self.progress.stopping.is_none());
        let matters = end.is_some() || self.has_untold_wait(&state);
        if matters && !std::mem::replace(&mut self.progress.unread_told, true) {
            self.see_session(now);
        }
        if let Some(failed) = end.filter(|_| is_last && before == state) {
            self.ended(failed, None, now);
            if let Some(ended) = &mut self.progress.ended {
                ended.told = true;
            }
        }
    }

    fn see_session(&mut self, now: Timestamp) {
        self.progress.untold_wait = None;
        self.changed = now;
        let url = self.url();
        self.post(Post::SeeSession { url }, now);
    }

    /// Jules has been waiting for a person for a while, and everything was read: it waits for its last plan, though nobody
    /// seemed to have to approve that, or else only its page says for what.
    fn waits_untold(&mut self, state: &SessionState, now: Timestamp) {
        if !self.has_untold_wait(state) {
            self.progress.untold_wait = None;
        }
        let is_long = |since| now.duration_since(since) >= UNTOLD;
        if !self.progress.untold_wait.is_some_and(is_long) {
            return;
        }
        let may_wait = |plan: &PlanRecord| {
            !plan.forgotten && matches!(plan.status, PlanStatus::Told | PlanStatus::ChangesAsked(_))
        };
        let is_plan = *state == SessionState::AwaitingPlanApproval
            && self.progress.plans.last().is_some_and(may_wait);
        if is_plan {
            self.progress.untold_wait = None;
            self.plan_waits(now);
        } else {
            self.see_session(now);
        }
    }

    /// Whether Jules is waiting for a person, and the thread does not say for what. What people just said to it may not
    /// have reached it.
    fn has_untold_wait(&self, state: &SessionState) -> bool {
        let is_answer = |effect: &Effect| matches!(effect, Effect::Send(_) | Effect::Approve(_));
        let is_answered = self.outbox.iter().any(|entry| is_answer(&entry.effect));
        state.awaits_person() && self.over().is_none() && self.awaited().is_none() && !is_answered
    }

    /// What is new, in order. `is_read`: it reaches up to now, so that the last of it belongs to the state.
    fn take_news(&mut self, digest: Digest, state: &SessionState, is_read: bool, now: Timestamp) {
        // What Jules says last while it waits for an answer is what it asks.
        let asks = is_read && *state == SessionState::AwaitingUserFeedback;
        let awaits_approval = is_read && *state == SessionState::AwaitingPlanApproval;
        let is_message = |news: &News| matches!(news, News::Message(_));
        let last_message = digest.news.iter().rposition(is_message);
        for (n, news) in digest.news.into_iter().enumerate() {
            self.changed = now;
            self.progress.remark = None;
            match news {
                News::Plan { id, plan } => self.plan_made(id, &plan, awaits_approval, now),
                News::Approved(plan) => self.approval_seen(plan.as_ref(), now),
                News::Message(text) => {
                    self.wakes(now);
                    self.changes_answered(now);
                    let question = asks && Some(n) == last_message;
                    self.jules_says(text.chars().take(LONGEST_KEPT).collect(), question, now);
                }
                News::UserMessage(text) => self.user_message_seen(&text, now),
                News::Progress(words) => self.progressed(&words, now),
                News::Patch { activity, commit_message } => {
                    self.progress.patch = Some(activity);
                    self.progress.commit_message =
                        commit_message.or_else(|| self.progress.commit_message.take());
                }
                News::Completed { activity } => self.completed(Some(activity), now),
                News::Failed { activity, reason } => self.failure_seen(activity, reason, now),
            }
        }
    }

    pub(super) fn jules_says(&mut self, text: String, question: bool, now: Timestamp) {
        if question || !self.is_quiet() {
            self.progress.withheld = None;
            self.progress.asked += u32::from(question);
            if question {
                self.progress.question = Some(text.clone());
            } else {
                self.progress.remark = Some(text.clone());
            }
            let url = self.url();
            self.post(Post::Word { text, question, url }, now);
        } else {
            self.progress.withheld = Some(text);
        }
    }

    /// What was read as a remark was a question: Jules waits for an answer, which its state may say later than its words.
    fn waits_for_an_answer(&mut self, state: &SessionState, now: Timestamp) {
        if *state != SessionState::AwaitingUserFeedback {
            return;
        }
        if let Some(text) = self.progress.withheld.take() {
            return self.jules_says(text, true, now);
        }
        if let Some(text) = self.progress.remark.take() {
            self.progress.asked += 1;
            self.progress.question = Some(text.clone());
            // The thread has the words already.
            let of = Occasion::Question(self.progress.asked);
            self.notify(Call { of, again: false }, Some(text), now);
        }
    }

    /// Whether the thread hears only what waits for someone, and how it ended.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.ask.options.quiet == Some(true) && !self.progress.talked
    }

    /// A state of work, after one that was the end's, wakes a session without a word. If nobody wrote, it's believed when it
    /// is seen again: one look may show what was before the last.
    fn works_again(&mut self, before: &SessionState, state: &SessionState, now: Timestamp) {
        let Some(ended) = &mut self.progress.ended else { return };
        ended.is_in_state |= state.end() == Some(ended.failed);
        let is_believed = ended.has_message || before.is_busy();
        if ended.is_in_state && !ended.failed && is_believed && state.is_busy() {
            self.wakes(now);
        }
    }

    /// Something new after the end, or a state of work after a state that was one: the session works again, and the card
    /// follows.
    fn wakes(&mut self, now: Timestamp) {
        if self.progress.ended.take().is_some() {
            self.progress.failure = None;
            // How long it takes is counted from here: what it did before the end was told. So is a silence.
            (self.progress.began, self.progress.heard) = (Some(now), Some(now));
        }
    }

    fn plan_made(&mut self, id: PlanId, plan: &Plan, is_awaited: bool, now: Timestamp) {
        let (steps, missing) = kept(&plan.steps);
        if let Some(known) = self.progress.plan(&id) {
            // Of one that nobody decides about any more the steps aren't known.
            if known.forgotten || known.steps == steps {
                return self.changes_answered(now);
            }
            self.supersede(&id, now);
        }
        self.wakes(now);
        self.progress.changes_sent = None;
        for older in self.progress.plans.iter_mut().filter(|plan| plan.status.is_open()) {
            older.status = PlanStatus::Replaced;
        }
        let asks = match &self.target {
            Some(target) => target.plan == PlanMode::Ask,
            None => is_awaited,
        };
        let status = if asks { PlanStatus::Pending } else { PlanStatus::Told };
        self.remember_plan(PlanRecord {
            id: id.clone(),
            steps,
            missing,
            forgotten: false,
            file: PlanFile::Undecided,
            total: plan.steps.len(),
            message: None,
            status,
            drawn: None,
            mentions: None,
            changes: None,
        });
        self.progress.step = None;
        // A plan of no steps is no news, but someone has to approve it.
        if asks || !(self.is_quiet() || plan.steps.is_empty()) {
            self.post(Post::Plan { id, part: 0 }, now);
        }
    }

    /// Jules answers in words when someone has asked for changes. If it makes no other plan, a look soon shows that.
    fn changes_answered(&mut self, now: Timestamp) {
        if let Some(sent) = &mut self.progress.changes_sent
            && !std::mem::replace(&mut sent.answered, true)
        {
            self.push(Effect::Follow, now);
        }
    }

    /// Someone asked for changes, and Jules answered in words, or not at all, and waits for an approval as before: that
    /// is for the same plan.
    fn changes_not_made(&mut self, state: &SessionState, now: Timestamp) {
        let is_over =
            |sent: ChangesSent| sent.answered || now.duration_since(sent.at) >= REPLANNING;
        let is_awaited = *state == SessionState::AwaitingPlanApproval
            && self.progress.changes_sent.is_some_and(is_over)
            && self.over().is_none();
        let changes = |plan: &PlanRecord| matches!(plan.status, PlanStatus::ChangesAsked(_));
        if is_awaited && self.progress.plans.last().is_some_and(changes) {
            self.plan_waits(now);
        }
    }

    fn approval_seen(&mut self, plan: Option<&PlanId>, now: Timestamp) {
        let last = self.progress.plans.last().map(|plan| plan.id.clone());
        let Some(id) = plan.cloned().or(last) else { return };
        let Some(note) = self.progress.plan_mut(&id) else { return };
        match note.status.clone() {
            PlanStatus::Approving(by) => {
                let approve = Effect::Approve(id);
                let ours = |entry: &OutboxEntry| entry.maybe_done && entry.effect == approve;
                let is_ours = self.outbox.iter().any(ours);
                note.status = PlanStatus::Approved(is_ours.then_some(by));
                // It's approved, whether or not an answer to our call comes back.
                self.outbox.retain(|entry| entry.effect != approve);
                // Someone approved it elsewhere before our call was made.
                if !is_ours {
                    self.post(Post::ApprovedElsewhere, now);
                }
            }
            PlanStatus::Pending | PlanStatus::ChangesAsked(_) | PlanStatus::WentOn => {
                note.status = PlanStatus::Approved(None);
                self.post(Post::ApprovedElsewhere, now);
            }
            // One approval may be told of twice, and one that nobody was asked for is no news.
            PlanStatus::Told
            | PlanStatus::Approved(_)
            | PlanStatus::Replaced
            | PlanStatus::Moved
            | PlanStatus::Closed => {}
        }
    }

    /// A message of the user: ours that comes back, or someone's on Jules' own page.
    fn user_message_seen(&mut self, text: &str, now: Timestamp) {
        // Counted: of several with the same words, those that Jules accepted come back first.
        let ours = self.progress.accepted_messages.iter().position(|known| matches(known, text));
        if let Some(index) = ours {
            self.progress.accepted_messages.remove(index);
            return;
        }
        let may_be_sent = self.outbox.iter().filter(|entry| entry.maybe_done).find_map(|entry| {
            let Effect::Send(message) = &entry.effect else { return None };
            matches(&message.fingerprint(), text).then(|| (entry.id, message.clone()))
        });
        if let Some((id, message)) = may_be_sent {
            // Its answer was lost, or is still on its way.
            self.drop_entry(id);
            return self.acknowledged(&message, now);
        }
        let prompt = fingerprint(&self.ask.prompt);
        if !text.trim().is_empty() && !matches(&prompt, text) && !self.is_quiet() {
            let text = text.chars().take(LONGEST_KEPT).collect();
            self.post(Post::SaidElsewhere { text }, now);
        }
    }

    pub(super) fn progressed(&mut self, words: &str, now: Timestamp) {
        self.wakes(now);
        let line = words.lines().next().unwrap_or_default();
        self.progress.doing = Some(line.chars().take(LONGEST_LINE).collect());
        if let Some(plan) = self.progress.plans.last() {
            // Forward only: a step that is mentioned again is not done again.
            self.progress.step = self.progress.step.max(step_of(words, &plan.steps));
        }
    }

    fn completed(&mut self, activity: Option<ActivityId>, now: Timestamp) {
        if let Some(ended) = &mut self.progress.ended
            && ended.activity.is_none()
        {
            // Its state said so before; this is the activity of the same end.
            ended.activity = activity;
            return;
        }
        self.ended(false, activity, now);
        self.push(Effect::FetchResult, now);
    }

    fn failure_seen(&mut self, activity: ActivityId, reason: Option<String>, now: Timestamp) {
        if let Some(ended) = &mut self.progress.ended
            && ended.failed
            && ended.activity.is_none()
        {
            // Its state said so before, and so does the thread; only the reason is new.
            ended.activity = Some(activity);
            self.progress.failure =
                reason.as_deref().and_then(|text| first_line(text, LONGEST_LINE));
            return;
        }
        self.ended(true, Some(activity), now);
        self.say_failed_end(reason, now);
    }

    fn ended(&mut self, failed: bool, activity: Option<ActivityId>, now: Timestamp) {
        self.close_plan(PlanStatus::Closed);
        self.outbox.retain(|entry| entry.effect != Effect::FetchResult);
        self.ended_with(activity, failed, failed, now);
        self.changed = now;
    }

    /// Keeps that the session ended like this, and whether the thread was told.
    pub(super) fn ended_with(
        &mut self,
        activity: Option<ActivityId>,
        failed: bool,
        told: bool,
        now: Timestamp,
    ) {
        let is_in_state =
            matches!(&self.phase, Phase::Running { state } if state.end() == Some(failed));
        self.progress.ended = Some(Completion {
            activity,
            noticed: now,
            failed,
            lookups: 0,
            told,
            changed_nothing: false,
            is_in_state,
            has_message: false,
        });
    }

    fn say_failed_end(&mut self, reason: Option<String>, now: Timestamp) {
        self.progress.failure = reason.as_deref().and_then(|text| first_line(text, LONGEST_LINE));
        let reason = reason.map(|reason| reason.chars().take(LONGEST_KEPT).collect());
        self.post(Post::Failed { task: self.id.clone(), reason, url: self.url() }, now);
    }

    /// Jules does not always say that it is done: its state does, and stays so.
    fn ended_without_a_word(&mut self, state: &SessionState, now: Timestamp) {
        match self.new_end(state) {
            Some(false) => {
                self.ended(false, None, now);
                self.push(Effect::FetchResult, now);
            }
            Some(true) => {
                self.ended(true, None, now);
                self.say_failed_end(None, now);
            }
            None => {}
        }
    }

    /// Whether the session failed, if this state is an end that is not known yet.
    fn new_end(&self, state: &SessionState) -> Option<bool> {
        let failed = state.end()?;
        let is_known = self.progress.ended.as_ref().is_some_and(|ended| ended.failed == failed);
        (!is_known).then_some(failed)
    }

    /// A plan that waits for an approval while Jules works: it did not wait. After a first approval
    /// that is how it is (jules-api.md §4.1, "approval carries forward"); before one, the state may
    /// only have been read too early, and is believed when it is seen again.
    fn went_on(
        &mut self,
        before: &SessionState,
        state: &SessionState,
        is_planned: bool,
        now: Timestamp,
    ) {
        if self.progress.open_plan().is_none() {
            return;
        }
        let works = |state: &SessionState| match state {
            SessionState::InProgress | SessionState::AwaitingUserFeedback => true,
            SessionState::Queued
            | SessionState::Planning
            | SessionState::AwaitingPlanApproval
            | SessionState::Paused
            | SessionState::Failed
            | SessionState::Completed
            | SessionState::Unspecified
            | SessionState::Unknown(_) => false,
        };
        let approved = |plan: &PlanRecord| matches!(plan.status, PlanStatus::Approved(_));
        let carried = self.progress.plans.iter().any(approved);
        // Of a plan that was read only now, the state may be from before.
        if works(state) && (carried || works(before) && !is_planned) {
            self.close_plan(PlanStatus::WentOn);
            self.post(Post::WentOn, now);
        }
    }

    /// A session that is neither at work nor done needs a person (jules-api.md §4.1): some die like that. One that was
    /// archived is paused as well, and that is said.
    fn paused_seen(
        &mut self,
        before: &SessionState,
        state: &SessionState,
        archived: Option<bool>,
        now: Timestamp,
    ) {
        let is_paused = *state == SessionState::Paused && archived != Some(true);
        let is_new = is_paused && before != state;
        if is_new && self.over().is_none() && self.progress.ended.is_none() {
            let url = self.url();
            self.post(Post::Paused { url }, now);
        }
    }

    fn archive_seen(&mut self, archived: Option<bool>, state: &SessionState, now: Timestamp) {
        let Some(archived) = archived else { return };
        if archived == self.progress.archived {
            self.progress.looked_unarchived = false;
            return;
        }
        // What was stopped here a moment ago is not archived in a list that was asked for before that. It's believed
        // when it is seen again.
        let is_first = !archived && self.progress.stopping.is_some();
        if is_first && !std::mem::replace(&mut self.progress.looked_unarchived, true) {
            self.push(Effect::Follow, now);
            return;
        }
        self.progress.looked_unarchived = false;
        self.progress.archived = archived;
        // It may have ended and been archived since the last look.
        let has_ended = self.progress.ended.is_some() || state.end().is_some();
        if archived {
            self.close_plan(PlanStatus::Closed);
            // Archiving a session that has ended pauses nothing, and is no news.
            if self.progress.stopping.is_none() && !has_ended {
                let url = self.url();
                self.post(Post::ArchivedElsewhere { url }, now);
            }
        } else if !self.awaits(&Effect::Archive) {
            self.progress.stopping = None;
            if !has_ended {
                self.post(Post::Unarchived, now);
            }
        }
    }

    /// A pull request is part of the end, unless the end was told without it.
    fn pull_requests_seen(&mut self, pull_requests: Vec<PullRequest>, now: Timestamp) {
        self.progress.learn_pull_requests(pull_requests);
        if self.progress.ended.as_ref().is_some_and(|ended| ended.told) {
            let opened = self.progress.tell_pull_requests();
            if !opened.is_empty() {
                self.watch_pull(now);
            }
            for pull_request in opened {
                self.post(Post::PullRequest(pull_request), now);
            }
        }
    }

    /// Nothing is left to be approved.
    pub(super) fn give_up_approvals(&mut self) {
        if let Some(plan) = self.progress.plans.last_mut()
            && matches!(plan.status, PlanStatus::Approving(_))
        {
            plan.status = PlanStatus::Closed;
        }
        self.outbox.retain(|entry| !matches!(entry.effect, Effect::Approve(_)));
    }

    /// The session was deleted. Nothing can be said to it any more.
    pub(super) fn session_gone(&mut self, now: Timestamp) {
        if self.session.is_none() || self.progress.gone || self.is_moved() || self.is_dropped() {
            return;
        }
        self.progress.gone = true;
        self.close_plan(PlanStatus::Closed);
        self.give_up_approvals();
        let is_over = |effect: &Effect| matches!(effect, Effect::FetchResult | Effect::Archive);
        self.outbox.retain(|entry| !is_over(&entry.effect));
        self.progress.stopping = None;
        self.changed = now;
        self.undelivered(&Cause::SessionMissing, now);
        let task = self.id.clone();
        self.post(Post::SessionGone { task }, now);
    }

    /// A session that was gone was seen again: an odd answer, or another account's key for a while.
    fn found_again(&mut self, now: Timestamp) {
        if self.progress.gone {
            self.progress.gone = false;
            self.changed = now;
            self.post(Post::SessionFound, now);
            if self.progress.ended.as_ref().is_some_and(|ended| !ended.told) {
                self.push(Effect::FetchResult, now);
            }
        }
    }

    /// Its session could not be looked at. Once it has ended and that was told, nothing waits for a look.
    pub(super) fn not_seen(&mut self, cause: Cause) {
        if !self.progress.ended.as_ref().is_some_and(|ended| ended.told) {
            self.blocked(cause);
        }
    }

    /// Jules cannot be asked. The card shows it. The thread does not say so: what one key meets would be
    /// said in every thread at once.
    pub(super) fn blocked(&mut self, cause: Cause) {
        if self.session.is_none()
            || self.progress.gone
            || self.is_moved()
            || self.is_dropped()
            || self.progress.blocked.as_ref() == Some(&cause)
        {
            return;
        }
        self.progress.blocked = Some(cause);
    }
}

/// The first line that says something, of at most so many characters.
pub(super) fn first_line(text: &str, most: usize) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(most).collect())
}
