//! Binding a channel to a repository, and undoing it.

use super::{Answer, BindRequest, Context, Facts, FollowUp, Reply, Write};
use crate::binding::Binding;
use crate::change::{Change, IsLatest};
use crate::command;
use crate::form::{BindForm, Field, FieldError, Form, FormValues};
use crate::ids::ChannelId;
use crate::message::Notice;
use crate::repo::{self, Branch, BranchFit, BranchPath, Resolution, Source, find};
use crate::tenant::Actor;

pub(super) fn bind(args: command::BindArgs, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    let Some(channel) = cx.origin.channel().cloned() else { return Answer::nothing() };
    if let Some(applied) = facts.applied {
        return bound_before(applied, facts);
    }
    let options = args.options;
    let Some(repo) = args.repo.or_else(|| options.repo.clone()) else {
        return open_bind_form(channel, options, facts);
    };
    let command::Options { repo: _, branch, title: _, plan, pr, quiet, ping, context } = options;
    let change = change(cx);
    let wish = BindRequest { channel, repo, branch, plan, pr, quiet, ping, context, change };
    match facts.sources.map(|sources| find(&wish.repo, sources)) {
        Some(Resolution::One(source))
            if wish.branch.is_none() && BranchPath::parse(&wish.repo).is_none() =>
        {
            Answer::bound(wish.binding(source, None, cx.actor), wish.change)
        }
        Some(Resolution::Several(candidates)) => {
            let candidates = candidates.into_iter().map(|source| source.repo.clone()).collect();
            Answer::notice(Notice::SeveralFit { typed: wish.repo, candidates })
        }
        // A typed branch is checked against what Jules lists now, and so is an unknown repository.
        Some(Resolution::One(_) | Resolution::None { .. }) | None => Answer {
            reply: Reply::Lookup,
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
    pub fn binding(&self, source: &Source, branch: Option<Branch>, actor: &Actor) -> Binding {
        Binding {
            team: actor.team.clone(),
            channel: self.channel.clone(),
            source: source.name.clone(),
            repo: source.repo.clone(),
            branch,
            plan: self.plan,
            pr: self.pr,
            quiet: self.quiet,
            ping: self.ping,
            context: self.context,
            by: actor.user.clone(),
            at: self.change.asked,
        }
    }
}

pub(super) fn bind_form(channel: ChannelId, filled: FormValues, cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    // It was said in the channel the first time: the form closes.
    if facts.applied.is_some() {
        return Answer::nothing();
    }
    let Some(repo) = filled.repo.clone() else {
        return Answer::errors(vec![(Field::Repository, FieldError::NoRepo)]);
    };
    let listed = facts.sources.and_then(|sources| match find(&repo, sources) {
        Resolution::One(source) => Some(source),
        Resolution::Several(_) | Resolution::None { .. } => None,
    });
    let fit = filled.branch.as_ref().zip(listed);
    let fit = fit.map(|(branch, source)| (branch, repo::resolve_branch(branch, source)));
    let branch = match fit {
        Some((branch, BranchFit::Unknown { nearest })) => {
            return Answer::errors(vec![(
                Field::Branch,
                FieldError::UnknownBranch(branch.clone(), nearest),
            )]);
        }
        Some((_, BranchFit::Listed(branch))) => Some(branch),
        Some((_, BranchFit::Unlisted(_))) | None => None,
    };
    let wish = BindRequest {
        channel,
        repo,
        branch: filled.branch,
        plan: Some(filled.plan),
        pr: Some(filled.pr),
        quiet: Some(filled.quiet),
        // No field of the form asks for these, so they stay as they are.
        ping: facts.binding.and_then(|binding| binding.ping),
        context: facts.binding.and_then(|binding| binding.context),
        change: change(cx),
    };
    match listed {
        // It's stored before the form closes.
        Some(source) if wish.branch.is_none() || branch.is_some() => {
            let binding = wish.binding(source, branch, cx.actor);
            let notice = Box::new(Notice::Bound(binding.clone()));
            Answer {
                reply: Reply::Nothing,
                write: Some(Write::Bind(Box::new(binding), wish.change)),
                follow_up: Some(FollowUp::Announce(wish.channel, notice)),
            }
        }
        // Jules has to be asked.
        Some(_) | None => {
            Answer { follow_up: Some(FollowUp::Bind(Box::new(wish))), ..Answer::nothing() }
        }
    }
}

pub(super) fn unbind(cx: &Context<'_>) -> Answer {
    let facts = cx.facts;
    if cx.origin.channel().is_none() {
        return Answer::notice(Notice::NotBound);
    }
    if facts.binding.is_some() && facts.applied.is_some() {
        return Answer::notice(Notice::BoundSince(facts.binding.cloned().map(Box::new)));
    }
    let reply = match facts.binding {
        None if !facts.is_binding_damaged => Reply::Notice(Box::new(Notice::NotBound)),
        bound => {
            let repo = bound.map(|binding| binding.repo.clone());
            let notice = Notice::Unbound { repo, by: cx.actor.user.clone() };
            Reply::Announce(Box::new(notice))
        }
    };
    // Where nothing is bound it is remembered too: delivered again after a `bind`, it must not undo that.
    let write = Write::Unbind(change(cx));
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

fn change(cx: &Context<'_>) -> Change {
    Change { delivery: cx.origin.delivery.clone(), asked: cx.now }
}
