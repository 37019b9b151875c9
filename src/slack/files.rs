//! Reading a small text file that somebody attached. [Slack: working with files, `url_private`]

use super::allowed_hosts::trusted;
use super::client::SlackClient;
use super::error::CallError;
use crate::domain::task::LARGEST_FILE;
use url::Url;

/// Where Slack keeps files. The token goes nowhere else.
const FILES: [&str; 2] = ["files.slack.com", "files.slack-gov.com"];

impl SlackClient {
    /// The text of an attached file. Needs the scope `files:read`.
    ///
    /// # Errors
    /// [`CallError::UntrustedUrl`] when the file is not at Slack; [`CallError::State`] when it is too
    /// large, no text, or may not be read.
    pub async fn file_text(&self, url: &str) -> Result<String, CallError> {
        let connector = self.connector();
        let url = Url::parse(url).map_err(|_| CallError::UntrustedUrl)?;
        if !trusted(&url, &FILES, connector.api()) {
            return Err(CallError::UntrustedUrl);
        }
        let bytes = connector.read_file(url, self.token()).await?;
        let refused = |why: &str| CallError::State(why.to_owned());
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(refused("file_too_large"));
        }
        String::from_utf8(bytes).map_err(|_| refused("file_is_no_text"))
    }
}
