//! A task as the operator sees it: its state, what it waits for, and who works on it. Nothing that people or
//! Jules wrote is in it.

use super::effect::{Destination, Effect};
use super::{OutboxEntry, Phase, Task};
use crate::fault::Cause;
use crate::ids::{AccountId, ChannelId, MessageTs, SessionId, TaskId, TeamId, UserId};
use crate::lease::Lease;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What waits for longer is stuck, unless it waits for Jules' limits or for someone's own key. The alert
/// *JulesSlackStuck* has the same limit.
pub const STUCK: SignedDuration = SignedDuration::from_mins(15);

/// What the operator can do to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorAct {
    /// Try again at once what it waits for.
    Retry,
    /// Give it up: nothing more is done for it.
    Drop,
}

/// Why that can't be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOperable {
    /// A call is under way, at the latest until this time.
    UnderWay(Timestamp),
    /// Nothing waits that could be tried now.
    NothingToRetry,
    /// It's over, and nothing waits.
    NothingToDrop,
}

/// How a task is going, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// A person has to say more before it begins.
    Draft,
    /// Jules is asked which repository or branch is meant.
    Resolving,
    /// What goes along is read in Slack.
    Reading,
    /// The card is posted.
    Carding,
    /// The session is created.
    Starting,
    /// It waits for Jules' limits.
    InLine,
    /// Jules works on it.
    Running,
    /// Jules waits for a person.
    Waiting,
    /// Jules is done.
    Done,
    /// Jules failed.
    Failed,
    /// It didn't start, was stopped, archived, deleted, moved or dropped.
    Stopped,
}

impl TaskState {
    /// All of them, in the order in which a task meets them.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Resolving,
        Self::Reading,
        Self::Carding,
        Self::Starting,
        Self::InLine,
        Self::Running,
        Self::Waiting,
        Self::Done,
        Self::Failed,
        Self::Stopped,
    ];

    /// Its name, as it is typed and printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Resolving => "resolving",
            Self::Reading => "reading",
            Self::Carding => "carding",
            Self::Starting => "starting",
            Self::InLine => "in_line",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether it is over, unless someone wakes it up.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Stopped)
    }
}

/// A task, for the operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskOverview {
    /// Its name.
    pub id: TaskId,
    /// The workspace.
    pub team: TeamId,
    /// How it is going.
    pub state: TaskState,
    /// Since when.
    pub since: Timestamp,
    /// Something has waited for too long.
    pub stuck: bool,
    /// Who asked.
    pub author: UserId,
    /// Where its card is.
    pub channel: Option<ChannelId>,
    /// Its card.
    pub card: Option<MessageTs>,
    /// The root of its thread.
    pub thread: Option<MessageTs>,
    /// The repository, as `owner/repo`.
    pub repo: Option<String>,
    /// The session at Jules.
    pub session: Option<SessionId>,
    /// The session's page.
    pub url: Option<String>,
    /// The Jules account.
    pub account: AccountId,
    /// What is still to be done, oldest first.
    pub waiting: Vec<WaitingEffect>,
    /// Who works on it.
    pub lease: Option<LeaseOverview>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When something last happened.
    pub changed: Timestamp,
}

/// Something that is still to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingEffect {
    /// Its kind, as in the log and the metrics. Those count a session that waits for Jules' limits as `in_line`, and what
    /// waits for someone's own key as `own_key`.
    pub kind: String,
    /// How many attempts were begun.
    pub attempts: u32,
    /// Not before this time.
    pub next: Timestamp,
    /// Since when it has been tried; `None` before the first attempt.
    pub since: Option<Timestamp>,
    /// It may have been done, and is looked for first.
    pub maybe_done: bool,
    /// It comes after something else.
    pub held: bool,
    /// It has a time under one of Slack's limits.
    pub reserved: bool,
    /// What was in the way the last time.
    pub cause: Option<String>,
    /// Slack's own code for that.
    pub code: Option<String>,
}

/// A lease, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseOverview {
    /// The process that holds it.
    pub holder: String,
    /// When it was taken.
    pub taken: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Whether its time has passed.
    pub over: bool,
}

