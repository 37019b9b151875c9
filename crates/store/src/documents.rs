//! Which documents there are: their names, their kinds and versions.
//!
//! The shapes are frozen since 0.1.0. How one changes: `docs/ARCHITECTURE.md`, "When a stored shape changes".

use super::Key;
use super::records::Record;
use domain::audit::AuditRecord;
use domain::binding::ChannelBinding;
use domain::ids::{
    AccountId, ChannelId, DeliveryId, InstallationId, MessageTs, SessionId, TaskId, TeamId, UserId,
};
use domain::lease::Holder;
use domain::meter::Meter;
use domain::policy::Starts;
use domain::pull::{PullRef, WatchedPull};
use domain::queue::WaitQueue;
use domain::repo::RepoRef;
use domain::task::Task;
use domain::tenant::{Holders, Install, Installation, PersonSettings, WorkspaceSettings};
use domain::watch::{Watch, WatchedSession};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event that was taken, so that its redelivery is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessedEvent {
    /// Slack's name of the kind of event.
    pub kind: String,
}

/// Which task a name leads to: a thread, or a place in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPointer {
    /// The task.
    pub task: TaskId,
}

/// Which account a key opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPointer {
    /// The account.
    pub account: AccountId,
}

/// A channel that has another id by now: Slack gives it one when it is shared with another
/// organisation (Slack: `channel_id_changed`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelAlias {
    /// Its id before, where this is filed under the new one; its id now otherwise.
    pub channel: ChannelId,
}

/// The sign of life of a process that shares the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// When it was given, by the clock of that process.
    pub renewed: Timestamp,
}

impl Record for Task {
    const KIND: &'static str = "task";
    const VERSION: u32 = 1;
}

impl Record for ChannelBinding {
    const KIND: &'static str = "binding";
    const VERSION: u32 = 1;
}

impl Record for PersonSettings {
    const KIND: &'static str = "person";
    const VERSION: u32 = 1;
}

impl Record for WorkspaceSettings {
    const KIND: &'static str = "settings";
    const VERSION: u32 = 1;
}

impl Record for Starts {
    const KIND: &'static str = "starts";
    const VERSION: u32 = 1;

    fn if_damaged() -> Option<Self> {
        Some(Self::default())
    }
}

impl Record for Holders {
    const KIND: &'static str = "account";
    const VERSION: u32 = 1;
}

impl Record for AccountPointer {
    const KIND: &'static str = "key";
    const VERSION: u32 = 1;
}

impl Record for AuditRecord {
    const KIND: &'static str = "audit";
    const VERSION: u32 = 1;
}

impl Record for WaitQueue {
    const KIND: &'static str = "queue";
    const VERSION: u32 = 1;

    fn if_damaged() -> Option<Self> {
        Some(Self::default())
    }
}

impl Record for ProcessedEvent {
    const KIND: &'static str = "event";
    const VERSION: u32 = 1;
}

impl Record for Watch {
    const KIND: &'static str = "watch";
    const VERSION: u32 = 1;

    fn if_damaged() -> Option<Self> {
        Some(Self::default())
    }
}

impl Record for WatchedSession {
    const KIND: &'static str = "session";
    const VERSION: u32 = 1;
}

impl Record for WatchedPull {
    const KIND: &'static str = "pull";
    const VERSION: u32 = 1;
}

impl Record for Meter {
    const KIND: &'static str = "meter";
    const VERSION: u32 = 1;

    fn if_damaged() -> Option<Self> {
        Some(Self::default())
    }
}

impl Record for Installation {
    const KIND: &'static str = "installation";
    const VERSION: u32 = 1;
}

impl Record for Install {
    const KIND: &'static str = "install";
    const VERSION: u32 = 1;
}

impl Record for TaskPointer {
    const KIND: &'static str = "pointer";
    const VERSION: u32 = 1;
}

impl Record for ChannelAlias {
    const KIND: &'static str = "alias";
    const VERSION: u32 = 1;
}

impl Record for Process {
    const KIND: &'static str = "process";
    const VERSION: u32 = 1;
}

/// Every kind of document, with the version that is written.
pub const KINDS: &[(&str, u32)] = &[
    (Task::KIND, Task::VERSION),
    (ChannelBinding::KIND, ChannelBinding::VERSION),
    (PersonSettings::KIND, PersonSettings::VERSION),
    (WorkspaceSettings::KIND, WorkspaceSettings::VERSION),
    (Starts::KIND, Starts::VERSION),
    (Holders::KIND, Holders::VERSION),
    (AccountPointer::KIND, AccountPointer::VERSION),
    (AuditRecord::KIND, AuditRecord::VERSION),
    (WaitQueue::KIND, WaitQueue::VERSION),
    (ProcessedEvent::KIND, ProcessedEvent::VERSION),
    (Watch::KIND, Watch::VERSION),
    (WatchedSession::KIND, WatchedSession::VERSION),
    (WatchedPull::KIND, WatchedPull::VERSION),
    (Meter::KIND, Meter::VERSION),
    (Installation::KIND, Installation::VERSION),
    (Install::KIND, Install::VERSION),
    (TaskPointer::KIND, TaskPointer::VERSION),
    (ChannelAlias::KIND, ChannelAlias::VERSION),
    (Process::KIND, Process::VERSION),
];

