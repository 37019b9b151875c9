//! What to answer within three seconds: `answer(inbound, facts, now)`.
//!
//! Pure, like `decide`. It never waits for Jules: where a cached list does not settle which
//! repository is meant, the task is stored and Jules is asked afterwards.

use super::binding::Binding;
use super::command::{self, Command, Misspelt, PlanMode, PrMode, Request};
use super::form::{BindForm, Field, Filled, Form, Mistake, TaskForm};
use super::ids::{AccountId, ChannelId, DeliveryId, TaskId, TeamId, UserId};
use super::repo::{self, Branch, BranchFit, RepoRef, Resolution, Source, Typed};
use super::say::Say;
use super::secret::Secret;
use super::task::{Fit, Input, ReplyTo, Start, Target, Task, Why};
use jiff::Timestamp;

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
    Command(Result<Command, Misspelt>),
    /// The form that starts a task was sent.
    TaskForm(TaskId, Filled),
    /// The form that binds a channel was sent.
    BindForm(ChannelId, Filled),
    /// One of the repositories on offer was chosen.
    Choose(TaskId, usize),
    /// "Try again".
    Again(TaskId),
    /// "Open the form".
    OpenForm(TaskId),
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
}

/// What goes back to Slack at once, and what is to be done besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the response carries.
    pub reply: Reply,
    /// The one write without which the reply must not go out.
    pub write: Option<Write>,
    /// What is done right afterwards, without a promise.
    pub errand: Option<Errand>,
}

/// What a response carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing; a form closes.
    Nothing,
    /// Words that only the sender sees.
    Whisper(Box<Say>),
    /// Words that the channel sees.
    Announce(Box<Say>),
    /// Errors that stand at the fields of the form.
    Errors(Vec<(Field, Mistake)>),
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
pub enum Errand {
    /// Open a form.
    Open(Box<Form>),
    /// Ask Jules about a repository and bind the channel to it.
    Bind(Box<BindWish>),
    /// Read the connected repositories and list them.
    Repos(Option<String>),
}

/// A wish to bind a channel, with names as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct BindWish {
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
}

impl Answer {
    fn whisper(say: Say) -> Self {
        Self { reply: Reply::Whisper(Box::new(say)), write: None, errand: None }
    }

    fn nothing() -> Self {
        Self { reply: Reply::Nothing, write: None, errand: None }
    }

    fn errors(errors: Vec<(Field, Mistake)>) -> Self {
        Self { reply: Reply::Errors(errors), write: None, errand: None }
    }
}

/// The answer to something that came in.
#[must_use]
pub fn answer(inbound: Inbound, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match inbound {
        Inbound::Command(Ok(command)) => obey(command, sender, facts, now),
        Inbound::Command(Err(misspelt)) => Answer::whisper(Say::Misspelt(misspelt)),
        Inbound::TaskForm(id, filled) => task_form(id, &filled, sender, facts, now),
        Inbound::BindForm(channel, filled) => bind_form(channel, filled, facts),
        Inbound::Choose(id, index) => {
            input(id, facts, Input::Chosen { delivery: sender.delivery.clone(), index })
        }
        Inbound::Again(id) => input(id, facts, Input::Again { delivery: sender.delivery.clone() }),
        Inbound::OpenForm(id) => match facts.task {
            Some(task) => Answer {
                errand: Some(Errand::Open(Box::new(form_of(id, task.ask.clone(), facts, None)))),
                ..Answer::nothing()
            },
            None => Answer::whisper(Say::FormExpired),
        },
    }
}

fn input(id: TaskId, facts: &Facts<'_>, input: Input) -> Answer {
    match facts.task {
        Some(_) => Answer { write: Some(Write::Input(id, Box::new(input))), ..Answer::nothing() },
        None => Answer::whisper(Say::FormExpired),
    }
}

fn obey(command: Command, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    match command {
        Command::OpenForm => start(Request::default(), sender, facts, now),
        Command::Start(ask) => start(ask, sender, facts, now),
        Command::Help => Answer::whisper(Say::Help),
        Command::Bind(args) => bind(args, sender, facts, now),
        Command::Unbind => unbind(sender, facts),
        Command::Bindings => Answer::whisper(Say::Bindings(facts.bindings.to_vec())),
        Command::Repos { filter } => repos(filter, facts),
        Command::List => not_yet("list"),
        Command::Status => not_yet("status"),
        Command::Settings => not_yet("settings"),
        Command::Key => not_yet("key"),
    }
}

fn not_yet(command: &str) -> Answer {
    Answer::whisper(Say::NotYet { command: command.to_owned() })
}

/// How a request begins, as far as the cached list settles it.
#[derive(Debug, Clone, PartialEq)]
enum Beginning {
    Certain(Target),
    AskJules(String),
    AskPerson { fits: Vec<Fit>, note: Option<Say> },
    Refuse(Say),
}

