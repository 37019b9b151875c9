//! What comes in, what is known, and what goes back.

use crate::domain::binding::{Binding, BindingChange, IsLatest};
use crate::domain::command::{PlanMode, PrMode, Reading};
use crate::domain::form::{Field, FieldError, Form, FormValues};
use crate::domain::ids::{
    AccountId, ChannelId, DeliveryId, MessageTs, PlanId, TaskId, TeamId, UserId,
};
use crate::domain::message::{Notice, Scope};
use crate::domain::repo::Source;
use crate::domain::secret::Secret;
use crate::domain::task::{FileRef, Input, ReplyTo, Task};

/// Who sent something, from where, and how to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    /// The workspace.
    pub team: TeamId,
    /// The person.
    pub user: UserId,
    /// The channel it came from, if it came from one.
    pub channel: Option<ChannelId>,
    /// Where the person can be answered in private.
    pub reply: Option<ReplyTo>,
    /// Lets a form be opened, for three seconds.
    pub trigger: Option<Secret>,
    /// Names this delivery.
    pub delivery: DeliveryId,
}

/// What came in and asks for an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// `/jules …`, read.
    Command(Reading),
    /// The form that starts a task was sent.
    TaskForm(TaskId, FormValues),
    /// The form that binds a channel was sent.
    BindForm(ChannelId, FormValues),
    /// One of the repositories on offer was chosen.
    Choose(TaskId, usize),
    /// "Try again".
    Resume(TaskId),
    /// "Open the form".
    OpenForm(TaskId),
    /// "Approve" on a plan.
    Approve(TaskId, PlanId),
    /// "Ask for changes" of a plan.
    AskChanges(TaskId, PlanId),
    /// The form that asks for changes was sent.
    ChangesForm(TaskId, PlanId, String),
    /// "Stop".
    Stop(TaskId),
    /// "Nudge".
    Nudge(TaskId),
    /// "Retry".
    Retry(TaskId),
    /// "Edit and retry".
    EditRetry(TaskId),
    /// A reply in a task's thread.
    Reply(TaskId, Box<WrittenReply>),
    /// The next page of a list.
    More(Scope, String),
}

/// A reply in a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenReply {
    /// The message.
    pub ts: MessageTs,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// The person belongs to another organisation.
    pub outsider: bool,
}

/// What is known at the moment of answering. Only what the inbound needs is filled in.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The Jules account that tasks of this workspace use.
    pub account: &'a AccountId,
    /// The channel's binding.
    pub binding: Option<&'a Binding>,
    /// This very delivery has bound or unbound the channel before.
    pub applied: Option<IsLatest>,
    /// All bindings of the workspace.
    pub bindings: &'a [Binding],
    /// The connected repositories, when the list was read.
    pub sources: Option<&'a [Source]>,
    /// The task in question.
    pub task: Option<&'a Task>,
    /// The task in its place, if it was tried again before.
    pub successor: Option<&'a Task>,
    /// The address of the workspace in Slack.
    pub workspace: Option<&'a str>,
}

/// What goes back to Slack at once, and what is to be done besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the response carries.
    pub reply: Reply,
    /// The one write without which the reply must not go out.
    pub write: Option<Write>,
    /// What is done right afterwards, without a promise.
    pub follow_up: Option<FollowUp>,
}

/// What a response carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing; a form closes.
    Nothing,
    /// Words that only the sender sees.
    Notice(Box<Notice>),
    /// Words that the channel sees.
    Announce(Box<Notice>),
    /// Errors that stand at the fields of the form.
    Errors(Vec<(Field, FieldError)>),
}

/// The write behind an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A new task. If it is there already, this delivery came before.
    Task(Box<Task>),
    /// Something happens to a task.
    Input(TaskId, Box<Input>),
    /// A channel is bound, unless this request was applied before.
    Bind(Box<Binding>, BindingChange),
    /// A channel is not bound any more, unless this request was applied before.
    Unbind(TeamId, ChannelId, BindingChange),
}

/// What is done after the answer. A crash loses it, and nobody was promised it.
#[derive(Debug, Clone, PartialEq)]
pub enum FollowUp {
    /// Open a form.
    Open(Box<Form>),
    /// Ask Jules about a repository and bind the channel to it.
    Bind(Box<BindRequest>),
    /// Read the connected repositories and list them.
    Repos(Option<String>),
    /// List tasks, from behind a place on.
    Tasks(Scope, Option<String>),
}

/// A wish to bind a channel, with names as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct BindRequest {
    /// The channel.
    pub channel: ChannelId,
    /// The repository, as typed.
    pub repo: String,
    /// The branch, as typed.
    pub branch: Option<String>,
    /// Ask before starting work.
    pub plan: Option<PlanMode>,
    /// Open pull requests.
    pub pr: Option<PrMode>,
    /// Tell the threads little.
    pub quiet: Option<bool>,
    /// The request.
    pub change: BindingChange,
}

impl Answer {
    pub(super) fn notice(notice: Notice) -> Self {
        Self { reply: Reply::Notice(Box::new(notice)), write: None, follow_up: None }
    }

    pub(super) fn nothing() -> Self {
        Self { reply: Reply::Nothing, write: None, follow_up: None }
    }

    pub(super) fn input(id: TaskId, input: Input) -> Self {
        Self { write: Some(Write::Input(id, Box::new(input))), ..Self::nothing() }
    }

    pub(super) fn errors(errors: Vec<(Field, FieldError)>) -> Self {
        Self { reply: Reply::Errors(errors), write: None, follow_up: None }
    }
}
