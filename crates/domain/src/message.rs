//! Everything the bot can say, as data: a [`Notice`] to one person or about a command, a [`Post`] in
//! a task's thread. The words are in `slack/render`.

use super::binding::Binding;
use super::command::CommandError;
use super::diff::Changes;
use super::fault::Cause;
use super::form::FieldError;
use super::ids::{ChannelId, PlanId, TaskId, UserId};
use super::offer::{Offer, StaleOffer};
use super::policy::{NotManager, Refusal, Summary};
use super::pull::{Commit, Login, PullRef, Risk};
use super::quota::Quota;
use super::repo::{Branch, Candidate, RepoRef, Skipped, TargetReason};
use super::session::PullRequest;
use super::task::{Card, IssueClosed, LeftOut, PlanRecord};
use super::tenant::{Settings, Whose};
use super::watch::Usage;
use serde::{Deserialize, Serialize};

/// How much of a text of Jules is kept until it is said, in characters: more than a message shows. What
/// has as many was longer.
pub const LONGEST_KEPT: usize = 13_000;

/// What one person is told, or a channel in answer to a command. It is never part of a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The task is stored and begins.
    Taken {
        /// The repository.
        repo: RepoRef,
        /// The branch it starts from.
        branch: Branch,
        /// Why these.
        why: TargetReason,
        /// The defaults that would have come first, if Jules had their repositories.
        skipped: Vec<Skipped>,
    },
    /// Jules has none of the repositories that would have been taken.
    NotConnected {
        /// The task that keeps what was typed.
        task: TaskId,
        /// Those.
        gone: Vec<Skipped>,
    },
    /// Several repositories fit what was typed.
    Choose {
        /// The task that waits for the choice.
        task: TaskId,
        /// What was typed.
        typed: String,
        /// What fits.
        candidates: Vec<Candidate>,
    },
    /// More repositories fit what was typed than there are buttons for.
    ManyFit {
        /// The task that waits for the choice.
        task: TaskId,
        /// What was typed.
        typed: String,
        /// How many fit.
        count: usize,
    },
    /// Several repositories fit, and there is nothing to choose with.
    SeveralFit {
        /// What was typed.
        typed: String,
        /// What fits.
        candidates: Vec<RepoRef>,
    },
    /// No connected repository fits.
    UnknownRepo {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// What was typed.
        typed: String,
        /// The nearest names.
        nearest: Vec<RepoRef>,
    },
    /// The repository has no such branch.
    UnknownBranch {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// The repository.
        repo: RepoRef,
        /// What was typed.
        typed: String,
        /// The nearest names.
        nearest: Vec<Branch>,
    },
    /// None of the repository's branches is the one in the address that was typed.
    UnknownPath {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// The repository.
        repo: RepoRef,
        /// What stands for the branch in the address, and perhaps a path.
        path: String,
    },
    /// Jules reports no default branch for the repository.
    NoDefaultBranch {
        /// The task that keeps what was typed, when there is one.
        task: Option<TaskId>,
        /// The repository.
        repo: RepoRef,
    },
    /// Nothing is connected to Jules at all.
    NoSources,
    /// The task could not begin.
    NotStarted {
        /// The task, which may be tried again.
        task: TaskId,
        /// Why.
        cause: Cause,
    },
    /// The form did not open in time.
    FormNotOpened {
        /// The task that keeps what was typed; none for the form that binds a channel.
        task: Option<TaskId>,
    },
    /// The form belongs to a task that is gone.
    FormExpired,
    /// The command could not be read as typed.
    CommandError {
        /// Why.
        error: CommandError,
        /// The corrected command, if there is one and a button can carry it.
        offer: Option<Offer>,
    },
    /// The corrected command was not run.
    OfferNotRun(StaleOffer),
    /// What can be typed.
    Help,
    /// Which version of this program runs.
    Version,
    /// The channel is bound now.
    Bound(Binding),
    /// The channel is not bound any more.
    Unbound {
        /// The repository that it was bound to; `None` where that can't be read any more.
        repo: Option<RepoRef>,
        /// Who unbound it.
        by: UserId,
    },
    /// The channel was not bound.
    NotBound,
    /// The request came before one that has changed the channel's binding since, to this.
    BoundSince(Option<Box<Binding>>),
    /// All bound channels.
    Bindings(Vec<Binding>),
    /// Connected repositories.
    Repos {
        /// The text they were filtered by.
        filter: Option<String>,
        /// The first of them.
        shown: Vec<RepoRef>,
        /// How many there are.
        total: usize,
    },
    /// Jules or Slack cannot be asked just now.
    Trouble(Cause),
    /// The task is kept; something is in the way, and it continues automatically.
    Held(Cause),
    /// The repositories were not read from Jules yet: a form cannot offer them.
    NoListYet,
    /// The store cannot be reached: nothing was started.
    StoreDown,
    /// The store did not say whether it has written.
    Unconfirmed,
    /// A document that this is about can't be read, so nothing was done.
    Unreadable,
    /// The same of what the channel is bound to, which anyone who may bind it can replace.
    BindingUnreadable,
    /// A newer version of this program wrote what this is about, so nothing was done.
    Newer,
    /// The request comes from a workspace that this installation does not serve.
    NotOurs,
    /// The bot has not yet learnt from Slack who it is.
    NotReady,
    /// Every effective default, with who said it.
    Settings {
        /// Set after defaults were saved: the person's or the workspace's.
        saved: Option<Whose>,
        /// What counts.
        settings: Settings,
    },
    /// What holds here of who may do what.
    Access(Box<Summary>),
    /// There is no Jules account that the person's tasks may begin on.
    NoAccount {
        /// The workspace could have one for everyone.
        of_workspace: bool,
    },
    /// A key is kept from now on.
    KeyKept {
        /// Whose.
        whose: Whose,
        /// The account has no repositories yet.
        is_empty: bool,
    },
    /// A key was not kept.
    KeyNotKept(FieldError),
    /// A key is removed.
    KeyRemoved {
        /// Whose.
        whose: Whose,
        /// It is once these tasks are done; 0 when it is already.
        after: u32,
    },
    /// Jules doesn't accept a key any more.
    KeyRefused {
        /// Whose.
        whose: Whose,
        /// How many of their tasks can't be followed.
        tasks: u32,
    },
    /// A rule says that the person may not do that.
    Refused(Box<Refusal>),
    /// Only a manager can do that.
    NotManager(NotManager),
    /// A click came too late, or meant something that is over.
    TooLate(StaleAction),
    /// These files were not passed on to Jules.
    NotPassedOn {
        /// Their names, and why.
        files: Vec<LeftOut>,
    },
    /// A message could not be given to Jules.
    NotDelivered {
        /// Its beginning.
        text: String,
        /// Why.
        cause: Cause,
    },
    /// Nobody can tell whether Jules has a message.
    MaybeDelivered {
        /// Its beginning.
        text: String,
    },
    /// A reply was edited; Jules gets it as it was written.
    EditNotSent,
    /// The bot was mentioned, and nothing else was said.
    HowToStart,
    /// Someone greets the bot in a direct message.
    Hello(Settings),
    /// Nothing decides which repository is meant.
    Pick {
        /// The task that waits for the choice.
        task: TaskId,
        /// Some of the repositories.
        candidates: Vec<Candidate>,
        /// How many there are.
        total: usize,
    },
    /// Whether to start this task.
    Confirm {
        /// The task.
        task: TaskId,
        /// The repository.
        repo: RepoRef,
        /// The branch it starts from.
        branch: Branch,
        /// It is about a thread, and this many messages of it go along; `None` for one with words of its own.
        messages: Option<u32>,
        /// It uses the person's own account.
        #[serde(default)]
        own: bool,
    },
    /// Nobody picked a repository in time.
    NobodyPicked,
    /// What a button offers was dropped.
    OfferOver,
    /// The thread, or the message that asks for a task, could not be read.
    ThreadUnread {
        /// Why, in Slack's word.
        code: String,
        /// It was the thread.
        thread: bool,
    },
    /// There is nothing in the thread to work on.
    NothingInThread {
        /// Why it could not be read, in Slack's word, if that is why.
        code: Option<String>,
    },
    /// The bot was mentioned in an edit.
    MentionedInEdit,
    /// What to do is missing: there are only files.
    OnlyFiles,
    /// No form can be opened from a message.
    TypeCommand {
        /// What to type after `/jules`.
        command: String,
    },
    /// What someone wrote is longer than anything we take.
    TooLong,
    /// A reply has nothing in it for Jules: a mention of the bot alone, for example.
    NothingSaid,
    /// A reply holds a key or a token, so Jules does not get it.
    Credential,
    /// A reply only asks for an approval: there is a button for that.
    PressApprove {
        /// The task.
        task: TaskId,
        /// The plan that is waiting.
        plan: PlanId,
    },
    /// A reply only asks for an approval, and no plan is waiting for one.
    NothingToApprove,
    /// A reply only asks for a stop: there is a button for that.
    PressStop {
        /// The task.
        task: TaskId,
        /// It has a session already.
        begun: bool,
    },
    /// Whether to stop a task is asked, since a menu can't ask.
    ConfirmStop {
        /// The task.
        task: TaskId,
        /// It has a session already.
        begun: bool,
    },
    /// People of other organisations cannot steer.
    NoSteering,
    /// A button was pressed elsewhere than in the channel of its task.
    OtherPlace,
    /// A draft belongs to someone else.
    NotYourDraft,
    /// The channel cannot be written.
    CannotWrite {
        /// The channel.
        channel: ChannelId,
        /// Why.
        cause: Cause,
    },
    /// The card was deleted.
    RootGone {
        /// The task's title.
        title: String,
        /// The session's page, if there is one.
        url: Option<String>,
    },
    /// A task was tried again already.
    RetriedAlready {
        /// The page of its new card, once there is one.
        page: Option<String>,
    },
    /// A view did not open in time.
    ViewNotOpened,
    /// A session can be followed in this channel, where others will see it.
    FollowHere {
        /// The task that would follow it.
        task: TaskId,
        /// The channel.
        channel: Option<ChannelId>,
    },
    /// A session has a thread already.
    AlreadyFollowed {
        /// The task that would take it over, if the person may move it.
        task: Option<TaskId>,
        /// The page of its card in Slack, if the person may know of it.
        page: Option<String>,
        /// The channel where others would see it.
        channel: Option<ChannelId>,
    },
    /// A session isn't in the account.
    SessionNotFound,
    /// No session that is listed has opened the pull request.
    NoSessionOpenedIt,
    /// What was typed names no session.
    NoSessionLink {
        /// What was typed.
        typed: String,
    },
    /// The question whether to follow a session was asked too long ago, or was withdrawn.
    FollowExpired,
    /// Nobody knows that task any more.
    TaskUnknown,
    /// Tasks, newest first.
    Tasks(Box<Listing>),
    /// Their message went to a finished session as a question.
    SentAsQuestion,
    /// Nobody can see whether people have pushed onto the branch.
    PushesUnseen {
        /// The repository.
        repo: RepoRef,
    },
    /// The issue that a task is about is closed: start it anyway?
    IssueClosed {
        /// The task.
        task: TaskId,
        /// The issue.
        issue: PullRef,
        /// Since when, and why.
        closed: IssueClosed,
    },
    /// Someone has begun a task on the same issue: start another?
    IssueBegun {
        /// The task.
        task: TaskId,
        /// The issue.
        issue: PullRef,
        /// Who.
        by: UserId,
        /// The page of its card, for someone who may know of it.
        page: Option<String>,
    },
    /// The task is about a pull request: work on its branch? Without one a session of Jules opened it, which can be
    /// followed.
    LinkedPull {
        /// The task.
        task: TaskId,
        /// The pull request.
        pull: PullRef,
        /// Its branch.
        branch: Option<Branch>,
    },
    /// There is nothing to send any more: the review is too long ago, or no checks fail.
    NothingToFix,
    /// What was to be said in a thread that is gone.
    Copy(Post),
    /// A plan that someone has to approve, of a task whose thread is gone.
    Plan {
        /// The task.
        task: TaskId,
        /// The plan.
        plan: Box<PlanRecord>,
        /// The session's page.
        url: String,
    },
}

