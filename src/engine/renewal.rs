//! Tokens that expire: each is replaced well before that, by one process, and the new one is stored before anyone uses
//! it. [Slack: Using token rotation]

use super::Engine;
use domain::backoff::Backoff;
use domain::ids::TeamId;
use domain::tenant::{Install, Installation};
use jiff::SignedDuration;
use slack::error::CallError;
use slack::oauth::Granted;
use store::documents::install_key;
use store::records::RecordError;

/// How long to wait before a renewal that failed is tried again: there are hours left.
const AGAIN: Backoff = Backoff::new(SignedDuration::from_secs(30), SignedDuration::from_mins(15));

/// How much later what was left behind is forgotten while Slack doesn't say whether the app is there.
const UNSURE: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// How the app is installed in a workspace is due: its token is renewed, or what is left there is forgotten.
    pub(super) async fn tick_install(&self, team: &TeamId) -> Result<(), RecordError> {
        let now = self.now();
        let found = self.records.get::<Install>(&install_key(team), now).await?;
        let Some((_, install)) = found else { return Ok(()) };
        if install.forgotten_at().is_some_and(|at| at <= now) {
            return match self.is_served_again(team).await {
                Ok(Some(us)) => self.is_back(&us).await,
                Ok(None) => self.forget_removed(team).await,
                Err(_) => self.put_off_forgetting(team).await,
            };
        }
        if install.renewal.as_ref().is_some_and(|renewal| renewal.refresh.open().is_none()) {
            tracing::error!(
                team.id = %team,
                "a workspace's token can't be renewed, because the key that sealed it is not in ENCRYPTION_KEY: put \
                 that key back, or install the app there again"
            );
            return self.put_off_renewal(team).await;
        }
        self.renew(team).await
    }

    /// Who we are in a workspace of the settings, if Slack still accepts its token: that the app was removed from it may
    /// have been told late, after it was installed again.
    ///
    /// # Errors
    /// Nobody knows yet.
    async fn is_served_again(&self, team: &TeamId) -> Result<Option<Installation>, CallError> {
        for workspace in self.workspaces.of_settings() {
            let known = workspace.home.get().or_else(|| workspace.installation());
            if known.is_some_and(|us| us.team != *team) {
                continue;
            }
            match workspace.slack.auth_test().await {
                Ok(us) if us.team == *team => return Ok(Some(us)),
                Ok(_) | Err(CallError::DeadInstallation(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Slack doesn't say whether the app is there.
    async fn put_off_forgetting(&self, team: &TeamId) -> Result<(), RecordError> {
        let later = self.now() + UNSURE;
        let later = |live: Option<Install>| Some(live?.forgotten_later(later));
        self.write_install(team, later).await.map(|_| ())
    }

    async fn renew(&self, team: &TeamId) -> Result<(), RecordError> {
        let Some((oauth, _)) = &self.installer.oauth else {
            tracing::error!(
                team.id = %team,
                "a workspace's token expires, and without SLACK_CLIENT_ID and SLACK_CLIENT_SECRET it can't be \
                 renewed"
            );
            return self.put_off_renewal(team).await;
        };
        let now = self.now();
        let mut refresh = None;
        let begun = self.write_install(team, |live| {
            let (install, secret) = live?.begin_renewal(now)?;
            refresh = Some(secret);
            Some(install)
        });
        let begun = begun.await?;
        // Else another process is at it, or was.
        let Some(refresh) = refresh.filter(|_| begun) else { return Ok(()) };
        match oauth.renew(&refresh, now).await {
            Ok(granted) => {
                // Unless the app was removed or installed again meanwhile.
                let is_it = |live: &Install| {
                    let renewal = live.renewal.as_ref();
                    renewal.is_some_and(|renewal| renewal.refresh.open() == Some(&refresh))
                };
                let renewed = |live: Option<Install>| Some(renewed(live.filter(is_it)?, &granted));
                self.write_install(team, renewed).await?;
                tracing::debug!(team.id = %team, "a workspace's token was renewed");
                Ok(())
            }
            Err(error) => {
                tracing::error!(
                    %error, team.id = %team,
                    "a workspace's token could not be renewed, and will be tried again; if this stays so, install \
                     the app there again"
                );
                self.put_off_renewal(team).await
            }
        }
    }

    async fn put_off_renewal(&self, team: &TeamId) -> Result<(), RecordError> {
        let now = self.now();
        let put_off = |live: Option<Install>| {
            let install = live?;
            let failures = install.renewal.as_ref().map_or(0, |renewal| renewal.failures);
            Some(install.renewal_failed(now + AGAIN.wait(failures.saturating_add(1))))
        };
        self.write_install(team, put_off).await.map(|_| ())
    }
}

/// The same with the next token. Where Slack names no way to another one, this one stays.
fn renewed(install: Install, granted: &Granted) -> Install {
    Install { token: granted.token.clone().into(), renewal: granted.renewal.clone(), ..install }
}
