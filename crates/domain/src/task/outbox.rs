//! The outbox: what a task still has to do outside, and how often it has tried.
//!
//! An entry is counted as attempted *in the write that takes the lease*, before the call. So a
//! first attempt knows that nothing was done yet and never pays for a look, and an attempt after a
//! crash knows that something may have been done and always looks first.

use super::effect::{Api, Destination, Effect, LISTING, MESSAGE_SEARCH};
use super::{ReplyTo, Task};
use crate::backoff::{Backoff, Jitter};
use crate::fault::{Cause, Fault};
use crate::lease::{Holders, is_from_the_future};
use crate::meter::Reservation;
use crate::omitted::is_zero;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An entry of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Its number within the task.
    pub id: u32,
    /// What is to be done.
    pub effect: Effect,
    /// Not before this time.
    pub at: Timestamp,
    /// How many attempts were begun.
    pub attempts: u32,
    /// An attempt was begun whose end is not known: it may have been done.
    pub maybe_done: bool,
    /// How many looks in a row found nothing.
    pub lookups: u32,
    /// How many lookups were answered in a way that told nothing.
    #[serde(default)]
    pub unclear: u32,
    /// How many lookups were not answered since it was tried last.
    #[serde(default)]
    pub unanswered: u32,
    /// How often it was certainly not taken by someone who answers, and may be later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
    /// When the first attempt was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The same by the clock of the API that it's for, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_there: Option<Timestamp>,
    /// When the last attempt that was no lookup was begun: what it may have done is looked for around
    /// this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Timestamp>,
    /// The same by the clock of the API that it's for, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_there: Option<Timestamp>,
    /// When it was last checked whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<Timestamp>,
    /// It is repeated once, although nobody could tell whether it was done. A message in the thread says so.
    #[serde(default)]
    pub again: bool,
    /// The time that was reserved for it, under one of Slack's limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Reservation>,
    /// The process that tried it last died, and its call may be under way until then: it is looked up, and
    /// not repeated before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_from: Option<Timestamp>,
    /// What was in the way the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

impl OutboxEntry {
    /// Whether its time has come. A wait that was set while the clock was ahead counts as over.
    fn is_due(&self, now: Timestamp) -> bool {
        self.at <= now || self.was_set_ahead(now)
    }

    fn was_set_ahead(&self, now: Timestamp) -> bool {
        let is_too_far = match self.since {
            Some(_) => self.at.duration_since(now) > FARTHEST,
            // An entry that was never tried was due when it was added, unless it waits for a time.
            None => is_from_the_future(self.at, now),
        };
        // It may have been tried before the clock went ahead, and again while it was.
        let mut noted = [self.since, self.tried, self.looked].into_iter().flatten();
        noted.any(|noted| is_from_the_future(noted, now)) || (is_too_far && !self.is_timed())
    }

    /// Replaces what was noted while the clock was ahead: the last attempt counts as a few minutes old, the first
    /// as an hour.
    fn correct(&mut self, now: Timestamp) {
        let is_wrong = |noted: &mut Timestamp| is_from_the_future(*noted, now);
        if self.since.take_if(is_wrong).is_some() {
            self.since = Some(now - LONG_AGO);
        }
        if self.tried.take_if(is_wrong).is_some() {
            self.tried = Some(now - LATELY);
        }
        self.looked = self.looked.filter(|looked| !is_from_the_future(*looked, now));
    }

    /// Whether it is added long before its time.
    pub(super) fn is_timed(&self) -> bool {
        matches!(
            self.effect,
            Effect::RefreshElapsed | Effect::Remind | Effect::Expire | Effect::ForgetMaterial
        )
    }

    /// Until when a dead process's call can be under way. A time that was set while the clock was ahead counts
    /// as over.
    pub(super) fn repeats_later(&self, now: Timestamp) -> Option<Timestamp> {
        self.repeat_from.filter(|from| *from > now && !is_from_the_future(*from, now))
    }

