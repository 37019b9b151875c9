//! What the server and the handles of tests both hold.

use super::call::Call;
use super::fault::{Fault, Faults};
use super::model::World;
use crate::Clock;
use jiff::Timestamp;
use platform::lock::lock;
use std::sync::Mutex;

/// The simulation behind its locks. None is held while anything is awaited, and no two at once.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) world: Mutex<World>,
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) faults: Mutex<Faults>,
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, world: Mutex::default(), calls: Mutex::default(), faults: Mutex::default() }
    }

    /// The service's own time: the clock, ahead or behind by the set skew.
    pub(super) fn now(&self) -> Timestamp {
        let skew = lock(&self.world).skew;
        let now = (self.clock)();
        now.checked_add(skew).unwrap_or(now)
    }

    /// The fault for a call, if any: the gate is asked first.
    pub(super) fn fault_for(&self, call: &Call) -> Option<Fault> {
        // Cloned out, so that a gate may arm faults itself.
        let gate = lock(&self.faults).gate.clone();
        gate.and_then(|gate| gate(call)).or_else(|| lock(&self.faults).strike(call))
    }
}
