//! A clock that stands until it is moved.

use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use std::sync::{Arc, Mutex, MutexGuard};

/// Shared by the bot and the simulations, so that they agree, unless the bot's clock is set wrong.
#[derive(Clone)]
pub(crate) struct Hands(Arc<Mutex<Times>>);

/// Read and moved together: nobody ever sees one of them alone.
#[derive(Clone, Copy)]
struct Times {
    world: Timestamp,
    /// How far the bot's clock is ahead of the others.
    ahead: SignedDuration,
}

impl Hands {
    /// A working day's morning.
    pub(crate) fn at_nine() -> Self {
        let world = "2026-11-24T09:00:00Z".parse().expect("a time");
        Self(Arc::new(Mutex::new(Times { world, ahead: SignedDuration::ZERO })))
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().expect("not poisoned")
    }

    /// What the bot's clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        let Times { world, ahead } = *self.times();
        world + ahead
    }

    pub(crate) fn forward(&self, by: SignedDuration) {
        self.times().world += by;
    }

    /// Forward until the bot's clock shows this; never back.
    pub(crate) fn forward_to(&self, at: Timestamp) {
        let mut times = self.times();
        times.world = times.world.max(at - times.ahead);
    }

    /// From now on the bot's clock, and no other, is so far ahead.
    pub(crate) fn set_ahead(&self, by: SignedDuration) {
        self.times().ahead = by;
    }

    /// The bot's clock, as the program takes it.
    pub(crate) fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }

    /// Everyone else's.
    pub(crate) fn world(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.times().world)
    }
}
