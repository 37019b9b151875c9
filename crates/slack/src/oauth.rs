//! How the app is installed by OAuth: where the installer is sent, and what is had for the code that they come back
//! with. [Slack: Installing with OAuth]

use super::connector::Connector;
use super::error::CallError;
use domain::ids::{TeamId, UserId};
use domain::secret::Secret;
use domain::tenant::Renewal;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// The app as Slack's sign-in knows it: its client id, and the secret that proves it.
#[derive(Clone)]
pub struct Oauth {
    connector: Connector,
    client_id: String,
    client_secret: Secret,
}

/// What Slack grants: the token of a workspace, or of a whole organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The bot token.
    pub token: Secret,
    /// How it is replaced, where it expires.
    pub renewal: Option<Renewal>,
    /// The workspace; the organisation where the app is installed in all of its workspaces.
    pub team: Option<TeamId>,
    /// What that is called.
    pub name: Option<String>,
    /// It is the organisation's.
    pub org_wide: bool,
    /// Who installed it.
    pub by: Option<UserId>,
    /// The app, `A…`.
    pub app: Option<String>,
}

/// Everything but the token may be missing: a renewal names only some of it. [Slack: oauth.v2.access]
#[derive(Deserialize)]
struct GrantedAnswer {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    app_id: Option<String>,
    #[serde(default)]
    is_enterprise_install: bool,
    #[serde(default)]
    team: Value,
    #[serde(default)]
    enterprise: Value,
    #[serde(default)]
    authed_user: Value,
}

impl Oauth {
    /// Over a connector that others may share.
    #[must_use]
    pub fn new(connector: Connector, client_id: String, client_secret: Secret) -> Self {
        Self { connector, client_id, client_secret }
    }

    /// The secret that the app shares with Slack, and so a key that nobody else has.
    pub(super) fn secret(&self) -> &Secret {
        &self.client_secret
    }

    /// Slack's page on which someone installs the app with these scopes, and which sends them back to `redirect`
    /// with `state`.
    #[must_use]
    pub fn authorize_url(&self, scopes: &[&str], redirect: &Url, state: &str) -> Url {
        let mut url = self.connector.api().clone();
        // The page is next to the Web API: https://slack.com/oauth/v2/authorize.
        url.set_path(&authorize_path(url.path()));
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("scope", &scopes.join(","))
            .append_pair("user_scope", "")
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state);
        url
    }

    /// What is granted for a code. It works once, within ten minutes. [Slack: oauth.v2.access]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::State`] with Slack's code for a code that is used up, too old or not ours.
    pub async fn exchange(
        &self,
        code: &Secret,
        redirect: &Url,
        now: Timestamp,
    ) -> Result<Granted, CallError> {
        let fields = [("code", code.expose()), ("redirect_uri", redirect.as_str())];
        self.access(&fields, now).await
    }

    /// The next token. [Slack: Using token rotation]
    ///
    /// # Errors
    /// [`CallError`]; after one that leaves it open whether Slack did it, the same may be asked again soon.
    pub async fn renew(&self, refresh: &Secret, now: Timestamp) -> Result<Granted, CallError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        self.access(&fields, now).await
    }

    async fn access(&self, fields: &[(&str, &str)], now: Timestamp) -> Result<Granted, CallError> {
        let client = (self.client_id.as_str(), &self.client_secret);
        let answer: GrantedAnswer =
            self.connector.ask_as_app("oauth.v2.access", client, fields).await?;
        Ok(answer.granted(now))
    }
}

impl GrantedAnswer {
    fn granted(self, now: Timestamp) -> Granted {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let org_wide = self.is_enterprise_install;
        let home = if org_wide { &self.enterprise } else { &self.team };
        let renewal = self.refresh_token.zip(self.expires_in).map(|(refresh, seconds)| {
            let lives = SignedDuration::from_secs(seconds.clamp(60, 365 * 24 * 60 * 60));
            Renewal::of(Secret::new(refresh), lives, now)
        });
        Granted {
            token: Secret::new(self.access_token),
            renewal,
            team: home["id"].as_str().and_then(|id| TeamId::parse(id).ok()),
            name: text(&home["name"]),
            org_wide,
            by: self.authed_user["id"].as_str().and_then(|id| UserId::parse(id).ok()),
            app: self.app_id,
        }
    }
}

/// Next to `/api/` there is `/oauth/v2/authorize`.
fn authorize_path(api: &str) -> String {
    let above = api.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
    format!("{above}/oauth/v2/authorize")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn granted(answer: Value) -> Granted {
        serde_json::from_value::<GrantedAnswer>(answer).unwrap().granted(at(0))
    }

    #[test]
    fn the_page_is_next_to_the_api() {
        assert_eq!(authorize_path("/api/"), "/oauth/v2/authorize");
        assert_eq!(authorize_path("/proxy/api"), "/proxy/oauth/v2/authorize");
        assert_eq!(authorize_path("/"), "/oauth/v2/authorize");
    }

    #[test]
    fn a_workspaces_grant_names_the_workspace() {
        let granted = granted(json!({
            "ok": true, "access_token": "xoxb-1", "token_type": "bot", "scope": "commands",
            "bot_user_id": "U0B", "app_id": "A0", "team": {"name": "Acme", "id": "T9"},
            "enterprise": null, "is_enterprise_install": false, "authed_user": {"id": "U1"},
        }));
        assert_eq!(granted.team, TeamId::parse("T9").ok());
        assert_eq!((granted.name.as_deref(), granted.org_wide), (Some("Acme"), false));
        assert_eq!(granted.renewal, None, "it does not expire");
    }

    #[test]
    fn an_organisations_grant_has_no_team_and_may_expire() {
        let granted = granted(json!({
            "ok": true, "access_token": "xoxe.xoxb-1", "expires_in": 43200,
            "refresh_token": "xoxe-1", "team": null,
            "enterprise": {"id": "E1", "name": "Acme Org"}, "is_enterprise_install": true,
        }));
        assert_eq!(granted.team, TeamId::parse("E1").ok());
        assert!(granted.org_wide && granted.by.is_none());
        assert_eq!(granted.renewal.unwrap().due, at(8 * 60 * 60));
    }

    #[test]
    fn a_renewal_may_name_nothing_but_the_token() {
        let granted = granted(json!({ "ok": true, "access_token": "xoxe.xoxb-2" }));
        assert_eq!((granted.team, granted.renewal), (None, None));
    }
}
