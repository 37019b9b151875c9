//! Workspaces in which someone installs the app: the way there and back, how it is kept, and how a process learns of
//! those that another one was told of.

use super::Engine;
use super::update::Update;
use super::workspace::{NoWorkspace, Workspace};
use domain::audit::{Action, AuditRecord};
use domain::ids::{DeliveryId, TeamId};
use domain::secret::{Kept, Secret};
use domain::tenant::{Install, Installation, Who};
use slack::client::SlackClient;
use slack::connector::Connector;
use slack::error::CallError;
use slack::install_state::BadState;
use slack::oauth::{Granted, Oauth};
use std::sync::Arc;
use store::Names;
use store::documents::{INSTALLS, install_key, installed_team};
use store::records::RecordError;
use url::Url;

/// What it takes to install the app in other workspaces, and to serve them.
#[derive(Clone)]
pub struct Installer {
    /// The way to Slack that all workspaces share.
    pub connector: Connector,
    /// The app at Slack's sign-in, and where that sends people back to; `None` where nobody can install it.
    pub oauth: Option<(Oauth, Url)>,
    /// Where it may be installed.
    pub teams: Vec<TeamId>,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
}

/// What came of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The workspace, or the organisation.
    pub team: TeamId,
    /// What it is called.
    pub name: Option<String>,
    /// It is an organisation, whose admins have to add the app to each workspace.
    pub org_wide: bool,
    /// The app, `A…`.
    pub app: Option<String>,
    /// It has a Jules account that everyone there can use.
    pub has_account: bool,
}

/// Why the app was not installed. Nothing is stored then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotInstalled {
    /// It can't be installed from here at all.
    Off,
    /// The person who was asked in Slack said no.
    Denied,
    /// It did not begin here, or not in this browser, or too long ago.
    State(BadState),
    /// It was finished before.
    Used,
    /// Slack refuses it, with this code.
    Refused(String),
    /// It may not be installed in this workspace.
    NotAllowed {
        /// Which.
        team: TeamId,
        /// What it is called.
        name: Option<String>,
    },
    /// Slack did not answer, or not well.
    SlackAway,
    /// The store did not answer.
    StoreAway,
}

/// What someone comes back from Slack with.
#[derive(Debug, Clone, Default)]
pub struct Return {
    /// Buys the token, once.
    pub code: Option<Secret>,
    /// What they set out with.
    pub state: Option<String>,
    /// What their browser kept of that.
    pub cookie: Option<String>,
    /// Why Slack sent them back without a code.
    pub error: Option<String>,
}

impl From<RecordError> for NotInstalled {
    fn from(error: RecordError) -> Self {
        tracing::error!(%error, "an installation could not be stored");
        Self::StoreAway
    }
}

impl From<CallError> for NotInstalled {
    fn from(error: CallError) -> Self {
        match error {
            CallError::State(code)
                if matches!(code.as_str(), "invalid_code" | "code_already_used") =>
            {
                Self::Used
            }
            CallError::State(code)
            | CallError::Place(code)
            | CallError::DeadInstallation(code)
            | CallError::MissingRights { code, .. }
            | CallError::Content { code, .. } => Self::Refused(code),
            CallError::RateLimited { .. }
            | CallError::Unreachable(_)
            | CallError::Unknown(_)
            | CallError::Unclear(_)
            | CallError::TooLarge
            | CallError::UntrustedUrl => Self::SlackAway,
        }
    }
}

impl Engine {
    /// Where someone who wants to install the app is sent, and what their browser keeps until they come back.
    ///
    /// # Errors
    /// When the system gives no random numbers; `None` where nobody can install it.
    pub(crate) fn begin_install(&self) -> Result<Option<(Url, String)>, getrandom::Error> {
        let Some((oauth, redirect)) = &self.installer.oauth else { return Ok(None) };
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let state = oauth.new_state(random, self.now());
        let scopes: Vec<&str> = self.installer.scopes.iter().map(String::as_str).collect();
        Ok(Some((oauth.authorize_url(&scopes, redirect, &state), state)))
    }

