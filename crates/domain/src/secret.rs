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

/// The one field of a secret that could not be opened: its sealed form, as the store has it.
pub const LOST_MARK: &str = "$lost";

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

/// A secret in a document. One that can't be opened, because the key that sealed it isn't there, counts as absent and
/// stays in the document as it is: when the key is back, it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<KeptForm>", into = "Option<KeptForm>")]
pub enum Kept {
    /// There is none.
    #[default]
    None,
    /// It is known.
    Open(Secret),
    /// There is one, sealed, and what seals it is not known.
    Lost(String),
}

/// The stored form of a secret in a document.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptForm {
    Open(Secret),
    Lost {
        // Must be LOST_MARK; a test says so.
        #[serde(rename = "$lost")]
        sealed: String,
    },
}

impl Kept {
    /// The secret, where it is known.
    #[must_use]
    pub fn open(&self) -> Option<&Secret> {
        match self {
            Self::Open(secret) => Some(secret),
            Self::None | Self::Lost(_) => None,
        }
    }

    /// The same, to own.
    #[must_use]
    pub fn into_open(self) -> Option<Secret> {
        match self {
            Self::Open(secret) => Some(secret),
            Self::None | Self::Lost(_) => None,
        }
    }

    /// Whether there is none, not even one that can't be opened.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        *self == Self::None
    }
}

impl From<Secret> for Kept {
    fn from(secret: Secret) -> Self {
        Self::Open(secret)
    }
}

impl From<Option<Secret>> for Kept {
    fn from(secret: Option<Secret>) -> Self {
        secret.map_or(Self::None, Self::Open)
    }
}

impl From<Option<KeptForm>> for Kept {
    fn from(form: Option<KeptForm>) -> Self {
        match form {
            None => Self::None,
            Some(KeptForm::Open(secret)) => Self::Open(secret),
            Some(KeptForm::Lost { sealed }) => Self::Lost(sealed),
        }
    }
}

impl From<Kept> for Option<KeptForm> {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::None => None,
            Kept::Open(secret) => Some(KeptForm::Open(secret)),
            Kept::Lost(sealed) => Some(KeptForm::Lost { sealed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kept_form_is_read_back() {
        let lost = serde_json::json!({ LOST_MARK: "sealed" });
        assert_eq!(
            serde_json::to_value(Kept::Lost("sealed".to_owned())).expect("serialises"),
            lost
        );
        for kept in [Kept::None, Kept::from(Secret::new("xoxb-1")), Kept::Lost("sealed".to_owned())]
        {
            let stored = serde_json::to_value(kept.clone()).expect("serialises");
            assert_eq!(serde_json::from_value::<Kept>(stored).expect("is read back"), kept);
        }
    }

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
