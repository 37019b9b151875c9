//! Sealing: what a secret goes through before it becomes stored bytes (XChaCha20-Poly1305).
//!
//! Without the key, nobody who reads the store sees a secret, and a sealed text that was changed, or moved
//! to another document, is noticed. Nonces are random: with 192 bits two never meet.
//!
//! Each sealed text names its key, so keys can be rolled: put a new key first in `ENCRYPTION_KEY`,
//! keep the old one behind it until every document was written again.

use super::atomic_file;
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::path::Path;

/// Bytes in a key.
const KEY_BYTES: usize = 32;

/// Bytes in a nonce.
const NONCE_BYTES: usize = 24;

/// How one makes a key, said in every error about keys.
const HOW_TO_MAKE: &str = "make one with `openssl rand -base64 32`";

/// What can go wrong with keys and sealed texts. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A key in the setting is not one; counted from 1.
    #[error("ENCRYPTION_KEY: key {0} is not 32 bytes in base64; {HOW_TO_MAKE}")]
    BadKey(usize),
    /// The key file does not hold a key, or cannot be used.
    #[error("the key file `{path}` {reason}")]
    BadFile {
        /// The file.
        path: String,
        /// What is wrong, as the rest of a sentence.
        reason: String,
    },
    /// The text was sealed with a key that is not given any more.
    #[error(
        "sealed with key {0}, which is not in ENCRYPTION_KEY; add the old key behind the others"
    )]
    UnknownKey(String),
    /// The text was changed, moved from another document, or never sealed.
    #[error("not as it was sealed: changed, or moved from another document")]
    Broken,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandom(#[from] getrandom::Error),
}

/// Seals with one key, opens with several.
pub struct Sealer {
    current: SealingKey,
    older: Vec<SealingKey>,
}

struct SealingKey {
    /// Eight hexadecimal digits that tell the key from others and do not give it away.
    id: String,
    cipher: XChaCha20Poly1305,
    /// A key of its own for fingerprints, which says nothing of the other.
    prints: [u8; KEY_BYTES],
}

impl SealingKey {
    fn new(key: &[u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new().chain_update(b"jules-slack key id").chain_update(key).finalize();
        let id = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let prints = Sha256::new().chain_update(b"jules-slack fingerprints").chain_update(key);
        Self { id, cipher: XChaCha20Poly1305::new(key.into()), prints: prints.finalize().into() }
    }
}

impl Sealer {
    /// Names for a secret by which it is found again and which don't give it away: the one to keep first, then
    /// those of older sealing keys.
    #[must_use]
    pub fn fingerprints(&self, secret: &str) -> Vec<String> {
        let of = |key: &SealingKey| {
            let hash = Sha256::new().chain_update(key.prints).chain_update(secret).finalize();
            hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        };
        std::iter::once(&self.current).chain(&self.older).map(of).collect()
    }

    /// Seals with `current`; opens what was sealed with it or one of `older`.
    #[must_use]
    pub fn new(current: &[u8; KEY_BYTES], older: &[[u8; KEY_BYTES]]) -> Self {
        Self {
            current: SealingKey::new(current),
            older: older.iter().map(SealingKey::new).collect(),
        }
    }

    /// Reads the setting `ENCRYPTION_KEY`: 32 bytes in base64, or several of them with commas between,
    /// of which the first seals.
    ///
    /// # Errors
    /// [`SealError::BadKey`] says which one is wrong and how to make one.
    pub fn parse(setting: &str) -> Result<Self, SealError> {
        let mut keys = Vec::new();
        for (nth, text) in setting.split(',').enumerate() {
            keys.push(decode_key(text).ok_or(SealError::BadKey(nth + 1))?);
        }
        let (current, older) = keys.split_first().ok_or(SealError::BadKey(1))?;
        Ok(Self::new(current, older))
    }

    /// Takes the key from the file at `path`, for a store that is a file beside it; makes a key, in a
    /// file readable for its owner only, when there is none. Several starts at once agree on one key.
    ///
    /// # Errors
    /// [`SealError::BadFile`] when the file holds no key, or cannot be read or made.
    pub fn load_or_create(path: &Path) -> Result<Self, SealError> {
        let bad = |reason: String| SealError::BadFile { path: path.display().to_string(), reason };
        let unusable = |error: io::Error| bad(format!("cannot be used: {error}"));
        if !path.try_exists().map_err(unusable)? {
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key)?;
            let line = format!("{}\n", STANDARD.encode(key));
            atomic_file::make(path, |draft| std::fs::write(draft, line)).map_err(unusable)?;
        }
        let text = std::fs::read_to_string(path).map_err(unusable)?;
        Self::parse(&text).map_err(|_| {
            bad(format!("does not hold a key; put a backup in its place, or {HOW_TO_MAKE}"))
        })
    }

