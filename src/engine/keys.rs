//! People's own keys: checked with Jules, kept, changed, removed, and what their owners hear of them.

use super::Engine;
use super::account::Account;
use super::accounts::read_all;
use super::tell::{Route, log_loss};
use super::update::Update;
use super::workspace::Caller;
use domain::audit::{Action, AuditRecord};
use domain::form::{FieldError, Form, KeyForm};
use domain::ids::{AccountId, DeliveryId, SessionId, TeamId, UserId};
use domain::inbound::{KeyRequest, Origin};
use domain::message::Notice;
use domain::secret::Secret;
use domain::task::Task;
use domain::tenant::{Actor, Holders, OwnKey, PersonSettings, Role};
use jules::Error;
use std::sync::Arc;
use store::documents::{
    ACCOUNTS, AccountPointer, account_key, account_of, author_prefix, fingerprint_key, person_key,
    session_of, session_prefix,
};
use store::records::RecordError;
use store::{Expect, Key, Names};

/// How many of a person's newest tasks are looked through for those that run on their key.
const MOST_TASKS: usize = 200;

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

impl Engine {
    /// Opens the form for a person's own key.
    pub(super) async fn open_key_form(&self, caller: &Caller, origin: &Origin) {
        let Some(trigger) = &origin.trigger else { return };
        let actor = &caller.actor;
        let key = person_key(&actor.team, &actor.user);
        let own = match self.own_key(&key).await {
            Ok(own) => own,
            Err(error) => {
                tracing::warn!(%error, "what is kept of someone could not be read");
                return log_loss(
                    self.tell(&Route::to_sender(caller, origin), &Notice::StoreDown).await,
                );
            }
        };
        let running = match &own {
            Some(own) => self.running_on(&own.account, actor).await.unwrap_or_default(),
            None => 0,
        };
        let form = Form::Key(KeyForm {
            connected: own.as_ref().map(|own| own.plan),
            running,
            leaves: own.is_some_and(|own| own.leaves.is_some()),
        });
        if let Err(error) = caller.workspace.slack.open_form(trigger, &form).await {
            tracing::warn!(%error, "a form was not opened");
            let notice = Notice::FormNotOpened { task: None };
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
            Ok(is_empty) => Ok(Notice::KeyKept { is_empty }),
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
        let Actor { team, user, .. } = &caller.actor;
        let wrong = |error| Err(NotKept::Wrong(error));
        let Ok(client) = self.key_ring.client(&request.key) else {
            return wrong(FieldError::BadKey);
        };
        let has_sources = match client.has_sources().await {
            Ok(has_sources) => has_sources,
            Err(Error::Auth | Error::Forbidden) => return wrong(FieldError::BadKey),
            Err(_) => return wrong(FieldError::KeyUnchecked),
        };
        let person = person_key(team, user);
        let before = self.own_key(&person).await?;
        let account = match &before {
            // A new key of the same account has to see what runs on the old one.
            Some(before) => match self.any_session(&before.account).await? {
                Some(session) => match client.session(&session).await {
                    Ok(_) => before.account.clone(),
                    Err(Error::NotFound | Error::Forbidden) => {
                        return wrong(FieldError::OtherAccount);
                    }
                    Err(_) => return wrong(FieldError::KeyUnchecked),
                },
                None => self.account_of_key(request, team, user).await?,
            },
            None => self.account_of_key(request, team, user).await?,
        };
        self.audit_key(Action::KeySet, &account, &caller.actor, &request.delivery).await?;
        self.lead_to(&account, &request.key, team).await?;
        self.hold(&account, team, user).await?;
        let own = OwnKey {
            account: account.clone(),
            key: Some(request.key.clone()),
            plan: request.plan,
            added: self.now(),
            leaves: None,
            refusal_told: false,
        };
        self.change_key(&person, |_| Some(own.clone())).await?;
        if let Some(before) = before.filter(|before| before.account != account) {
            self.give_up_key(&before.account, team, user).await?;
        }
        self.forget_account(&account);
        if let Some(account) = self.load_account(&account).await? {
            let now = self.now();
            read_all(&[account], now).await;
        }
        // What waits for a key that Jules accepts looks again.
        self.wake_scheduler(true);
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

    /// A session that a task runs in on this account.
    async fn any_session(&self, account: &AccountId) -> Result<Option<SessionId>, RecordError> {
        let prefix = session_prefix(account);
        let keys = self.store.list(&prefix, None, 1, self.now()).await?;
        Ok(keys.first().and_then(session_of).map(|(_, session)| session))
    }

    /// The account that a key opens, as far as it was seen before; else a new one.
    async fn account_of_key(
        &self,
        request: &KeyRequest,
        team: &TeamId,
        user: &UserId,
    ) -> Result<AccountId, RecordError> {
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
    async fn hold(
        &self,
        account: &AccountId,
        team: &TeamId,
        user: &UserId,
    ) -> Result<(), RecordError> {
        self.update(&account_key(account), |live: Option<Holders>, _| {
            let mut record =
                live.unwrap_or_else(|| Holders { team: team.clone(), holders: Vec::new() });
            if record.holders.contains(user) {
                return Update::Leave(());
            }
            record.holders.push(user.clone());
            Update::Write { record, wake_at: None, expires_at: None, back: () }
        })
        .await
    }

    /// Notes that someone has no key of an account any more.
    async fn give_up_key(
        &self,
        account: &AccountId,
        team: &TeamId,
        user: &UserId,
    ) -> Result<(), RecordError> {
        self.update(&account_key(account), |live: Option<Holders>, now| {
            let Some(mut record) = live.filter(|one| one.team == *team) else {
                return Update::Leave(());
            };
            record.holders.retain(|holder| holder != user);
            // Without anybody's key it is no account of ours any more.
            let expires_at = record.holders.is_empty().then_some(now);
            Update::Write { record, wake_at: None, expires_at, back: () }
        })
        .await?;
        self.forget_account(account);
        Ok(())
    }

    /// Has everything about people's keys sealed with the key that seals now.
    ///
    /// # Errors
    /// The store's.
    pub async fn reseal_keys(&self) -> Result<(), RecordError> {
        let mut names = Names::under(ACCOUNTS, None, 100);
        while let Some(keys) = names.next(&*self.store, self.now()).await? {
            for account in keys.iter().filter_map(account_of) {
                let found = self.records.get::<Holders>(&account_key(&account), self.now()).await;
                let Some((_, Holders { team, holders })) = self.passing_over(found)?.flatten()
                else {
                    continue;
                };
                for user in holders {
                    let person = person_key(&team, &user);
                    let sealed = self.records.reseal::<PersonSettings>(&person, self.now()).await;
                    if self.passing_over(sealed)? == Some(true) {
                        self.person_cache.remove(&person);
                        self.lead_anew(&account, &team, &person).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A key is found again by a name that hangs on the key that seals.
    async fn lead_anew(
        &self,
        account: &AccountId,
        team: &TeamId,
        person: &Key,
    ) -> Result<(), RecordError> {
        let own = self.own_key(person).await?;
        match own.filter(|own| own.account == *account).and_then(|own| own.key) {
            Some(key) => self.lead_to(account, &key, team).await,
            None => Ok(()),
        }
    }

    /// The key in what is kept of a person, read and not remembered.
    pub(super) async fn own_key(&self, person: &Key) -> Result<Option<OwnKey>, RecordError> {
        let found = self.records.get::<PersonSettings>(person, self.now()).await?;
        Ok(found.and_then(|(_, person)| person.key))
    }

    /// Changes the key in what is kept of a person; gives what it was.
    async fn change_key(
        &self,
        person: &Key,
        change: impl Fn(Option<OwnKey>) -> Option<OwnKey>,
    ) -> Result<Option<OwnKey>, RecordError> {
        let before = self.update(person, |live: Option<PersonSettings>, now| {
            let mut record = live.unwrap_or_default();
            let before = record.key.clone();
            record.key = change(before.clone());
            if record.key == before {
                return Update::Leave(before);
            }
            let (wake_at, expires_at) = (record.wake_at(now), record.expires_at());
            Update::Write { record, wake_at, expires_at, back: before }
        });
        let before = before.await?;
        self.person_cache.remove(person);
        Ok(before)
    }

    /// Removes a person's key: at once, or once nothing runs on it.
    pub(super) async fn remove_key(&self, at_once: bool, caller: &Caller, origin: &Origin) {
        let notice = match self.try_to_remove(at_once, &caller.actor).await {
            Ok(after) => Notice::KeyRemoved { after },
            Err(error) => {
                tracing::warn!(%error, "a key was not removed");
                Notice::StoreDown
            }
        };
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    /// Removes a key; gives how many tasks are to be done before.
    pub(super) async fn try_to_remove(
        &self,
        at_once: bool,
        actor: &Actor,
    ) -> Result<u32, RecordError> {
        let person = person_key(&actor.team, &actor.user);
        let Some(own) = self.own_key(&person).await? else { return Ok(0) };
        let running = self.running_on(&own.account, actor).await?;
        if running > 0 && !at_once {
            let now = self.now();
            self.change_key(&person, |own| own.map(|own| own.leaving(now))).await?;
            return Ok(running);
        }
        let removed = DeliveryId::of(&["removed", &own.added.to_string()]);
        self.audit_key(Action::KeyRemove, &own.account, actor, &removed).await?;
        self.change_key(&person, |_| None).await?;
        self.give_up_key(&own.account, &actor.team, &actor.user).await?;
        Ok(0)
    }

    /// How many of someone's tasks go on on an account.
    async fn running_on(&self, account: &AccountId, actor: &Actor) -> Result<u32, RecordError> {
        let prefix = author_prefix(&actor.team, &actor.user);
        let goes_on = |task: &Task| task.account == *account && !task.is_draft() && !task.is_over();
        let (tasks, _) = self.tasks_under(&prefix, None, MOST_TASKS, goes_on).await?;
        Ok(u32::try_from(tasks.len()).unwrap_or(u32::MAX))
    }

    /// A person's document is due: a key is to be removed once nothing runs on it, or by now.
    pub(super) async fn tick_person(
        &self,
        key: &Key,
        (team, user): (TeamId, UserId),
    ) -> Result<(), RecordError> {
        let now = self.now();
        let Some(own) = self.own_key(key).await? else { return Ok(()) };
        let Some(leaves) = own.leaves else { return Ok(()) };
        let actor = Actor { team, user, role: Role::Member };
        if leaves <= now || self.running_on(&own.account, &actor).await? == 0 {
            self.try_to_remove(true, &actor).await?;
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
    pub(super) async fn tell_if_refused(&self, account: &Arc<Account>) -> Result<(), RecordError> {
        if account.owner().is_none() || !account.jules.is_refused() {
            return Ok(());
        }
        let found = self.records.get::<Holders>(&account_key(&account.id), self.now()).await?;
        let Some((_, Holders { team, holders })) = found else { return Ok(()) };
        let Some(workspace) = self.workspace(&team).map(Arc::clone) else { return Ok(()) };
        for user in holders {
            let person = person_key(&team, &user);
            let told = |own: Option<OwnKey>| {
                own.map(|own| OwnKey {
                    refusal_told: own.refusal_told || account.is_opened_by(&own),
                    ..own
                })
            };
            let before = self.change_key(&person, told).await?;
            let is_new = before.is_some_and(|own| !own.refusal_told && account.is_opened_by(&own));
            if is_new {
                let actor = Actor { team: team.clone(), user, role: Role::Member };
                let tasks = self.running_on(&account.id, &actor).await?;
                let caller = Caller { workspace: Arc::clone(&workspace), actor, is_shared: false };
                let notice = Notice::KeyRefused { tasks };
                log_loss(self.tell(&Route::to_person(&caller), &notice).await);
            }
        }
        Ok(())
    }
}
