//! The times on the card: how long it takes, and how long Jules has been silent.

use crate::task::Task;
use crate::task::effect::Effect;
use jiff::{SignedDuration, Timestamp};

/// Without a word of the agent for so long, the card says so (jules-api.md §4.1: of all gaps, 1 in
/// 100 is longer than 7.6 minutes).
const SILENCE: SignedDuration = SignedDuration::from_mins(15);

/// The minutes at which the card is drawn again to show how long it takes; after the last, each hour.
const MINUTES: &[u32] = &[1, 2, 3, 5, 10, 15, 20, 30, 45, 60];

/// After this the card does not count on: it would be edited for nothing.
const COUNTED: SignedDuration = SignedDuration::from_hours(12);

impl Task {
    /// Keeps the times on the card true, and wakes when they change next.
    pub(super) fn tell_time(&mut self, now: Timestamp) {
        let began = self.progress.began.filter(|_| self.is_busy());
        let Some(began) = began.filter(|began| now.duration_since(*began) < COUNTED) else {
            (self.progress.minutes, self.progress.silent) = (None, None);
            self.outbox.retain(|entry| entry.effect != Effect::RefreshElapsed);
            return;
        };
        let (minutes, next) = coarse(began, SignedDuration::ZERO, now);
        let (silent, next_silent) = coarse(self.progress.heard.unwrap_or(began), SILENCE, now);
        (self.progress.minutes, self.progress.silent) = (minutes, silent);
        let next = next.min(next_silent);
        match self.outbox.iter_mut().find(|entry| entry.effect == Effect::RefreshElapsed) {
            // Never before now: a glance that is due is done, and then this is asked again.
            Some(entry) if entry.at > now => entry.at = next,
            Some(_) => {}
            None => self.push(Effect::RefreshElapsed, next),
        }
    }
}

/// How many minutes have passed since `from`, in the steps of the card, and when the next step is.
/// Nothing before the step at or after `least`.
fn coarse(from: Timestamp, least: SignedDuration, now: Timestamp) -> (Option<u32>, Timestamp) {
    let passed = u32::try_from(now.duration_since(from).as_mins()).unwrap_or(0);
    let least = u32::try_from(least.as_mins()).unwrap_or(0);
    let steps = MINUTES.iter().copied().chain((2..=24).map(|hours| hours * 60));
    let steps: Vec<u32> = steps.filter(|step| *step >= least).collect();
    let shown = steps.iter().rev().find(|step| **step <= passed).copied();
    let next = steps.iter().find(|step| **step > passed).copied().unwrap_or(passed + 60);
    (shown, from + SignedDuration::from_mins(i64::from(next)))
}
