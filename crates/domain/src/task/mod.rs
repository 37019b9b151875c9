//! A task: one request from Slack, one thread, one Jules session, one stored document.
//!
//! [`Task`] is the document, [`Input`] whatever happens to it, [`Effect`] what is still to be done
//! and [`decide`] the only thing that changes it. `decide` is pure, so any replica may apply any
//! input at any time; the store's compare-and-set puts the applications in one order.

mod asked;
mod card;
mod decide;
mod effect;
mod entrance;
mod followed;
mod outbox;
mod overview;
mod progress;
mod pull_life;
mod short_reply;
mod types;
mod user_message;

pub use card::{Card, CardStatus, StepAt};
pub use decide::decide;
pub use effect::{
    Api, Destination, Effect, EffectSpec, MESSAGE_SEARCH, MaterialRead, NotApproved, Outcome,
    OutcomeSpec, ReplyRead,
};
pub(crate) use entrance::BARE_PROMPT;
pub use entrance::{
    Beside, Entrance, Hears, IssueAlong, IssueClosed, IssueRead, LinkedPull, Material, Reads, Way,
};
pub use followed::{
    Adoption, DescribedSession, Followed, Handover, MovedTo, SessionSearch, ThreadHolder,
};
pub use outbox::{Attempt, Next, OutboxEntry};
pub use overview::{
    LeaseOverview, NotOperable, OperatorAct, STUCK, TaskOverview, TaskState, WaitingEffect,
};
pub use progress::{
    ChangesSent, Completion, DmRecord, DmState, PlanFile, PlanRecord, PlanStatus, Progress,
    PullRequestRecord, Retried, SessionResult, Waiting,
};
pub use pull_life::{
    ChecksFace, Held, KeptBack, OpenQuestion, PullFace, PullLife, PullLookup, PullTold,
};
pub use types::{
    Click, Input, MOST_CHOICES, Observation, Phase, ReplyKind, ReplyTo, RetryOf, SessionRef, Start,
    Task, ThreadReply,
};
pub use user_message::{
    FileRef, LARGEST_FILE, LeftOut, MOST_FILES, MessageOrigin, ReplyReads, UserMessage, WhyLeftOut,
    attached, fenced, fingerprint, left_out, left_out_unread, matches, not_passed_on, to_read,
};
