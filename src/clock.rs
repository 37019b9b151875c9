//! The one clock. Decisions take `now` as an argument; whoever has to read it is given a [`Clock`].

use jiff::Timestamp;
use std::sync::Arc;

/// Tells the time. Tests and the simulations are given one that stands until it is moved.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    Arc::new(Timestamp::now)
}
