//! A value that must not be seen: hidden in `Debug`, without `Display`, sealed where it is stored.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A secret as text. Its serde form is `{"$secret":"…"}`, which the store's records replace by a
/// sealed one before anything becomes bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    #[serde(rename = "$secret")]
    text: String,
}

impl Secret {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The text itself: only for the call that needs it.
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
