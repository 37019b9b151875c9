//! This machine's clock, against those of both APIs.
//!
//! A clock that is more than five minutes off has every request of Slack refused as a replay.

use super::{Check, Environment};
use jiff::SignedDuration;
use platform::clock::date_of;
use reqwest::Client;
use std::sync::Arc;
use url::Url;

const NAME: &str = "clock";

/// Off by more than this is odd.
const ODD: SignedDuration = SignedDuration::from_secs(60);

/// Off by more than this, no signature of Slack is believed (slack-platform.md §1).
const BROKEN: SignedDuration = SignedDuration::from_secs(300);

const SET_IT: &str = "Let this machine set its clock by NTP.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let Ok(http) = case.http() else {
        return vec![Check::no_client(NAME)];
    };
    let of = async |name: &'static str, url: &Option<Url>| {
        Some((name, skew(&case, &http, url.as_ref()?).await?))
    };
    let (slack, jules) =
        tokio::join!(of("Slack", &case.parts.slack_url), of("Jules", &case.parts.jules_url));
    vec![judged(&[slack, jules].into_iter().flatten().collect::<Vec<_>>())]
}

/// How far ahead of theirs our clock is; `None` when they do not tell.
async fn skew(case: &Environment, http: &Client, url: &Url) -> Option<SignedDuration> {
    let before = (case.clock)();
    // Any answer has the header, a refusal too.
    let answer = http.get(url.clone()).send().await.ok()?;
    let after = (case.clock)();
    let theirs = date_of(answer.headers())?;
    // They wrote it somewhere in between, and without fractions.
    Some(if theirs > after {
        after.duration_since(theirs)
    } else {
        before.duration_since(theirs).max(SignedDuration::ZERO)
    })
}

fn judged(skews: &[(&'static str, SignedDuration)]) -> Check {
    let Some((name, skew)) = skews.iter().max_by_key(|(_, skew)| skew.abs()) else {
        return Check::warning(
            NAME,
            "could not be compared: neither Slack nor Jules told the time",
            "Mend what keeps them from answering, and run this again.",
        );
    };
    let direction = if skew.is_negative() { "behind" } else { "ahead of" };
    let words = format!("this machine is {} s {direction} {name}'s", skew.abs().as_secs());
    match skew.abs() {
        off if off > BROKEN => Check::failure(
            NAME,
            format!("{words}; beyond five minutes Slack's requests are refused"),
            SET_IT,
        ),
        off if off > ODD => Check::warning(NAME, words, SET_IT),
        _ => Check::ok(NAME, "agrees with Slack's and Jules' within a minute"),
    }
}
