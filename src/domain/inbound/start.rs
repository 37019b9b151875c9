//! Starting a task: which repository and branch, as far as the cached list settles it, and what is
//! asked for otherwise.

use super::task_actions::start_edited;
use super::{Answer, Facts, FollowUp, Reply, Sender, Write};
use crate::domain::binding::Binding;
use crate::domain::command::{PlanMode, PrMode, Request};
use crate::domain::form::{Field, FieldError, Form, FormValues, TaskForm};
use crate::domain::ids::TaskId;
use crate::domain::message::Notice;
use crate::domain::repo::{self, Branch, BranchFit, BranchPath, RepoQuery, Resolution, Source};
use crate::domain::secret_text::holds_credential;
use crate::domain::task::{
    Candidate, FixedSource, Input, MOST_CHOICES, Start, Target, TargetReason, Task,
};
use jiff::Timestamp;

/// How a request begins, as far as the cached list settles it.
#[derive(Debug, Clone, PartialEq)]
enum Beginning {
    Certain(Target),
    /// What Jules is asked about. The repository may be certain all the same.
    AskJules(String, Option<FixedSource>),
    AskPerson {
        candidates: Vec<Candidate>,
        note: Option<Notice>,
    },
    Refuse(Notice),
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
        Some([]) => Beginning::Refuse(Notice::NoSources),
        Some([only]) => branch_of(only, ask, TargetReason::OnlySource),
        _ => Beginning::AskPerson { candidates: Vec::new(), note: None },
    }
}

/// What a typed name means among the listed sources; what names no repository fits none.
pub(super) fn find<'s>(typed: &str, sources: &'s [Source]) -> Resolution<'s> {
    match RepoQuery::parse(typed) {
        Ok(typed) => repo::resolve(&typed, sources),
        Err(_) => Resolution::None { nearest: Vec::new() },
    }
}

fn typed_repo(typed: &str, ask: &Request, facts: &Facts<'_>) -> Beginning {
    let Some(sources) = facts.sources else { return Beginning::AskJules(typed.to_owned(), None) };
    match find(typed, sources) {
        // The list comes without most branches, so only Jules can say which one an address names.
        Resolution::One(source) if names_a_branch(ask) => {
            Beginning::AskJules(typed.to_owned(), Some(fixed(source, TargetReason::Asked)))
        }
        Resolution::One(source) => branch_of(source, ask, TargetReason::Asked),
        Resolution::Several(candidates) => Beginning::AskPerson {
            candidates: candidates.into_iter().map(fit_of).collect(),
            note: None,
        },
        // Not in the cached list: it may have been connected a minute ago.
        Resolution::None { .. } => Beginning::AskJules(typed.to_owned(), None),
    }
}

/// Whether the branch has to be read from the repository's address.
fn names_a_branch(ask: &Request) -> bool {
    let typed = ask.options.repo.as_deref();
    ask.options.branch.is_none() && typed.and_then(BranchPath::parse).is_some()
}

fn bound_repo(binding: &Binding, ask: &Request, facts: &Facts<'_>) -> Beginning {
    let listed = facts
        .sources
        .and_then(|sources| sources.iter().find(|source| source.name == binding.source));
    let bound = binding.branch.as_ref().filter(|_| ask.options.branch.is_none());
    let mut ask = ask.clone();
    binding.complete(&mut ask.options);
    match (bound, listed) {
        (Some(branch), _) => Beginning::Certain(Target {
            source: binding.source.clone(),
            repo: binding.repo.clone(),
            branch: branch.clone(),
            why: TargetReason::Binding,
            plan: ask.options.plan.unwrap_or(PlanMode::Auto),
            pr: ask.options.pr.unwrap_or(PrMode::Auto),
        }),
        (None, Some(source)) => branch_of(source, &ask, TargetReason::Binding),
        (None, None) => {
            let (source, repo) = (binding.source.clone(), binding.repo.clone());
            let fixed = FixedSource { source, repo, why: TargetReason::Binding };
            Beginning::AskJules(binding.repo.to_string(), Some(fixed))
        }
    }
}

