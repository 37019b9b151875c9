//! Who is notified of what, where, and how often.

use crate::harness::bot::{Bot, stories};
use jiff::{SignedDuration, Timestamp};
use sim::jules::{Fault as JulesFault, Op, State};
use sim::slack::Fault;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const STEPS: [(&str, &str); 2] = [("Look around", ""), ("Rename the folder", "")];

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Everything but the scope that opens direct messages.
const NO_DMS: [&str; 8] = [
    "commands",
    "chat:write",
    "channels:history",
    "groups:history",
    "im:history",
    "channels:read",
    "users:read",
    "reactions:write",
];

/// A task whose plan is waiting for an approval.
async fn planned(bot: &Bot, options: &str) -> String {
    bot.types("ann", &format!("/jules repo=404less plan=ask {options} rename frontend")).await;
    let session = bot.session();
    bot.account().plan(&session, &STEPS);
    bot.watch(10).await;
    session
}

/// How often Slack was told to notify ann in `#dev`: new messages whose text and blocks mention her.
fn mentions(bot: &Bot) -> usize {
    let ann = bot.slack.user("ann").id().to_owned();
    let posted = bot.slack.calls().into_iter().filter(|call| call.method == "chat.postMessage");
    let in_thread = posted.filter(|call| call.args["thread_ts"].is_string());
    let mention = in_thread.filter(|call| {
        let text = call.args["text"].as_str().unwrap_or_default();
        let begins = text.starts_with(&format!("<@{ann}>"));
        let element = call.args["blocks"].to_string().contains(&format!("\"user_id\":\"{ann}\""));
        assert_eq!(begins, element, "in both or in neither: {:#}", call.args);
        begins
    });
    mention.count()
}

async fn hours_pass(bot: &Bot, hours: i32) {
    for _ in 0..hours * 4 {
        bot.hands.forward(HOUR / 4);
        bot.settle().await;
    }
}

fn dms(bot: &Bot) -> Vec<String> {
    bot.slack.channel_messages("@ann").into_iter().map(|post| post.shown).collect()
}

fn state(bot: &Bot) -> State {
    bot.account().sessions()[0].state
}

