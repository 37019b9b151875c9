//! Opening a connection, over the same HTTP library as everything else: its TLS, its roots, its
//! proxies. Only the frames are left to the WebSocket library.

use crate::socket::LARGEST_READ;
use domain::secret::Secret;
use reqwest::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use reqwest::{StatusCode, Upgraded};
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

/// Why there is no connection. It never names the address: that is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoDial {
    #[error("Slack's answer holds no WebSocket address")]
    Address,
    #[error("Slack's WebSocket host cannot be reached")]
    Unreachable,
    #[error("Slack's WebSocket host refuses the connection: HTTP {0}")]
    Refused(u16),
    #[error("Slack's WebSocket host does not speak WebSocket")]
    Handshake,
}

/// Opens connections.
pub(super) struct Dialer {
    http: reqwest::Client,
}

impl Dialer {
    pub(super) fn new(connect: Duration) -> Result<Self, reqwest::Error> {
        // No limit in all: a connection stands for hours. Its opening is limited by the plan.
        let http =
            platform::tls::client().connect_timeout(connect).pool_max_idle_per_host(0).build()?;
        Ok(Self { http })
    }

    /// Opens the connection of a ticket. [RFC 6455, section 4]
    pub(super) async fn dial(&self, ticket: &Secret) -> Result<WebSocketStream<Upgraded>, NoDial> {
        let key = generate_key();
        let request = self
            .http
            .get(address(ticket).ok_or(NoDial::Address)?)
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &key);
        // The library's error names the address.
        let response = request.send().await.map_err(|_| NoDial::Unreachable)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(NoDial::Refused(response.status().as_u16()));
        }
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(NoDial::Handshake);
        }
        let stream = response.upgrade().await.map_err(|_| NoDial::Handshake)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_READ))
            .max_frame_size(Some(LARGEST_READ));
        Ok(WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await)
    }
}

/// The ticket's address, as the HTTP library takes it.
fn address(ticket: &Secret) -> Option<Url> {
    let mut url = Url::parse(ticket.expose()).ok()?;
    let scheme = match url.scheme() {
        "wss" => "https",
        // A stand-in for Slack on this machine.
        "ws" => "http",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_websocket_address_is_dialled() {
        let dialled = |text: &str| address(&Secret::new(text)).map(String::from);
        let ticket = "wss://wss-primary.slack.com/link/?ticket=1&app_id=A1";
        let expected = "https://wss-primary.slack.com/link/?ticket=1&app_id=A1";
        assert_eq!(dialled(ticket).as_deref(), Some(expected));
        assert_eq!(dialled("ws://127.0.0.1:1/link").as_deref(), Some("http://127.0.0.1:1/link"));
        for other in ["", "link", "https://slack.com/", "file:///etc/passwd"] {
            assert_eq!(dialled(other), None, "{other}");
        }
    }
}
