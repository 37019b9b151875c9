//! Which Jules accounts there are: those of the settings, and those that people have brought, for themselves or for
//! their workspace. A key is in the document about the person or the workspace; a process learns of it when a task
//! needs it, and looks again every so often, since another one may have been told to change or remove it.

use super::Engine;
use super::account::Account;
use super::bounded_map::BoundedMap;
use super::document_cache::Cached;
use super::keys::KeyOf;
use super::workspace::{Caller, Workspace};
use domain::ids::{AccountId, ChannelId, TeamId, UserId};
use domain::inbound::UsableAccount;
use domain::policy::KeyUse;
use domain::repo::{RepoQuery, RepoRef, Source};
use domain::secret::Secret;
use domain::task::Task;
use domain::tenant::{AccountRef, Holders, OwnKey, PersonSettings};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use jules::{Http, JulesClient, Setup};
use platform::clock::{Clock, is_younger};
use platform::lock;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, RwLock};
use store::documents::{ACCOUNTS, account_key, account_of, person_key, settings_key};
use store::records::RecordError;
use store::{Names, StoreError};
use url::Url;

/// How long it is believed whose key an account has.
const BELIEVED: SignedDuration = SignedDuration::from_secs(20);

/// Makes a client for a key that someone brings.
#[derive(Clone)]
pub struct KeyRing {
    /// The connections that all keys share.
    pub http: Http,
    /// The API's base address.
    pub url: Url,
    /// The clock.
    pub clock: Clock,
}

impl KeyRing {
    /// A client with this key.
    pub(super) fn client(&self, key: &Secret) -> Result<JulesClient, Setup> {
        let client = JulesClient::new(self.http.clone(), self.url.clone(), key)?;
        Ok(client.timed_by(Arc::clone(&self.clock)))
    }

    /// The account of a key, the owner's own or a workspace's; `None` where the key can't be read any more.
    fn account(&self, own: &OwnKey, owner: Option<&UserId>) -> Option<Arc<Account>> {
        let key = own.key.open()?;
        let client = self.client(key).ok()?;
        let (id, limits) = (own.account.clone(), own.plan.limits());
        let clock = Arc::clone(&self.clock);
        Some(Account::brought(id, client, limits, clock, (owner.cloned(), key.clone())))
    }
}

/// The accounts that this process works with.
pub(super) struct Accounts {
    known: RwLock<BTreeMap<AccountId, Arc<Account>>>,
    /// When it was looked whose key an account has.
    looked: BoundedMap<AccountId, Timestamp>,
}

impl Accounts {
    pub(super) fn new(of_settings: impl Iterator<Item = Arc<Account>>) -> Self {
        let known = of_settings.map(|account| (account.id.clone(), account)).collect();
        Self { known: RwLock::new(known), looked: BoundedMap::default() }
    }

    fn get(&self, id: &AccountId) -> Option<Arc<Account>> {
        lock::read(&self.known).get(id).map(Arc::clone)
    }

    fn all(&self) -> Vec<Arc<Account>> {
        lock::read(&self.known).values().map(Arc::clone).collect()
    }

    /// Keeps an account, unless it is known with the same key.
    fn keep(&self, account: Arc<Account>) -> Arc<Account> {
        let mut known = lock::write(&self.known);
        match known.get(&account.id) {
            Some(same) if same.has_key_of(&account) => Arc::clone(same),
            Some(_) | None => {
                known.insert(account.id.clone(), Arc::clone(&account));
                account
            }
        }
    }

    fn drop(&self, id: &AccountId) {
        lock::write(&self.known).remove(id);
    }
}

impl Engine {
    /// An account, if this process knows it.
    pub(super) fn account(&self, id: &AccountId) -> Option<Arc<Account>> {
        self.accounts.get(id)
    }

    /// The accounts that this process knows, of all workspaces.
    #[must_use]
    pub fn accounts(&self) -> Vec<Arc<Account>> {
        self.accounts.all()
    }

