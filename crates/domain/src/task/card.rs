//! The card: a task's face in the channel, as data. Drawn whole from the task, never patched.

use super::entrance::IssueAlong;
use super::pull_life::PullFace;
use super::{Beside, Completion, Effect, Hears, MovedTo, Phase, Retried, RetryOf, Task, Way};
use crate::fault::Cause;
use crate::ids::{MessageTs, TaskId, UserId};
use crate::queue::Standing;
use crate::repo::{Branch, RepoRef, Skipped, TargetReason};
use crate::session::{PullRequest, SessionState};
use serde::{Deserialize, Serialize};

/// What the card shows. Two equal cards look the same, so an equal one is not drawn again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The task, for its buttons.
    pub task: TaskId,
    /// Who asked.
    pub author: UserId,
    /// Whose Jules account it uses; `None` for the workspace's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_of: Option<UserId>,
    /// The title, as typed.
    pub title: String,
    /// The words for Jules, when they say more than the title.
    pub prompt: Option<String>,
    /// The repository; `None` for a session without one.
    pub repo: Option<RepoRef>,
    /// The branch it starts from, if it is known.
    pub branch: Option<Branch>,
    /// Why these.
    pub why: TargetReason,
    /// The defaults that would have come first, if Jules had their repositories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// The session began elsewhere, and the author brought it here.
    #[serde(default)]
    pub followed: bool,
    /// How it is going.
    pub status: CardStatus,
    /// What keeps the session from being stopped, where someone asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Cause>,
    /// The session's page.
    pub url: Option<String>,
    /// Slack refused the message that leads there.
    #[serde(default)]
    pub link_refused: bool,
    /// The step of the plan that Jules is at.
    #[serde(default)]
    pub step: Option<StepAt>,
    /// What Jules says it is doing, when that is no step of its plan.
    #[serde(default)]
    pub progress: Option<String>,
    /// For how many minutes it has been going on, in coarse steps.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// For how many minutes nothing was heard of Jules, in coarse steps.
    #[serde(default)]
    pub silent: Option<u32>,
    /// Who approved its plan.
    #[serde(default)]
    pub approved_by: Option<UserId>,
    /// The message with the plan that someone can decide about.
    #[serde(default)]
    pub plan: Option<MessageTs>,
    /// The pull request.
    #[serde(default)]
    pub pull_request: Option<PullRequest>,
    /// How the pull request is on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullFace>,
    /// How long it took, in seconds, once it is over.
    #[serde(default)]
    pub took: Option<u64>,
    /// The task that it is a retry of.
    #[serde(default)]
    pub retry_of: Option<RetryOf>,
    /// What took its place.
    #[serde(default)]
    pub retried: Option<Retried>,
    /// Why Jules gave up, in one line, if it says.
    #[serde(default)]
    pub failure: Option<String>,
    /// Another card of this task may be in the channel, which nobody follows.
    #[serde(default)]
    pub again: bool,
    /// How the task came in.
    #[serde(default)]
    pub way: Way,
    /// It is a reply in the thread that the task was asked for in, and carries the session's link.
    #[serde(default)]
    pub in_thread: bool,
    /// How many messages of a thread went along, and of how many.
    #[serde(default)]
    pub along: Option<(u32, u32)>,
    /// The GitHub issue that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueAlong>,
    /// They are still kept.
    #[serde(default)]
    pub can_show: bool,
    /// Whose replies are heard.
    #[serde(default)]
    pub hears: Hears,
    /// The task in whose thread this one was asked for.
    #[serde(default)]
    pub beside: Option<Beside>,
}

impl Card {
    /// Whether it looks different only in how far it is by now: its place in line, the time, the step.
    /// Nobody waits for that.
    fn is_further(&self, drawn: &Self) -> bool {
        let without = |card: &Self| {
            let mut card =
                Self { step: None, progress: None, minutes: None, silent: None, ..card.clone() };
            if let CardStatus::InQueue(standing) = &mut card.status {
                standing.place = None;
            }
            card
        };
        without(self) == without(drawn)
    }
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAt {
    /// Which, counted from 1.
    pub at: u32,
    /// Of how many.
    pub of: u32,
    /// What it does.
    pub title: String,
}

/// How a task is going, as the card says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// On the way to Jules.
    Starting,
    /// Something is in the way; it continues automatically.
    Held(Cause),
    /// Waiting in line.
    InQueue(Standing),
    /// The session exists and is in this state.
    Session(SessionState),
    /// Jules is done, and the thread was told what came of it.
    Finished {
        /// Jules certainly changed nothing.
        changed_nothing: bool,
    },
    /// It could not be started; a person may try again.
    Stopped(Cause),
    /// Someone asked to stop the session, which is being archived.
    Stopping(UserId),
    /// The session is archived: by this person here, or on Jules' own page.
    Archived(Option<UserId>),
    /// The session was deleted at Jules.
    Gone,
    /// The session has another thread.
    Moved(MovedTo),
}

/// How much of the prompt the card quotes; the whole of it is behind the session's link.
const PROMPT_ON_CARD: usize = 600;

