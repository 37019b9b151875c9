//! What nobody could find out: whether an attempt did what it was to do.

use super::super::Task;
use super::super::effect::Effect;
use super::super::user_message::UserMessage;
use super::faults::is_in_thread;
use crate::fault::{Cause, Fault};
use crate::message::Notice;
use jiff::{SignedDuration, Timestamp};

/// How long Slack may leave lookups unanswered.
const LONGEST_DOUBT: SignedDuration = SignedDuration::from_mins(15);

/// How many lookups it must have left unanswered by then: the clock alone may have been set.
const MOST_UNANSWERED: u32 = 8;

impl Task {
    /// A lookup was answered, and the answer doesn't tell. The same question may get the same answer for
    /// good, so after a few it is decided without, and the people it concerns are told.
    ///
    /// What is said in Slack is said once more, and says that it may be there twice: a message that
    /// nobody sees costs a person's answer, one that is there twice a moment. What costs a session or
    /// makes Jules work twice is left to a person, who can look.
    pub(super) fn unclear(&mut self, id: u32, effect: &Effect, cause: Cause, now: Timestamp) {
        if self.look_again(id, now) {
            return self.trouble(id, cause, now);
        }
        match effect {
            Effect::PostCard => self.card_unclear(id, now),
            Effect::PostLink | Effect::Post { .. } => self.post_unclear(id, effect, now),
            Effect::SharePlan(_) => {
                if self.is_said_elsewhere(effect) || !self.do_again(id, now) {
                    self.share_failed(id, effect);
                }
            }
            Effect::PostDm(_) => {
                if !self.do_again(id, now) {
                    self.drop_entry(id);
                }
            }
            Effect::CreateSession => {
                self.drop_entry(id);
                self.stop(effect, Cause::MaybeCreated, now);
            }
            Effect::Send(message) => self.send_unclear(id, message, now),
            // Nothing looks these up, and doing them again is harmless.
            Effect::Resolve
            | Effect::FindSession
            | Effect::AdoptSession
            | Effect::LinkMoved
            | Effect::Redraw
            | Effect::RedrawPlan(_)
            | Effect::RedrawDm(_)
            | Effect::Remind
            | Effect::LeaveQueue
            | Effect::Index
            | Effect::Follow
            | Effect::Approve(_)
            | Effect::Archive
            | Effect::FetchResult
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
            | Effect::Ephemeral { .. }
            | Effect::RefreshElapsed => self.retry_later(id, &Fault::Unknown(cause), now),
        }
    }

    /// It may have been done, and could not be looked up now: it's looked up later. Not for ever where
    /// Slack doesn't answer, which may be true of the lookup alone; what is said once more finds out.
    pub(super) fn look_later(&mut self, id: u32, effect: &Effect, cause: &Cause, now: Timestamp) {
        let is_long = self.entry_mut(id).is_some_and(|entry| {
            entry.unanswered += 1;
            let is_late = |tried| now.duration_since(tried) > LONGEST_DOUBT;
            entry.unanswered >= MOST_UNANSWERED && entry.tried.is_some_and(is_late)
        });
        if is_long && self.is_said_elsewhere(effect) {
            return self.drop_entry(id);
        }
        let says_so = match effect {
            Effect::PostCard
            | Effect::PostLink
            | Effect::Post { .. }
            | Effect::SharePlan(_)
            | Effect::PostDm(_) => matches!(cause, Cause::SlackDown | Cause::SlackBusy),
            Effect::Resolve
            | Effect::FindSession
            | Effect::AdoptSession
            | Effect::LinkMoved
            | Effect::Redraw
            | Effect::CreateSession
            | Effect::LeaveQueue
            | Effect::Index
            | Effect::Follow
            | Effect::RedrawPlan(_)
            | Effect::RedrawDm(_)
            | Effect::Remind
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
        };
        if says_so && is_long && self.do_again(id, now) {
            self.card_again |= *effect == Effect::PostCard;
        } else {
            self.look_soon(id, cause, now);
        }
    }

    /// The thread is gone, so it was said in private, and is looked for only to be taken back.
    pub(super) fn is_said_elsewhere(&self, effect: &Effect) -> bool {
        self.root_gone && is_in_thread(effect)
    }

    /// Only the card that is known can be followed, so it says that it is the one.
    fn card_unclear(&mut self, id: u32, now: Timestamp) {
        if self.do_again(id, now) {
            self.card_again = true;
            return;
        }
        self.drop_entry(id);
        self.stop(&Effect::PostCard, Cause::MaybePosted, now);
    }

    /// After a second time in doubt the author gets it, and the thread continues without.
    fn post_unclear(&mut self, id: u32, effect: &Effect, now: Timestamp) {
        if self.is_said_elsewhere(effect) {
            return self.drop_entry(id);
        }
        if self.do_again(id, now) {
            return;
        }
        self.drop_entry(id);
        // The link is on the card.
        if let Effect::Post { post, .. } = effect {
            self.tell(self.author.clone(), Notice::Copy(post.clone()), now);
        }
    }

    fn send_unclear(&mut self, id: u32, message: &UserMessage, now: Timestamp) {
        self.drop_entry(id);
        self.expect_back(message);
        self.reopen_plan(message);
        let notice = Notice::MaybeDelivered { text: message.fingerprint() };
        self.tell(message.from.clone(), notice, now);
    }
}
