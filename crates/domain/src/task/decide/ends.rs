//! How an attempt that did something ended, and what follows.

use super::super::asked::is_answer_only;
use super::super::effect::{Destination, Effect, NotApproved, Outcome};
use super::super::progress::{ChangesSent, PlanFile, PlanStatus, SessionResult};
use super::super::user_message::{MessageOrigin, UserMessage};
use super::super::{Phase, Task};
use crate::command::PrMode;
use crate::diff::Changes;
use crate::fault::Fault;
use crate::ids::{ChannelId, MessageTs, PlanId, UserId};
use crate::message::{Finished, Notice, Post, StaleAction};
use crate::meter::Reservation;
use crate::queue::Standing;
use crate::session::SessionState;
use jiff::{SignedDuration, Timestamp};

/// How often a pull request that should be there is looked for, and how long apart: it may show up
/// a little after the session is complete (jules-api.md §4.1).
const PR_LOOKS: u32 = 3;
const PR_WAIT: SignedDuration = SignedDuration::from_secs(10);

impl Task {
    pub(super) fn done(&mut self, id: u32, outcome: Outcome, now: Timestamp) {
        let Some(entry) = self.entry(id) else {
            // Someone else finished it while this attempt was still on its way back.
            return;
        };
        let effect = entry.effect.clone();
        self.note_cause(id, &outcome);
        if outcome.spec().did_it && is_posted(&effect) {
            self.returned(now);
        }
        if is_answered_by_jules(&effect, &outcome) {
            self.progress.blocked = None;
        }
        match outcome {
            Outcome::NotFound => return self.nothing_found(id, &effect, now),
            Outcome::Unclear(cause) => return self.unclear(id, &effect, cause, now),
            Outcome::Failed(fault) => return self.failed(id, &effect, &fault, now),
            Outcome::InQueue(standing) => return self.in_queue(id, standing, now),
            Outcome::CardPosted(ts, standing) => return self.card_posted(id, ts, standing, now),
            Outcome::Reserved(reservation) => return self.reserved(id, reservation),
            // The thread has lost its root, so the card is one itself.
            Outcome::PostedOutside(ts) if effect == Effect::PostCard => {
                self.entrance.root = None;
                return self.card_posted(id, ts, None, now);
            }
            Outcome::PostedOutside(ts) => return self.posted_outside(id, ts, now),
            Outcome::Moved(channel) => return self.moved(id, channel, now),
            Outcome::TimeZone(ahead) => return self.remind(id, ahead, now),
            Outcome::ResultFetched(conclusion) => return self.result_fetched(id, *conclusion, now),
            Outcome::ThreadTaken(by) => return self.thread_taken(id, by, now),
            Outcome::KeptBack(kept) => return self.kept_back(id, &effect, *kept, now),
            Outcome::Unguarded => return self.unguarded(id, &effect, now),
            Outcome::ReplyRead(read) => return self.reply_read(id, *read, now),
            Outcome::Resolved(found, account) => {
                self.on_account(account);
                self.resolved(found, now);
            }
            Outcome::NotPermitted(refusal) => self.not_permitted(refusal, now),
            Outcome::SessionFound(found, account) => {
                self.on_account(account);
                self.session_found(found, now);
            }
            Outcome::Adopted(adoption) => self.adopted(adoption, now),
            Outcome::Suggested { candidates, total } => self.suggested(candidates, total, now),
            Outcome::MaterialRead(read) => {
                self.drop_entry(id);
                self.material_read(*read, now);
            }
            Outcome::IssueRead(read) => {
                self.drop_entry(id);
                if let Effect::ReadIssue(at) = effect {
                    self.issue_read(at, *read, now);
                }
                return;
            }
            Outcome::Posted(ts) => {
                self.link_refused &= effect != Effect::PostLink;
                self.last_post = Some(ts);
            }
            Outcome::PlanShown { ts, drawn, parts } => {
                return self.plan_shown(id, &effect, (ts, drawn), parts, now);
            }
            Outcome::PlanTooLong => return self.plan_too_long(id, &effect, now),
            Outcome::PlanShared => self.plan_shared(&effect, PlanFile::Shared),
            Outcome::PlanDrawn(drawn) => self.plan_drawn(&effect, drawn),
            Outcome::DmShown(channel, ts, drawn) => self.dm_shown(&effect, (channel, ts), drawn),
            Outcome::DmDrawn(drawn) => self.dm_drawn(&effect, drawn),
            Outcome::Drawn(card) => self.drawn = Some(*card),
            Outcome::Created(session, state) => self.created(session, state, now),
            Outcome::Sent(left_out) => {
                if let Effect::Send(message) = &effect {
                    self.sent(message, now);
                    if !left_out.is_empty() {
                        let notice = Notice::NotPassedOn { files: left_out };
                        self.tell(message.from.clone(), notice, now);
                    }
                }
            }
            Outcome::Approved => self.approved(&effect, now),
            Outcome::NotApproved(why) => self.not_approved(&effect, why, now),
            Outcome::Done => {
                if effect == Effect::Archive {
                    self.progress.archived = true;
                    self.close_plan(PlanStatus::Closed);
                    if let Some(by) = self.progress.stopping.clone() {
                        self.withdraw_unsent(&by, now);
                    }
                    self.give_up_approvals();
                    self.push(Effect::Follow, now);
                } else if effect == Effect::Expire {
                    self.expired(now);
                } else if effect == Effect::ForgetMaterial {
                    self.forget_material();
                }
            }
        }
        self.drop_entry(id);
        if effect != Effect::RefreshElapsed {
            self.changed = now;
        }
    }

