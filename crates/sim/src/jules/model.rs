//! What the simulated service knows: accounts with their sources, sessions and activities.
//!
//! An activity's content is kept as the JSON that goes out: nothing in here reads it back, and
//! real payloads can be put in unchanged.

use super::ids;
use super::script::{Pace, Step, Story};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// A session's state (reference §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waiting to start.
    Queued,
    /// Jules is planning.
    Planning,
    /// Waits for `approvePlan`.
    AwaitingPlanApproval,
    /// Waits for a message of the user.
    AwaitingUserFeedback,
    /// Working.
    InProgress,
    /// Paused, by a person, by archiving, or by silent death in the middle of work.
    Paused,
    /// Failed; never seen to come back.
    Failed,
    /// Completed; a message wakes it.
    Completed,
}

impl State {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Planning => "PLANNING",
            Self::AwaitingPlanApproval => "AWAITING_PLAN_APPROVAL",
            Self::AwaitingUserFeedback => "AWAITING_USER_FEEDBACK",
            Self::InProgress => "IN_PROGRESS",
            Self::Paused => "PAUSED",
            Self::Failed => "FAILED",
            Self::Completed => "COMPLETED",
        }
    }

    /// Whether it takes one of the account's concurrent places. Those that wait for a person do
    /// not: accounts were seen with far more of them than their limit (reference §6).
    #[must_use]
    pub fn is_working(self) -> bool {
        matches!(self, Self::Queued | Self::Planning | Self::InProgress)
    }

    /// Whether archiving pauses it (reference §3.7).
    #[must_use]
    pub fn is_running(self) -> bool {
        self.is_working() || matches!(self, Self::AwaitingPlanApproval | Self::AwaitingUserFeedback)
    }
}

/// The simulated service as a whole.
#[derive(Default)]
pub(super) struct World {
    pub(super) accounts: BTreeMap<String, AccountState>,
    pub(super) skew: SignedDuration,
    counter: u64,
}

impl World {
    /// The next number of the counter that every id and time is made from.
    pub(super) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// The account of a key, made if it is new.
    pub(super) fn account(&mut self, key: &str) -> &mut AccountState {
        self.accounts.entry(key.to_owned()).or_default()
    }
}

/// How one account's service behaves; what a test may turn.
pub(super) struct Manners {
    pub(super) concurrent: usize,
    pub(super) daily: usize,
    pub(super) activity_lists_per_minute: usize,
    pub(super) retry_after: Option<String>,
    pub(super) creates_refused_until: Option<Timestamp>,
    pub(super) activities_late: Lag,
    pub(super) listed_after: SignedDuration,
    pub(super) empty_reply: EmptyReply,
    pub(super) idle_approval: IdleApproval,
    pub(super) double_approval: bool,
    pub(super) minimal_create: bool,
    pub(super) pace: Pace,
    pub(super) story: Story,
    /// Names that no type has any more.
    pub(super) forgotten: Vec<String>,
    /// Whether a refused mask is answered with the name that is not known.
    pub(super) names_what_is_forgotten: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            // The free plan (reference §1.7).
            concurrent: 3,
            daily: 15,
            activity_lists_per_minute: 120,
            retry_after: None,
            creates_refused_until: None,
            activities_late: Lag::None,
            listed_after: SignedDuration::ZERO,
            empty_reply: EmptyReply::Braces,
            idle_approval: IdleApproval::Accepted,
            double_approval: false,
            minimal_create: false,
            pace: Pace::Still,
            story: Story::Plain,
            forgotten: Vec::new(),
            names_what_is_forgotten: true,
        }
    }
}

/// How long the activities of a new session answer 404 (reference §7.1 row 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// Not at all.
    None,
    /// For this long after creation.
    For(SignedDuration),
    /// For this many calls.
    Calls(u32),
}

/// What an empty reply is on the wire (reference §7.1 row 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyReply {
    /// `{}`
    Braces,
    /// No bytes at all.
    Nothing,
}

