//! What an error of a client means to a decision.

use domain::fault::{Cause, Fault};
use jiff::Timestamp;
use slack::error::CallError;

/// A failed call to Slack, as a decision knows it (slack-platform.md §14).
pub(super) fn slack_fault(error: &CallError) -> Fault {
    match error {
        CallError::RateLimited { after } => {
            Fault::Later { cause: Cause::SlackBusy, after: Some(*after) }
        }
        CallError::Unreachable(_) => Fault::Later { cause: Cause::SlackDown, after: None },
        CallError::Unknown(_) | CallError::Unclear(_) | CallError::TooLarge => {
            Fault::Unknown(Cause::SlackDown)
        }
        CallError::Place(code) => Fault::not_done(place(code)),
        CallError::DeadInstallation(_) => Fault::not_done(Cause::SlackTokenRefused),
        CallError::MissingRights { needed, .. } => {
            Fault::not_done(Cause::MissingScope(needed.clone()))
        }
        CallError::Content { code, .. } => {
            let places = error.places();
            tracing::error!(slack.code = code, ?places, "Slack refuses a message of ours");
            Fault::not_done(Cause::MessageRefused(code.clone()))
        }
        CallError::State(code) if is_final(code) => Fault::not_done(state(code)),
        // Slack's codes are open-ended, and an unknown one may pass, as while a channel is moved. If it lasts, it
        // becomes final in `Task::failed`.
        CallError::State(code) => Fault::Later { cause: state(code), after: None },
        CallError::UntrustedUrl => Fault::not_done(Cause::MessageGone),
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

/// Whether a code says that it will be refused again.
fn is_final(code: &str) -> bool {
    matches!(
        code,
        "already_reacted"
            | "block_mismatch"
            | "cant_delete_message"
            | "cant_update_message"
            | "duplicate_external_id"
            | "edit_window_closed"
            | "exchanged_trigger_id"
            | "expired_trigger_id"
            | "hash_conflict"
            | "invalid_name"
            | "invalid_thread_ts"
            | "message_not_found"
            | "message_not_in_streaming_state"
            | "no_reaction"
            | "not_reactable"
            | "too_many_emoji"
            | "too_many_reactions"
    )
}

fn state(code: &str) -> Cause {
    match code {
        // The others (a workspace whose messages can't be edited for long, a message of the app before
        // it was made again) say that the message is there, and only can't be changed.
        "message_not_found" => Cause::MessageGone,
        other => Cause::MessageRefused(other.to_owned()),
    }
}

/// A failed call about a session, as a decision knows it. A session that is not found now may be found
/// later: only the watch concludes that it is gone, after several looks.
pub(super) fn session_fault(error: &jules::Error, now: Timestamp) -> Fault {
    match error {
        jules::Error::NotFound => Fault::Later { cause: Cause::SessionMissing, after: None },
        error => jules_fault(error, now),
    }
}

/// A failed call to Jules, as a decision knows it (jules-api.md §8.7).
pub(super) fn jules_fault(error: &jules::Error, now: Timestamp) -> Fault {
    use jules::Error;
    let later = |cause| Fault::Later { cause, after: None };
    match error {
        Error::Auth => Fault::not_done(Cause::JulesKeyRefused),
        Error::Forbidden => Fault::not_done(Cause::JulesForbidden),
        Error::NotFound => Fault::not_done(Cause::SourceGone),
        Error::RateLimited { retry_after } => Fault::Later {
            cause: Cause::JulesBusy,
            after: retry_after.map(|asked| asked.wait_from(now)),
        },
        Error::CreateRefused => later(Cause::CreateRefused),
        Error::WrongState => Fault::not_done(Cause::JulesRefused(
            "the session is not in a state for this".to_owned(),
        )),
        Error::Invalid(words) => Fault::not_done(Cause::JulesRefused(words.as_str().to_owned())),
        Error::Transient(_) | Error::Decode(_) | Error::TooLarge { .. } => later(Cause::JulesDown),
        Error::AmbiguousWrite(_) => Fault::Unknown(Cause::JulesDown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn of_what_slack_says_only_the_places_are_logged() {
        let words = [
            "[ERROR] no such `hush` [json-pointer:/blocks/0/text] [json-pointer:/Hush hush]",
            "hush-hush",
        ];
        let code = "invalid_blocks".to_owned();
        let refused = CallError::Content { code, messages: words.map(str::to_owned).to_vec() };
        assert_eq!(refused.places(), ["/blocks/0/text"]);
    }

    fn fault_of(code: &str) -> Fault {
        slack_fault(&CallError::of_code(code.to_owned(), Vec::new(), None, Duration::ZERO))
    }

    #[test]
    fn what_an_operator_can_fix_is_tried_again() {
        for code in [
            "account_inactive",
            "app_uninstalled",
            "invalid_auth",
            "not_authed",
            "team_access_not_granted",
            "team_not_found",
            "token_expired",
            "token_revoked",
            "token_of_tomorrow",
            "two_factor_setup_required",
        ] {
            let later = Fault::Later { cause: Cause::SlackTokenRefused, after: None };
            assert_eq!(fault_of(code), later, "{code}");
        }
        for code in [
            "access_denied",
            "accesslimited",
            "deprecated_endpoint",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "is_bot",
            "method_deprecated",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
        ] {
            let later = Fault::Later { cause: Cause::MissingScope(None), after: None };
            assert_eq!(fault_of(code), later, "{code}");
        }
        for error in [jules::Error::Auth, jules::Error::Forbidden] {
            let fault = jules_fault(&error, Timestamp::UNIX_EPOCH);
            assert!(matches!(fault, Fault::Later { after: None, .. }), "{fault:?}");
            assert!(fault.cause().is_for_operator(), "{fault:?}");
        }
    }

    #[test]
    fn what_nobody_but_us_or_the_channel_can_fix_is_refused() {
        for code in ["not_in_channel", "invalid_blocks", "message_not_found", "edit_window_closed"]
        {
            assert!(matches!(fault_of(code), Fault::Refused(_)), "{code}: {:?}", fault_of(code));
        }
    }

    #[test]
    fn a_code_that_may_pass_is_tried_again() {
        for code in ["external_channel_migrating", "update_failed", "a_code_of_tomorrow"] {
            let later = Fault::Later { cause: Cause::MessageRefused(code.to_owned()), after: None };
            assert_eq!(fault_of(code), later);
        }
    }
}
