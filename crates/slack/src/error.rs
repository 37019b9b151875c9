//! How a call to Slack can end badly, by what is to be done about it. [Slack: error codes]
//!
//! They say whether the call may be made again, and hold nothing that could not be logged.

use platform::unreachable::Unreachable;
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
    #[error("Slack cannot be reached: {0}")]
    Unreachable(Unreachable),
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

/// How long to wait when Slack does not say, or says nothing sensible.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

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

    /// What a code of Slack's means, with what Slack says besides: places in our JSON, the scope that is
    /// missing, and how long to wait.
    #[must_use]
    pub fn of_code(
        code: String,
        messages: Vec<String>,
        needed: Option<String>,
        after: Duration,
    ) -> Self {
        match Class::of(&code) {
            Class::Later => Self::RateLimited { after },
            Class::Place => Self::Place(code),
            Class::Dead => Self::DeadInstallation(code),
            Class::Rights => Self::MissingRights { code, needed },
            Class::Content => Self::Content { code, messages },
            Class::State => Self::State(code),
            Class::Unsure => Self::Unclear(code),
        }
    }
}

/// The classes of Slack's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
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
    fn of(code: &str) -> Self {
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
            // The deprecated ones: the operator can update the app.
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
