//! What can be the matter, in one or two sentences each: what it is, and the next step.

use super::{INVITE, JULES, JULES_SETTINGS, code, harmless};
use crate::domain::fault::Cause;
use crate::slack::mrkdwn::cut;

pub(super) fn held_words(cause: &Cause) -> String {
    format!("{} I keep trying by myself.", cause_words(cause))
}

/// Every cause in one or two sentences: what it is, and the next step.
pub(super) fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::JulesDown => "Jules does not answer just now.".to_owned(),
        Cause::JulesBusy => "Jules asks to slow down.".to_owned(),
        Cause::JulesKeyRefused => format!(
            "Jules does not accept the API key. Whoever runs this app can make a new one at \
             {JULES_SETTINGS}."
        ),
        Cause::JulesForbidden => format!(
            "Jules does not allow this for the API key in use. Check the account at {JULES}."
        ),
        Cause::JulesOtherAccount => format!(
            "The API key in use belongs to another Jules account, which doesn't have this session. \
             Whoever runs this app has to set the key of the account that started it (see \
             {JULES_SETTINGS})."
        ),
        Cause::SessionMissing => "Jules doesn't find this session right now.".to_owned(),
        Cause::SourceGone => format!(
            "The repository is not connected to Jules any more. Connect it at {JULES}, then try \
             again."
        ),
        Cause::CreateRefused => {
            "Jules isn't accepting this task right now and gave no reason.".to_owned()
        }
        Cause::JulesRefused(words) if words.is_empty() => {
            "Jules does not take the task and does not say why. Try again, or type it anew."
                .to_owned()
        }
        Cause::JulesRefused(words) => format!(
            "Jules does not take the task: “{}” Try again, or type it anew.",
            harmless(&cut(words, 300))
        ),
        Cause::StoreDown => "I cannot reach my own store just now.".to_owned(),
        Cause::SlackDown => "Slack does not answer just now.".to_owned(),
        Cause::SlackBusy => "Slack asks to slow down.".to_owned(),
        Cause::NotInChannel => format!("I am not in that channel. {INVITE}, then try again."),
        Cause::ChannelNotFound => format!(
            "I cannot see that conversation: it is private, or between other people. {INVITE}, or \
             use a channel that I am in."
        ),
        Cause::ChannelArchived => {
            "That channel is archived. Unarchive it, or use another one.".to_owned()
        }
        Cause::PostingRestricted(code_) => format!(
            "That channel's settings do not let me post ({}). Ask an admin, or use another \
             channel.",
            code(code_)
        ),
        Cause::SlackTokenRefused => "Slack does not accept this app's token. Whoever runs the app \
                                     has to install it again and set SLACK_BOT_TOKEN."
            .to_owned(),
        Cause::MissingScope(None) => "Slack doesn't let this app do that. Whoever runs it can see \
                                      why in its log."
            .to_owned(),
        Cause::MissingScope(Some(scope)) => format!(
            "This app lacks a permission in Slack ({}). Whoever runs it has to add it and install \
             the app again.",
            code(scope)
        ),
        Cause::MessageRefused(code_) => format!(
            "Slack did not take my message ({}). This is a fault of this app; please report it.",
            code(code_)
        ),
        Cause::MessageGone => "The message is gone.".to_owned(),
        Cause::MaybeCreated => format!(
            "I couldn't find out whether Jules has started this task. Look for its session at {JULES}, \
             and try again if there is none."
        ),
        Cause::MaybePosted => {
            "I couldn't find out whether Slack has posted the card. Try again, or \
                               tell whoever runs this app that it can't read this channel."
                .to_owned()
        }
        Cause::Withdrawn(by) => format!("<@{by}> stopped it before Jules had it."),
    }
}
