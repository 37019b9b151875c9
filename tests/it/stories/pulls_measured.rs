//! What watching pull requests costs, and how late it tells: printed by a run that asks for it.

use super::pulls::{TOKEN, opened, pull};
use crate::harness::bot::{Bot, Place};
use domain::pull::{PullRef, PullSight, PullState, WatchedPull, next_look};
use jiff::{SignedDuration, Timestamp};

/// How many calls an hour a pull request costs that changed so long ago, by the rhythm: five for each look.
fn calls_an_hour(quiet: SignedDuration, is_told: bool) -> i64 {
    let changed = Timestamp::from_second(1_800_000_000).unwrap();
    let begin = changed + quiet;
    let (mut at, mut looks) = (begin, 0);
    while let Some(next) = next_look(None, changed, is_told, at) {
        if next > begin + SignedDuration::from_hours(1) {
            break;
        }
        (at, looks) = (next, looks + 1);
    }
    looks * 5
}

#[test]
fn watching_stays_within_githubs_limits_by_its_rhythm() {
    // Not watched, told by webhooks: half an hour, a day, a week after the last change.
    let of = |is_told| {
        [0, 60, 25 * 60, 8 * 24 * 60]
            .map(|minutes| calls_an_hour(SignedDuration::from_mins(minutes), is_told))
    };
    assert_eq!(of(false), [18 * 5, 6 * 5, 2 * 5, 0]);
    assert_eq!(of(true), [2 * 5, 0, 0, 0]);
}

#[tokio::test]
async fn a_quiet_pull_request_costs_a_tokens_limit_nothing() {
    let mut bot = Bot::new(Place::file()).await;
    opened(&mut bot).await;
    bot.watch(300).await;
    bot.github().clear_calls();
    bot.watch(3_600).await;
    let calls = bot.github().calls();
    let counted = calls.iter().filter(|call| call.code != 304).count();
    assert!(calls.iter().all(|call| call.token.as_deref() == Some(TOKEN)));
    assert!(calls.len() <= 100, "{}", calls.len());
    assert_eq!(counted, 0, "{calls:#?}");
}

#[tokio::test]
async fn a_merge_is_told_within_the_rhythm() {
    let mut late = Vec::new();
    for minutes in [1, 20, 60, 300] {
        let mut bot = Bot::new(Place::file()).await;
        opened(&mut bot).await;
        bot.watch(minutes * 60 + 17).await;
        pull(&bot).merge("cy");
        let merged = bot.hands.now();
        while !bot.said().contains("was *merged*") {
            bot.watch(10).await;
        }
        late.push(bot.hands.now().duration_since(merged).as_secs());
    }
    // Within two minutes while things happen, within ten later.
    assert!(late[0] <= 130 && late.iter().all(|seconds| *seconds <= 610), "{late:?}");
}

/// A document of the least and of the most that is kept stays small: it is written at each look that shows a change.
#[test]
fn the_document_of_a_pull_request_stays_small() {
    let text = include_str!("../../fixtures/records/pull.v1.json");
    let mut doc: WatchedPull = serde_json::from_str(text).unwrap();
    let sight: &mut PullSight = doc.sight.as_mut().unwrap();
    assert_eq!(sight.pull.state, PullState::Open);
    let review = sight.reviews[0].clone();
    sight.reviews = vec![review; 100];
    doc.quotes = (0..5).map(|n| (n, "x".repeat(3_000))).collect();
    let bytes = serde_json::to_vec(&doc).unwrap().len();
    assert!(bytes < 64 * 1024, "{bytes}");
    assert!(PullRef::parse("https://github.com/acme/web/pull/214").is_some());
}
