//! Socket Mode: Slack delivers over connections that we open, so no public address is needed.
//! [Slack: using Socket Mode]
//!
//! Two connections stand at any time; Slack gives each delivery to one of them. [`supervisor`] is the part
//! that decides: a pure machine that is told what happened and at what time, and gives orders. The
//! rest carries them out: `run` holds the connections, `connection` is the life of one, `dial` opens
//! it, [`frame`] reads and writes what goes over it.
//!
//! A frame is taken as a request over HTTP is: the engine's `receive` stores it, with one write, and
//! then it is acknowledged; the work comes after. So what could not be stored is not acknowledged,
//! and Slack sends the event again, or tells the person.

mod connection;
mod dial;
pub mod frame;
mod run;
mod status;
pub mod supervisor;

pub(crate) use run::jitter;
pub use run::{Dice, Socket, Timeouts, ticks};
pub use status::{State, Status};

/// The largest frame whose delivery is taken, in bytes; of a larger one its author is told. A message of 39,000
/// characters, which anyone may post, comes to over 256 KiB with its copy in `blocks`, so the limit is
/// well above that.
pub const LARGEST_FRAME: usize = 4 * 1024 * 1024;

/// The largest frame that is read at all, to be acknowledged at least; a larger one ends the connection.
pub const LARGEST_READ: usize = 4 * LARGEST_FRAME;
