//! The `state` of an installation: what shows, when someone comes back from Slack, that they set out from here, a
//! moment ago and in the same browser. Without it, anyone could have someone else's browser finish an installation
//! of theirs. [Slack: Installing with OAuth; OAuth 2.0, section 10.12]

use super::oauth::Oauth;
use data_encoding::HEXLOWER;
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

/// As long as Slack's code works, from setting out. [Slack: oauth.v2.access]
pub const STATE_LIVES: SignedDuration = SignedDuration::from_mins(10);

/// Why a `state` is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadState {
    /// There is none: the installation did not begin here.
    #[error("it did not begin here")]
    Missing,
    /// It is another browser's, or made up.
    #[error("it began in another browser, or is made up")]
    Foreign,
    /// It began too long ago.
    #[error("it began more than ten minutes ago")]
    Expired,
}

impl Oauth {
    /// A new `state`, made of random bytes. It goes along to Slack, and stays in a cookie.
    #[must_use]
    pub fn new_state(&self, random: [u8; 16], now: Timestamp) -> String {
        let until = (now + STATE_LIVES).as_second();
        let body = format!("{until}.{}", HEXLOWER.encode(&random));
        format!("{body}.{}", HEXLOWER.encode(&self.seal(&body)))
    }

    /// Whether the `state` that came back is one of ours, not too old, and of this browser, which kept it as a
    /// cookie.
    ///
    /// # Errors
    /// [`BadState`].
    pub fn check_state(
        &self,
        state: Option<&str>,
        cookie: Option<&str>,
        now: Timestamp,
    ) -> Result<(), BadState> {
        let state = state.ok_or(BadState::Missing)?;
        let (body, seal) = state.rsplit_once('.').ok_or(BadState::Foreign)?;
        let seal = HEXLOWER.decode(seal.as_bytes()).map_err(|_| BadState::Foreign)?;
        let mac = self.mac(body).ok_or(BadState::Foreign)?;
        mac.verify_slice(&seal).map_err(|_| BadState::Foreign)?;
        // What is proven to be ours gives nothing away by how long it takes to compare.
        if cookie != Some(state) {
            return Err(BadState::Foreign);
        }
        let until = body.split('.').next().and_then(|until| until.parse::<i64>().ok());
        match until {
            Some(until) if now.as_second() <= until => Ok(()),
            Some(_) | None => Err(BadState::Expired),
        }
    }

    fn mac(&self, body: &str) -> Option<Hmac<Sha256>> {
        let key: &Secret = self.secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).ok()?;
        mac.update(b"jules-slack install\n");
        mac.update(body.as_bytes());
        Some(mac)
    }

    fn seal(&self, body: &str) -> Vec<u8> {
        self.mac(body).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::{Connector, Deadlines};
    use std::sync::Arc;

    fn oauth(secret: &str) -> Oauth {
        let url = "https://slack.com/api".parse().unwrap();
        let clock = Arc::new(|| Timestamp::UNIX_EPOCH);
        let connector = Connector::new(&url, Deadlines::default(), clock).unwrap();
        Oauth::new(connector, "1.2".to_owned(), Secret::new(secret))
    }

    #[test]
    fn only_ones_own_state_is_believed_for_ten_minutes() {
        platform::tls::install();
        let (oauth, now) = (oauth("secret"), Timestamp::UNIX_EPOCH);
        let state = oauth.new_state([7; 16], now);
        let check = |state: Option<&str>, cookie: Option<&str>, seconds: i64| {
            oauth.check_state(state, cookie, now + SignedDuration::from_secs(seconds))
        };
        assert_eq!(check(Some(&state), Some(&state), 0), Ok(()));
        assert_eq!(check(Some(&state), Some(&state), 600), Ok(()));
        assert_eq!(check(Some(&state), Some(&state), 601), Err(BadState::Expired));
        assert_eq!(check(None, Some(&state), 0), Err(BadState::Missing));
        assert_eq!(check(Some(&state), None, 0), Err(BadState::Foreign));
        let other = oauth.new_state([8; 16], now);
        assert_eq!(check(Some(&state), Some(&other), 0), Err(BadState::Foreign));
        for forged in ["", ".", "600.07", &state.replace('.', "x"), &format!("9{state}")] {
            assert_eq!(check(Some(forged), Some(forged), 0), Err(BadState::Foreign), "{forged}");
        }
        let theirs = self::oauth("another").new_state([7; 16], now);
        assert_eq!(check(Some(&theirs), Some(&theirs), 0), Err(BadState::Foreign));
    }
}
