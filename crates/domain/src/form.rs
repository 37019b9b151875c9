//! The forms (modals) as data: what they are filled with, what comes back, what is wrong with it.

use super::command::{ContextMode, Options, Ping, PlanMode, PrMode, Request};
use super::diff::{DiffPage, DiffStat};
use super::earlier::EarlierMessage;
use super::fault::Cause;
use super::ids::{ChannelId, PlanId, SessionId, TaskId, UserId};
use super::message::Notice;
use super::quota::Plan;
use super::repo::{Branch, RepoRef};
use super::secret::Secret;
use super::session::SessionState;
use super::tenant::{Preferences, Settings, Whose};
use serde::{Deserialize, Serialize};

/// Slack takes at most this many characters in a text field, typed or prefilled
/// (plain_text_input `max_length`).
pub const LONGEST_FIELD: usize = 3000;

/// A form to show.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Start a task.
    Task(TaskForm),
    /// Bind a channel.
    Bind(BindForm),
    /// Ask for changes of a plan.
    Changes(ChangesForm),
    /// Answer a question.
    Answer(AnswerForm),
    /// Choose defaults.
    Settings(SettingsForm),
    /// Send a message on to a task.
    Send(SendForm),
    /// Shows what a session changed. Nothing is filled in.
    Diff(DiffView),
    /// Pick a session to follow.
    Sessions(SessionPicker),
    /// Shows what was said in a session. Nothing is filled in.
    Messages(MessagesView),
    /// Shows what of a thread went along with a task. Nothing is filled in.
    Context(ContextView),
    /// Connect one's own Jules account or the workspace's, or remove it.
    Key(KeyForm),
}

/// The form for someone's own key, or the workspace's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyForm {
    /// Whose key.
    pub whose: Whose,
    /// The plan of the account that is connected; `None` without one.
    pub connected: Option<Plan>,
    /// How many tasks run on it.
    pub running: u32,
    /// It is to be removed when they are done.
    pub leaves: bool,
}

/// What the form for a key came back with. Nothing here is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValues {
    /// The key; `None` when the field is empty.
    pub key: Option<Secret>,
    /// The account's plan.
    pub plan: Plan,
    /// What is to become of the key that is there.
    pub remove: Option<Removal>,
}

/// When a key is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// When the tasks that run on it are done.
    WhenDone,
    /// At once.
    Now,
}

/// What of a thread went along with a task.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextView {
    /// It, exactly as Jules got it; `None` when it is not kept any more.
    pub text: Option<Secret>,
}

/// What a form belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormOwner {
    /// The draft that it completes.
    Task(TaskId),
    /// The channel that it binds.
    Bind(ChannelId),
    /// The plan whose changes it asks for.
    Changes(TaskId, PlanId),
    /// The question that it answers.
    Answer(TaskId, u32),
    /// Whose defaults it shows, and where they were asked for.
    Settings(Whose, Option<ChannelId>),
    /// The task that it sends something to.
    Send(TaskId),
    /// The task whose changes it shows.
    Diff(TaskId),
    /// The channel that a session is followed in.
    Follow(ChannelId),
    /// The task whose messages it shows.
    Messages(TaskId),
    /// Whose key it asks for.
    Key(Whose),
}

/// The list of sessions that can be followed.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionPicker {
    /// The channel that the session is followed in.
    pub channel: ChannelId,
    /// What is shown.
    pub shows: SessionsShown,
}

/// What is shown of the sessions that can be followed.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionsShown {
    /// They are being read.
    Loading,
    /// The newest of them; none if every session has a thread.
    List(Vec<SessionChoice>),
    /// They can't be read right now.
    Trouble(Cause),
}

/// A session that can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionChoice {
    /// Its id.
    pub id: SessionId,
    /// Its title, when Jules tells it.
    pub title: Option<String>,
    /// Its repository, if it has one.
    pub repo: Option<RepoRef>,
    /// Where it stands, when told.
    pub state: Option<SessionState>,
    /// How old it is, in seconds, when told.
    pub age: Option<u64>,
}

