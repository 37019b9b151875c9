//! Keys that people bring, their own and their workspace's: checked with Jules, kept, changed, removed, and what their
//! owners hear of them.

use super::Engine;
use super::account::Account;
use super::accounts::read_all;
use super::receive::{not_read, not_stored};
use super::tell::{Route, log_loss};
use super::update::Update;
use super::workspace::Caller;
use domain::audit::{Action, AuditRecord};
use domain::form::{FieldError, Form, KeyForm};
use domain::ids::{AccountId, DeliveryId, TeamId, UserId};
use domain::inbound::{KeyRequest, Origin};
use domain::message::Notice;
use domain::secret::Secret;
use domain::task::Task;
use domain::tenant::{
    Actor, Holders, Install, OwnKey, PersonSettings, Role, Whose, WorkspaceSettings,
};
use domain::watch::WatchedSession;
use jules::{Error, JulesClient};
use std::sync::Arc;
use store::documents::{
    ACCOUNTS, AccountPointer, INSTALLS, account_key, account_of, author_prefix, fingerprint_key,
    person_key, session_of, session_prefix, settings_key,
};
use store::records::RecordError;
use store::{Expect, Key, Names};

/// How many of a person's newest tasks are looked through for those that run on their key.
const MOST_TASKS: usize = 200;

/// How many sessions are asked for with a new key until one is found.
const MOST_LOOKS: usize = 5;

/// Why a key was not kept.
enum NotKept {
    /// Something is wrong with it.
    Wrong(FieldError),
    /// The store did not answer.
    Store(RecordError),
}

impl From<RecordError> for NotKept {
    fn from(error: RecordError) -> Self {
        Self::Store(error)
    }
}

/// Whose key one is, and so which document it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyOf {
    /// A person's own.
    Person(TeamId, UserId),
    /// A workspace's, for everyone in it.
    Workspace(TeamId),
}

impl KeyOf {
    /// Whose an actor means.
    fn meant(whose: Whose, actor: &Actor) -> Self {
        match whose {
            Whose::Mine => Self::Person(actor.team.clone(), actor.user.clone()),
            Whose::Workspace => Self::Workspace(actor.team.clone()),
        }
    }

    /// All who have a key of an account.
    pub(super) fn all(holders: &Holders) -> Vec<Self> {
        let team = &holders.team;
        let people = holders.holders.iter().map(|user| Self::Person(team.clone(), user.clone()));
        people.chain(holders.workspace.then(|| Self::Workspace(team.clone()))).collect()
    }

    fn team(&self) -> &TeamId {
        match self {
            Self::Person(team, _) | Self::Workspace(team) => team,
        }
    }

    /// Whose own it is.
    pub(super) fn owner(&self) -> Option<&UserId> {
        match self {
            Self::Person(_, user) => Some(user),
            Self::Workspace(_) => None,
        }
    }

    fn whose(&self) -> Whose {
        match self {
            Self::Person(..) => Whose::Mine,
            Self::Workspace(_) => Whose::Workspace,
        }
    }
}

impl Engine {
    /// Opens the form for a key.
    pub(super) async fn open_key_form(&self, whose: Whose, caller: &Caller, origin: &Origin) {
        let Some(trigger) = &origin.trigger else { return };
        let key_of = KeyOf::meant(whose, &caller.actor);
        if is_set_by_operator(&key_of, caller) {
            let notice = Notice::KeyNotKept(FieldError::SetByOperator);
            return log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
        }
        let own = match self.own_key(&key_of).await {
            Ok(own) => own,
            Err(error) => {
                tracing::warn!(%error, "what is kept of someone could not be read");
                return log_loss(
                    self.tell(&Route::to_sender(caller, origin), &not_read(&error)).await,
                );
            }
        };
        let running = match &own {
            Some(own) => self.running_on(&own.account, &key_of).await.unwrap_or_default(),
            None => 0,
        };
        let form = Form::Key(KeyForm {
            whose,
            connected: own.as_ref().map(|own| own.plan),
            running,
            leaves: own.is_some_and(|own| own.leaves.is_some()),
        });
        if let Err(error) = caller.workspace.slack.open_form(trigger, &form).await {
            tracing::warn!(%error, "a form was not opened");
            let notice = Notice::ViewNotOpened;
            log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
        }
    }

