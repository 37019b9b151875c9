//! Who may do what: the one gate, asked for everything that comes in.
//!
//! A signature says that Slack delivered something, not that its values are honest: a client can be made
//! to send any value in a click or a form. So besides the person, the place counts.

use super::{Inbound, Origin, ReplyRoute, Verb};
use crate::ids::ChannelId;
use crate::message::Notice;
use crate::task::{Phase, Task};
use crate::tenant::{Actor, Role, Whose};
use serde::{Deserialize, Serialize};

/// What someone wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Read what anyone in the place can read: help, lists, the names of repositories.
    See,
    /// Start tasks.
    Start,
    /// Answer, approve, stop, and start again.
    Steer,
    /// Bind channels.
    Bind,
    /// Change what holds for the whole workspace.
    Manage,
}

/// Whether someone manages the workspace: is an owner or admin of it. What isn't known is a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manages {
    /// They do.
    Yes,
    /// They don't, or nobody can tell.
    No(NotManager),
}

/// Why someone doesn't count as a manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotManager {
    /// They are neither owner nor admin.
    Member,
    /// The app lacks the scope with which Slack says who is.
    NoScope,
    /// Slack didn't say.
    Unknown,
}

/// Why something may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// An app is nobody's colleague, and isn't answered.
    App,
    /// The person belongs to another organisation.
    Stranger,
    /// The task belongs to another channel.
    Elsewhere,
    /// The draft is someone else's.
    NotTheirs,
    /// The person doesn't count as a manager.
    NotManager(NotManager),
}

impl Denied {
    /// What the person is told, if anything.
    #[must_use]
    pub fn notice(self) -> Option<Notice> {
        match self {
            Self::App => None,
            Self::Stranger => Some(Notice::NoSteering),
            Self::Elsewhere => Some(Notice::OtherPlace),
            Self::NotTheirs => Some(Notice::NotYourDraft),
            Self::NotManager(why) => Some(Notice::NotManager(why)),
        }
    }
}

/// Whether the person may do this at all. Today's policy: members may do everything but manage, managers
/// that too, and nobody else anything.
///
/// # Errors
/// Why not.
pub fn may(actor: &Actor, right: Right, manages: Manages) -> Result<(), Denied> {
    match (actor.role, right, manages) {
        (Role::External, ..) => Err(Denied::Stranger),
        (Role::App, ..) => Err(Denied::App),
        (Role::Member, Right::Manage, Manages::No(why)) => Err(Denied::NotManager(why)),
        (Role::Member, ..) => Ok(()),
    }
}

/// Whether someone can act on this task from where they are: in its channel, or on their own task from a
/// list of theirs. A draft is its author's alone. `at` is the channel that a click came from; a form that
/// was opened by one comes from nowhere.
///
/// # Errors
/// Why not.
pub fn may_act_on(task: &Task, actor: &Actor, at: Option<&ChannelId>) -> Result<(), Denied> {
    let is_author = task.author == actor.user;
    if matches!(task.phase, Phase::Draft { .. }) && !is_author {
        return Err(Denied::NotTheirs);
    }
    match (at, &task.channel) {
        (Some(at), Some(channel)) if at != channel && !is_author => Err(Denied::Elsewhere),
        (_, _) => Ok(()),
    }
}

/// The gate: whether an inbound is obeyed. `task` is the one it is about, if there is one.
///
/// # Errors
/// Why not.
pub fn admit(
    inbound: &Inbound,
    actor: &Actor,
    origin: &Origin,
    task: Option<&Task>,
    manages: Manages,
) -> Result<(), Denied> {
    may(actor, inbound.right(), manages)?;
    match (inbound, task) {
        // A Home lists its person's own tasks and belongs to no channel.
        (Inbound::Press(..), Some(task))
            if origin.reply == ReplyRoute::Home && task.author != actor.user =>
        {
            Err(Denied::Elsewhere)
        }
        (
            Inbound::Press(..)
            | Inbound::TaskForm(..)
            | Inbound::ChangesForm(..)
            | Inbound::AnswerForm(..)
            | Inbound::SendForm(..)
            | Inbound::TurnPage { .. }
            | Inbound::TurnMessages { .. },
            Some(task),
        ) => may_act_on(task, actor, origin.channel()),
        (_, _) => Ok(()),
    }
}

impl Inbound {
    /// What it takes to have it obeyed.
    #[must_use]
    pub fn right(&self) -> Right {
        match self {
            // Which command it is, the answer to it decides; each starts something at most.
            Self::Command(_)
            | Self::Run(_)
            | Self::TaskForm(..)
            | Self::FollowForm(..)
            | Self::NewTask
            | Self::SendToJules(_) => Right::Start,
            Self::Press(_, verb) => match verb {
                Verb::Choose(_)
                | Verb::Resume
                | Verb::OpenForm
                | Verb::Begin
                | Verb::Dismiss
                | Verb::FollowHere => Right::Start,
                Verb::Approve(_)
                | Verb::AskChanges(_)
                | Verb::Answer(_)
                | Verb::Stop
                | Verb::AskStop
                | Verb::Nudge
                | Verb::Retry
                | Verb::EditRetry
                | Verb::ListenToAll
                | Verb::MoveHere => Right::Steer,
                Verb::ShowChanges(_)
                | Verb::ShowContext
                | Verb::ShowMessages(_)
                | Verb::CancelFollow => Right::See,
            },
            Self::ChangesForm(..)
            | Self::AnswerForm(..)
            | Self::SendForm(..)
            | Self::Message(_) => Right::Steer,
            Self::BindForm(..) => Right::Bind,
            Self::SettingsForm { whose: Whose::Workspace, .. }
            | Self::ShowSettings { whose: Whose::Workspace, .. } => Right::Manage,
            Self::SettingsForm { whose: Whose::Mine, .. }
            | Self::ShowSettings { whose: Whose::Mine, .. } => Right::See,
            Self::CommandTooLong
            | Self::More(..)
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened
            | Self::TurnPage { .. }
            | Self::TurnMessages { .. } => Right::See,
        }
    }
}
