//! How a call to Slack can end badly, by what is to be done about it. [Slack: error codes]
//!
//! slack-morphism's errors are named by where they arise, and print the answer's body, which holds
//! people's texts and tokens. These say whether the call may be made again, and hold nothing that
//! could not be logged.

use slack_morphism::errors::{SlackClientApiError, SlackClientError};
use std::time::Duration;

/// Why a call did not do what it was to do.
///
/// After [`Unknown`](Self::Unknown), [`Unclear`](Self::Unclear) and [`TooLarge`](Self::TooLarge) it may have
/// been done all the same; after any other it was not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Slack asks to wait, or asked before and this call was not even sent. Then make it again.
    #[error("Slack asks to wait {} s", after.as_secs())]
    RateLimited {
        /// For how long; one second to one hour.
        after: Duration,
    },
    /// Nothing can be written there: not a member, archived, read-only, gone, not visible.
    #[error("Slack cannot do this there: {0}")]
    Place(String),
    /// The token opens nothing any more, or for now; an operator has to look.
    #[error("the installation is not valid any more: {0}")]
    DeadInstallation(String),
    /// The app, its kind of token or this version may not do this; an operator has to look.
    #[error("the app may not do this: {code} (needs {})", needed.as_deref().unwrap_or("?"))]
    MissingRights {
        /// Slack's code.
        code: String,
        /// The scope that is missing, where Slack says so.
        needed: Option<String>,
    },
    /// Slack refuses what we made: our mistake, and the same again is refused again.
    #[error("Slack refuses the content: {code}")]
    Content {
        /// Slack's code.
        code: String,
        /// What Slack says is wrong, for operators: places in our JSON and limits.
        messages: Vec<String>,
    },
    /// It does not fit how things stand by now (expired, gone, done already), or is a code that this
    /// program does not know.
    #[error("Slack says no: {0}")]
    State(String),
    /// Slack could not be reached; nothing was sent.
    #[error("Slack cannot be reached")]
    Unreachable,
    /// Sent, and no whole answer came: whether it was done has to be looked up.
    #[error("no sure answer from Slack: {0}")]
    Unknown(String),
    /// An answer came that doesn't say whether it was done. Slack is there, so the same question may get
    /// the same answer for good.
    #[error("Slack's answer says nothing: {0}")]
    Unclear(String),
    /// An answer came that is larger than any that is read.
    #[error("Slack's answer is too large")]
    TooLarge,
    /// A `response_url` that leads elsewhere than to Slack; nothing was sent.
    #[error("the response URL does not lead to Slack")]
    UntrustedUrl,
}

/// What can go wrong with the transport; carried through slack-morphism's error as its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TransportError {
    #[error("could not connect")]
    NeverSent,
    #[error("no answer in time")]
    TooLate,
    #[error("the connection was lost")]
    Midway,
    #[error("the answer is too large")]
    TooLarge,
}

/// How long to wait when Slack does not say, or says nothing sensible.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// How the scope that is missing is written among the notes of an API error, which has no field for
/// it.
pub(super) const NEEDED: &str = "needed: ";

impl From<SlackClientError> for CallError {
    fn from(error: SlackClientError) -> Self {
        match error {
            SlackClientError::RateLimitError(limit) => {
                Self::RateLimited { after: limit.retry_after.unwrap_or(DEFAULT_WAIT) }
            }
            SlackClientError::ApiError(refused) => Self::of_code(refused),
            SlackClientError::HttpError(status) => {
                Self::Unknown(format!("HTTP {}", status.status_code.as_u16()))
            }
            SlackClientError::HttpProtocolError(lost) => {
                match lost.cause.as_ref().and_then(|cause| cause.downcast_ref::<TransportError>()) {
                    Some(TransportError::NeverSent) => Self::Unreachable,
                    Some(TransportError::TooLarge) => Self::TooLarge,
                    Some(lost @ (TransportError::TooLate | TransportError::Midway)) => {
                        Self::Unknown(lost.to_string())
                    }
                    None => Self::Unknown("the connection failed".to_owned()),
                }
            }
            SlackClientError::ProtocolError(_)
            | SlackClientError::SocketModeProtocolError(_)
            | SlackClientError::EndOfStream(_)
            | SlackClientError::SystemError(_) => Self::unreadable(),
        }
    }
}

