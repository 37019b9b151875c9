//! What a failed call means for its caller.
//!
//! A failure is told by what may be done next, not by where it came from: repeat, wait, look whether
//! it happened after all, or tell a person. It is classified by HTTP code and `error.status`
//! (reference §1.6), never by the text of a message: the live text of a 401, for one, is misleading.
//!
//! No [`Error`] shows a key, a prompt or a body. Jules' own words in a refusal may quote the prompt,
//! so they stand in an [`Explanation`], which is for the person who asked and prints as nothing.

use crate::retry_after::RetryAfter;
use platform::unreachable::Unreachable;
use platform::walk::Unfinished;
use serde::Deserialize;
use std::fmt;

/// Why a call to Jules brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The key is missing, wrong or revoked (401).
    #[error("Jules refuses the key")]
    Auth,
    /// The key is good, but not for this (403).
    #[error("Jules forbids this to the key")]
    Forbidden,
    /// No such thing (404): gone, never there, or not connected. The activities of a session made a
    /// moment ago answer this too, for half a minute or so.
    #[error("Jules does not know it")]
    NotFound,
    /// Too many calls (429); this one was not carried out.
    #[error("Jules asks for fewer calls")]
    RateLimited {
        /// When to come back, if Jules said so.
        retry_after: Option<RetryAfter>,
    },
    /// Jules does not create a session now: `400 FAILED_PRECONDITION`, mostly because the account's tasks
    /// of the day or its places are used up, which it does not say. No session was made; later one
    /// can be.
    #[error("Jules creates no session for now")]
    CreateRefused,
    /// The session is not in a state for this: `400 FAILED_PRECONDITION` on anything but a creation.
    #[error("the session is not in a state for this")]
    WrongState,
    /// Jules does not accept what was sent; the same again will not be accepted either.
    #[error("Jules does not accept the request")]
    Invalid(Explanation),
    /// Nothing happened that matters: the call was a read, may be repeated without harm, or never
    /// left this machine. Later it may work.
    #[error("Jules is down or can't be reached: {0}")]
    Transient(Trouble),
    /// A session may have been made, or a message taken, though no proper answer came. Look for it
    /// before doing it again.
    #[error("it is unknown whether Jules did it: {0}")]
    AmbiguousWrite(Trouble),
    /// An answer to a read that makes no sense: not JSON, cut short, or not what the API promises.
    #[error("the answer makes no sense: {0}")]
    Decode(&'static str),
    /// An answer to a read that is longer than we are willing to take.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The longest body taken, in bytes.
        limit: usize,
    },
}

/// What went wrong on the way, as far as it can be told without quoting anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There was no connection, so that nothing was sent.
    #[error("no connection: {0}")]
    NoConnection(Unreachable),
    /// The request went out; no answer began in time.
    #[error("no answer in time")]
    NoAnswer,
    /// The answer began, then stood still or took too long.
    #[error("the answer stalled")]
    Stalled,
    /// The connection broke after the request had gone out.
    #[error("the connection broke")]
    Broken,
    /// An answer with this HTTP code.
    #[error("HTTP {0}")]
    Status(u16),
    /// An answer that makes no sense.
    #[error("{0}")]
    Unreadable(&'static str),
    /// A body longer than this limit, in bytes.
    #[error("more than {0} bytes")]
    TooLarge(usize),
}

/// What is at stake in a call: decides its deadlines and what its failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Reading one thing.
    Get,
    /// Reading a page of things; slow with Jules.
    List,
    /// Making a session: twice would be two sessions.
    Create,
    /// Sending a message: twice would be two messages.
    Message,
    /// A change that is the same when made twice: approving, archiving.
    Settle,
}

impl Operation {
    fn must_not_happen_twice(self) -> bool {
        match self {
            Self::Create | Self::Message => true,
            Self::Get | Self::List | Self::Settle => false,
        }
    }
}

impl From<Unfinished> for Error {
    /// A list that only looks complete is no answer.
    fn from(unfinished: Unfinished) -> Self {
        Self::Decode(unfinished.reason())
    }
}

