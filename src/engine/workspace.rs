//! The workspaces that this process serves. What belongs to one (its token, its people, the accounts they
//! use) is in none of the others.

use super::account::Account;
use super::bounded_map::BoundedMap;
use super::identity::Colleague;
use super::names::NameCache;
use domain::home::WorkspaceHealth;
use domain::ids::{TeamId, UserId};
use domain::tenant::{Actor, Installation, Who};
use jiff::Timestamp;
use slack::client::{SlackClient, UserInfo};
use slack::error::CallError;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One workspace, or an organisation where the app is installed in all of its workspaces.
pub struct Workspace {
    pub(super) slack: SlackClient,
    /// The account of everyone without one of their own.
    shared: Arc<Account>,
    personal: HashMap<UserId, Arc<Account>>,
    /// Who we are there, as Slack has said to this process.
    said: OnceCell<Installation>,
    /// The same, or as Slack said it to an earlier process with the same token.
    pub(super) home: OnceCell<Installation>,
    pub(super) colleagues: BoundedMap<UserId, Colleague>,
    /// What Slack said of people, and when.
    pub(super) people: BoundedMap<UserId, (UserInfo, Timestamp)>,
    /// How the workspace was doing, and when.
    pub(super) health: BoundedMap<TeamId, (WorkspaceHealth, Timestamp)>,
    /// What people and channels are called.
    pub(super) names: NameCache,
}

impl Workspace {
    /// The workspace that the client has a token of. Its people use the `shared` account, except those
    /// with a `personal` one.
    #[must_use]
    pub fn new(
        slack: SlackClient,
        shared: Arc<Account>,
        personal: HashMap<UserId, Arc<Account>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            slack,
            shared,
            personal,
            said: OnceCell::new(),
            home: OnceCell::new(),
            colleagues: BoundedMap::default(),
            people: BoundedMap::default(),
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

    /// The account that a person's tasks begin on.
    pub(super) fn account_of(&self, user: &UserId) -> &Arc<Account> {
        self.personal.get(user).unwrap_or(&self.shared)
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        [&self.shared].into_iter().chain(self.personal.values())
    }
}

/// Who asks for something, and in which of our workspaces.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) workspace: Arc<Workspace>,
    pub(super) actor: Actor,
}

impl Caller {
    /// The account that their tasks begin on, and whose repositories they see.
    pub(super) fn account(&self) -> &Arc<Account> {
        self.workspace.account_of(&self.actor.user)
    }
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