impl Task {
    /// The task as the operator sees it.
    #[must_use]
    pub fn overview(&self, now: Timestamp) -> TaskOverview {
        let state = self.state();
        TaskOverview {
            id: self.id.clone(),
            team: self.team.clone(),
            state,
            since: self.state_since(state),
            stuck: self.is_stuck(now),
            author: self.author.clone(),
            channel: self.channel.clone(),
            card: self.card.clone(),
            thread: self.thread().cloned(),
            repo: self.repo().map(ToString::to_string),
            session: self.session.as_ref().map(|session| session.id.clone()),
            url: self.session.as_ref().map(|session| session.url.clone()),
            account: self.account.clone(),
            waiting: (0..self.outbox.len()).map(|index| self.waiting(index)).collect(),
            lease: self.lease.map(|lease| LeaseOverview::of(lease, now)),
            created: self.created,
            changed: self.changed,
        }
    }

    /// How it is going, in one word.
    #[must_use]
    pub fn state(&self) -> TaskState {
        let ended = self.progress.ended.as_ref();
        match &self.phase {
            Phase::Draft { .. } => TaskState::Draft,
            Phase::Resolving { .. } => TaskState::Resolving,
            Phase::Reading => TaskState::Reading,
            Phase::Carding => TaskState::Carding,
            Phase::Starting { .. } => TaskState::Starting,
            Phase::InQueue { .. } => TaskState::InLine,
            Phase::Stopped { .. } => TaskState::Stopped,
            Phase::Running { .. } if ended.is_some_and(|ended| ended.failed) => TaskState::Failed,
            Phase::Running { .. } if ended.is_some() => TaskState::Done,
            Phase::Running { .. } if self.is_over() => TaskState::Stopped,
            Phase::Running { .. } if self.waits_for_someone() => TaskState::Waiting,
            Phase::Running { .. } => TaskState::Running,
        }
    }

    fn state_since(&self, state: TaskState) -> Timestamp {
        let progress = &self.progress;
        let known = match state {
            TaskState::Done | TaskState::Failed => progress.ended.as_ref().map(|end| end.noticed),
            TaskState::Waiting => progress.waiting.as_ref().map(|waiting| waiting.since),
            TaskState::Running => progress.began,
            TaskState::InLine => progress.refused_since,
            TaskState::Stopped => Some(self.changed),
            TaskState::Draft
            | TaskState::Resolving
            | TaskState::Reading
            | TaskState::Carding
            | TaskState::Starting => None,
        };
        known.unwrap_or(self.created)
    }

    /// Whether something has waited for too long that neither Jules' limits nor someone's own key keep from being done.
    #[must_use]
    pub(crate) fn is_stuck(&self, now: Timestamp) -> bool {
        let is_excused =
            |entry: &OutboxEntry| self.is_in_line(entry) || self.waits_for_own_key(entry);
        self.outbox.iter().any(|entry| !is_excused(entry) && entry.age(now) > STUCK)
    }

    /// Whether an entry is the session of a task that waits for Jules' limits. A session that something else keeps
    /// from being created, such as a refused key, isn't in line.
    #[must_use]
    pub fn is_in_line(&self, entry: &OutboxEntry) -> bool {
        matches!(self.phase, Phase::InQueue { .. }) && entry.effect == Effect::CreateSession
    }

    /// Whether an entry waits for a key that someone brought for themselves or for their workspace, and that Jules refuses.
    /// That person is told and has to replace it; the operator can't. What waits behind it waits for the same.
    #[must_use]
    pub fn waits_for_own_key(&self, entry: &OutboxEntry) -> bool {
        let is_refused = |one: &OutboxEntry| one.cause == Some(Cause::JulesKeyRefused);
        self.account != AccountId::of_settings()
            && entry.effect.spec().destination == Destination::Jules
            && self.outbox.iter().any(is_refused)
    }

    fn waiting(&self, index: usize) -> WaitingEffect {
        let entry = &self.outbox[index];
        WaitingEffect {
            kind: entry.effect.spec().kind.to_owned(),
            attempts: entry.attempts,
            next: entry.at,
            since: entry.since,
            maybe_done: entry.maybe_done,
            held: self.is_held(index),
            reserved: entry.reserved.is_some(),
            cause: entry.cause.as_ref().map(|cause| cause.name().to_owned()),
            code: entry.cause.as_ref().and_then(|cause| cause.code()).map(ToOwned::to_owned),
        }
    }
}

impl OutboxEntry {
    /// For how long it has been due or tried; negative before its time.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.since.unwrap_or(self.at))
    }
}

impl LeaseOverview {
    fn of(lease: Lease, now: Timestamp) -> Self {
        Self {
            holder: lease.holder.to_string(),
            taken: lease.taken,
            until: lease.until,
            over: lease.is_over(now),
        }
    }
}
