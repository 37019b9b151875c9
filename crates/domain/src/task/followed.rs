//! A session that began elsewhere and that a task follows: which, what it looked like, and who has its thread.

use super::progress::Progress;
use super::{Effect, Phase, SessionRef, Start, Task};
use crate::command::Request;
use crate::ids::{ChannelId, TaskId, UserId};
use crate::repo::{Branch, RepoRef, Target};
use crate::session::{Session, SessionState};
use crate::session_link::SessionLink;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The author can agree for as long as Slack accepts answers to the command.
const ASKED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The session that a task follows instead of creating one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// What was typed or picked.
    pub link: SessionLink,
    /// The session, once Jules has shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Box<DescribedSession>>,
    /// The task whose thread the session is moved from, once the author has agreed to that; before, the one
    /// that it can be moved from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<TaskId>,
    /// When its author was asked whether to follow it here. Nobody agreed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// What happened before this time, by Jules' clock, is no news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What happened before was taken in, and as much of it said as belongs in the thread.
    #[serde(default)]
    pub caught_up: bool,
    /// Jules' last message in what was taken in so far, while there is more of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
}

/// A session, as Jules describes it to someone who wants to follow it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribedSession {
    /// The session.
    pub session: Session,
    /// Its repository; `None` in a session without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoRef>,
    /// The branch that it started from, when Jules says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Branch>,
    /// What Jules was told to do; `None` when that is longer than what is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
}

impl SessionSearch {
    /// The repository of the session that was found.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoRef> {
        match self {
            Self::Free(found) | Self::Held(found, _) => found.repo.as_ref(),
            Self::Missing | Self::NoneOpenedIt => None,
        }
    }
}

/// What a search for a session came to.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionSearch {
    /// No thread has it.
    Free(Box<DescribedSession>),
    /// A thread has it.
    Held(Box<DescribedSession>, ThreadHolder),
    /// It isn't in the account.
    Missing,
    /// None of the sessions that were listed has opened this pull request.
    NoneOpenedIt,
}

/// The task that has a session's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadHolder {
    /// The task.
    pub task: TaskId,
    /// Who asked for it.
    pub author: UserId,
    /// Its channel; `None` for one of another workspace.
    pub channel: Option<ChannelId>,
    /// The page of its card in Slack, once there is one.
    pub page: Option<String>,
    /// Everyone in the workspace can read along there.
    pub is_public: bool,
}

/// What became of taking a session over.
#[derive(Debug, Clone, PartialEq)]
pub enum Adoption {
    /// It is this task's, from this time by Jules' clock on; with what the task before had of it.
    Ours(Timestamp, Option<Box<Handover>>),
    /// Another task's thread has it.
    Held(ThreadHolder),
}

/// What a task gives to the one that takes its session over.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// What was asked.
    pub ask: Request,
    /// The repository and branch, where the session was created for this task.
    pub target: Option<Target>,
    /// The session.
    pub session: SessionRef,
    /// Its state as Jules told it last.
    pub state: SessionState,
    /// What became of it.
    pub progress: Progress,
    /// How far its history was taken in, if it began elsewhere.
    pub followed: Option<Followed>,
    /// The openings of messages that are on their way to Jules.
    pub on_their_way: Vec<String>,
    /// The end is being looked up.
    pub awaits_result: bool,
}

/// Where a task's session went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTo {
    /// The task that has it now.
    pub task: TaskId,
    /// Who moved it.
    pub by: UserId,
    /// The page of its card in Slack, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The old thread was told.
    #[serde(default)]
    pub told: bool,
}

impl Followed {
    /// A session that has yet to be found.
    pub(super) fn new(link: SessionLink) -> Self {
        Self {
            link,
            found: None,
            moved_from: None,
            asked: None,
            since: None,
            caught_up: false,
            heard: None,
        }
    }

    /// Whether its author can still agree to follow it.
    pub(super) fn can_be_agreed(&self, now: Timestamp) -> bool {
        self.asked.is_some_and(|asked| now.duration_since(asked) <= ASKED_FOR)
    }
}

impl ThreadHolder {
    /// Whether someone may know of the thread, and move its session: from the same channel, or from anywhere
    /// where it is public. A direct message is its author's alone, and of another workspace's thread nothing is
    /// told.
    pub(super) fn is_open_to(&self, user: &UserId, at: Option<&ChannelId>) -> bool {
        let Some(channel) = &self.channel else { return false };
        let is_shared = !channel.is_dm() && (self.is_public || at == Some(channel));
        is_shared || self.author == *user
    }
}

impl Task {
    /// The repository and the branch that it is about, as far as there are any.
    #[must_use]
    pub fn place(&self) -> Option<(Option<&RepoRef>, Option<&Branch>)> {
        if let Some(target) = &self.target {
            return Some((Some(&target.repo), Some(&target.branch)));
        }
        let found = self.followed.as_ref()?.found.as_ref()?;
        Some((found.repo.as_ref(), found.branch.as_ref()))
    }

    /// How the same task begins once more; `None` when a person has to say more.
    #[must_use]
    pub fn once_more(&self) -> Option<Start> {
        match &self.target {
            Some(target) => Some(Start::At(target.clone())),
            None => {
                let knows = !self.ask.prompt.is_empty() && self.ask.options.repo.is_some();
                (self.followed.is_some() && knows).then_some(Start::Resolve(None))
            }
        }
    }

    /// The state of a session that began elsewhere, as far as it was told.
    pub(super) fn state_so_far(&self, found: &DescribedSession) -> SessionState {
        match (&self.phase, &found.session.state) {
            (Phase::Running { state }, _) | (_, Some(state)) => state.clone(),
            (_, None) => SessionState::Unspecified,
        }
    }

    /// Whether its session has another thread by now.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.progress.moved_to.is_some()
    }

    /// What it gives to the task that takes its session over; `None` before it has given it up to that one.
    #[must_use]
    pub fn handover(&self, to: &TaskId) -> Option<Handover> {
        self.progress.moved_to.as_ref().filter(|moved| moved.task == *to)?;
        let found = self.followed.as_ref().and_then(|followed| followed.found.as_ref());
        let state = match (&self.phase, found) {
            (Phase::Running { state }, _) => state.clone(),
            (_, Some(found)) => self.state_so_far(found),
            (_, None) => SessionState::Unspecified,
        };
        let ended = self.progress.ended.as_ref();
        Some(Handover {
            ask: self.ask.clone(),
            target: self.target.clone(),
            session: self.session.clone()?,
            state,
            progress: self.progress.clone(),
            followed: self.followed.clone(),
            on_their_way: self.on_their_way(),
            awaits_result: ended.is_some_and(|ended| !ended.told),
        })
    }

    fn on_their_way(&self) -> Vec<String> {
        let sent = self.outbox.iter().filter_map(|entry| match &entry.effect {
            Effect::Send(message) => Some(message.fingerprint()),
            _ => None,
        });
        sent.collect()
    }
}
