//! The way into Socket Mode: a ticket, which is an address that opens one connection.
//! [Slack: apps.connections.open]

use super::connector::Connector;
use super::error::CallError;
use domain::secret::Secret;
use serde::Deserialize;

/// Asks for tickets, with the app-level token (`xapp-…`) that only this method takes.
pub struct ConnectionsOpen {
    connector: Connector,
    token: Secret,
}

#[derive(Deserialize)]
struct OpenedAnswer {
    url: String,
}

impl ConnectionsOpen {
    /// Over a connector that others may share.
    #[must_use]
    pub fn new(connector: Connector, app_token: &Secret) -> Self {
        Self { connector, token: app_token.clone() }
    }

    /// A new ticket. For a short time, anyone who has it can open one connection with it: not for a log line.
    ///
    /// # Errors
    /// [`CallError`]; a repetition costs nothing but one of Slack's calls.
    pub async fn draw(&self) -> Result<Secret, CallError> {
        let opened: OpenedAnswer =
            self.connector.post_form("apps.connections.open", &self.token, &[]).await?;
        Ok(Secret::new(opened.url))
    }
}
