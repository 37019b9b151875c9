//! What can go wrong: the cause, and the next step.

use super::{code, harmless, invite, jules, jules_settings};
use crate::rich_text::{Line, say};
use domain::fault::Cause;

pub(super) fn held_words(cause: &Cause) -> Line {
    say!("{} I'll keep trying.", cause_words(cause))
}

/// A cause in one or two sentences: what is wrong, and the next step.
pub(super) fn cause_words(cause: &Cause) -> Line {
    match cause {
        Cause::JulesDown => say!("Jules isn't responding."),
        Cause::JulesBusy => say!("Jules is rate-limiting me."),
        Cause::JulesKeyRefused => say!(
            "Jules doesn't accept the API key. The person who runs this app can create a new one at {}.",
            jules_settings()
        ),
        Cause::JulesForbidden => say!(
            "Jules doesn't allow this with the current API key. Check the account at {}.",
            jules()
        ),
        Cause::JulesOtherAccount => say!(
            "The current API key belongs to another Jules account, which doesn't have this session. The \
             person who runs this app has to set the key of the account that started it (see {}).",
            jules_settings()
        ),
        Cause::SessionMissing => say!("Jules can't find this session right now."),
        Cause::SourceGone => say!(
            "The repository isn't connected to Jules any more. Connect it at {}, then try again.",
            jules()
        ),
        Cause::CreateRefused => {
            say!("Jules isn't accepting this task right now and gave no reason.")
        }
        Cause::JulesRefused(words) if words.is_empty() => {
            say!("Jules refused this task without giving a reason. Try again, or reword it.")
        }
        Cause::JulesRefused(words) => {
            say!(
                "Jules refused this task and said “{}”. Try again, or reword it.",
                harmless(words.trim_end_matches('.'))
            )
        }
        Cause::GitHubDown => say!("GitHub isn't responding."),
        Cause::Undecided => say!(
            "Too many messages are waiting for someone to decide whether Jules may continue. Decide that \
             first, then send it again."
        ),
        Cause::StoreDown => say!("I can't reach my store right now."),
        Cause::SlackDown => say!("Slack isn't responding."),
        Cause::SlackBusy => say!("Slack is rate-limiting me."),
        Cause::NotInChannel => say!("I'm not in that channel. {}.", invite()),
        Cause::ChannelNotFound => say!(
            "I can't see that conversation, because it's private or between other people. {}, or use a \
             channel that I'm in.",
            invite()
        ),
        Cause::ChannelArchived => {
            say!("That channel is archived. Unarchive it, or use another one.")
        }
        Cause::PostingRestricted(code_) => say!(
            "That channel's settings don't let me post ({}). Ask an admin, or use another channel.",
            code(code_)
        ),
        Cause::SlackTokenRefused => say!(
            "Slack doesn't accept this app's token. The person who runs the app has to reinstall it and \
             set SLACK_BOT_TOKEN."
        ),
        Cause::MissingScope(None) => say!(
            "Slack doesn't let this app do that. The person who runs it can see why in its log."
        ),
        Cause::MissingScope(Some(scope)) => say!(
            "This app is missing the Slack permission {}. The person who runs it has to add it and \
             reinstall the app.",
            code(scope)
        ),
        Cause::MessageRefused(code_) => say!(
            "Slack rejected my message ({}). That's a bug in this app, so please report it.",
            code(code_)
        ),
        Cause::MessageGone => say!("The message was deleted."),
        Cause::MaybeCreated => say!(
            "I couldn't find out whether Jules started this task. Look for its session at {}, and try \
             again if it isn't there.",
            jules()
        ),
        Cause::MaybePosted => say!(
            "I couldn't find out whether Slack posted the card. Try again, or tell the person who runs \
             this app that it can't read this channel."
        ),
        Cause::Withdrawn(by) => say!("{} stopped the task first.", by),
        Cause::Dropped => say!("The person who runs this app dropped this task."),
        Cause::NotTaken => say!("Jules hasn't accepted it for 15 minutes. Send it again later."),
        Cause::NotBegun => {
            say!("This task hasn't started. Send it again in the thread once it has.")
        }
    }
}
