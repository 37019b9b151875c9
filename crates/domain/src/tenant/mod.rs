//! Whom something is for and who asked for it: the values that travel with everything.

mod actor;
mod installation;
mod who;

pub use actor::{Actor, Role};
pub use installation::{Home, Installation};
pub use who::Who;