    /// Keeps what was in the way. A lookup that finds nothing says nothing about that.
    fn note_cause(&mut self, id: u32, outcome: &Outcome) {
        if *outcome != Outcome::NotFound
            && let Some(entry) = self.entry_mut(id)
        {
            entry.cause = outcome.cause().cloned();
        }
    }

    /// The card is there. A task that is in line by now shows that on it already.
    fn card_posted(&mut self, id: u32, ts: MessageTs, standing: Option<Standing>, now: Timestamp) {
        self.drop_entry(id);
        self.changed = now;
        self.card = Some(ts);
        // Before anything else: a reply has to find the task.
        self.push(Effect::Index, now);
        if self.retry_of.is_some() {
            self.push(Effect::LinkRetry, now);
        }
        if self.entrance.beside.is_some() {
            self.push(Effect::LinkBeside, now);
        }
        self.proceed(now);
        self.say_what_is_waiting(now);
        if let Some(standing) = standing {
            self.phase = Phase::InQueue { standing };
        }
        self.drawn = self.card();
    }

    /// Slack takes a reply to a deleted card and posts it in the channel: it is taken back, and said like
    /// everything else from now on, in private.
    fn posted_outside(&mut self, id: u32, ts: MessageTs, now: Timestamp) {
        self.push(Effect::TakeBack(ts), now);
        if self.root_gone {
            self.drop_entry(id);
        } else {
            self.reset(id, now);
            self.root_is_gone(now);
        }
        self.changed = now;
    }

    /// It has its time: it is not done before, and counts as not attempted.
    fn reserved(&mut self, id: u32, reservation: Reservation) {
        self.reset(id, reservation.at());
        if let Some(entry) = self.entry_mut(id) {
            entry.reserved = Some(reservation);
            entry.attempts = entry.attempts.saturating_sub(1);
        }
    }

    /// The channel has another id: what failed is tried there.
    fn moved(&mut self, id: u32, channel: ChannelId, now: Timestamp) {
        self.channel = Some(channel);
        self.push(Effect::Index, now);
        self.reset(id, now);
    }

    /// Jules has a message: the person sees it, and its effect is looked for soon.
    pub(super) fn sent(&mut self, message: &UserMessage, now: Timestamp) {
        self.progress.answered = self.progress.asked;
        self.expect_back(message);
        self.acknowledged(message, now);
        if is_answer_only(&message.text) {
            self.tell(message.from.clone(), Notice::SentAsQuestion, now);
        }
        self.push(Effect::Follow, now);
    }

    /// When this comes back as an activity, it is known to be ours.
    pub(super) fn expect_back(&mut self, message: &UserMessage) {
        /// More are never on their way at a time: Jules shows each within seconds.
        const MOST: usize = 500;
        self.progress.accepted_messages.push(message.fingerprint());
        let surplus = self.progress.accepted_messages.len().saturating_sub(MOST);
        self.progress.accepted_messages.drain(..surplus);
    }

    /// Jules has a message: that is shown where it was written.
    pub(super) fn acknowledged(&mut self, message: &UserMessage, now: Timestamp) {
        self.progress.untold_wait = None;
        if let Some(ended) = &mut self.progress.ended {
            ended.has_message = true;
        }
        match &message.origin {
            MessageOrigin::Reply(ts) => {
                let emoji = "white_check_mark".to_owned();
                self.push(Effect::React { ts: ts.clone(), emoji }, now);
            }
            MessageOrigin::Changes(_) => {
                self.progress.changes_sent = Some(ChangesSent { at: now, answered: false });
            }
            MessageOrigin::Answer | MessageOrigin::Nudge => {}
        }
    }

