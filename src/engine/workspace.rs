//! The workspaces that this process serves: those of the settings, and those in which someone installed the app.
//! What belongs to one (its token, its people, the accounts they use) is in none of the others.

use super::account::Account;
use super::bounded_map::BoundedMap;
use super::names::NameCache;
use super::people::Remembered;
use domain::home::WorkspaceHealth;
use domain::ids::{ChannelId, GroupId, TeamId, UserId};
use domain::secret::Secret;
use domain::tenant::{Actor, Install, Installation, Who};
use jiff::{SignedDuration, Timestamp};
use platform::clock::is_younger;
use platform::lock;
use slack::client::{SlackClient, UserInfo};
use slack::connector::Connector;
use slack::error::CallError;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, RwLock};
use tokio::sync::OnceCell;

/// How long it is believed how the app is installed in a workspace: another process may have been told otherwise.
const BELIEVED: SignedDuration = SignedDuration::from_secs(20);

/// One workspace, or an organisation where the app is installed in all of its workspaces.
pub struct Workspace {
    pub(super) slack: SlackClient,
    /// The account of everyone without one of their own, where the settings have its key.
    of_settings: Option<Arc<Account>>,
    /// The token, where someone installed the app.
    installed: Option<Secret>,
    /// Who we are there, as Slack has said to this process.
    said: OnceCell<Installation>,
    /// The same, or as Slack said it to an earlier process with the same token.
    pub(super) home: OnceCell<Installation>,
    /// The same as said, where it was asked again since: someone may have granted the token more.
    said_again: RwLock<Option<Installation>>,
    /// What Slack said of people.
    pub(super) people: BoundedMap<UserId, Remembered<UserInfo>>,
    /// The people of user groups.
    pub(super) groups: BoundedMap<GroupId, Remembered<Arc<HashSet<UserId>>>>,
    /// The other workspaces of the same organisation, as far as Slack has said whose people are colleagues.
    pub(super) sisters: BoundedMap<TeamId, ()>,
    /// The workspaces of an organisation that the app was added to.
    pub(super) organisation: BoundedMap<TeamId, Remembered<Arc<HashSet<TeamId>>>>,
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
    /// The workspace that the client has a token of. Its people use the `shared` account, except those
    /// who have brought one.
    #[must_use]
    pub fn new(slack: SlackClient, shared: Arc<Account>) -> Arc<Self> {
        Arc::new(Self { of_settings: Some(shared), ..Self::plain(slack) })
    }

    /// A workspace in which someone installed the app, as it is kept; `None` where it isn't served any more.
    pub(super) fn installed(connector: &Connector, install: &Install) -> Option<Arc<Self>> {
        let token = install.token.open().filter(|_| install.is_served())?;
        let known = || OnceCell::new_with(Some(install.us.clone()));
        Some(Arc::new(Self {
            installed: Some(token.clone()),
            said: known(),
            home: known(),
            ..Self::plain(SlackClient::new(connector.clone(), token))
        }))
    }

