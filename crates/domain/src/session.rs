//! A Jules session as our decisions see it, and the order for a new one.
//!
//! Nearly everything is optional: Jules leaves out what is empty, and a masked reply holds only what
//! was asked for. Decisions must not take "not told" for "no".

use crate::ids::SessionId;
use crate::repo::{Branch, SourceName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a session stands. Stored and sent as Jules' own word (reference §2.1, "State").
///
/// Not even [`Completed`](Self::Completed) is final: a message, or late work of the agent, wakes the
/// session again (§4.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SessionState {
    /// Waits to start, for seconds or for half an hour.
    Queued,
    /// Makes its plan; often too short to be seen.
    Planning,
    /// Waits for someone to approve the plan.
    AwaitingPlanApproval,
    /// Asked something and waits for the answer.
    AwaitingUserFeedback,
    /// Works.
    InProgress,
    /// Paused in the web page, by archiving, or by dying in the middle of its work.
    Paused,
    /// Failed; the reason is in an activity.
    Failed,
    /// Done, for now.
    Completed,
    /// Jules said that it does not say.
    Unspecified,
    /// A word that we do not know: neither running nor ended, as far as we can tell.
    Unknown(String),
}

/// Longer than any word Jules has for a state; what is longer is cut, since it is stored and shown.
const LONGEST_WORD: usize = 64;

impl SessionState {
    /// Reads Jules' word; one that is not known is kept (its first 64 characters).
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "QUEUED" => Self::Queued,
            "PLANNING" => Self::Planning,
            "AWAITING_PLAN_APPROVAL" => Self::AwaitingPlanApproval,
            "AWAITING_USER_FEEDBACK" => Self::AwaitingUserFeedback,
            "IN_PROGRESS" => Self::InProgress,
            "PAUSED" => Self::Paused,
            "FAILED" => Self::Failed,
            "COMPLETED" => Self::Completed,
            "STATE_UNSPECIFIED" => Self::Unspecified,
            other => Self::Unknown(other.chars().take(LONGEST_WORD).collect()),
        }
    }

    /// Jules' word for it.
    #[must_use]
    pub(crate) fn as_word(&self) -> &str {
        match self {
            Self::Queued => "QUEUED",
            Self::Planning => "PLANNING",
            Self::AwaitingPlanApproval => "AWAITING_PLAN_APPROVAL",
            Self::AwaitingUserFeedback => "AWAITING_USER_FEEDBACK",
            Self::InProgress => "IN_PROGRESS",
            Self::Paused => "PAUSED",
            Self::Failed => "FAILED",
            Self::Completed => "COMPLETED",
            Self::Unspecified => "STATE_UNSPECIFIED",
            Self::Unknown(word) => word,
        }
    }

    /// Whether Jules is waiting for a person.
    #[must_use]
    pub fn awaits_person(&self) -> bool {
        matches!(self, Self::AwaitingPlanApproval | Self::AwaitingUserFeedback)
    }

    /// Whether Jules itself is at work: these take one of the account's few places. (Jules' own tools
    /// count the same three as busy, §5.)
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Queued | Self::Planning | Self::InProgress)
    }

    /// Whether the session failed, if this state is an end.
    #[must_use]
    pub fn end(&self) -> Option<bool> {
        match self {
            Self::Completed => Some(false),
            Self::Failed => Some(true),
            Self::Queued
            | Self::Planning
            | Self::AwaitingPlanApproval
            | Self::AwaitingUserFeedback
            | Self::InProgress
            | Self::Paused
            | Self::Unspecified
            | Self::Unknown(_) => None,
        }
    }
}

impl From<String> for SessionState {
    fn from(word: String) -> Self {
        Self::from_word(&word)
    }
}

impl From<SessionState> for String {
    fn from(state: SessionState) -> Self {
        state.as_word().to_owned()
    }
}

/// The pull request that a session opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its page; always `https`.
    pub url: String,
    /// Its title, when told.
    pub title: Option<String>,
}

impl PullRequest {
    /// Whether this is the same one, whatever its title is by now.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.url.trim_end_matches('/') == other.url.trim_end_matches('/')
    }

    /// The number at the end of its address, if there is one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.url.trim_end_matches('/').rsplit('/').next()?.parse().ok()
    }
}

/// A session, as one reply showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its page for people; always `https`.
    pub url: String,
    /// Its title. Jules' own suggestions carry a whole prompt here, of many kilobytes.
    pub title: Option<String>,
    /// Where it stands; `None` when not told, as in the replies of 2025.
    pub state: Option<SessionState>,
    /// The repository it works on; `None` when not told, and in sessions without one.
    pub source: Option<SourceName>,
    /// When it was made, by Jules' clock.
    pub created: Option<Timestamp>,
    /// When Jules last touched it. It moves for reasons of its own too, so it is a hint.
    pub updated: Option<Timestamp>,
    /// Whether it is hidden from the ordinary list; `None` where that was not asked for.
    pub archived: Option<bool>,
    /// Its pull requests, in no order that means anything. One may turn up after the end.
    pub pull_requests: Vec<PullRequest>,
    /// Whether a change of the code is among its outputs; `None` where that was not asked for, as in a list.
    pub change_set: Option<bool>,
}

/// The order for a new session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// What Jules shall do.
    pub prompt: String,
    /// Its title, which Jules may cut or rewrite.
    pub title: String,
    /// The repository.
    pub source: SourceName,
    /// The branch to start from; Jules demands one.
    pub starting_branch: Branch,
    /// Whether Jules waits for an approval of its plan.
    pub ask_for_plan: bool,
    /// Whether Jules opens a pull request by itself.
    pub open_pull_request: bool,
}

impl fmt::Debug for NewSession {
    /// Without the words of the person who asked: they have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("source", &self.source)
            .field("starting_branch", &self.starting_branch)
            .field("ask_for_plan", &self.ask_for_plan)
            .field("open_pull_request", &self.open_pull_request)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: [&str; 9] = [
        "QUEUED",
        "PLANNING",
        "AWAITING_PLAN_APPROVAL",
        "AWAITING_USER_FEEDBACK",
        "IN_PROGRESS",
        "PAUSED",
        "FAILED",
        "COMPLETED",
        "STATE_UNSPECIFIED",
    ];

    #[test]
    fn every_documented_word_is_known_and_given_back() {
        for word in WORDS {
            let state = SessionState::from_word(word);
            assert!(!matches!(state, SessionState::Unknown(_)), "{word}");
            assert_eq!(state.as_word(), word);
            assert_eq!(serde_json::to_value(&state).unwrap(), word);
        }
    }

    #[test]
    fn an_unknown_state_is_not_taken_for_running() {
        let state = SessionState::from_word("CANCELLED");
        assert_eq!(state, SessionState::Unknown("CANCELLED".into()));
        assert!(!state.is_busy());
    }

    #[test]
    fn what_a_person_asked_for_is_not_in_the_debug_form() {
        let order = NewSession {
            prompt: "the secret plan".into(),
            title: "the secret title".into(),
            source: SourceName("sources/github/o/r".into()),
            starting_branch: Branch("main".into()),
            ask_for_plan: true,
            open_pull_request: true,
        };
        assert!(!format!("{order:?}").contains("secret"), "{order:?}");
    }

    proptest! {
        #[test]
        fn a_stored_state_is_read_back(word in ".{0,80}") {
            let state = SessionState::from_word(&word);
            let stored = serde_json::to_string(&state).unwrap();
            prop_assert_eq!(serde_json::from_str::<SessionState>(&stored).unwrap(), state);
        }
    }
}
