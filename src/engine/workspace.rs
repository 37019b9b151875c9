//! The workspaces that this process serves. What belongs to one (its token, its people, the accounts they
//! use) is in none of the others.

use super::account::Account;
use super::bounded_map::BoundedMap;
use super::names::NameCache;
use super::people::Remembered;
use domain::home::WorkspaceHealth;
use domain::ids::{ChannelId, GroupId, TeamId, UserId};
use domain::tenant::{Actor, Installation, Who};
use jiff::Timestamp;
use slack::client::{SlackClient, UserInfo};
use slack::error::CallError;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One workspace, or an organisation where the app is installed in all of its workspaces.
pub struct Workspace {
    pub(super) slack: SlackClient,
    /// The account of everyone without one of their own.
    shared: Arc<Account>,
    /// Who we are there, as Slack has said to this process.
    said: OnceCell<Installation>,
    /// The same, or as Slack said it to an earlier process with the same token.
    pub(super) home: OnceCell<Installation>,
    /// What Slack said of people.
    pub(super) people: BoundedMap<UserId, Remembered<UserInfo>>,
    /// The people of user groups.
    pub(super) groups: BoundedMap<GroupId, Remembered<Arc<HashSet<UserId>>>>,
    /// Whether other organisations are in channels.
    pub(super) shared_channels: BoundedMap<ChannelId, Remembered<bool>>,
    /// Whether channels are private.
    pub(super) private_channels: BoundedMap<ChannelId, Remembered<bool>>,
    /// How the workspace was doing, and when.
    pub(super) health: BoundedMap<TeamId, (WorkspaceHealth, Timestamp)>,
    /// What people and channels are called.
    pub(super) names: NameCache,
}

impl Workspace {
    /// The workspace that the client has a token of. Its people use the `shared` account, except those who
    /// have brought one.
    #[must_use]
    pub fn new(slack: SlackClient, shared: Arc<Account>) -> Arc<Self> {
        Arc::new(Self {
            slack,
            shared,
            said: OnceCell::new(),
            home: OnceCell::new(),
            people: BoundedMap::default(),
            groups: BoundedMap::default(),
            shared_channels: BoundedMap::default(),
            private_channels: BoundedMap::default(),
            health: BoundedMap::default(),
            names: NameCache::default(),
        })
    }

    /// Asks Slack who we are there, once.
    ///
    /// # Errors
    /// What Slack said; asked again at the next call.
    pub async fn learn_identity(&self) -> Result<&Installation, CallError> {
        self.said.get_or_try_init(|| self.slack.auth_test()).await
    }

    /// Who we are there, if Slack has said it to this process.
    #[must_use]
    pub fn installation(&self) -> Option<&Installation> {
        self.said.get()
    }

    /// The Web API, with the workspace's token.
    #[must_use]
    pub fn slack(&self) -> &SlackClient {
        &self.slack
    }

    /// The account of everyone without one of their own.
    pub(super) fn shared(&self) -> &Arc<Account> {
        &self.shared
    }
}

/// Who asks for something, and in which of our workspaces.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) workspace: Arc<Workspace>,
    pub(super) actor: Actor,
    /// Slack says that other organisations are in the channel.
    pub(super) is_shared: bool,
}

/// Why there is no workspace for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoWorkspace {
    /// It may be ours: we don't know yet who we are everywhere.
    NotReady,
    /// It is none of ours.
    NotOurs,
}

/// All workspaces that this process serves.
pub(super) struct Workspaces(Vec<Arc<Workspace>>);

impl Workspaces {
    pub(super) fn new(all: Vec<Arc<Workspace>>) -> Self {
        Self(all)
    }

    pub(super) fn all(&self) -> &[Arc<Workspace>] {
        &self.0
    }

    /// The workspace that something came from.
    pub(super) fn covering(&self, who: &Who) -> Result<&Arc<Workspace>, NoWorkspace> {
        let covers = |known: &Installation| known.covers(who);
        match self.0.iter().find(|one| one.installation().is_some_and(covers)) {
            Some(workspace) => Ok(workspace),
            None if self.0.iter().any(|one| one.installation().is_none()) => {
                Err(NoWorkspace::NotReady)
            }
            None => Err(NoWorkspace::NotOurs),
        }
    }

    /// The workspace whose documents these are, as far as it is known.
    pub(super) fn of(&self, team: &TeamId) -> Option<&Arc<Workspace>> {
        let serves = |known: &Installation| known.serves(team);
        self.0.iter().find(|one| {
            let known = one.home.get().or_else(|| one.installation());
            known.is_some_and(serves)
        })
    }
}