impl Notice {
    /// Whether a task or someone's words wait for what they do about it, or they would believe that Jules has them.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        matches!(
            self,
            Self::NotConnected { .. }
                | Self::Choose { .. }
                | Self::ManyFit { .. }
                | Self::SeveralFit { .. }
                | Self::UnknownRepo { .. }
                | Self::UnknownBranch { .. }
                | Self::UnknownPath { .. }
                | Self::NoDefaultBranch { .. }
                | Self::NoSources
                | Self::NotStarted { .. }
                | Self::Refused(_)
                | Self::NotDelivered { .. }
                | Self::MaybeDelivered { .. }
                | Self::Pick { .. }
                | Self::Confirm { .. }
                | Self::NobodyPicked
                | Self::NothingSaid
                | Self::FollowHere { .. }
                | Self::AlreadyFollowed { .. }
                | Self::Credential
                | Self::TooLong
                | Self::TooLate(_)
                | Self::PressApprove { .. }
                | Self::PressStop { .. }
                | Self::NothingInThread { .. }
                | Self::SessionNotFound
                | Self::NoSessionOpenedIt
                | Self::FollowExpired
                | Self::PushesUnseen { .. }
                | Self::IssueClosed { .. }
                | Self::IssueBegun { .. }
                | Self::LinkedPull { .. }
                | Self::Plan { .. }
        )
    }
}