/// What was said in a session before a task followed it.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagesView {
    /// The task.
    pub task: TaskId,
    /// What is shown.
    pub shows: MessagesShown,
}

/// What is shown of what was said in a session.
#[derive(Debug, Clone, PartialEq)]
pub enum MessagesShown {
    /// It's being read.
    Loading,
    /// A page of it, oldest first.
    Page {
        /// The messages.
        messages: Vec<EarlierMessage>,
        /// Which page, counted from the newest, and how many there are.
        at: (u32, u32),
        /// The session's page.
        url: String,
    },
    /// Nothing was said, or Jules doesn't have it any more.
    Missing,
    /// It can't be read right now.
    Trouble(Cause),
}

/// The form that sends a message on to the task whose thread it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendForm {
    /// The task.
    pub task: TaskId,
    /// The page of its card, if it is known.
    pub page: Option<String>,
    /// The message.
    pub text: String,
}

/// The message that a form is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutMessage {
    /// Who wrote it; `None` for most apps.
    pub author: Option<UserId>,
    /// The channel that it is in.
    pub channel: Option<ChannelId>,
    /// It is in a thread, whose messages can go along.
    pub in_thread: bool,
    /// How many messages the thread has, once that is known.
    pub messages: Option<u32>,
    /// The bot is not in the channel.
    pub is_away: bool,
}

/// What a session changed, as far as it can be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffView {
    /// The task.
    pub task: TaskId,
    /// What is shown.
    pub shows: DiffShown,
}

/// What is shown of what a session changed.
#[derive(Debug, Clone, PartialEq)]
pub enum DiffShown {
    /// It's being read.
    Loading,
    /// A page of it.
    Page {
        /// All of it in numbers.
        stat: DiffStat,
        /// This page.
        page: DiffPage,
        /// Which page, counted from 0, and how many there are.
        at: (u32, u32),
        /// How many characters are on no page.
        missing: usize,
        /// The session's page.
        url: String,
    },
    /// It was sent as a file in a direct message.
    Sent {
        /// All of it in numbers.
        stat: DiffStat,
        /// The file's name.
        name: String,
    },
    /// Jules doesn't have it, or not any more.
    Missing,
    /// It is too large to be read.
    TooLarge,
    /// It can't be read right now.
    Trouble(Cause),
}

/// The form that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerForm {
    /// The task.
    pub task: TaskId,
    /// The question, the how many-th of the session.
    pub question: u32,
}

/// The form that asks for changes of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesForm {
    /// The task.
    pub task: TaskId,
    /// The plan that was shown.
    pub plan: PlanId,
}

/// The form that starts a task, filled with what is known.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskForm {
    /// The draft behind it.
    pub task: TaskId,
    /// What was typed so far.
    pub ask: Request,
    /// The repository, when one is certain.
    pub repo: Option<RepoRef>,
    /// The branch, when one is certain.
    pub branch: Option<Branch>,
    /// The form asks where to post.
    pub asks_channel: bool,
    /// The message that it is about, if it is about one.
    pub about: Option<AboutMessage>,
    /// The form offers to make the repository the person's default.
    pub offers_default: bool,
    /// What the person should know first, if anything.
    pub note: Option<Box<Notice>>,
}

impl TaskForm {
    /// The prompt is longer than a field takes: it is kept with the draft and not shown for editing.
    #[must_use]
    pub fn keeps_prompt(&self) -> bool {
        self.ask.prompt.chars().count() > LONGEST_FIELD
    }
}

/// The form that binds a channel, filled with what it is bound to.
#[derive(Debug, Clone, PartialEq)]
pub struct BindForm {
    /// The channel.
    pub channel: ChannelId,
    /// The repository it is bound to, or that was typed.
    pub repo: Option<RepoRef>,
    /// Its branch.
    pub branch: Option<Branch>,
    /// Ask before starting work.
    pub plan: Option<PlanMode>,
    /// Open pull requests.
    pub pr: Option<PrMode>,
    /// Tell the threads little.
    pub quiet: Option<bool>,
    /// What the person should know first, if anything.
    pub note: Option<Box<Notice>>,
}

