//! Whether a request really comes from Slack.
//!
//! slack-morphism has a verifier too; this one takes bytes rather than UTF-8 text, since Slack signs
//! the bytes it sends, and takes the time as an argument rather than reading the system's clock.
//! It also knows several secrets, so that one can be replaced without a request being refused.

use data_encoding::HEXLOWER;
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How far a request's time may be from ours, in seconds, either way. [Slack: verifying requests]
const WINDOW: u64 = 300;

/// The bytes of a signature.
const DIGEST: usize = 32;

/// Checks signatures against the signing secrets of the app. [Slack: verifying requests]
///
/// It remembers nothing: the same request again within five minutes passes again, and is told apart
/// by its [`delivery_id`](crate::inbound::Payload::delivery_id).
pub struct Verifier {
    keys: Vec<Hmac<Sha256>>,
}

/// What the head of a request says of its signature.
#[derive(Debug)]
pub struct Claim<'h> {
    timestamp: &'h str,
    digest: Vec<u8>,
}

/// Why a request is not believed. All of them are answered with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header is missing, or the time is not a number: not from Slack at all.
    #[error("the request is not signed")]
    Missing,
    /// Signed more than five minutes before or after `now`: a replay, or a wrong clock here.
    #[error("the request's time is more than five minutes off: a replay, or this machine's clock")]
    Stale,
    /// No secret makes this signature for these bytes.
    #[error(
        "the request's signature is wrong: it is not from Slack, or SLACK_SIGNING_SECRET is not the \
         app's signing secret (the client secret looks the same)"
    )]
    Wrong,
}

impl Verifier {
    /// Takes every secret that may sign: usually one, two while the old one is being replaced.
    ///
    /// An empty secret is left out, as anybody can sign with it; with none left, all is refused.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the secrets are wiped when this returns")]
    pub fn new(secrets: Vec<Secret>) -> Self {
        let keys = secrets
            .iter()
            .map(|secret| secret.expose().as_bytes())
            .filter(|secret| !secret.is_empty())
            .filter_map(|secret| Hmac::new_from_slice(secret).ok())
            .collect();
        Self { keys }
    }

    /// What the head of a request says of its signature, if anyone may have signed it around `now`: what
    /// is refused here need not have its body read.
    ///
    /// `signature` is the header `X-Slack-Signature`, `timestamp` is `X-Slack-Request-Timestamp`
    /// (Unix seconds).
    ///
    /// # Errors
    /// [`Refused`], always to be answered with 401 and nothing else.
    pub fn claim<'h>(
        &self,
        signature: Option<&str>,
        timestamp: Option<&'h str>,
        now: Timestamp,
    ) -> Result<Claim<'h>, Refused> {
        let (Some(signature), Some(timestamp)) = (signature, timestamp) else {
            return Err(Refused::Missing);
        };
        let signed_at: i64 = timestamp.parse().map_err(|_| Refused::Missing)?;
        if now.as_second().abs_diff(signed_at) > WINDOW {
            return Err(Refused::Stale);
        }
        let digest = signature.strip_prefix("v0=").ok_or(Refused::Wrong)?;
        let digest = HEXLOWER.decode(digest.as_bytes()).map_err(|_| Refused::Wrong)?;
        if digest.len() != DIGEST || self.keys.is_empty() {
            return Err(Refused::Wrong);
        }
        Ok(Claim { timestamp, digest })
    }

    /// Whether Slack signed `body`, exactly as it was received, as its head claims. The comparison takes the
    /// same time however much of the signature is right.
    ///
    /// # Errors
    /// [`Refused::Wrong`].
    pub fn prove(&self, claim: &Claim<'_>, body: &[u8]) -> Result<(), Refused> {
        let made_by = |key: &Hmac<Sha256>| {
            let mut mac = key.clone();
            for part in [b"v0:", claim.timestamp.as_bytes(), b":", body] {
                mac.update(part);
            }
            mac.verify_slice(&claim.digest).is_ok()
        };
        if self.keys.iter().any(made_by) { Ok(()) } else { Err(Refused::Wrong) }
    }

    /// Both at once, for a request that is here already.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn verify(
        &self,
        signature: Option<&str>,
        timestamp: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.prove(&self.claim(signature, timestamp, now)?, body)
    }
}

