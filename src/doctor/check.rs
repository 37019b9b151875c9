//! A check: what was looked at, how it is, and how to fix it.

use platform::unreachable::Unreachable;
use serde::Serialize;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

/// What to do where files belong to another user. Changing their owner, or restoring a backup over them, would take
/// them away from a bot that works.
pub(super) const AS_ITS_USER: &str = "Run this as the user that the bot runs as, or as root.";

/// What to do where there is no connection: `otherwise`, if it isn't about trust.
pub(super) fn way_to(unreachable: &Unreachable, otherwise: &'static str) -> &'static str {
    match unreachable {
        Unreachable::Untrusted(_) => {
            "This machine doesn't trust the certificate. If a proxy intercepts TLS, set SSL_CERT_FILE to a PEM file with \
             its authority and the public ones."
        }
        Unreachable::Other(_) => otherwise,
    }
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Works.
    Ok,
    /// Works now but is likely to break.
    Warning,
    /// Doesn't work.
    Failure,
}

/// The outcome of one look. No words hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found, in one line.
    pub words: String,
    /// What to do about it; `None` when nothing has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    /// A setting that the check needs is wrong.
    pub(super) fn settings_first(name: &'static str) -> Self {
        Self::warning(
            name,
            "not checked, because its settings are wrong",
            "Fix the settings above first.",
        )
    }

    /// Nothing can be asked.
    pub(super) fn no_client(name: &'static str) -> Self {
        Self::failure(
            name,
            "an HTTP client can't be created",
            "Check this machine's proxy (HTTPS_PROXY).",
        )
    }

    /// That this user may not read a file; `None` where they may, or where there is none.
    pub(super) fn unreadable(name: &'static str, path: &Path) -> Option<Self> {
        let error = File::open(path).err()?;
        let words = format!("`{}` can't be read by this user", path.display());
        (error.kind() == ErrorKind::PermissionDenied)
            .then(|| Self::failure(name, words, AS_ITS_USER))
    }

    pub(super) fn ok(name: &'static str, words: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, words: words.into(), fix: None }
    }

    pub(super) fn warning(
        name: &'static str,
        words: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { name, verdict: Verdict::Warning, words: words.into(), fix: Some(fix.into()) }
    }

    pub(super) fn failure(
        name: &'static str,
        words: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { name, verdict: Verdict::Failure, words: words.into(), fix: Some(fix.into()) }
    }
}
