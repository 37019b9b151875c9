//! What a failed call means for its caller.

use jiff::Timestamp;
use platform::unreachable::Unreachable;

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 401: GitHub doesn't accept the token.
    #[error("GitHub does not accept the token")]
    TokenRefused,
    /// 403 without a limit behind it, or 451: the token may not read this.
    #[error("the GitHub token may not read this")]
    Forbidden,
    /// 404 or 410: it isn't there, or the token doesn't reach it. GitHub doesn't say which.
    #[error("GitHub has no such thing, or the token does not reach it")]
    NotFound,
    /// GitHub asks to wait, or our own share of its limit is used up.
    #[error("the limit of calls to GitHub is used up until {until}")]
    Limited {
        /// When it may be asked again, by our clock.
        until: Timestamp,
    },
    /// No whole answer came, or GitHub is in trouble. Worth asking again.
    #[error("GitHub could not be asked: {0}")]
    Down(Trouble),
    /// The answer isn't what GitHub documents.
    #[error("GitHub's answer cannot be read")]
    Unreadable,
}

/// Why no whole answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no connection.
    #[error("no connection: {0}")]
    NoConnection(Unreachable),
    /// Nothing came in time.
    #[error("no answer in time")]
    NoAnswer,
    /// It broke off.
    #[error("the connection broke")]
    Broken,
    /// It's longer than what is read.
    #[error("the answer is too long")]
    TooLarge,
    /// GitHub says that it is in trouble.
    #[error("HTTP {0}")]
    Status(u16),
}

impl Error {
    /// Whether asking again later may help without anybody doing something.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Limited { .. } | Self::Down(_) | Self::Unreadable)
    }
}
