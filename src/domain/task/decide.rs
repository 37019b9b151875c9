//! The heart: what happens to a task next.
//!
//! `decide` changes the document and fills its outbox; it does nothing itself. Split by phase of
//! life: what a person sends, what the line says, and how each kind of attempt ended.

use super::outbox::{Effect, Outcome};
use super::{Input, Phase, Resolved, SessionRef, Start, Task};
use crate::domain::command::Request;
use crate::domain::fault::{Cause, Fault};
use crate::domain::ids::{ChannelId, DeliveryId};
use crate::domain::say::Say;
use crate::domain::session::SessionState;
use jiff::{SignedDuration, Timestamp};

/// How many handled deliveries a task remembers. A person clicks a few times, not a hundred.
const REMEMBERED: usize = 32;

/// How often the first in line asks Jules for a slot, in seconds; the last wait repeats.
/// A refused create costs nothing of the quota.
const PROBES: &[i64] = &[5, 10, 15, 20, 30];

/// How long anybody else in line waits before looking after the line by itself, should nobody
/// call: the line is looked after by whoever is at its head.
const LINE_CHECK: SignedDuration = SignedDuration::from_secs(30);

/// The longest wait between attempts when the other side is down or slow, in seconds.
const PATIENCE: u32 = 60;

/// The same when an operator has to mend something first (a refused key).
const PATIENCE_OPERATOR: u32 = 300;

/// What becomes of `task` when `input` happens at `now`.
#[must_use]
pub fn decide(mut task: Task, input: Input, now: Timestamp) -> Task {
    match input {
        Input::Filled { ask, channel, start } => task.filled(ask, channel, start, now),
        Input::Chosen { delivery, index } => task.chosen(delivery, index, now),
        Input::Again { delivery } => task.again(delivery, now),
        Input::Place(place) => task.placed(place, now),
        Input::Done { todo, outcome } => task.done(todo, outcome, now),
    }
    task.keep_card_fresh(now);
    task
}

/// Whether it lasts until whoever runs the app has mended it.
fn by_operator(cause: &Cause) -> bool {
    matches!(cause, Cause::JulesKeyRefused | Cause::JulesForbidden)
}