/// The form with defaults, filled with those that were chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsForm {
    /// Whose they are.
    pub whose: Whose,
    /// Where they were asked for.
    pub channel: Option<ChannelId>,
    /// Those that were chosen.
    pub chosen: Preferences,
    /// What counts by now, and who said so.
    pub settings: Settings,
    /// The person can go from here to the workspace's.
    pub manages: bool,
    /// What the person should know first, if anything.
    pub note: Option<Box<Notice>>,
}

/// What the form with defaults came back with; `None` is no choice. Nothing here is checked yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SettingsValues {
    /// The repository, as `owner/repo`.
    pub repo: Option<String>,
    /// Who approves plans.
    pub plan: Option<PlanMode>,
    /// Whether pull requests are opened.
    pub pr: Option<PrMode>,
    /// How requesters are notified.
    pub ping: Option<Ping>,
}

/// What a form came back with. Nothing here is checked yet.
#[derive(Debug, Clone, PartialEq)]
pub struct FormValues {
    /// The repository, as `owner/repo`.
    pub repo: Option<String>,
    /// The branch; none is the default.
    pub branch: Option<String>,
    /// What to do; none when the form did not ask.
    pub prompt: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// Ask before starting work.
    pub plan: PlanMode,
    /// Open a pull request.
    pub pr: PrMode,
    /// Tell the threads of a channel little.
    pub quiet: bool,
    /// The channel to post in.
    pub channel: Option<ChannelId>,
    /// Whether the thread goes along; `None` where the form doesn't ask.
    pub along: Option<bool>,
    /// The repository is to be the person's default.
    pub make_default: bool,
    /// The message that it is about, as the form was made.
    pub about: Option<AboutMessage>,
}

impl FormValues {
    /// The request that the form makes together with what its draft kept.
    #[must_use]
    pub fn ask(&self, kept: &Request) -> Request {
        Request {
            prompt: self.prompt.clone().unwrap_or_else(|| kept.prompt.clone()),
            options: Options {
                repo: self.repo.clone(),
                branch: self.branch.clone(),
                title: self.title.clone(),
                plan: Some(self.plan),
                pr: Some(self.pr),
                // No field of a task's form asks for these.
                quiet: kept.options.quiet,
                ping: kept.options.ping,
                context: match self.along {
                    Some(true) => Some(ContextMode::Thread),
                    Some(false) => Some(ContextMode::None),
                    None => kept.options.context,
                },
            },
        }
    }
}

/// A field that an error can stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The repository.
    Repository,
    /// The branch.
    Branch,
    /// What to do.
    Prompt,
    /// The title.
    Title,
    /// Where to post.
    Channel,
    /// What is sent on.
    Send,
    /// What should change.
    Changes,
    /// The answer.
    Answer,
    /// The session to follow.
    Session,
    /// A person's own key.
    Key,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldError {
    /// Nothing to do was written.
    NoPrompt,
    /// It holds a key or a token.
    Credential,
    /// Nothing to change was written.
    NoChanges,
    /// No answer was written.
    NoAnswer,
    /// Nothing to send on was written.
    NothingToSend,
    /// No repository was picked.
    NoRepo,
    /// No channel was picked.
    NoChannel,
    /// No session was picked.
    NoSession,
    /// The repository is not connected to Jules.
    UnknownRepo(String),
    /// Jules' list of repositories was not read yet.
    NoListYet,
    /// The repository has no such branch.
    UnknownBranch(String, Vec<Branch>),
    /// Jules reports no default branch: one has to be picked.
    NoDefaultBranch,
    /// No key was given.
    NoKey,
    /// Jules doesn't know the key.
    BadKey,
    /// The settings have the workspace's key.
    SetByOperator,
    /// Jules didn't answer, so the key was not kept.
    KeyUnchecked,
    /// The key opens another account than the one that tasks run on.
    OtherAccount,
    /// The rules keep the repository from being used there.
    NotUsable(RepoRef),
}