    fn approved(&mut self, effect: &Effect, now: Timestamp) {
        let Effect::Approve(id) = effect else { return };
        self.settle_approval(id);
        if self.is_awaiting_approval() {
            // Jules said yes; what it makes of that is seen soon.
            self.phase = Phase::Running { state: SessionState::InProgress };
        }
        self.push(Effect::Follow, now);
    }

    /// The plan that someone approved here is approved now.
    pub(super) fn settle_approval(&mut self, id: &PlanId) {
        if let Some(plan) = self.progress.plan_mut(id)
            && let PlanStatus::Approving(by) = &plan.status
        {
            plan.status = PlanStatus::Approved(Some(by.clone()));
        }
    }

    fn is_awaiting_approval(&self) -> bool {
        matches!(self.phase, Phase::Running { state: SessionState::AwaitingPlanApproval })
    }

    fn not_approved(&mut self, effect: &Effect, why: NotApproved, now: Timestamp) {
        let Effect::Approve(id) = effect else { return };
        let Some(by) = self.unapprove(id, why) else { return };
        let late = match why {
            NotApproved::Newer => StaleAction::Replaced,
            NotApproved::NotAwaited => StaleAction::WentOn,
        };
        self.tell(by, Notice::TooLate(late), now);
        self.push(Effect::Follow, now);
    }

    fn unapprove(&mut self, id: &PlanId, why: NotApproved) -> Option<UserId> {
        let plan = self.progress.plan_mut(id)?;
        let PlanStatus::Approving(by) = plan.status.clone() else { return None };
        plan.status = match why {
            NotApproved::Newer => PlanStatus::Replaced,
            NotApproved::NotAwaited => PlanStatus::WentOn,
        };
        Some(by)
    }

    /// Tells how it ended, or looks again for a pull request that should be there.
    pub(super) fn result_fetched(&mut self, id: u32, result: SessionResult, now: Timestamp) {
        let wants_pr = self.target.as_ref().is_some_and(|target| target.pr == PrMode::Auto);
        let SessionResult { pull_requests, changes, patch, commit_message, pull, has_token } =
            result;
        self.progress.learn_pull_requests(pull_requests);
        let progress = &mut self.progress;
        let has_changed = changes.is_some() || progress.patch.is_some();
        let expects = wants_pr && has_changed && progress.pull_requests.is_empty();
        if let Some(ended) = &mut progress.ended {
            ended.lookups += 1;
            if expects && ended.lookups <= PR_LOOKS {
                return self.reset(id, now + PR_WAIT);
            }
            ended.told = true;
            // What was told at an earlier end is not what came of this one.
            let has_changed = changes.is_some() && patch != progress.patch_told;
            let watching = self.pull_looked_up(pull, (has_changed, has_token), now);
            let progress = &mut self.progress;
            let kept = progress.pull_request().cloned();
            let opened = progress.tell_pull_requests();
            let changes =
                if changes.is_some() && !has_changed { Changes::Unknown } else { changes };
            if has_changed {
                progress.changes_told = changes.clone();
                progress.patch_told = patch;
            }
            if let Some(ended) = &mut progress.ended {
                ended.changed_nothing = changes == Changes::Nothing && kept.is_none();
            }
            let has_news = changes.is_some();
            let commit_message = progress.commit_message.clone().or(commit_message);
            let finished = Finished {
                task: self.id.clone(),
                url: self.url(),
                kept: kept.filter(|_| opened.is_empty()),
                opened,
                changes,
                commit_message: commit_message.filter(|_| has_news),
                took: self.took(),
                watching,
            };
            self.post(Post::Finished(Box::new(finished)), now);
        }
        self.drop_entry(id);
        self.changed = now;
    }
}

/// Whether Jules said something to it, if only no: Jules can be asked, whatever was in the way.
fn is_answered_by_jules(effect: &Effect, outcome: &Outcome) -> bool {
    let is_answer = outcome.spec().did_it || matches!(outcome, Outcome::Failed(Fault::Refused(_)));
    is_answer && effect.spec().destination == Destination::Jules
}

/// Whether it shows that the bot can write in the channel. An edit may still be allowed where nothing can be
/// posted.
fn is_posted(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::PostCard | Effect::PostLink | Effect::Post { .. } | Effect::SharePlan(_)
    )
}
