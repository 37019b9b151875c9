//! The app is removed from a workspace, or its token revoked: the token goes at once, what else is kept of the
//! workspace after thirty days.

use super::Engine;
use domain::audit::{Action, AuditRecord};
use domain::ids::TeamId;
use domain::inbound::{WorkspaceChange, WorkspaceEvent};
use domain::lease::is_from_the_future;
use domain::secret::Kept;
use domain::tenant::{Install, Installation};
use jiff::Timestamp;
use store::documents::install_key;
use store::forget::{Whom, forget};
use store::records::RecordError;

impl Engine {
    /// Follows an event that ends an installation. Slack tells both in no certain order, when the token is dead
    /// already, and may tell late: of an installation that was followed by another one, it says nothing.
    /// [Slack: `app_uninstalled`, `tokens_revoked`]
    pub(super) async fn end_install(&self, event: &WorkspaceEvent) -> Result<(), RecordError> {
        let (now, is_removed) = (self.now(), event.change == WorkspaceChange::Removed);
        if let Some(us) = self.us_of_settings(event).await {
            tracing::error!(
                "the app was removed from the workspace or its token revoked: install it again \
                 and set SLACK_BOT_TOKEN"
            );
            if !is_removed {
                return Ok(());
            }
            let left = |live: Option<Install>| {
                Some(live.unwrap_or_else(|| of_settings(&us, now)).removed(now))
            };
            return self.record_removal(&us.team, event, left).await;
        }
        let Some(team) = event.who.installation() else { return Ok(()) };
        let happened = event.at.unwrap_or(now);
        let left = |live: Option<Install>| {
            // One that the clock dated ahead was there before all the same.
            let was_there =
                |install: &Install| install.at <= happened || is_from_the_future(install.at, now);
            let install = live.filter(was_there)?;
            Some(if is_removed { install.removed(now) } else { install.revoked() })
        };
        self.record_removal(team, event, left).await
    }

    /// Who we are in the workspace that an event is about, where its token is in the settings. The token is dead already, so
    /// a process that has just started may know only what an earlier one was told.
    async fn us_of_settings(&self, event: &WorkspaceEvent) -> Option<Installation> {
        if let Ok(workspace) = self.workspaces.covering(&event.who) {
            return workspace.installation().cloned();
        }
        self.known_workspaces().await;
        let mut homes = self.workspaces.of_settings().iter().filter_map(|one| one.home.get());
        homes.find(|us| us.covers(&event.who)).cloned()
    }

    async fn record_removal(
        &self,
        team: &TeamId,
        event: &WorkspaceEvent,
        change: impl Fn(Option<Install>) -> Option<Install>,
    ) -> Result<(), RecordError> {
        if !self.write_install(team, change).await? {
            return Ok(());
        }
        tracing::warn!(
            team.id = %team, kind = event.kind,
            "the app was removed from a workspace; what it left behind is forgotten after 30 days"
        );
        let record = AuditRecord::new(Action::Uninstall, team.clone(), &event.delivery, self.now());
        self.write_audit(&record).await
    }

    /// The workspace of the settings is there again: nothing of it is forgotten.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn is_back(&self, us: &Installation) -> Result<(), RecordError> {
        let found = self.records.get::<Install>(&install_key(&us.team), self.now()).await?;
        if found.is_some_and(|(_, install)| install.removed.is_some()) {
            let back = |live: Option<Install>| Some(Install { removed: None, ..live? });
            self.write_install(&us.team, back).await?;
        }
        Ok(())
    }

    /// Removes what someone left behind; gives how many documents that took.
    ///
    /// # Errors
    /// The store's. What was left is found when it is asked again.
    pub async fn forget_all_of(&self, whom: &Whom) -> Result<usize, RecordError> {
        let count = forget(&*self.store, whom, self.now()).await?;
        self.person_cache.clear();
        self.settings_cache.clear();
        self.binding_cache.clear();
        if let (Some(team), None) = (&whom.team, &whom.user) {
            self.workspaces.forget(team);
        }
        Ok(count)
    }

    /// Thirty days after the app was removed from a workspace, nothing of it is kept.
    pub(super) async fn forget_removed(&self, team: &TeamId) -> Result<(), RecordError> {
        let whom = Whom { team: Some(team.clone()), user: None };
        let forgotten = self.forget_all_of(&whom).await?;
        tracing::info!(
            team.id = %team, documents = forgotten,
            "what a workspace left behind was forgotten, 30 days after the app was removed"
        );
        Ok(())
    }
}

/// Of the workspace of the settings nothing is kept but that the app was removed.
fn of_settings(us: &Installation, now: Timestamp) -> Install {
    Install {
        us: us.clone(),
        name: None,
        token: Kept::None,
        renewal: None,
        by: None,
        at: now,
        removed: None,
    }
}
