//! Jules refuses an approval or a stop with an odd answer: no session is considered gone for it, people are told why
//! nothing happened, and what they asked for can be asked for again.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Fault, Op, State};

/// What a refusal with a 400 says.
const REFUSED: &str = "Jules refused this task and said “Request contains an invalid argument”.";

/// What a 404 says.
const MISSING: &str = "Jules can't find this session right now.";

/// A task whose plan is waiting for an approval.
async fn planned(bot: &Bot) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
    bot.watch(10).await;
}

/// A task at which Jules works.
async fn working(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.account().progress(&bot.session(), "Look through the repository", "");
    bot.watch(10).await;
}

/// Jules was told to go ahead, so many calls were made for it, and everyone sees who approved.
#[track_caller]
fn assert_approved(bot: &Bot, calls: usize) {
    assert_eq!(bot.account().sessions()[0].state, State::InProgress);
    assert_eq!(bot.jules_calls(Op::ApprovePlan), calls);
    assert!(bot.said().contains(":white_check_mark: Approved by @ben."), "{}", bot.said());
    assert!(!bot.said().contains("was deleted"), "{}", bot.said());
}

/// The session is archived, so many calls were made for it, and everyone sees who stopped it.
#[track_caller]
fn assert_stopped(bot: &Bot, calls: usize) {
    assert!(bot.account().sessions()[0].archived);
    assert_eq!(bot.jules_calls(Op::ArchiveSession), calls);
    assert!(bot.card().contains("*Stopped* by @ben (session archived in Jules)"), "{}", bot.card());
    assert!(!bot.said().contains("was deleted"), "{}", bot.said());
}

stories! {
    async fn an_approval_whose_session_is_not_found_once_is_tried_again(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::status(404)).on(Op::ApprovePlan).once();
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_approved(&bot, 2);
        assert_eq!(bot.privately("ben"), "", "a hiccup is no news");
    }

    async fn an_approval_whose_session_is_never_found_says_so_and_is_tried_until_it_is(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::status(404)).on(Op::ApprovePlan).for_ever();
        bot.clicks("ben", "Approve").await;
        bot.watch(60).await;
        assert!(bot.standing().contains(MISSING), "{}", bot.card());
        bot.watch(1800).await;
        assert!(!bot.said().contains("was deleted"), "{}", bot.said());
        let calls = bot.jules_calls(Op::ApprovePlan);
        assert!((20..=50).contains(&calls), "{calls} calls in half an hour");
        bot.jules.clear_faults();
        bot.watch(90).await;
        assert_approved(&bot, calls + 1);
        assert!(!bot.card().contains(MISSING), "{}", bot.card());
    }

    async fn an_approval_that_jules_refuses_says_why_and_can_be_given_again(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::status(400)).on(Op::ApprovePlan).times(2);
        for refusals in 1..=2 {
            bot.clicks("ben", "Approve").await;
            bot.watch(30).await;
            assert_eq!(bot.privately("ben").matches(REFUSED).count(), refusals, "{}", bot.privately("ben"));
            assert_eq!(bot.jules_calls(Op::ApprovePlan), refusals, "it isn't repeated");
            assert!(bot.said().contains("*Jules is waiting for you.*"), "{}", bot.said());
            assert!(!bot.said().contains("was deleted"), "{}", bot.said());
        }
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_approved(&bot, 3);
    }

    async fn an_approval_that_jules_calls_untimely_can_be_given_again_while_the_plan_is_waiting(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::failed_precondition()).on(Op::ApprovePlan).once();
        bot.clicks("ben", "Approve").await;
        assert!(bot.privately("ben").contains("Jules isn't waiting for approval"), "{}", bot.privately("ben"));
        bot.watch(60).await;
        assert!(bot.said().contains("[Approve]"), "{}", bot.said());
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_approved(&bot, 2);
    }

    async fn a_stop_whose_session_is_not_found_once_is_tried_again(bot: Bot) {
        working(&bot).await;
        bot.jules.fault(Fault::status(404)).on(Op::ArchiveSession).once();
        bot.clicks("ben", "Stop").await;
        bot.watch(30).await;
        assert_stopped(&bot, 2);
        assert_eq!(bot.privately("ben"), "", "a hiccup is no news");
    }

    async fn a_stop_whose_session_is_not_found_for_long_is_tried_until_it_is(bot: Bot) {
        working(&bot).await;
        bot.jules.fault(Fault::status(404)).on(Op::ArchiveSession).for_ever();
        bot.clicks("ben", "Stop").await;
        bot.watch(1800).await;
        assert!(!bot.said().contains("was deleted"), "{}", bot.said());
        assert!(bot.card().contains("@ben pressed *Stop*"), "{}", bot.card());
        assert!(bot.card().contains(MISSING), "{}", bot.card());
        let calls = bot.jules_calls(Op::ArchiveSession);
        assert!((20..=50).contains(&calls), "{calls} calls in half an hour");
        bot.jules.clear_faults();
        bot.watch(90).await;
        assert_stopped(&bot, calls + 1);
        assert!(!bot.card().contains(MISSING), "{}", bot.card());
    }

    async fn a_stop_that_jules_refuses_says_why_and_can_be_asked_for_again(bot: Bot) {
        working(&bot).await;
        bot.jules.fault(Fault::status(400)).on(Op::ArchiveSession).times(2);
        for refusals in 1..=2 {
            bot.clicks("ben", "Stop").await;
            bot.watch(30).await;
            assert_eq!(bot.privately("ben").matches(REFUSED).count(), refusals, "{}", bot.privately("ben"));
            assert_eq!(bot.jules_calls(Op::ArchiveSession), refusals, "it isn't repeated");
            assert!(bot.standing().contains("*Working*"), "{}", bot.card());
            assert!(!bot.account().sessions()[0].archived);
        }
        bot.clicks("ben", "Stop").await;
        bot.watch(30).await;
        assert_stopped(&bot, 3);
    }
}
