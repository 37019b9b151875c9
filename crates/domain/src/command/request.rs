//! The commands, as data.

use crate::tenant::Whose;
use serde::{Deserialize, Serialize};

/// What someone wants when they type `/jules …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Nothing was typed: the empty form.
    OpenForm,
    /// A task; without a prompt, the form filled with the options.
    Start(Request),
    /// How to use all this.
    Help,
    /// Bind this channel to a repository, or ask which.
    Bind(BindArgs),
    /// Undo that.
    Unbind,
    /// What is bound where.
    Bindings,
    /// The repositories connected to Jules.
    Repos {
        /// Only those that fit; never empty.
        filter: Option<String>,
    },
    /// The tasks of this channel.
    List,
    /// The tasks of the person who asks.
    Status,
    /// The open tasks of the person who asks, to stop one.
    Stop,
    /// The tasks of the person who asks that are waiting for someone.
    Approve,
    /// Follow a session that began elsewhere.
    Follow {
        /// Which, as typed; `None` offers those that no thread follows.
        session: Option<String>,
    },
    /// Which version of this program runs.
    Version,
    /// The person's defaults.
    Settings,
    /// What holds here of who may do what.
    Access,
    /// Their own Jules key, or the workspace's. A form follows: the key is never typed in the channel.
    Key(Whose),
}

/// What Jules shall do, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The text as it was typed, without the options: trimmed, without control characters other
    /// than line breaks and tabs. Empty when only options were typed.
    pub prompt: String,
    /// What was typed besides.
    pub options: Options,
}

/// The options, each as typed; `None` when it was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// `repo=`: text that [`RepoQuery::parse`](crate::repo::RepoQuery::parse) takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// `branch=`: text that [`Branch::parse`](crate::repo::Branch::parse) takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// `title=`: one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `plan=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanMode>,
    /// `pr=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr: Option<PrMode>,
    /// `quiet=`: the thread hears only what waits for someone, and how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<bool>,
    /// `ping=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<Ping>,
    /// `context=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextMode>,
}

/// Whether what was written in a thread goes along with a task that is asked for in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContextMode {
    /// It does.
    Thread,
    /// It doesn't.
    None,
}

/// How the requester is notified when Jules is waiting for them, and when it's done or has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ping {
    /// A mention in the thread.
    #[default]
    Thread,
    /// A direct message.
    Dm,
    /// Not at all.
    Off,
}

/// Who approves the plan (Jules: `requirePlanApproval`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanMode {
    /// A person, in the thread.
    Ask,
    /// Nobody: Jules continues automatically.
    Auto,
}

/// Whether Jules opens a pull request when it is done (Jules: `automationMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrMode {
    /// It does (`AUTO_CREATE_PR`).
    Auto,
    /// It leaves that to people.
    None,
}

/// What `bind` was given. The repository stands here, never in the options, and there is no title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BindArgs {
    /// The repository as typed, bare or as `repo=`; `None` asks for it.
    pub repo: Option<String>,
    /// The channel's branch and defaults.
    pub options: Options,
}

impl Options {
    /// Nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
