//! A task: one request from Slack, one thread, one Jules session, one stored document.
//!
//! [`Task`] is the document, [`Input`] whatever happens to it, [`Effect`] what is still to be done
//! and [`decide`] the only thing that changes it. `decide` is pure, so any replica may apply any
//! input at any time; the store's compare-and-set puts the applications in one order.

mod decide;
mod effect;
mod face;
mod letter;
mod life;
mod outbox;
mod short_reply;
mod types;

pub use decide::decide;
pub use effect::{Effect, NotApproved, Outcome};
pub use face::{Card, Standing, StepAt};
pub use letter::{FileRef, LARGEST_FILE, Letter, NUDGE, Occasion, comes_back, opening};
pub use life::{Conclusion, Ending, Life, PlanNote, PlanStanding};
pub use outbox::{Attempt, Todo};
pub use types::{
    Click, Fit, Input, Phase, ReplyTo, Resolved, SessionRef, Sighting, Start, Target, Task,
    ThreadReply, Why, mark_of,
};