/// What is said in a task's thread, in order and once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// The session's link: the first reply in the thread.
    Link {
        /// The session's page.
        url: String,
        /// The repository.
        repo: RepoRef,
        /// The branch it starts from.
        branch: Branch,
        /// The thread hears only what waits for someone, and how it ended.
        #[serde(default)]
        quiet: bool,
    },
    /// A part of a plan, counted from 0; the last one shows what became of it. Drawn from the task.
    Plan {
        /// The plan.
        id: PlanId,
        /// Which part.
        part: u32,
    },
    /// Jules says something, or asks.
    Word {
        /// What it says: Markdown.
        text: String,
        /// It waits for an answer.
        question: bool,
        /// The session's page.
        url: String,
    },
    /// Jules is done.
    Finished(Box<Finished>),
    /// Jules gave up.
    Failed {
        /// The task.
        task: TaskId,
        /// Why, if Jules says.
        reason: Option<String>,
        /// The session's page.
        url: String,
    },
    /// Jules has refused to create the session for some time, and gives no reason.
    Refused {
        /// The author, who is asked to look.
        to: UserId,
        /// The task.
        task: TaskId,
        /// Its repository.
        repo: Option<RepoRef>,
    },
    /// A pull request came after the end was told.
    PullRequest(PullRequest),
    /// Something happened to the pull request.
    Pull(Box<PullNews>),
    /// Something may overwrite people's work: may it go to Jules all the same?
    Held(Box<HeldQuestion>),
    /// Someone decided that.
    HeldDecided {
        /// Who.
        by: UserId,
        /// It goes.
        sent: bool,
    },
    /// The plan was approved on Jules' own page.
    ApprovedElsewhere,
    /// Jules works by a new plan without waiting for an approval.
    WentOn,
    /// Someone answered Jules outside the thread.
    Answered {
        /// Who.
        by: UserId,
        /// What they wrote, as much of it as a message shows.
        text: String,
    },
    /// Someone sent a message in the thread on to Jules.
    SentOn {
        /// Who.
        by: UserId,
        /// What it says, as much of it as a message shows.
        text: String,
    },
    /// Someone wrote to Jules on its own page.
    SaidElsewhere {
        /// What they wrote.
        text: String,
    },
    /// The session was archived on Jules' own page.
    ArchivedElsewhere {
        /// The session's page.
        url: String,
    },
    /// The session is out of the archive again.
    Unarchived,
    /// Jules paused the session in the middle of its work, or someone did on Jules' own page.
    Paused {
        /// The session's page.
        url: String,
    },
    /// The session was deleted on Jules' own page.
    SessionGone {
        /// The task.
        task: TaskId,
    },
    /// The operator gave the task up.
    Dropped {
        /// The task.
        task: TaskId,
        /// The session's page, if there is a session.
        url: Option<String>,
    },
    /// A session that was told to be gone is there after all.
    SessionFound,
    /// The session has another thread now.
    Moved {
        /// Who moved it.
        by: UserId,
        /// The page of its card in Slack, if it is known.
        page: Option<String>,
    },
    /// Someone is reminded, or couldn't be notified by direct message.
    Call(Call),
    /// Another task was asked for in this thread.
    Beside {
        /// Its title.
        title: String,
        /// The page of its card, if it is known.
        page: Option<String>,
    },
    /// There is news that can't be shown here: Slack refused the message, or Jules' activities couldn't be read.
    SeeSession {
        /// The session's page.
        url: String,
    },
}

