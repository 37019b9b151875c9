//! The audit trail: who asked for what, where, and what came of it. A record holds no prompt, no message and no key.

use crate::ids::{AccountId, ChannelId, DeliveryId, SessionId, TaskId, TeamId, UserId};
use crate::task::Way;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// For how many days records are kept where nobody says otherwise.
pub const AUDIT_DAYS: u32 = 365;

/// One thing that someone did, or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// The workspace.
    pub team: TeamId,
    /// Who; `None` for what nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// As what.
    pub kind: ActorKind,
    /// What.
    pub action: Action,
    /// The task that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// The session at Jules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The repository, as `owner/repo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// How the task came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Way>,
    /// The Jules account that is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// The access rule that said no, or what was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Tells it from others of the same moment; the same for the same delivery.
    pub id: DeliveryId,
}

/// As what someone acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    Person,
    /// An app that is allowed to.
    App,
    /// This program itself.
    System,
    /// The operator, on the command line.
    Operator,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A task was started.
    #[serde(rename = "task.start")]
    TaskStart,
    /// A task was started again, in place of another.
    #[serde(rename = "task.retry")]
    TaskRetry,
    /// A session that began elsewhere was followed.
    #[serde(rename = "task.follow")]
    TaskFollow,
    /// A task was stopped.
    #[serde(rename = "task.stop")]
    TaskStop,
    /// What a task waits for was tried again at once.
    #[serde(rename = "task.resume")]
    TaskResume,
    /// A task was given up.
    #[serde(rename = "task.drop")]
    TaskDrop,
    /// Something was refused.
    #[serde(rename = "task.refused")]
    TaskRefused,
    /// A plan was approved.
    #[serde(rename = "plan.approve")]
    PlanApprove,
    /// Changes of a plan were asked for.
    #[serde(rename = "plan.changes")]
    PlanChanges,
    /// Something was said to Jules.
    #[serde(rename = "reply.send")]
    ReplySend,
    /// Someone connected their own account.
    #[serde(rename = "key.set")]
    KeySet,
    /// Someone's key was removed.
    #[serde(rename = "key.remove")]
    KeyRemove,
    /// A channel was bound.
    #[serde(rename = "binding.set")]
    BindingSet,
    /// A channel was unbound.
    #[serde(rename = "binding.remove")]
    BindingRemove,
    /// Defaults were changed.
    #[serde(rename = "settings.change")]
    SettingsChange,
    /// Other access rules hold.
    #[serde(rename = "access.change")]
    AccessChange,
    /// The app was installed in a workspace.
    #[serde(rename = "install.add")]
    Install,
    /// It was removed from one.
    #[serde(rename = "install.remove")]
    Uninstall,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::TaskStart,
        Self::TaskRetry,
        Self::TaskFollow,
        Self::TaskStop,
        Self::TaskResume,
        Self::TaskDrop,
        Self::TaskRefused,
        Self::PlanApprove,
        Self::PlanChanges,
        Self::ReplySend,
        Self::KeySet,
        Self::KeyRemove,
        Self::BindingSet,
        Self::BindingRemove,
        Self::SettingsChange,
        Self::AccessChange,
        Self::Install,
        Self::Uninstall,
    ];

    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskStart => "task.start",
            Self::TaskRetry => "task.retry",
            Self::TaskFollow => "task.follow",
            Self::TaskStop => "task.stop",
            Self::TaskResume => "task.resume",
            Self::TaskDrop => "task.drop",
            Self::TaskRefused => "task.refused",
            Self::PlanApprove => "plan.approve",
            Self::PlanChanges => "plan.changes",
            Self::ReplySend => "reply.send",
            Self::KeySet => "key.set",
            Self::KeyRemove => "key.remove",
            Self::BindingSet => "binding.set",
            Self::BindingRemove => "binding.remove",
            Self::SettingsChange => "settings.change",
            Self::AccessChange => "access.change",
            Self::Install => "install.add",
            Self::Uninstall => "install.remove",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It is about to be done: written before the act, because the two are not one write.
    Asked,
    /// It was refused.
    Refused,
}

impl AuditOutcome {
    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Asked => "asked",
            Self::Refused => "refused",
        }
    }
}

impl AuditRecord {
    /// A record of something that nobody in Slack did, named after what asked for it.
    #[must_use]
    pub fn new(action: Action, team: TeamId, of: &DeliveryId, at: Timestamp) -> Self {
        Self {
            at,
            team,
            user: None,
            kind: ActorKind::System,
            action,
            task: None,
            session: None,
            repo: None,
            channel: None,
            origin: None,
            account: None,
            outcome: AuditOutcome::Done,
            rule: None,
            id: DeliveryId::of(&["audit", action.name(), of.as_str()]),
        }
    }

    /// The same of something that this person did.
    #[must_use]
    pub fn by(self, user: UserId) -> Self {
        Self { user: Some(user), kind: ActorKind::Person, ..self }
    }
}

/// Which records are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// About this task.
    pub task: Option<TaskId>,
    /// Of this person.
    pub user: Option<UserId>,
    /// In this channel.
    pub channel: Option<ChannelId>,
}

impl AuditFilter {
    /// Whether a record is wanted.
    #[must_use]
    pub fn fits(&self, record: &AuditRecord) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, found: &Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        self.since.is_none_or(|since| record.at >= since)
            && is(&self.task, &record.task)
            && is(&self.user, &record.user)
            && is(&self.channel, &record.channel)
    }
}
