//! The card: a task's face in the channel, as data. Drawn whole from the task, never patched.

use super::{Phase, Task, Why};
use crate::domain::fault::Cause;
use crate::domain::ids::{TaskId, UserId};
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::session::SessionState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the card shows. Two equal cards look the same, so an equal one is not drawn again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The task, for its buttons.
    pub task: TaskId,
    /// Who asked.
    pub author: UserId,
    /// The title, as typed.
    pub title: String,
    /// The words for Jules, when they say more than the title.
    pub prompt: Option<String>,
    /// The repository.
    pub repo: RepoRef,
    /// The branch it starts from.
    pub branch: Branch,
    /// Why these.
    pub why: Why,
    /// How it is going.
    pub standing: Standing,
    /// The session's page.
    pub url: Option<String>,
    /// When it was asked for.
    pub created: Timestamp,
}

/// How a task is going, as the card says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// On the way to Jules.
    Starting,
    /// Something is in the way; it goes on by itself.
    Held(Cause),
    /// Waiting for a slot; the place, counted from 1.
    InLine(u32),
    /// The session exists and is in this state.
    Session(SessionState),
    /// It could not be started; a person may try again.
    Stopped(Cause),
}

/// How much of the prompt the card quotes; the whole of it is behind the session's link.
const PROMPT_ON_CARD: usize = 600;

impl Task {
    /// The card as it should look now; `None` while there is nothing certain to show.
    #[must_use]
    pub fn card(&self) -> Option<Card> {
        let target = self.target.as_ref()?;
        let standing = match &self.phase {
            Phase::Draft { .. } | Phase::Resolving { .. } => return None,
            Phase::Carding => Standing::Starting,
            Phase::Starting { trouble: None } => Standing::Starting,
            Phase::Starting { trouble: Some(cause) } => Standing::Held(cause.clone()),
            Phase::InLine { place } => Standing::InLine(*place),
            Phase::Running { state } => Standing::Session(state.clone()),
            Phase::Stopped { cause } => Standing::Stopped(cause.clone()),
        };
        let title = self.title().to_owned();
        let prompt = self.ask.prompt.trim();
        Some(Card {
            task: self.id.clone(),
            author: self.author.clone(),
            prompt: (prompt != title).then(|| prompt.chars().take(PROMPT_ON_CARD + 1).collect()),
            title,
            repo: target.repo.clone(),
            branch: target.branch.clone(),
            why: target.why,
            standing,
            url: self.session.as_ref().map(|session| session.url.clone()),
            created: self.created,
        })
    }
}