/// What happened to a pull request on GitHub.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PullNews {
    /// The task.
    pub task: TaskId,
    /// The pull request.
    pub pull_request: PullRequest,
    /// What.
    pub what: PullEvent,
    /// Who decided that it isn't sent to Jules now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<UserId>,
}

impl PullEvent {
    /// What can be sent to Jules: a review, by GitHub's number of it, or `None` in it for the checks that failed.
    #[must_use]
    pub fn offers(&self) -> Option<Option<u64>> {
        match self {
            Self::Reviewed { review, .. } => Some(Some(*review)),
            Self::ChecksFailed { .. } => Some(None),
            Self::Merged { .. }
            | Self::Closed { .. }
            | Self::Approved { .. }
            | Self::Conflict { .. }
            | Self::ReviewAwaited
            | Self::Unseen { .. } => None,
        }
    }
}

/// What can happen to a pull request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullEvent {
    /// It was merged.
    Merged {
        /// By whom, if GitHub says.
        by: Option<Login>,
    },
    /// It was closed without merging.
    Closed {
        /// By whom, if GitHub says.
        by: Option<Login>,
    },
    /// Someone reviewed it, and didn't approve.
    Reviewed {
        /// GitHub's number of the review.
        review: u64,
        /// Who.
        by: Login,
        /// The beginning of their words.
        text: String,
        /// How many comments on lines there are.
        comments: u32,
        /// They want changes.
        wants_changes: bool,
    },
    /// Someone approved it.
    Approved {
        /// Who.
        by: Login,
    },
    /// Checks failed.
    ChecksFailed {
        /// For this commit.
        head: Commit,
        /// Their names, at most twenty.
        failed: Vec<String>,
        /// How many failed.
        bad: u32,
        /// Of how many.
        total: u32,
    },
    /// It can't be merged any more.
    Conflict {
        /// With this branch.
        base: Branch,
    },
    /// Nobody has reviewed it for a day.
    ReviewAwaited,
    /// It can't be seen on GitHub any more.
    Unseen {
        /// The repository.
        repo: RepoRef,
    },
}

