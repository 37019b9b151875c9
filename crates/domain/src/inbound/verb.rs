//! What a button does with a task: one value, from the button to the task's document.
//!
//! Buttons stay in Slack forever and anyone who sees them can press them, so a button names a task and
//! the plan it is about, and nothing more. Whether the click still means something is decided from the
//! task.

use crate::ids::PlanId;

/// What a button does with a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Picks one of the repositories on offer, by its place.
    Choose(usize),
    /// Tries a task again that could not begin.
    Resume,
    /// Opens the form of a draft.
    OpenForm,
    /// Approves this plan.
    Approve(PlanId),
    /// Opens the form that asks for changes of this plan.
    AskChanges(PlanId),
    /// Stops the task.
    Stop,
    /// Asks whether to stop the task: an option in a menu has no confirmation of its own.
    AskStop,
    /// Asks Jules to continue.
    Nudge,
    /// Starts the task again, as it was.
    Retry,
    /// Opens the form, filled with the task, to start it again.
    EditRetry,
    /// Opens the form that answers this question.
    Answer(u32),
    /// Shows a page of what the session changed, counted from 0.
    ShowChanges(u32),
    /// Follows the session in this channel.
    FollowHere,
    /// Moves the session to this channel from the thread that it has.
    MoveHere,
    /// Doesn't follow the session after all.
    CancelFollow,
    /// Shows a page of what was said in the session before, counted from the newest.
    ShowMessages(u32),
    /// Starts a task that its author was asked about.
    Begin,
    /// Forgets it.
    Dismiss,
    /// Has every reply in the thread heard.
    ListenToAll,
    /// Shows what of the thread went along.
    ShowContext,
    /// Sends what is kept back, by the number of the question.
    SendAnyway(u32),
    /// Doesn't send it.
    DropHeld(u32),
    /// Starts a task instead of sending it.
    StartInstead(u32),
    /// Opens the form that sends a review to Jules, by GitHub's number of it.
    SendReview(u64),
    /// Opens the form that tells Jules which checks failed.
    SendChecks,
    /// Sets aside what could be sent to Jules: a review, by GitHub's number of it, or the checks that failed.
    NotNow(Option<u64>),
}

impl Verb {
    /// Its name, the same in each version of this program: buttons outlive it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choose(_) => "choose",
            Self::Resume => "resume",
            Self::OpenForm => "open-form",
            Self::Approve(_) => "approve",
            Self::AskChanges(_) => "ask-changes",
            Self::Stop => "stop",
            Self::AskStop => "ask-stop",
            Self::Nudge => "nudge",
            Self::Retry => "retry",
            Self::EditRetry => "edit-retry",
            Self::Answer(_) => "answer",
            Self::ShowChanges(_) => "show-changes",
            Self::FollowHere => "follow-here",
            Self::MoveHere => "move-here",
            Self::CancelFollow => "cancel-follow",
            Self::ShowMessages(_) => "show-messages",
            Self::Begin => "begin",
            Self::Dismiss => "dismiss",
            Self::ListenToAll => "listen-to-all",
            Self::ShowContext => "show-context",
            Self::SendAnyway(_) => "send-anyway",
            Self::DropHeld(_) => "drop-held",
            Self::StartInstead(_) => "start-instead",
            Self::SendReview(_) => "send-review",
            Self::SendChecks => "send-checks",
            Self::NotNow(_) => "not-now",
        }
    }

    /// What it is about besides the task: a plan, a page, or a place in a list.
    #[must_use]
    pub fn object(&self) -> Option<String> {
        match self {
            Self::Choose(index) => Some(index.to_string()),
            Self::ShowChanges(number)
            | Self::ShowMessages(number)
            | Self::Answer(number)
            | Self::SendAnyway(number)
            | Self::DropHeld(number)
            | Self::StartInstead(number) => Some(number.to_string()),
            Self::SendReview(review) => Some(review.to_string()),
            Self::NotNow(review) => review.map(|review| review.to_string()),
            Self::Approve(plan) | Self::AskChanges(plan) => Some(plan.to_string()),
            Self::Resume
            | Self::OpenForm
            | Self::Stop
            | Self::AskStop
            | Self::Nudge
            | Self::Retry
            | Self::EditRetry
            | Self::FollowHere
            | Self::MoveHere
            | Self::CancelFollow
            | Self::Begin
            | Self::Dismiss
            | Self::ListenToAll
            | Self::SendChecks
            | Self::ShowContext => None,
        }
    }

    /// The verb of this name, about this object; `None` for one that this version doesn't know.
    #[must_use]
    pub fn parse(name: &str, object: Option<&str>) -> Option<Self> {
        match (name, object) {
            ("answer", Some(question)) => question.parse().ok().map(Self::Answer),
            ("show-messages", Some(page)) => page.parse().ok().map(Self::ShowMessages),
            ("show-changes", Some(page)) => page.parse().ok().map(Self::ShowChanges),
            ("send-anyway", Some(number)) => number.parse().ok().map(Self::SendAnyway),
            ("drop-held", Some(number)) => number.parse().ok().map(Self::DropHeld),
            ("start-instead", Some(number)) => number.parse().ok().map(Self::StartInstead),
            ("send-review", Some(review)) => review.parse().ok().map(Self::SendReview),
            ("send-checks", None) => Some(Self::SendChecks),
            ("not-now", None) => Some(Self::NotNow(None)),
            ("not-now", Some(review)) => review.parse().ok().map(|one| Self::NotNow(Some(one))),
            ("choose", Some(index)) => index.parse().ok().map(Self::Choose),
            ("approve", Some(plan)) => PlanId::parse(plan).ok().map(Self::Approve),
            ("ask-changes", Some(plan)) => PlanId::parse(plan).ok().map(Self::AskChanges),
            ("resume", None) => Some(Self::Resume),
            ("open-form", None) => Some(Self::OpenForm),
            ("stop", None) => Some(Self::Stop),
            ("ask-stop", None) => Some(Self::AskStop),
            ("nudge", None) => Some(Self::Nudge),
            ("retry", None) => Some(Self::Retry),
            ("edit-retry", None) => Some(Self::EditRetry),
            ("follow-here", None) => Some(Self::FollowHere),
            ("move-here", None) => Some(Self::MoveHere),
            ("cancel-follow", None) => Some(Self::CancelFollow),
            ("begin", None) => Some(Self::Begin),
            ("dismiss", None) => Some(Self::Dismiss),
            ("listen-to-all", None) => Some(Self::ListenToAll),
            ("show-context", None) => Some(Self::ShowContext),
            _ => None,
        }
    }
}
