//! A corrected command behind a button: what it says, for whom, where, and how long.
//!
//! A button's value comes back from outside, so it grants nothing. The command runs as the person who clicks,
//! where they click, and only if the value was made for both: they could have typed it there.

use super::ids::{ChannelId, DeliveryId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// As long as Slack takes answers to the command that it corrects.
const LIVES: SignedDuration = SignedDuration::from_mins(30);

/// Slack takes a button's value of at most this length (slack-platform.md §9).
const LONGEST: usize = 2000;

/// A command that its author can run with a click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    by: UserId,
    channel: Option<ChannelId>,
    at: Timestamp,
    text: String,
}

/// Why an offer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleOffer {
    /// It was made too long ago.
    Expired,
    /// It was made for someone else, or for another place.
    NotTheirs,
    /// It was taken before.
    Used,
}

impl Offer {
    /// An offer to run `text`; `None` for one that no button can carry.
    #[must_use]
    pub fn new(
        text: &str,
        by: &UserId,
        channel: Option<&ChannelId>,
        now: Timestamp,
    ) -> Option<Self> {
        let (by, channel, text) = (by.clone(), channel.cloned(), text.to_owned());
        let offer = Self { by, channel, at: now, text };
        let fits = offer.to_string().encode_utf16().count() <= LONGEST;
        fits.then_some(offer)
    }

    /// Reads a button's value.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.splitn(4, ' ');
        let (by, channel, at) = (parts.next()?, parts.next()?, parts.next()?);
        let channel = match channel {
            "-" => None,
            id => Some(ChannelId::parse(id).ok()?),
        };
        Some(Self {
            by: UserId::parse(by).ok()?,
            channel,
            at: Timestamp::from_millisecond(at.parse().ok()?).ok()?,
            text: parts.next()?.to_owned(),
        })
    }

    /// What is typed after `/jules` for it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names its run, however often it is clicked: there is one.
    #[must_use]
    pub fn delivery(&self) -> DeliveryId {
        DeliveryId::of(&["offer", &self.to_string()])
    }

    /// Whether this person can take it here and now.
    ///
    /// # Errors
    /// Why not.
    pub fn accepts(
        &self,
        by: &UserId,
        channel: Option<&ChannelId>,
        now: Timestamp,
    ) -> Result<(), StaleOffer> {
        if self.by != *by || self.channel.as_ref() != channel {
            return Err(StaleOffer::NotTheirs);
        }
        let age = now.duration_since(self.at);
        if age.is_negative() || age > LIVES { Err(StaleOffer::Expired) } else { Ok(()) }
    }
}

/// The value of its button.
impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = self.channel.as_ref().map_or("-", ChannelId::as_str);
        write!(f, "{} {channel} {} {}", self.by, self.at.as_millisecond(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn channel(id: &str) -> ChannelId {
        ChannelId::parse(id).unwrap()
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn its_value_is_read_again() {
        let (ann, dev) = (user("U1"), channel("C1"));
        for (text, place) in [("repo=a fix it\n\n  now", Some(&dev)), ("list", None)] {
            let offer = Offer::new(text, &ann, place, NOW).unwrap();
            let again = Offer::parse(&offer.to_string()).unwrap();
            assert_eq!(again, offer);
            assert_eq!(again.text(), text);
            assert_eq!(again.delivery(), offer.delivery());
        }
        for value in ["", "U1", "U1 C1", "U1 C1 0", "U1 C/1 0 x", "U1 C1 soon x"] {
            assert_eq!(Offer::parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn what_no_button_can_carry_is_not_offered() {
        let fits = |text: &str| Offer::new(text, &user("U1"), None, NOW).is_some();
        assert!(fits(&"x".repeat(1900)));
        assert!(!fits(&"x".repeat(2000)));
        assert!(!fits(&"🚀".repeat(1000)));
    }

    #[test]
    fn it_is_for_its_author_in_its_place_for_half_an_hour() {
        let (ann, dev) = (user("U1"), channel("C1"));
        let offer = Offer::new("list", &ann, Some(&dev), NOW).unwrap();
        let later = |minutes| NOW + SignedDuration::from_mins(minutes);
        assert_eq!(offer.accepts(&ann, Some(&dev), later(30)), Ok(()));
        assert_eq!(offer.accepts(&ann, Some(&dev), later(31)), Err(StaleOffer::Expired));
        assert_eq!(offer.accepts(&ann, Some(&dev), later(-1)), Err(StaleOffer::Expired));
        for (by, place) in [("U2", Some("C1")), ("U1", Some("C2")), ("U1", None)] {
            let place = place.map(channel);
            let refused = offer.accepts(&user(by), place.as_ref(), NOW);
            assert_eq!(refused, Err(StaleOffer::NotTheirs), "{by} {place:?}");
        }
    }
}
