//! Binding a channel to a repository, and undoing it.

use super::start::find;
use super::{Answer, BindRequest, Facts, FollowUp, Reply, Sender, Write};
use crate::domain::binding::{Binding, BindingChange, IsLatest};
use crate::domain::command;
use crate::domain::form::{BindForm, Field, FieldError, Form, FormValues};
use crate::domain::ids::ChannelId;
use crate::domain::message::Notice;
use crate::domain::repo::{self, Branch, BranchFit, BranchPath, Resolution, Source};
use jiff::Timestamp;

pub(super) fn bind(
    args: command::BindArgs,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    let Some(channel) = sender.channel.clone() else { return Answer::nothing() };
    if let Some(applied) = facts.applied {
        return bound_before(applied, facts);
    }
    let options = args.options;
    let Some(repo) = args.repo.or_else(|| options.repo.clone()) else {
        return open_bind_form(channel, options, facts);
    };
    let command::Options { repo: _, branch, title: _, plan, pr, quiet } = options;
    let change = change(sender, now);
    let wish = BindRequest { channel, repo, branch, plan, pr, quiet, change };
    match facts.sources.map(|sources| find(&wish.repo, sources)) {
        Some(Resolution::One(source))
            if wish.branch.is_none() && BranchPath::parse(&wish.repo).is_none() =>
        {
            let binding = wish.binding(source, None, sender);
            Answer {
                reply: Reply::Announce(Box::new(Notice::Bound(binding.clone()))),
                write: Some(Write::Bind(Box::new(binding), wish.change)),
                follow_up: None,
            }
        }
        Some(Resolution::Several(candidates)) => {
            let candidates = candidates.into_iter().map(|source| source.repo.clone()).collect();
            Answer::notice(Notice::SeveralFit { typed: wish.repo, candidates })
        }
        // A typed branch is checked against what Jules lists now, and so is an unknown repository.
        Some(Resolution::One(_) | Resolution::None { .. }) | None => Answer {
            reply: Reply::Notice(Box::new(Notice::Looking { typed: wish.repo.clone() })),
            write: None,
            follow_up: Some(FollowUp::Bind(Box::new(wish))),
        },
    }
}

fn open_bind_form(channel: ChannelId, mut options: command::Options, facts: &Facts<'_>) -> Answer {
    let bound = facts.binding;
    if let Some(bound) = bound {
        bound.complete(&mut options);
    }
    let branch = options.branch.map(Branch);
    let form = BindForm {
        channel,
        repo: bound.map(|binding| binding.repo.clone()),
        branch: branch.or_else(|| bound.and_then(|binding| binding.branch.clone())),
        plan: options.plan,
        pr: options.pr,
        quiet: options.quiet.or(bound.and_then(|binding| binding.quiet)),
        note: facts.sources.is_none().then(|| Box::new(Notice::NoListYet)),
    };
    Answer { follow_up: Some(FollowUp::Open(Box::new(Form::Bind(form)))), ..Answer::nothing() }
}

impl BindRequest {
    /// The binding that the wish makes with a repository and branch that are certain.
    #[must_use]
    pub fn binding(&self, source: &Source, branch: Option<Branch>, sender: &Sender) -> Binding {
        Binding {
            team: sender.team.clone(),
            channel: self.channel.clone(),
            source: source.name.clone(),
            repo: source.repo.clone(),
            branch,
            plan: self.plan,
            pr: self.pr,
            quiet: self.quiet,
            by: sender.user.clone(),
            at: self.change.asked,
        }
    }
}

pub(super) fn bind_form(
    channel: ChannelId,
    filled: FormValues,
    sender: &Sender,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Answer {
    // It was said in the channel the first time: the form closes.
    if facts.applied.is_some() {
        return Answer::nothing();
    }
    let Some(repo) = filled.repo.clone() else {
        return Answer::errors(vec![(Field::Repository, FieldError::NoRepo)]);
    };
    if let (Some(branch), Some(sources)) = (&filled.branch, facts.sources)
        && let Resolution::One(source) = find(&repo, sources)
        && let BranchFit::Unknown { nearest } = repo::resolve_branch(branch, source)
    {
        return Answer::errors(vec![(
            Field::Branch,
            FieldError::UnknownBranch(branch.clone(), nearest),
        )]);
    }
    let wish = BindRequest {
        channel,
        repo,
        branch: filled.branch,
        plan: Some(filled.plan),
        pr: Some(filled.pr),
        quiet: Some(filled.quiet),
        change: change(sender, now),
    };
    Answer { follow_up: Some(FollowUp::Bind(Box::new(wish))), ..Answer::nothing() }
}

pub(super) fn unbind(sender: &Sender, facts: &Facts<'_>, now: Timestamp) -> Answer {
    let Some(channel) = sender.channel.clone() else { return Answer::notice(Notice::NotBound) };
    if facts.binding.is_some() && facts.applied.is_some() {
        return Answer::notice(Notice::BoundSince(facts.binding.cloned().map(Box::new)));
    }
    let reply = match facts.binding {
        Some(Binding { repo, .. }) => {
            let notice = Notice::Unbound { repo: repo.clone(), by: sender.user.clone() };
            Reply::Announce(Box::new(notice))
        }
        None => Reply::Notice(Box::new(Notice::NotBound)),
    };
    // Where nothing is bound it is remembered too: delivered again after a `bind`, it must not undo that.
    let write = Write::Unbind(sender.team.clone(), channel, change(sender, now));
    Answer { reply, write: Some(write), follow_up: None }
}

/// The answer to a request that bound the channel before: the same, while that is how the channel is
/// bound.
fn bound_before(applied: IsLatest, facts: &Facts<'_>) -> Answer {
    match (applied, facts.binding) {
        (IsLatest(true), Some(binding)) => Answer {
            reply: Reply::Announce(Box::new(Notice::Bound(binding.clone()))),
            ..Answer::nothing()
        },
        (IsLatest(_), binding) => {
            Answer::notice(Notice::BoundSince(binding.cloned().map(Box::new)))
        }
    }
}

fn change(sender: &Sender, now: Timestamp) -> BindingChange {
    BindingChange { delivery: sender.delivery.clone(), asked: now }
}
