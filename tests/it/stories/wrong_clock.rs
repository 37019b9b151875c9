//! The bot's clock is wrong while an answer is lost: what was done is found by the services' own times, and
//! nothing is done twice.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault as JulesFault, Op, Origin};
use sim::slack::Fault;

const POST: &str = "chat.postMessage";
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
const SOURCE: &str = "sources/github/AshikNesin/404less";
const QUESTION: &str = "Which folder is meant?";

/// A command that's accepted, and nothing of it is done yet.
async fn asked(bot: &Bot) {
    // What it answers tells what time it is there; for that the post has to be the first since the clock was set.
    bot.slack.fault(Fault::DropBefore).on("users.info").times(1);
    let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
    assert!(ack.expect("can type there").ok());
}

/// The answer to the next post is lost, and the first lookup isn't answered.
fn lose_a_post(bot: &Bot, lookup: &str) {
    bot.slack.fault(Fault::DropAfter).on(POST).times(1);
    bot.slack.fault(Fault::Status(503)).on(lookup).times(1);
}

/// A process that has asked Slack with this clock who it is. Until the clock is wrong again, it's right.
async fn starts_with_a_clock_that_is(bot: &mut Bot, ahead: SignedDuration) {
    bot.kill().await;
    bot.set_clock_ahead(ahead);
    bot.start().await;
    bot.set_clock_ahead(SignedDuration::ZERO);
}

async fn card_is_lost(bot: &Bot, ahead: SignedDuration) {
    asked(bot).await;
    bot.set_clock_ahead(ahead);
    lose_a_post(bot, "conversations.history");
    bot.settle().await;
}

async fn alerts(bot: &Bot, thread: Option<&str>, count: usize) {
    for _ in 0..count {
        bot.slack.other_bot_says("dev", thread, "disk almost full").await.expect("can write");
    }
}

/// A running task whose question is posted, and the answer to that is lost.
async fn question_is_lost(bot: &Bot, ahead: SignedDuration) {
    asked(bot).await;
    bot.watch(30).await;
    bot.set_clock_ahead(ahead);
    lose_a_post(bot, "conversations.replies");
    bot.account().ask(&bot.session(), QUESTION);
    bot.pass(10).await;
}

/// The question is there once, and so is what follows.
async fn question_is_there_once(bot: &Bot) {
    bot.pass(120).await;
    bot.account().finish(&bot.session());
    bot.pass(120).await;
    let shown = |words: &str| bot.thread().iter().filter(|post| post.shown.contains(words)).count();
    assert_eq!([QUESTION, "*Done*"].map(shown), [1, 1], "{}", bot.said());
}

async fn card_is_there_once(bot: &Bot) {
    bot.pass(240).await;
    bot.assert_once("dev");
}

async fn session_is_lost(bot: &Bot, ahead: SignedDuration) {
    asked(bot).await;
    bot.set_clock_ahead(ahead);
    bot.jules.fault(JulesFault::DropAfter).on(Op::CreateSession).once();
    bot.jules.fault(JulesFault::status(503)).on(Op::ListSessions).once();
    bot.settle().await;
}

/// The session is the task's, and there's no other.
async fn session_is_there_once(bot: &Bot) {
    bot.pass(240).await;
    bot.assert_once("dev");
}