    /// Finishes an installation. Once it says so, it is stored, and the workspace is served.
    ///
    /// # Errors
    /// Why not; nothing is stored then.
    pub(crate) async fn finish_install(&self, back: &Return) -> Result<Installed, NotInstalled> {
        let Some((oauth, redirect)) = &self.installer.oauth else { return Err(NotInstalled::Off) };
        let now = self.now();
        let state = back.state.as_deref();
        oauth.check_state(state, back.cookie.as_deref(), now).map_err(NotInstalled::State)?;
        let code = match (&back.error, &back.code) {
            (Some(error), _) if error == "access_denied" => return Err(NotInstalled::Denied),
            (Some(error), _) => return Err(NotInstalled::Refused(plain(error))),
            (None, None) => return Err(NotInstalled::Refused("no_code".to_owned())),
            (None, Some(code)) => code,
        };
        let once = DeliveryId::of(&["install", state.unwrap_or_default()]);
        if !self.remember(&once, "install").await? {
            return Err(NotInstalled::Used);
        }
        let granted = oauth.exchange(code, redirect, now).await?;
        let client = SlackClient::new(self.installer.connector.clone(), &granted.token);
        let Some(team) = granted.team.clone() else {
            return Err(NotInstalled::Refused("no_team".to_owned()));
        };
        if !self.may_install(&team).await? {
            tracing::warn!(
                team.id = %team,
                "someone tried to install the app in a workspace that INSTALL_TEAMS doesn't name"
            );
            // Or a bot that answers nobody would be left there.
            if let Err(error) = client.revoke().await {
                tracing::info!(%error, "the token of a refused installation was not revoked");
            }
            return Err(NotInstalled::NotAllowed { team, name: granted.name });
        }
        let Some(us) = as_granted(client.auth_test().await?, &granted) else {
            return Err(NotInstalled::Refused("another_workspace".to_owned()));
        };
        let Granted { token, renewal, name, org_wide, by, app, .. } = granted;
        let of_settings =
            self.workspaces.of(&team).filter(|one| one.account_of_settings().is_some());
        if of_settings.is_none() {
            let install = Install {
                us,
                name: name.clone(),
                token: token.into(),
                renewal,
                by,
                at: now,
                removed: None,
            };
            self.store_install(&install, &once).await?;
        }
        let has_account = of_settings.is_some() || self.has_shared_account(&team).await?;
        tracing::info!(team.id = %team, org_wide, "the app was installed");
        Ok(Installed { team, name, org_wide, app, has_account })
    }

    /// Whether the app may be installed there: where `INSTALL_TEAMS` says nothing, in one workspace alone, since
    /// everyone who installs it uses this server.
    async fn may_install(&self, team: &TeamId) -> Result<bool, RecordError> {
        let named = &self.installer.teams;
        if !named.is_empty() {
            return Ok(named.contains(team));
        }
        self.load_workspaces().await?;
        let served = self.known_workspaces().await;
        let of_settings = !self.workspaces.of_settings().is_empty();
        Ok(served.contains(team) || served.is_empty() && !of_settings)
    }

    async fn store_install(&self, install: &Install, of: &DeliveryId) -> Result<(), RecordError> {
        let (team, now) = (install.id(), self.now());
        let record = AuditRecord::new(Action::Install, team.clone(), of, now);
        let record = match &install.by {
            Some(by) => record.by(by.clone()),
            None => record,
        };
        self.write_audit(&record).await?;
        self.write_install(team, |_| Some(install.clone())).await?;
        Ok(())
    }

