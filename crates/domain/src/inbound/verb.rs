//! What a button does with a task: one value, from the button to the task's document.
//!
//! Buttons stay in Slack forever and anyone who sees them can press them, so a button names a task and
//! the plan it is about, and nothing more. Whether the click still means something is decided from the
//! task.

use crate::audit::Action;
use crate::ids::PlanId;
use crate::policy::Right;

/// What holds for a verb wherever it is pressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerbSpec {
    /// Its name.
    pub(crate) name: &'static str,
    /// The right that it takes to press it.
    pub(crate) right: Right,
    /// What is read to answer it.
    pub(crate) reads: Reads,
    /// Which kind of task has its button.
    pub(crate) of: Kind,
    /// What it is in the audit trail once the task has obeyed it; `None` for what needs no record, or whose
    /// form, or what it leads to, is recorded instead.
    pub(crate) recorded: Option<Action>,
}

/// What is read besides the task to answer a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Nothing.
    Task,
    /// The channel's binding and the defaults.
    Defaults,
    /// The task that took its place, and the defaults.
    Successor,
    /// All of these.
    All,
}

/// The kinds of tasks that have buttons, for what is said when there is no such task any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One that began, or was to.
    Begun,
    /// One about which something was asked before it began.
    Draft,
    /// A session that may be followed.
    Follow,
}

impl VerbSpec {
    const fn new(name: &'static str, right: Right) -> Self {
        Self { name, right, reads: Reads::Task, of: Kind::Begun, recorded: None }
    }

    const fn reading(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    const fn of(self, of: Kind) -> Self {
        Self { of, ..self }
    }

    const fn recorded(self, as_what: Action) -> Self {
        Self { recorded: Some(as_what), ..self }
    }
}

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
        self.spec().name
    }

    /// The one table of verbs. What a verb does is in `decide`, or in `press` where no task changes.
    pub(crate) fn spec(&self) -> VerbSpec {
        match self {
            Self::Choose(_) => VerbSpec::new("choose", Right::Start).of(Kind::Draft),
            Self::Resume => VerbSpec::new("resume", Right::Start).of(Kind::Draft),
            Self::OpenForm => {
                VerbSpec::new("open-form", Right::Start).reading(Reads::Defaults).of(Kind::Draft)
            }
            Self::Approve(_) => {
                VerbSpec::new("approve", Right::Approve).recorded(Action::PlanApprove)
            }
            Self::AskChanges(_) => VerbSpec::new("ask-changes", Right::Approve),
            Self::Stop => VerbSpec::new("stop", Right::Steer).recorded(Action::TaskStop),
            Self::AskStop => VerbSpec::new("ask-stop", Right::Steer),
            Self::Nudge => VerbSpec::new("nudge", Right::Steer).recorded(Action::ReplySend),
            Self::Retry => VerbSpec::new("retry", Right::Start).reading(Reads::Successor),
            Self::EditRetry => VerbSpec::new("edit-retry", Right::Start).reading(Reads::All),
            Self::Answer(_) => VerbSpec::new("answer", Right::Steer),
            Self::ShowChanges(_) => VerbSpec::new("show-changes", Right::See),
            Self::FollowHere => VerbSpec::new("follow-here", Right::Start).of(Kind::Follow),
            Self::MoveHere => VerbSpec::new("move-here", Right::Steer).of(Kind::Follow),
            Self::CancelFollow => VerbSpec::new("cancel-follow", Right::See).of(Kind::Follow),
            Self::ShowMessages(_) => VerbSpec::new("show-messages", Right::See),
            Self::Begin => VerbSpec::new("begin", Right::Start).of(Kind::Draft),
            Self::Dismiss => VerbSpec::new("dismiss", Right::Start).of(Kind::Draft),
            Self::ListenToAll => VerbSpec::new("listen-to-all", Right::Steer),
            Self::ShowContext => VerbSpec::new("show-context", Right::See),
            Self::SendAnyway(_) => {
                VerbSpec::new("send-anyway", Right::Steer).recorded(Action::ReplySend)
            }
            Self::DropHeld(_) => VerbSpec::new("drop-held", Right::Steer),
            Self::StartInstead(_) => {
                VerbSpec::new("start-instead", Right::Start).reading(Reads::Defaults)
            }
            Self::SendReview(_) => VerbSpec::new("send-review", Right::Steer),
            Self::SendChecks => VerbSpec::new("send-checks", Right::Steer),
            Self::NotNow(_) => VerbSpec::new("not-now", Right::Steer),
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
