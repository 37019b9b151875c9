//! The simulated GitHub of a test: at its end nobody has tried to write anything to it.

use super::clock::Hands;
use sim::Clock;
use sim::github::SimGitHub;
use std::ops::Deref;

/// A simulated GitHub and its clock, for a client alone.
pub(crate) struct World {
    pub(crate) hands: Hands,
    pub(crate) sim: ReadOnly,
}

impl World {
    pub(crate) async fn new() -> Self {
        let hands = Hands::at_nine();
        let sim = ReadOnly::start(hands.world()).await;
        Self { hands, sim }
    }
}

/// A simulated GitHub that is only read. When it is dropped, a call that would have written something fails the
/// test.
pub(crate) struct ReadOnly(SimGitHub);

impl ReadOnly {
    pub(crate) async fn start(clock: Clock) -> Self {
        Self(SimGitHub::start(clock).await.expect("a port"))
    }
}

impl Deref for ReadOnly {
    type Target = SimGitHub;

    fn deref(&self) -> &SimGitHub {
        &self.0
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if !std::thread::panicking() {
            let writes = self.0.writes();
            assert!(writes.is_empty(), "something was written to GitHub: {writes:#?}");
        }
    }
}
