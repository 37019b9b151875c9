//! The task document and what can happen to it.

use super::effect::Outcome;
use super::entrance::Entrance;
use super::followed::{Followed, MovedTo};
use super::outbox::OutboxEntry;
use super::overview::OperatorAct;
use super::progress::{Progress, Retried};
use super::user_message::FileRef;
use crate::activity::Activity;
use crate::audit::AuditRecord;
use crate::command::Request;
use crate::fault::Cause;
use crate::ids::{
    AccountId, ChannelId, DeliveryId, MessageTs, PlanId, SessionId, TaskId, TeamId, UserId,
};
use crate::inbound::Verb;
use crate::lease::Lease;
use crate::pull::{NoSight, PullRef, PullSight};
use crate::queue::Standing;
use crate::repo::{Candidate, FixedSource, RepoRef, Target};
use crate::secret::Kept;
use crate::session::{Session, SessionState};
use crate::tenant::AccountRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One task, whole. Stored as one document; nothing about the task is kept anywhere else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its name, and the mark by which its messages are found again.
    pub id: TaskId,
    /// The Slack workspace.
    pub team: TeamId,
    /// The Jules account whose quota it uses.
    pub account: AccountId,
    /// Who brought it; `None` for the workspace's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_of: Option<UserId>,
    /// Who asked.
    pub author: UserId,
    /// Where the card goes; `None` until the form says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Where the author can be told something in private, while Slack allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyTo>,
    /// What was asked, as typed: nothing in it is checked against Jules.
    pub ask: Request,
    /// The repository, when it was certain from the start that this one is meant and Jules has only to be
    /// asked about it. Whatever the channel is bound to later, it stays this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FixedSource>,
    /// The repository and branch, once they are certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// How it came in, and what goes along with its own words.
    #[serde(default, skip_serializing_if = "Entrance::is_plain")]
    pub entrance: Entrance,
    /// How far it is.
    pub phase: Phase,
    /// The task whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<RetryOf>,
    /// The session that it follows instead of creating one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Followed>,
    /// Its card: the root of its thread, or a reply in the thread that it was asked for in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<MessageTs>,
    /// Our newest message in its thread. Whatever is posted there next is younger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_post: Option<MessageTs>,
    /// Another card of this task may be in the channel: nobody could tell whether it was posted.
    #[serde(default)]
    pub card_again: bool,
    /// Slack refused the message with the session's link, so the card has it for now.
    #[serde(default)]
    pub link_refused: bool,
    /// The card as it was last drawn; it is drawn again only when it would look different.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn: Option<super::Card>,
    /// The Jules session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionRef>,
    /// What became of the session, as far as the thread was told.
    #[serde(default, skip_serializing_if = "Progress::is_unused")]
    pub progress: Progress,
    /// Nothing can be posted in the channel right now, and why; the author was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Cause>,
    /// The root of the thread was deleted: what is important goes to the author alone.
    #[serde(default)]
    pub root_gone: bool,
    /// What is still to be done, oldest first.
    pub outbox: Vec<OutboxEntry>,
    /// Records that the audit trail lacks. They are written before the task's next attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<AuditRecord>,
    /// The number of the next entry of the outbox.
    pub next_entry: u32,
    /// Someone works on the outbox. Only the holder ends it early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// The deliveries that were taken, newest last: a redelivered click is nothing.
    pub handled: Vec<DeliveryId>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When something last happened.
    pub changed: Timestamp,
}

/// A `response_url` and how long Slack takes it (30 minutes, 5 uses).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The URL: anyone who has it can write to the author.
    #[serde(default)]
    pub url: Kept,
    /// When Slack stops taking it.
    pub until: Timestamp,
}

/// So many repositories are offered as buttons. More are better picked in the form.
pub const MOST_CHOICES: usize = 5;

/// The task whose place another one takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryOf {
    /// Its name.
    pub task: TaskId,
    /// The page of its card in Slack, if it is known.
    pub page: Option<String>,
    /// The draft of the form it was edited in: the same form again is nothing new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<TaskId>,
}

/// A session, as far as the task has to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRef {
    /// Its id.
    pub id: SessionId,
    /// Its page.
    pub url: String,
}

/// How far a task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A person has to say more: the form is open, or a choice is on offer.
    Draft {
        /// The repositories to choose from; empty when it was something else that is missing.
        candidates: Vec<Candidate>,
    },
    /// Jules is being asked which repository or branch is meant.
    Resolving {
        /// What keeps it from answering, if anything.
        trouble: Option<Cause>,
    },
    /// What goes along with it is being read in Slack.
    Reading,
    /// The card is being posted.
    Carding,
    /// The session is being created.
    Starting {
        /// What keeps it from starting, if anything.
        trouble: Option<Cause>,
    },
    /// Jules accepts no more tasks, or not this one: it waits in line.
    InQueue {
        /// Where it stands.
        standing: Standing,
    },
    /// The session exists.
    Running {
        /// Its state as Jules last told it.
        state: SessionState,
    },
    /// It could not be started. A person may try again.
    Stopped {
        /// Why.
        cause: Cause,
    },
}