impl Error {
    /// A call on which no usable answer came.
    pub(crate) fn troubled(operation: Operation, trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoConnection(_) => Self::Transient(trouble),
            Trouble::NoAnswer
            | Trouble::Stalled
            | Trouble::Broken
            | Trouble::Status(_)
            | Trouble::Unreadable(_)
            | Trouble::TooLarge(_)
                if operation.must_not_happen_twice() =>
            {
                Self::AmbiguousWrite(trouble)
            }
            Trouble::NoAnswer | Trouble::Stalled | Trouble::Broken | Trouble::Status(_) => {
                Self::Transient(trouble)
            }
            Trouble::Unreadable(what) => Self::Decode(what),
            Trouble::TooLarge(limit) => Self::TooLarge { limit },
        }
    }

    /// A call that was answered with something else than success.
    pub(crate) fn refused(
        operation: Operation,
        code: u16,
        retry_after: Option<RetryAfter>,
        body: &[u8],
    ) -> Self {
        match (code, Refusal::read(body)) {
            (400, Some(refusal)) if refusal.is_about_the_key() => Self::Auth,
            (400, Some(refusal)) if refusal.status == "FAILED_PRECONDITION" => match operation {
                Operation::Create => Self::CreateRefused,
                Operation::Get | Operation::List | Operation::Message | Operation::Settle => {
                    Self::WrongState
                }
            },
            (401, _) => Self::Auth,
            (403, _) => Self::Forbidden,
            (404, _) => Self::NotFound,
            (429, _) => Self::RateLimited { retry_after },
            // Not Jules' own words: a gateway's, or cut short on their way. Used-up limits are a 400 too,
            // so this may be no verdict on what was sent.
            (400..=499, Some(refusal)) if !refusal.is_passing(code) => {
                Self::Invalid(Explanation::clean(&refusal.message))
            }
            _ => Self::troubled(operation, Trouble::Status(code)),
        }
    }
}

/// Jules' own words on why it refused, for the person who asked: at most 300 characters, in one line.
/// They may quote what was sent, so `Debug` keeps them to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation(String);

/// As many characters as an explanation may have, the sign of the cut included.
const LONGEST_EXPLANATION: usize = 300;

impl Explanation {
    fn clean(words: &str) -> Self {
        let visible = words.replace(|c: char| c.is_control(), " ");
        let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= LONGEST_EXPLANATION {
            return Self(line);
        }
        Self(line.chars().take(LONGEST_EXPLANATION - 1).chain(['…']).collect())
    }

    /// The words; empty when Jules gave none. Not escaped for Slack.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explanation(…)")
    }
}

/// The part of Google's error envelope that we go by.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    status: String,
    message: String,
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    reason: String,
    field_violations: Vec<FieldViolation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldViolation {
    field: String,
}

/// What a refusal names as wrong in the request, as far as it names anything (Google: `BadRequest`).
pub(crate) fn refused_names(body: &[u8]) -> Vec<String> {
    let details = Refusal::read(body).map(|refusal| refusal.details).unwrap_or_default();
    let violations = details.into_iter().flat_map(|detail| detail.field_violations);
    violations.map(|violation| violation.field).collect()
}

impl Refusal {
    /// `None` for a gateway's HTML, or nothing at all.
    fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct ErrorEnvelope {
            error: Refusal,
        }
        serde_json::from_slice(body).ok().map(|envelope: ErrorEnvelope| envelope.error)
    }

    /// Whether trying again may help: a time-out, a conflict with another call, a call that was broken
    /// off (Google: API errors, `ABORTED` and `CANCELLED`). What was sent may have been carried out.
    fn is_passing(&self, code: u16) -> bool {
        let passing =
            ["ABORTED", "CANCELLED", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "UNKNOWN"];
        matches!(code, 408 | 409 | 425 | 499) || passing.contains(&self.status.as_str())
    }

    /// Google's front door answers some bad keys with a 400, before Jules sees them.
    fn is_about_the_key(&self) -> bool {
        let reasons = ["API_KEY_INVALID", "CREDENTIALS_MISSING"];
        self.details.iter().any(|detail| reasons.contains(&detail.reason.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_explanation_is_one_clean_line() {
        assert_eq!(Explanation::clean("a\n\tb\u{0} \u{7f}c  ").as_str(), "a b c");
        assert_eq!(Explanation::clean("").as_str(), "");
    }

    #[test]
    fn nothing_of_an_explanation_is_printed() {
        let error = Error::Invalid(Explanation::clean("the secret prompt"));
        assert!(!format!("{error} {error:?} {error:#?}").contains("secret"));
    }

    #[test]
    fn only_what_was_never_sent_may_be_repeated_blindly() {
        for operation in [Operation::Create, Operation::Message] {
            let trouble = Trouble::NoConnection(Unreachable::Other("no such host".to_owned()));
            let error = Error::troubled(operation, trouble.clone());
            assert_eq!(error, Error::Transient(trouble));
            for trouble in [Trouble::NoAnswer, Trouble::Broken, Trouble::TooLarge(1)] {
                let error = Error::troubled(operation, trouble.clone());
                assert_eq!(error, Error::AmbiguousWrite(trouble));
            }
        }
    }

    proptest! {
        #[test]
        fn an_explanation_is_never_too_long(words in "\\PC{0,700}") {
            let clean = Explanation::clean(&words);
            prop_assert!(clean.as_str().chars().count() <= LONGEST_EXPLANATION);
            prop_assert!(!clean.as_str().chars().any(char::is_control));
        }

        #[test]
        fn any_code_and_any_body_is_some_error(code: u16, body: Vec<u8>) {
            for operation in [Operation::Create, Operation::Get] {
                let error = Error::refused(operation, code, None, &body);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
