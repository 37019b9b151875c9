//! What happened in a session: Jules' activities, as our decisions see them.
//!
//! An activity is one entry of a session's history. Jules promises one kind for each, but shows some
//! with none, and new kinds come; so the kinds are a list, and one that we do not know keeps its name.

use crate::ids::PlanId;
use crate::repo::SourceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An activity's id, unique within its session. Opaque; Jules makes 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActivityId(pub String);

impl fmt::Display for ActivityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who caused an activity. An automatic approval is the user's too (reference §3.8), so this never
/// proves that a person did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Originator {
    /// The owner of the key: someone in the web page, or this program.
    User,
    /// Jules.
    Agent,
    /// The machinery around it; also when not told.
    System,
    /// A word we do not know.
    Unknown(String),
}

/// One entry of a session's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// When it happened, by Jules' clock. Several may share one time, and one may be shown late.
    pub created: Option<Timestamp>,
    /// Who caused it.
    pub originator: Originator,
    /// Jules' summary; usually absent.
    pub description: Option<String>,
    /// What it is: nearly always one thing, sometimes none.
    pub events: Vec<Event>,
    /// What came with it.
    pub artifacts: Vec<Artifact>,
    /// Artifacts weren't asked for, so an empty list proves nothing.
    pub without_artifacts: bool,
}

impl Activity {
    /// The id of a plan that it brought: its own, or else the activity's. `None` if neither can be one.
    #[must_use]
    pub fn plan_id(&self, plan: &Plan) -> Option<PlanId> {
        plan.id.clone().or_else(|| PlanId::parse(&self.id.0).ok())
    }
}

/// What an activity says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A plan is ready; a later one replaces it.
    PlanGenerated(Plan),
    /// A plan was approved, by a person or by itself. One approval may be told twice.
    PlanApproved(Option<PlanId>),
    /// Jules says or asks something.
    AgentMessaged(String),
    /// The user said something, here or in the web page.
    UserMessaged(String),
    /// Work went on.
    Progress {
        /// One line; may be absent, and may be cut.
        title: Option<String>,
        /// More, or the same once again.
        description: Option<String>,
    },
    /// Jules is done, for now.
    SessionCompleted,
    /// Jules gave up.
    SessionFailed {
        /// Why; absent in a third of all failures.
        reason: Option<String>,
    },
    /// A kind that we do not know, by its key.
    Other(String),
}

/// A plan that Jules made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id; a revision has another. `None` if Jules left it out.
    pub id: Option<PlanId>,
    /// The steps, in order.
    pub steps: Vec<PlanStep>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What it does. Markdown; older plans say everything here.
    pub title: String,
    /// More about it, as Markdown.
    pub description: Option<String>,
}

/// Something that came with an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Artifact {
    /// A change of the code. The last one in a session holds everything.
    Change(Change),
    /// A picture or the like; its bytes are not read.
    Media {
        /// For example `image/png`.
        mime_type: Option<String>,
    },
    /// A command that Jules ran.
    Bash {
        /// The command, often with a line break in front.
        command: Option<String>,
        /// What it printed.
        output: Option<String>,
        /// How it ended; 0 is success.
        exit_code: i64,
    },
    /// A kind that we do not know, by its key.
    Other(String),
}

/// A change of the code, as far as it was told: progress often names the base commit only, and a list
/// never carries the patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The repository.
    pub source: Option<SourceName>,
    /// The commit it applies to.
    pub base_commit: Option<String>,
    /// The change itself, as a unified diff.
    pub patch: Option<String>,
    /// The commit message Jules suggests.
    pub commit_message: Option<String>,
}
