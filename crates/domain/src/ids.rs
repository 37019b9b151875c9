//! The names of things: one newtype for every id, so that a channel is never taken for a user.
//!
//! Ids come from Slack and Jules as opaque text. `parse` is the only way to have one from outside
//! (it refuses what could not be part of a URL, a key or a log line); `Display` gives it back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An id that is empty, too long (over 255 characters) or holds characters no id has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id")]
pub struct BadId {
    /// What the text should have been, for example `channel`.
    pub kind: &'static str,
}

fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as the other side wrote it; letters, digits, `_`, `-` and `.` only.
            ///
            /// # Errors
            /// [`BadId`] when it is empty, over 255 characters, or holds anything else.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if plain(text) { Ok(Self(text.to_owned())) } else { Err(BadId { kind: $kind }) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

ids! {
    /// A Slack workspace, `T…` (or `E…`, an organisation that installed for all its workspaces).
    TeamId = "team";
    /// A Slack conversation: `C…`, `G…` or `D…`. The letter says nothing about privacy, except that
    /// `D` is a direct message.
    ChannelId = "channel";
    /// A person or a bot in Slack, `U…` or `W…`.
    UserId = "user";
    /// A user group in Slack, `S…`.
    GroupId = "group";
    /// The `ts` of a message: its id within the channel, and its thread's when it is the root.
    MessageTs = "message";
    /// One task of ours; made by [`TaskId::for_delivery`].
    TaskId = "task";
    /// A Jules session: 17 to 20 digits that fit in no integer type.
    SessionId = "session";
    /// One plan of a session; a revision has another.
    PlanId = "plan";
    /// A Jules account. It stays the same when its key is rotated.
    AccountId = "account";
    /// One of the app's installations in Slack, that is one bot token; derived from the token, never the
    /// token.
    InstallationId = "installation";
    /// One delivery from Slack. The same one again is the same id.
    DeliveryId = "delivery";
}

impl ChannelId {
    /// Whether it is a direct conversation between the bot and one person. Nothing private has to be private
    /// there, and ephemeral messages do not show.
    #[must_use]
    pub fn is_dm(&self) -> bool {
        self.0.starts_with('D')
    }
}

impl MessageTs {
    /// The id that a message posted at this time would have, by Slack's clock.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(format!("{}.{:06}", time.as_second(), time.subsec_microsecond()))
    }

    /// When the message was posted, by Slack's clock.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        let (seconds, micros) = self.0.split_once('.')?;
        let micros: i64 = format!("{micros:0<6}").get(..6)?.parse().ok()?;
        let seconds: i64 = seconds.parse().ok()?;
        Timestamp::from_microsecond(seconds.checked_mul(1_000_000)?.checked_add(micros)?).ok()
    }
}

/// Lower-case letters and digits without look-alikes (Crockford's base 32): safe in a title, and
/// readable over someone's shoulder.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Twelve characters (60 bits) that name `parts`; equal for equal parts, in every process.
pub(crate) fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        // The length goes in too, so that ("a", "bc") and ("ab", "c") differ.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(12)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

impl TaskId {
    /// The task that a delivery starts. Derived, not random: the same delivery again finds the task
    /// already there, so being stored and being deduplicated are one write.
    #[must_use]
    pub fn for_delivery(delivery: &DeliveryId) -> Self {
        Self(digest(&["task", delivery.as_str()]))
    }

    /// A new task that takes this one's place ("Retry"): the same one for every click.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self(digest(&["again", self.as_str()]))
    }
}

impl DeliveryId {
    /// Names a delivery by everything in it that differs between two deliveries.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        Self(digest(parts))
    }
}

impl InstallationId {
    /// The installation that a token is for, as a name that does not give the token away.
    #[must_use]
    pub fn of_token(token: &str) -> Self {
        Self(digest(&["slack installation", token]))
    }
}

impl AccountId {
    /// The account of the first key that someone brings; others of it lead there.
    #[must_use]
    pub fn brought(team: &TeamId, by: &UserId, delivery: &DeliveryId) -> Self {
        Self(digest(&["account", team.as_str(), by.as_str(), delivery.as_str()]))
    }

    /// The account of the settings, whichever key it has by now.
    #[must_use]
    pub fn of_settings() -> Self {
        Self("settings".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_display_are_a_pair() {
        for text in ["C0LAN2Q65", "1721609601.000200", "31415926535897932384", "T1"] {
            assert_eq!(ChannelId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_could_leave_a_path_is_refused() {
        for text in ["", "a/b", "a?b", "a b", "..\n", "é", &"x".repeat(256)] {
            assert_eq!(SessionId::parse(text), Err(BadId { kind: "session" }), "{text:?}");
        }
    }

    #[test]
    fn the_same_delivery_is_the_same_task_and_another_is_another() {
        let one = DeliveryId::of(&["T1", "trigger", "text"]);
        assert_eq!(one, DeliveryId::of(&["T1", "trigger", "text"]));
        assert_ne!(one, DeliveryId::of(&["T1", "triggert", "ext"]));
        assert_eq!(TaskId::for_delivery(&one).as_str().len(), 12);
        assert_ne!(TaskId::for_delivery(&one), TaskId::for_delivery(&one).successor());
    }
}
