//! Jules on bad days: the card says what is the matter, the task goes on by itself where it can, and
//! there are never two sessions.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use sim::jules::{Fault, Op, RetryAfter};

/// Longer than all looks for a lost session together.
const ALL_LOOKS: u32 = 100;

async fn types(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
}

/// The create that goes wrong, and what the card says until it is put right.
async fn create_meets(bot: &Bot, fault: Fault) {
    bot.jules.fault(fault).on(Op::CreateSession).once();
    types(bot).await;
    let standing = bot.standing();
    let words = ":warning: *On hold*\nJules isn't responding. I'll keep trying.";
    assert_eq!(standing, words);
}

stories! {
    async fn a_refused_key_is_told_and_a_new_one_goes_on(bot: Bot) {
        bot.account().revoke();
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.standing(), @"
        :warning: *On hold*
        Jules doesn't accept the API key. The person who runs this app can create a new one at jules.google.com/settings <https://jules.google.com/settings#api>. I'll keep trying.
        "));
        bot.pass(20).await;
        assert_eq!(bot.account().sessions().len(), 0);
        bot.account().restore();
        // An operator's repair is noticed within five minutes.
        bot.pass(380).await;
        bot.assert_once("dev");
        assert!(bot.standing().contains("*Queued in Jules*"));
    }

    async fn a_key_that_was_wrong_from_the_start_is_told_in_private(mut bot: Bot) {
        bot.kill().await;
        bot.account().revoke();
        bot.start().await;
        types(&bot).await;
        let told = bot.privately("ann");
        assert!(told.contains("Jules doesn't accept the API key."), "{told}");
        bot.pass(120).await;
        assert_eq!(bot.privately("ann"), told, "said once");
        bot.account().restore();
        bot.pass(380).await;
        bot.assert_once("dev");
    }

    async fn a_form_that_can_offer_no_repositories_says_why(mut bot: Bot) {
        bot.kill().await;
        bot.account().revoke();
        bot.start().await;
        bot.types("ann", "/jules tidy up").await;
        let screen = bot.form("ann").screen();
        assert!(screen.contains("I couldn't read the repositories from Jules yet"), "{screen}");
    }

    async fn what_the_key_may_not_do_is_told_and_tried_again(bot: Bot) {
        bot.account().source("AshikNesin", "404less").forbid();
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.standing(), @"
        :warning: *On hold*
        Jules doesn't allow this with the current API key. Check the account at jules.google.com <https://jules.google.com>. I'll keep trying.
        "));
        bot.account().source("AshikNesin", "404less").reconnect();
        bot.pass(20).await;
        bot.assert_once("dev");
    }

    async fn what_jules_does_not_take_is_told_in_its_own_words(bot: Bot) {
        bot.jules.fault(Fault::status(400)).on(Op::CreateSession).once();
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.card(), @"
        *rename frontend to website*
        :x: *Not started*
        Jules refused this task and said “Request contains an invalid argument”. Try again, or reword it.
        Asked by @ann  AshikNesin/404less · main
        [Try again]
        "));
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 1, "not asked again by itself");
        bot.clicks("ann", "Try again").await;
        bot.assert_once("dev");
    }

    async fn too_many_calls_are_waited_out(bot: Bot) {
        let fault = Fault::too_many(&RetryAfter::Absent);
        bot.jules.fault(fault).on(Op::CreateSession).times(2);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.standing(), @"
        :warning: *On hold*
        Jules is rate-limiting me. I'll keep trying.
        "));
        bot.pass(15).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 3);
        assert_eq!(bot.searches(), 0, "it was certainly not made: no look");
    }

    async fn the_seconds_that_jules_asks_for_are_waited(bot: Bot) {
        let fault = Fault::too_many(&RetryAfter::Seconds(60));
        bot.jules.fault(fault).on(Op::CreateSession).once();
        types(&bot).await;
        bot.pass(59).await;
        assert_eq!(bot.asked_of_jules().len(), 1);
        bot.pass(20).await;
        bot.assert_once("dev");
    }

    async fn the_time_that_jules_names_is_waited_for(bot: Bot) {
        let then = bot.hands.now() + SignedDuration::from_secs(60);
        bot.jules.fault(Fault::too_many(&RetryAfter::At(then))).on(Op::CreateSession).once();
        types(&bot).await;
        bot.pass(59).await;
        assert_eq!(bot.asked_of_jules().len(), 1);
        bot.pass(20).await;
        bot.assert_once("dev");
    }

    async fn nonsense_in_retry_after_does_no_harm(bot: Bot) {
        bot.account().limits(100, 100);
        let past = bot.hands.now() - SignedDuration::from_hours(1);
        for (n, after) in [
            RetryAfter::Text("soon"),
            RetryAfter::Text("-5"),
            RetryAfter::Text("1.5"),
            RetryAfter::Text(""),
            RetryAfter::Seconds(0),
            RetryAfter::At(past),
        ]
        .into_iter()
        .enumerate()
        {
            bot.jules.fault(Fault::too_many(&after)).on(Op::CreateSession).once();
            types(&bot).await;
            assert_eq!(bot.account().sessions().len(), n, "{after:?}");
            bot.pass(5).await;
            assert_eq!(bot.account().sessions().len(), n + 1, "{after:?}");
        }
    }

    async fn no_wait_is_longer_than_an_hour(bot: Bot) {
        let fault = Fault::too_many(&RetryAfter::Seconds(u64::MAX));
        bot.jules.fault(fault).on(Op::CreateSession).once();
        types(&bot).await;
        bot.hands.forward(SignedDuration::from_mins(59));
        bot.settle().await;
        assert_eq!(bot.asked_of_jules().len(), 1);
        bot.hands.forward(SignedDuration::from_mins(20));
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn an_error_before_the_deed_is_looked_after_and_then_done(bot: Bot) {
        create_meets(&bot, Fault::status(500)).await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 2);
        assert!(bot.searches() >= 5, "it was looked for more than once");
    }

    async fn a_gateway_page_is_an_error_too(bot: Bot) {
        create_meets(&bot, Fault::html(502)).await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn a_lost_connection_before_the_deed_is_looked_after_and_then_done(bot: Bot) {
        create_meets(&bot, Fault::DropBefore).await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn silence_before_the_deed_is_looked_after_and_then_done(bot: Bot) {
        create_meets(&bot, Fault::HangBefore).await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn an_error_after_the_deed_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::ErrorAfter(503)).await;
        bot.pass(10).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1, "found, not made again");
    }

    async fn a_lost_reply_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::DropAfter).await;
        bot.pass(10).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1, "found, not made again");
        assert!(bot.standing().contains("*Queued in Jules*"));
    }

    async fn silence_after_the_deed_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::HangAfter).await;
        bot.pass(10).await;
        bot.assert_once("dev");
    }

    async fn a_reply_cut_short_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::TruncatedJson).await;
        bot.pass(10).await;
        bot.assert_once("dev");
    }

    async fn a_web_page_for_a_reply_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::Html200).await;
        bot.pass(10).await;
        bot.assert_once("dev");
    }

    async fn an_empty_reply_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::EmptyBody).await;
        bot.pass(10).await;
        bot.assert_once("dev");
    }

    async fn a_reply_that_stops_in_the_middle_makes_no_second_session(bot: Bot) {
        create_meets(&bot, Fault::ResetMidBody).await;
        bot.pass(10).await;
        bot.assert_once("dev");
    }

    async fn a_session_that_is_listed_late_is_waited_for(bot: Bot) {
        bot.account().listed_after(SignedDuration::from_secs(25));
        create_meets(&bot, Fault::DropAfter).await;
        bot.pass(10).await;
        assert_eq!(bot.asked_of_jules().len(), 1, "not found yet is not: not there");
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1);
    }

    async fn a_look_that_fails_says_nothing(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::ListSessions).times(6);
        create_meets(&bot, Fault::DropAfter).await;
        bot.pass(5 * ALL_LOOKS).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1);
    }

    async fn a_refused_connection_is_tried_again_without_a_look(bot: Bot) {
        bot.jules.refuse().await;
        types(&bot).await;
        let words = ":warning: *On hold*\nJules isn't responding. I'll keep trying.";
        assert_eq!(bot.standing(), words);
        bot.pass(120).await;
        bot.jules.resume().await.expect("the port is free");
        bot.pass(80).await;
        bot.assert_once("dev");
        assert_eq!(bot.searches(), 0, "nothing ever reached Jules");
    }

    async fn a_long_outage_is_waited_out(bot: Bot) {
        bot.jules.fault(Fault::status(503)).for_ever();
        types(&bot).await;
        for _ in 0..60 {
            bot.hands.forward(SignedDuration::from_mins(1));
            bot.settle().await;
        }
        assert_eq!(bot.account().sessions().len(), 0);
        bot.jules.clear_faults();
        for _ in 0..5 {
            bot.hands.forward(SignedDuration::from_mins(1));
            bot.settle().await;
        }
        bot.assert_once("dev");
        bot.pass(1).await;
        assert!(bot.standing().contains("*Queued in Jules*"));
    }
}
