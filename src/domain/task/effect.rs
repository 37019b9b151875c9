//! What a task may have to do outside, what each of these needs, and how it may end.

use super::progress::{PlanStatus, SessionResult};
use super::user_message::UserMessage;
use super::{Card, ReplyTo, Resolved, SessionRef};
use crate::domain::fault::Fault;
use crate::domain::ids::{ChannelId, MessageTs, PlanId, UserId};
use crate::domain::message::{Notice, Post};
use crate::domain::session::SessionState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A page of a long list of sessions or sources may take minutes (jules-api.md §1.5).
pub(super) const LISTING: Duration = Duration::from_secs(150);

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Ask Jules which repository and branch are meant.
    Resolve,
    /// Post the card, the root of the thread.
    PostCard,
    /// Draw the card as it should look now.
    Redraw,
    /// Create the session at Jules.
    CreateSession,
    /// Say the session's link, as the first reply in the thread.
    PostLink,
    /// Give up the place in line.
    LeaveQueue,
    /// Make the task findable by its thread, its channel and its author.
    Index,
    /// Have the session watched, and soon: a person did something.
    Follow,
    /// Say something in the thread.
    Post(Post),
    /// Draw a plan's message as it should look now.
    RedrawPlan(PlanId),
    /// Put an emoji on a message.
    React {
        /// The message.
        ts: MessageTs,
        /// The emoji's name.
        emoji: String,
    },
    /// Remove a message that Slack posted in the channel instead of the thread.
    TakeBack(MessageTs),
    /// Tell the task that this one is a retry of where this one is.
    LinkRetry,
    /// Say something to Jules.
    Send(UserMessage),
    /// Approve this plan.
    Approve(PlanId),
    /// Archive the session: the nearest thing to a stop.
    Archive,
    /// Ask Jules about the end: the pull request, and what changed.
    FetchResult,
    /// Tell one person something in private, once: in the channel if that can be, else in the app's
    /// own conversation with them.
    Ephemeral {
        /// Whom.
        to: UserId,
        /// Where they can be answered.
        reply: Option<ReplyTo>,
        /// What.
        notice: Notice,
    },
    /// Look at the clock: the card shows how long it takes.
    RefreshElapsed,
}

/// What has to happen in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// What is said in the thread.
    Thread,
    /// What is said to Jules.
    Jules,
}

/// Where an effect does its work: who is down when no answer comes in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Slack, at the card or in its thread: nothing to do there once the card is gone.
    Thread,
    /// Slack, anywhere else.
    Slack,
    /// Jules.
    Jules,
    /// Our own store, or nowhere.
    Store,
}

/// What the machinery has to know of an effect: the row of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectSpec {
    /// A short name for logs and metrics.
    pub kind: &'static str,
    /// Where it does its work.
    pub destination: Destination,
    /// What it has to wait its turn among, if anything.
    pub(super) lane: Option<Lane>,
    /// It makes no sense before there is a session.
    pub(super) needs_session: bool,
    /// How long doing it may take.
    pub(super) limit: Duration,
    /// The waits between lookups that find nothing, in seconds. When they are used up, it was not
    /// done. Empty for what cannot be looked up.
    pub(super) lookup_delays: &'static [u32],
}

impl EffectSpec {
    /// A row with what most effects have: no lane, no session, no lookup.
    const fn new(kind: &'static str, destination: Destination, seconds: u64) -> Self {
        Self {
            kind,
            destination,
            lane: None,
            needs_session: false,
            limit: Duration::from_secs(seconds),
            lookup_delays: &[],
        }
    }

    /// A row for a message in the thread.
    const fn in_thread(kind: &'static str) -> Self {
        let row = Self::new(kind, Destination::Thread, 20);
        Self { lane: Some(Lane::Thread), lookup_delays: MESSAGE_LOOKUPS, ..row }
    }

    /// A row for what is said to a session.
    const fn to_session(kind: &'static str, seconds: u64) -> Self {
        let row = Self::new(kind, Destination::Jules, seconds);
        Self { lane: Some(Lane::Jules), needs_session: true, ..row }
    }

    /// Whether it can be told if an earlier attempt succeeded.
    #[must_use]
    pub fn is_findable(&self) -> bool {
        !self.lookup_delays.is_empty()
    }
}

/// A message is in Slack's history at once.
const MESSAGE_LOOKUPS: &[u32] = &[2, 8];
/// How soon Jules lists a new session is not known (jules-api.md §9.4), hence about a minute.
const SESSION_LOOKUPS: &[u32] = &[3, 7, 15, 30];
const USER_MESSAGE_LOOKUPS: &[u32] = &[3, 7, 15];