    /// The holder died, and may have begun its call as late as `last_call`: nothing is repeated while that
    /// call can be under way.
    fn outlive(&mut self, last_call: Timestamp) {
        let spec = self.effect.spec();
        if spec.is_repeatable {
            return;
        }
        let limit = SignedDuration::try_from(spec.limit).unwrap_or(SignedDuration::ZERO);
        let over = last_call + limit;
        self.repeat_from = self.repeat_from.max(Some(over));
        if !spec.is_findable() {
            self.at = self.at.max(over);
        }
    }
}

/// What there is to do for the holder of the lease.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum Next {
    /// This is to be done, once it is stored that it was begun.
    Attempt(Attempt),
    /// Something is due, and no slot is free for it.
    NoRoom {
        /// Where its work is done.
        destination: Destination,
        /// When an entry for another API is due.
        until: Option<Timestamp>,
    },
    /// Nothing is due, or another process holds the lease.
    Nothing,
}

/// Whether there is room for something that is due.
enum Room {
    /// For the entry at this place.
    For(usize),
    /// For nothing, as in [`Next::NoRoom`].
    None { destination: Destination, until: Option<Timestamp> },
    /// Nothing is due.
    NotNeeded,
}

/// What the performer of an attempt has to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The entry's number.
    pub entry: u32,
    /// What to do.
    pub effect: Effect,
    /// Counted from 1.
    pub number: u32,
    /// It may have been done already: look, and do nothing else if it is not found.
    pub look: bool,
    /// If it finds nothing, it wasn't done.
    pub is_last_look: bool,
    /// An earlier attempt may have done it, whether or not that can be looked up.
    pub maybe_done: bool,
    /// When the first attempt was begun.
    pub since: Timestamp,
    /// The same by the clock of the API, where that was known.
    pub since_there: Option<Timestamp>,
    /// When the attempt was begun that may have done it; this one, if it does not look.
    pub tried: Timestamp,
    /// The same by the clock of the API, where that was known.
    pub tried_there: Option<Timestamp>,
    /// It may be there already, although it could not be found or can't be looked for. In the thread it has to say so.
    pub again: bool,
    /// When its lease was taken.
    pub at: Timestamp,
    /// The time that was reserved for it, if that is what it waited for.
    pub reserved: Option<Reservation>,
}

impl Attempt {
    /// How long it may take. The lease is a little longer, so that the next holder never
    /// meets a call that is still going on.
    #[must_use]
    pub fn limit(&self) -> Duration {
        let spec = self.effect.spec();
        match spec.destination.api() {
            Api::Jules if self.look && self.effect == Effect::CreateSession => LISTING,
            // What the search says of itself is worth more than that it took too long.
            Api::Slack if self.look => spec.limit.max(MESSAGE_SEARCH + Duration::from_secs(5)),
            Api::Slack | Api::Jules | Api::Store => spec.limit,
        }
    }
}

/// No wait after an attempt is as long as this: an hour that Slack or Jules asks for, and a quarter more.
const FARTHEST: SignedDuration = SignedDuration::from_hours(2);

/// Where a look searches from when the clock was set back since the first attempt.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(1);

/// How old the last attempt counts as when the clock was set back since. A look around that time finds what was
/// said in the last minutes.
const LATELY: SignedDuration = SignedDuration::from_mins(5);

/// Longer than any limit of an effect by this much, so that a lease covers the write after it too.
const LEASE_MARGIN: SignedDuration = SignedDuration::from_secs(5);

impl Task {
    /// Adds something to do, not before `at`.
    pub(super) fn push(&mut self, effect: Effect, at: Timestamp) {
        let id = self.next_entry;
        self.next_entry += 1;
        self.outbox.push(OutboxEntry {
            id,
            effect,
            at,
            attempts: 0,
            maybe_done: false,
            lookups: 0,
            unclear: 0,
            unanswered: 0,
            refusals: 0,
            since: None,
            since_there: None,
            repeat_from: None,
            tried: None,
            tried_there: None,
            looked: None,
            again: false,
            reserved: None,
            cause: None,
        });
    }

    /// Whether something of this kind waits in the outbox.
    pub(super) fn awaits(&self, effect: &Effect) -> bool {
        self.outbox.iter().any(|entry| entry.effect == *effect)
    }