impl Task {
    /// The card as it should look now; `None` while there is nothing certain to show.
    #[must_use]
    pub fn card(&self) -> Option<Card> {
        let (repo, branch) = self.place()?;
        let why = self.target.as_ref().map_or(TargetReason::Asked, |target| target.why);
        let followed = self.followed.is_some();
        let status = match &self.phase {
            Phase::Draft { .. } | Phase::Resolving { .. } | Phase::Reading => return None,
            Phase::Carding => CardStatus::Starting,
            Phase::Starting { trouble: None } => CardStatus::Starting,
            Phase::Starting { trouble: Some(cause) } => CardStatus::Held(cause.clone()),
            Phase::InQueue { standing } => CardStatus::InQueue(standing.clone()),
            Phase::Running { state } => self.session_status(state),
            Phase::Stopped { cause } => CardStatus::Stopped(cause.clone()),
        };
        let title = self.title().to_owned();
        let prompt = self.ask.prompt.trim();
        let progress = &self.progress;
        let works = status == CardStatus::Session(SessionState::InProgress);
        let step = self.step().filter(|_| works);
        let stops = matches!(status, CardStatus::Stopping(_));
        Some(Card {
            task: self.id.clone(),
            author: self.author.clone(),
            account_of: self.account_of.clone(),
            followed,
            // What someone wrote elsewhere is not said to be shown.
            prompt: (prompt != title && !followed)
                .then(|| prompt.chars().take(PROMPT_ON_CARD + 1).collect()),
            title,
            repo: repo.cloned(),
            branch: branch.cloned(),
            why,
            skipped: self.target.as_ref().map(|one| one.skipped.clone()).unwrap_or_default(),
            url: self.session.as_ref().map(|session| session.url.clone()),
            link_refused: self.link_refused,
            blocked: progress.blocked.clone().filter(|_| stops),
            progress: progress.doing.clone().filter(|_| works && step.is_none()),
            step,
            minutes: progress.minutes.filter(|_| self.is_busy()),
            silent: progress.silent.filter(|_| self.is_busy()),
            approved_by: progress.approved_by().cloned(),
            plan: progress.open_plan().and_then(|plan| plan.message.clone()),
            pull_request: progress.pull_request().cloned(),
            pull: progress.pull.face.clone(),
            took: self.took(),
            failure: progress.failure.clone(),
            again: self.card_again,
            way: self.entrance.way,
            in_thread: self.entrance.root.is_some(),
            along: self
                .entrance
                .material
                .as_ref()
                .filter(|material| material.messages > 0)
                .map(|material| (material.messages, material.of)),
            issue: self.entrance.issue.clone(),
            can_show: self
                .entrance
                .material
                .as_ref()
                .is_some_and(|one| one.thread.open().is_some()),
            hears: self.entrance.hears,
            beside: self.entrance.beside.clone(),
            retry_of: self.retry_of.clone(),
            retried: progress.retried.clone(),
            status,
        })
    }

    /// Whether someone is waiting for this: an answer, what became of a click, an end. A card that
    /// isn't posted yet comes after what is said about those that are.
    #[must_use]
    pub fn is_awaited(&self, effect: &Effect) -> bool {
        match effect {
            Effect::PostCard => false,
            Effect::Redraw => match (self.card(), &self.drawn) {
                (Some(card), Some(drawn)) => !card.is_further(drawn),
                _ => true,
            },
            _ => true,
        }
    }

    fn session_status(&self, state: &SessionState) -> CardStatus {
        let progress = &self.progress;
        if let Some(moved) = &progress.moved_to {
            CardStatus::Moved(moved.clone())
        } else if progress.gone {
            CardStatus::Gone
        } else if progress.archived && progress.ended.is_none() {
            CardStatus::Archived(progress.stopping.clone())
        } else if let Some(by) = &progress.stopping {
            CardStatus::Stopping(by.clone())
        } else if let Some(cause) = &progress.blocked {
            CardStatus::Held(cause.clone())
        } else if let Some(ended) = self.told_end(state) {
            if ended.failed {
                CardStatus::Session(SessionState::Failed)
            } else {
                CardStatus::Finished { changed_nothing: ended.changed_nothing }
            }
        } else {
            CardStatus::Session(state.clone())
        }
    }

    /// The end that the thread was told of, if the state says the same, or that Jules is at work: a wake-up forgets the
    /// end, so that state is from before it.
    fn told_end(&self, state: &SessionState) -> Option<&Completion> {
        let ended = self.progress.ended.as_ref().filter(|ended| ended.told)?;
        (state.is_busy() || state.end() == Some(ended.failed)).then_some(ended)
    }

    fn step(&self) -> Option<StepAt> {
        let at = self.progress.step?;
        let plan = self.progress.plans.last()?;
        let title = plan.steps.get(usize::try_from(at).ok()?.checked_sub(1)?)?.title.clone();
        Some(StepAt { at, of: u32::try_from(plan.total).ok()?, title })
    }

    /// Whether Jules is at work on it, as far as is known.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let works = matches!(&self.phase, Phase::Running { state } if state.is_busy());
        works
            && !self.is_moved()
            && !self.progress.gone
            && !self.progress.archived
            && self.progress.ended.is_none()
    }

    /// How long it took until it ended, in seconds.
    #[must_use]
    pub fn took(&self) -> Option<u64> {
        let ended = self.progress.ended.as_ref()?;
        let began = self.progress.began?;
        u64::try_from(ended.noticed.duration_since(began).as_secs()).ok()
    }
}