/// Typed option → the channel's binding → the only connected source → the form.
fn beginning(ask: &Request, facts: &Facts<'_>) -> Beginning {
    if let Some(typed) = &ask.options.repo {
        return typed_repo(typed, ask, facts);
    }
    if let Some(binding) = facts.binding {
        return bound_repo(binding, ask, facts);
    }
    match facts.sources {
        Some([]) => Beginning::Refuse(Say::NoSources),
        Some([only]) => branch_of(only, ask, Why::OnlySource),
        Some(_) | None => Beginning::AskPerson { fits: Vec::new(), note: None },
    }
}

/// What a typed name means among the listed sources; what names no repository fits none.
fn find<'s>(typed: &str, sources: &'s [Source]) -> Resolution<'s> {
    match Typed::parse(typed) {
        Ok(typed) => repo::resolve(&typed, sources),
        Err(_) => Resolution::None { nearest: Vec::new() },
    }
}

fn typed_repo(typed: &str, ask: &Request, facts: &Facts<'_>) -> Beginning {
    let Some(sources) = facts.sources else { return Beginning::AskJules(typed.to_owned()) };
    match find(typed, sources) {
        Resolution::One(source) => branch_of(source, ask, Why::Asked),
        Resolution::Several(fits) => {
            Beginning::AskPerson { fits: fits.into_iter().map(fit_of).collect(), note: None }
        }
        // Not in the cached list: it may have been connected a minute ago.
        Resolution::None { .. } => Beginning::AskJules(typed.to_owned()),
    }
}

fn bound_repo(binding: &Binding, ask: &Request, facts: &Facts<'_>) -> Beginning {
    let listed = facts
        .sources
        .and_then(|sources| sources.iter().find(|source| source.name == binding.source));
    let bound = binding.branch.as_ref().filter(|_| ask.options.branch.is_none());
    let mut beginning = match (bound, listed) {
        (Some(branch), _) => Beginning::Certain(Target {
            source: binding.source.clone(),
            repo: binding.repo.clone(),
            branch: branch.clone(),
            why: Why::Binding,
            plan: ask.options.plan.unwrap_or(PlanMode::Auto),
            pr: ask.options.pr.unwrap_or(PrMode::Auto),
        }),
        (None, Some(source)) => branch_of(source, ask, Why::Binding),
        (None, None) => Beginning::AskJules(binding.repo.to_string()),
    };
    if let Beginning::Certain(target) = &mut beginning {
        target.plan = ask.options.plan.or(binding.plan).unwrap_or(PlanMode::Auto);
        target.pr = ask.options.pr.or(binding.pr).unwrap_or(PrMode::Auto);
    }
    beginning
}

/// Typed branch → the source's default, as Jules reports it → ask.
fn branch_of(source: &Source, ask: &Request, why: Why) -> Beginning {
    let branch = match &ask.options.branch {
        Some(typed) => match repo::resolve_branch(typed, source) {
            BranchFit::Listed(branch) => branch,
            // Perhaps pushed a minute ago, or the branches were not read yet.
            BranchFit::Unknown { .. } | BranchFit::Unlisted(_) => {
                return Beginning::AskJules(typed.clone());
            }
        },
        None => match &source.default_branch {
            Some(branch) => branch.clone(),
            None => {
                return Beginning::AskPerson {
                    fits: Vec::new(),
                    note: Some(Say::NoDefaultBranch { task: None, repo: source.repo.clone() }),
                };
            }
        },
    };
    Beginning::Certain(target(source, branch, ask, why))
}

/// A target with the options of the request.
#[must_use]
pub fn target(source: &Source, branch: Branch, ask: &Request, why: Why) -> Target {
    Target {
        source: source.name.clone(),
        repo: source.repo.clone(),
        branch,
        why,
        plan: ask.options.plan.unwrap_or(PlanMode::Auto),
        pr: ask.options.pr.unwrap_or(PrMode::Auto),
    }
}

fn fit_of(source: &Source) -> Fit {
    Fit { source: source.name.clone(), repo: source.repo.clone() }
}

fn start(ask: Request, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    let begun = if ask.prompt.trim().is_empty() {
        Beginning::AskPerson { fits: Vec::new(), note: None }
    } else {
        beginning(&ask, facts)
    };
    let id = TaskId::for_delivery(&sender.delivery);
    let (reply, errand, start) = match begun {
        Beginning::Refuse(say) => return Answer::whisper(say),
        Beginning::Certain(target) => {
            let say = Say::Taken {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                why: target.why,
            };
            (Reply::Whisper(Box::new(say)), None, Start::At(target))
        }
        Beginning::AskJules(typed) => {
            (Reply::Whisper(Box::new(Say::Looking { typed })), None, Start::Resolve)
        }
        Beginning::AskPerson { fits, note } => {
            let form = form_of(id.clone(), ask.clone(), facts, note);
            let reply = if fits.is_empty() {
                Reply::Nothing
            } else {
                let typed = ask.options.repo.clone().unwrap_or_default();
                Reply::Whisper(Box::new(Say::Choose {
                    task: id.clone(),
                    typed,
                    fits: fits.clone(),
                }))
            };
            (reply, Some(Errand::Open(Box::new(form))), Start::Draft(fits))
        }
    };
    let task = new_task(id, ask, start, sender, facts, now);
    Answer { reply, write: Some(Write::Task(Box::new(task))), errand }
}

