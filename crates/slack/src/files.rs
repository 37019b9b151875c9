//! Reading a small text file that someone attached, and sharing one. [Slack: working with files]

use super::allowed_hosts::trusted;
use super::client::SlackClient;
use super::error::CallError;
use domain::ids::{ChannelId, MessageTs};
use domain::task::LARGEST_FILE;
use platform::unreachable::Unreachable;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// Our own code for a file that is larger than [`LARGEST_FILE`].
pub const FILE_TOO_LARGE: &str = "file_too_large";
/// Our own code for a file that is no text.
pub const FILE_NOT_TEXT: &str = "file_is_no_text";

/// Where Slack keeps files. The token goes nowhere else.
const FILES: [&str; 2] = ["files.slack.com", "files.slack-gov.com"];

impl SlackClient {
    /// The text of an attached file of `size` bytes (0 when Slack does not say). Needs the scope `files:read`.
    ///
    /// # Errors
    /// [`CallError::UntrustedUrl`] when the file is not at Slack; [`CallError::State`] when it is too
    /// large ([`FILE_TOO_LARGE`]), no text ([`FILE_NOT_TEXT`]), or may not be read.
    pub async fn file_text(&self, url: &str, size: u64) -> Result<String, CallError> {
        let connector = self.connector();
        let url = Url::parse(url).map_err(|_| CallError::UntrustedUrl)?;
        if !trusted(&url, &FILES, connector.api()) {
            return Err(CallError::UntrustedUrl);
        }
        let bytes = connector.read_file(url, self.token(), size).await?;
        let refused = |why: &str| CallError::State(why.to_owned());
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(refused(FILE_TOO_LARGE));
        }
        text(&bytes).ok_or_else(|| refused(FILE_NOT_TEXT))
    }
}

/// A file to share.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'f> {
    /// Its name, by which it is found again.
    pub name: &'f str,
    /// What people see in its place.
    pub title: &'f str,
    /// What is in it.
    pub text: &'f str,
}

#[derive(Deserialize)]
struct UploadPlace {
    upload_url: String,
    file_id: String,
}

impl SlackClient {
    /// Shares a text file in a channel, in a thread when one is given. Needs the optional scope
    /// `files:write`. [Slack: files.getUploadURLExternal, files.completeUploadExternal]
    ///
    /// # Errors
    /// [`CallError`]; only the last of the three calls shows anything, so before it nothing was done.
    pub async fn share_file(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        file: NewFile<'_>,
    ) -> Result<(), CallError> {
        let id = self.upload(file).await.map_err(not_shown)?;
        let request = serde_json::json!({
            "files": [{ "id": id, "title": file.title }],
            "channel_id": channel.as_str(),
            "thread_ts": thread.map(MessageTs::as_str),
        });
        self.write("files.completeUploadExternal", &request).await.map(|_: Value| ())
    }

    async fn upload(&self, file: NewFile<'_>) -> Result<String, CallError> {
        let length = file.text.len().to_string();
        let fields = [("filename", Some(file.name)), ("length", Some(length.as_str()))];
        let place: UploadPlace = self.read("files.getUploadURLExternal", &fields).await?;
        let url = Url::parse(&place.upload_url).map_err(|_| CallError::UntrustedUrl)?;
        if !trusted(&url, &FILES, self.connector().api()) {
            return Err(CallError::UntrustedUrl);
        }
        self.connector().upload(url, file.text.as_bytes().to_vec()).await?;
        Ok(place.file_id)
    }
}

/// An upload that is not completed is discarded, so it can be made again.
fn not_shown(error: CallError) -> CallError {
    match error {
        CallError::Unknown(_) | CallError::Unclear(_) | CallError::TooLarge => {
            CallError::Unreachable(Unreachable::Other(error.to_string()))
        }
        known @ (CallError::RateLimited { .. }
        | CallError::Unreachable(_)
        | CallError::Place(_)
        | CallError::DeadInstallation(_)
        | CallError::MissingRights { .. }
        | CallError::Content { .. }
        | CallError::State(_)
        | CallError::UntrustedUrl) => known,
    }
}

/// The text that these bytes are, if they are one: UTF-8 or UTF-16; a byte order mark goes. Other encodings
/// can't be told from each other, and a text holds no NUL.
fn text(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok()?,
        // Without a mark, the NULs of its plain letters give UTF-16 away.
        plain if plain.contains(&0) => unmarked_utf16(plain)?,
        plain => String::from_utf8(plain.to_vec()).ok()?,
    };
    (!text.contains('\0')).then_some(text)
}

/// UTF-16 without a byte order mark, in the order of bytes in which it is text, mostly of plain letters.
fn unmarked_utf16(bytes: &[u8]) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_graphic() || matches!(c, ' ' | '\t' | '\r' | '\n');
    let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{1b}');
    let orders: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    orders.iter().filter_map(|unit| utf16(bytes, *unit)).find(|text| {
        let plain = text.chars().filter(|c| is_plain(*c)).count();
        !text.contains(is_control) && 2 * plain > text.chars().count()
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, odd) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| odd.is_empty())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn what_decodes_as_text_is_text() {
        let words = "naïve\n日本 😀\u{1b}[0m";
        let marked = format!("\u{feff}{words}");
        let le: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [words.as_bytes(), marked.as_bytes(), &le, &be, &le[2..], &be[2..]] {
            assert_eq!(text(bytes).as_deref(), Some(words), "{bytes:?}");
        }
        assert_eq!(text(b"").as_deref(), Some(""));
    }

    #[test]
    fn what_does_not_is_none() {
        for bytes in [
            &b"na\xefve"[..],
            b"\x89PNG\r\n\x1a\n\0\0",
            b"\xff\xfea",
            b"\xff\xfe\x00\xd8",
            b"\xff\xfe\0\0a\0\0\0",
            b"a\0b\0c",
            b"a\0\0b",
            b"\0\0\0\0",
            b"\x7fELF\x02\x01\x01\0\0\0",
        ] {
            assert_eq!(text(bytes), None, "{bytes:?}");
        }
    }
}
