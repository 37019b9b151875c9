//! Whom something is for and who asked for it: the values that travel with everything.

mod actor;
mod identity;
mod who;

pub use actor::{Actor, Role};
pub use identity::{Home, Identity};
pub use who::Who;