fn new_task(
    id: TaskId,
    ask: Request,
    start: Start,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Task {
    Task::new(
        id,
        sender.team.clone(),
        facts.account.clone(),
        sender.user.clone(),
        sender.channel.clone(),
        sender.reply.clone(),
        ask,
        start,
        now,
    )
}

/// The form, filled with what was typed and what follows from it.
fn form_of(task: TaskId, ask: Request, facts: &Facts<'_>, note: Option<Say>) -> Form {
    let typed = ask.options.repo.as_deref();
    let repo = match (typed, facts.sources) {
        (Some(typed), Some(sources)) => match find(typed, sources) {
            Resolution::One(source) => Some(source.repo.clone()),
            Resolution::Several(_) | Resolution::None { .. } => None,
        },
        (Some(_), None) => None,
        (None, _) => facts.binding.map(|binding| binding.repo.clone()),
    };
    let bound = facts.binding.filter(|_| typed.is_none());
    let branch = ask
        .options
        .branch
        .clone()
        .map(Branch)
        .or_else(|| bound.and_then(|binding| binding.branch.clone()))
        .filter(|_| repo.is_some());
    let mut ask = ask;
    ask.options.plan = ask.options.plan.or(bound.and_then(|binding| binding.plan));
    ask.options.pr = ask.options.pr.or(bound.and_then(|binding| binding.pr));
    let asks_channel = facts.task.is_some_and(|task| task.channel.is_none());
    let note = note.or_else(|| facts.sources.is_none().then_some(Say::NoListYet));
    Form::Task(TaskForm { task, ask, repo, branch, asks_channel, note: note.map(Box::new) })
}

fn task_form(
    id: TaskId,
    filled: &Filled,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    let kept = facts.task.map(|task| task.ask.clone()).unwrap_or_default();
    let ask = filled.ask(&kept);
    let channel = filled
        .channel
        .clone()
        .or_else(|| facts.task.and_then(|task| task.channel.clone()))
        .or_else(|| sender.channel.clone());
    // The draft is forgotten after a day, and with it where to post and a prompt no field takes.
    if facts.task.is_none() && (channel.is_none() || filled.prompt.is_none()) {
        return Answer::whisper(Say::FormExpired);
    }
    let mut errors = Vec::new();
    if ask.prompt.trim().is_empty() {
        errors.push((Field::Prompt, Mistake::NoPrompt));
    }
    if channel.is_none() {
        errors.push((Field::Channel, Mistake::NoChannel));
    }
    let start = match form_start(&ask, facts) {
        Ok(start) => start,
        Err(error) => {
            errors.push(error);
            return Answer::errors(errors);
        }
    };
    if !errors.is_empty() {
        return Answer::errors(errors);
    }
    let write = match facts.task {
        Some(_) => Write::Input(id, Box::new(Input::Filled { ask, channel, start })),
        // What the form holds is enough.
        None => {
            let mut task = new_task(id, ask, start, sender, facts, now);
            task.channel = channel;
            Write::Task(Box::new(task))
        }
    };
    Answer { write: Some(write), ..Answer::nothing() }
}

/// How a sent form begins; what is wrong stands at its field.
fn form_start(ask: &Request, facts: &Facts<'_>) -> Result<Start, (Field, Mistake)> {
    let Some(typed) = &ask.options.repo else { return Err((Field::Repository, Mistake::NoRepo)) };
    let Some(sources) = facts.sources else { return Ok(Start::Resolve) };
    let Resolution::One(source) = find(typed, sources) else { return Ok(Start::Resolve) };
    match (&ask.options.branch, &source.default_branch) {
        (Some(branch), _) => match repo::resolve_branch(branch, source) {
            BranchFit::Listed(branch) => Ok(Start::At(target(source, branch, ask, Why::Asked))),
            BranchFit::Unknown { nearest } => {
                Err((Field::Branch, Mistake::UnknownBranch(branch.clone(), nearest)))
            }
            BranchFit::Unlisted(_) => Ok(Start::Resolve),
        },
        (None, Some(branch)) => Ok(Start::At(target(source, branch.clone(), ask, Why::Asked))),
        (None, None) => Err((Field::Branch, Mistake::NoDefaultBranch)),
    }
}

fn bind(args: command::BindArgs, sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    let Some(channel) = sender.channel.clone() else { return Answer::nothing() };
    let options = args.options;
    let Some(repo) = args.repo.or_else(|| options.repo.clone()) else {
        return open_bind_form(channel, options, facts);
    };
    let wish =
        BindWish { channel, repo, branch: options.branch, plan: options.plan, pr: options.pr };
    match facts.sources.map(|sources| find(&wish.repo, sources)) {
        Some(Resolution::One(source)) if wish.branch.is_none() => {
            let binding = wish.binding(source, None, sender, now);
            Answer {
                reply: Reply::Announce(Box::new(Say::Bound(binding.clone()))),
                write: Some(Write::Bind(Box::new(binding))),
                errand: None,
            }
        }
        Some(Resolution::Several(fits)) => {
            let fits = fits.into_iter().map(|source| source.repo.clone()).collect();
            Answer::whisper(Say::SeveralFit { typed: wish.repo, fits })
        }
        // A typed branch is checked against what Jules lists now, and so is an unknown repository.
        Some(Resolution::One(_) | Resolution::None { .. }) | None => Answer {
            reply: Reply::Whisper(Box::new(Say::Looking { typed: wish.repo.clone() })),
            write: None,
            errand: Some(Errand::Bind(Box::new(wish))),
        },
    }
}

fn open_bind_form(channel: ChannelId, options: command::Options, facts: &Facts<'_>) -> Answer {
    let bound = facts.binding;
    let branch = options.branch.map(Branch);
    let form = BindForm {
        channel,
        repo: bound.map(|binding| binding.repo.clone()),
        branch: branch.or_else(|| bound.and_then(|binding| binding.branch.clone())),
        plan: options.plan.or(bound.and_then(|binding| binding.plan)),
        pr: options.pr.or(bound.and_then(|binding| binding.pr)),
        note: facts.sources.is_none().then(|| Box::new(Say::NoListYet)),
    };
    Answer { errand: Some(Errand::Open(Box::new(Form::Bind(form)))), ..Answer::nothing() }
}

impl BindWish {
    /// The binding that the wish makes with a repository and branch that are certain.
    #[must_use]
    pub fn binding(
        &self,
        source: &Source,
        branch: Option<Branch>,
        sender: &Sender,
        now: Timestamp,
    ) -> Binding {
        Binding {
            team: sender.team.clone(),
            channel: self.channel.clone(),
            source: source.name.clone(),
            repo: source.repo.clone(),
            branch,
            plan: self.plan,
            pr: self.pr,
            by: sender.user.clone(),
            at: now,
        }
    }
}

fn bind_form(channel: ChannelId, filled: Filled, facts: &Facts<'_>) -> Answer {
    let Some(repo) = filled.repo.clone() else {
        return Answer::errors(vec![(Field::Repository, Mistake::NoRepo)]);
    };
    if let (Some(branch), Some(sources)) = (&filled.branch, facts.sources)
        && let Resolution::One(source) = find(&repo, sources)
        && let BranchFit::Unknown { nearest } = repo::resolve_branch(branch, source)
    {
        return Answer::errors(vec![(
            Field::Branch,
            Mistake::UnknownBranch(branch.clone(), nearest),
        )]);
    }
    let wish = BindWish {
        channel,
        repo,
        branch: filled.branch,
        plan: Some(filled.plan),
        pr: Some(filled.pr),
    };
    Answer { errand: Some(Errand::Bind(Box::new(wish))), ..Answer::nothing() }
}

fn unbind(sender: &Sender, facts: &Facts<'_>) -> Answer {
    let (Some(channel), Some(binding)) = (sender.channel.clone(), facts.binding) else {
        return Answer::whisper(Say::NotBound);
    };
    let say = Say::Unbound { repo: binding.repo.clone(), by: sender.user.clone() };
    Answer {
        reply: Reply::Announce(Box::new(say)),
        write: Some(Write::Unbind(sender.team.clone(), channel)),
        errand: None,
    }
}

/// How many repositories one answer lists.
const LISTED: usize = 25;

fn repos(filter: Option<String>, facts: &Facts<'_>) -> Answer {
    match facts.sources {
        Some([]) => Answer::whisper(Say::NoSources),
        Some(sources) => Answer::whisper(listing(filter, sources)),
        None => Answer { errand: Some(Errand::Repos(filter)), ..Answer::nothing() },
    }
}

/// The connected repositories that a text finds, as something to say.
#[must_use]
pub fn listing(filter: Option<String>, sources: &[Source]) -> Say {
    let found = repo::search(filter.as_deref().unwrap_or_default(), sources, usize::MAX);
    let shown: Vec<RepoRef> = found.iter().take(LISTED).map(|source| source.repo.clone()).collect();
    Say::Repos { filter, shown, total: found.len() }
}