/// A name of these parts. Every acknowledgement makes a few: joined, a text is taken once and doesn't grow.
fn named(parts: &[&str]) -> Key {
    Key::new(parts.join("/"))
}

/// A task.
#[must_use]
pub fn task_key(id: &TaskId) -> Key {
    named(&["task", id.as_str()])
}

/// The task that a key names, if it names one.
#[must_use]
pub fn task_id(key: &Key) -> Option<TaskId> {
    TaskId::parse(key.as_str().strip_prefix("task/")?).ok()
}

/// A channel's binding.
#[must_use]
pub fn binding_key(team: &TeamId, channel: &ChannelId) -> Key {
    named(&["binding", team.as_str(), channel.as_str()])
}

/// Whether a key names a channel's binding.
#[must_use]
pub fn is_binding(key: &Key) -> bool {
    key.as_str().starts_with("binding/")
}

/// All bindings of a workspace.
#[must_use]
pub fn binding_prefix(team: &TeamId) -> String {
    format!("binding/{team}/")
}

/// What is kept of a person.
#[must_use]
pub fn person_key(team: &TeamId, user: &UserId) -> Key {
    named(&["person", team.as_str(), user.as_str()])
}

/// What is kept of a workspace as a whole.
#[must_use]
pub fn settings_key(team: &TeamId) -> Key {
    named(&["settings", team.as_str()])
}

/// The tasks that a person has started, as far as they count towards a cap.
#[must_use]
pub fn starts_of_key(team: &TeamId, user: &UserId) -> Key {
    Key::new(format!("starts/{team}/person/{user}"))
}

/// The same, of a channel.
#[must_use]
pub fn starts_in_key(team: &TeamId, channel: &ChannelId) -> Key {
    Key::new(format!("starts/{team}/channel/{channel}"))
}

/// The person whose document a key names, if it names one.
#[must_use]
pub fn person_of(key: &Key) -> Option<(TeamId, UserId)> {
    let (team, user) = key.as_str().strip_prefix("person/")?.split_once('/')?;
    Some((TeamId::parse(team).ok()?, UserId::parse(user).ok()?))
}

/// All accounts that people have brought.
pub const ACCOUNTS: &str = "account/";

/// An account that people have brought.
#[must_use]
pub fn account_key(account: &AccountId) -> Key {
    Key::new(format!("{ACCOUNTS}{account}"))
}

/// The account that a key names, if it names one.
#[must_use]
pub fn account_of(key: &Key) -> Option<AccountId> {
    AccountId::parse(key.as_str().strip_prefix(ACCOUNTS)?).ok()
}

/// The account that a key of this fingerprint opens.
#[must_use]
pub fn fingerprint_key(team: &TeamId, fingerprint: &str) -> Key {
    Key::new(format!("key/{team}/{fingerprint}"))
}

/// All records of the audit trail, of all workspaces.
pub(crate) const AUDIT: &str = "audit/";

/// The records of a workspace. Those of a later hour come first in byte order.
#[must_use]
pub fn audit_prefix(team: &TeamId) -> String {
    format!("{AUDIT}{team}/")
}

/// A record of the audit trail. It has the name of what asked for it, so that asked for twice in an hour there is one.
#[must_use]
pub fn audit_key(record: &AuditRecord) -> Key {
    audit_key_in(record, hour(record))
}

/// The name that it would have if it had been written an hour before.
#[must_use]
pub fn earlier_audit_key(record: &AuditRecord) -> Key {
    audit_key_in(record, hour(record) - 1)
}

fn hour(record: &AuditRecord) -> i64 {
    record.at.as_second().div_euclid(3_600)
}

fn audit_key_in(record: &AuditRecord, hour: i64) -> Key {
    let until_the_end = i64::from(u32::MAX) - hour;
    Key::new(format!("{}{until_the_end:010}/{}", audit_prefix(&record.team), record.id))
}

/// The line in front of an account.
#[must_use]
pub fn queue_key(account: &AccountId) -> Key {
    Key::new(format!("queue/{account}"))
}

/// The account whose line a key names, if it names one.
#[must_use]
pub fn queue_account(key: &Key) -> Option<AccountId> {
    AccountId::parse(key.as_str().strip_prefix("queue/")?).ok()
}

/// An event that was taken.
#[must_use]
pub fn seen_key(delivery: &DeliveryId) -> Key {
    Key::new(format!("event/{delivery}"))
}

/// What an account's sessions share.
#[must_use]
pub fn watch_key(account: &AccountId) -> Key {
    Key::new(format!("watch/{account}"))
}

