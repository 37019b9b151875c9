//! The bot's clock is ahead for a while, and then it is set right: nothing waits for the time that it
//! showed.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};

const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A task that is watched while the clock is ahead.
async fn watched_ahead(bot: &Bot) {
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.set_clock_ahead(AN_HOUR);
    bot.pass(20).await;
}

/// Jules says something, and it is in the thread half a minute later.
async fn hears(bot: &Bot) {
    bot.account().say(&bot.session(), "Looking around.");
    bot.pass(30).await;
    assert!(bot.said().contains("Looking around."), "{}", bot.screen("dev"));
}

stories! {
    async fn a_clock_that_is_set_right_keeps_no_session_unseen(bot: Bot) {
        watched_ahead(&bot).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        hears(&bot).await;
    }

    async fn what_was_tried_before_and_again_meanwhile_does_not_wait_for_the_wrong_day(bot: Bot) {
        bot.slack.fault(sim::slack::Fault::Status(503)).on("chat.postMessage").times(1000);
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.watch(10).await;
        bot.set_clock_ahead(AN_HOUR * 48);
        bot.watch(300).await;
        bot.slack.heal();
        bot.set_clock_ahead(SignedDuration::ZERO);
        bot.watch(120).await;
        bot.assert_once("dev");
    }

    async fn nor_does_one_that_is_set_right_while_nothing_runs(mut bot: Bot) {
        watched_ahead(&bot).await;
        bot.kill().await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        bot.start().await;
        hears(&bot).await;
    }

    async fn what_a_dead_process_may_have_done_does_not_wait_for_the_wrong_hour(mut bot: Bot) {
        bot.jules.fault(Fault::HangBefore).on(Op::CreateSession).once();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        bot.set_clock_ahead(AN_HOUR);
        tokio::select! {
            () = bot.settle() => panic!("it isn't asked for"),
            () = async {
                while bot.asked_of_jules().is_empty() {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
        bot.kill().await;
        bot.start().await;
        bot.pass(10).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        // All lookups for the one that may have been made.
        bot.pass(180).await;
        bot.assert_once("dev");
    }

    async fn what_is_tried_again_does_not_wait_for_the_wrong_hour(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::CreateSession).once();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        bot.set_clock_ahead(AN_HOUR);
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 0);
        bot.set_clock_ahead(SignedDuration::ZERO);
        // A minute of looks for the one that may have been made.
        bot.pass(120).await;
        assert_eq!(bot.account().sessions().len(), 1);
        assert_eq!(bot.slack.thread("dev", &bot.root()).len(), 2, "the card and one link");
    }

    async fn whoever_is_waited_for_is_reminded_on_the_right_day(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.set_clock_ahead(AN_HOUR * 48);
        bot.account().ask(&bot.session(), "The tests, too?");
        bot.watch(20).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        for _ in 0..12 {
            bot.hands.forward(AN_HOUR / 4);
            bot.settle().await;
        }
        assert!(bot.said().contains("Jules is still waiting for your answer."), "{}", bot.said());
    }

    async fn the_card_counts_on_from_the_right_hour(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.set_clock_ahead(AN_HOUR * 48);
        bot.account().progress(&bot.session(), "Looking around", "");
        bot.watch(20).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        bot.watch(20 * 60).await;
        assert!(bot.card().contains("for 20 min"), "{}", bot.card());
        assert!(bot.card().contains("No update from Jules in 20 min"), "{}", bot.card());
    }

    async fn a_repository_that_is_connected_afterwards_is_found(mut bot: Bot) {
        bot.set_clock_ahead(AN_HOUR * 48);
        bot.kill().await;
        bot.start().await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        bot.watch(60).await;
        bot.account().add_source("AshikNesin", "brand-new");
        bot.types("ann", "/jules repo=brand-new branch=main tidy up").await;
        bot.watch(30).await;
        assert!(bot.screen("dev").contains("AshikNesin/brand-new · main"), "{}", bot.screen("dev"));
    }
}