    /// The same, looked for in the store if it may be someone's own, and isn't known or was looked for a while
    /// ago. Nothing is found while nobody has a key of it.
    pub(super) async fn load_account(
        &self,
        id: &AccountId,
    ) -> Result<Option<Arc<Account>>, RecordError> {
        let (known, now) = (self.account(id), self.now());
        if known.as_ref().is_some_and(|account| account.is_of_settings()) {
            return Ok(known);
        }
        let looked = self.accounts.looked.get(id);
        if looked.is_some_and(|at| is_younger(at, BELIEVED, now)) {
            return Ok(known);
        }
        let found = match self.records.get::<Holders>(&account_key(id), now).await {
            // Whose key it is can't be told. What this process has of it stays.
            Err(error) if error.is_damage() => {
                self.report_unreadable(&error);
                return Ok(known);
            }
            found => found?,
        };
        let (mut loaded, mut unread) = (None, None);
        if let Some((_, holders)) = found {
            for whose in KeyOf::all(&holders) {
                if loaded.is_some() {
                    break;
                }
                match self.own_key(&whose).await {
                    Ok(own) => {
                        let own = own.filter(|own| own.account == *id);
                        loaded = own.and_then(|own| self.key_ring.account(&own, whose.owner()));
                    }
                    // Another holder's may be the same key.
                    Err(error) if error.is_about_the_document() => unread = Some(error),
                    Err(error) => return Err(error),
                }
            }
        }
        if let (None, Some(error)) = (&loaded, unread) {
            return Err(error);
        }
        self.accounts.looked.insert(id.clone(), now);
        if loaded.is_none() {
            self.accounts.drop(id);
        }
        Ok(loaded.map(|account| self.accounts.keep(account)))
    }

