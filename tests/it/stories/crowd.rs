//! Many tasks in one channel: Slack's limits are kept by asking in turn, and what people are waiting for
//! comes before what can wait.

use crate::harness::bot::{Bot, stories};
use jiff::{SignedDuration, Timestamp};
use sim::slack::{Call, Fault, Post};

const POST: &str = "chat.postMessage";

/// So many tasks that start at once.
const CROWD: usize = 40;

/// Someone starts so many tasks, and nothing is done yet.
async fn crowd_in(bot: &Bot, channel: &str) {
    for n in 0..CROWD {
        let command = format!("/jules repo=404less task {n}");
        let ack = bot.slack.user("ann").types(channel, &command).await.expect("can type there");
        assert!(ack.ok(), "{ack:?}");
    }
}

fn calls(bot: &Bot, method: &str) -> Vec<Call> {
    bot.slack.calls().into_iter().filter(|call| call.method == method).collect()
}

fn refused(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call.fault, Some(Fault::Limited(_)))).count()
}

/// When a message was posted.
fn posted_at(post: &Post) -> Timestamp {
    let seconds: f64 = post.ts.parse().expect("a time");
    Timestamp::from_second(seconds as i64).expect("a time")
}

stories! {
    async fn a_crowd_is_posted_under_slacks_limit_and_threads_come_first(bot: Bot) {
        bot.account().limits(1000, 1000);
        bot.types("ben", "/jules repo=404less the one that runs").await;
        bot.watch(60).await;
        let (session, root) = (bot.session(), bot.root());
        bot.slack.limit_rates(true);
        bot.slack.clear_calls();
        crowd_in(&bot, "dev").await;
        let mut said = Vec::new();
        for n in 0..150 {
            // What a person does has the session looked at every three seconds.
            if n % 20 == 10 {
                let words = format!("go on {n}");
                bot.slack.user("ben").says("dev", Some(&root), &words).await.expect("can");
                bot.account().say(&session, &format!("Step {n} is done."));
                said.push((format!("Step {n} is done."), bot.hands.now()));
            }
            bot.pass(1).await;
        }
        assert_eq!(bot.cards("dev").len(), CROWD + 1, "each once");
        let posts = calls(&bot, POST);
        let refused = refused(&posts);
        assert!(refused * 20 <= posts.len(), "{refused} of {} posts were refused", posts.len());
        let thread = bot.slack.thread("dev", &root);
        for (words, at) in said {
            let shown: Vec<_> = thread.iter().filter(|post| post.shown.contains(&words)).collect();
            assert_eq!(shown.len(), 1, "{words} once");
            let wait = posted_at(shown[0]).duration_since(at);
            assert!(wait <= SignedDuration::from_secs(13), "{words} after {wait:?}");
        }
        for card in bot.cards("dev") {
            let thread = bot.slack.thread("dev", &card.ts);
            let links = thread.iter().filter(|post| post.shown.contains("Jules is working on")).count();
            assert_eq!(links, 1, "{thread:#?}");
        }
    }

    async fn in_a_quiet_channel_nothing_waits(bot: Bot) {
        bot.slack.limit_rates(true);
        let at = bot.hands.now();
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.assert_once("dev");
        assert_eq!(bot.hands.now(), at);
    }

    async fn a_wait_that_slack_asks_for_is_remembered_for_the_channel(mut bot: Bot) {
        bot.slack.channel("ops");
        bot.slack.fault(Fault::Limited(Some(30))).on(POST).times(1);
        bot.types("ann", "/jules repo=404less one").await;
        // Another process, which has heard nothing itself.
        bot.kill().await;
        bot.start().await;
        bot.types("ann", "/jules repo=404less two").await;
        bot.pass(28).await;
        assert_eq!(calls(&bot, POST).len(), 1, "the second was not even tried");
        bot.types_in("ann", "ops", "/jules repo=404less three").await;
        assert_eq!(bot.cards("ops").len(), 1, "another channel is not concerned");
        bot.pass(10).await;
        assert_eq!(bot.cards("dev").len(), 2);
        assert_eq!(refused(&calls(&bot, POST)), 1);
    }

    async fn a_time_that_was_missed_lapses(mut bot: Bot) {
        bot.account().limits(1000, 1000);
        bot.slack.limit_rates(true);
        crowd_in(&bot, "dev").await;
        bot.settle().await;
        bot.kill().await;
        // All of them would have had their time by now.
        bot.hands.forward(SignedDuration::from_mins(10));
        bot.start().await;
        bot.slack.clear_calls();
        bot.pass(150).await;
        assert_eq!(bot.cards("dev").len(), CROWD, "each once");
        let posts = calls(&bot, POST);
        let refused = refused(&posts);
        assert!(refused * 10 <= posts.len(), "{refused} of {} posts were refused", posts.len());
    }

    async fn what_people_wait_for_is_drawn_before_places_in_line(bot: Bot) {
        bot.account().limits(2, 1000);
        bot.types("ben", "/jules repo=404less plan=ask the one with a plan").await;
        bot.watch(30).await;
        let (session, root) = (bot.session(), bot.root());
        bot.types("ann", "/jules repo=404less the one that ends").await;
        bot.watch(30).await;
        let ends = bot.session();
        crowd_in(&bot, "dev").await;
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.pass(200).await;
        // Everybody in line gets a new place.
        bot.account().finish(&ends);
        bot.pass(5).await;
        let thread = bot.slack.thread("dev", &root);
        let plan = thread.iter().find(|post| post.shown.contains("*Plan*")).expect("a plan");
        let ts = plan.ts.clone();
        bot.slack.user("ben").clicks("dev", &ts, "Approve").await.expect("is there");
        bot.pass(10).await;
        let thread = bot.slack.thread("dev", &root);
        let plan = thread.iter().find(|post| post.ts == ts).expect("a plan");
        assert!(plan.shown.contains("Approved by @ben"), "{}", plan.shown);
        assert!(thread[0].shown.contains("Plan approved by @ben"), "{}", thread[0].shown);
    }
}
