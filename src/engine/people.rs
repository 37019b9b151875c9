//! What Slack says of people, channels and groups. Each is asked for once, remembered for a few minutes, and
//! never waited for longer than an answer can wait: what Slack doesn't say in time is unknown.

use super::workspace::Workspace;
use domain::ids::{ChannelId, GroupId, TeamId, UserId};
use domain::policy::{Groups, Manages, NotManager, Standing};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use jiff::{SignedDuration, Timestamp};
use platform::clock::is_younger;
use slack::client::UserInfo;
use slack::error::CallError;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Cache lifetime of an answer. Short, so that a removed admin loses access within 10 minutes, even where
/// Slack doesn't tell of the change.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// How long it is remembered that Slack didn't answer in time, so that a retried decision doesn't wait twice. Other
/// failures cost no wait, and aren't remembered.
const UNSAID: SignedDuration = SignedDuration::from_secs(5);

/// Slack waits three seconds for an answer, so a question before it must take less.
const PATIENCE: Duration = Duration::from_secs(1);

/// The scopes with which Slack says it; both are optional in the manifest.
const OF_PEOPLE: &[&str] = &["users:read"];
const OF_GROUPS: &[&str] = &["usergroups:read"];

/// What Slack said, or why it didn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told<T> {
    /// This.
    Is(T),
    /// The app lacks the scope.
    NoScope,
    /// It didn't answer in time.
    Late,
    /// It didn't answer well.
    Nothing,
}

/// The same, with the time it was asked.
pub(super) type Remembered<T> = (Told<T>, Timestamp);

impl<T> Told<T> {
    /// What it said, if it did.
    pub(super) fn said(self) -> Option<T> {
        match self {
            Self::Is(said) => Some(said),
            Self::NoScope | Self::Late | Self::Nothing => None,
        }
    }

    fn lives(&self) -> SignedDuration {
        match self {
            Self::Is(_) => BELIEVED,
            Self::Late => UNSAID,
            Self::NoScope | Self::Nothing => SignedDuration::ZERO,
        }
    }
}

/// What was remembered, while it is still believed.
fn still<T>(known: Option<Remembered<T>>, now: Timestamp) -> Option<Told<T>> {
    let (told, at) = known?;
    is_younger(at, told.lives(), now).then_some(told)
}

/// Waits for an answer as long as can be. What is asked is on the heap: whatever is remembered doesn't carry the
/// room that a call takes.
async fn told<T>(what: &str, asked: BoxFuture<'_, Result<T, CallError>>) -> Told<T> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(said)) => Told::Is(said),
        Ok(Err(CallError::MissingRights { .. })) => Told::NoScope,
        Ok(Err(error)) => {
            tracing::warn!(%error, "Slack doesn't say {what}");
            Told::Nothing
        }
        Err(_) => Told::Late,
    }
}

impl Workspace {
    /// What Slack says of a person.
    pub(super) async fn told_of(&self, user: &UserId, now: Timestamp) -> Told<UserInfo> {
        if let Some(known) = still(self.people.get(user), now) {
            return known;
        }
        if !self.may_ask(OF_PEOPLE) {
            return Told::NoScope;
        }
        let told = told("who someone is", self.slack.user_info(user).boxed()).await;
        self.people.insert(user.clone(), (told.clone(), now));
        told
    }

    /// The workspaces of an organisation that the app was added to.
    pub(super) async fn added_to(
        &self,
        organisation: &TeamId,
        now: Timestamp,
    ) -> Option<Arc<HashSet<TeamId>>> {
        if let Some(known) = still(self.organisation.get(organisation), now) {
            return known.said();
        }
        let asked = async {
            let found = self.slack.workspaces().await;
            found.map(|found| Arc::new(found.into_keys().collect::<HashSet<_>>()))
        };
        let told = told("which workspaces the organisation has", asked.boxed()).await;
        self.organisation.insert(organisation.clone(), (told.clone(), now));
        told.said()
    }

    /// The people of a group.
    async fn people_of(&self, group: &GroupId, now: Timestamp) -> Told<Arc<HashSet<UserId>>> {
        if let Some(known) = still(self.groups.get(group), now) {
            return known;
        }
        if !self.may_ask(OF_GROUPS) {
            return Told::NoScope;
        }
        let asked = async { self.slack.group_members(group).await.map(Arc::new) };
        let told = told("who is in a user group that the access rules name", asked.boxed()).await;
        self.groups.insert(group.clone(), (told.clone(), now));
        told
    }

    /// Which of these groups someone is in.
    pub(super) async fn groups_of(
        &self,
        user: &UserId,
        groups: impl Iterator<Item = &GroupId>,
        now: Timestamp,
    ) -> Groups {
        let groups: HashSet<&GroupId> = groups.collect();
        let asked = groups
            .into_iter()
            .map(|group| async move { (group, self.people_of(group, now).await) });
        let mut found = Groups::default();
        for (group, people) in join_all(asked).await {
            match people {
                Told::Is(people) if people.contains(user) => drop(found.of.insert(group.clone())),
                // Without the scope, nobody is in any group.
                Told::Is(_) | Told::NoScope => {}
                Told::Late | Told::Nothing => drop(found.unknown.insert(group.clone())),
            }
        }
        found
    }

    /// Whether other organisations are in a channel; `None` where Slack doesn't say.
    pub(super) async fn is_shared(&self, channel: &ChannelId, now: Timestamp) -> Option<bool> {
        if let Some(known) = still(self.shared_channels.get(channel), now) {
            return known.said();
        }
        let told = told("whether a channel is shared", self.slack.is_shared(channel).boxed()).await;
        self.shared_channels.insert(channel.clone(), (told.clone(), now));
        told.said()
    }

    /// Whether a channel is private; `None` where Slack doesn't say.
    pub(super) async fn is_private(&self, channel: &ChannelId, now: Timestamp) -> Option<bool> {
        if let Some(known) = still(self.private_channels.get(channel), now) {
            return known.said();
        }
        let asked = async { self.slack.is_public(channel).await.map(|is_public| !is_public) };
        let told = told("whether a channel is private", asked.boxed()).await;
        self.private_channels.insert(channel.clone(), (told.clone(), now));
        told.said()
    }

    /// Slack tells that someone is another by now.
    pub(super) fn forget_person(&self, user: &UserId) {
        self.people.remove(user);
    }

    /// Slack tells that a group has other people by now.
    pub(super) fn forget_group(&self, group: &GroupId) {
        self.groups.remove(group);
    }
}

/// What a person counts as.
pub(super) fn standing(told: &Told<UserInfo>) -> Standing {
    match told {
        Told::Is(info) => info.standing,
        Told::NoScope => Standing::NoScope,
        Told::Late | Told::Nothing => Standing::Unknown,
    }
}

/// Whether a person is an owner or admin of the workspace.
pub(super) fn manages(told: &Told<UserInfo>) -> Manages {
    match told {
        Told::Is(info) if info.manages => Manages::Yes,
        Told::Is(_) => Manages::No(NotManager::Member),
        Told::NoScope => Manages::No(NotManager::NoScope),
        Told::Late | Told::Nothing => Manages::No(NotManager::Unknown),
    }
}