stories! {
    async fn a_remark_that_turns_out_to_be_a_question_notifies_its_author(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let session = bot.session();
        bot.account().say(&session, "Which database?");
        bot.watch(20).await;
        assert!(!bot.said().contains("has a question"), "{}", bot.said());
        // Its state says so later than its words.
        bot.account().set_state(&session, State::AwaitingUserFeedback);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("Which database?").count(), 1, "{}", bot.said());
        assert_eq!(bot.said().matches("@ann, Jules has a question.").count(), 1, "{}", bot.said());
        bot.replies("ann", "Postgres").await;
        assert_eq!(bot.told_jules(), ["Postgres"]);
    }

    async fn a_question_without_words_sends_its_author_to_jules_once(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let session = bot.session();
        bot.account().progress(&session, "Reading", "");
        bot.watch(20).await;
        bot.account().ask(&session, "");
        bot.watch(60).await;
        assert_eq!(mentions(&bot), 0, "the words may come:\n{}", bot.said());
        for wait in [600, 3_000] {
            bot.watch(wait).await;
            assert_eq!(bot.said().matches("Jules has news").count(), 1, "{}", bot.said());
            assert_eq!(mentions(&bot), 1, "{}", bot.said());
        }
        bot.replies("ann", "Postgres").await;
        assert_eq!(bot.told_jules(), ["Postgres"]);
    }

    async fn what_jules_said_earlier_is_no_question_while_what_it_asks_cannot_be_read(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let session = bot.session();
        bot.account().say(&session, "I looked around.");
        bot.watch(20).await;
        bot.jules.fault(JulesFault::status(503)).on(Op::ListActivities).for_ever();
        bot.account().ask(&session, "Which database?");
        bot.watch(30).await;
        assert!(bot.standing().contains("Jules has a question"), "the card follows: {}", bot.card());
        assert_eq!(mentions(&bot), 0, "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(60).await;
        let said = bot.said();
        assert_eq!(said.matches("@ann, Jules has a question.").count(), 1, "{said}");
        assert!(said.find("I looked around.") < said.find("@ann, Jules has a question."), "{said}");
        assert_eq!(said.matches("Which database?").count(), 1, "{said}");
        assert_eq!(mentions(&bot), 1, "{said}");
    }

    async fn what_is_asked_while_it_is_looked_at_is_a_question(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let (account, session) = (bot.account(), bot.session());
        account.progress(&session, "Reading", "");
        let asked = AtomicBool::new(false);
        bot.jules.gate(Arc::new(move |call| {
            // The list has been read by now.
            if call.op == Op::ListActivities && !asked.swap(true, Ordering::Relaxed) {
                account.ask(&session, "Which database?");
            }
            None
        }));
        bot.watch(60).await;
        assert_eq!(bot.said().matches("@ann, Jules has a question.").count(), 1, "{}", bot.said());
    }

    async fn each_time_jules_needs_someone_or_ends_the_requester_is_mentioned_once(bot: Bot) {
        let session = planned(&bot, "").await;
        assert!(bot.said().starts_with("@ann, the plan is ready. Jules is waiting for you.\n"), "{}", bot.said());
        assert_eq!(mentions(&bot), 1);
        bot.clicks("ben", "Approve").await;
        bot.account().progress(&session, "Look around", "");
        bot.account().say(&session, "I looked around.");
        bot.watch(10).await;
        assert_eq!(mentions(&bot), 1, "an approval, progress and words are no occasion:\n{}", bot.said());
        bot.account().ask(&session, "Keep the old name?");
        bot.watch(30).await;
        assert!(bot.said().contains("@ann, Jules has a question.\n"), "{}", bot.said());
        assert_eq!(mentions(&bot), 2);
        bot.replies("ben", "No").await;
        bot.account().finish(&session);
        bot.watch(60).await;
        assert!(bot.said().contains("@ann, it's done.\n"), "{}", bot.said());
        assert_eq!(mentions(&bot), 3);
        hours_pass(&bot, 30).await;
        assert_eq!(mentions(&bot), 3, "{}", bot.said());
    }

    async fn a_failure_mentions_the_requester(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.account().fail(&bot.session(), Some("out of memory"));
        bot.watch(30).await;
        assert!(bot.said().contains("@ann, this failed.\n"), "{}", bot.said());
        assert_eq!(mentions(&bot), 1);
    }

    async fn a_plan_that_nobody_has_to_approve_mentions_nobody(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.watch(10).await;
        assert!(bot.said().contains("*Plan*"), "{}", bot.said());
        assert_eq!(mentions(&bot), 0, "{}", bot.said());
    }

    async fn a_decided_plan_does_not_say_any_more_that_someone_is_waited_for(bot: Bot) {
        planned(&bot, "").await;
        bot.clicks("ben", "Approve").await;
        bot.watch(10).await;
        assert!(!bot.said().contains("waiting for you"), "{}", bot.said());
    }

    async fn a_mention_whose_answer_is_lost_is_there_once(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").times(1);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("the plan is ready").count(), 1, "{}", bot.said());
        assert_eq!(mentions(&bot), 1);
    }

    async fn whoever_turns_it_off_is_not_mentioned_and_not_reminded(bot: Bot) {
        let session = planned(&bot, "ping=off").await;
        hours_pass(&bot, 30).await;
        bot.clicks("ben", "Approve").await;
        bot.account().finish(&session);
        bot.watch(60).await;
        assert_eq!(mentions(&bot), 0, "{}", bot.said());
        assert_eq!(dms(&bot), Vec::<String>::new());
    }

    async fn a_channel_has_its_own_way_and_a_task_another(bot: Bot) {
        bot.types("ann", "/jules bind 404less plan=ask ping=off").await;
        bot.types("ben", "/jules bindings").await;
        assert!(bot.whispered("ben").contains("ping=off"), "{}", bot.whispered("ben"));
        bot.types("ann", "/jules rename frontend").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.watch(10).await;
        assert_eq!(mentions(&bot), 0);
        bot.types("ann", "/jules ping=thread rename backend").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.watch(10).await;
        assert_eq!(mentions(&bot), 1);
    }

    async fn a_plan_is_approved_in_the_direct_message(bot: Bot) {
        planned(&bot, "ping=dm").await;
        assert_eq!(mentions(&bot), 0);
        let told = dms(&bot);
        assert_eq!(told.len(), 1, "{told:#?}");
        let page = format!("https://acme.slack.com/archives/C0DEV/p{}", bot.root().replace('.', ""));
        for part in ["The plan for *rename frontend* (#dev) is ready and waiting for you.", "[Approve] [Ask for changes]", &page] {
            assert!(told[0].contains(part), "{part} is not in {}", told[0]);
        }
        bot.clicks_in("ann", "@ann", "Approve").await;
        bot.watch(20).await;
        assert_eq!(state(&bot), State::InProgress);
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert!(bot.said().contains("Approved by @ann.") && !bot.said().contains("[Approve]"), "{}", bot.said());
        let told = dms(&bot);
        assert!(told[0].contains("Approved by @ann.") && !told[0].contains("[Approve]"), "{told:#?}");
    }

    async fn a_decision_in_the_thread_shows_in_the_direct_message(bot: Bot) {
        planned(&bot, "ping=dm").await;
        bot.clicks("ben", "Ask for changes").await;
        bot.form("ben").fill("What should change?", "Keep the old name").await.expect("can be filled");
        bot.sends("ben").await;
        bot.watch(20).await;
        let told = dms(&bot);
        assert!(told[0].contains("@ben asked for changes") && !told[0].contains("[Approve]"), "{told:#?}");
    }

    async fn a_question_and_an_end_come_as_direct_messages_too(bot: Bot) {
        bot.types("ann", "/jules repo=404less ping=dm rename frontend").await;
        let session = bot.session();
        bot.account().ask(&session, "Keep the `old` name?");
        bot.watch(20).await;
        let told = dms(&bot);
        assert!(told[0].contains("Jules has a question about *rename frontend* (#dev):\n> Keep the `old` name?"), "{told:#?}");
        bot.replies("ben", "No").await;
        bot.account().finish(&session);
        bot.watch(60).await;
        let told = dms(&bot);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].contains("is answered"), "{told:#?}");
        assert!(told[1].contains("*rename frontend* (#dev) is done."), "{told:#?}");
        assert!(told[1].contains("[Open pull request"), "{told:#?}");
        assert_eq!(mentions(&bot), 0);
    }

    async fn a_question_is_answered_in_the_direct_message(bot: Bot) {
        bot.types("ann", "/jules repo=404less ping=dm rename frontend").await;
        bot.account().ask(&bot.session(), "Keep the old name?");
        bot.watch(20).await;
        bot.clicks_in("ann", "@ann", "Answer").await;
        bot.form("ann").fill("Your answer", " ").await.expect("can be filled");
        assert!(format!("{:?}", bot.sends("ann").await).contains("Write your answer."));
        bot.form("ann").fill("Your answer", "Only as an *alias*").await.expect("can be filled");
        bot.sends("ann").await;
        bot.watch(20).await;
        assert_eq!(bot.told_jules(), ["Only as an *alias*"]);
        assert!(bot.said().ends_with("@ann answered:\n> Only as an *alias*"), "{}", bot.said());
        let told = dms(&bot);
        assert!(told[0].contains("is answered") && !told[0].contains("[Answer]"), "{told:#?}");
    }

    async fn a_question_that_was_answered_in_the_thread_is_too_late_to_answer(bot: Bot) {
        bot.types("ann", "/jules repo=404less ping=dm rename frontend").await;
        bot.account().ask(&bot.session(), "Keep the old name?");
        bot.watch(20).await;
        let button = bot.slack.user("ann").sees("@ann", "", "Answer").expect("is there");
        bot.clicks_in("ann", "@ann", "Answer").await;
        bot.form("ann").fill("Your answer", "Yes").await.expect("can be filled");
        bot.replies("ben", "No").await;
        let outcome = format!("{:?}", bot.sends("ann").await);
        assert!(outcome.contains("Someone already answered this question."), "{outcome}");
        bot.form("ann").close().await.expect("can be closed");
        bot.slack.user("ann").presses(&button).await.expect("is there");
        bot.settle().await;
        assert!(bot.privately("ann").contains("already answered"), "{}", bot.privately("ann"));
        assert_eq!(bot.told_jules(), ["No"]);
    }

    async fn a_direct_message_whose_answer_is_lost_is_there_once(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask ping=dm rename frontend").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").times(2);
        bot.watch(10).await;
        bot.kill().await;
        bot.start().await;
        bot.watch(120).await;
        assert_eq!(dms(&bot).len(), 1, "{:#?}", dms(&bot));
        bot.clicks("ben", "Approve").await;
        bot.watch(20).await;
        assert!(dms(&bot)[0].contains("Approved by @ben."), "{:#?}", dms(&bot));
    }

    async fn without_the_scope_a_direct_message_becomes_a_mention(bot: Bot) {
        bot.slack.grant(&NO_DMS);
        planned(&bot, "ping=dm").await;
        assert_eq!(mentions(&bot), 1, "{}", bot.said());
        assert!(bot.said().ends_with("@ann, the plan is ready. Jules is waiting for you."), "{}", bot.said());
    }

    async fn what_waits_is_said_once_more_after_two_working_hours_and_never_again(bot: Bot) {
        planned(&bot, "").await;
        hours_pass(&bot, 1).await;
        assert_eq!(mentions(&bot), 1);
        hours_pass(&bot, 2).await;
        assert!(bot.said().ends_with("@ann, Jules is still waiting for you to approve the plan."), "{}", bot.said());
        hours_pass(&bot, 72).await;
        assert_eq!(mentions(&bot), 2, "{}", bot.said());
    }

    async fn nobody_is_reminded_at_night(bot: Bot) {
        let evening: Timestamp = "2026-11-24T17:30:00Z".parse().expect("a time");
        bot.hands.forward_to(evening);
        planned(&bot, "ping=dm").await;
        hours_pass(&bot, 15).await;
        assert_eq!(dms(&bot).len(), 1, "{:#?}", dms(&bot));
        hours_pass(&bot, 3).await;
        let told = dms(&bot);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[1].contains("is still waiting for you.") && told[1].contains("[Approve]"), "{told:#?}");
    }

    async fn a_reminder_that_is_late_waits_for_the_morning(mut bot: Bot) {
        let friday: Timestamp = "2026-11-27T15:30:00Z".parse().expect("a time");
        bot.hands.forward_to(friday);
        planned(&bot, "ping=dm").await;
        bot.kill().await;
        let saturday_night: Timestamp = "2026-11-28T23:00:00Z".parse().expect("a time");
        bot.hands.forward_to(saturday_night);
        bot.start().await;
        bot.watch(60).await;
        assert_eq!(dms(&bot).len(), 1, "{:#?}", dms(&bot));
        hours_pass(&bot, 35).await;
        assert_eq!(dms(&bot).len(), 2, "{:#?}", dms(&bot));
    }

    async fn without_the_scope_for_time_zones_a_day_passes_before_the_reminder(bot: Bot) {
        bot.slack.grant(&["commands", "chat:write", "channels:history", "channels:read", "im:write"]);
        planned(&bot, "").await;
        hours_pass(&bot, 23).await;
        assert_eq!(mentions(&bot), 1);
        hours_pass(&bot, 2).await;
        assert_eq!(mentions(&bot), 2, "{}", bot.said());
    }

    async fn an_answered_question_is_not_said_again(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        let session = bot.session();
        bot.account().ask(&session, "Keep the old name?");
        bot.watch(20).await;
        bot.replies("ben", "No").await;
        bot.account().progress(&session, "Renaming", "");
        bot.watch(60).await;
        hours_pass(&bot, 30).await;
        assert_eq!(mentions(&bot), 1, "{}", bot.said());
    }

    async fn a_question_is_said_once_more(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.account().ask(&bot.session(), "Keep the old name?");
        bot.watch(20).await;
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").times(1);
        hours_pass(&bot, 3).await;
        bot.kill().await;
        bot.start().await;
        hours_pass(&bot, 3).await;
        assert_eq!(bot.said().matches("Jules is still waiting for your answer.").count(), 1, "{}", bot.said());
        assert_eq!(mentions(&bot), 2, "{}", bot.said());
    }
}
