//! The gate, asked for everything that comes in: whether it is believed, which right it takes, and whether
//! its sender has it.
//!
//! A signature says that Slack delivered something, not that its values are honest: a client can be made
//! to send any value in a click or a form. So besides the person, the place counts.

use super::{Answer, Inbound, Origin, ReplyRoute, Write};
use crate::binding::Binding;
use crate::ids::ChannelId;
use crate::message::Notice;
use crate::policy::{
    Act, Asker, CapReached, Denied, Groups, Manages, NotManager, Policy, Refusal, Right, Scope,
    Standing, may, may_use,
};
use crate::repo::{RepoRef, Source};
use crate::task::{Input, Phase, Task};
use crate::tenant::{Actor, Whose};

/// What the gate asks.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// What managers have said.
    pub policy: &'a Policy,
    /// What Slack says that the person is.
    pub standing: Standing,
    /// Whether the person manages the workspace.
    pub manages: Manages,
    /// The person's groups.
    pub groups: &'a Groups,
    /// Other organisations are in the channel; `None` where Slack didn't say.
    pub is_shared: Option<bool>,
}

impl Access<'static> {
    /// Nobody has said anything, and nothing is known of the person.
    #[must_use]
    pub fn unruled() -> Self {
        static POLICY: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(Policy::default);
        static GROUPS: Groups = Groups {
            of: std::collections::BTreeSet::new(),
            unknown: std::collections::BTreeSet::new(),
        };
        Self {
            policy: &POLICY,
            standing: Standing::Unknown,
            manages: Manages::No(NotManager::Unknown),
            groups: &GROUPS,
            is_shared: None,
        }
    }
}

impl Access<'_> {
    /// Who asks.
    #[must_use]
    pub fn asker<'b>(&'b self, actor: &'b Actor) -> Asker<'b> {
        Asker { actor, standing: self.standing, manages: self.manages, groups: self.groups }
    }

    /// A place, as the rules see it.
    #[must_use]
    pub fn scope<'b>(
        &self,
        channel: Option<&'b ChannelId>,
        bound: Option<&'b RepoRef>,
    ) -> Scope<'b> {
        Scope { channel, is_shared: self.is_shared, bound }
    }

    /// Whether the person has this right in a place, on this repository if one is meant, no matter who asked for a
    /// task.
    fn has(
        &self,
        actor: &Actor,
        right: Right,
        scope: Scope<'_>,
        repo: Option<&RepoRef>,
    ) -> Result<(), Denied> {
        let act = Act { right, scope, repo, requester: None };
        may(&self.asker(actor), &act, self.policy)
    }

    /// Whether the person has this right in a place, as far as no task and no repository is meant.
    ///
    /// # Errors
    /// Why not.
    pub fn may(
        &self,
        actor: &Actor,
        right: Right,
        channel: Option<&ChannelId>,
    ) -> Result<(), Denied> {
        self.has(actor, right, self.scope(channel, None), None)
    }

    /// The repositories that the person can use in a place; `None` where no rule leaves any out.
    #[must_use]
    pub fn usable(
        &self,
        sources: &[Source],
        actor: &Actor,
        channel: Option<&ChannelId>,
        bound: Option<&RepoRef>,
    ) -> Option<Vec<Source>> {
        let here = self.policy.here(&actor.team, channel);
        if here.repos().is_none() && here.repositories().iter().all(|one| one.start.is_none()) {
            return None;
        }
        let scope = self.scope(channel, bound);
        let asker = self.asker(actor);
        let is_usable = |one: &&Source| may_use(&asker, &one.repo, scope, self.policy);
        Some(sources.iter().filter(is_usable).cloned().collect())
    }

    /// Whether a channel may be bound as this says.
    ///
    /// # Errors
    /// Why not.
    pub fn may_bind(&self, actor: &Actor, binding: &Binding) -> Result<(), Denied> {
        let scope = self.scope(Some(&binding.channel), None);
        self.has(actor, Right::Bind, scope, Some(&binding.repo))
    }

    /// Whether a task may begin on a repository, by the rules of its channel.
    ///
    /// # Errors
    /// Why not.
    pub fn may_begin(
        &self,
        task: &Task,
        actor: &Actor,
        repo: &RepoRef,
        bound: Option<&RepoRef>,
    ) -> Result<(), Denied> {
        self.has(actor, Right::Start, self.scope(task.channel.as_ref(), bound), Some(repo))
    }
}

/// Whether someone can act on this task from where they are: in its channel, or on their own task from a
/// list of theirs. A draft is its author's alone. `at` is the channel that a click came from; a form that
/// was opened by one comes from nowhere.
///
/// # Errors
/// Why not.
pub(crate) fn may_act_on(task: &Task, actor: &Actor, at: Option<&ChannelId>) -> Result<(), Denied> {
    let is_author = task.author == actor.user;
    if matches!(task.phase, Phase::Draft { .. }) && !is_author {
        return Err(Denied::NotTheirs);
    }
    match (at, &task.channel) {
        (Some(at), Some(channel)) if at != channel && !is_author => Err(Denied::Elsewhere),
        (_, _) => Ok(()),
    }
}

