//! What happens to a pull request after Jules has opened it: one message for each event that matters, the card,
//! and one reminder.

use super::super::Task;
use super::super::effect::Effect;
use super::super::pull_life::{PullFace, PullLookup};
use crate::message::{Post, PullEvent, PullNews, Watching};
use crate::pull::{
    FIXER_GRACE, Mergeable, NoSight, PullRef, PullSight, PullState, Review, Verdict, awaits_review,
};
use crate::working_hours::after_weekdays;
use jiff::{SignedDuration, Timestamp};

/// How much of a review is shown.
const LONGEST_REVIEW: usize = 300;
/// So many reviews are told apart.
const MOST_REVIEWS: usize = 200;
/// How many messages with something for Jules are known by what they say.
const MOST_OFFERS: usize = 10;
/// How long a review is awaited before someone is reminded, on working days.
const REVIEW_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Whose a head is that was read so soon after Jules completed is as good as certain.
const SOON: SignedDuration = SignedDuration::from_mins(5);
/// On the card, for as long as checks fail.
const RED_MARK: &str = "warning";
/// On the card, once it's merged.
const MERGED_MARK: &str = "white_check_mark";

impl Task {
    /// Whether a look is about the pull request that this task follows.
    fn is_its_pull(&self, of: &PullRef) -> bool {
        let newest = self.pull_ref();
        newest.is_some_and(|newest| newest.number == of.number && newest.repo.same(&of.repo))
    }

    /// The newest pull request, if its address is one of GitHub's.
    #[must_use]
    pub fn pull_ref(&self) -> Option<PullRef> {
        PullRef::parse(&self.progress.pull_request()?.url)
    }

    /// Whether its pull request is still to be watched here.
    #[must_use]
    pub fn watches_pull(&self, of: &PullRef) -> bool {
        self.is_its_pull(of) && !self.is_moved() && self.card.is_some()
    }

    /// GitHub was looked at. `of` is the pull request by the address that Jules gave.
    pub(super) fn pull_seen(
        &mut self,
        of: &PullRef,
        look: Result<PullSight, NoSight>,
        now: Timestamp,
    ) {
        if !self.watches_pull(of) {
            return;
        }
        match look {
            Ok(sight) => self.pull_looks(&sight, now),
            Err(why) => self.pull_unseen(of, why, now),
        }
    }

    fn pull_looks(&mut self, sight: &PullSight, now: Timestamp) {
        let is_busy = self.is_busy();
        let ended = self.progress.ended.as_ref();
        // When one that ended before it was followed here did so isn't known.
        let is_fresh = ended
            .is_some_and(|ended| ended.lookups > 0 && now.duration_since(ended.noticed) <= SOON);
        let life = &mut self.progress.pull;
        if life.branched.own.is_none() && is_fresh && !is_busy {
            life.branched.completed(&sight.pull, true);
        }
        life.branched.seen(&sight.pull, is_busy);
        life.face = Some(PullFace::of(sight));
        life.told.unseen = false;
        // What had happened before someone followed a session here is no news.
        let is_history = !life.told.first && self.followed.is_some();
        life.told.first = true;
        if is_history {
            life.told.ended = Some(sight.pull.state).filter(|state| !state.is_open());
            life.told.conflict = sight.pull.mergeable == Mergeable::Conflict;
            life.told.reviews = sight.reviews.iter().map(|review| review.id).collect();
        }
        self.reviews_seen(&sight.reviews, now);
        self.checks_seen(sight, is_busy, now);
        self.conflict_seen(sight, now);
        self.end_seen(sight, now);
        self.review_awaited(sight, now);
    }

    /// It can't be seen any more. One that could never be seen was said to be so at the end.
    fn pull_unseen(&mut self, of: &PullRef, why: NoSight, now: Timestamp) {
        let life = &mut self.progress.pull;
        let Some(face) = &mut life.face else { return };
        face.unseen = Some(why);
        // What an operator has to fix, and what is only temporary, is on the card already.
        let is_gone = matches!(why, NoSight::NotFound | NoSight::Forbidden);
        if is_gone && !life.told.unseen {
            life.told.unseen = true;
            self.tell_pull(PullEvent::Unseen { repo: of.repo.clone() }, now);
        }
    }

    fn reviews_seen(&mut self, reviews: &[Review], now: Timestamp) {
        for review in reviews {
            let told = &mut self.progress.pull.told;
            if told.reviews.contains(&review.id) {
                continue;
            }
            told.reviews.push(review.id);
            let surplus = told.reviews.len().saturating_sub(MOST_REVIEWS);
            told.reviews.drain(..surplus);
            if review.by.is_bot {
                continue;
            }
            let by = review.by.clone();
            let text: String = review.body.trim().chars().take(LONGEST_REVIEW + 1).collect();
            let (id, comments) = (review.id, review.comments);
            let asks = review.asks();
            match review.verdict {
                Verdict::ChangesRequested | Verdict::Commented if asks => {
                    let wants_changes = review.verdict == Verdict::ChangesRequested;
                    self.tell_pull(
                        PullEvent::Reviewed { review: id, by, text, comments, wants_changes },
                        now,
                    );
                }
                Verdict::Approved => self.tell_pull(PullEvent::Approved { by }, now),
                Verdict::ChangesRequested
                | Verdict::Commented
                | Verdict::Dismissed
                | Verdict::Other => {}
            }
        }
    }

