//! The one clock. Decisions take `now` as an argument; what has to read the time is given a [`Clock`]. Where a
//! service's own times are compared with ours, a [`ServiceClock`] says how far apart the two are.

use crate::lock::lock;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};
use std::fmt;
use std::sync::{Arc, Mutex};

/// Tells the time. Tests and the simulations are given one that stands until it is moved.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    Arc::new(Timestamp::now)
}

/// Whether something that was noted at a time is still younger than so long. What seems to come from the future was
/// noted before the clock was set back, and isn't: nobody knows how old it is.
#[must_use]
pub fn is_younger(noted: Timestamp, than: SignedDuration, now: Timestamp) -> bool {
    let age = now.duration_since(noted);
    !age.is_negative() && age < than
}

/// A service's clock, as far as its answers tell. Clones share what is known.
#[derive(Clone)]
pub struct ServiceClock {
    ours: Clock,
    /// How far it is ahead of ours, by the last answer.
    ahead: Arc<Mutex<Option<SignedDuration>>>,
}

impl ServiceClock {
    /// The clock of a service that has not answered yet.
    #[must_use]
    pub fn new(ours: Clock) -> Self {
        Self { ours, ahead: Arc::default() }
    }

    /// Takes in when an answer was written. Call it as soon as the answer is there.
    pub fn note(&self, date: Option<Timestamp>) {
        if let Some(date) = date {
            *lock(&self.ahead) = Some(date.duration_since((self.ours)()));
        }
    }

    /// What the service's clock shows when ours shows this; `None` before its first answer.
    #[must_use]
    pub fn at(&self, ours: Timestamp) -> Option<Timestamp> {
        let ahead = *lock(&self.ahead);
        ours.checked_add(ahead?).ok()
    }
}

impl fmt::Debug for ServiceClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServiceClock").field(&*lock(&self.ahead)).finish()
    }
}

/// When an answer was written, by the clock of the service that wrote it: the header `Date`, in whole seconds.
#[must_use]
pub fn date_of(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_the_future_is_not_young() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let minute = SignedDuration::from_mins(1);
        assert!(is_younger(at(100), minute, at(100)) && is_younger(at(100), minute, at(159)));
        assert!(!is_younger(at(100), minute, at(160)));
        assert!(!is_younger(at(172_800), minute, at(100)), "the clock was set back");
    }

    #[test]
    fn a_services_clock_is_as_far_ahead_as_its_last_answer_says() {
        let noon: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let service = ServiceClock::new(Arc::new(move || noon));
        assert_eq!(service.at(noon), None);
        let minute = SignedDuration::from_mins(1);
        service.note(Some(noon + minute));
        service.note(None);
        assert_eq!(service.at(noon), Some(noon + minute));
        service.note(Some(noon - minute));
        assert_eq!(service.at(noon + minute), Some(noon));
        assert_eq!(service.at(Timestamp::MIN), None);
    }

    #[test]
    fn the_header_is_read_as_http_writes_it() {
        let mut headers = HeaderMap::new();
        assert_eq!(date_of(&headers), None);
        headers.insert(DATE, "Tue, 24 Nov 2026 12:00:00 GMT".parse().unwrap());
        assert_eq!(date_of(&headers), Some("2026-11-24T12:00:00Z".parse().unwrap()));
        headers.insert(DATE, "noon".parse().unwrap());
        assert_eq!(date_of(&headers), None);
    }
}
