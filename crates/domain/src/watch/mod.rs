//! Which sessions are looked at next, and how often: cadence and budget.
//!
//! What is known of a session is a small document of its own, and says itself when it is looked at; what
//! an account's sessions share is another. One page of the account's sessions answers for all of them at
//! once; activities are read only where something moved. So the cost grows with accounts and with what
//! happens, not with how many tasks are open. Everything here is pure; the engine asks Jules and stores
//! the result.

mod account;
mod session;

pub use account::{AccountTrouble, Usage, Watch};
pub use session::{FARTHEST, Snapshot, WatchedSession};
