//! What an error of a client means to a decision.

use crate::domain::fault::{Cause, Fault};
use crate::jules;
use crate::slack::error::CallError;
use jiff::Timestamp;

/// A failed call to Slack, as a decision knows it (slack-platform.md §14).
pub(super) fn slack_fault(error: &CallError) -> Fault {
    match error {
        CallError::RateLimited { after } => {
            Fault::Later { cause: Cause::SlackBusy, after: Some(*after) }
        }
        CallError::Unreachable => Fault::Later { cause: Cause::SlackDown, after: None },
        CallError::Unknown(_) => Fault::Unknown(Cause::SlackDown),
        CallError::Place(code) => Fault::Refused(place(code)),
        CallError::DeadInstallation(_) => Fault::Refused(Cause::SlackTokenRefused),
        CallError::MissingRights { needed, .. } => {
            Fault::Refused(Cause::MissingScope(needed.clone()))
        }
        CallError::Content { code, messages } => {
            tracing::error!(slack.code = code, ?messages, "Slack refuses a message of ours");
            Fault::Refused(Cause::MessageRefused(code.clone()))
        }
        CallError::State(code) => Fault::Refused(state(code)),
        CallError::UntrustedUrl => Fault::Refused(Cause::MessageGone),
    }
}

fn place(code: &str) -> Cause {
    match code {
        "not_in_channel" | "user_not_in_channel" => Cause::NotInChannel,
        "channel_not_found" => Cause::ChannelNotFound,
        "is_archived" | "is_inactive" => Cause::ChannelArchived,
        // The root of the thread was deleted.
        "thread_not_found" | "cannot_reply_to_message" => Cause::MessageGone,
        other => Cause::PostingRestricted(other.to_owned()),
    }
}

fn state(code: &str) -> Cause {
    match code {
        "message_not_found" | "cant_update_message" | "edit_window_closed" => Cause::MessageGone,
        other => Cause::MessageRefused(other.to_owned()),
    }
}

/// A failed call to Jules, as a decision knows it (jules-api.md §8.7).
pub(super) fn jules_fault(error: &jules::Error, now: Timestamp) -> Fault {
    use jules::Error;
    let later = |cause| Fault::Later { cause, after: None };
    match error {
        Error::Auth => later(Cause::JulesKeyRefused),
        Error::Forbidden => later(Cause::JulesForbidden),
        Error::NotFound => Fault::Refused(Cause::SourceGone),
        Error::RateLimited { retry_after } => Fault::Later {
            cause: Cause::JulesBusy,
            after: retry_after.map(|asked| asked.wait_from(now)),
        },
        Error::LimitReached => later(Cause::LimitReached),
        Error::WrongState => {
            Fault::Refused(Cause::JulesRefused("the session is not in a state for this".to_owned()))
        }
        Error::Invalid(words) => Fault::Refused(Cause::JulesRefused(words.as_str().to_owned())),
        Error::Transient(_) | Error::Decode(_) | Error::TooLarge { .. } => later(Cause::JulesDown),
        Error::AmbiguousWrite(_) => Fault::Unknown(Cause::JulesDown),
    }
}