    /// Loads an account that a due session is on, unless that was tried a moment ago.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn learn_of(&self, id: &AccountId) -> Result<(), StoreError> {
        if self.account(id).is_some() {
            return Ok(());
        }
        match self.load_account(id).await {
            Err(RecordError::Store(error)) => Err(error),
            // An account that can't be read is reported where it is needed.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Has it looked again whose key an account has.
    pub(super) fn forget_account(&self, id: &AccountId) {
        self.accounts.looked.remove(id);
    }

    /// Loads every account that people have brought to our workspaces.
    ///
    /// # Errors
    /// The store's.
    pub async fn load_accounts(&self) -> Result<(), RecordError> {
        let mut names = Names::under(ACCOUNTS, None, 100);
        while let Some(keys) = names.next(&*self.store, self.now()).await? {
            for id in keys.iter().filter_map(account_of) {
                let loaded = self.load_account(&id).await;
                self.passing_over(loaded)?;
            }
        }
        Ok(())
    }

    /// The accounts that someone's tasks may begin on, in this order. `person` is what is kept of them.
    pub(super) async fn usable_accounts(
        &self,
        workspace: &Workspace,
        (team, user): (&TeamId, &UserId),
        person: Option<&PersonSettings>,
        channel: Option<&ChannelId>,
    ) -> Result<Vec<Arc<Account>>, RecordError> {
        let own = person.and_then(|person| person.key.as_ref()).filter(|own| own.is_usable());
        let mut accounts = Vec::new();
        if let Some(own) = own {
            let known = self.load_account(&own.account).await?;
            accounts.extend(self.opened_by(known, own, Some(user)));
        }
        let policy = self.policy();
        if policy.here(team, channel).keys().0 == KeyUse::OwnFirst {
            accounts.extend(self.shared_account(workspace, team).await?);
        }
        Ok(accounts)
    }

    /// The account that a key opens. This process may know it with another one, or not at all.
    fn opened_by(
        &self,
        known: Option<Arc<Account>>,
        own: &OwnKey,
        owner: Option<&UserId>,
    ) -> Option<Arc<Account>> {
        match known.filter(|account| account.is_opened_by(own)) {
            Some(account) => Some(account),
            None => self.key_ring.account(own, owner).map(|one| self.accounts.keep(one)),
        }
    }

    /// The account of everyone in a workspace without one of their own, if there is one.
    pub(super) async fn shared_account(
        &self,
        workspace: &Workspace,
        team: &TeamId,
    ) -> Result<Option<Arc<Account>>, RecordError> {
        if let Some(account) = workspace.account_of_settings() {
            return Ok(Some(Arc::clone(account)));
        }
        let recalled = self.recall(&self.settings_cache, settings_key(team), self.now()).await;
        let Some(settings) = self.unless_damaged(recalled.map(Some))? else { return Ok(None) };
        let key = settings.document.record().key.as_ref();
        let Some(own) = key.filter(|own| own.is_usable()) else { return Ok(None) };
        let known = self.load_account(&own.account).await?;
        Ok(self.opened_by(known, own, None))
    }

    /// Whether everyone in a workspace has an account there.
    pub(super) async fn has_shared_account(&self, team: &TeamId) -> Result<bool, RecordError> {
        let Some(workspace) = self.workspace(team) else { return Ok(false) };
        Ok(self.shared_account(&workspace, team).await?.is_some())
    }

    /// The accounts of the person who asks for something.
    pub(super) async fn accounts_of(
        &self,
        caller: &Caller,
        channel: Option<&ChannelId>,
    ) -> Vec<Arc<Account>> {
        let Caller { workspace, actor, .. } = caller;
        let key = person_key(&actor.team, &actor.user);
        let recalled = self.recall(&self.person_cache, key, self.now()).await.ok();
        let person = recalled.as_ref().map(|person| Cached::record(&person.document));
        let who = (&actor.team, &actor.user);
        let found = self.usable_accounts(workspace, who, person, channel).await;
        found.unwrap_or_else(|_| {
            workspace.account_of_settings().map(Arc::clone).into_iter().collect()
        })
    }

    /// Those that a task may begin on, by who asked for it.
    pub(super) async fn accounts_for(&self, task: &Task) -> Result<Vec<Arc<Account>>, RecordError> {
        let Some(workspace) = self.workspace(&task.team) else { return Ok(Vec::new()) };
        let key = person_key(&task.team, &task.author);
        let found = self.records.get::<PersonSettings>(&key, self.now()).await;
        let person = self.unless_damaged(found)?.map(|(_, person)| person);
        let (who, channel) = ((&task.team, &task.author), task.channel.as_ref());
        self.usable_accounts(&workspace, who, person.as_ref(), channel).await
    }
}

/// The repositories of several accounts, each once; `None` while any list wasn't read, since what is in it may
/// come first, and where there is no account.
pub(super) fn all_sources(accounts: &[Arc<Account>]) -> Option<Arc<[Source]>> {
    if accounts.is_empty() {
        return None;
    }
    let lists = accounts.iter().map(|account| account.source_cache.sources());
    Some(merged(lists.collect::<Option<Vec<_>>>()?))
}

/// The same, as far as they were read.
pub(super) fn sources_so_far(accounts: &[Arc<Account>]) -> Arc<[Source]> {
    merged(accounts.iter().map(|account| account.source_cache.sources_so_far()).collect())
}

/// These lists one after the other, each repository once. A single one is used as it is.
fn merged(mut lists: Vec<Arc<[Source]>>) -> Arc<[Source]> {
    if lists.len() < 2 {
        return lists.pop().unwrap_or_default();
    }
    let mut seen = HashSet::new();
    // As [`RepoRef::same`] compares, by name rather than each with each: an answer waits for this.
    let is_new = |one: &&Source| seen.insert(one.repo.to_string().to_ascii_lowercase());
    lists.iter().flat_map(|list| list.iter()).filter(is_new).cloned().collect()
}

/// The account that has a repository of this name, `owner/repo`.
pub(super) fn with_name(accounts: &[Arc<Account>], name: &str) -> Option<Arc<Account>> {
    match RepoQuery::parse(name) {
        Ok(RepoQuery::Full(repo)) => account_with(accounts, &repo),
        Ok(RepoQuery::Name(_) | RepoQuery::Source(_)) | Err(_) => accounts.first().map(Arc::clone),
    }
}

/// The account that has a repository, by the lists that were read; else the first.
pub(super) fn account_with(accounts: &[Arc<Account>], repo: &RepoRef) -> Option<Arc<Account>> {
    let has = |account: &&Arc<Account>| {
        let sources = account.source_cache.sources_so_far();
        sources.iter().any(|source| source.repo.same(repo))
    };
    accounts.iter().find(has).or(accounts.first()).map(Arc::clone)
}

/// Reads the lists of these accounts again, unless that was done after `not_before`.
pub(super) async fn read_all(accounts: &[Arc<Account>], not_before: Timestamp) {
    join_all(accounts.iter().map(|account| account.read_sources(not_before))).await;
}

impl Account {
    /// It, by name.
    pub(super) fn to_ref(&self) -> AccountRef {
        AccountRef { id: self.id.clone(), owner: self.owner().cloned() }
    }

    /// The same for an answer, with the list as it was read last.
    pub(super) fn usable<'a>(&'a self, sources: Option<&'a [Source]>) -> UsableAccount<'a> {
        UsableAccount { id: &self.id, owner: self.owner(), sources }
    }
}