impl Phase {
    /// A short name for metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::Resolving { .. } => "resolving",
            Self::Reading => "reading",
            Self::Carding => "carding",
            Self::Starting { .. } => "starting",
            Self::InQueue { .. } => "in_line",
            Self::Running { .. } => "running",
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// How a task begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Everything is certain.
    At(Target),
    /// Jules has to be asked: about this repository, or without one about the name that was typed.
    Resolve(Option<FixedSource>),
    /// A person has to say more.
    Draft(Vec<Candidate>),
}

impl Start {
    /// The repository, as far as it is certain.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoRef> {
        match self {
            Self::At(target) => Some(&target.repo),
            Self::Resolve(source) => source.as_ref().map(|source| &source.repo),
            Self::Draft(_) => None,
        }
    }
}

/// A click, or a form that was sent: who, and how they can be answered in private.
#[derive(Debug, Clone, PartialEq)]
pub struct Click {
    /// The delivery; the same one again is nothing.
    pub delivery: DeliveryId,
    /// Who it was.
    pub by: UserId,
    /// Where they can be answered.
    pub reply: Option<ReplyTo>,
}

/// What someone did in the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// They wrote a message.
    Written,
    /// They edited one, which Jules was or will be given as it was first.
    Edited,
    /// They wrote a message that is longer than anything we take.
    TooLong,
}

/// A message in the thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadReply {
    /// Whether it is new.
    pub kind: ReplyKind,
    /// Who wrote it; its delivery is named after the message, which may be told of twice.
    pub click: Click,
    /// The message.
    pub ts: MessageTs,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// Slack's event did not say what is attached.
    pub is_partial: bool,
}

/// What a look at Jules showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The session.
    pub session: Session,
    /// Its activities from the cursor on, with some overlap; `None` when they were not read.
    pub activities: Option<Vec<Activity>>,
    /// They reach up to now, so what the session is waiting for is among them. A reading that ended early has the
    /// oldest.
    pub is_whole: bool,
}

/// What can happen to a task. Every input has a name; a test can make each.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The form was sent.
    FormValues {
        /// The whole request, as the form has it.
        ask: Request,
        /// Where to post, when the form asked.
        channel: Option<ChannelId>,
        /// How to begin with it.
        start: Start,
        /// The account that it begins on.
        account: AccountRef,
    },
    /// A button was pressed.
    Press(Click, Verb),
    /// The line moved.
    Standing {
        /// Where the task stands now.
        standing: Standing,
        /// It is its turn to ask Jules.
        is_next: bool,
    },
    /// Jules was looked at.
    Seen(Box<Observation>),
    /// Jules shows the session, and for a while has not shown what happened in it.
    Unread {
        /// The session.
        session: Box<Session>,
        /// It isn't going to be looked at much longer.
        is_last: bool,
    },
    /// The session is not there any more.
    Gone,
    /// Jules cannot be asked about the session.
    Blocked(Cause),
    /// The form "Ask for changes" was sent.
    Changes {
        /// By whom.
        click: Click,
        /// The plan that was shown.
        plan: PlanId,
        /// What Jules shall change.
        text: String,
    },
    /// The form that answers a question was sent.
    Answer {
        /// By whom.
        click: Click,
        /// The question that was shown.
        question: u32,
        /// The answer.
        text: String,
    },
    /// Someone sent a message on that stands in the thread.
    SentOn {
        /// Who.
        click: Click,
        /// What it says.
        text: String,
    },
    /// Someone wrote in the thread.
    Reply(Box<ThreadReply>),
    /// Someone of another organisation wrote in the thread.
    Outsider(Click),
    /// The bot can write in the channel again.
    Returned,
    /// Another task took this one's place.
    Retried(Retried),
    /// Another task takes the session over.
    HandOver(MovedTo),
    /// The other task has its thread, on this page in Slack if that is known.
    Moved(Option<String>),
    /// Another task was asked for in this one's thread.
    Beside {
        /// Its name.
        task: TaskId,
        /// Its title.
        title: String,
        /// The page of its card, if it is known.
        page: Option<String>,
    },
    /// The operator did something, on the command line.
    Operated(OperatorAct),
    /// GitHub was looked at for the pull request.
    Pull {
        /// Which, by the address that Jules gave.
        of: PullRef,
        /// What it showed.
        look: Box<Result<PullSight, NoSight>>,
    },
    /// An entry of the outbox was attempted.
    Done {
        /// Which.
        entry: u32,
        /// How it ended.
        outcome: Outcome,
    },
}

