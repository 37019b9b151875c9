//! What can be the matter, in one or two sentences each: what it is, and the next step.

use super::{code, harmless, invite, jules, jules_settings};
use crate::rich_text::{Line, say};
use domain::fault::Cause;

pub(super) fn held_words(cause: &Cause) -> Line {
    say!("{} I keep trying by myself.", cause_words(cause))
}

/// Every cause in one or two sentences: what it is, and the next step.
pub(super) fn cause_words(cause: &Cause) -> Line {
    match cause {
        Cause::JulesDown => say!("Jules does not answer just now."),
        Cause::JulesBusy => say!("Jules asks to slow down."),
        Cause::JulesKeyRefused => say!(
            "Jules does not accept the API key. Whoever runs this app can make a new one at \
             {}.",
            jules_settings()
        ),
        Cause::JulesForbidden => say!(
            "Jules does not allow this for the API key in use. Check the account at {}.",
            jules()
        ),
        Cause::JulesOtherAccount => say!(
            "The API key in use belongs to another Jules account, which doesn't have this session. \
             Whoever runs this app has to set the key of the account that started it (see \
             {}).",
            jules_settings()
        ),
        Cause::SessionMissing => say!("Jules doesn't find this session right now."),
        Cause::SourceGone => say!(
            "The repository is not connected to Jules any more. Connect it at {}, then try \
             again.",
            jules()
        ),
        Cause::CreateRefused => {
            say!("Jules isn't accepting this task right now and gave no reason.")
        }
        Cause::JulesRefused(words) if words.is_empty() => {
            say!("Jules does not take the task and does not say why. Try again, or type it anew.")
        }
        Cause::JulesRefused(words) => {
            say!("Jules does not take the task: “{}” Try again, or type it anew.", harmless(words))
        }
        Cause::StoreDown => say!("I cannot reach my own store just now."),
        Cause::SlackDown => say!("Slack does not answer just now."),
        Cause::SlackBusy => say!("Slack asks to slow down."),
        Cause::NotInChannel => say!("I am not in that channel. {}, then try again.", invite()),
        Cause::ChannelNotFound => say!(
            "I cannot see that conversation: it is private, or between other people. {}, or \
             use a channel that I am in.",
            invite()
        ),
        Cause::ChannelArchived => {
            say!("That channel is archived. Unarchive it, or use another one.")
        }
        Cause::PostingRestricted(code_) => say!(
            "That channel's settings do not let me post ({}). Ask an admin, or use another \
             channel.",
            code(code_)
        ),
        Cause::SlackTokenRefused => say!(
            "Slack does not accept this app's token. Whoever runs the app \
                                     has to install it again and set SLACK_BOT_TOKEN."
        ),
        Cause::MissingScope(None) => say!(
            "Slack doesn't let this app do that. Whoever runs it can see \
                                      why in its log."
        ),
        Cause::MissingScope(Some(scope)) => say!(
            "This app lacks a permission in Slack ({}). Whoever runs it has to add it and install \
             the app again.",
            code(scope)
        ),
        Cause::MessageRefused(code_) => say!(
            "Slack did not take my message ({}). This is a fault of this app; please report it.",
            code(code_)
        ),
        Cause::MessageGone => say!("The message is gone."),
        Cause::MaybeCreated => say!(
            "I couldn't find out whether Jules has started this task. Look for its session at {}, \
             and try again if there is none.",
            jules()
        ),
        Cause::MaybePosted => {
            say!(
                "I couldn't find out whether Slack has posted the card. Try again, or \
                               tell whoever runs this app that it can't read this channel."
            )
        }
        Cause::Withdrawn(by) => say!("{} stopped it before Jules had it.", by),
    }
}
