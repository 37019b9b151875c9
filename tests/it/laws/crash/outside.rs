//! The card was deleted, and Slack posts in the channel what is meant for its thread. Wherever the process dies on the
//! way, before or after any write and any call: nothing of it stays in the channel, and its author is told
//! in private.

use super::flow::On;
use crate::harness::bot::Bot;
use crate::harness::fate::Fate;

/// How a run ended.
struct End {
    /// The points that were passed.
    passed: Vec<String>,
    died: Option<String>,
    /// The channel, and what its author was told.
    channel: String,
    private: String,
}

/// The root leaves a tombstone when it has replies, and nothing otherwise.
async fn deleted(on: On, death: Option<usize>) -> End {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
    bot.watch(10).await;
    bot.slack.admin_deletes("dev", &bot.root()).await;
    bot.account().plan(&bot.session(), &[("Look around", ""), ("Rename", "")]);
    fate.between(&bot);
    fate.falls(death);
    let died = tokio::select! {
        biased;
        point = fate.met() => Some(point),
        () = bot.watch(60) => None,
    };
    let passed = fate.passed();
    if died.is_some() {
        bot.kill().await;
        fate.lift();
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
        bot.watch(400).await;
    }
    End { passed, died, channel: bot.screen("dev"), private: bot.slack.screen("@ann") }
}

/// Dies around every call that shows something or takes it back: `shift` makes the two stores share them.
async fn dies(on: On, shift: usize) {
    let usual = deleted(on, None).await;
    let is_said = |point: &String| point.contains("chat.");
    let around = |at: usize| usual.passed[at.saturating_sub(1)..].iter().take(3).any(is_said);
    let points: Vec<usize> = (0..usual.passed.len()).filter(|at| around(*at)).collect();
    assert!(points.len() > 8, "{:#?}", usual.passed);
    for point in points.into_iter().skip(shift).step_by(2) {
        let end = deleted(on, Some(point)).await;
        let told = format!("died {:?}\n{}\n{}", end.died, end.channel, end.private);
        assert!(!end.channel.contains("Look around"), "{told}");
        assert!(end.private.contains("Look around"), "{told}");
    }
}

#[tokio::test]
async fn what_slack_posts_in_the_channel_is_taken_back_whoever_dies_on_a_file() {
    dies(On::File, 0).await;
}

#[tokio::test]
async fn what_slack_posts_in_the_channel_is_taken_back_whoever_dies_on_redis() {
    dies(On::Redis, 1).await;
}
