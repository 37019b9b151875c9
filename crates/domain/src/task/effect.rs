//! What a task may have to do outside, what each of these needs, and how it may end.

use super::entrance::{Beside, Hears, IssueRead, Material};
use super::followed::{Adoption, SessionSearch};
use super::progress::{DmState, PlanStatus, SessionResult};
use super::pull_life::KeptBack;
use super::user_message::{FileRef, LeftOut, UserMessage};
use super::{Card, ReplyTo, SessionRef};
use crate::fault::{Cause, Fault};
use crate::ids::{ChannelId, MessageTs, PlanId, UserId};
use crate::message::{Notice, Post};
use crate::meter::Reservation;
use crate::policy::Refusal;
use crate::pull::PullRef;
use crate::queue::Standing;
use crate::repo::{Candidate, Resolved};
use crate::session::SessionState;
use crate::tenant::AccountRef;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A page of a long list of sessions may take minutes (jules-api.md §1.5).
pub(super) const LISTING: Duration = Duration::from_secs(150);

/// A list of thousands of sources takes minutes, some seconds for each hundred. Where it takes longer the next
/// attempt goes on from there.
const SOURCES: Duration = Duration::from_secs(300);

/// One message: a call, which Slack's client gives up after ten seconds, and two seconds for the store before it.
/// What a dead process had begun to post is repeated only after as long.
const MESSAGE: u64 = 12;

/// How long one search for a message in Slack may take: the pages of a busy channel, one after the other.
pub const MESSAGE_SEARCH: Duration = Duration::from_secs(15);

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Ask Jules which repository and branch are meant.
    Resolve,
    /// Look for the session that someone wants to follow.
    FindSession,
    /// Tie that session to this task.
    AdoptSession,
    /// Look which repositories the author may mean, and ask.
    Suggest,
    /// Forget a draft that nobody completed, and say so.
    Expire,
    /// Read in Slack what goes along with the task.
    ReadMaterial,
    /// Read the GitHub issue that the task is about.
    ReadIssue(PullRef),
    /// Forget that again, some time after the task ended.
    ForgetMaterial,
    /// Post the card: the root of a thread, or a reply in the thread that the task was asked for in.
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
    Post {
        /// What.
        post: Post,
        /// Whom it mentions first, so that Slack notifies them.
        ping: Option<UserId>,
    },
    /// Post a direct message to the author, by its number.
    PostDm(u32),
    /// Draw a direct message as it should look now.
    RedrawDm(u32),
    /// Notify the author again if they were waited for long enough. That depends on their time zone.
    Remind,
    /// Put a plan into the thread as a file.
    SharePlan(PlanId),
    /// Draw a plan's message as it should look now.
    RedrawPlan(PlanId),
    /// Put an emoji on a message.
    React {
        /// The message.
        ts: MessageTs,
        /// The emoji's name.
        emoji: String,
    },
    /// Take an emoji of ours off a message.
    Unreact {
        /// The message.
        ts: MessageTs,
        /// The emoji's name.
        emoji: String,
    },
    /// Have the newest pull request watched on GitHub.
    WatchPull,
    /// Remove a message that Slack posted in the channel instead of the thread.
    TakeBack(MessageTs),
    /// Tell the task that this one is a retry of where this one is.
    LinkRetry,
    /// Tell the task whose session this one took over where it is now.
    LinkMoved,
    /// Tell the task in whose thread this one was asked for where this one is.
    LinkBeside,
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

/// Whose time and room an effect takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Slack's.
    Slack,
    /// Jules'.
    Jules,
    /// Our own store's.
    Store,
}

impl Api {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Slack, Self::Jules, Self::Store];
}

