//! How much of GitHub may still be asked for. Its limit is shared with whatever else uses the token, or, without
//! one, with everyone behind the same address; so watching takes a fifth of it, and what a person waits for goes
//! first. [GitHub: rate limits for the REST API]

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::collections::VecDeque;

/// Who waits for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A person does.
    Person,
    /// Nobody: a pull request's turn has come.
    Watch,
}

/// Without a token GitHub allows 60 calls an hour to an address. We make at most so many.
pub(crate) const ANONYMOUS_AN_HOUR: usize = 40;
/// Of those, watching leaves the rest to what people wait for.
const ANONYMOUS_WATCH: usize = 30;
/// Watching stops while no more than this is left of the 60: others share the address.
const ANONYMOUS_RESERVE: u32 = 20;

/// GitHub's usual limit with a token, until it says another.
const USUAL_LIMIT: u32 = 5_000;
/// Watching takes one part in so many of the limit.
const SHARE: u32 = 5;
/// Watching stops while no more than one part in so many is left: others use the token.
const RESERVE: u32 = 10;

/// GitHub counts by the hour.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// How long a limit that doesn't say for how long is respected.
const REST: SignedDuration = SignedDuration::from_secs(60);
/// The longest that GitHub is believed to ask for.
const LONGEST: SignedDuration = SignedDuration::from_mins(90);

/// What is known of the limit.
#[derive(Debug)]
pub(crate) struct Limits {
    is_anonymous: bool,
    limit: u32,
    remaining: Option<u32>,
    reset: Option<Timestamp>,
    /// GitHub asked to wait until then.
    blocked: Option<Timestamp>,
    /// When calls that count were made in the last hour: all without a token, those of watching with one.
    counted: VecDeque<Timestamp>,
}

impl Limits {
    pub(crate) fn new(is_anonymous: bool) -> Self {
        Self {
            is_anonymous,
            limit: if is_anonymous { 60 } else { USUAL_LIMIT },
            remaining: None,
            reset: None,
            blocked: None,
            counted: VecDeque::new(),
        }
    }

    /// Whether a call may be made now.
    ///
    /// # Errors
    /// When it may.
    pub(crate) fn may_call(&mut self, urgency: Urgency, now: Timestamp) -> Result<(), Timestamp> {
        self.forget_old(now);
        if let Some(until) = self.blocked {
            return Err(until);
        }
        let oldest = self.counted.front().map_or(now + REST, |first| *first + WINDOW);
        let reset = self.reset.unwrap_or(now + REST);
        let is_short = |reserve| self.remaining.is_some_and(|left| left <= reserve);
        match (self.is_anonymous, urgency) {
            (true, Urgency::Person) if self.counted.len() >= ANONYMOUS_AN_HOUR => Err(oldest),
            (true, Urgency::Watch) if self.counted.len() >= ANONYMOUS_WATCH => Err(oldest),
            (true, Urgency::Watch) if is_short(ANONYMOUS_RESERVE) => Err(reset),
            (false, Urgency::Watch) if is_short(self.limit / RESERVE) => Err(reset),
            (false, Urgency::Watch) if self.counted.len() >= self.share() => Err(oldest),
            (_, Urgency::Person | Urgency::Watch) => Ok(()),
        }
    }

    fn share(&self) -> usize {
        usize::try_from(self.limit / SHARE).unwrap_or(usize::MAX)
    }

    /// Counts a call that was answered; `None` where no answer came, which may have counted there. With a token an
    /// answer 304 is free.
    pub(crate) fn answered(
        &mut self,
        urgency: Urgency,
        answer: Option<(u16, &HeaderMap)>,
        now: Timestamp,
    ) {
        let is_free = !self.is_anonymous && answer.is_some_and(|(code, _)| code == 304);
        let is_counted = self.is_anonymous || urgency == Urgency::Watch;
        if is_counted && !is_free {
            self.counted.push_back(now);
        }
        let Some((code, headers)) = answer else { return };
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        if let Some(limit) = number("x-ratelimit-limit").filter(|limit| *limit > 0) {
            self.limit = limit;
        }
        if let Some(remaining) = number("x-ratelimit-remaining") {
            self.remaining = Some(remaining);
            self.reset = reset_of(headers).map(|reset| reset.min(now + LONGEST));
        }
        if matches!(code, 403 | 429) {
            self.blocked = blocked_until(code, headers, self.remaining, self.reset, now);
        }
    }

    /// Until when GitHub asked to wait, if it did.
    pub(crate) fn blocked(&self) -> Option<Timestamp> {
        self.blocked
    }

    /// GitHub says in the body that it's the secondary limit, without saying for how long.
    pub(crate) fn block(&mut self, now: Timestamp) -> Timestamp {
        *self.blocked.insert(now + REST)
    }