impl Effect {
    /// The one table of effects.
    #[must_use]
    pub fn spec(&self) -> EffectSpec {
        use Destination::{Jules, Slack, Store, Thread};
        match self {
            Self::Resolve => EffectSpec::new("resolve", Jules, LISTING.as_secs()),
            Self::PostCard => EffectSpec {
                lookup_delays: MESSAGE_LOOKUPS,
                ..EffectSpec::new("post_card", Slack, 20)
            },
            Self::Redraw => EffectSpec::new("redraw", Thread, 15),
            Self::CreateSession => EffectSpec {
                lookup_delays: SESSION_LOOKUPS,
                ..EffectSpec::new("create_session", Jules, 45)
            },
            Self::PostLink => EffectSpec::in_thread("post_link"),
            Self::LeaveQueue => EffectSpec::new("leave_queue", Store, 15),
            Self::Index => EffectSpec::new("index", Store, 15),
            Self::Follow => {
                EffectSpec { needs_session: true, ..EffectSpec::new("follow", Store, 15) }
            }
            Self::Post(_) => EffectSpec::in_thread("post"),
            Self::RedrawPlan(_) => EffectSpec::new("redraw_plan", Thread, 15),
            Self::React { .. } => EffectSpec::new("react", Slack, 15),
            Self::TakeBack(_) => EffectSpec::new("take_back", Slack, 15),
            Self::LinkRetry => EffectSpec::new("link_retry", Store, 15),
            Self::Send(_) => EffectSpec {
                lookup_delays: USER_MESSAGE_LOOKUPS,
                ..EffectSpec::to_session("send", 90)
            },
            Self::Approve(_) => EffectSpec::to_session("approve", 90),
            Self::Archive => EffectSpec::to_session("archive", 45),
            Self::FetchResult => {
                EffectSpec { needs_session: true, ..EffectSpec::new("fetch_result", Jules, 90) }
            }
            Self::Ephemeral { .. } => EffectSpec::new("ephemeral", Slack, 15),
            Self::RefreshElapsed => EffectSpec::new("refresh_elapsed", Store, 15),
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The repository and branch were looked up.
    Resolved(Resolved),
    /// The message is in Slack, posted now or found.
    Posted(MessageTs),
    /// The message is in the channel instead of the thread, whose root is gone.
    PostedOutside(MessageTs),
    /// The card looks like this now.
    Drawn(Box<Card>),
    /// The session exists, created now or found.
    Created(SessionRef, SessionState),
    /// Others wait for a slot before this one; its place, counted from 1.
    InQueue(u32),
    /// A plan is in the thread, and shows this of what became of it; `None` when it was found.
    PlanShown(MessageTs, Option<PlanStatus>),
    /// A plan's message shows this now.
    PlanDrawn(PlanStatus),
    /// Jules has the message; or it was found there.
    Sent,
    /// The plan is approved.
    Approved,
    /// The plan was not approved: there is nothing to approve, or not this one.
    NotApproved(NotApproved),
    /// What Jules says about the end.
    ResultFetched(Box<SessionResult>),
    /// Not before this time: Slack's limit of edits.
    Reserved(Timestamp),
    /// The channel has another id now.
    Moved(ChannelId),
    /// Done, and nothing more to say about it.
    Done,
    /// A look found nothing.
    NotFound,
    /// It failed.
    Failed(Fault),
}

/// Why a plan was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApproved {
    /// There is a newer plan.
    Newer,
    /// Jules does not wait for an approval.
    NotAwaited,
}

/// What the machinery has to know of an outcome: the row of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeSpec {
    /// A short name for logs and metrics.
    pub result: &'static str,
    /// It stays true whatever others did meanwhile. How an attempt failed says nothing about another
    /// one that somebody else began since.
    pub lasts: bool,
    /// Something was posted or done by this very attempt.
    pub(super) did_it: bool,
}

impl OutcomeSpec {
    /// What was to be done is done.
    const DONE: Self = Self { result: "done", lasts: true, did_it: true };

    /// It is not, for now.
    const fn not_done(result: &'static str) -> Self {
        Self { result, lasts: false, did_it: false }
    }
}

impl Outcome {
    /// The one table of outcomes.
    #[must_use]
    pub fn spec(&self) -> OutcomeSpec {
        const DONE: OutcomeSpec = OutcomeSpec::DONE;
        match self {
            Self::Resolved(_) => DONE,
            Self::Posted(_) => DONE,
            Self::PostedOutside(_) => OutcomeSpec { result: "outside", ..DONE },
            Self::Drawn(_) => DONE,
            Self::Created(..) => DONE,
            Self::InQueue(_) => OutcomeSpec::not_done("in_line"),
            Self::PlanShown(..) => DONE,
            Self::PlanDrawn(_) => DONE,
            Self::Sent => DONE,
            Self::Approved => DONE,
            Self::NotApproved(_) => OutcomeSpec { result: "not_approved", ..DONE },
            Self::ResultFetched(_) => DONE,
            Self::Reserved(_) => OutcomeSpec::not_done("booked"),
            Self::Moved(_) => OutcomeSpec { result: "moved", did_it: false, ..DONE },
            Self::Done => DONE,
            Self::NotFound => OutcomeSpec::not_done("not_found"),
            Self::Failed(fault) => OutcomeSpec::not_done(fault.name()),
        }
    }
}
