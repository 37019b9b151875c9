//! Text that must not be seen: tokens and keys, wherever a document holds one.
//!
//! The type is what keeps it hidden. It cannot be formatted by accident, and its stored form is
//! marked, so that the store finds it inside any document and seals it (`store::records`).

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The one field of a secret's serialised form, `{"$secret":"…"}`.
///
/// People's text cannot pass for it: text is a JSON string, never an object.
pub const SECRET_MARK: &str = "$secret";

/// A token or a key. It is cleared from memory when it is dropped.
///
/// Serialising shows it, marked with [`SECRET_MARK`], because the store has to have it; nothing else
/// may serialise what holds one.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Marked", into = "Marked")]
pub struct Secret(SecretString);

/// The stored form of a secret.
#[derive(Serialize, Deserialize)]
struct Marked {
    // Must be SECRET_MARK; a test says so.
    #[serde(rename = "$secret")]
    text: String,
}

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text, for the one call that needs it. Never for a log line or a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Marked> for Secret {
    fn from(marked: Marked) -> Self {
        Self::new(marked.text)
    }
}

impl From<Secret> for Marked {
    fn from(secret: Secret) -> Self {
        Self { text: secret.expose().to_owned() }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", Secret::new("xoxb-1")), "Secret(…)");
    }

    #[test]
    fn the_stored_form_is_the_mark_alone() {
        let stored = serde_json::to_value(Secret::new("xoxb-1")).expect("serialises");
        assert_eq!(stored, serde_json::json!({ SECRET_MARK: "xoxb-1" }));
        let back: Secret = serde_json::from_value(stored).expect("is read back");
        assert_eq!(back.expose(), "xoxb-1");
    }
}