impl Task {
    /// Begins, or begins anew after a person said more.
    pub(super) fn begin(&mut self, start: Start, now: Timestamp) {
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
            Start::Draft(fits) => self.phase = Phase::Draft { fits },
        }
    }

    /// Goes to the first thing that is missing: certainty, the card, the session.
    fn proceed(&mut self, now: Timestamp) {
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

    /// Remembers a delivery; false when it was taken before.
    fn is_new(&mut self, delivery: DeliveryId) -> bool {
        if self.handled.contains(&delivery) {
            return false;
        }
        self.handled.push(delivery);
        let surplus = self.handled.len().saturating_sub(REMEMBERED);
        self.handled.drain(..surplus);
        true
    }

    fn is_draft(&self) -> bool {
        matches!(self.phase, Phase::Draft { .. })
    }

    /// A form that is sent twice finds the task begun, and does nothing.
    fn filled(&mut self, ask: Request, channel: Option<ChannelId>, start: Start, now: Timestamp) {
        if self.is_draft() {
            self.ask = ask;
            self.channel = channel.or_else(|| self.channel.take());
            self.begin(start, now);
        }
    }

    /// The chosen repository takes the place of what was typed; Jules is asked for its branch.
    fn chosen(&mut self, delivery: DeliveryId, index: usize, now: Timestamp) {
        let Phase::Draft { fits } = &self.phase else { return };
        let Some(fit) = fits.get(index) else { return };
        let repo = fit.repo.to_string();
        if self.is_new(delivery) {
            self.ask.options.repo = Some(repo);
            self.begin(Start::Resolve, now);
        }
    }

    fn again(&mut self, delivery: DeliveryId, now: Timestamp) {
        if matches!(self.phase, Phase::Stopped { .. }) && self.is_new(delivery) {
            self.changed = now;
            self.proceed(now);
        }
    }

    /// The head of the line may start at once; the others show where they are.
    fn placed(&mut self, place: u32, now: Timestamp) {
        let Phase::InLine { place: shown } = &mut self.phase else { return };
        *shown = place;
        if place == 1 {
            for todo in self.outbox.iter_mut().filter(|todo| todo.effect == Effect::CreateSession) {
                todo.at = todo.at.min(now);
            }
        }
    }

    fn done(&mut self, id: u32, outcome: Outcome, now: Timestamp) {
        let Some(todo) = self.outbox.iter().find(|todo| todo.id == id) else {
            // Somebody else finished it while this attempt was still on its way back.
            return;
        };
        let effect = todo.effect.clone();
        let attempts = todo.attempts;
        match outcome {
            Outcome::NotFound => return self.not_found(id, now),
            Outcome::Failed(fault) => return self.failed(id, &effect, &fault, now),
            Outcome::InLine(place) => return self.in_line(id, place, attempts, now),
            Outcome::Resolved(found) => self.resolved(found, now),
            Outcome::Posted(ts) => {
                if effect == Effect::PostCard {
                    self.card = Some(ts);
                    self.drawn = self.card();
                }
            }
            Outcome::Drawn(card) => self.drawn = Some(*card),
            Outcome::Created(session, state) => self.created(session, state, now),
            Outcome::Done => {}
        }
        self.outbox.retain(|todo| todo.id != id);
        self.changed = now;
        if effect == Effect::PostCard {
            self.proceed(now);
        }
    }

    fn resolved(&mut self, found: Resolved, now: Timestamp) {
        let task = self.id.clone();
        let say = match found {
            Resolved::Target(target) => {
                self.outbox.retain(|todo| todo.effect != Effect::Resolve);
                return self.begin(Start::At(target), now);
            }
            Resolved::Several(fits) => {
                self.phase = Phase::Draft { fits: fits.clone() };
                let typed = self.ask.options.repo.clone().unwrap_or_default();
                return self.push(Effect::Whisper(Say::Choose { task, typed, fits }), now);
            }
            Resolved::UnknownRepo(nearest) => {
                let typed = self.ask.options.repo.clone().unwrap_or_default();
                Say::UnknownRepo { task: Some(task), typed, nearest }
            }
            Resolved::UnknownBranch { repo, nearest } => {
                let typed = self.ask.options.branch.clone().unwrap_or_default();
                Say::UnknownBranch { task: Some(task), repo, typed, nearest }
            }
            Resolved::NoDefaultBranch(repo) => Say::NoDefaultBranch { task: Some(task), repo },
            Resolved::NoSources => Say::NoSources,
        };
        // What was typed is kept: the form continues from here.
        self.phase = Phase::Draft { fits: Vec::new() };
        self.push(Effect::Whisper(say), now);
    }

    fn created(&mut self, session: SessionRef, state: SessionState, now: Timestamp) {
        self.session = Some(session);
        self.phase = Phase::Running { state };
        self.push(Effect::SayLink, now);
        self.push(Effect::LeaveLine, now);
    }

    /// The head asks again soon; everybody else waits to be called.
    fn in_line(&mut self, id: u32, place: u32, attempts: u32, now: Timestamp) {
        self.phase = Phase::InLine { place };
        let nth = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let probe = PROBES.get(nth).or(PROBES.last()).copied().unwrap_or(30);
        let wait = if place == 1 { SignedDuration::from_secs(probe) } else { LINE_CHECK };
        if let Some(todo) = self.outbox.iter_mut().find(|todo| todo.id == id) {
            todo.unsure = false;
            todo.at = now + wait;
        }
    }

    fn failed(&mut self, id: u32, effect: &Effect, fault: &Fault, now: Timestamp) {
        match effect {
            Effect::Resolve | Effect::PostCard | Effect::CreateSession => {
                self.step_failed(id, effect, fault, now);
            }
            Effect::SayLink => self.say_failed(id, fault, now),
            Effect::Redraw => self.redraw_failed(id, fault, now),
            Effect::LeaveLine => self.put_off(id, None, PATIENCE, now),
            // Once only: better unsaid than said twice.
            Effect::Whisper(_) => self.outbox.retain(|todo| todo.id != id),
        }
    }

    /// One of the steps without which the task does not go on.
    fn step_failed(&mut self, id: u32, effect: &Effect, fault: &Fault, now: Timestamp) {
        let cause = fault.cause().clone();
        match fault {
            Fault::Later { after, .. } => {
                let cap = if by_operator(&cause) { PATIENCE_OPERATOR } else { PATIENCE };
                self.trouble(cause, now);
                self.put_off(id, *after, cap, now);
            }
            Fault::Unknown(_) => {
                self.trouble(cause, now);
                self.look_soon(id, now);
            }
            Fault::Refused(_) => {
                self.outbox.retain(|todo| todo.id != id);
                self.stop(effect, cause, now);
            }
        }
    }

    /// Shows on the card what is in the way. Without a card the author is told, once, and once more
    /// when it turns out that an operator has to mend it.
    fn trouble(&mut self, cause: Cause, now: Timestamp) {
        match &mut self.phase {
            Phase::Resolving { trouble } => {
                let known = trouble.replace(cause.clone());
                if known.is_none_or(|known| known != cause && by_operator(&cause)) {
                    self.push(Effect::Whisper(Say::Held(cause)), now);
                }
            }
            Phase::Starting { trouble } => *trouble = Some(cause),
            Phase::InLine { .. } => self.phase = Phase::Starting { trouble: Some(cause) },
            Phase::Draft { .. }
            | Phase::Carding
            | Phase::Running { .. }
            | Phase::Stopped { .. } => {}
        }
    }

    /// It cannot go on without a person, who is told on the card, or in private without one.
    fn stop(&mut self, effect: &Effect, cause: Cause, now: Timestamp) {
        if *effect == Effect::CreateSession {
            self.push(Effect::LeaveLine, now);
        } else {
            let say = Say::NotStarted { task: self.id.clone(), cause: cause.clone() };
            self.push(Effect::Whisper(say), now);
        }
        self.phase = Phase::Stopped { cause };
        self.changed = now;
    }

    fn say_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { after, .. } => self.put_off(id, *after, PATIENCE, now),
            Fault::Unknown(_) => self.look_soon(id, now),
            // The link is on the card as well.
            Fault::Refused(_) => self.outbox.retain(|todo| todo.id != id),
        }
    }

    fn redraw_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        match fault {
            Fault::Later { after, .. } => self.put_off(id, *after, PATIENCE, now),
            Fault::Unknown(_) => self.put_off(id, None, PATIENCE, now),
            Fault::Refused(_) => {
                self.outbox.retain(|todo| todo.id != id);
                // As good as drawn: the next change is tried again, this one is not.
                self.drawn = self.card();
            }
        }
    }

    /// The card is drawn again when it would look different, once for any number of changes.
    fn keep_card_fresh(&mut self, now: Timestamp) {
        let stale = self.card.is_some() && self.card() != self.drawn;
        if stale && !self.awaits(&Effect::Redraw) {
            self.push(Effect::Redraw, now);
        }
    }
}