impl Destination {
    /// The API that does the work.
    #[must_use]
    pub fn api(self) -> Api {
        match self {
            Self::Thread | Self::Slack => Api::Slack,
            Self::Jules => Api::Jules,
            Self::Store => Api::Store,
        }
    }
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
    /// Doing it twice, or while another process may be doing it, changes nothing.
    pub is_repeatable: bool,
    /// The waits after lookups that are answered in a way that tells nothing (a page that can't be read,
    /// a scope that is missing), in seconds. When they are used up, it is decided without.
    pub(super) unclear_delays: &'static [u32],
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
            is_repeatable: false,
            unclear_delays: &[],
        }
    }

    /// A row for what only reads, or comes to the same however often it is done.
    const fn repeatable(kind: &'static str, destination: Destination, seconds: u64) -> Self {
        Self { is_repeatable: true, ..Self::new(kind, destination, seconds) }
    }

    /// The same row for what can be looked up, after these waits.
    const fn findable(self, lookup_delays: &'static [u32]) -> Self {
        Self { lookup_delays, unclear_delays: UNCLEAR_LOOKUPS, ..self }
    }

    /// A row for a message in the thread.
    const fn in_thread(kind: &'static str) -> Self {
        let row = Self::new(kind, Destination::Thread, MESSAGE);
        Self { lane: Some(Lane::Thread), ..row }.findable(MESSAGE_LOOKUPS)
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
/// A file is in the thread a little later: Slack puts it there after it has answered. (Slack:
/// files.completeUploadExternal)
const FILE_LOOKUPS: &[u32] = &[2, 8, 20];
/// How soon Jules lists a new session is not known (jules-api.md §9.4), hence about a minute: a quarter longer than
/// this at most.
const SESSION_LOOKUPS: &[u32] = &[3, 7, 15, 22];
const USER_MESSAGE_LOOKUPS: &[u32] = &[3, 7, 15];
/// The same question may get the same answer for good, so two minutes of it are enough: long enough for
/// an operator's mistake that is noticed at once, and for a proxy's page in place of an answer.
const UNCLEAR_LOOKUPS: &[u32] = &[2, 8, 30, 60];

impl Effect {
    /// The one table of effects.
    #[must_use]
    pub fn spec(&self) -> EffectSpec {
        use Destination::{Jules, Slack, Store, Thread};
        match self {
            Self::Resolve => EffectSpec::repeatable("resolve", Jules, SOURCES.as_secs()),
            Self::FindSession => EffectSpec::repeatable("find_session", Jules, 120),
            Self::AdoptSession => EffectSpec::repeatable("adopt_session", Store, 15),
            Self::Suggest => EffectSpec::repeatable("suggest", Jules, SOURCES.as_secs()),
            Self::Expire => EffectSpec::repeatable("expire", Store, 15),
            Self::ReadMaterial => EffectSpec::repeatable("read_material", Slack, 60),
            Self::ReadIssue(_) => EffectSpec::repeatable("read_issue", Store, 60),
            Self::ForgetMaterial => EffectSpec::repeatable("forget_material", Store, 15),
            Self::PostCard => {
                EffectSpec::new("post_card", Slack, MESSAGE).findable(MESSAGE_LOOKUPS)
            }
            Self::Redraw => EffectSpec::new("redraw", Thread, 15),
            Self::CreateSession => {
                EffectSpec::new("create_session", Jules, 45).findable(SESSION_LOOKUPS)
            }
            Self::PostLink => EffectSpec::in_thread("post_link"),
            Self::LeaveQueue => EffectSpec::repeatable("leave_queue", Store, 15),
            Self::Index => EffectSpec::repeatable("index", Store, 15),
            Self::Follow => {
                EffectSpec { needs_session: true, ..EffectSpec::repeatable("follow", Store, 15) }
            }
            Self::Post { .. } => EffectSpec::in_thread("post"),
            Self::SharePlan(_) => EffectSpec {
                limit: Duration::from_secs(45),
                ..EffectSpec::in_thread("share_plan").findable(FILE_LOOKUPS)
            },
            Self::PostDm(_) => EffectSpec::new("post_dm", Slack, 20).findable(MESSAGE_LOOKUPS),
            Self::RedrawDm(_) => EffectSpec::new("redraw_dm", Slack, 15),
            Self::Remind => EffectSpec::repeatable("remind", Slack, 15),
            Self::RedrawPlan(_) => EffectSpec::new("redraw_plan", Thread, 15),
            Self::React { .. } => EffectSpec::repeatable("react", Slack, 15),
            Self::Unreact { .. } => EffectSpec::repeatable("unreact", Slack, 15),
            Self::WatchPull => EffectSpec::repeatable("watch_pull", Store, 15),
            Self::TakeBack(_) => EffectSpec::repeatable("take_back", Slack, 15),
            Self::LinkRetry => EffectSpec::repeatable("link_retry", Store, 15),
            Self::LinkMoved => EffectSpec::repeatable("link_moved", Store, 15),
            Self::LinkBeside => EffectSpec::repeatable("link_beside", Store, 15),
            Self::Send(_) => EffectSpec::to_session("send", 90).findable(USER_MESSAGE_LOOKUPS),
            Self::Approve(_) => EffectSpec::to_session("approve", 90),
            Self::Archive => {
                EffectSpec { is_repeatable: true, ..EffectSpec::to_session("archive", 45) }
            }
            // The session may take a minute, the patch has its own limit, and GitHub may take 20 s.
            Self::FetchResult => EffectSpec {
                needs_session: true,
                ..EffectSpec::repeatable("fetch_result", Jules, 120)
            },
            // Repeated once, if someone is owed it, where it may have been said.
            Self::Ephemeral { .. } => EffectSpec::repeatable("ephemeral", Slack, 15),
            Self::RefreshElapsed => EffectSpec::repeatable("refresh_elapsed", Store, 15),
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The repository and branch were looked up, and this account has them.
    Resolved(Resolved, AccountRef),
    /// A rule keeps the task from beginning on its repository.
    NotPermitted(Box<Refusal>),
    /// The session that someone wants to follow was looked for, and this account has it.
    SessionFound(SessionSearch, AccountRef),
    /// Whose that session is by now.
    Adopted(Adoption),
    /// These repositories may be meant.
    Suggested {
        /// The likeliest first.
        candidates: Vec<Candidate>,
        /// How many are connected.
        total: usize,
    },
    /// What goes along was read, as far as it can be.
    MaterialRead(Box<MaterialRead>),
    /// The issue was read, as far as it can be.
    IssueRead(Box<IssueRead>),
    /// What belongs to a reply was read.
    ReplyRead(Box<ReplyRead>),
    /// The thread that the card was to go to belongs to another task by now.
    ThreadTaken(Beside),
    /// The message is in Slack, posted now or found.
    Posted(MessageTs),
    /// The card is in Slack, and shows where the task stands in line, if it is in one.
    CardPosted(MessageTs, Option<Standing>),
    /// The message is in the channel instead of the thread, whose root is gone.
    PostedOutside(MessageTs),
    /// The card looks like this now.
    Drawn(Box<Card>),
    /// The session exists, created now or found.
    Created(SessionRef, SessionState),
    /// Jules refused it, or it is not its turn to ask: where it stands in line.
    InQueue(Standing),
    /// A part of a plan is in the thread.
    PlanShown {
        /// Its message.
        ts: MessageTs,
        /// What the last part shows of what became of the plan; `None` when it was found.
        drawn: Option<PlanStatus>,
        /// How many parts there are.
        parts: u32,
    },
    /// A plan takes too many messages; none was posted.
    PlanTooLong,
    /// A plan is in the thread as a file.
    PlanShared,
    /// A plan's message shows this now.
    PlanDrawn(PlanStatus),
    /// A direct message is there, and shows this; `None` when it was found.
    DmShown(ChannelId, MessageTs, Option<DmState>),
    /// A direct message shows this now.
    DmDrawn(DmState),
    /// How many seconds the author's clock is ahead of UTC, if Slack says so.
    TimeZone(Option<i32>),
    /// Jules has the message, or it was found there; without these files.
    Sent(Vec<LeftOut>),
    /// It may overwrite people's work, so it wasn't sent.
    KeptBack(Box<KeptBack>),
    /// Nobody can see whether it may overwrite people's work, so it wasn't sent before someone is told that.
    Unguarded,
    /// The plan is approved.
    Approved,
    /// The plan was not approved: there is nothing to approve, or not this one.
    NotApproved(NotApproved),
    /// What Jules says about the end.
    ResultFetched(Box<SessionResult>),
    /// Not now: Slack's limit of edits, or of messages in the channel.
    Reserved(Reservation),
    /// The channel has another id now.
    Moved(ChannelId),
    /// Done, and nothing more to say about it.
    Done,
    /// A look found nothing.
    NotFound,
    /// A look was answered, and the answer doesn't tell.
    Unclear(Cause),
    /// It failed.
    Failed(Fault),
}

/// What was read that goes along with a task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaterialRead {
    /// What goes along.
    pub material: Material,
    /// Whose replies are heard, by who had written in the thread before.
    pub hears: Hears,
    /// The first line of the thread's first message.
    pub first_line: Option<String>,
    /// The files that do not go along.
    pub left_out: Vec<LeftOut>,
}

/// What was read that belongs to a reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplyRead {
    /// What is attached to it.
    pub files: Vec<FileRef>,
    /// What was written in the thread since something was last said to Jules, as Jules gets it.
    pub since: Option<String>,
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
    /// one that someone else began since.
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
    /// What was in the way, if something was.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Failed(fault) => Some(fault.cause()),
            Self::Unclear(cause) => Some(cause),
            _ => None,
        }
    }

    /// The one table of outcomes.
    #[must_use]
    pub fn spec(&self) -> OutcomeSpec {
        const DONE: OutcomeSpec = OutcomeSpec::DONE;
        match self {
            Self::Resolved(..) => DONE,
            Self::NotPermitted(_) => OutcomeSpec { result: "not_permitted", ..DONE },
            Self::SessionFound(..) => DONE,
            Self::Adopted(_) => DONE,
            Self::Suggested { .. } => DONE,
            Self::MaterialRead(_) => DONE,
            Self::IssueRead(_) => DONE,
            Self::ReplyRead(_) => OutcomeSpec { result: "read", did_it: false, ..DONE },
            Self::ThreadTaken(_) => OutcomeSpec { result: "thread_taken", did_it: false, ..DONE },
            Self::Posted(_) => DONE,
            Self::CardPosted(..) => DONE,
            Self::PostedOutside(_) => OutcomeSpec { result: "outside", ..DONE },
            Self::Drawn(_) => DONE,
            Self::Created(..) => DONE,
            Self::InQueue(_) => OutcomeSpec::not_done("in_line"),
            Self::PlanShown { .. } => DONE,
            Self::PlanTooLong => OutcomeSpec { result: "too_long", did_it: false, ..DONE },
            Self::PlanShared => DONE,
            Self::PlanDrawn(_) => DONE,
            Self::DmShown(..) => DONE,
            Self::DmDrawn(_) => DONE,
            Self::TimeZone(_) => DONE,
            Self::Sent(_) => DONE,
            Self::KeptBack(_) => OutcomeSpec::not_done("kept_back"),
            Self::Unguarded => OutcomeSpec::not_done("unguarded"),
            Self::Approved => DONE,
            Self::NotApproved(_) => OutcomeSpec { result: "not_approved", ..DONE },
            Self::ResultFetched(_) => DONE,
            Self::Reserved(_) => OutcomeSpec::not_done("booked"),
            Self::Moved(_) => OutcomeSpec { result: "moved", did_it: false, ..DONE },
            Self::Done => DONE,
            Self::NotFound => OutcomeSpec::not_done("not_found"),
            Self::Unclear(_) => OutcomeSpec::not_done("unclear"),
            Self::Failed(fault) => OutcomeSpec::not_done(fault.name()),
        }
    }
}