/// Typed branch → the source's default, as Jules reports it → ask.
fn branch_of(source: &Source, ask: &Request, why: TargetReason) -> Beginning {
    let branch = match &ask.options.branch {
        Some(typed) => match repo::resolve_branch(typed, source) {
            BranchFit::Listed(branch) => branch,
            // Perhaps pushed a minute ago, or the branches were not read yet.
            BranchFit::Unknown { .. } | BranchFit::Unlisted(_) => {
                return Beginning::AskJules(typed.clone(), Some(fixed(source, why)));
            }
        },
        None => match &source.default_branch {
            Some(branch) => branch.clone(),
            None => {
                return Beginning::AskPerson {
                    candidates: Vec::new(),
                    note: Some(Notice::NoDefaultBranch { task: None, repo: source.repo.clone() }),
                };
            }
        },
    };
    Beginning::Certain(target(source, branch, ask, why))
}

/// A target with the options of the request.
#[must_use]
pub fn target(source: &Source, branch: Branch, ask: &Request, why: TargetReason) -> Target {
    Target {
        source: source.name.clone(),
        repo: source.repo.clone(),
        branch,
        why,
        plan: ask.options.plan.unwrap_or(PlanMode::Auto),
        pr: ask.options.pr.unwrap_or(PrMode::Auto),
    }
}

fn fixed(source: &Source, why: TargetReason) -> FixedSource {
    FixedSource { source: source.name.clone(), repo: source.repo.clone(), why }
}

fn fit_of(source: &Source) -> Candidate {
    Candidate { source: source.name.clone(), repo: source.repo.clone() }
}

pub(super) fn start(
    mut ask: Request,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    be_as_quiet_as_the_channel(&mut ask, facts);
    let begun = if ask.prompt.trim().is_empty() {
        Beginning::AskPerson { candidates: Vec::new(), note: None }
    } else {
        beginning(&ask, facts)
    };
    let id = TaskId::for_delivery(&sender.delivery);
    let (reply, follow_up, start) = match begun {
        Beginning::Refuse(notice) => return Answer::notice(notice),
        Beginning::Certain(target) => {
            let notice = Notice::Taken {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                why: target.why,
            };
            (Reply::Notice(Box::new(notice)), None, Start::At(target))
        }
        Beginning::AskJules(typed, fixed) => {
            if let (Some(TargetReason::Binding), Some(binding)) =
                (fixed.as_ref().map(|fixed| fixed.why), facts.binding)
            {
                // Settled now, with the repository: the channel may be bound anew before Jules answers.
                binding.complete(&mut ask.options);
            }
            (Reply::Notice(Box::new(Notice::Looking { typed })), None, Start::Resolve(fixed))
        }
        Beginning::AskPerson { candidates, note } => {
            let typed = ask.options.repo.clone().unwrap_or_default();
            let (count, task) = (candidates.len(), id.clone());
            if (1..=MOST_CHOICES).contains(&count) {
                let choose = Notice::Choose { task, typed, candidates: candidates.clone() };
                (Reply::Notice(Box::new(choose)), None, Start::Draft(candidates))
            } else {
                let many = (count > 0).then_some(Notice::ManyFit { task, typed, count });
                let form = form_of(id.clone(), ask.clone(), facts, note.or(many));
                (Reply::Nothing, Some(FollowUp::Open(Box::new(form))), Start::Draft(candidates))
            }
        }
    };
    let task = new_task(id, ask, start, sender, facts, now);
    Answer { reply, write: Some(Write::Task(Box::new(task))), follow_up }
}

/// How much is told belongs to the channel, whichever repository the task is for.
fn be_as_quiet_as_the_channel(ask: &mut Request, facts: &Facts<'_>) {
    ask.options.quiet = ask.options.quiet.or(facts.binding.and_then(|binding| binding.quiet));
}

