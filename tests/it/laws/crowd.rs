//! Many tasks that begin together: all of them are watched, and what they share is not written once
//! for each.

use crate::harness::bot::{Bot, Place};
use crate::harness::fate::Fate;
use futures_util::future::join_all;
use jiff::SignedDuration;
use store::Key;

const MANY: usize = 25;

/// Far more than it takes; only there so that a broken test ends.
const MOST_ROUNDS: usize = 200;

/// More tasks than these have would not begin together: what is posted in a channel has its times.
const CHANNELS: [&str; 5] = ["dev", "ops", "web", "data", "docs"];

/// The documents that they share, and at most how often each may be written: the account's, and the meters
/// of Slack's limits, one for edits and one for each channel.
const SHARED: [(&str, usize); 2] = [("watch", MANY), ("meter", 3 * MANY)];

/// Everything that is due, all at once as the scheduler does it, until there are this many sessions
/// and their links.
async fn begin_together(bot: &Bot) {
    for _ in 0..MOST_ROUNDS {
        if bot.account().sessions().len() == MANY && posted(bot) == 2 * MANY {
            return;
        }
        let ticked = bot.running().run(|engine| async move {
            let due: Vec<Key> = engine.due(1000).await.expect("the store answers");
            let ticks = due.iter().map(|key| engine.tick(key));
            for ticked in join_all(ticks).await {
                ticked.expect("the store answers");
            }
            due.len()
        });
        if ticked.await == Some(0) {
            bot.hands.forward_to(bot.hands.now() + SignedDuration::from_secs(1));
        }
    }
    panic!("they do not begin:\n{}", bot.logged());
}

fn posted(bot: &Bot) -> usize {
    bot.slack_calls("chat.postMessage")
}

#[tokio::test]
async fn many_that_begin_together_are_watched_and_share_their_writes() {
    let fate = Fate::open();
    let bot = Bot::with_store(Place::redis(), fate.around()).await;
    fate.falls(None);
    bot.account().limits(MANY, MANY);
    for channel in CHANNELS {
        bot.slack.channel(channel);
    }
    for n in 0..MANY {
        let queue = format!("/jules repo=404less mend {n}");
        let ack = bot.slack.user("ann").types(CHANNELS[n % CHANNELS.len()], &queue).await;
        assert!(ack.expect("can type there").ok());
    }
    begin_together(&bot).await;
    let passed = fate.passed();
    for (kind, most) in SHARED {
        let point = format!("before a write of {kind}");
        let written = passed.iter().filter(|passed| **passed == point).count();
        assert!(written < most, "{written} writes of {kind} for {MANY} tasks");
    }
    for session in bot.account().sessions() {
        bot.account().run(&session.id);
    }
    bot.watch(120).await;
    for channel in CHANNELS {
        for card in bot.cards(channel) {
            let thread = bot.slack.thread(channel, &card.ts);
            let ends = thread.iter().skip(1).filter(|post| post.shown.contains("*Done*")).count();
            assert_eq!(ends, 1, "{thread:#?}");
        }
    }
}
