//! Bad days of Jules as the watch meets them: readings that are refused, words that come after their state, lists
//! that never come or never end. People hear what waits for them all the same.

use super::watch::working;
use crate::harness::bot::{Bot, Place, stories};
use jiff::{SignedDuration, Timestamp};
use jules_slack::engine::Scheduler;
use serde_json::json;
use sim::jules::{Fault, Op, RetryAfter, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const BUSY: &str = "Jules is rate-limiting me. I'll keep trying.";

/// How often activities were read, by the time.
fn readings(bot: &Bot) -> BTreeMap<Timestamp, usize> {
    let mut readings = BTreeMap::new();
    let calls = bot.jules.calls().into_iter();
    for call in calls.filter(|call| call.op == Op::ListActivities) {
        *readings.entry(call.at).or_default() += 1;
    }
    readings
}

stories! {
    async fn a_question_that_may_not_be_read_sends_its_author_to_jules_once(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(150).await;
        bot.jules.fault(Fault::too_many(&RetryAfter::Absent)).on(Op::ListActivities).for_ever();
        bot.account().ask(&session, "Which folder is meant?");
        bot.jules.clear_calls();
        bot.watch(40).await;
        assert!(bot.card().contains(BUSY), "{}", bot.card());
        assert!(!bot.said().contains("Jules has news"), "a hiccup is none:\n{}", bot.said());
        bot.watch(120).await;
        assert_eq!(bot.said().matches("@ann\nJules has news").count(), 1, "{}", bot.said());
        let tries = bot.jules_calls(Op::ListActivities);
        assert!(tries <= 8, "{tries} tries in less than three minutes");
        bot.watch(600).await;
        assert_eq!(bot.said().matches("Jules has news").count(), 1, "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(120).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
        assert!(!bot.card().contains(BUSY), "{}", bot.card());
    }

    async fn after_a_refusal_of_all_readings_no_more_are_begun(bot: Bot) {
        bot.account().limits(100, 100);
        for number in 0..8 {
            bot.types("ann", &format!("/jules repo=404less task {number}")).await;
        }
        bot.watch(150).await;
        bot.jules.fault(Fault::too_many(&RetryAfter::Absent)).on(Op::ListActivities).for_ever();
        for session in bot.account().sessions() {
            bot.account().say(&session.id, "Halfway there.");
        }
        bot.jules.clear_calls();
        bot.watch(300).await;
        let readings = readings(&bot);
        assert!(readings.values().all(|at_once| *at_once <= 4), "{readings:?}");
        assert!(readings.len() <= 12, "{readings:?}");
        bot.jules.clear_faults();
        bot.watch(120).await;
        for card in bot.cards("dev") {
            let thread = bot.slack.thread("dev", &card.ts);
            assert!(thread.iter().any(|post| post.shown.contains("Halfway there.")), "{thread:#?}");
        }
    }

    async fn a_long_wait_that_jules_asks_for_is_said_and_not_waited_in_full(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(150).await;
        let hour = Fault::too_many(&RetryAfter::Seconds(3600));
        bot.jules.fault(hour).on(Op::ListSessions).once();
        bot.watch(30).await;
        assert!(bot.card().contains(BUSY), "{}", bot.card());
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(330).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
        assert!(!bot.card().contains(BUSY), "{}", bot.card());
    }

    async fn a_question_that_is_shown_a_little_after_its_state_is_told_soon(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(150).await;
        bot.account().set_state(&session, State::AwaitingUserFeedback);
        let asked = bot.hands.now();
        bot.watch(15).await;
        bot.account().add_activity_at(&session, asked, &json!({
            "originator": "agent", "agentMessaged": { "agentMessage": "Which folder is meant?" },
        }));
        bot.watch(20).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
    }

    async fn a_plan_that_is_shown_a_minute_after_its_state_is_told_soon(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.watch(150).await;
        bot.account().set_state(&session, State::AwaitingPlanApproval);
        let made = bot.hands.now();
        bot.watch(70).await;
        bot.account().add_activity_at(&session, made, &json!({
            "originator": "agent",
            "planGenerated": { "plan": { "id": "1", "steps": [{ "title": "Look around" }] } },
        }));
        bot.watch(40).await;
        assert!(bot.said().contains("[Approve]"), "{}", bot.said());
        let before = bot.jules_calls(Op::ListActivities);
        bot.watch(3600).await;
        let more = bot.jules_calls(Op::ListActivities) - before;
        assert!(more <= 24, "{more} readings in an hour in which nothing happens");
    }

    async fn what_one_page_shows_is_told_although_the_next_cannot_be_read(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.gate(Arc::new(|call| {
            let is_second = call.op == Op::ListActivities && call.param("pageToken").is_some();
            is_second.then(|| Fault::status(500))
        }));
        bot.account().say(&session, "The first word.");
        for n in 0..120 {
            bot.account().progress(&session, &format!("thing {n}"), "");
        }
        bot.account().say(&session, "The last word.");
        bot.watch(60).await;
        assert_eq!(bot.said().matches("The first word.").count(), 1, "{}", bot.said());
        assert!(!bot.said().contains("The last word."), "{}", bot.said());
        let tries = bot.jules.calls().iter().filter(|call| call.param("pageToken").is_some()).count();
        assert!(tries <= 6, "{tries} tries in a minute");
        bot.jules.clear_gate();
        bot.watch(360).await;
        assert_eq!(bot.said().matches("The first word.").count(), 1, "{}", bot.said());
        assert_eq!(bot.said().matches("The last word.").count(), 1, "{}", bot.said());
    }

    async fn a_list_that_goes_round_in_a_circle_hides_no_question(bot: Bot) {
        let session = working(&bot).await;
        let again = Fault::rewrite(|page| page["nextPageToken"] = json!("1"));
        bot.jules.fault(again).on(Op::ListActivities).for_ever();
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(30).await;
        assert_eq!(bot.said().matches("@ann, Jules has a question.").count(), 1, "{}", bot.said());
    }

    async fn a_list_that_goes_round_in_a_circle_keeps_no_plan_from_being_approved(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        let again = Fault::rewrite(|page| page["nextPageToken"] = json!("1"));
        bot.jules.fault(again).on(Op::ListActivities).for_ever();
        bot.account().plan(&session, &[("Look", "around"), ("Rename", "it")]);
        bot.watch(30).await;
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1, "{}", bot.said());
        assert!(bot.said().contains("Approved by @ben"), "{}", bot.said());
    }
}

/// How long a pass waits for a reading that's late; for a list it's three times as long. What it does then is the same
/// however long this is.
const LINGER: Duration = Duration::from_millis(100);

/// The list of sessions never comes, and two threads hear everything all the same, again and again.
async fn a_list_never_comes(place: Place) {
    let bot = Bot::patient_but_with(place, LINGER).await;
    let first = (working(&bot).await, bot.root());
    bot.types("ben", "/jules repo=404less tidy up").await;
    let second = (bot.session(), bot.root());
    bot.watch(10).await;
    bot.jules.fault(Fault::HangBefore).on(Op::ListSessions).for_ever();
    let running = bot.running().run(|engine| Scheduler::new(engine).run(CancellationToken::new()));
    let heard = async {
        for word in ["One.", "Two.", "Three."] {
            for (session, _) in [&first, &second] {
                bot.account().say(session, word);
            }
            for (_, root) in [&first, &second] {
                bot.until("the thread hears it", |slack| {
                    slack.thread("dev", root).iter().any(|post| post.shown.contains(word))
                })
                .await;
            }
        }
    };
    let time_passes = async {
        for _ in 0..300 {
            bot.hands.forward(SignedDuration::from_millis(200));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        _ = running => panic!("it ended"),
        () = time_passes => panic!("not heard:\n{}", bot.screen("dev")),
        () = heard => {}
    }
}

#[tokio::test]
async fn a_list_that_never_comes_holds_up_no_thread_on_a_file() {
    a_list_never_comes(Place::file()).await;
}

#[tokio::test]
async fn a_list_that_never_comes_holds_up_no_thread_on_redis() {
    a_list_never_comes(Place::redis()).await;
}
