//! A clock that stands until it is moved.

use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use std::sync::{Arc, Mutex};

/// Shared by the bot and both simulations, so that they agree.
#[derive(Clone)]
pub(crate) struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    /// A working day's morning.
    pub(crate) fn at_nine() -> Self {
        let nine = "2026-11-24T09:00:00Z".parse().expect("a time");
        Self(Arc::new(Mutex::new(nine)))
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }

    pub(crate) fn forward(&self, by: SignedDuration) {
        *self.0.lock().expect("not poisoned") += by;
    }

    /// Forward to this time; never back.
    pub(crate) fn forward_to(&self, at: Timestamp) {
        let mut now = self.0.lock().expect("not poisoned");
        *now = at.max(*now);
    }

    /// As the program takes it.
    pub(crate) fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }
}
