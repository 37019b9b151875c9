//! Defaults: written as a form asks, and told.

use super::Engine;
use super::accounts::all_sources;
use super::commit::Committed;
use super::document_cache::Recalled;
use super::facts::Gathered;
use super::receive::not_read;
use super::tell::{Route, log_loss};
use super::update::Update;
use super::workspace::Caller;
use domain::binding::ChannelBinding;
use domain::change::Applied;
use domain::form::Form;
use domain::ids::ChannelId;
use domain::inbound::{Origin, SettingsChange};
use domain::message::Notice;
use domain::tenant::{Defaults, PersonSettings, RepoChoice, Settings, Whose, WorkspaceSettings};
use store::PutResult;
use store::documents::{binding_key, person_key, settings_key};
use store::records::RecordError;

impl Engine {
    /// Defaults are changed. Applied before, they stay as the first time.
    pub(super) async fn commit_settings(
        &self,
        wanted: &SettingsChange,
        gathered: &Gathered,
    ) -> Result<Committed, RecordError> {
        let now = self.now();
        let SettingsChange { team, by, whose, to, change } = wanted;
        let (to, change) = (to.clone(), change.clone());
        let written = match whose {
            Whose::Mine => {
                let key = person_key(team, by);
                let Some(person) = &gathered.person else {
                    // It can't be read, and this says why.
                    self.records.get::<PersonSettings>(&key, now).await?;
                    return Ok(Committed::Stale);
                };
                let mut record = person.record().clone();
                if record.apply(to, change, now) != Applied::Now {
                    return Ok(Committed::Now);
                }
                let (given, expires_at) = (person.given(), record.expires_at());
                let wake_at = record.wake_at(now);
                let put = self.records.put(&key, &record, wake_at, expires_at, given.is, now).await;
                self.person_cache.remove(&key);
                self.homes.changed(team, by);
                put?
            }
            Whose::Workspace => {
                let key = settings_key(team);
                let Some(settings) = &gathered.settings else {
                    self.records.get::<WorkspaceSettings>(&key, now).await?;
                    return Ok(Committed::Stale);
                };
                let mut record = settings.record().clone();
                if record.apply(to, change, now) != Applied::Now {
                    return Ok(Committed::Now);
                }
                let (given, expires_at) = (settings.given(), record.expires_at());
                let put = self.records.put(&key, &record, None, expires_at, given.is, now).await;
                self.settings_cache.remove(&key);
                put?
            }
        };
        Ok(if written == PutResult::Conflict { Committed::Stale } else { Committed::Now })
    }

    /// Remembers that a person wants direct messages to become tasks, and the repository that they picked as
    /// their default. Where that is lost, they are asked once more.
    pub(super) async fn confirm_direct(&self, picked: Option<&str>, caller: &Caller) {
        let key = person_key(&caller.actor.team, &caller.actor.user);
        let accounts = self.accounts_of(caller, None).await;
        let listed = all_sources(&accounts).unwrap_or_default();
        let source = picked.and_then(|name| listed.iter().find(|one| one.repo.to_string() == name));
        let choice =
            source.map(|one| RepoChoice { source: one.name.clone(), repo: one.repo.clone() });
        let written = self.update(&key, |live: Option<PersonSettings>, now| {
            let before = live.unwrap_or_default();
            let mut record = before.clone();
            record.dm_confirmed = true;
            record.preferences.repo = choice.clone().or(record.preferences.repo);
            if record == before {
                return Update::Leave(());
            }
            let expires_at = record.expires_at();
            Update::Write { wake_at: record.wake_at(now), record, expires_at, back: () }
        });
        if let Err(error) = written.await {
            tracing::warn!(%error, "that someone starts tasks by direct message was not kept");
        }
        self.person_cache.remove(&key);
    }

    /// Tells a person what counts for them, as it is stored now.
    pub(super) async fn tell_settings(
        &self,
        channel: Option<&ChannelId>,
        saved: Option<Whose>,
        caller: &Caller,
        origin: &Origin,
    ) {
        let route = Route::to_sender(caller, origin);
        let route = match channel {
            Some(channel) => route.at(channel),
            None => route,
        };
        let notice = match self.effective_settings(channel, saved, caller).await {
            Ok(settings) => Notice::Settings { saved, settings },
            Err(error) => {
                tracing::warn!(%error, "the defaults could not be read");
                not_read(&error)
            }
        };
        log_loss(self.tell(&route, &notice).await);
    }

    pub(super) async fn effective_settings(
        &self,
        channel: Option<&ChannelId>,
        saved: Option<Whose>,
        caller: &Caller,
    ) -> Result<Settings, RecordError> {
        let now = self.now();
        let (team, user) = (&caller.actor.team, &caller.actor.user);
        let records = &self.records;
        let person = records.get::<PersonSettings>(&person_key(team, user), now).await?;
        let person = person.map(|(_, person)| person.preferences);
        let settings = records.get::<WorkspaceSettings>(&settings_key(team), now).await?;
        let settings = settings.map(|(_, settings)| settings.preferences);
        // Where something was saved, the channel stands in what a client sent: it tells where to answer, and
        // not what may be read.
        let binding = match channel.filter(|_| saved.is_none()) {
            Some(channel) => {
                let found = records.get::<ChannelBinding>(&binding_key(team, channel), now).await?;
                found.and_then(|(_, channel)| channel.binding)
            }
            None => None,
        };
        let all = Defaults {
            binding: binding.as_ref(),
            mine: person.as_ref(),
            workspace: settings.as_ref(),
        };
        let sources = all_sources(&self.accounts_of(caller, channel).await);
        Ok(all.seen_by(saved).settings(sources.as_deref()))
    }

    /// Shows another form in an open view.
    pub(super) async fn replace_form(
        &self,
        view: &str,
        hash: Option<&str>,
        form: &Form,
        caller: &Caller,
    ) {
        if let Err(error) = caller.workspace.slack.update_form(view, hash, form).await {
            tracing::info!(%error, "a form was not drawn again");
        }
    }

    /// The defaults of a person and of their workspace; one that can't be read counts as absent.
    pub(super) async fn recall_defaults(
        &self,
        caller: &Caller,
    ) -> Result<(Option<Recalled<PersonSettings>>, Option<Recalled<WorkspaceSettings>>), RecordError>
    {
        let now = self.now();
        let (team, user) = (&caller.actor.team, &caller.actor.user);
        let (person, settings) = tokio::join!(
            self.recall(&self.person_cache, person_key(team, user), now),
            self.recall(&self.settings_cache, settings_key(team), now),
        );
        Ok((self.passing_over(person)?, self.passing_over(settings)?))
    }
}