/// The gate: whether an inbound is obeyed. `task` is the one it is about, if there is one.
///
/// # Errors
/// Why not.
pub fn admit(
    inbound: &Inbound,
    actor: &Actor,
    origin: &Origin,
    task: Option<&Task>,
    access: &Access<'_>,
) -> Result<(), Denied> {
    let about = task.filter(|_| inbound.is_about_a_task());
    let channel = inbound.channel(task, origin);
    // Where something begins, nobody has asked for it yet, and its repository is known only afterwards.
    let about = about.filter(|_| matches!(inbound.right(), Right::Approve | Right::Steer));
    let act = Act {
        right: inbound.right(),
        scope: access.scope(channel, None),
        repo: about.and_then(Task::repo),
        requester: about.map(|task| &task.author),
    };
    may(&access.asker(actor), &act, access.policy)?;
    match (inbound, task) {
        // A Home lists its person's own tasks and belongs to no channel.
        (Inbound::Press(..), Some(task))
            if origin.reply == ReplyRoute::Home && task.author != actor.user =>
        {
            Err(Denied::Elsewhere)
        }
        (
            Inbound::Press(..)
            | Inbound::TaskForm(..)
            | Inbound::ChangesForm(..)
            | Inbound::AnswerForm(..)
            | Inbound::SendForm(..)
            | Inbound::TurnPage { .. }
            | Inbound::TurnMessages { .. },
            Some(task),
        ) => may_act_on(task, actor, origin.channel()),
        (_, _) => Ok(()),
    }
}

/// The gate once more, for what an answer would store: whether a task may begin there, on that repository, and
/// whether the channel may be bound to it. Which repository is meant, the answer decides.
///
/// # Errors
/// Why not.
pub(crate) fn admit_write(
    answer: &Answer,
    actor: &Actor,
    bound: Option<&RepoRef>,
    access: &Access<'_>,
) -> Result<(), Denied> {
    let (right, channel, repo) = match &answer.write {
        Some(Write::Task(task)) if !task.is_draft() => {
            (Right::Start, task.channel.as_ref(), task.repo())
        }
        Some(Write::Input(_, input)) => match &**input {
            Input::FormValues { channel, start, .. } => {
                (Right::Start, channel.as_ref(), start.repo())
            }
            _ => return Ok(()),
        },
        Some(Write::Bind(binding, _)) => (Right::Bind, Some(&binding.channel), Some(&binding.repo)),
        Some(Write::Task(_) | Write::Unbind(_) | Write::Settings(_) | Write::Once(_)) | None => {
            return Ok(());
        }
    };
    access.has(actor, right, access.scope(channel, bound), repo)
}

/// The answer to someone who may start no more tasks for now: once, since Slack may tell of a message twice.
#[must_use]
pub fn over_cap(reached: CapReached, origin: &Origin) -> Answer {
    let notice = Notice::Refused(Box::new(Refusal::Cap(reached)));
    let is_message = origin.reply == ReplyRoute::Message;
    let write = is_message.then(|| Write::Once(origin.delivery.clone()));
    Answer { write, ..Answer::notice(notice) }
}

impl Inbound {
    /// Whether it is about the task that was read for it, rather than in its thread.
    fn is_about_a_task(&self) -> bool {
        match self {
            Self::Press(..)
            | Self::TaskForm(..)
            | Self::ChangesForm(..)
            | Self::AnswerForm(..)
            | Self::SendForm(..)
            | Self::TurnPage { .. }
            | Self::TurnMessages { .. }
            | Self::Message(_) => true,
            Self::Command(_)
            | Self::CommandTooLong
            | Self::Run(_)
            | Self::More(..)
            | Self::BindForm(..)
            | Self::SettingsForm { .. }
            | Self::ShowSettings { .. }
            | Self::FollowForm(..)
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened
            | Self::NewTask
            | Self::KeyForm(..)
            | Self::SendToJules(_) => false,
        }
    }

    /// The channel whose rules count: that of the task, wherever a list of it is shown; else the one that a form
    /// was opened for, else where it came from.
    #[must_use]
    pub fn channel<'a>(
        &'a self,
        task: Option<&'a Task>,
        origin: &'a Origin,
    ) -> Option<&'a ChannelId> {
        let of_task =
            task.filter(|_| self.is_about_a_task()).and_then(|task| task.channel.as_ref());
        let of_form = match self {
            Self::BindForm(channel, _) | Self::FollowForm(channel, _) => Some(channel),
            Self::TaskForm(_, filled) => filled.channel.as_ref(),
            _ => None,
        };
        of_form.or(of_task).or(origin.channel())
    }

    /// What it takes to have it obeyed.
    #[must_use]
    pub fn right(&self) -> Right {
        match self {
            Self::TaskForm(..)
            | Self::FollowForm(..)
            | Self::NewTask
            | Self::KeyForm(Whose::Mine, _)
            | Self::SendToJules(_) => Right::Start,
            Self::Press(_, verb) => verb.spec().right,
            Self::ChangesForm(..) => Right::Approve,
            Self::AnswerForm(..) | Self::SendForm(..) => Right::Steer,
            Self::BindForm(..) => Right::Bind,
            Self::SettingsForm { whose: Whose::Workspace, .. }
            | Self::ShowSettings { whose: Whose::Workspace, .. }
            | Self::KeyForm(Whose::Workspace, _) => Right::Manage,
            Self::SettingsForm { whose: Whose::Mine, .. }
            | Self::ShowSettings { whose: Whose::Mine, .. } => Right::See,
            // What a command or a message asks for is asked about once that is known.
            Self::Command(_)
            | Self::Run(_)
            | Self::Message(_)
            | Self::CommandTooLong
            | Self::More(..)
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened
            | Self::TurnPage { .. }
            | Self::TurnMessages { .. } => Right::See,
        }
    }
}