    /// Failed checks are told once for each head, when all have ended and Jules' own CI fixer had its time.
    fn checks_seen(&mut self, sight: &PullSight, is_busy: bool, now: Timestamp) {
        let (checks, head) = (&sight.checks, &sight.pull.head);
        let told = &mut self.progress.pull.told;
        let is_open = sight.pull.state.is_open();
        let had_its_time = checks.red_since.is_some_and(|since| since + FIXER_GRACE <= now);
        let is_news = told.red.as_ref() != Some(head);
        if is_open && checks.is_red() && had_its_time && is_news && !is_busy {
            told.red = Some(head.clone());
            let failed = checks.failed.clone();
            let (bad, total) = (checks.bad, checks.total());
            if !told.marked {
                told.marked = true;
                self.mark_card(RED_MARK, false, now);
            }
            let head = head.clone();
            self.tell_pull(PullEvent::ChecksFailed { head, failed, bad, total }, now);
        } else if told.marked && (checks.is_green() || !is_open) {
            told.marked = false;
            self.mark_card(RED_MARK, true, now);
        }
    }

    fn conflict_seen(&mut self, sight: &PullSight, now: Timestamp) {
        let is_one = sight.pull.mergeable == Mergeable::Conflict && sight.pull.state.is_open();
        if is_one && !self.progress.pull.told.conflict {
            self.progress.pull.told.conflict = true;
            self.tell_pull(PullEvent::Conflict { base: sight.pull.base.clone() }, now);
        }
    }

    fn end_seen(&mut self, sight: &PullSight, now: Timestamp) {
        let ended = Some(sight.pull.state).filter(|state| !state.is_open());
        let before = std::mem::replace(&mut self.progress.pull.told.ended, ended);
        if before == ended {
            return;
        }
        match sight.pull.state {
            PullState::Merged => {
                self.mark_card(MERGED_MARK, false, now);
                let by = sight.pull.merged_by.clone();
                self.tell_pull(PullEvent::Merged { by }, now);
            }
            PullState::Closed => {
                self.tell_pull(PullEvent::Closed { by: sight.closed_by.clone() }, now);
            }
            // Opened again: the card says so.
            PullState::Open | PullState::Draft => {}
        }
    }

    fn review_awaited(&mut self, sight: &PullSight, now: Timestamp) {
        let due = after_weekdays(sight.pull.opened, REVIEW_WITHIN) <= now;
        if due && awaits_review(sight) && !self.progress.pull.told.reminded && !self.is_busy() {
            self.progress.pull.told.reminded = true;
            self.tell_pull(PullEvent::ReviewAwaited, now);
        }
    }

    fn tell_pull(&mut self, what: PullEvent, now: Timestamp) {
        let Some(pull_request) = self.progress.pull_request().cloned() else { return };
        self.changed = now;
        let news = PullNews { task: self.id.clone(), pull_request, what, set_aside: None };
        if news.what.offers().is_some() {
            let offers = &mut self.progress.pull.offers;
            offers.push(news.clone());
            offers.drain(..offers.len().saturating_sub(MOST_OFFERS));
        }
        self.post(Post::Pull(Box::new(news)), now);
    }

    /// Puts a reaction on the card, or takes it away.
    fn mark_card(&mut self, emoji: &str, off: bool, now: Timestamp) {
        let Some(ts) = self.card.clone() else { return };
        let emoji = emoji.to_owned();
        let effect = if off { Effect::Unreact { ts, emoji } } else { Effect::React { ts, emoji } };
        self.push(effect, now);
    }

    /// Jules completed, and this is what GitHub said of the pull request then; gives what the thread is told of
    /// how it's watched.
    pub(super) fn pull_looked_up(
        &mut self,
        lookup: PullLookup,
        (has_changed, has_token): (bool, bool),
        now: Timestamp,
    ) -> Option<Watching> {
        let life = &mut self.progress.pull;
        life.branched.allowed = None;
        life.branched.blind = false;
        let watching = match lookup {
            PullLookup::NotAsked => return None,
            PullLookup::Seen(pull) => {
                life.branched.completed(&pull, has_changed);
                Some(Watching::Yes)
            }
            PullLookup::Hidden(_) => Some(Watching::Hidden { has_token }),
            PullLookup::Down => {
                if has_changed {
                    life.branched.unread();
                }
                None
            }
        };
        self.watch_pull(now);
        watching
    }

    /// Has the newest pull request watched.
    pub(super) fn watch_pull(&mut self, now: Timestamp) {
        if self.pull_ref().is_some() && !self.awaits(&Effect::WatchPull) {
            self.push(Effect::WatchPull, now);
        }
    }
}
