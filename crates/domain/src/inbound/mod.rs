//! What to answer within three seconds: `handle(inbound, actor, origin, facts, now)`.
//!
//! Pure, like `decide`. It never waits for Jules: where a cached list does not settle which
//! repository is meant, the task is stored and Jules is asked afterwards.

mod accept;
mod answer;
mod bind;
mod follow;
mod gate;
mod handle;
mod home;
mod key;
mod message;
mod pulls;
mod request;
mod settings;
mod shortcut;
mod start;
mod task_actions;
mod verb;

pub use answer::{
    Answer, BindRequest, Facts, FollowUp, KeyRequest, Reply, Response, SettingsChange, ThreadOf,
    UsableAccount, WhyHome, Write,
};
pub(crate) use gate::admit_write;
pub use gate::{Access, admit, over_cap};
use handle::Context;
pub use handle::{handle, listing};
pub use message::is_aside;
pub use request::{
    BindingOf, Forwarded, Inbound, Incoming, Needs, Origin, PickedRepository, Place,
    PointedMessage, ReplyRoute, Search, TaskOf, WorkspaceChange, WorkspaceEvent, WrittenMessage,
};
pub use verb::Verb;
