//! What a task may have to do outside, what each of these needs, and how it may end.

use super::progress::{PlanStatus, SessionResult};
use super::user_message::UserMessage;
use super::{Card, ReplyTo, Resolved, SessionRef};
use crate::domain::fault::Fault;
use crate::domain::ids::{ChannelId, MessageTs, PlanId, UserId};
use crate::domain::say::Say;
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
    /// Tell the author something in private, once.
    Whisper(Say),
    /// Give up the place in line.
    LeaveQueue,
    /// Make the task findable by its thread, its channel and its author.
    Index,
    /// Have the session watched, and soon: a person did something.
    Follow,
    /// Say a milestone in the thread.
    Say(Say),
    /// Draw a plan's message as it should look now.
    RedrawPlan(PlanId),
    /// Put an emoji on a message.
    React {
        /// The message.
        ts: MessageTs,
        /// The emoji's name.
        emoji: String,
    },
    /// Say something to Jules.
    Send(UserMessage),
    /// Approve this plan.
    Approve(PlanId),
    /// Archive the session: the nearest thing to a stop.
    Archive,
    /// Ask Jules about the end: the pull request, and what changed.
    FetchResult,
    /// Tell one person something in private, once.
    Tell {
        /// Whom.
        to: UserId,
        /// Where they can be answered.
        reply: Option<ReplyTo>,
        /// What.
        say: Say,
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

impl Effect {
    pub(super) fn lane(&self) -> Option<Lane> {
        match self {
            Self::PostLink | Self::Say(_) => Some(Lane::Thread),
            Self::Send(_) | Self::Approve(_) | Self::Archive => Some(Lane::Jules),
            Self::Resolve
            | Self::PostCard
            | Self::Redraw
            | Self::CreateSession
            | Self::Whisper(_)
            | Self::LeaveQueue
            | Self::Index
            | Self::Follow
            | Self::RedrawPlan(_)
            | Self::React { .. }
            | Self::FetchResult
            | Self::Tell { .. }
            | Self::RefreshElapsed => None,
        }
    }

    /// Whether it writes in the task's channel.
    pub(super) fn is_in_channel(&self) -> bool {
        match self {
            Self::PostLink | Self::Say(_) | Self::Redraw | Self::RedrawPlan(_) => true,
            Self::Resolve
            | Self::PostCard
            | Self::CreateSession
            | Self::Whisper(_)
            | Self::LeaveQueue
            | Self::Index
            | Self::Follow
            | Self::React { .. }
            | Self::Send(_)
            | Self::Approve(_)
            | Self::Archive
            | Self::FetchResult
            | Self::Tell { .. }
            | Self::RefreshElapsed => false,
        }
    }

    /// Whether it makes no sense before there is a session.
    pub(super) fn needs_session(&self) -> bool {
        match self {
            Self::Send(_) | Self::Approve(_) | Self::Archive | Self::FetchResult | Self::Follow => {
                true
            }
            Self::Resolve
            | Self::PostCard
            | Self::Redraw
            | Self::CreateSession
            | Self::PostLink
            | Self::Whisper(_)
            | Self::LeaveQueue
            | Self::Index
            | Self::Say(_)
            | Self::RedrawPlan(_)
            | Self::React { .. }
            | Self::Tell { .. }
            | Self::RefreshElapsed => false,
        }
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::PostCard => "post_card",
            Self::Redraw => "redraw",
            Self::CreateSession => "create_session",
            Self::PostLink => "post_link",
            Self::Whisper(_) => "whisper",
            Self::LeaveQueue => "leave_queue",
            Self::Index => "index",
            Self::Follow => "follow",
            Self::Say(_) => "say",
            Self::RedrawPlan(_) => "redraw_plan",
            Self::React { .. } => "react",
            Self::Send(_) => "send",
            Self::Approve(_) => "approve",
            Self::Archive => "archive",
            Self::FetchResult => "fetch_result",
            Self::Tell { .. } => "tell",
            Self::RefreshElapsed => "refresh_elapsed",
        }
    }

    /// How long doing it may take.
    pub(super) fn limit(&self) -> Duration {
        match self {
            Self::Resolve => LISTING,
            Self::CreateSession => Duration::from_secs(45),
            Self::Send(_) | Self::Approve(_) | Self::FetchResult => Duration::from_secs(90),
            Self::Archive => Duration::from_secs(45),
            Self::PostCard | Self::PostLink | Self::Say(_) => Duration::from_secs(20),
            Self::Redraw
            | Self::RedrawPlan(_)
            | Self::React { .. }
            | Self::Whisper(_)
            | Self::Tell { .. }
            | Self::Index
            | Self::Follow
            | Self::RefreshElapsed
            | Self::LeaveQueue => Duration::from_secs(15),
        }
    }

    /// The waits between looks that find nothing. When they are used up, it was not done.
    /// How soon Jules lists a new session is not known (jules-api.md §9.4), hence about a minute.
    pub(super) fn lookup_delays(&self) -> &'static [u32] {
        match self {
            Self::CreateSession => &[3, 7, 15, 30],
            Self::PostCard | Self::PostLink | Self::Say(_) => &[2, 8],
            Self::Send(_) => &[3, 7, 15],
            Self::Resolve
            | Self::Redraw
            | Self::Whisper(_)
            | Self::LeaveQueue
            | Self::Index
            | Self::Follow
            | Self::RedrawPlan(_)
            | Self::React { .. }
            | Self::Approve(_)
            | Self::Archive
            | Self::FetchResult
            | Self::Tell { .. }
            | Self::RefreshElapsed => &[],
        }
    }

    /// Whether it can be told if an earlier attempt succeeded.
    #[must_use]
    pub fn is_findable(&self) -> bool {
        !self.lookup_delays().is_empty()
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The repository and branch were looked up.
    Resolved(Resolved),
    /// The message is in Slack, posted now or found.
    Posted(MessageTs),
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

impl Outcome {
    /// Whether it stays true whatever others did meanwhile. How an attempt failed says nothing about
    /// another one that somebody else began since.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Resolved(_)
            | Self::Posted(_)
            | Self::Drawn(_)
            | Self::Created(..)
            | Self::PlanShown(..)
            | Self::PlanDrawn(_)
            | Self::Sent
            | Self::Approved
            | Self::NotApproved(_)
            | Self::ResultFetched(_)
            | Self::Moved(_)
            | Self::Done => true,
            Self::InQueue(_) | Self::Reserved(_) | Self::NotFound | Self::Failed(_) => false,
        }
    }
}