pub(super) fn new_task(
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
pub(super) fn form_of(task: TaskId, ask: Request, facts: &Facts<'_>, note: Option<Notice>) -> Form {
    let typed = ask.options.repo.as_deref();
    let fixed = facts.task.and_then(|task| task.source.as_ref());
    let repo = match (fixed, typed, facts.sources) {
        (Some(fixed), _, _) => Some(fixed.repo.clone()),
        (None, Some(typed), Some(sources)) => match find(typed, sources) {
            Resolution::One(source) => Some(source.repo.clone()),
            Resolution::Several(_) | Resolution::None { .. } => None,
        },
        (None, Some(_), None) => None,
        (None, None, _) => facts.binding.map(|binding| binding.repo.clone()),
    };
    let bound = facts.binding.filter(|_| typed.is_none() && fixed.is_none());
    let branch = ask
        .options
        .branch
        .clone()
        .map(Branch)
        .or_else(|| bound.and_then(|binding| binding.branch.clone()))
        .filter(|_| repo.is_some());
    let mut ask = ask;
    if let Some(bound) = bound {
        bound.complete(&mut ask.options);
    }
    let asks_channel = facts.task.is_some_and(|task| task.channel.is_none());
    let note = note.or_else(|| facts.sources.is_none().then_some(Notice::NoListYet));
    Form::Task(TaskForm { task, ask, repo, branch, asks_channel, note: note.map(Box::new) })
}

pub(super) fn task_form(
    id: TaskId,
    filled: &FormValues,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    let kept = facts.task.map(|task| task.ask.clone()).unwrap_or_default();
    let mut ask = filled.ask(&kept);
    be_as_quiet_as_the_channel(&mut ask, facts);
    let channel = filled
        .channel
        .clone()
        .or_else(|| facts.task.and_then(|task| task.channel.clone()))
        .or_else(|| sender.channel.clone());
    // The draft is forgotten after a day, and with it where to post and a prompt no field takes.
    if facts.task.is_none() && (channel.is_none() || filled.prompt.is_none()) {
        return Answer::notice(Notice::FormExpired);
    }
    let mut errors = Vec::new();
    if ask.prompt.trim().is_empty() {
        errors.push((Field::Prompt, FieldError::NoPrompt));
    }
    if holds_credential(&ask.prompt) {
        errors.push((Field::Prompt, FieldError::Credential));
    }
    if ask.options.title.as_deref().is_some_and(holds_credential) {
        errors.push((Field::Title, FieldError::Credential));
    }
    if channel.is_none() {
        errors.push((Field::Channel, FieldError::NoChannel));
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
    let edited = facts.task.and_then(|task| Some((task, task.retry_of.as_ref()?)));
    if let Some((draft, retry_of)) = edited
        && draft.id != retry_of.task.successor()
    {
        return start_edited(draft, retry_of, (ask, channel, start), sender, facts, now);
    }
    let write = match facts.task {
        Some(_) => Write::Input(id, Box::new(Input::FormValues { ask, channel, start })),
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
fn form_start(ask: &Request, facts: &Facts<'_>) -> Result<Start, (Field, FieldError)> {
    let Some(typed) = &ask.options.repo else {
        return Err((Field::Repository, FieldError::NoRepo));
    };
    let Some(sources) = facts.sources else { return Ok(Start::Resolve(None)) };
    let Resolution::One(source) = find(typed, sources) else { return Ok(Start::Resolve(None)) };
    match (&ask.options.branch, &source.default_branch) {
        (Some(branch), _) => match repo::resolve_branch(branch, source) {
            BranchFit::Listed(branch) => {
                Ok(Start::At(target(source, branch, ask, TargetReason::Asked)))
            }
            BranchFit::Unknown { nearest } => {
                Err((Field::Branch, FieldError::UnknownBranch(branch.clone(), nearest)))
            }
            BranchFit::Unlisted(_) => Ok(Start::Resolve(Some(fixed(source, TargetReason::Asked)))),
        },
        (None, Some(branch)) => {
            Ok(Start::At(target(source, branch.clone(), ask, TargetReason::Asked)))
        }
        (None, None) => Err((Field::Branch, FieldError::NoDefaultBranch)),
    }
}
