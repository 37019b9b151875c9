//! What to do next about the connections: a pure machine, told what happened and when.
//!
//! There is a slot for each connection that shall stand. A slot whose connection Slack is about to
//! end opens the successor first, and only when that has said hello is the old one retired: it
//! finishes what it has begun and closes. What fails is tried again after a growing rest.

use super::frame::Reason;
use domain::backoff::{Backoff, Jitter};
use jiff::{SignedDuration, Timestamp};

/// From asking for a ticket to Slack's hello.
pub const OPENING: SignedDuration = SignedDuration::from_secs(30);
/// Silence after which a ping is sent, and between pings.
pub const PING: SignedDuration = SignedDuration::from_secs(20);
/// Silence after which a peer is taken for dead. Half-open connections are a fault that happens;
/// with beats a second apart it is noticed well within 75 s.
pub const DEAD: SignedDuration = SignedDuration::from_secs(60);
/// A connection that stood this long was a good one: the next failure is the first again.
pub const STEADY: SignedDuration = SignedDuration::from_secs(60);
/// For a retired connection to finish what it has begun.
pub const RETIRING: SignedDuration = SignedDuration::from_secs(10);

/// One connection, never the same name twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u64);

/// What the machine is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupervisorEvent {
    /// It begins.
    Start,
    /// A connection said hello.
    Hello(Id),
    /// Anything at all came over a connection.
    Heard(Id),
    /// Slack announces the end of a connection.
    Disconnect(Id, Reason),
    /// A connection is gone, or could not be opened; Slack may have asked to wait.
    Ended(Id, Option<SignedDuration>),
    /// Time has passed.
    Beat,
    /// The program stops.
    Stop,
}

/// What the machine wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionCommand {
    /// Open a connection under this name.
    Open(Id),
    /// Ask whether the peer is there.
    Ping(Id),
    /// Its successor stands: finish what was begun, then close.
    Retire(Id),
    /// Take nothing new, acknowledge what was begun, close.
    Close(Id),
    /// It does not answer: let go of it at once.
    Abandon(Id),
}

/// The machine.
#[derive(Debug)]
pub struct Supervisor {
    slots: Vec<Slot>,
    /// Those that were told to end, and when; `None` once they are let go of.
    ending: Vec<(Id, Option<Timestamp>)>,
    names: u64,
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Running,
    Stopping,
    SwitchedOff,
}

#[derive(Debug)]
struct Slot {
    established: Option<Established>,
    next: Next,
    /// How many connections in a row failed.
    failures: u32,
}

/// A connection that takes deliveries.
#[derive(Debug)]
struct Established {
    id: Id,
    since: Timestamp,
    heard: Timestamp,
    pinged: Timestamp,
    /// Slack will end it.
    leaving: bool,
}

/// What is done about the slot's next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    /// Nothing, from the first time until the second.
    Rest(Timestamp, Timestamp),
    Opening(Id, Timestamp),
}

/// The rest after a failure, before it is spread.
const REST: Backoff = Backoff::new(SignedDuration::from_secs(2), SignedDuration::from_secs(60));

/// The rest after so many failures in a row: between a second and a minute. It is spread by `roll`, from
/// 0 to 1, so that many apps that lost Slack at the same time do not come back at the same time.
#[must_use]
pub fn back_off(failures: u32, roll: f64) -> SignedDuration {
    Jitter::UPPER_HALF.of(REST.wait(failures), roll)
}

impl Supervisor {
    /// For so many connections at a time.
    #[must_use]
    pub fn new(connections: usize) -> Self {
        let slot = || Slot { established: None, next: Next::Nothing, failures: 0 };
        Self {
            slots: std::iter::repeat_with(slot).take(connections).collect(),
            ending: Vec::new(),
            names: 0,
            mode: Mode::Running,
        }
    }

    /// How many connections take deliveries.
    #[must_use]
    pub fn standing(&self) -> usize {
        self.slots.iter().filter(|slot| slot.established.is_some()).count()
    }

