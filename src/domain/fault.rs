//! What can go wrong outside, as far as a decision has to know: three kinds, and a plain cause.
//!
//! Clients know many errors; a decision knows only whether something was *not done and may be
//! tried later*, was *refused*, or is *unknown*. Everything finer is a [`Cause`], for people.

use super::ids::UserId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a call outside failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Certainly not done. To be tried again, not before `after` where the other side named a time.
    Later {
        /// Why not now.
        cause: Cause,
        /// The wait that was asked for (`Retry-After`), if any.
        after: Option<Duration>,
    },
    /// Certainly not done, and trying again alone will not help.
    Refused(Cause),
    /// May have been done: look before repeating.
    Unknown(Cause),
}

impl Fault {
    /// What was certainly not done, for this cause. What an operator can fix is tried again until
    /// someone has: a key that is refused for a minute must cost nothing. Anything else is refused.
    #[must_use]
    pub fn not_done(cause: Cause) -> Self {
        if cause.is_for_operator() {
            Self::Later { cause, after: None }
        } else {
            Self::Refused(cause)
        }
    }

    /// The wait that the other side asked for, if it did.
    #[must_use]
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Later { after, .. } => *after,
            Self::Refused(_) | Self::Unknown(_) => None,
        }
    }

    /// The cause, whatever the kind.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        match self {
            Self::Later { cause, .. } | Self::Refused(cause) | Self::Unknown(cause) => cause,
        }
    }
}

/// Why something did not work, in terms that a person can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Jules does not answer, or answers with an error of its own.
    JulesDown,
    /// Jules asked us to slow down (429).
    JulesBusy,
    /// Jules does not accept the API key (401).
    JulesKeyRefused,
    /// The key may not do this (403).
    JulesForbidden,
    /// The repository is not connected to Jules any more (404 on create).
    SourceGone,
    /// Jules' limit of tasks at once or a day is used up.
    LimitReached,
    /// Jules does not take the request; its own words.
    JulesRefused(String),
    /// Our own store does not answer.
    StoreDown,
    /// Slack does not answer, or answers with an error of its own.
    SlackDown,
    /// Slack asked us to slow down (429).
    SlackBusy,
    /// The bot is not in that channel.
    NotInChannel,
    /// The channel cannot be seen: gone, private, or a conversation between other people.
    ChannelNotFound,
    /// The channel is archived.
    ChannelArchived,
    /// The channel's settings or an admin do not let the bot post; Slack's code.
    PostingRestricted(String),
    /// Slack does not accept the bot's token: the operator has to look.
    SlackTokenRefused,
    /// The token is good, but not for this; the scope that Slack names, if it is one that is missing.
    MissingScope(Option<String>),
    /// Slack does not take the message as we built it: our mistake; Slack's code.
    MessageRefused(String),
    /// The message is gone or may no longer be changed.
    MessageGone,
    /// Somebody stopped the task before Jules had it.
    Withdrawn(UserId),
}

impl Cause {
    /// The longest wait between two attempts while it lasts, in seconds.
    #[must_use]
    pub fn patience(&self) -> u32 {
        if self.is_for_operator() {
            300
        } else if self.is_place() {
            600
        } else {
            60
        }
    }

    /// Whether it is about Slack's credential, so that nothing can be drawn or posted to say so.
    #[must_use]
    pub fn is_slacks_credential(&self) -> bool {
        matches!(self, Self::SlackTokenRefused | Self::MissingScope(_))
    }

    /// Whether it lasts until whoever runs the app has mended it.
    #[must_use]
    pub fn is_for_operator(&self) -> bool {
        match self {
            Self::JulesKeyRefused
            | Self::JulesForbidden
            | Self::SlackTokenRefused
            | Self::MissingScope(_) => true,
            Self::JulesDown
            | Self::JulesBusy
            | Self::SourceGone
            | Self::LimitReached
            | Self::JulesRefused(_)
            | Self::StoreDown
            | Self::SlackDown
            | Self::SlackBusy
            | Self::NotInChannel
            | Self::ChannelNotFound
            | Self::ChannelArchived
            | Self::PostingRestricted(_)
            | Self::MessageRefused(_)
            | Self::MessageGone
            | Self::Withdrawn(_) => false,
        }
    }

    /// Whether nothing can be written in the channel, for now: the bot may be invited again, the
    /// channel be unarchived.
    #[must_use]
    pub fn is_place(&self) -> bool {
        match self {
            Self::NotInChannel
            | Self::ChannelNotFound
            | Self::ChannelArchived
            | Self::PostingRestricted(_) => true,
            Self::JulesKeyRefused
            | Self::JulesForbidden
            | Self::SlackTokenRefused
            | Self::MissingScope(_)
            | Self::JulesDown
            | Self::JulesBusy
            | Self::SourceGone
            | Self::LimitReached
            | Self::JulesRefused(_)
            | Self::StoreDown
            | Self::SlackDown
            | Self::SlackBusy
            | Self::MessageRefused(_)
            | Self::MessageGone
            | Self::Withdrawn(_) => false,
        }
    }
}