    /// Seals `plain` so that it opens only together with the same `place`, which is not hidden.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn seal(&self, plain: &[u8], place: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let sealed = self
            .current
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
            .map_err(|_| SealError::Broken)?;
        let text = URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
        Ok([&self.current.id, ".", &text].concat())
    }

    /// Whether a text was sealed with the key that seals now.
    #[must_use]
    pub(crate) fn is_current(&self, sealed: &str) -> bool {
        sealed.split_once('.').is_some_and(|(id, _)| id == self.current.id)
    }

    /// What [`Sealer::seal`] was given.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] when the key is not among ours, [`SealError::Broken`] when text or
    /// place are not the same.
    pub fn open(&self, sealed: &str, place: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, text) = sealed.split_once('.').ok_or(SealError::Broken)?;
        let key = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
            .ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Broken)?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Broken)?;
        key.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad: place })
            .map_err(|_| SealError::Broken)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<&str> = self.older.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Sealer").field("current", &self.current.id).field("older", &older).finish()
    }
}

/// Padding is often lost when a key is copied.
const FORGIVING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, FORGIVING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, FORGIVING);

/// One key, in either of the two usual alphabets.
fn decode_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    let text = text.trim();
    let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: [u8; 32] = [1; 32];
    const TWO: [u8; 32] = [2; 32];

    proptest! {
        #[test]
        fn what_is_sealed_is_opened_and_hidden(plain: Vec<u8>, place: Vec<u8>) {
            let sealer = Sealer::new(&ONE, &[]);
            let sealed = sealer.seal(&plain, &place).expect("seals");
            prop_assert_eq!(sealer.open(&sealed, &place).expect("opens"), &plain[..]);
            let other = sealer.seal(&plain, &place).expect("seals");
            prop_assert_ne!(sealed, other, "the same text twice is not seen to be the same");
        }

        #[test]
        fn one_changed_letter_is_noticed(plain: Vec<u8>, at: prop::sample::Index, to in "[A-Za-z0-9_.-]") {
            let sealer = Sealer::new(&ONE, &[]);
            let sealed = sealer.seal(&plain, b"here").expect("seals");
            let at = at.index(sealed.len());
            prop_assume!(sealed[at..=at] != to);
            let changed = [&sealed[..at], &to, &sealed[at + 1..]].concat();
            prop_assert!(sealer.open(&changed, b"here").is_err());
        }

        #[test]
        fn nothing_that_was_not_sealed_opens_or_panics(text: String) {
            prop_assert!(Sealer::new(&ONE, &[]).open(&text, b"").is_err());
        }
    }

    #[test]
    fn another_place_does_not_open_it() {
        let sealer = Sealer::new(&ONE, &[]);
        let sealed = sealer.seal(b"xoxb", b"team/A").expect("seals");
        assert!(matches!(sealer.open(&sealed, b"team/B"), Err(SealError::Broken)));
    }

    #[test]
    fn keys_can_be_rolled() {
        let sealed = Sealer::new(&ONE, &[]).seal(b"xoxb", b"").expect("seals");
        let rolled = Sealer::new(&TWO, &[ONE]);
        assert_eq!(rolled.open(&sealed, b"").expect("the old key still opens"), b"xoxb");
        let again = rolled.seal(b"xoxb", b"").expect("seals");
        let new_only = Sealer::new(&TWO, &[]);
        assert_eq!(new_only.open(&again, b"").expect("the new key seals"), b"xoxb");
        let lost = new_only.open(&sealed, b"").expect_err("the old key is gone");
        assert!(lost.to_string().contains("ENCRYPTION_KEY"), "{lost}");
    }

    #[test]
    fn the_setting_takes_both_alphabets_and_says_which_key_is_wrong() {
        let plus = STANDARD.encode([0xfb; 32]);
        let minus = plus.replace('+', "-").replace('/', "_");
        let sealer =
            Sealer::parse(&format!("{plus}, {}", minus.trim_end_matches('='))).expect("two");
        assert_eq!(sealer.older.len(), 1);
        assert_eq!(sealer.current.id, sealer.older[0].id);
        let error = Sealer::parse(&format!("{plus},c2hvcnQ=")).expect_err("too short").to_string();
        assert!(error.starts_with("ENCRYPTION_KEY: key 2 "), "{error}");
        assert!(Sealer::parse("").is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", Sealer::new(&ONE, &[TWO]));
        let (one, two) = (SealingKey::new(&ONE).id, SealingKey::new(&TWO).id);
        assert_eq!(shown, format!("Sealer {{ current: \"{one}\", older: [\"{two}\"] }}"));
    }

    #[test]
    fn a_key_file_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("jules.key");
        let sealed = Sealer::load_or_create(&path).expect("makes").seal(b"x", b"").expect("seals");
        let again = Sealer::load_or_create(&path).expect("finds");
        assert_eq!(again.open(&sealed, b"").expect("is the same key"), b"x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = path.metadata().expect("is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(dir.path().read_dir().expect("lists").count(), 1, "no draft is left");
    }

    #[test]
    fn many_first_starts_agree_on_one_key() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("jules.key");
        let ids: std::collections::HashSet<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Sealer::load_or_create(&path).expect("works").current.id))
                .collect();
            starts.into_iter().map(|start| start.join().expect("ends")).collect()
        });
        assert_eq!(ids.len(), 1);
    }

    #[test]
    fn a_file_that_is_no_key_is_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("jules.key");
        std::fs::write(&path, "my notes").expect("writes");
        let error = Sealer::load_or_create(&path).expect_err("is no key").to_string();
        assert!(error.contains("jules.key") && !error.contains("my notes"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "my notes");
    }
}