impl PullEvent {
    /// Whether the task's author is mentioned.
    #[must_use]
    pub(crate) fn is_for_its_author(&self) -> bool {
        match self {
            Self::Merged { .. } | Self::ChecksFailed { .. } | Self::ReviewAwaited => true,
            Self::Reviewed { wants_changes, .. } => *wants_changes,
            Self::Closed { .. }
            | Self::Approved { .. }
            | Self::Conflict { .. }
            | Self::Unseen { .. } => false,
        }
    }
}

/// Whether something may go to Jules although it may overwrite people's work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldQuestion {
    /// The task.
    pub task: TaskId,
    /// The question's number within the task.
    pub number: u32,
    /// Why it may.
    pub risk: Risk,
    /// The pull request.
    pub pull_request: Option<PullRequest>,
}

/// Whether a pull request is watched from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watching {
    /// It is.
    Yes,
    /// It can't be seen on GitHub.
    Hidden {
        /// Not with our token either.
        has_token: bool,
    },
}

/// What a person is notified of, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// This plan is waiting for an approval.
    Plan(PlanId),
    /// Jules is waiting for the answer to a question, the how many-th of the session.
    Question(u32),
    /// Jules is done.
    Finished,
    /// Jules gave up.
    Failed,
}

/// A person is notified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Of what.
    pub of: Occasion,
    /// They were before, and it's still so.
    pub again: bool,
}

/// How a session ended well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The task.
    pub task: TaskId,
    /// The session's page.
    pub url: String,
    /// The pull requests that the thread was not told of before, oldest first.
    pub opened: Vec<PullRequest>,
    /// The newest of those that it was told of before, where there is no other.
    pub kept: Option<PullRequest>,
    /// What changed since the thread was told last.
    pub changes: Changes,
    /// The commit message that Jules suggests.
    pub commit_message: Option<String>,
    /// How long it took, in seconds.
    pub took: Option<u64>,
    /// Whether the thread hears of reviews and of a merge; `None` where that isn't known.
    #[serde(default)]
    pub watching: Option<Watching>,
}

/// Why a click did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleAction {
    /// The plan was approved before; by whom, if it was here.
    Approved(Option<UserId>),
    /// Someone asked for changes of the plan.
    ChangesAsked(UserId),
    /// The question was answered.
    Answered,
    /// Someone has decided about what was kept back.
    Decided,
    /// There is a newer plan.
    Replaced,
    /// Jules went on without waiting for an approval.
    WentOn,
    /// The session is over.
    Over,
    /// The session failed.
    Failed,
    /// The session was stopped or archived.
    Archived,
    /// The session was deleted.
    Gone,
    /// There is no session yet.
    NotStarted,
    /// The operator gave the task up.
    Dropped,
    /// The session goes on.
    GoesOn,
    /// The session has another thread, on this page in Slack.
    Moved(Option<String>),
}

/// A page of a list of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Whose or where.
    pub scope: Scope,
    /// The tasks on this page.
    pub rows: Vec<TaskRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// What the account used; `None` when Jules could not be asked.
    pub usage: Option<Usage>,
    /// What it may use, if that is known.
    pub limits: Option<Quota>,
}

/// Which tasks a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those of one channel.
    Channel,
    /// Those of the person who asks, in all channels.
    Mine,
    /// Those of them that can still be stopped.
    Open,
    /// Those of them that are waiting for someone.
    Waiting,
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    /// Its face.
    pub card: Card,
    /// How old it is, in seconds.
    pub age: u64,
    /// Its channel.
    pub channel: ChannelId,
    /// Its thread's page in Slack.
    pub thread: Option<String>,
    /// The page in Slack of the message with the plan that someone can decide about.
    pub plan: Option<String>,
}
