//! What the tests are run in: the real app in a simulated world.

pub(crate) mod bot;
pub(crate) mod clock;
pub(crate) mod fate;
pub(crate) mod fault_store;
pub(crate) mod github;
pub(crate) mod log;
pub(crate) mod look;
pub(crate) mod process;
