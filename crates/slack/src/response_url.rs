//! Answers through a `response_url`, the key that Slack hands out with commands and clicks.
//!
//! Such a URL arrives from outside and may be stored for half an hour before it is used, so it is
//! looked at before anything is sent to it. [Slack: handling user interaction]

use super::allowed_hosts::trusted;
use super::client::SlackClient;
use super::error::CallError;
use domain::ids::MessageTs;
use domain::secret::Secret;
use futures_util::FutureExt;
use serde::Serialize;
use slack_morphism::blocks::SlackBlock;
use url::Url;

/// Slack's own hosts for response URLs: the usual one, and that of its service for governments.
const HOOKS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// A message to a `response_url`, or what becomes of the message that it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ResponseMessage {
    /// Who sees it; Slack's default is the one person only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
    /// The text; with blocks it is what notifications and screen readers say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The message itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<SlackBlock>,
    /// Takes the place of the message that was clicked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_original: Option<bool>,
    /// Removes the message that was clicked in; to be sent with nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_original: Option<bool>,
    /// The thread to answer in; only with [`ResponseType::InChannel`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<MessageTs>,
}

/// Who sees a [`ResponseMessage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// The one person, until they reload.
    Ephemeral,
    /// Everybody there.
    InChannel,
}

impl SlackClient {
    /// Sends `reply` to the URL, without a token. Works where the bot is no member; five times
    /// within thirty minutes.
    ///
    /// # Errors
    /// [`CallError::UntrustedUrl`] when the URL is not one of Slack's `https` ones, nor on the host
    /// of the stand-in that is set as Web API; nothing is sent then. [`CallError::State`] when it is
    /// used up or expired.
    pub async fn respond(
        &self,
        response_url: &Secret,
        reply: &ResponseMessage,
    ) -> Result<(), CallError> {
        let connector = self.connector();
        let url = Url::parse(response_url.expose()).map_err(|_| CallError::UntrustedUrl)?;
        if !trusted(&url, &HOOKS, connector.api()) {
            return Err(CallError::UntrustedUrl);
        }
        let send = |blocks| {
            let (url, reply) = (url.clone(), ResponseMessage { blocks, ..reply.clone() });
            async move { connector.send(url, &reply).await?.heard() }.boxed()
        };
        self.in_blocks(&reply.blocks, send).await
    }
}