    /// Checks a key and keeps it; what its owner is told, or what is wrong.
    pub(super) async fn keep_key(
        &self,
        request: &KeyRequest,
        caller: &Caller,
    ) -> Result<Notice, FieldError> {
        match self.try_to_keep(request, caller).await {
            Ok(is_empty) => Ok(Notice::KeyKept { whose: request.whose, is_empty }),
            Err(NotKept::Wrong(error)) => Err(error),
            Err(NotKept::Store(error)) => {
                tracing::warn!(%error, "a key was not kept");
                Err(FieldError::KeyUnchecked)
            }
        }
    }

    /// The same in the background: the form is closed, so its sender is told.
    pub(super) async fn keep_key_later(
        &self,
        request: &KeyRequest,
        caller: &Caller,
        origin: &Origin,
    ) {
        let notice = match self.keep_key(request, caller).await {
            Ok(notice) => notice,
            Err(error) => Notice::KeyNotKept(error),
        };
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    /// Keeps a key; whether its account has no repositories yet.
    async fn try_to_keep(&self, request: &KeyRequest, caller: &Caller) -> Result<bool, NotKept> {
        let key_of = KeyOf::meant(request.whose, &caller.actor);
        let wrong = |error| Err(NotKept::Wrong(error));
        if is_set_by_operator(&key_of, caller) {
            return wrong(FieldError::SetByOperator);
        }
        let Ok(client) = self.key_ring.client(&request.key) else {
            return wrong(FieldError::BadKey);
        };
        let has_sources = match client.has_sources().await {
            Ok(has_sources) => has_sources,
            Err(Error::Auth | Error::Forbidden) => return wrong(FieldError::BadKey),
            Err(_) => return wrong(FieldError::KeyUnchecked),
        };
        let before = self.own_key(&key_of).await?;
        let account = match &before {
            // A new key of the same account has to see what runs on the old one.
            Some(before) => match self.shows(&client, &before.account).await? {
                Shows::Ours => before.account.clone(),
                Shows::NoneOfOurs => return wrong(FieldError::OtherAccount),
                Shows::NothingNeeded => self.account_of_key(request, &caller.actor).await?,
                Shows::NotSaid => return wrong(FieldError::KeyUnchecked),
            },
            None => self.account_of_key(request, &caller.actor).await?,
        };
        self.audit_key(Action::KeySet, &account, &caller.actor, &request.delivery).await?;
        self.lead_to(&account, &request.key, key_of.team()).await?;
        self.hold(&account, &key_of).await?;
        let own = OwnKey {
            account: account.clone(),
            key: request.key.clone().into(),
            plan: request.plan,
            added: self.now(),
            leaves: None,
            by: key_of.owner().is_none().then(|| caller.actor.user.clone()),
            refusal_told: false,
        };
        self.change_key(&key_of, |_| Some(own.clone())).await?;
        if let Some(before) = before.filter(|before| before.account != account) {
            self.give_up_key(&before.account, &key_of).await?;
        }
        self.forget_account(&account);
        if let Some(account) = self.load_account(&account).await? {
            let now = self.now();
            read_all(&[account], now).await;
        }
        // What waits for a key that Jules accepts looks again.
        self.bell.ring();
        Ok(!has_sources)
    }

    /// Puts on record what is about to become of someone's key.
    async fn audit_key(
        &self,
        action: Action,
        account: &AccountId,
        actor: &Actor,
        of: &DeliveryId,
    ) -> Result<(), RecordError> {
        let asked = self.asked(action, actor, of);
        self.write_audit(&AuditRecord { account: Some(account.clone()), ..asked }).await
    }

    /// Whether a key shows the sessions of an account that we know. One that was deleted may be missing in it, and those
    /// that ended may be in another by now.
    async fn shows(&self, client: &JulesClient, account: &AccountId) -> Result<Shows, RecordError> {
        let (prefix, now) = (session_prefix(account), self.now());
        let (mut running, mut others) = (Vec::new(), Vec::new());
        for key in self.store.list(&prefix, None, MOST_TASKS, now).await? {
            let read = self.records.get::<WatchedSession>(&key, now).await;
            let Some((_, session)) = self.passing_over(read)?.flatten() else { continue };
            let is_running = !session.is_over() && session.missing.is_none();
            let which = if is_running { &mut running } else { &mut others };
            which.extend(session_of(&key).map(|(_, session)| session));
        }
        let is_needed = !running.is_empty();
        for session in running.iter().chain(&others).take(MOST_LOOKS) {
            match client.session(session).await {
                Ok(_) => return Ok(Shows::Ours),
                Err(Error::NotFound | Error::Forbidden) => {}
                Err(_) => return Ok(Shows::NotSaid),
            }
        }
        Ok(if is_needed { Shows::NoneOfOurs } else { Shows::NothingNeeded })
    }

    /// The account that a key opens, as far as it was seen before; else a new one.
    async fn account_of_key(
        &self,
        request: &KeyRequest,
        actor: &Actor,
    ) -> Result<AccountId, RecordError> {
        let Actor { team, user, .. } = actor;
        for print in self.records.fingerprints(request.key.expose()) {
            let key = fingerprint_key(team, &print);
            if let Some((_, known)) = self.records.get::<AccountPointer>(&key, self.now()).await? {
                return Ok(known.account);
            }
        }
        Ok(AccountId::brought(team, user, &request.delivery))
    }

    /// Has the key lead to the account.
    async fn lead_to(
        &self,
        account: &AccountId,
        key: &Secret,
        team: &TeamId,
    ) -> Result<(), RecordError> {
        let prints = self.records.fingerprints(key.expose());
        let Some(print) = prints.first() else { return Ok(()) };
        let pointer = AccountPointer { account: account.clone() };
        let key = fingerprint_key(team, print);
        self.records.put(&key, &pointer, None, None, Expect::Absent, self.now()).await.map(|_| ())
    }

    /// Notes that someone has a key of an account.
    async fn hold(&self, account: &AccountId, key_of: &KeyOf) -> Result<(), RecordError> {
        self.update(&account_key(account), |live: Option<Holders>, _| {
            let none =
                Holders { team: key_of.team().clone(), holders: Vec::new(), workspace: false };
            let mut record = live.unwrap_or(none);
            if KeyOf::all(&record).contains(key_of) {
                return Update::Leave(());
            }
            match key_of {
                KeyOf::Person(_, user) => record.holders.push(user.clone()),
                KeyOf::Workspace(_) => record.workspace = true,
            }
            Update::Write { record, wake_at: None, expires_at: None, back: () }
        })
        .await
    }

    /// Notes that someone has no key of an account any more.
    async fn give_up_key(&self, account: &AccountId, key_of: &KeyOf) -> Result<(), RecordError> {
        self.update(&account_key(account), |live: Option<Holders>, now| {
            let Some(mut record) = live.filter(|one| one.team == *key_of.team()) else {
                return Update::Leave(());
            };
            match key_of {
                KeyOf::Person(_, user) => record.holders.retain(|holder| holder != user),
                KeyOf::Workspace(_) => record.workspace = false,
            }
            // Without anybody's key it is no account of ours any more.
            let expires_at = KeyOf::all(&record).is_empty().then_some(now);
            Update::Write { record, wake_at: None, expires_at, back: () }
        })
        .await?;
        self.forget_account(account);
        Ok(())
    }

    /// Has tokens and keys that people brought sealed with the key that seals now.
    ///
    /// # Errors
    /// The store's.
    pub async fn reseal_keys(&self) -> Result<(), RecordError> {
        let mut names = Names::under(INSTALLS, None, 100);
        while let Some(keys) = names.next(&*self.store, self.now()).await? {
            for key in &keys {
                let sealed = self.records.reseal::<Install>(key, self.now()).await;
                self.passing_over(sealed)?;
            }
        }
        let mut names = Names::under(ACCOUNTS, None, 100);
        while let Some(keys) = names.next(&*self.store, self.now()).await? {
            for account in keys.iter().filter_map(account_of) {
                let found = self.records.get::<Holders>(&account_key(&account), self.now()).await;
                let Some((_, holders)) = self.passing_over(found)?.flatten() else { continue };
                for key_of in KeyOf::all(&holders) {
                    let sealed = self.reseal_key(&key_of).await;
                    if self.passing_over(sealed)? == Some(true) {
                        self.lead_anew(&account, &key_of).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn reseal_key(&self, key_of: &KeyOf) -> Result<bool, RecordError> {
        let now = self.now();
        match key_of {
            KeyOf::Person(team, user) => {
                let key = person_key(team, user);
                self.person_cache.remove(&key);
                self.records.reseal::<PersonSettings>(&key, now).await
            }
            KeyOf::Workspace(team) => {
                let key = settings_key(team);
                self.settings_cache.remove(&key);
                self.records.reseal::<WorkspaceSettings>(&key, now).await
            }
        }
    }

    /// A key is found again by a name that hangs on the key that seals.
    async fn lead_anew(&self, account: &AccountId, key_of: &KeyOf) -> Result<(), RecordError> {
        let own = self.own_key(key_of).await?;
        match own.filter(|own| own.account == *account).and_then(|own| own.key.into_open()) {
            Some(key) => self.lead_to(account, &key, key_of.team()).await,
            None => Ok(()),
        }
    }

    /// The key in what is kept of a person or a workspace, read and not remembered.
    pub(super) async fn own_key(&self, key_of: &KeyOf) -> Result<Option<OwnKey>, RecordError> {
        let now = self.now();
        Ok(match key_of {
            KeyOf::Person(team, user) => {
                let found =
                    self.records.get::<PersonSettings>(&person_key(team, user), now).await?;
                found.and_then(|(_, person)| person.key)
            }
            KeyOf::Workspace(team) => {
                let found = self.records.get::<WorkspaceSettings>(&settings_key(team), now).await?;
                found.and_then(|(_, settings)| settings.key)
            }
        })
    }

    /// Changes the key in what is kept of a person or a workspace; gives what it was.
    async fn change_key(
        &self,
        key_of: &KeyOf,
        change: impl Fn(Option<OwnKey>) -> Option<OwnKey>,
    ) -> Result<Option<OwnKey>, RecordError> {
        match key_of {
            KeyOf::Person(team, user) => {
                let key = person_key(team, user);
                let before = self.update(&key, |live: Option<PersonSettings>, now| {
                    let mut record = live.unwrap_or_default();
                    let before = exchange(&mut record.key, &change);
                    if record.key == before {
                        return Update::Leave(before);
                    }
                    let (wake_at, expires_at) = (record.wake_at(now), record.expires_at());
                    Update::Write { record, wake_at, expires_at, back: before }
                });
                let before = before.await?;
                self.person_cache.remove(&key);
                Ok(before)
            }
            KeyOf::Workspace(team) => {
                let key = settings_key(team);
                let before = self.update(&key, |live: Option<WorkspaceSettings>, _| {
                    let mut record = live.unwrap_or_default();
                    let before = exchange(&mut record.key, &change);
                    if record.key == before {
                        return Update::Leave(before);
                    }
                    let expires_at = record.expires_at();
                    Update::Write { record, wake_at: None, expires_at, back: before }
                });
                let before = before.await?;
                self.settings_cache.remove(&key);
                Ok(before)
            }
        }
    }

    /// Removes a key: at once, or once nothing runs on it.
    pub(super) async fn remove_key(
        &self,
        whose: Whose,
        at_once: bool,
        caller: &Caller,
        origin: &Origin,
    ) {
        let key_of = KeyOf::meant(whose, &caller.actor);
        let notice = match self.try_to_remove(at_once, &key_of, &caller.actor).await {
            Ok(after) => Notice::KeyRemoved { whose, after },
            Err(error) => {
                tracing::warn!(%error, "a key was not removed");
                not_stored(&error)
            }
        };
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    /// Removes someone's own key, as they would; gives how many tasks are to be done before.
    pub(super) async fn try_to_remove_own(
        &self,
        at_once: bool,
        actor: &Actor,
    ) -> Result<u32, RecordError> {
        self.try_to_remove(at_once, &KeyOf::meant(Whose::Mine, actor), actor).await
    }

    async fn try_to_remove(
        &self,
        at_once: bool,
        key_of: &KeyOf,
        actor: &Actor,
    ) -> Result<u32, RecordError> {
        let Some(own) = self.own_key(key_of).await? else { return Ok(0) };
        let running = self.running_on(&own.account, key_of).await?;
        if running > 0 && !at_once {
            let now = self.now();
            self.change_key(key_of, |own| own.map(|own| own.leaving(now))).await?;
            return Ok(running);
        }
        let removed = DeliveryId::of(&["removed", &own.added.to_string()]);
        self.audit_key(Action::KeyRemove, &own.account, actor, &removed).await?;
        self.change_key(key_of, |_| None).await?;
        // The key is gone; that its account still names its owner harms nobody.
        if let Err(error) = self.give_up_key(&own.account, key_of).await {
            tracing::warn!(%error, account.id = %own.account, "the account of a key that was removed could not be changed");
        }
        Ok(0)
    }

    /// How many tasks go on on an account: someone's, or everyone's.
    async fn running_on(&self, account: &AccountId, key_of: &KeyOf) -> Result<u32, RecordError> {
        let KeyOf::Person(team, user) = key_of else { return self.followed_count(account).await };
        let prefix = author_prefix(team, user);
        let goes_on = |task: &Task| task.account == *account && !task.is_draft() && !task.is_over();
        let (tasks, _) = self.tasks_under(&prefix, None, MOST_TASKS, goes_on).await?;
        Ok(u32::try_from(tasks.len()).unwrap_or(u32::MAX))
    }

    /// How many sessions of an account are followed, as far as the first so many.
    async fn followed_count(&self, account: &AccountId) -> Result<u32, RecordError> {
        let (prefix, now) = (session_prefix(account), self.now());
        let mut count = 0;
        for key in self.store.list(&prefix, None, MOST_TASKS, now).await? {
            let read = self.records.get::<WatchedSession>(&key, now).await;
            let session = self.passing_over(read)?.flatten();
            count += u32::from(session.is_some_and(|(_, session)| session.next.is_some()));
        }
        Ok(count)
    }

    /// A person's document is due: a key is to be removed once nothing runs on it, or by now.
    pub(super) async fn tick_person(
        &self,
        key: &Key,
        (team, user): (TeamId, UserId),
    ) -> Result<(), RecordError> {
        let now = self.now();
        let key_of = KeyOf::Person(team.clone(), user.clone());
        let Some(own) = self.own_key(&key_of).await? else { return Ok(()) };
        let Some(leaves) = own.leaves else { return Ok(()) };
        if leaves <= now || self.running_on(&own.account, &key_of).await? == 0 {
            self.try_to_remove(true, &key_of, &Actor { team, user, role: Role::Member }).await?;
            return Ok(());
        }
        // Looked at again later.
        self.update(key, |live: Option<PersonSettings>, now| match live {
            Some(record) => {
                let (wake_at, expires_at) = (record.wake_at(now), record.expires_at());
                Update::Write { record, wake_at, expires_at, back: () }
            }
            None => Update::Leave(()),
        })
        .await
    }

    /// Tells the owners of an account, once, that Jules refuses it.
    pub(super) async fn tell_if_refused(&self, account: &Arc<Account>) {
        if account.is_of_settings() {
            return;
        }
        if let Err(error) = self.tell_refused(account).await {
            tracing::warn!(%error, account.id = %account.id, "whose key Jules refuses could not be told");
        }
    }

    /// Jules accepts the key again: the next refusal is told again.
    pub(super) async fn forget_refusal(&self, account: &Arc<Account>) {
        if account.is_of_settings() {
            return;
        }
        if let Err(error) = self.forget_told(account).await {
            tracing::warn!(%error, account.id = %account.id, "that Jules accepts a key again could not be stored");
        }
    }

    async fn forget_told(&self, account: &Arc<Account>) -> Result<(), RecordError> {
        let found = self.records.get::<Holders>(&account_key(&account.id), self.now()).await?;
        let Some((_, holders)) = found else { return Ok(()) };
        for key_of in KeyOf::all(&holders) {
            let untold = |own: Option<OwnKey>| {
                let is_it = |own: &OwnKey| own.account == account.id;
                own.map(|own| OwnKey { refusal_told: own.refusal_told && !is_it(&own), ..own })
            };
            let changed = self.change_key(&key_of, untold).await;
            self.passing_over(changed)?;
        }
        Ok(())
    }

    async fn tell_refused(&self, account: &Arc<Account>) -> Result<(), RecordError> {
        let found = self.records.get::<Holders>(&account_key(&account.id), self.now()).await?;
        let Some((_, holders)) = found else { return Ok(()) };
        let Some(workspace) = self.workspace(&holders.team) else { return Ok(()) };
        for key_of in KeyOf::all(&holders) {
            let told = |own: Option<OwnKey>| {
                own.map(|own| OwnKey {
                    refusal_told: own.refusal_told || account.is_opened_by(&own),
                    ..own
                })
            };
            let own = self.passing_over(self.own_key(&key_of).await)?.flatten();
            if own.is_none_or(|own| own.refusal_told || !account.is_opened_by(&own)) {
                continue;
            }
            let tasks = self.running_on(&account.id, &key_of).await?;
            let changed = self.change_key(&key_of, told).await;
            let before = self.passing_over(changed)?.flatten();
            let is_new = |own: &OwnKey| !own.refusal_told && account.is_opened_by(own);
            let Some(before) = before.filter(is_new) else { continue };
            let Some(user) = key_of.owner().cloned().or(before.by) else { continue };
            let actor = Actor { team: holders.team.clone(), user, role: Role::Member };
            let caller = Caller { workspace: Arc::clone(&workspace), actor, is_shared: false };
            let notice = Notice::KeyRefused { whose: key_of.whose(), tasks };
            log_loss(self.tell(&Route::to_person(&caller), &notice).await);
        }
        Ok(())
    }
}

/// What a key shows of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// A session of ours: it is the same account.
    Ours,
    /// None, although some of ours go on: it is another account.
    NoneOfOurs,
    /// None, and none of ours goes on.
    NothingNeeded,
    /// Jules doesn't say.
    NotSaid,
}

/// Whether it is the workspace's key that is meant, and the settings have it.
fn is_set_by_operator(key_of: &KeyOf, caller: &Caller) -> bool {
    key_of.owner().is_none() && caller.workspace.account_of_settings().is_some()
}

/// Changes a key; gives what it was.
fn exchange(
    key: &mut Option<OwnKey>,
    change: impl Fn(Option<OwnKey>) -> Option<OwnKey>,
) -> Option<OwnKey> {
    let before = key.clone();
    *key = change(key.take());
    before
}