    fn forget_old(&mut self, now: Timestamp) {
        // What lies ahead was counted before the clock was set back.
        self.counted.retain(|at| *at + WINDOW > now && *at <= now);
        self.blocked.take_if(|until| *until <= now || *until > now + LONGEST);
        if self.reset.is_some_and(|reset| reset <= now) {
            (self.remaining, self.reset) = (None, None);
        }
    }
}

fn reset_of(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get("x-ratelimit-reset")?.to_str().ok()?;
    Timestamp::from_second(text.trim().parse().ok()?).ok()
}

/// Whether a refusal is about a limit, and until when. [GitHub: exceeding the rate limit]
fn blocked_until(
    code: u16,
    headers: &HeaderMap,
    remaining: Option<u32>,
    reset: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    if let Some(seconds) = asked.and_then(|text| text.trim().parse::<i64>().ok()) {
        return Some(now + SignedDuration::from_secs(seconds.max(1)).min(LONGEST));
    }
    if remaining == Some(0) {
        return Some(reset.unwrap_or(now + REST).max(now + SignedDuration::from_secs(1)));
    }
    (code == 429 || asked.is_some()).then_some(now + REST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
            })
            .collect()
    }

    fn left(remaining: u32, limit: u32) -> HeaderMap {
        headers(&[
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", remaining.to_string()),
            ("x-ratelimit-reset", at(1_800).as_second().to_string()),
        ])
    }

    #[test]
    fn without_a_token_there_are_forty_calls_an_hour_and_people_go_first() {
        let mut limits = Limits::new(true);
        for n in 0..30 {
            assert_eq!(limits.may_call(Urgency::Watch, at(n)), Ok(()), "{n}");
            limits.answered(Urgency::Watch, Some((304, &HeaderMap::new())), at(n));
        }
        assert_eq!(limits.may_call(Urgency::Watch, at(30)), Err(at(3_600)));
        for n in 30..40 {
            assert_eq!(limits.may_call(Urgency::Person, at(n)), Ok(()), "{n}");
            limits.answered(Urgency::Person, None, at(n));
        }
        assert_eq!(limits.may_call(Urgency::Person, at(40)), Err(at(3_600)));
        assert_eq!(limits.may_call(Urgency::Person, at(3_601)), Ok(()));
    }

    #[test]
    fn others_behind_the_same_address_are_left_their_share() {
        let mut limits = Limits::new(true);
        limits.answered(Urgency::Watch, Some((200, &left(20, 60))), at(0));
        assert_eq!(limits.may_call(Urgency::Watch, at(1)), Err(at(1_800)));
        assert_eq!(limits.may_call(Urgency::Person, at(1)), Ok(()));
        assert_eq!(limits.may_call(Urgency::Watch, at(1_800)), Ok(()));
    }

    #[test]
    fn with_a_token_watching_takes_a_fifth_and_what_did_not_change_is_free() {
        let mut limits = Limits::new(false);
        let some_left = left(4_000, 5_000);
        for _ in 0..2_000 {
            limits.answered(Urgency::Watch, Some((304, &some_left)), at(0));
            limits.answered(Urgency::Person, Some((200, &some_left)), at(0));
        }
        assert_eq!(limits.may_call(Urgency::Watch, at(0)), Ok(()));
        for _ in 0..1_000 {
            limits.answered(Urgency::Watch, Some((200, &some_left)), at(1));
        }
        assert_eq!(limits.may_call(Urgency::Watch, at(2)), Err(at(3_601)));
        assert_eq!(limits.may_call(Urgency::Person, at(2)), Ok(()));
        let mut limits = Limits::new(false);
        limits.answered(Urgency::Person, Some((200, &left(500, 5_000))), at(0));
        assert_eq!(limits.may_call(Urgency::Watch, at(2)), Err(at(1_800)));
    }

    #[test]
    fn a_limit_is_respected_for_as_long_as_github_says() {
        let seconds = |text: &str| headers(&[("retry-after", text.to_owned())]);
        for (code, said, until) in [
            (429, HeaderMap::new(), Some(60)),
            (403, HeaderMap::new(), None),
            (403, seconds("17"), Some(17)),
            (429, seconds("0"), Some(1)),
            (429, seconds("999999999"), Some(5_400)),
            (403, seconds("soon"), Some(60)),
            (403, left(0, 5_000), Some(1_800)),
            (403, left(5, 5_000), None),
        ] {
            let mut limits = Limits::new(false);
            limits.answered(Urgency::Person, Some((code, &said)), at(0));
            assert_eq!(limits.blocked(), until.map(at), "{code} {said:?}");
            let may = limits.may_call(Urgency::Person, at(0));
            assert_eq!(may, until.map_or(Ok(()), |until| Err(at(until))), "{code} {said:?}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_blocks_nothing() {
        let mut limits = Limits::new(false);
        limits.answered(Urgency::Person, Some((429, &HeaderMap::new())), at(1_000_000));
        assert_eq!(limits.may_call(Urgency::Person, at(0)), Ok(()));
    }
}
