//! A task: one request from Slack, one thread, one Jules session, one stored document.
//!
//! [`Task`] is the document, [`Input`] whatever happens to it, [`Effect`] what is still to be done
//! and [`decide`] the only thing that changes it. `decide` is pure, so any replica may apply any
//! input at any time; the store's compare-and-set puts the applications in one order.

mod decide;
mod face;
mod outbox;
mod types;

pub use decide::decide;
pub use face::{Card, Standing};
pub use outbox::{Attempt, Effect, Outcome, Todo};
pub use types::{
    Fit, Input, Phase, ReplyTo, Resolved, SessionRef, Start, Target, Task, Why, mark_of,
};
