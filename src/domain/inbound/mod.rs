//! What to answer within three seconds: `answer(inbound, facts, now)`.
//!
//! Pure, like `decide`. It never waits for Jules: where a cached list does not settle which
//! repository is meant, the task is stored and Jules is asked afterwards.

mod accept;
mod bind;
mod start;
mod task_actions;

pub use start::target;

use super::binding::Binding;
use super::command::{Command, PlanMode, PrMode, Reading, Request};
use super::form::{Field, FieldError, Form, FormValues};
use super::ids::{AccountId, ChannelId, DeliveryId, MessageTs, PlanId, TaskId, TeamId, UserId};
use super::message::{Notice, Scope};
use super::repo::{self, RepoRef, Source};
use super::secret::Secret;
use super::task::{Click, FileRef, Input, ReplyTo, Task};
use bind::{bind, bind_form, unbind};
use jiff::Timestamp;
use start::{form_of, start, task_form};

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
    /// All bindings of the workspace.
    pub bindings: &'a [Binding],
    /// The connected repositories, when the list was read.
    pub sources: Option<&'a [Source]>,
    /// The task in question.
    pub task: Option<&'a Task>,
    /// That task was tried again before: there is another one in its place.
    pub retried: bool,
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
    /// A channel is bound.
    Bind(Box<Binding>),
    /// A channel is not bound any more.
    Unbind(TeamId, ChannelId),
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
}

impl Answer {
    fn notice(notice: Notice) -> Self {
        Self { reply: Reply::Notice(Box::new(notice)), write: None, follow_up: None }
    }

    fn nothing() -> Self {
        Self { reply: Reply::Nothing, write: None, follow_up: None }
    }

    fn input(id: TaskId, input: Input) -> Self {
        Self { write: Some(Write::Input(id, Box::new(input))), ..Self::nothing() }
    }

    fn errors(errors: Vec<(Field, FieldError)>) -> Self {
        Self { reply: Reply::Errors(errors), write: None, follow_up: None }
    }
}

/// The answer to something that came in.
#[must_use]
pub fn handle(inbound: Inbound, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match inbound {
        Inbound::Command(reading) => {
            match reading.settle(|doubt| accept::accepts(doubt, &reading, facts)) {
                Ok(command) => handle_command(command, sender, facts, now),
                Err(misspelt) => Answer::notice(Notice::CommandError(misspelt)),
            }
        }
        Inbound::TaskForm(id, filled) => task_form(id, &filled, sender, facts, now),
        Inbound::BindForm(channel, filled) => bind_form(channel, filled, facts),
        Inbound::Choose(id, index) => {
            input(id, facts, Input::Chosen { delivery: sender.delivery.clone(), index })
        }
        Inbound::Resume(id) => {
            input(id, facts, Input::Resume { delivery: sender.delivery.clone() })
        }
        Inbound::OpenForm(id) => match facts.task {
            Some(task) => Answer {
                follow_up: Some(FollowUp::Open(Box::new(form_of(
                    id,
                    task.ask.clone(),
                    facts,
                    None,
                )))),
                ..Answer::nothing()
            },
            None => Answer::notice(Notice::FormExpired),
        },
        Inbound::Approve(id, plan) => {
            act(id, sender, facts, |click| Input::Approve { click, plan })
        }
        Inbound::AskChanges(id, plan) => task_actions::ask_changes(id, plan, facts),
        Inbound::ChangesForm(id, plan, text) => {
            task_actions::changes_form(id, plan, text, sender, facts)
        }
        Inbound::Stop(id) => act(id, sender, facts, Input::Stop),
        Inbound::Nudge(id) => act(id, sender, facts, Input::Nudge),
        Inbound::Retry(_) => task_actions::retry(sender, facts, now),
        Inbound::EditRetry(_) => task_actions::edit_retry(sender, facts, now),
        Inbound::Reply(id, written) => task_actions::reply(id, *written, sender, facts),
        Inbound::More(scope, after) => list(scope, Some(after)),
    }
}

/// Something that a person does with a task; whether it still means something is for the task to say.
fn act(
    id: TaskId,
    sender: &Sender,
    facts: &Facts<'_>,
    input: impl FnOnce(Click) -> Input,
) -> Answer {
    if facts.task.is_none() {
        return Answer::notice(Notice::TaskUnknown);
    }
    Answer::input(id, input(click(sender)))
}

fn click(sender: &Sender) -> Click {
    Click {
        delivery: sender.delivery.clone(),
        by: sender.user.clone(),
        reply: sender.reply.clone(),
    }
}

fn list(scope: Scope, after: Option<String>) -> Answer {
    Answer { follow_up: Some(FollowUp::Tasks(scope, after)), ..Answer::nothing() }
}

fn input(id: TaskId, facts: &Facts<'_>, input: Input) -> Answer {
    match facts.task {
        Some(_) => Answer::input(id, input),
        None => Answer::notice(Notice::FormExpired),
    }
}

fn handle_command(command: Command, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match command {
        Command::OpenForm => start(Request::default(), sender, facts, now),
        Command::Start(ask) => start(ask, sender, facts, now),
        Command::Help => Answer::notice(Notice::Help),
        Command::Bind(args) => bind(args, sender, facts, now),
        Command::Unbind => unbind(sender, facts),
        Command::Bindings => Answer::notice(Notice::Bindings(facts.bindings.to_vec())),
        Command::Repos { filter } => repos(filter, facts),
        Command::List => list(Scope::Channel, None),
        Command::Status => list(Scope::Mine, None),
        Command::Stop => list(Scope::Open, None),
        Command::Approve => list(Scope::Waiting, None),
        Command::Version => Answer::notice(Notice::Version),
        Command::Settings => not_yet("settings"),
        Command::Key => not_yet("key"),
    }
}

fn not_yet(command: &str) -> Answer {
    Answer::notice(Notice::NotYet { command: command.to_owned() })
}

/// How many repositories one answer lists.
const LISTED: usize = 25;

fn repos(filter: Option<String>, facts: &Facts<'_>) -> Answer {
    match facts.sources {
        Some([]) => Answer::notice(Notice::NoSources),
        Some(sources) => Answer::notice(listing(filter, sources)),
        None => Answer { follow_up: Some(FollowUp::Repos(filter)), ..Answer::nothing() },
    }
}

/// The connected repositories that a text finds, as something to say.
#[must_use]
pub fn listing(filter: Option<String>, sources: &[Source]) -> Notice {
    let found = repo::search(filter.as_deref().unwrap_or_default(), sources, usize::MAX);
    let shown: Vec<RepoRef> = found.iter().take(LISTED).map(|source| source.repo.clone()).collect();
    Notice::Repos { filter, shown, total: found.len() }
}