    /// Learns how the app is installed in a workspace, unless that was looked for a moment ago or its token is in the
    /// settings.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn load_workspace(
        &self,
        team: &TeamId,
    ) -> Result<Option<Arc<Workspace>>, RecordError> {
        let (known, now) = (self.workspaces.of(team), self.now());
        let is_of_settings = known.is_some() && self.workspaces.installed_in(team).is_none();
        if is_of_settings || self.workspaces.is_believed(team, now) {
            return Ok(known);
        }
        let found = self.records.get::<Install>(&install_key(team), now).await?;
        let read = found
            .and_then(|(_, install)| Workspace::installed(&self.installer.connector, &install));
        let kept = self.workspaces.keep(team, read, now);
        if kept.is_some() {
            self.wake_documents(team);
        }
        Ok(kept)
    }

    /// Learns of every workspace in which someone installed the app.
    ///
    /// # Errors
    /// The store's.
    pub async fn load_workspaces(&self) -> Result<(), RecordError> {
        let mut names = Names::under(INSTALLS, None, 100);
        while let Some(keys) = names.next(&*self.store, self.now()).await? {
            for team in keys.iter().filter_map(installed_team) {
                let loaded = self.load_workspace(&team).await;
                self.passing_over(loaded)?;
            }
        }
        Ok(())
    }

    /// The workspace that something came from. One for the whole organisation goes before one for the workspace alone
    /// where Slack says that it came from there, and stands in for it.
    pub(super) async fn workspace_for(&self, who: &Who) -> Result<Arc<Workspace>, NoWorkspace> {
        let mut none = match self.workspaces.covering(who) {
            Ok(workspace) => return Ok(Arc::clone(workspace)),
            Err(none) => none,
        };
        let team = who.team.iter().filter(|_| !who.org_wide);
        for id in team.chain(&who.enterprise).chain(&who.team) {
            match self.load_workspace(id).await {
                Ok(Some(workspace)) if is_for(&workspace, who) => return Ok(workspace),
                Ok(None) if self.is_locked_out(id).await => none = NoWorkspace::NotReady,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "how the app is installed in a workspace could not be read");
                    return Err(NoWorkspace::NotReady);
                }
            }
        }
        Err(none)
    }

    /// Whether the app is installed in a workspace whose token this process can't open. Another may, or this one once
    /// it has the right `ENCRYPTION_KEY`.
    async fn is_locked_out(&self, team: &TeamId) -> bool {
        let found = self.records.get::<Install>(&install_key(team), self.now()).await;
        let install = found.ok().flatten().map(|(_, install)| install);
        install.is_some_and(|install| {
            install.removed.is_none() && matches!(install.token, Kept::Lost(_))
        })
    }

    /// Whether someone installed the app in a workspace, be it removed by now.
    pub(super) async fn was_installed(&self, team: &TeamId) -> Result<bool, RecordError> {
        let found = self.store.get(&install_key(team), self.now()).await?;
        Ok(found.is_some())
    }

    /// Changes how the app is installed in a workspace, or leaves it as it is (`None`), and has it looked at again.
    pub(super) async fn write_install(
        &self,
        team: &TeamId,
        mut change: impl FnMut(Option<Install>) -> Option<Install>,
    ) -> Result<bool, RecordError> {
        let key = install_key(team);
        let written = self.update(&key, |live, _| match change(live) {
            Some(record) => {
                let wake_at = record.wake_at();
                Update::Write { record, wake_at, expires_at: None, back: true }
            }
            None => Update::Leave(false),
        });
        let written = written.await?;
        self.workspaces.forget(team);
        self.load_workspace(team).await?;
        Ok(written)
    }
}

/// Who we are where a token was granted for; `None` where the token is for another workspace. Slack need not say with
/// each answer that an organisation's token is one, nor which organisation's. [Slack: auth.test]
fn as_granted(us: Installation, granted: &Granted) -> Option<Installation> {
    let team = granted.team.clone()?;
    if granted.org_wide && us.enterprise.as_ref().is_none_or(|organisation| *organisation == team) {
        return Some(Installation { enterprise: Some(team.clone()), team, org_wide: true, ..us });
    }
    (us.team == team).then_some(us)
}

/// Whether a workspace is the one that something came from.
fn is_for(workspace: &Workspace, who: &Who) -> bool {
    workspace.installation().is_some_and(|us| us.covers(who))
}

/// A code as Slack writes them, for a page: anything else might be anyone's text.
fn plain(code: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    code.chars().filter(|c| is_plain(*c)).take(64).collect()
}