    /// Puts something to do in the place of an entry, in its lane.
    pub(super) fn replace(
        &mut self,
        id: u32,
        effects: impl IntoIterator<Item = Effect>,
        at: Timestamp,
    ) {
        let place = self.outbox.iter().position(|entry| entry.id == id);
        self.drop_entry(id);
        let end = self.outbox.len();
        effects.into_iter().for_each(|effect| self.push(effect, at));
        let added = self.outbox.split_off(end);
        let place = place.unwrap_or(end);
        self.outbox.splice(place..place, added);
    }

    /// Takes an entry out.
    pub(super) fn drop_entry(&mut self, id: u32) {
        self.outbox.retain(|entry| entry.id != id);
    }

    /// Takes the lease for the next thing that is due and for which there is room. The caller stores the
    /// task before it does anything.
    pub fn take(
        &mut self,
        holders: &Holders,
        has_room: impl FnMut(Destination) -> bool,
        now: Timestamp,
    ) -> Next {
        if self.lease.is_some_and(|lease| !lease.is_free(holders, now)) {
            return Next::Nothing;
        }
        self.inherit(holders, now);
        self.forget_dead_replies(now);
        match self.first_with_room(has_room, now) {
            Room::For(index) => Next::Attempt(self.attempt(index, holders, now)),
            Room::None { destination, until } => Next::NoRoom { destination, until },
            Room::NotNeeded => Next::Nothing,
        }
    }

    /// Where there is no room for any of what is due, while nobody has the lease: at which API the first of it
    /// waits, and when something for another is due.
    #[must_use]
    pub fn waits_for_room(
        &self,
        has_room: impl FnMut(Destination) -> bool,
        now: Timestamp,
    ) -> Option<(Destination, Option<Timestamp>)> {
        match self.first_with_room(has_room, now) {
            Room::None { destination, until } => Some((destination, until)),
            Room::For(_) | Room::NotNeeded => None,
        }
    }

    /// The first of what is due for which there is room.
    fn first_with_room(
        &self,
        mut has_room: impl FnMut(Destination) -> bool,
        now: Timestamp,
    ) -> Room {
        let place = |index: usize| self.outbox[index].effect.spec().destination;
        let mut due = (0..self.outbox.len())
            .filter(|&index| self.outbox[index].is_due(now) && !self.is_held(index))
            .peekable();
        let Some(&first) = due.peek() else { return Room::NotNeeded };
        match due.find(|&index| has_room(place(index))) {
            Some(index) => Room::For(index),
            None => {
                let destination = place(first);
                Room::None { destination, until: self.next_elsewhere(destination, now) }
            }
        }
    }

    /// Ends a lease that is free. What a dead holder had begun isn't repeated too soon.
    fn inherit(&mut self, holders: &Holders, now: Timestamp) {
        let Some(lease) = self.lease.take() else { return };
        // A holder that lives gave its call up before the lease ended.
        let Some(last_call) = lease.last_call(holders, now) else { return };
        let is_under_way =
            |entry: &&mut OutboxEntry| entry.maybe_done && entry.tried == Some(lease.taken);
        self.outbox.iter_mut().filter(is_under_way).for_each(|entry| entry.outlive(last_call));
    }

    /// Counts an attempt at this entry and takes the lease for it.
    fn attempt(&mut self, index: usize, holders: &Holders, now: Timestamp) -> Attempt {
        let entry = &mut self.outbox[index];
        let maybe_done = entry.maybe_done;
        let spec = entry.effect.spec();
        let look = maybe_done && spec.is_findable();
        let has_waited = |lookups| lookups >= spec.lookup_delays.len();
        let is_last_look = look && usize::try_from(entry.lookups).is_ok_and(has_waited);
        entry.correct(now);
        let since = entry.since.unwrap_or(now);
        entry.since = Some(since);
        entry.attempts += 1;
        // What is said in private can't be looked for: after an attempt that may have said it there is one more.
        let is_private = matches!(entry.effect, Effect::Ephemeral { .. });
        let again = if is_private { maybe_done && !entry.again } else { entry.again };
        entry.again |= again;
        entry.maybe_done = true;
        if look {
            entry.looked = Some(now);
        } else {
            entry.tried = Some(now);
            (entry.tried_there, entry.unanswered) = (None, 0);
            entry.repeat_from = None;
        }
        let attempt = Attempt {
            entry: entry.id,
            effect: entry.effect.clone(),
            number: entry.attempts,
            look,
            is_last_look,
            maybe_done,
            since,
            since_there: entry.since_there,
            tried: entry.tried.unwrap_or(since),
            tried_there: entry.tried_there,
            again,
            at: now,
            reserved: entry.reserved,
        };
        let limit = SignedDuration::try_from(attempt.limit()).unwrap_or(SignedDuration::ZERO);
        self.lease = Some(holders.lease(now, limit + LEASE_MARGIN));
        attempt
    }

