//! Whether a person may do something: what the gate asks is gathered here, and asked where something is only
//! found out afterwards, such as the repository that a name stands for.

use super::Engine;
use super::people::{manages, standing};
use super::tell::{Route, log_loss};
use super::workspace::{Caller, Workspace};
use domain::binding::ChannelBinding;
use domain::ids::{ChannelId, TeamId};
use domain::inbound::{Access, Origin};
use domain::message::Notice;
use domain::policy::{Asker, Denied, Groups, Manages, NotManager, Policy, Refusal, Repos};
use domain::policy::{Right, SharedChannels, Standing, Summary, WhoMay};
use domain::repo::{RepoRef, Source};
use domain::task::Task;
use domain::tenant::{Actor, Role};
use platform::lock::lock;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::documents::binding_key;

/// What the gate asks about someone in a place.
pub(super) struct Known {
    policy: Arc<Policy>,
    standing: Standing,
    manages: Manages,
    groups: Groups,
    is_shared: Option<bool>,
}

impl Known {
    /// The same for the gate.
    pub(super) fn access(&self) -> Access<'_> {
        Access {
            policy: &self.policy,
            standing: self.standing,
            manages: self.manages,
            groups: &self.groups,
            is_shared: self.is_shared,
        }
    }

    /// The policy alone: nothing was asked about anybody.
    pub(super) fn nobody(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            standing: Standing::Unknown,
            manages: Manages::No(NotManager::Unknown),
            groups: Groups::default(),
            is_shared: None,
        }
    }
}

impl Engine {
    /// What managers have said about who may do what.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&lock(&self.policy))
    }

    /// From now on, this holds.
    pub fn set_policy(&self, policy: Policy) {
        *lock(&self.policy) = Arc::new(policy);
        self.is_policy_outdated.store(false, Ordering::Relaxed);
    }

    /// What managers say now can't be read, so what they said before holds.
    pub(crate) fn keep_policy(&self) {
        self.is_policy_outdated.store(true, Ordering::Relaxed);
    }

    /// What is known of someone who wants something in a channel.
    pub(super) async fn known(
        &self,
        workspace: &Workspace,
        actor: &Actor,
        channel: Option<&ChannelId>,
        is_shared: bool,
    ) -> Known {
        let (policy, now) = (self.policy(), self.now());
        let here = policy.here(&actor.team, channel);
        let asks_shared = here.shared().0 == SharedChannels::Off && !is_shared;
        let channel = channel.filter(|channel| asks_shared && !channel.is_dm());
        let (told, groups, shared) = tokio::join!(
            async {
                match actor.role {
                    Role::Member => Some(workspace.told_of(&actor.user, now).await),
                    Role::External | Role::App(_) => None,
                }
            },
            workspace.groups_of(&actor.user, policy.groups(), now),
            async {
                match channel {
                    Some(channel) => workspace.is_shared(channel, now).await,
                    None => is_shared.then_some(true),
                }
            },
        );
        let standing = told.as_ref().map_or(Standing::Unknown, standing);
        let by_slack = told.as_ref().map_or(Manages::No(NotManager::Unknown), manages);
        let manages = match here.admins() {
            None => by_slack,
            Some((admins, _)) => {
                let asker = Asker { actor, standing, manages: by_slack, groups: &groups };
                match asker.is_among(admins) {
                    Ok(true) => Manages::Yes,
                    Ok(false) => Manages::No(NotManager::Member),
                    Err(_) => Manages::No(NotManager::Unknown),
                }
            }
        };
        Known { policy: Arc::clone(&policy), standing, manages, groups, is_shared: shared }
    }

    /// The same for what a lookup came to, if that is a repository at all.
    ///
    /// # Errors
    /// The rule that says no.
    pub(super) async fn permit(
        &self,
        task: &Task,
        repo: Option<&RepoRef>,
    ) -> Result<(), Box<Refusal>> {
        match repo {
            Some(repo) => self.may_begin(task, repo).await,
            None => Ok(()),
        }
    }

    /// Whether a task may begin on a repository that was only found out after it was asked for.
    ///
    /// # Errors
    /// The rule that says no.
    pub(super) async fn may_begin(&self, task: &Task, repo: &RepoRef) -> Result<(), Box<Refusal>> {
        let Some(workspace) = self.workspace(&task.team) else { return Ok(()) };
        let actor = author(task);
        let known = self.known(&workspace, &actor, task.channel.as_ref(), false).await;
        let access = known.access();
        let bound = self.bound_for_rules(&access, &task.team, task.channel.as_ref()).await;
        match access.may_begin(task, &actor, repo, bound.as_ref()) {
            Ok(()) => Ok(()),
            Err(Denied::Refused(refusal)) => Err(refusal),
            // Someone who was one of us when they asked isn't any more.
            Err(_) => Err(Box::new(Refusal::Unsure)),
        }
    }

    /// The rules about who approves a task's plan, but for those that let everyone.
    pub(super) fn approvers(&self, task: &Task) -> Vec<WhoMay> {
        let policy = self.policy();
        let here = policy.here(&task.team, task.channel.as_ref());
        let of_place = here.who(Right::Approve).map(|(who, _)| who);
        let of_repo = task.repo().map(|repo| here.who_on(Right::Approve, repo));
        let all = of_place.into_iter().chain(of_repo.into_iter().flatten());
        let mut rules: Vec<WhoMay> = all.filter(|who| **who != WhoMay::Everyone).cloned().collect();
        rules.dedup();
        rules
    }

    /// What a channel is bound to, where a rule asks for it.
    async fn bound_for_rules(
        &self,
        access: &Access<'_>,
        team: &TeamId,
        channel: Option<&ChannelId>,
    ) -> Option<RepoRef> {
        let here = access.policy.here(team, channel);
        let (Some((Repos::Bound, _)), Some(channel)) = (here.repos(), channel) else { return None };
        let key = binding_key(team, channel);
        let bound = self.records.get::<ChannelBinding>(&key, self.now()).await.ok()??;
        bound.1.binding.map(|binding| binding.repo)
    }

    /// Tells someone what holds in a channel.
    pub(super) async fn tell_access(
        &self,
        channel: Option<&ChannelId>,
        caller: &Caller,
        origin: &Origin,
    ) {
        let Caller { workspace, actor, is_shared } = caller;
        let known = self.known(workspace, actor, channel, *is_shared).await;
        let access = known.access();
        let summary = Summary {
            is_outdated: self.is_policy_outdated.load(Ordering::Relaxed),
            ..access.policy.here(&actor.team, channel).summary(access.manages)
        };
        let notice = Notice::Access(Box::new(summary));
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    /// Of the connected repositories, those that someone can use in a channel.
    pub(super) async fn usable_by(
        &self,
        workspace: &Workspace,
        actor: &Actor,
        channel: Option<&ChannelId>,
        sources: Arc<[Source]>,
    ) -> Arc<[Source]> {
        if self.policy().lists_all() {
            return sources;
        }
        let known = self.known(workspace, actor, channel, false).await;
        let access = known.access();
        let bound = self.bound_for_rules(&access, &actor.team, channel).await;
        access.usable(&sources, actor, channel, bound.as_ref()).map_or(sources, Arc::from)
    }
}

/// Who asked for a task: someone who was let in then.
pub(super) fn author(task: &Task) -> Actor {
    let by_app = task.entrance.by_app.clone();
    let role = by_app.map_or(Role::Member, Role::App);
    Actor { team: task.team.clone(), user: task.author.clone(), role }
}
