//! What to answer within three seconds: `handle(inbound, sender, facts, now)`.
//!
//! Pure, like `decide`. It never waits for Jules: where a cached list does not settle which
//! repository is meant, the task is stored and Jules is asked afterwards.

mod accept;
mod bind;
mod handle;
mod start;
mod task_actions;
mod types;

use handle::click;
pub use handle::{handle, listing};
pub use start::target;
pub use task_actions::is_aside;
pub use types::{
    Answer, BindRequest, Facts, FollowUp, Inbound, Reply, Sender, Write, WrittenReply,
};