    fn plain(slack: SlackClient) -> Self {
        Self {
            slack,
            of_settings: None,
            installed: None,
            said: OnceCell::new(),
            home: OnceCell::new(),
            said_again: RwLock::default(),
            people: BoundedMap::default(),
            groups: BoundedMap::default(),
            sisters: BoundedMap::default(),
            organisation: BoundedMap::default(),
            shared_channels: BoundedMap::default(),
            private_channels: BoundedMap::default(),
            health: BoundedMap::default(),
            names: NameCache::default(),
        }
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

    /// What the token may do, as Slack said last; none where Slack doesn't say.
    pub(super) fn scopes(&self) -> Vec<String> {
        self.said_last(|us| us.scopes.clone()).unwrap_or_default()
    }

    /// Whether the token may use one of these scopes, as far as Slack says.
    pub(super) fn may_ask(&self, scopes: &[&str]) -> bool {
        self.said_last(|us| us.may_use_any(scopes)).unwrap_or(true)
    }

    fn said_last<T>(&self, read: impl Fn(&Installation) -> T) -> Option<T> {
        let again = lock::read(&self.said_again);
        again.as_ref().or_else(|| self.installation()).map(read)
    }

    /// Asks Slack again what the token may do.
    pub(super) async fn learn_scopes(&self) -> Result<(), CallError> {
        let us = self.slack.auth_test().await?;
        *lock::write(&self.said_again) = Some(us);
        Ok(())
    }

    /// The Web API, with the workspace's token.
    #[must_use]
    pub fn slack(&self) -> &SlackClient {
        &self.slack
    }

    /// The account of everyone without one of their own, where the settings have its key. That of a workspace in
    /// which someone installed the app is in the store ([`Engine::shared_account`](super::Engine)).
    pub(super) fn account_of_settings(&self) -> Option<&Arc<Account>> {
        self.of_settings.as_ref()
    }

    /// Whether another one is served with the same token.
    fn has_token_of(&self, other: &Self) -> bool {
        self.installed == other.installed
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
pub(super) struct Workspaces {
    of_settings: Vec<Arc<Workspace>>,
    installed: RwLock<BTreeMap<TeamId, Arc<Workspace>>>,
    /// When it was looked how the app is installed in a workspace.
    looked: BoundedMap<TeamId, Timestamp>,
    /// Stands for a workspace that isn't ours, which is answered where no token is needed.
    nobody: Arc<Workspace>,
}

impl Workspaces {
    pub(super) fn new(of_settings: Vec<Arc<Workspace>>, connector: &Connector) -> Self {
        let tokenless = SlackClient::new(connector.clone(), &Secret::new(""));
        Self {
            of_settings,
            installed: RwLock::default(),
            looked: BoundedMap::default(),
            nobody: Arc::new(Workspace::plain(tokenless)),
        }
    }

    /// Those whose tokens are in the settings.
    pub(super) fn of_settings(&self) -> &[Arc<Workspace>] {
        &self.of_settings
    }

    /// All that this process knows.
    pub(super) fn all(&self) -> Vec<Arc<Workspace>> {
        let installed = lock::read(&self.installed);
        self.of_settings.iter().chain(installed.values()).map(Arc::clone).collect()
    }

    /// Stands for a workspace that isn't ours.
    pub(super) fn nobody(&self) -> &Arc<Workspace> {
        &self.nobody
    }

    /// The workspace of the settings that something came from.
    pub(super) fn covering(&self, who: &Who) -> Result<&Arc<Workspace>, NoWorkspace> {
        let covers = |known: &Installation| known.covers(who);
        match self.of_settings.iter().find(|one| one.installation().is_some_and(covers)) {
            Some(workspace) => Ok(workspace),
            None if self.of_settings.iter().any(|one| one.installation().is_none()) => {
                Err(NoWorkspace::NotReady)
            }
            None => Err(NoWorkspace::NotOurs),
        }
    }

    /// The workspace whose documents these are, as far as this process knows it.
    pub(super) fn of(&self, team: &TeamId) -> Option<Arc<Workspace>> {
        let serves = |known: &Installation| known.serves(team);
        let of_settings = self.of_settings.iter().find(|one| {
            let known = one.home.get().or_else(|| one.installation());
            known.is_some_and(serves)
        });
        of_settings.map(Arc::clone).or_else(|| self.installed_in(team))
    }

    /// The workspace with this id, if the app is installed there and this process knows it.
    pub(super) fn installed_in(&self, team: &TeamId) -> Option<Arc<Workspace>> {
        lock::read(&self.installed).get(team).map(Arc::clone)
    }

    /// Whether what this process knows of a workspace is young enough to be believed. That the app isn't there never is:
    /// another process may just have been told that it was installed.
    pub(super) fn is_believed(&self, team: &TeamId, now: Timestamp) -> bool {
        let is_young = |at| is_younger(at, BELIEVED, now);
        self.installed_in(team).is_some() && self.looked.get(team).is_some_and(is_young)
    }

    /// Keeps a workspace as it was read, `None` where there is none; what was learned of it stays while its token is
    /// the same.
    pub(super) fn keep(
        &self,
        team: &TeamId,
        read: Option<Arc<Workspace>>,
        now: Timestamp,
    ) -> Option<Arc<Workspace>> {
        self.looked.insert(team.clone(), now);
        let mut installed = lock::write(&self.installed);
        match (installed.get(team), read) {
            (Some(same), Some(read)) if same.has_token_of(&read) => Some(Arc::clone(same)),
            (_, Some(read)) => {
                installed.insert(team.clone(), Arc::clone(&read));
                Some(read)
            }
            (_, None) => {
                installed.remove(team);
                None
            }
        }
    }

    /// Has it looked again how the app is installed in a workspace.
    pub(super) fn forget(&self, team: &TeamId) {
        self.looked.remove(team);
    }
}
