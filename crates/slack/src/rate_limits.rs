//! Which calls have to wait because Slack asked for it.
//!
//! Slack counts calls per method, workspace and app, and for `chat.postMessage` per channel. After a
//! 429 only those calls have to wait; whatever else there is to do goes on. [Slack: rate limits]

use domain::ids::InstallationId;
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// What Slack counts together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bucket {
    /// Whose calls.
    pub(super) installation: InstallationId,
    /// The method, such as `chat.update`.
    pub(super) method: String,
    /// The channel, for the one method that is counted by channel.
    pub(super) channel: Option<String>,
}

/// The lanes that are closed.
#[derive(Debug, Default)]
pub(super) struct RateLimits(Mutex<HashMap<Bucket, Closed>>);

/// When a lane was closed, and until when.
#[derive(Debug)]
struct Closed {
    at: Timestamp,
    until: Timestamp,
}

impl Closed {
    /// Not if the clock was set back since: nobody knows then how long it still is, and Slack is asked again.
    fn still_is(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.until
    }
}

impl RateLimits {
    /// How long calls of this lane still have to wait; `None` when it is open.
    pub(super) fn wait(&self, lane: &Bucket, now: Timestamp) -> Option<Duration> {
        let lanes = lock(&self.0);
        let closed = lanes.get(lane).filter(|closed| closed.still_is(now))?;
        Some(closed.until.duration_since(now).unsigned_abs())
    }

    /// Closes a lane for as long as Slack asks, and forgets those that have opened again.
    pub(super) fn close(&self, lane: Bucket, after: Duration, now: Timestamp) {
        let until = SignedDuration::try_from(after)
            .ok()
            .and_then(|after| now.checked_add(after).ok())
            .unwrap_or(Timestamp::MAX);
        let mut lanes = lock(&self.0);
        lanes.retain(|_, closed| closed.still_is(now));
        lanes.insert(lane, Closed { at: now, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(method: &str) -> Bucket {
        let installation = InstallationId::of_token("xoxb-1");
        Bucket { installation, method: method.to_owned(), channel: None }
    }

    #[test]
    fn a_closed_lane_opens_again_at_its_time_and_is_forgotten() {
        let lanes = RateLimits::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        lanes.close(lane("chat.update"), Duration::from_secs(30), at(100));
        assert_eq!(lanes.wait(&lane("chat.update"), at(110)), Some(Duration::from_secs(20)));
        assert_eq!(lanes.wait(&lane("chat.postMessage"), at(110)), None);
        assert_eq!(lanes.wait(&lane("chat.update"), at(130)), None);

        lanes.close(lane("views.open"), Duration::MAX, at(130));
        assert_eq!(lanes.0.lock().unwrap().len(), 1);
        assert!(lanes.wait(&lane("views.open"), at(1_000_000)).is_some());
    }

    #[test]
    fn a_lane_that_was_closed_while_the_clock_was_ahead_is_open_once_it_is_set_back() {
        let lanes = RateLimits::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        lanes.close(lane("chat.update"), Duration::from_secs(30), at(172_800));
        assert!(lanes.wait(&lane("chat.update"), at(172_801)).is_some());
        assert_eq!(lanes.wait(&lane("chat.update"), at(10)), None);
    }
}