impl Task {
    /// A new task in its first phase, with the first thing to do in its outbox.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "a document is made of what it is made of, once")]
    pub fn new(
        id: TaskId,
        team: TeamId,
        account: AccountRef,
        author: UserId,
        channel: Option<ChannelId>,
        reply: Option<ReplyTo>,
        ask: Request,
        entrance: Entrance,
        start: Start,
        now: Timestamp,
    ) -> Self {
        let mut task = Self {
            id,
            team,
            account: account.id,
            account_of: account.owner,
            author,
            channel,
            reply,
            ask,
            source: None,
            target: None,
            entrance,
            phase: Phase::Draft { candidates: Vec::new() },
            retry_of: None,
            followed: None,
            card: None,
            last_post: None,
            card_again: false,
            link_refused: false,
            drawn: None,
            session: None,
            progress: Progress::default(),
            away: None,
            root_gone: false,
            // One of each is what nearly every task begins with; a vector that grows makes room for four.
            outbox: Vec::with_capacity(1),
            records: Vec::with_capacity(1),
            next_entry: 0,
            lease: None,
            handled: Vec::new(),
            created: now,
            changed: now,
        };
        task.begin(start, now);
        task
    }

    /// A title for people: the one that was typed, else the first line of the prompt.
    #[must_use]
    pub fn title(&self) -> &str {
        let line = self.ask.prompt.lines().map(str::trim).find(|line| !line.is_empty());
        self.ask.options.title.as_deref().or(line).unwrap_or("task")
    }

    /// Whether it takes the place of another task. The draft of the form that one is edited in doesn't.
    #[must_use]
    pub fn is_successor(&self) -> bool {
        self.retry_of.as_ref().is_some_and(|retry_of| self.id == retry_of.task.successor())
    }

    /// The root of its thread, once it has one.
    #[must_use]
    pub fn thread(&self) -> Option<&MessageTs> {
        self.card.as_ref().map(|card| self.entrance.root.as_ref().unwrap_or(card))
    }

    /// The account that its session is in, and stays in.
    #[must_use]
    pub fn account_ref(&self) -> AccountRef {
        AccountRef { id: self.account.clone(), owner: self.account_of.clone() }
    }

    /// Has it begin on this account, unless it has begun already.
    pub(in crate::task) fn on_account(&mut self, account: AccountRef) {
        if self.session.is_none() {
            self.account = account.id;
            self.account_of = account.owner;
        }
    }

    /// The repository that it is for, once that is certain.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoRef> {
        let target = self.target.as_ref().map(|target| &target.repo);
        let followed = || self.followed.as_ref()?.found.as_ref()?.repo.as_ref();
        target.or(self.source.as_ref().map(|source| &source.repo)).or_else(followed)
    }

    /// Whether its thread is, or is going to be, the one with this root.
    #[must_use]
    pub fn is_in(&self, root: &MessageTs) -> bool {
        self.thread() == Some(root) || self.entrance.root.as_ref() == Some(root)
    }

    /// The thread that something about it can be shown in by now: Slack shows nothing private in the thread of
    /// a message that nobody has replied to. In a direct message nothing has to be private.
    #[must_use]
    pub fn thread_so_far(&self) -> Option<&MessageTs> {
        let Entrance { root, message, .. } = &self.entrance;
        self.thread().or(root.as_ref().filter(|_| root != message || self.is_direct()))
    }

    /// The page of its card in the workspace with this address (Slack: permalinks).
    #[must_use]
    pub fn page(&self, workspace: &str) -> Option<String> {
        self.page_of(self.card.as_ref()?, workspace)
    }

    /// The page of the message with the plan that someone can decide about.
    #[must_use]
    pub fn plan_page(&self, workspace: &str) -> Option<String> {
        let message = self.progress.open_plan()?.message.as_ref()?;
        self.page_of(message, workspace)
    }

    fn page_of(&self, message: &MessageTs, workspace: &str) -> Option<String> {
        let (channel, thread) = (self.channel.as_ref()?, self.thread()?);
        let number = message.as_str().replace('.', "");
        let page = format!("{}/archives/{channel}/p{number}", workspace.trim_end_matches('/'));
        Some(if message == thread {
            page
        } else {
            format!("{page}?thread_ts={thread}&cid={channel}")
        })
    }

    /// What Jules is asked to do: the task's own words, and behind them what goes along.
    #[must_use]
    pub fn whole_prompt(&self) -> String {
        let along = self.entrance.material.as_ref().map(|one| one.parts()).unwrap_or_default();
        [&[self.ask.prompt.as_str()], along.as_slice()].concat().join("\n\n")
    }

    /// The session's title: Jules may use it for the pull request.
    #[must_use]
    pub fn session_title(&self) -> String {
        const LONGEST: usize = 80;
        let short: String = self.title().chars().take(LONGEST).collect();
        short.trim_end().to_owned()
    }
}