/// The signature that Slack gives a body at this time, for code that plays Slack.
#[must_use]
pub fn sign(secret: &Secret, now: Timestamp, body: &[u8]) -> String {
    // A key of any length will do for this algorithm.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    let time = now.as_second().to_string();
    for part in [b"v0:", time.as_bytes(), b":", body] {
        mac.update(part);
    }
    format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The example of Slack's own page on verifying requests.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const TIME: i64 = 1_531_420_618;
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn verifier(secrets: &[&str]) -> Verifier {
        Verifier::new(secrets.iter().map(|&secret| Secret::new(secret)).collect())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn check(secrets: &[&str], signature: &str, body: &[u8], now: i64) -> Result<(), Refused> {
        verifier(secrets).verify(Some(signature), Some(&TIME.to_string()), body, at(now))
    }

    #[test]
    fn slacks_own_example_passes() {
        assert_eq!(check(&[SECRET], SIGNATURE, BODY.as_bytes(), TIME), Ok(()));
    }

    #[test]
    fn what_is_signed_here_is_as_slack_signs_it() {
        assert_eq!(sign(&Secret::new(SECRET), at(TIME), BODY.as_bytes()), SIGNATURE);
    }

    #[test]
    fn any_of_several_secrets_may_have_signed() {
        assert_eq!(check(&["new", SECRET], SIGNATURE, BODY.as_bytes(), TIME), Ok(()));
        assert_eq!(check(&["new"], SIGNATURE, BODY.as_bytes(), TIME), Err(Refused::Wrong));
    }

    #[test]
    fn five_minutes_either_way_are_allowed_and_no_second_more() {
        for (off, expected) in
            [(300, Ok(())), (-300, Ok(())), (301, Err(Refused::Stale)), (-301, Err(Refused::Stale))]
        {
            assert_eq!(check(&[SECRET], SIGNATURE, BODY.as_bytes(), TIME + off), expected, "{off}");
        }
    }

    #[test]
    fn without_both_headers_nothing_is_believed() {
        let verifier = verifier(&[SECRET]);
        let time = TIME.to_string();
        for (signature, timestamp) in [
            (None, None),
            (Some(SIGNATURE), None),
            (None, Some(time.as_str())),
            (Some(SIGNATURE), Some("soon")),
            (Some(SIGNATURE), Some("")),
        ] {
            let verdict = verifier.verify(signature, timestamp, BODY.as_bytes(), at(TIME));
            assert_eq!(verdict, Err(Refused::Missing), "{signature:?} {timestamp:?}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(format!("v0:{TIME}:body").as_bytes());
        let signature = format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        assert_eq!(check(&[""], &signature, b"body", TIME), Err(Refused::Wrong));
        assert_eq!(check(&[], &signature, b"body", TIME), Err(Refused::Wrong));
    }

    #[test]
    fn a_body_that_is_no_text_can_be_signed_too() {
        let body = [0xff, 0x00, 0xfe];
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("v0:{TIME}:").as_bytes());
        mac.update(&body);
        let signature = format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        assert_eq!(check(&[SECRET], &signature, &body, TIME), Ok(()));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_refused(place: prop::sample::Index, bit in 0u8..8) {
            let time = TIME.to_string();
            let mut all = [SIGNATURE.as_bytes(), time.as_bytes(), BODY.as_bytes()].concat();
            let place = place.index(all.len());
            all[place] ^= 1 << bit;
            let (signature, rest) = all.split_at(SIGNATURE.len());
            let (timestamp, body) = rest.split_at(time.len());
            // Headers that are no text do not reach the verifier.
            let (signature, timestamp) =
                (std::str::from_utf8(signature).ok(), std::str::from_utf8(timestamp).ok());
            prop_assert!(verifier(&[SECRET]).verify(signature, timestamp, body, at(TIME)).is_err());
        }

        #[test]
        fn no_other_signature_passes(signature: String, timestamp: String, body: Vec<u8>) {
            let verdict =
                verifier(&[SECRET]).verify(Some(&signature), Some(&timestamp), &body, at(TIME));
            prop_assert!(verdict.is_err());
        }
    }
}