    /// Notes what the clock of the API shows while an attempt begins. What the attempt does is stamped by
    /// that clock, and ours may be wrong.
    pub fn note_time_there(&mut self, attempt: &mut Attempt, there: Option<Timestamp>) {
        if attempt.look || !attempt.effect.spec().is_findable() {
            return;
        }
        let Some(entry) = self.entry_mut(attempt.entry) else { return };
        entry.tried_there = there;
        if attempt.number == 1 {
            entry.since_there = there;
        }
        (attempt.since_there, attempt.tried_there) = (entry.since_there, entry.tried_there);
    }

    /// When the next entry for another API is due.
    fn next_elsewhere(&self, full: Destination, now: Timestamp) -> Option<Timestamp> {
        let is_elsewhere = |index: &usize| {
            let entry = &self.outbox[*index];
            entry.effect.spec().destination.api() != full.api() && !self.is_held(*index)
        };
        let elsewhere = (0..self.outbox.len()).filter(is_elsewhere);
        elsewhere.map(|index| self.outbox[index].at).filter(|at| *at > now).min()
    }

    /// Someone is waiting for this now: it doesn't wait for its turn.
    pub(super) fn hurry(&mut self, effect: &Effect, now: Timestamp) {
        let waits = |entry: &&mut OutboxEntry| {
            entry.effect == *effect && matches!(entry.reserved, Some(Reservation::Turn { .. }))
        };
        for entry in self.outbox.iter_mut().filter(waits) {
            entry.reserved = None;
            entry.at = entry.at.min(now);
        }
    }

    /// Forgets the ways back to people that Slack does not accept any more: secrets of no use.
    pub fn forget_dead_replies(&mut self, now: Timestamp) {
        let is_dead = |reply: &mut ReplyTo| reply.until <= now;
        self.reply.take_if(is_dead);
        for entry in &mut self.outbox {
            if let Effect::Ephemeral { reply, .. } = &mut entry.effect {
                reply.take_if(is_dead);
            }
        }
    }

    /// Whether an entry has to wait for another: what is said is said in order, and nothing is said
    /// to Jules before there is a session.
    pub(super) fn is_held(&self, index: usize) -> bool {
        let spec = self.outbox[index].effect.spec();
        let is_before = |before: &&OutboxEntry| before.effect.spec().lane == spec.lane;
        let first = self.outbox[..index].iter().find(is_before).filter(|_| spec.lane.is_some());
        // What Jules doesn't take at once holds up no stop.
        let is_stop = self.outbox[index].effect == Effect::Archive;
        let behind = first.is_some_and(|first| !is_stop || first.attempts == 0);
        behind || (spec.needs_session && self.session.is_none())
    }

    /// Ends the lease: for its holder only.
    pub fn release(&mut self) {
        self.lease = None;
    }

