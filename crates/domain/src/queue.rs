//! The line in front of a Jules account: tasks that are waiting because Jules accepts no more. Fair
//! between people, first come first served within a person: a person who asks for ten tasks does not make
//! the next person wait for all of them.
//!
//! One task at a time has its turn to ask Jules. That is the first in line, with growing waits. When
//! Jules refuses it although the account has room by our count, or refuses it again and again, the next
//! one is asked for right after it: if Jules accepts that one, the limit isn't what keeps the first from
//! starting, so it tries again automatically while the others go ahead.

use super::backoff::Backoff;
use super::ids::{TaskId, UserId};
use super::quota::Shortage;
use super::repo::SourceName;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The waits between two questions to Jules while it refuses, in seconds; the last one repeats. A
/// refused create costs nothing of the quota.
const PROBES: [i64; 5] = [5, 10, 15, 20, 30];
/// After so many refusals in a row the next task is asked for, whatever our count says.
const PATIENT: u32 = 5;
/// The waits of a task that Jules refuses while it accepts others.
const ALONE: Backoff =
    Backoff::new(SignedDuration::from_secs(15), SignedDuration::from_secs(LONGEST));
/// How long a turn lasts at most; a create takes at most 45 seconds.
const TURN: SignedDuration = SignedDuration::from_secs(60);
/// How long a task is left out that did not use its turn.
const UNUSED: SignedDuration = SignedDuration::from_secs(30);
/// No time that is kept here is further away, in seconds; one that is, is from before the clock was set
/// back.
const LONGEST: i64 = 300;
/// Up to this place a card says when a slot frees up. Further back that would change too often.
const NEAR: u32 = 3;

/// A place in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The task that waits.
    pub task: TaskId,
    /// Who asked for it.
    pub user: UserId,
    /// The repository it is for.
    pub source: SourceName,
    /// Since when.
    pub since: Timestamp,
    /// In which round it is served; given when it joins. Each person has one task in a round.
    round: u64,
    /// How often Jules refused it since any task was started.
    refused: u32,
    /// How often Jules refused it although it accepted others.
    alone: u32,
    /// It is left out until then.
    rests_until: Option<Timestamp>,
    /// Why Jules refused it last.
    why: Option<Shortage>,
    /// What its card was told.
    told: Option<Standing>,
}

impl Entry {
    /// A task that joins the line now.
    #[must_use]
    pub fn new(task: TaskId, user: UserId, source: SourceName, now: Timestamp) -> Self {
        Self {
            task,
            user,
            source,
            since: now,
            round: 0,
            refused: 0,
            alone: 0,
            rests_until: None,
            why: None,
            told: None,
        }
    }
}

/// Where a task stands in line and why, as its card says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its place; none for a task that Jules refuses while it accepts others.
    pub place: Option<QueuePlace>,
    /// Why Jules starts no more; `None` as long as that is only known of tasks ahead.
    pub why: Option<Shortage>,
}

/// A place in line, counted from 1, exact at the front and in coarse steps further back: one task that
/// leaves moves all that are behind it, and each card that changes is an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QueuePlace(u32);

impl QueuePlace {
    /// About 100, or more.
    pub const FAR: Self = Self(100);

    /// The step nearest to a place.
    #[must_use]
    pub fn near(place: u32) -> Self {
        Self(match place {
            0..=3 => place.max(1),
            4..=7 => 5,
            8..=14 => 10,
            15..=34 => 20,
            35..=74 => 50,
            75.. => Self::FAR.0,
        })
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// One task may ask Jules now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Turn {
    task: TaskId,
    until: Timestamp,
}

/// Everybody who waits, the next one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitQueue {
    entries: Vec<Entry>,
    /// The round that is being served.
    round: u64,
    /// The rounds in which people were served last, unless that is long ago.
    served: BTreeMap<UserId, u64>,
    /// Why Jules starts no more, as far as that holds for all.
    why: Option<Shortage>,
    /// How often the first in line was refused since any task was started.
    refusals: u32,
    /// The first in line was refused, and another one is asked for right away.
    detour: bool,
    /// Jules is not asked before.
    not_before: Option<Timestamp>,
    /// Who may ask.
    turn: Option<Turn>,
}

impl WaitQueue {
    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The tasks that wait.
    pub fn tasks(&self) -> impl Iterator<Item = &TaskId> {
        self.entries.iter().map(|entry| &entry.task)
    }

    /// Where a task stands; `None` when it isn't in line.
    #[must_use]
    pub fn standing_of(&self, task: &TaskId) -> Option<Standing> {
        self.standings().find(|(entry, _)| entry.task == *task).map(|(_, standing)| standing)
    }

