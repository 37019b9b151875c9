//! A check: what was looked at, how it stands, and how to mend it.

use serde::Serialize;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and may not go on to.
    Warning,
    /// It does not work.
    Failure,
}

/// The outcome of one look. No words hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, in one line.
    pub words: String,
    /// What to do about it; `None` when nothing has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    /// A setting that the look needs is wrong itself.
    pub(super) fn settings_first(name: &'static str) -> Self {
        Self::warning(
            name,
            "not looked at, because its settings are not right",
            "Mend the settings above first.",
        )
    }

    /// Not even a question can be asked.
    pub(super) fn no_client(name: &'static str) -> Self {
        Self::failure(
            name,
            "no HTTP client can be made",
            "Check this machine's proxy (HTTPS_PROXY).",
        )
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
