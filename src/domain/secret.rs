//! Text that must not be seen: tokens and keys, wherever a document holds one.
//!
//! The type is what keeps it hidden. It cannot be formatted by accident, and its stored form is
//! marked, so that the store finds it inside any document and seals it (`store::records`).

use serde::{Deserialize, Serialize};
use std::fmt;

/// The one field of a secret's serialised form, `{"$secret":"…"}`.
///
/// People's text cannot pass for it: text is a JSON string, never an object.
pub const SECRET_MARK: &str = "$secret";

/// A token or a key.
///
/// Serialising shows it, marked with [`SECRET_MARK`], because the store has to have it; nothing else
/// may serialise what holds one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    // Must be SECRET_MARK; a test says so.
    #[serde(rename = "$secret")]
    text: String,
}

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The text, for the one call that needs it. Never for a log line or a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

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