    /// Puts a task in the first round in which its person has none, behind everybody else of that
    /// round; unless it waits already.
    pub fn join(&mut self, entry: Entry) {
        if self.index_of(&entry.task).is_some() {
            return;
        }
        let own = self.entries.iter().filter(|waiting| waiting.user == entry.user);
        let last = own.map(|waiting| waiting.round).chain(self.served.get(&entry.user).copied());
        let round = last.max().map_or(self.round, |last| self.round.max(last + 1));
        let behind = self.entries.iter().position(|waiting| waiting.round > round);
        let place = behind.unwrap_or(self.entries.len());
        self.entries.insert(place, Entry { round, ..entry });
    }

    /// Gives a task the turn to ask Jules, if it is the next one; whether it has it.
    pub fn take_turn(&mut self, task: &TaskId, now: Timestamp) -> bool {
        self.end_unused_turn(now);
        match &self.turn {
            Some(turn) => turn.task == *task,
            None if self.next(now).is_some_and(|next| next.task == *task) => {
                self.turn = Some(Turn { task: task.clone(), until: now + TURN });
                true
            }
            None => false,
        }
    }

    /// Gives the next task the turn to ask Jules, if nobody has it and the time has come.
    pub fn call_next(&mut self, now: Timestamp) -> Option<TaskId> {
        self.end_unused_turn(now);
        if self.turn.is_some() {
            return None;
        }
        let task = self.next(now)?.task.clone();
        self.turn = Some(Turn { task: task.clone(), until: now + TURN });
        Some(task)
    }

    /// Leaves a task out for a while: it cannot use its turn.
    pub fn pass_over(&mut self, task: &TaskId, now: Timestamp) {
        self.end_turn_of(task);
        if let Some(entry) = self.entry_mut(task) {
            entry.rests_until = Some(now + UNUSED);
        }
    }

    /// Jules refused a task, for this reason.
    pub fn refused(&mut self, task: &TaskId, why: Shortage, now: Timestamp) {
        self.end_turn_of(task);
        let has_room = why.has_room();
        let Some(entry) = self.entry_mut(task) else { return };
        entry.why = Some(why.clone());
        entry.refused += 1;
        if entry.alone > 0 {
            // That says little about the others.
            entry.rests_until = Some(now + ALONE.wait(entry.alone));
            entry.alone += 1;
            return self.hold_for_all(why);
        }
        if self.detour {
            self.detour = false;
        } else {
            self.refusals += 1;
            let wanted = has_room || self.refusals.is_multiple_of(PATIENT);
            let is_other = |entry: &Entry| entry.task != *task && !is_ahead(entry.rests_until, now);
            self.detour = wanted && self.entries.iter().any(is_other);
        }
        self.not_before = (!self.detour).then(|| now + probe(self.refusals));
        self.hold_for_all(why);
    }

    /// A task was started, so it leaves the line. Those that were refused before it are so for a reason
    /// of their own. False when it was not in line.
    pub fn started(&mut self, task: &TaskId, now: Timestamp) -> bool {
        let Some(index) = self.index_of(task) else { return false };
        for entry in &mut self.entries[..index] {
            if entry.refused > 0 && entry.alone == 0 {
                entry.alone = 1;
                entry.rests_until = Some(now + ALONE.wait(1));
            }
        }
        for entry in &mut self.entries {
            entry.refused = 0;
        }
        self.refusals = 0;
        self.slot_freed();
        self.remove(index, true);
        true
    }

    /// Takes a task out; false when it was not in line. Who leaves from the head was served.
    pub fn leave(&mut self, task: &TaskId) -> bool {
        let Some(index) = self.index_of(task) else { return false };
        self.remove(index, false);
        true
    }

    fn remove(&mut self, index: usize, started: bool) {
        // A task that Jules refuses alone is no head: the round goes on without it.
        let is_head = self.entries[..index].iter().all(|before| before.alone > 0);
        let entry = self.entries.remove(index);
        self.end_turn_of(&entry.task);
        if is_head {
            self.round = self.round.max(entry.round);
        }
        if is_head || started {
            self.served.insert(entry.user, entry.round);
        }
        self.served.retain(|_, round| *round >= self.round);
        if self.is_empty() {
            let (round, served) = (self.round, std::mem::take(&mut self.served));
            *self = Self { round, served, ..Self::default() };
        }
    }

    /// There may be room again: Jules is asked without waiting any longer.
    pub fn slot_freed(&mut self) {
        self.not_before = None;
        self.detour = false;
    }

