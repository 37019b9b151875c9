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

    /// Whether it is a refusal of Slack's that may pass: a code that nobody knows, or a message that is there all the
    /// same.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Later { cause: Cause::MessageRefused(_) | Cause::MessageGone, .. })
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Later { .. } => "later",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
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
    /// The key belongs to another Jules account: none of the sessions that are followed is in it.
    JulesOtherAccount,
    /// The repository is not connected to Jules any more (404 on create).
    SourceGone,
    /// Jules does not find the session (404): it is too young, or deleted, or the key is another
    /// account's. Which of these, the watch finds out.
    SessionMissing,
    /// Jules creates no session for now and does not say why: mostly because a limit is used up.
    CreateRefused,
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
    /// Nobody can tell whether the session was created.
    MaybeCreated,
    /// Nobody can tell whether the card was posted.
    MaybePosted,
    /// GitHub doesn't answer, or is in trouble.
    GitHubDown,
    /// Too much waits already for someone to decide whether it may go to Jules.
    Undecided,
    /// Someone stopped the task before Jules had it.
    Withdrawn(UserId),
    /// The operator gave the task up.
    Dropped,
    /// Jules answers, and hasn't taken a message for 15 minutes.
    NotTaken,
    /// The author hasn't said what was still to be said, so the task didn't begin.
    NotBegun,
}

/// What follows from a cause: the row of its kind.
struct CauseSpec {
    /// It lasts until the operator has fixed it.
    for_operator: bool,
    /// Nothing can be written in the channel, for now.
    place: bool,
    /// It is about Slack's credential.
    slacks_credential: bool,
    /// The longest wait between two attempts while it lasts, in seconds.
    patience: u32,
}

impl CauseSpec {
    const PLAIN: Self =
        Self { for_operator: false, place: false, slacks_credential: false, patience: 60 };
    // Seconds. Jitter adds up to a quarter, so work continues within five minutes of a fix.
    const OPERATOR: Self = Self { for_operator: true, patience: 240, ..Self::PLAIN };
    const SLACK_TOKEN: Self = Self { slacks_credential: true, ..Self::OPERATOR };
    const PLACE: Self = Self { place: true, patience: 600, ..Self::PLAIN };
}

impl Cause {
    /// The one table of causes.
    fn spec(&self) -> CauseSpec {
        match self {
            Self::JulesDown => CauseSpec::PLAIN,
            Self::JulesBusy => CauseSpec::PLAIN,
            Self::JulesKeyRefused => CauseSpec::OPERATOR,
            Self::JulesForbidden => CauseSpec::OPERATOR,
            Self::JulesOtherAccount => CauseSpec::OPERATOR,
            Self::SourceGone => CauseSpec::PLAIN,
            Self::SessionMissing => CauseSpec::PLAIN,
            Self::CreateRefused => CauseSpec::PLAIN,
            Self::JulesRefused(_) => CauseSpec::PLAIN,
            Self::StoreDown => CauseSpec::PLAIN,
            Self::SlackDown => CauseSpec::PLAIN,
            Self::SlackBusy => CauseSpec::PLAIN,
            Self::NotInChannel => CauseSpec::PLACE,
            Self::ChannelNotFound => CauseSpec::PLACE,
            Self::ChannelArchived => CauseSpec::PLACE,
            Self::PostingRestricted(_) => CauseSpec::PLACE,
            Self::SlackTokenRefused => CauseSpec::SLACK_TOKEN,
            Self::MissingScope(_) => CauseSpec::SLACK_TOKEN,
            Self::MessageRefused(_) => CauseSpec::PLAIN,
            Self::MessageGone => CauseSpec::PLAIN,
            Self::MaybeCreated => CauseSpec::PLAIN,
            Self::MaybePosted => CauseSpec::PLAIN,
            Self::GitHubDown => CauseSpec::PLAIN,
            Self::Undecided => CauseSpec::PLAIN,
            Self::Withdrawn(_) => CauseSpec::PLAIN,
            Self::Dropped => CauseSpec::PLAIN,
            Self::NotTaken => CauseSpec::PLAIN,
            Self::NotBegun => CauseSpec::PLAIN,
        }
    }

    /// A short name for logs. Never more of it: what Jules says may quote a prompt.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::JulesDown => "jules_down",
            Self::JulesBusy => "jules_busy",
            Self::JulesKeyRefused => "jules_key_refused",
            Self::JulesForbidden => "jules_forbidden",
            Self::JulesOtherAccount => "jules_other_account",
            Self::SourceGone => "source_gone",
            Self::SessionMissing => "session_missing",
            Self::CreateRefused => "create_refused",
            Self::MaybeCreated => "maybe_created",
            Self::MaybePosted => "maybe_posted",
            Self::JulesRefused(_) => "jules_refused",
            Self::StoreDown => "store_down",
            Self::SlackDown => "slack_down",
            Self::SlackBusy => "slack_busy",
            Self::NotInChannel => "not_in_channel",
            Self::ChannelNotFound => "channel_not_found",
            Self::ChannelArchived => "channel_archived",
            Self::PostingRestricted(_) => "posting_restricted",
            Self::SlackTokenRefused => "slack_token_refused",
            Self::MissingScope(_) => "missing_scope",
            Self::MessageRefused(_) => "message_refused",
            Self::MessageGone => "message_gone",
            Self::GitHubDown => "github_down",
            Self::Undecided => "undecided",
            Self::Withdrawn(_) => "withdrawn",
            Self::Dropped => "dropped",
            Self::NotTaken => "not_taken",
            Self::NotBegun => "not_begun",
        }
    }

    /// Slack's own code or the name of a scope, which are nobody's words.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::PostingRestricted(code) | Self::MessageRefused(code) => Some(code),
            Self::MissingScope(scope) => scope.as_deref(),
            Self::JulesDown
            | Self::JulesBusy
            | Self::JulesKeyRefused
            | Self::JulesForbidden
            | Self::JulesOtherAccount
            | Self::SourceGone
            | Self::SessionMissing
            | Self::CreateRefused
            | Self::MaybeCreated
            | Self::MaybePosted
            | Self::JulesRefused(_)
            | Self::StoreDown
            | Self::SlackDown
            | Self::SlackBusy
            | Self::NotInChannel
            | Self::ChannelNotFound
            | Self::ChannelArchived
            | Self::SlackTokenRefused
            | Self::MessageGone
            | Self::GitHubDown
            | Self::Undecided
            | Self::Withdrawn(_)
            | Self::Dropped
            | Self::NotTaken
            | Self::NotBegun => None,
        }
    }

    /// The longest wait between two attempts while it lasts, in seconds.
    #[must_use]
    pub fn patience(&self) -> u32 {
        self.spec().patience
    }

    /// Whether it is about Slack's credential, so that nothing can be drawn or posted to say so.
    #[must_use]
    pub fn is_slacks_credential(&self) -> bool {
        self.spec().slacks_credential
    }

    /// Whether it lasts until the operator has fixed it.
    #[must_use]
    pub fn is_for_operator(&self) -> bool {
        self.spec().for_operator
    }

    /// Whether nothing can be written in the channel, for now: the bot may be invited again, the
    /// channel be unarchived.
    #[must_use]
    pub(crate) fn is_place(&self) -> bool {
        self.spec().place
    }
}
