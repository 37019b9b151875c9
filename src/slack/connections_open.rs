//! The way into Socket Mode: a ticket, which is an address that opens one connection.
//! [Slack: apps.connections.open]

use super::connector::Connector;
use super::error::CallError;
use crate::domain::secret::Secret;
use serde::Deserialize;
use slack_morphism::{SlackApiToken, SlackApiTokenValue};

/// Asks for tickets, with the app-level token (`xapp-…`) that only this method takes.
pub struct ConnectionsOpen {
    api: slack_morphism::SlackClient<Connector>,
    token: SlackApiToken,
}

#[derive(Deserialize)]
struct OpenedAnswer {
    url: String,
}

impl ConnectionsOpen {
    /// Over a connector that others may share.
    #[must_use]
    pub fn new(connector: Connector, app_token: &Secret) -> Self {
        let value = SlackApiTokenValue(app_token.expose().to_owned());
        Self { api: slack_morphism::SlackClient::new(connector), token: SlackApiToken::new(value) }
    }

    /// A new ticket. It opens one connection, soon, to whoever has it: not for a log line.
    ///
    /// # Errors
    /// [`CallError`]; a repetition costs nothing but one of Slack's calls.
    pub async fn draw(&self) -> Result<Secret, CallError> {
        let http = self.api.open_session(&self.token).http_session_api;
        let nothing = serde_json::json!({});
        let opened: OpenedAnswer = http.http_post("apps.connections.open", &nothing, None).await?;
        Ok(Secret::new(opened.url))
    }
}