    /// The tasks whose cards say something else than where they stand now.
    #[must_use]
    pub fn untold(&self) -> Vec<(TaskId, Standing)> {
        let untold = self.standings().filter(|(entry, now)| entry.told.as_ref() != Some(now));
        untold.map(|(entry, standing)| (entry.task.clone(), standing)).collect()
    }

    /// A task's card was told where it stands.
    pub fn mark_told(&mut self, task: &TaskId, standing: Standing) {
        if let Some(entry) = self.entry_mut(task) {
            entry.told = Some(standing);
        }
    }

    /// When the line has to be looked after again; `None` while nobody waits.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_empty() {
            return None;
        }
        if !self.untold().is_empty() {
            return Some(now);
        }
        if let Some(turn) = &self.turn {
            return Some(turn.until.min(now + TURN));
        }
        let ahead = |at: Option<Timestamp>| at.filter(|_| is_ahead(at, now)).unwrap_or(now);
        let rested = self.entries.iter().map(|entry| ahead(entry.rests_until)).min();
        rested.map(|rested| rested.max(ahead(self.not_before)))
    }

    /// The task that asks Jules next.
    fn next(&self, now: Timestamp) -> Option<&Entry> {
        if is_ahead(self.not_before, now) {
            return None;
        }
        let mut ready = self.entries.iter().filter(|entry| !is_ahead(entry.rests_until, now));
        if !self.detour {
            return ready.next();
        }
        // Another repository first: what keeps one task from starting often holds for its repository.
        ready.min_by_key(|entry| (entry.refused, self.is_refused(&entry.source)))
    }

    fn is_refused(&self, source: &SourceName) -> bool {
        let refused = |entry: &&Entry| entry.refused > 0 || entry.alone > 0;
        self.entries.iter().filter(refused).any(|entry| entry.source == *source)
    }

    /// Keeps a reason that holds for the whole account. That there is none holds for a task, until
    /// several refusals in a row say more.
    fn hold_for_all(&mut self, why: Shortage) {
        match why {
            Shortage::AllRunning { .. } | Shortage::UsedUp { .. } => self.why = Some(why),
            Shortage::NoReason(_) if self.refusals >= 3 => {
                self.why = Some(Shortage::NoReason(None));
            }
            Shortage::NoReason(_) => {}
        }
    }

    /// A task that had the turn and said nothing gets it again later. Others have it first.
    fn end_unused_turn(&mut self, now: Timestamp) {
        let over = self.turn.take_if(|turn| !is_ahead(Some(turn.until), now));
        if let Some(turn) = over {
            self.pass_over(&turn.task, now);
        }
    }

    fn end_turn_of(&mut self, task: &TaskId) {
        self.turn.take_if(|turn| turn.task == *task);
    }

    fn index_of(&self, task: &TaskId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.task == *task)
    }

    fn entry_mut(&mut self, task: &TaskId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.task == *task)
    }

    /// Everybody with where they stand. A task that Jules refuses alone delays nobody, so it doesn't
    /// count.
    fn standings(&self) -> impl Iterator<Item = (&Entry, Standing)> {
        let mut ahead = 0;
        self.entries.iter().map(move |entry| {
            ahead += u32::from(entry.alone == 0);
            let place = (entry.alone == 0).then_some(ahead);
            (entry, Standing { place: place.map(QueuePlace::near), why: self.why_of(entry, place) })
        })
    }

    fn why_of(&self, entry: &Entry, place: Option<u32>) -> Option<Shortage> {
        let own = entry.why.as_ref().filter(|why| matches!(why, Shortage::NoReason(_)));
        match own.or(self.why.as_ref())? {
            Shortage::UsedUp { a_day, .. } if place.is_some_and(|place| place > NEAR) => {
                Some(Shortage::UsedUp { a_day: *a_day, frees_at: None })
            }
            why => Some(why.clone()),
        }
    }
}

/// Whether a time is still to come. One that is further away than any that was ever set is not: the
/// clock was set back.
fn is_ahead(at: Option<Timestamp>, now: Timestamp) -> bool {
    let farthest = now + SignedDuration::from_secs(LONGEST);
    at.is_some_and(|at| now < at && at <= farthest)
}

/// The wait after so many refusals in a row.
fn probe(refusals: u32) -> SignedDuration {
    let nth = usize::try_from(refusals.saturating_sub(1)).unwrap_or(usize::MAX);
    SignedDuration::from_secs(PROBES.get(nth).copied().unwrap_or(PROBES[PROBES.len() - 1]))
}

#[cfg(test)]
mod tests;