stories! {
    async fn a_card_that_was_posted_while_the_clock_is_ahead_is_found(bot: Bot) {
        card_is_lost(&bot, AN_HOUR).await;
        alerts(&bot, None, 250).await;
        card_is_there_once(&bot).await;
    }

    async fn a_card_that_was_posted_while_the_clock_is_behind_is_found(bot: Bot) {
        card_is_lost(&bot, -AN_HOUR).await;
        alerts(&bot, None, 250).await;
        card_is_there_once(&bot).await;
    }

    async fn a_card_is_found_after_a_clock_that_was_ahead_is_set_right(mut bot: Bot) {
        starts_with_a_clock_that_is(&mut bot, AN_HOUR).await;
        card_is_lost(&bot, AN_HOUR).await;
        alerts(&bot, None, 250).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        card_is_there_once(&bot).await;
    }

    async fn a_card_is_found_after_a_clock_that_was_behind_is_set_right(mut bot: Bot) {
        starts_with_a_clock_that_is(&mut bot, -AN_HOUR).await;
        card_is_lost(&bot, -AN_HOUR).await;
        alerts(&bot, None, 250).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        card_is_there_once(&bot).await;
    }

    async fn a_card_is_found_by_another_process_with_another_clock(mut bot: Bot) {
        starts_with_a_clock_that_is(&mut bot, AN_HOUR).await;
        card_is_lost(&bot, AN_HOUR).await;
        alerts(&bot, None, 250).await;
        bot.kill().await;
        bot.set_clock_ahead(-AN_HOUR);
        bot.start().await;
        card_is_there_once(&bot).await;
    }

    async fn a_card_is_found_among_the_newest_if_no_clock_tells_when_it_was_posted(bot: Bot) {
        card_is_lost(&bot, AN_HOUR).await;
        alerts(&bot, None, 100).await;
        bot.set_clock_ahead(-AN_HOUR);
        bot.slack.fault(Fault::Status(503)).on("conversations.history").times(1);
        bot.pass(5).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        card_is_there_once(&bot).await;
    }

    async fn what_was_said_while_the_clock_is_ahead_is_found(bot: Bot) {
        question_is_lost(&bot, AN_HOUR).await;
        question_is_there_once(&bot).await;
    }

    async fn what_was_said_while_the_clock_is_behind_is_found(bot: Bot) {
        question_is_lost(&bot, -AN_HOUR).await;
        question_is_there_once(&bot).await;
    }

    async fn what_was_said_is_found_after_a_clock_that_was_ahead_is_set_right(bot: Bot) {
        question_is_lost(&bot, AN_HOUR).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        question_is_there_once(&bot).await;
    }

    async fn what_was_said_is_found_after_a_clock_that_was_behind_is_set_right(bot: Bot) {
        question_is_lost(&bot, -AN_HOUR).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        question_is_there_once(&bot).await;
    }

    async fn what_was_said_in_a_long_thread_is_found_from_the_last_message_on(bot: Bot) {
        asked(&bot).await;
        bot.watch(30).await;
        alerts(&bot, Some(&bot.root()), 450).await;
        bot.account().ask(&bot.session(), "Tabs or spaces?");
        bot.watch(10).await;
        bot.set_clock_ahead(AN_HOUR);
        lose_a_post(&bot, "conversations.replies");
        bot.slack.clear_calls();
        bot.account().ask(&bot.session(), QUESTION);
        bot.pass(60).await;
        let calls = bot.slack.calls();
        let reads = calls.iter().filter(|call| call.method == "conversations.replies");
        assert_eq!(reads.filter(|call| call.fault.is_none()).count(), 1, "one page");
        question_is_there_once(&bot).await;
    }

    async fn a_session_that_was_made_while_the_clock_is_ahead_is_found(bot: Bot) {
        session_is_lost(&bot, AN_HOUR).await;
        session_is_there_once(&bot).await;
    }

    async fn a_session_that_was_made_while_the_clock_is_behind_is_found(bot: Bot) {
        session_is_lost(&bot, -AN_HOUR).await;
        session_is_there_once(&bot).await;
    }

    async fn a_session_is_found_after_a_clock_that_was_ahead_is_set_right(bot: Bot) {
        session_is_lost(&bot, AN_HOUR).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        session_is_there_once(&bot).await;
    }

    async fn a_session_is_found_after_a_clock_that_was_behind_is_set_right(bot: Bot) {
        session_is_lost(&bot, -AN_HOUR).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        session_is_there_once(&bot).await;
    }

    async fn an_equal_session_from_before_is_not_taken_for_one_that_was_lost(bot: Bot) {
        let by_hand = bot.account().add_foreign_session(Origin::Web, "tidy up", SOURCE);
        bot.hands.forward(AN_HOUR / 2);
        session_is_lost(&bot, -AN_HOUR).await;
        bot.pass(240).await;
        assert_eq!(bot.account().sessions().len(), 2, "by hand, and ours");
        assert_ne!(bot.session(), by_hand);
    }
}
