//! Pull requests as GitHub shows them, and what follows from that: what a thread is told, whether a message may
//! go to Jules, and when to look again.

mod facts;
mod guard;
mod rhythm;
mod watched;

pub use facts::{
    Checks, Commit, Conclusion, IssueFacts, IssueState, Login, Mergeable, PullFacts, PullRef,
    PullSight, PullState, Review, ReviewComment, Verdict,
};
pub use guard::{Branched, Guard, Risk, Shown, guard};
pub use rhythm::{FIRST_LOOK, next_look};
pub(crate) use rhythm::{FIXER_GRACE, awaits_review};
pub use watched::{NoSight, WatchedPull};