    /// When the document wants to be looked at again.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        let free = (0..self.outbox.len()).filter(|&index| !self.is_held(index));
        let records = self.records.first().map(|record| record.at);
        let next = free.map(|index| self.outbox[index].at).chain(records).min()?;
        Some(self.lease.map_or(next, |lease| lease.until.max(next)))
    }

    /// A look found nothing: wait and look again, or believe it and do it after all.
    pub(super) fn not_found(&mut self, id: u32, now: Timestamp) {
        let roll = self.roll();
        if let Some(entry) = self.entry_mut(id) {
            let waits = entry.effect.spec().lookup_delays;
            match usize::try_from(entry.lookups).ok().and_then(|n| waits.get(n)) {
                Some(wait) => {
                    entry.lookups += 1;
                    entry.at = now + spread(seconds(*wait), roll);
                }
                None => match entry.repeats_later(now) {
                    // From then on the call can't arrive any more, and one last lookup decides.
                    Some(from) => entry.at = from,
                    None => {
                        (entry.lookups, entry.unclear) = (0, 0);
                        entry.maybe_done = false;
                        entry.at = now;
                    }
                },
            }
        }
    }

    /// A lookup was answered, and the answer didn't tell: looks again after a wait, if any is left. False
    /// when it has to be decided without.
    pub(super) fn look_again(&mut self, id: u32, now: Timestamp) -> bool {
        let roll = self.roll();
        let Some(entry) = self.entry_mut(id) else { return true };
        let waits = entry.effect.spec().unclear_delays;
        let wait = usize::try_from(entry.unclear).ok().and_then(|n| waits.get(n));
        if let Some(wait) = wait {
            entry.unclear += 1;
            entry.at = now + spread(seconds(*wait), roll);
        }
        wait.is_some()
    }

    /// Nobody can tell whether it was done, and it is done once more. False when it was before.
    pub(super) fn do_again(&mut self, id: u32, now: Timestamp) -> bool {
        let Some(entry) = self.entry_mut(id).filter(|entry| !entry.again) else { return false };
        entry.again = true;
        (entry.lookups, entry.unclear) = (0, 0);
        let at = entry.repeats_later(now).unwrap_or(now);
        self.reset(id, at);
        true
    }

    /// Tries again after the wait that was asked for, or one that grows as far as its cause allows.
    pub(super) fn retry_later(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        let roll = self.roll();
        if let Some(entry) = self.entry_mut(id) {
            entry.maybe_done = matches!(fault, Fault::Unknown(_));
            let wait = fault.after().map_or(grown(entry, fault.cause()), |asked| {
                seconds(u32::try_from(asked.as_secs()).unwrap_or(u32::MAX).clamp(1, 3600))
            });
            entry.at = now + spread(wait, roll);
        }
    }

    /// It was certainly not done: try again after so many seconds.
    pub(super) fn wait(&mut self, id: u32, wait: u32, now: Timestamp) {
        self.reset(id, now + spread(seconds(wait), self.roll()));
    }

    /// It was certainly not done: try again, not before `at`.
    pub(super) fn reset(&mut self, id: u32, at: Timestamp) {
        if let Some(entry) = self.entry_mut(id) {
            entry.maybe_done = false;
            entry.at = at;
        }
    }

    pub(super) fn entry(&self, id: u32) -> Option<&OutboxEntry> {
        self.outbox.iter().find(|entry| entry.id == id)
    }

    pub(super) fn entry_mut(&mut self, id: u32) -> Option<&mut OutboxEntry> {
        self.outbox.iter_mut().find(|entry| entry.id == id)
    }

    /// It may have been done: look soon, or as soon as the cause of not knowing allows.
    pub(super) fn look_soon(&mut self, id: u32, cause: &Cause, now: Timestamp) {
        let roll = self.roll();
        if let Some(entry) = self.entry_mut(id) {
            entry.at = now + spread(grown(entry, cause), roll);
        }
    }

    /// From 0 to 1, and always the same for one task: a decision has no dice.
    fn roll(&self) -> f64 {
        let sum: u32 = self.id.as_str().bytes().map(u32::from).sum();
        f64::from(sum % 250) / 250.0
    }
}

/// The wait after the attempts of an entry so far, up to the patience for the cause.
fn grown(entry: &OutboxEntry, cause: &Cause) -> SignedDuration {
    Backoff::new(seconds(2), seconds(cause.patience())).wait(entry.attempts)
}

/// Spreads the waits of many tasks, so that they do not all come back in the same second.
fn spread(wait: SignedDuration, roll: f64) -> SignedDuration {
    Jitter::QUARTER_LONGER.of(wait, roll)
}

fn seconds(count: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::LONGEST;

    #[test]
    fn no_lease_is_longer_than_the_longest() {
        let listing = SignedDuration::try_from(LISTING).unwrap();
        assert!(listing + LEASE_MARGIN <= LONGEST);
    }
}