/// What `approvePlan` answers when there is no plan to approve (reference §7.1 row 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleApproval {
    /// 200, without effect.
    Accepted,
    /// 400 `FAILED_PRECONDITION`.
    Refused,
}

/// One account: what one API key sees.
#[derive(Default)]
pub(super) struct AccountState {
    pub(super) revoked: bool,
    /// By id, which is also the order of the list.
    pub(super) sources: BTreeMap<String, SourceState>,
    /// Oldest first.
    pub(super) sessions: Vec<SessionState>,
    /// When a unit of the daily limit was spent; a deleted session stays spent.
    pub(super) spent: Vec<Timestamp>,
    pub(super) activity_lists: VecDeque<Timestamp>,
    pub(super) manners: Manners,
    pub(super) last_stamp: Option<Timestamp>,
}

impl AccountState {
    pub(super) fn session(&mut self, id: &str) -> Option<&mut SessionState> {
        self.sessions.iter_mut().find(|s| s.id == id)
    }
}

/// One connected repository.
#[derive(Default)]
pub(super) struct SourceState {
    pub(super) owner: String,
    pub(super) repo: String,
    pub(super) private: bool,
    pub(super) default_branch: Option<String>,
    pub(super) branches: Vec<String>,
    /// Answers 403 to reading it alone and to creating on it; the list still shows it.
    pub(super) forbidden: bool,
    /// Answers every create with `FAILED_PRECONDITION`, whatever the limits.
    pub(super) refuses: bool,
    /// Gone from the list, 404 on its own.
    pub(super) disconnected: bool,
}

/// One session.
pub(super) struct SessionState {
    pub(super) id: String,
    pub(super) prompt: String,
    pub(super) title: String,
    /// As it was sent, echoed whole; none for a repoless session.
    pub(super) source_context: Option<Value>,
    pub(super) auto_pr: bool,
    pub(super) gated: bool,
    pub(super) state: State,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) archived: bool,
    pub(super) listed_from: Timestamp,
    pub(super) outputs: Vec<Output>,
    pub(super) activities: Vec<Activity>,
    /// The last plan, and whether any plan was ever approved: approval carries forward.
    pub(super) plan: Option<String>,
    pub(super) approved: bool,
    pub(super) script: VecDeque<Step>,
    /// When the last thing happened; the next step is due a pace later.
    pub(super) moved: Timestamp,
    pub(super) late_calls: u32,
}

impl SessionState {
    /// The source's resource name.
    pub(super) fn source(&self) -> Option<&str> {
        self.source_context.as_ref()?.get("source")?.as_str()
    }

    /// The starting branch.
    pub(super) fn branch(&self) -> Option<&str> {
        self.source_context.as_ref()?.get("githubRepoContext")?.get("startingBranch")?.as_str()
    }

    /// Puts an activity at the end, made and seen at `now`, and says when.
    pub(super) fn record(&mut self, now: Timestamp, serial: u64, by: &str, content: Value) {
        let created = ids::stamp(now, self.activities.last().map(|a| a.created), serial);
        self.activities.push(Activity {
            id: ids::hex_id(serial),
            created,
            seen_from: now,
            by: by.to_owned(),
            content: as_map(content),
        });
        self.touch(now, serial);
    }

    /// Moves `updateTime`.
    pub(super) fn touch(&mut self, now: Timestamp, serial: u64) {
        self.updated = ids::stamp(now, Some(self.updated), serial);
        self.moved = self.moved.max(now);
    }
}

/// One thing that happened in a session.
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) created: Timestamp,
    /// Not shown before this time: some turn up late, with an earlier `createTime`.
    pub(super) seen_from: Timestamp,
    /// The originator; empty is left out.
    pub(super) by: String,
    /// The kind's own key, `artifacts`, `description`: whatever else is on the wire.
    pub(super) content: Map<String, Value>,
}

/// One output of a session, perhaps shown only after some time.
pub(super) struct Output {
    pub(super) seen_from: Timestamp,
    pub(super) json: Value,
}

/// The map of a JSON object; anything else is an empty one.
pub(super) fn as_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