/// The account whose watch a key names, if it names one.
#[must_use]
pub fn watch_account(key: &Key) -> Option<AccountId> {
    AccountId::parse(key.as_str().strip_prefix("watch/")?).ok()
}

/// A session, and the task it belongs to.
#[must_use]
pub fn session_key(account: &AccountId, session: &SessionId) -> Key {
    Key::new(format!("session/{account}/{session}"))
}

/// All sessions of an account.
#[must_use]
pub fn session_prefix(account: &AccountId) -> String {
    format!("session/{account}/")
}

/// The session that a key names, and its account, if it names one.
#[must_use]
pub fn session_of(key: &Key) -> Option<(AccountId, SessionId)> {
    let (account, session) = key.as_str().strip_prefix("session/")?.split_once('/')?;
    Some((AccountId::parse(account).ok()?, SessionId::parse(session).ok()?))
}

/// All watched pull requests.
pub(crate) const PULLS: &str = "pull/";

/// The watched pull requests of a repository. GitHub doesn't tell letter cases apart.
#[must_use]
pub fn pulls_of_repository(repo: &RepoRef) -> String {
    format!("{PULLS}{}/{}/", repo.owner, repo.repo).to_lowercase()
}

/// The tasks that a pull request is watched for.
#[must_use]
pub fn pull_prefix(pull: &PullRef) -> String {
    format!("{}{}/", pulls_of_repository(&pull.repo), pull.number)
}

/// A pull request, watched for a task.
#[must_use]
pub fn pull_key(pull: &PullRef, task: &TaskId) -> Key {
    Key::new(format!("{}{task}", pull_prefix(pull)))
}

/// Whether a key names a watched pull request.
#[must_use]
pub fn is_pull(key: &Key) -> bool {
    key.as_str().starts_with(PULLS)
}

/// What Slack said of a token.
#[must_use]
pub fn installation_key(installation: &InstallationId) -> Key {
    Key::new(format!("installation/{installation}"))
}

/// All workspaces in which someone installed the app.
pub const INSTALLS: &str = "install/";

/// How the app is installed in a workspace.
#[must_use]
pub fn install_key(team: &TeamId) -> Key {
    Key::new(format!("{INSTALLS}{team}"))
}

/// The workspace that a key names, if it names one in which someone installed the app.
#[must_use]
pub fn installed_team(key: &Key) -> Option<TeamId> {
    TeamId::parse(key.as_str().strip_prefix(INSTALLS)?).ok()
}

/// The meter of edits in a workspace.
#[must_use]
pub fn edits_key(team: &TeamId) -> Key {
    Key::new(format!("meter/edits/{team}"))
}

/// The meter of messages in a channel.
#[must_use]
pub fn posts_key(team: &TeamId, channel: &ChannelId) -> Key {
    Key::new(format!("meter/posts/{team}/{channel}"))
}

/// Where a thread leads.
#[must_use]
pub fn thread_key(team: &TeamId, channel: &ChannelId, root: &MessageTs) -> Key {
    Key::new(format!("pointer/thread/{team}/{channel}/{root}"))
}

/// The task that a workspace works on a GitHub issue with.
#[must_use]
pub fn issue_key(team: &TeamId, issue: &PullRef) -> Key {
    let PullRef { repo: RepoRef { owner, repo }, number } = issue;
    let (owner, repo) = (owner.to_ascii_lowercase(), repo.to_ascii_lowercase());
    Key::new(format!("pointer/issue/{team}/{owner}/{repo}/{number}"))
}

/// The tasks of a channel, newest first.
#[must_use]
pub fn channel_prefix(team: &TeamId, channel: &ChannelId) -> String {
    format!("pointer/in/{team}/{channel}/")
}

/// The tasks of a person, newest first.
#[must_use]
pub fn author_prefix(team: &TeamId, author: &UserId) -> String {
    format!("pointer/of/{team}/{author}/")
}

/// A task's place in a list: later ones come first in byte order.
#[must_use]
pub fn place_in(prefix: &str, task: &TaskId, created: Timestamp) -> Key {
    let until_the_end = i64::MAX - created.as_microsecond();
    Key::new(format!("{prefix}{until_the_end:020}/{task}"))
}

/// The channel that has another id now.
#[must_use]
pub fn renamed_key(team: &TeamId, old: &ChannelId) -> Key {
    Key::new(format!("alias/to/{team}/{old}"))
}

/// The channel that had another id before.
#[must_use]
pub fn former_key(team: &TeamId, new: &ChannelId) -> Key {
    Key::new(format!("alias/from/{team}/{new}"))
}

/// All processes.
pub const PROCESSES: &str = "process/";

/// The sign of life of a process.
#[must_use]
pub fn process_key(holder: Holder) -> Key {
    Key::new(format!("{PROCESSES}{holder}"))
}

/// The process that a key names, if it names one.
#[must_use]
pub fn process_holder(key: &Key) -> Option<Holder> {
    u64::from_str_radix(key.as_str().strip_prefix(PROCESSES)?, 16).ok().map(Holder)
}