impl CallError {
    /// An answer came, but does not say what it has to.
    pub(crate) fn unreadable() -> Self {
        Self::Unclear("it cannot be read".to_owned())
    }

    /// Slack refuses the blocks of a message, not its size.
    pub(super) fn is_about_blocks(&self) -> bool {
        matches!(self, Self::Content { code, .. } if code.starts_with("invalid_blocks"))
    }

    /// Where in a message something is wrong, as Slack says it: `[json-pointer:/blocks/0/text]`. The
    /// words around it may quote the message, which is what people wrote.
    #[must_use]
    pub fn places(&self) -> Vec<&str> {
        let Self::Content { messages, .. } = self else { return Vec::new() };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/_".contains(c);
        let pointers = messages.iter().flat_map(|words| words.split("[json-pointer:").skip(1));
        let pointers = pointers.filter_map(|rest| Some(rest.split_once(']')?.0));
        pointers.filter(|at| at.chars().all(plain)).collect()
    }

    fn of_code(SlackClientApiError { code, errors, .. }: SlackClientApiError) -> Self {
        let notes = errors.unwrap_or_default();
        match Class::of(&code) {
            Class::Later => Self::RateLimited { after: DEFAULT_WAIT },
            Class::Place => Self::Place(code),
            Class::Dead => Self::DeadInstallation(code),
            Class::Rights => {
                let needed = notes.iter().find_map(|note| note.strip_prefix(NEEDED));
                Self::MissingRights { code, needed: needed.map(str::to_owned) }
            }
            Class::Content => Self::Content { code, messages: notes },
            Class::State => Self::State(code),
            Class::Unsure => Self::Unclear(code),
        }
    }
}

/// The classes of Slack's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Later,
    Place,
    Dead,
    Rights,
    Content,
    State,
    Unsure,
}

impl Class {
    /// Slack's codes are open-ended: one that is not known is a no, which is not tried again.
    pub(super) fn of(code: &str) -> Self {
        match code {
            // The last two: a workspace is moving into an organisation, and takes no calls meanwhile.
            "ratelimited"
            | "rate_limited"
            | "message_limit_exceeded"
            | "team_added_to_org"
            | "org_login_required" => Self::Later,
            "account_inactive"
            | "app_uninstalled"
            | "invalid_auth"
            | "not_authed"
            | "team_access_not_granted"
            | "team_not_found"
            | "token_expired"
            | "token_revoked"
            | "two_factor_setup_required" => Self::Dead,
            // The deprecated ones: whoever runs the app can update it.
            "access_denied"
            | "accesslimited"
            | "deprecated_endpoint"
            | "ekm_access_denied"
            | "enterprise_is_restricted"
            | "is_bot"
            | "method_deprecated"
            | "missing_scope"
            | "no_permission"
            | "not_allowed_token_type" => Self::Rights,
            "cannot_reply_to_message"
            | "channel_not_found"
            | "is_archived"
            | "is_inactive"
            | "messages_tab_disabled"
            | "not_in_channel"
            | "thread_not_found"
            | "user_disabled"
            | "user_not_found"
            | "user_not_in_channel"
            | "user_not_visible" => Self::Place,
            "invalid_arguments"
            | "invalid_blocks"
            | "invalid_blocks_format"
            | "markdown_text_conflict"
            | "metadata_too_large"
            | "msg_blocks_too_long"
            | "msg_too_long"
            | "no_text"
            | "too_many_attachments"
            | "view_too_large" => Self::Content,
            // They may have happened half. [Slack: error codes]
            "fatal_error" | "internal_error" | "request_timeout" | "service_unavailable" => {
                Self::Unsure
            }
            _ if code.starts_with("restricted_action") => Self::Place,
            _ if code.starts_with("token_") => Self::Dead,
            _ => Self::State,
        }
    }
}
