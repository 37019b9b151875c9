//! How a task came in: the way, the thread that its card goes to, and what goes along with its own words.

use super::followed::ThreadHolder;
use super::user_message::FileRef;
use crate::ids::{MessageTs, TaskId};
use crate::pull::PullRef;
use crate::repo::Branch;
use crate::secret::{Kept, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The prompt of a task that is only a mention of the bot in a thread: what to do stands in the thread.
pub(crate) const BARE_PROMPT: &str = "Work on what this thread asks for.";

/// How a task was requested. The default is a plain `/jules` command.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entrance {
    /// The way.
    pub way: Way,
    /// The root of the thread that the card is a reply in; `None` where the card is the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<MessageTs>,
    /// The message that asks for the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageTs>,
    /// The message has no words of its own: it only mentions the bot, in a thread.
    pub is_bare: bool,
    /// What has to be read in Slack before the task starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reads: Option<Reads>,
    /// What was read and goes along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<Material>,
    /// Which replies in the thread go to Jules.
    pub hears: Hears,
    /// The last reply sent to Jules, with [`Hears::Mentions`]: the next one includes what was written since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<MessageTs>,
    /// The task in whose thread this one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// The GitHub issue that it is about, once that was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueAlong>,
    /// Its author has to confirm it before it starts.
    pub is_to_confirm: bool,
    /// An app asked for it: its ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_app: Option<Vec<String>>,
}

/// The GitHub issue that a task is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAlong {
    /// Which.
    pub at: PullRef,
    /// Its words go along.
    pub is_along: bool,
    /// It couldn't be read, so Jules gets the link alone.
    pub is_unread: bool,
    /// It's a pull request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pull: bool,
    /// Someone who isn't of the repository wrote what goes along: its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strangers_to: Option<String>,
}

/// What was read of an issue. The default is that GitHub isn't asked, or that it is no issue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IssueRead {
    /// The issue as Jules gets it.
    pub text: Option<Secret>,
    /// Someone who isn't of the repository wrote some of it.
    pub has_strangers: bool,
    /// It couldn't be read.
    pub is_unread: bool,
    /// It's closed.
    pub closed: Option<IssueClosed>,
    /// The task that someone else began on it, and that isn't over.
    pub begun: Option<ThreadHolder>,
    /// It's a pull request.
    pub pull: Option<LinkedPull>,
}

/// A pull request that a request links to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkedPull {
    /// A session of Jules opened it.
    OfJules,
    /// Its branch is in the repository, and it's open.
    Branch(Branch),
    /// There's no branch to work on: it's closed, another repository has its branch, or it couldn't be read.
    NoBranch,
}

/// That an issue is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueClosed {
    /// GitHub's word for why.
    pub why: Option<String>,
    /// Since when.
    pub at: Option<Timestamp>,
}

impl IssueClosed {
    /// The day, as `3 May 2026`.
    #[must_use]
    pub fn day(&self) -> Option<String> {
        self.at.map(|at| at.strftime("%-d %B %Y").to_string())
    }
}

/// A task in whose thread another one was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Its name.
    pub task: TaskId,
    /// The page of its card in Slack, if it is known.
    pub page: Option<String>,
}

/// The way that a task came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// `/jules`, or its form.
    #[default]
    Command,
    /// A message that mentions the bot.
    Mention,
    /// A direct message to the bot.
    DirectMessage,
    /// The shortcut of the workspace.
    Shortcut,
    /// The shortcut in the menu of a message.
    MessageShortcut,
    /// The button in App Home.
    Home,
}

/// What has to be read in Slack before a task starts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reads {
    /// The message that asks for it: Slack's event did not say what is attached.
    pub message: bool,
    /// The root of the thread that it stands in: who has written there, and what goes along up to the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageTs>,
    /// What was written in the thread goes along.
    pub goes_along: bool,
    /// The files that are attached to the message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
}

impl Reads {
    /// Whether there is something to read.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.message || self.thread.is_some() || !self.files.is_empty()
    }
}

/// What goes along with a task's own words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Material {
    /// The thread, exactly as Jules gets it; people's messages, so it is sealed. None where none goes along.
    #[serde(skip_serializing_if = "Kept::is_absent")]
    pub thread: Kept,
    /// The texts of the attached files, as Jules gets them.
    #[serde(skip_serializing_if = "Kept::is_absent")]
    pub files: Kept,
    /// The GitHub issue that it is about, exactly as Jules gets it.
    #[serde(skip_serializing_if = "Kept::is_absent")]
    pub issue: Kept,
    /// How many messages of the thread go along.
    pub messages: u32,
    /// How many the thread has.
    pub of: u32,
    /// Why the thread could not be read, in Slack's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// Whose replies in the thread are heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hears {
    /// Everyone's.
    #[default]
    Everyone,
    /// Those that mention the bot, and the author's while Jules is waiting for an answer: other people had
    /// been talking in the thread before.
    Mentions,
}

impl Entrance {
    /// Whether the task came in by a command, with nothing besides.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// How a task that takes this one's place begins: with the same material, and a card of its own.
    #[must_use]
    pub fn again(&self) -> Self {
        let (way, is_bare) = (self.way, self.is_bare);
        let material = self.material.clone().map(Material::without_lost);
        Self { way, material, is_bare, issue: self.issue.clone(), ..Self::default() }
    }
}

impl Material {
    /// The same for another document, in which what can't be opened in this one never opens.
    fn without_lost(self) -> Self {
        let open = |kept: Kept| Kept::from(kept.into_open());
        Self { thread: open(self.thread), files: open(self.files), issue: open(self.issue), ..self }
    }

    /// Whether it still holds what people wrote.
    #[must_use]
    pub(crate) fn has_texts(&self) -> bool {
        !(self.thread.is_absent() && self.files.is_absent() && self.issue.is_absent())
    }

    /// What follows the task's own words in the prompt.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        [&self.issue, &self.files, &self.thread]
            .into_iter()
            .filter_map(Kept::open)
            .map(Secret::expose)
            .collect()
    }
}