    /// Slack has switched Socket Mode off.
    #[must_use]
    pub fn is_switched_off(&self) -> bool {
        self.mode == Mode::SwitchedOff
    }

    /// Nothing is left to be done, and nothing will be.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.mode != Mode::Running && self.ending.is_empty()
    }

    /// What to do now that this has happened. `jitter` gives numbers from 0 to 1.
    pub fn next(
        &mut self,
        happened: SupervisorEvent,
        now: Timestamp,
        jitter: &dyn Fn() -> f64,
    ) -> Vec<ConnectionCommand> {
        let mut orders = Vec::new();
        match happened {
            SupervisorEvent::Start => {
                for slot in 0..self.slots.len() {
                    self.open(slot, now, &mut orders);
                }
            }
            SupervisorEvent::Hello(id) => self.hello(id, now, &mut orders),
            SupervisorEvent::Heard(id) => {
                let standing = self.slots.iter_mut().filter_map(|slot| slot.established.as_mut());
                for standing in standing.filter(|standing| standing.id == id) {
                    standing.heard = now;
                }
            }
            SupervisorEvent::Disconnect(id, reason) => {
                self.disconnect(id, reason, now, jitter, &mut orders);
            }
            SupervisorEvent::Ended(id, wait) => self.ended(id, wait, now, jitter),
            SupervisorEvent::Beat => self.beat(now, jitter, &mut orders),
            SupervisorEvent::Stop => self.end(Mode::Stopping, now, &mut orders),
        }
        orders
    }

    fn open(&mut self, slot: usize, now: Timestamp, orders: &mut Vec<ConnectionCommand>) {
        self.names += 1;
        let id = Id(self.names);
        self.slots[slot].next = Next::Opening(id, now);
        orders.push(ConnectionCommand::Open(id));
    }

    fn hello(&mut self, id: Id, now: Timestamp, orders: &mut Vec<ConnectionCommand>) {
        for slot in &mut self.slots {
            if slot.is_opening(id) {
                let new = Established { id, since: now, heard: now, pinged: now, leaving: false };
                slot.next = Next::Nothing;
                if let Some(old) = slot.established.replace(new) {
                    self.ending.push((old.id, Some(now)));
                    orders.push(ConnectionCommand::Retire(old.id));
                }
            }
        }
    }

    fn disconnect(
        &mut self,
        id: Id,
        reason: Reason,
        now: Timestamp,
        jitter: &dyn Fn() -> f64,
        orders: &mut Vec<ConnectionCommand>,
    ) {
        if reason == Reason::SwitchedOff {
            return self.end(Mode::SwitchedOff, now, orders);
        }
        let Some(at) = self.slots.iter().position(|slot| slot.has(id)) else { return };
        let slot = &mut self.slots[at];
        let Some(standing) = slot.established.as_mut().filter(|standing| standing.id == id) else {
            // It has not even said hello.
            slot.fail(None, now, jitter);
            self.ending.push((id, Some(now)));
            return orders.push(ConnectionCommand::Close(id));
        };
        match reason {
            Reason::Refresh if standing.leaving => {}
            // One that was told to go as soon as it came must not be followed at once, for ever.
            Reason::Refresh if now.duration_since(standing.since) < STEADY => {
                standing.leaving = true;
                slot.fail(None, now, jitter);
            }
            Reason::Refresh => {
                standing.leaving = true;
                slot.failures = 0;
                self.open(at, now, orders);
            }
            Reason::TooMany | Reason::SwitchedOff => {
                // A successor would only be one more.
                slot.established = None;
                if slot.next == Next::Nothing {
                    slot.fail(None, now, jitter);
                }
                self.ending.push((id, Some(now)));
                orders.push(ConnectionCommand::Close(id));
            }
        }
    }

    fn ended(
        &mut self,
        id: Id,
        wait: Option<SignedDuration>,
        now: Timestamp,
        jitter: &dyn Fn() -> f64,
    ) {
        self.ending.retain(|(ending, _)| *ending != id);
        for slot in &mut self.slots {
            if slot.is_opening(id) {
                slot.fail(wait, now, jitter);
            } else if let Some(old) = slot.established.take_if(|standing| standing.id == id)
                && slot.next == Next::Nothing
            {
                if now.duration_since(old.since) >= STEADY {
                    slot.failures = 0;
                }
                slot.fail(wait, now, jitter);
            }
        }
    }

    fn beat(
        &mut self,
        now: Timestamp,
        jitter: &dyn Fn() -> f64,
        orders: &mut Vec<ConnectionCommand>,
    ) {
        self.never_ahead_of(now);
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            match slot.next {
                Next::Rest(_, until) if now >= until => self.open(at, now, orders),
                Next::Opening(id, since) if now.duration_since(since) >= OPENING => {
                    slot.fail(None, now, jitter);
                    self.ending.push((id, None));
                    orders.push(ConnectionCommand::Abandon(id));
                }
                Next::Nothing | Next::Rest(..) | Next::Opening(..) => {}
            }
            let slot = &mut self.slots[at];
            let Some(standing) = &mut slot.established else { continue };
            let id = standing.id;
            if now.duration_since(standing.heard) >= DEAD {
                slot.established = None;
                if slot.next == Next::Nothing {
                    slot.fail(None, now, jitter);
                }
                self.ending.push((id, None));
                orders.push(ConnectionCommand::Abandon(id));
            } else if now.duration_since(standing.heard.max(standing.pinged)) >= PING {
                standing.pinged = now;
                orders.push(ConnectionCommand::Ping(id));
            }
        }
        for (id, since) in &mut self.ending {
            if since.take_if(|since| now.duration_since(*since) >= RETIRING).is_some() {
                orders.push(ConnectionCommand::Abandon(*id));
            }
        }
    }

    /// A clock that was set back does not make a rest, or a silence, longer.
    fn never_ahead_of(&mut self, now: Timestamp) {
        for slot in &mut self.slots {
            match &mut slot.next {
                Next::Rest(since, until) => {
                    *until -= since.duration_since(now).max(SignedDuration::ZERO);
                    *since = now.min(*since);
                }
                Next::Opening(_, since) => *since = now.min(*since),
                Next::Nothing => {}
            }
            if let Some(standing) = &mut slot.established {
                standing.heard = now.min(standing.heard);
                standing.pinged = now.min(standing.pinged);
                standing.since = now.min(standing.since);
            }
        }
        for since in self.ending.iter_mut().filter_map(|(_, since)| since.as_mut()) {
            *since = now.min(*since);
        }
    }

    /// No further connection; those that stand are closed in order.
    fn end(&mut self, mode: Mode, now: Timestamp, orders: &mut Vec<ConnectionCommand>) {
        if self.mode != Mode::Running {
            return;
        }
        self.mode = mode;
        for slot in self.slots.drain(..) {
            let opening = match slot.next {
                Next::Opening(id, _) => Some(id),
                Next::Nothing | Next::Rest(..) => None,
            };
            for id in slot.established.map(|standing| standing.id).into_iter().chain(opening) {
                self.ending.push((id, Some(now)));
                orders.push(ConnectionCommand::Close(id));
            }
        }
    }
}

/// Slack's `Retry-After` is believed up to this.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);

impl Slot {
    fn is_opening(&self, id: Id) -> bool {
        matches!(self.next, Next::Opening(opening, _) if opening == id)
    }

    fn has(&self, id: Id) -> bool {
        self.is_opening(id) || self.established.as_ref().is_some_and(|standing| standing.id == id)
    }

    /// Rests, longer with each failure, and as long as Slack asks.
    fn fail(&mut self, wait: Option<SignedDuration>, now: Timestamp, jitter: &dyn Fn() -> f64) {
        self.failures = self.failures.saturating_add(1);
        let rest = back_off(self.failures, jitter()).max(wait.unwrap_or_default());
        self.next = Next::Rest(now, now + rest.min(LONGEST_REST));
    }
}
