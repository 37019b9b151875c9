//! Looking at Jules: the card follows, calls are few, and what is odd does no harm.

use crate::harness::bot::{Bot, stories};
use bytes::Bytes;
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use serde_json::json;
use sim::jules::{Fault, Op, Origin, State, odd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Doc, Expect, Key};

pub(super) async fn working(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    let session = bot.session();
    bot.account().plan(
        &session,
        &[("Look through the repository", ""), ("Rename the folder", ""), ("Run the tests", "")],
    );
    bot.watch(10).await;
    session
}

/// Four tasks at which Jules has worked for a while: their sessions, and the roots of their threads.
async fn four_at_work(bot: &Bot) -> (Vec<String>, Vec<String>) {
    bot.account().limits(100, 100);
    for name in ["one", "two", "three", "four"] {
        bot.types("ann", &format!("/jules repo=404less task {name}")).await;
        bot.account().progress(&bot.session(), "Look through the repository", "");
    }
    bot.watch(16 * 60).await;
    let sessions = bot.account().sessions().into_iter().map(|session| session.id).collect();
    let roots = bot.cards("dev").into_iter().map(|card| card.ts).collect();
    (sessions, roots)
}

/// So many tasks at which Jules has worked for a while, and in the account more sessions that are younger than
/// a pass lists: their sessions, and the roots of their threads, in order.
pub(super) async fn many_behind_the_list(bot: &Bot, many: usize) -> (Vec<String>, Vec<String>) {
    bot.account().limits(1_000, 1_000);
    for number in 0..many {
        bot.types("ann", &format!("/jules repo=404less task {number}")).await;
    }
    bot.pass(16 * 60).await;
    let sessions: Vec<String> =
        bot.account().sessions().into_iter().map(|session| session.id).collect();
    for number in 0..250 {
        let prompt = format!("from the web {number}");
        bot.account().add_foreign_session(
            Origin::Web,
            &prompt,
            "sources/github/AshikNesin/404less",
        );
    }
    let roots = bot.cards("dev").into_iter().map(|card| card.ts).collect();
    (sessions, roots)
}

/// Jules asks something in the fourth task while someone does something every 1.5 s, and before
/// that too; how long it takes until the question is in its thread.
async fn asked_meanwhile(
    bot: &Bot,
    (sessions, roots): &(Vec<String>, Vec<String>),
    mut does: impl AsyncFnMut(usize),
) -> SignedDuration {
    const HALF: SignedDuration = SignedDuration::from_millis(500);
    let mut asked = None;
    for half in 0..80 {
        if half % 3 == 0 {
            does(half / 3).await;
        }
        if half == 20 {
            bot.account().ask(&sessions[3], "Which folder is meant?");
            asked = Some(bot.hands.now());
        }
        bot.hands.forward(HALF);
        bot.settle().await;
        let thread = bot.slack.thread("dev", &roots[3]);
        if let Some(asked) = asked
            && thread.iter().any(|post| post.shown.contains("Which folder is meant?"))
        {
            return bot.hands.now().duration_since(asked);
        }
    }
    panic!("the question is not in its thread after 30 s:\n{}", bot.screen("dev"));
}

/// As long as anybody may wait for a question.
const SOON: SignedDuration = SignedDuration::from_secs(5);

stories! {
    async fn replies_elsewhere_do_not_hold_up_a_question(bot: Bot) {
        let four = four_at_work(&bot).await;
        let took = asked_meanwhile(&bot, &four, async |n| {
            let said = bot.slack.user("ann").says("dev", Some(&four.1[n % 3]), "and the docs").await;
            assert!(said.expect("can write").acks.iter().all(|ack| ack.ok()));
        });
        let took = took.await;
        assert!(took <= SOON, "{took:?}");
    }

    async fn new_tasks_do_not_hold_up_a_question(bot: Bot) {
        let four = four_at_work(&bot).await;
        let took = asked_meanwhile(&bot, &four, async |n| {
            bot.types("ben", &format!("/jules repo=boba task {n}")).await;
        });
        let took = took.await;
        assert!(took <= SOON, "{took:?}");
    }

    async fn clicks_do_not_hold_up_a_question(bot: Bot) {
        let four = four_at_work(&bot).await;
        let ben = bot.slack.user("ben");
        let nudge = |name| ben.sees("dev", name, "Nudge").expect("it was silent for long");
        let buttons = ["task one", "task two", "task three"].map(nudge);
        let took = asked_meanwhile(&bot, &four, async |n| {
            assert!(ben.presses(&buttons[n % 3]).await.expect("is there").ok());
        });
        let took = took.await;
        assert!(took <= SOON, "{took:?}");
        assert!(bot.told_jules().len() > 6, "the clicks reached Jules: {:?}", bot.told_jules());
    }

    async fn the_card_shows_the_step_that_jules_is_at(bot: Bot) {
        let session = working(&bot).await;
        bot.account().progress(&session, "Rename the folder", "");
        bot.watch(70).await;
        allow_duplicates!(assert_snapshot!(bot.card(), @"
        *rename frontend to website*
        :hammer_and_wrench: *Working* for 1 min
        Step 2 of 3: Rename the folder
        Asked by @ann  AshikNesin/404less · main
        [Stop]
        "));
        bot.account().progress(&session, "Ran bash command", "npm install");
        bot.watch(10).await;
        assert!(bot.card().contains("Step 2 of 3: Rename the folder"), "{}", bot.card());
        assert_eq!(bot.thread().len(), 1, "progress is no message:\n{}", bot.said());
    }

    async fn silence_is_said_and_a_nudge_offered(bot: Bot) {
        let session = working(&bot).await;
        bot.account().progress(&session, "Rename the folder", "");
        bot.watch(14 * 60).await;
        assert!(!bot.card().contains("No update"), "{}", bot.card());
        bot.watch(3 * 60).await;
        assert!(bot.card().contains("No update from Jules in 15 min"), "{}", bot.card());
        bot.clicks("ben", "Nudge").await;
        assert_eq!(bot.told_jules(), ["Please continue with the task."]);
        bot.watch(20).await;
        assert!(!bot.card().contains("No update"), "{}", bot.card());
    }

    async fn sessions_of_others_are_none_of_ours(bot: Bot) {
        let session = working(&bot).await;
        for origin in [Origin::Web, Origin::Suggested, Origin::Scheduled, Origin::Repoless] {
            bot.account().add_foreign_session(origin, "somebody else's", "sources/github/AshikNesin/404less");
        }
        bot.account().progress(&session, "Rename the folder", "");
        bot.watch(60).await;
        assert_eq!(bot.cards("dev").len(), 1);
        assert_eq!(bot.thread().len(), 1, "{}", bot.said());
        assert_eq!(bot.jules_calls(Op::GetSession), 0, "one list answers for all");
    }

    async fn a_young_session_without_activities_is_no_error(bot: Bot) {
        bot.account().activities_late(sim::jules::Lag::Calls(4));
        working(&bot).await;
        bot.watch(60).await;
        assert!(bot.said().contains("*Plan*"), "{}", bot.said());
        assert!(!bot.card().contains("isn't responding"), "{}", bot.card());
    }

    async fn a_finished_quiet_task_costs_no_call(bot: Bot) {
        let session = working(&bot).await;
        bot.account().finish(&session);
        bot.watch(3600).await;
        let calls = bot.jules.calls().len();
        bot.watch(86_400).await;
        assert_eq!(bot.jules.calls().len(), calls);
    }

    async fn odd_things_do_no_harm(bot: Bot) {
        let session = working(&bot).await;
        for fault in [
            odd::unknown_state(),
            odd::unknown_activity_kind(),
            odd::no_activity_kind(),
            odd::unknown_artifact(),
            odd::unknown_output(),
            odd::extra_fields(),
            odd::without(&["state", "url", "title", "createTime", "originator"]),
        ] {
            bot.jules.fault(fault).for_ever();
            bot.account().progress(&session, "Rename the folder", "");
            bot.watch(30).await;
            bot.jules.clear_faults();
        }
        bot.account().finish(&session);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn an_unknown_state_is_shown_as_it_is(bot: Bot) {
        working(&bot).await;
        bot.jules.fault(odd::unknown_state()).for_ever();
        bot.watch(120).await;
        assert!(bot.card().contains("Jules reports an unknown state, `AWAITING_THE_MUSE`"), "{}", bot.card());
    }

    async fn two_kinds_in_one_activity_are_both_heard(bot: Bot) {
        let session = working(&bot).await;
        bot.account().add_activity(&session, &json!({
            "originator": "agent",
            "agentMessaged": { "agentMessage": "Halfway there." },
            "progressUpdated": { "title": "Run the tests" },
        }));
        bot.watch(20).await;
        assert!(bot.said().contains("Halfway there."), "{}", bot.said());
    }

    async fn what_comes_late_is_heard_and_what_comes_twice_is_not_said_twice(bot: Bot) {
        let session = working(&bot).await;
        bot.account().say(&session, "Now.");
        bot.watch(20).await;
        let earlier = bot.hands.now() - jiff::SignedDuration::from_secs(60);
        bot.account().add_activity_at(&session, earlier, &json!({
            "originator": "agent", "agentMessaged": { "agentMessage": "A minute ago." },
        }));
        bot.account().touch(&session);
        bot.watch(180).await;
        let said = bot.said();
        assert_eq!(said.matches("A minute ago.").count(), 1, "{said}");
        assert_eq!(said.matches("Now.").count(), 1, "{said}");
    }

    async fn a_hundred_kilobytes_are_cut_and_harmless(bot: Bot) {
        let session = working(&bot).await;
        for text in odd::nasty_texts() {
            bot.account().say(&session, &text);
        }
        bot.watch(60).await;
        let long = bot.thread().into_iter().find(|post| post.shown.contains("Read the rest in Jules"));
        assert!(long.is_some(), "{}", bot.said());
        for post in bot.thread() {
            assert!(!post.text.contains("<!channel>"), "a ping:\n{}", post.text);
        }
        let order = [bot.said().find("please look"), bot.said().find("*Plan*")];
        assert!(order[1].is_some() && order[1] < order[0], "in order: {order:?}");
    }

    async fn jules_gone_for_an_hour_is_waited_out(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(503)).for_ever();
        bot.watch(3600).await;
        assert!(bot.card().contains("Jules isn't responding. I'll keep trying."), "{}", bot.card());
        assert_eq!(bot.thread().len(), 1, "the card is enough:\n{}", bot.said());
        bot.jules.clear_faults();
        bot.account().finish(&session);
        bot.watch(120).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn how_it_ended_is_told_however_long_it_could_not_be_read(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListActivities).for_ever();
        bot.account().finish(&session);
        bot.watch(3600).await;
        assert!(!bot.said().contains("*Done*"), "{}", bot.said());
        assert_eq!(bot.said().matches("@ann\nJules has news").count(), 1, "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(600).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        assert_eq!(bot.said().matches("Jules has news").count(), 1, "{}", bot.said());
    }

    async fn a_question_that_cannot_be_read_sends_its_author_to_jules_once(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListActivities).for_ever();
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(40).await;
        assert!(!bot.said().contains("Jules has news"), "a hiccup is none:\n{}", bot.said());
        bot.watch(1200).await;
        assert_eq!(bot.said().matches("@ann\nJules has news").count(), 1, "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(360).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
        // Now the thread has it, and what can't be read any more is nothing that anybody waits for.
        bot.jules.fault(Fault::status(500)).on(Op::ListActivities).for_ever();
        bot.watch(1800).await;
        assert_eq!(bot.said().matches("Jules has news").count(), 1, "{}", bot.said());
    }

    async fn while_jules_shows_nothing_at_all_nobody_is_sent_there(bot: Bot) {
        let session = working(&bot).await;
        bot.account().ask(&session, "Which folder is meant?");
        bot.jules.fault(Fault::status(503)).on(Op::ListActivities).times(1);
        bot.watch(4).await;
        bot.jules.fault(Fault::status(503)).for_ever();
        bot.watch(900).await;
        assert!(!bot.said().contains("Jules has news"), "{}", bot.said());
    }

    async fn a_clock_that_is_days_ahead_for_a_while_does_not_end_the_wait_for_how_it_ended(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListActivities).for_ever();
        bot.account().finish(&session);
        bot.watch(60).await;
        bot.set_clock_ahead(SignedDuration::from_hours(48));
        bot.watch(120).await;
        bot.set_clock_ahead(SignedDuration::ZERO);
        bot.watch(60).await;
        bot.jules.clear_faults();
        bot.watch(600).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn a_revoked_key_is_said_once_and_everything_goes_on_with_a_good_one(bot: Bot) {
        let session = working(&bot).await;
        bot.account().revoke();
        bot.watch(1800).await;
        let said = bot.said();
        assert!(!said.contains("API key"), "no thread is told of it:\n{said}");
        assert!(bot.card().contains("Jules doesn't accept the API key."), "{}", bot.card());
        bot.account().restore();
        bot.account().finish(&session);
        bot.watch(300).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn a_single_refusal_of_the_key_tells_nobody(bot: Bot) {
        working(&bot).await;
        bot.jules.fault(Fault::status(401)).on(Op::ListSessions).times(2);
        bot.watch(60).await;
        assert!(!bot.said().contains("API key"), "{}", bot.said());
        assert!(!bot.card().contains("API key"), "{}", bot.card());
    }

    async fn words_whose_session_is_not_shown_are_read_again_soon(bot: Bot) {
        let session = working(&bot).await;
        // Jules' list fails, so it is asked for the session, and again when that is read, and doesn't tell.
        let mut struck = 0;
        for wait in 1..8 {
            bot.replies("ann", &format!("and this, number {wait}")).await;
            bot.pass(2).await;
            let words = format!("Word number {wait}.");
            bot.account().say(&session, &words);
            bot.pass(wait).await;
            bot.jules.clear_calls();
            for (op, times) in [(Op::ListSessions, 1), (Op::GetSession, 2)] {
                bot.jules.fault(Fault::status(503)).on(op).times(times);
            }
            bot.pass(45).await;
            assert!(bot.said().contains(&words), "{}", bot.said());
            struck += bot.jules_calls(Op::GetSession).min(1);
            bot.jules.clear_faults();
            bot.pass(120).await;
        }
        assert!(struck > 0, "it never happened");
    }

    async fn without_a_list_each_session_is_asked_for(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(150).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListSessions).for_ever();
        bot.account().say(&session, "Halfway there.");
        bot.watch(120).await;
        assert!(bot.said().contains("Halfway there."), "{}", bot.said());
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(120).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
        assert!(!bot.card().contains("isn't responding"), "{}", bot.card());
        bot.account().finish(&session);
        bot.watch(180).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(bot.logged().contains("the sessions at Jules could not be looked at"), "{}", bot.logged());
    }

    async fn without_a_list_each_of_many_sessions_has_its_turn(bot: Bot) {
        bot.account().limits(100, 100);
        for number in 0..8 {
            bot.types("ann", &format!("/jules repo=404less task {number}")).await;
        }
        bot.watch(150).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListSessions).for_ever();
        let sessions = bot.account().sessions();
        for session in &sessions {
            bot.account().ask(&session.id, "Which folder is meant?");
        }
        bot.watch(600).await;
        for card in bot.cards("dev") {
            let thread = bot.slack.thread("dev", &card.ts);
            assert!(thread.iter().any(|post| post.shown.contains("Which folder is meant?")), "{thread:#?}");
        }
    }

    async fn without_a_list_no_session_is_gone(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(200).await;
        bot.jules.fault(Fault::status(500)).on(Op::ListSessions).for_ever();
        bot.jules.fault(Fault::status(404)).on(Op::GetSession).for_ever();
        bot.watch(900).await;
        assert!(!bot.said().contains("was deleted"), "{}", bot.said());
        assert!(bot.card().contains("isn't responding"), "{}", bot.card());
        bot.jules.clear_faults();
        bot.account().finish(&session);
        bot.watch(300).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn of_those_behind_the_list_one_that_cannot_be_asked_for_holds_up_no_other(bot: Bot) {
        let (sessions, roots) = many_behind_the_list(&bot, 7).await;
        let asked_for = format!("/sessions/{}", sessions[0]);
        bot.jules.gate(Arc::new(move |call| {
            let is_sick = call.op == Op::GetSession && call.path.ends_with(&asked_for);
            is_sick.then(|| Fault::status(500))
        }));
        for minute in 0..5 {
            let words = format!("Word {minute}.");
            bot.account().say(&sessions[6], &words);
            bot.pass(40).await;
            let thread = bot.slack.thread("dev", &roots[6]);
            assert!(thread.iter().any(|post| post.shown.contains(&words)), "{thread:#?}");
            bot.pass(20).await;
        }
        let sick = bot.cards("dev").into_iter().find(|card| card.ts == roots[0]).expect("a card");
        assert!(!sick.shown.contains("On hold"), "{}", sick.shown);
    }

    async fn a_second_page_that_fails_holds_up_nobody(bot: Bot) {
        let (sessions, roots) = many_behind_the_list(&bot, 7).await;
        bot.jules.gate(Arc::new(move |call| {
            let is_second = call.op == Op::ListSessions && call.param("pageToken").is_some();
            is_second.then(|| Fault::status(500))
        }));
        for (minute, nth) in [0, 3, 6].into_iter().enumerate() {
            let words = format!("Word {minute}.");
            bot.account().say(&sessions[nth], &words);
            bot.pass(60).await;
            let thread = bot.slack.thread("dev", &roots[nth]);
            assert!(thread.iter().any(|post| post.shown.contains(&words)), "{thread:#?}");
        }
        assert!(bot.cards("dev").iter().all(|card| !card.shown.contains("On hold")));
    }

    async fn an_odd_answer_deletes_no_session(bot: Bot) {
        let session = working(&bot).await;
        for op in [Op::GetSession, Op::ListActivities, Op::SendMessage] {
            bot.jules.fault(Fault::status(404)).on(op).times(2);
        }
        let ts = bot.replies("ann", "use tabs").await;
        bot.watch(300).await;
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        bot.account().finish(&session);
        bot.jules.fault(Fault::status(404)).on(Op::GetSession).times(2);
        bot.watch(300).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(!bot.said().contains("was deleted"), "{}", bot.said());
    }

    async fn another_accounts_key_deletes_nothing_and_is_said(bot: Bot) {
        let first = working(&bot).await;
        bot.types("ben", "/jules repo=boba tidy up").await;
        bot.watch(200).await;
        bot.jules.fault(Fault::rewrite(|body| body["sessions"] = serde_json::json!([]))).on(Op::ListSessions).for_ever();
        bot.jules.fault(Fault::status(404)).on(Op::GetSession).for_ever();
        bot.watch(900).await;
        for card in bot.cards("dev") {
            assert!(card.shown.contains("belongs to another Jules account"), "{}", card.shown);
        }
        bot.jules.clear_faults();
        bot.account().say(&first, "Still here.");
        bot.watch(600).await;
        let root = bot.cards("dev")[0].ts.clone();
        let thread = bot.slack.thread("dev", &root);
        assert!(thread.iter().any(|post| post.shown.contains("Still here.")), "{thread:#?}");
        assert!(!thread.iter().any(|post| post.shown.contains("was deleted")), "{thread:#?}");
    }

    async fn a_session_that_is_seen_again_is_not_gone(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(200).await;
        bot.jules.fault(Fault::rewrite(|body| body["sessions"] = serde_json::json!([]))).on(Op::ListSessions).for_ever();
        bot.jules.fault(Fault::status(404)).on(Op::GetSession).for_ever();
        bot.watch(900).await;
        assert!(bot.said().contains("was deleted"), "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(900).await;
        assert!(bot.said().contains("Jules found this session again"), "{}", bot.said());
        bot.replies("ann", "go on with the tests").await;
        assert_eq!(bot.told_jules(), ["go on with the tests"]);
        bot.account().finish(&session);
        bot.watch(120).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn a_plan_that_was_waiting_can_be_approved_once_the_session_is_seen_again(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", "around"), ("Rename", "it")]);
        bot.watch(30).await;
        bot.jules.fault(Fault::rewrite(|body| body["sessions"] = serde_json::json!([]))).on(Op::ListSessions).for_ever();
        bot.jules.fault(Fault::status(404)).on(Op::GetSession).for_ever();
        bot.watch(900).await;
        assert!(bot.said().contains("was deleted") && !bot.said().contains("[Approve]"), "{}", bot.said());
        bot.jules.clear_faults();
        bot.watch(900).await;
        let said = bot.said();
        assert!(said.contains("Jules found this session again") && said.contains("[Approve]"), "{said}");
        assert_eq!(said.matches("@ann, the plan is").count(), 2, "{said}");
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert!(bot.said().contains("Approved by @ben"), "{}", bot.said());
    }

    async fn it_goes_on_after_a_restart(mut bot: Bot) {
        let session = working(&bot).await;
        bot.kill().await;
        bot.account().progress(&session, "Run the tests", "");
        bot.account().say(&session, "Nearly there.");
        bot.start().await;
        bot.watch(60).await;
        assert!(bot.card().contains("Step 3 of 3"), "{}", bot.card());
        assert_eq!(bot.said().matches("Nearly there.").count(), 1, "{}", bot.said());
        assert_eq!(bot.said().matches("*Plan*").count(), 1, "{}", bot.said());
    }

    async fn edits_stay_within_slacks_limit_whatever_moves(bot: Bot) {
        bot.account().limits(100, 100);
        for n in 0..20 {
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
        }
        bot.pass(60).await;
        let sessions = bot.account().sessions();
        assert_eq!(sessions.len(), 20);
        bot.slack.clear_calls();
        for round in 0..30 {
            for session in &sessions {
                bot.account().progress(&session.id, &format!("Doing thing {round}"), "");
            }
            bot.watch(10).await;
        }
        bot.watch(60).await;
        let calls = bot.slack.calls();
        let edits: Vec<_> = calls.iter().filter(|call| call.method == "chat.update").map(|call| call.at).collect();
        for (n, first) in edits.iter().enumerate() {
            let within = edits[n..].iter().filter(|at| at.duration_since(*first).as_secs() < 60).count();
            assert!(within < 50, "{within} edits in a minute");
        }
        for card in bot.cards("dev") {
            assert!(card.shown.contains("Doing thing 29"), "the newest state wins:\n{}", card.shown);
        }
        let lists: Vec<_> = bot.jules.calls().into_iter().filter(|call| call.op == Op::ListActivities).map(|call| call.at).collect();
        for (n, first) in lists.iter().enumerate() {
            let within = lists[n..].iter().filter(|at| at.duration_since(*first).as_secs() < 60).count();
            assert!(within <= 75, "{within} lists of activities in a minute");
        }
    }

    async fn a_page_that_is_repeated_is_said_once(bot: Bot) {
        let session = working(&bot).await;
        // The token of the first page, again and again.
        let again = Fault::rewrite(|page| page["nextPageToken"] = json!("1"));
        bot.jules.fault(again).on(Op::ListActivities).for_ever();
        bot.account().say(&session, "Nearly there.");
        bot.watch(60).await;
        assert_eq!(bot.said().matches("Nearly there.").count(), 1, "{}", bot.said());
        assert_eq!(bot.said().matches("*Plan*").count(), 1, "{}", bot.said());
    }

    async fn an_empty_page_that_names_itself_as_the_next_is_not_the_end(bot: Bot) {
        let session = working(&bot).await;
        bot.watch(150).await;
        let empty = Fault::rewrite(|page| {
            page["activities"] = json!([]);
            page["nextPageToken"] = json!("1");
        });
        bot.jules.fault(empty).on(Op::ListActivities).times(2);
        bot.account().say(&session, "Nearly there.");
        bot.watch(30).await;
        assert_eq!(bot.said().matches("Nearly there.").count(), 1, "{}", bot.said());
    }

    async fn more_than_one_reading_takes_is_shown_as_far_as_it_was_read(bot: Bot) {
        let session = working(&bot).await;
        bot.account().say(&session, "The first word.");
        for nth in 0..2_050 {
            bot.hands.forward(SignedDuration::from_millis(100));
            bot.account().progress(&session, &format!("Rule {nth}"), "");
        }
        bot.account().say(&session, "The last word.");
        let mut seconds = 0;
        while !bot.said().contains("The first word.") {
            assert!(seconds < 60, "it waits for all of it:\n{}", bot.said());
            bot.pass(1).await;
            seconds += 1;
        }
        assert!(!bot.said().contains("The last word."), "that is behind what one reading takes");
        bot.watch(60).await;
        for words in ["The first word.", "The last word."] {
            assert_eq!(bot.said().matches(words).count(), 1, "{}", bot.said());
        }
    }

    async fn a_page_token_that_is_refused_later_is_got_over(bot: Bot) {
        let session = working(&bot).await;
        for n in 0..120 {
            bot.account().progress(&session, &format!("thing {n}"), "");
        }
        bot.account().say(&session, "Nearly there.");
        let refusals = Arc::new(AtomicU32::new(3));
        let left = Arc::clone(&refusals);
        bot.jules.gate(Arc::new(move |call| {
            let second = call.op == Op::ListActivities && call.param("pageToken").is_some();
            let refuses = second
                && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
            refuses.then(|| Fault::status(400))
        }));
        bot.watch(240).await;
        assert_eq!(refusals.load(Ordering::Relaxed), 0, "there was a second page");
        assert_eq!(bot.said().matches("Nearly there.").count(), 1, "{}", bot.said());
        assert!(bot.standing().contains("Working"), "{}", bot.card());
    }

    async fn a_session_that_stays_queued_stays_cheap(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.watch(1800).await;
        assert!(bot.card().contains("*Queued in Jules* for 30 min"), "{}", bot.card());
        bot.jules.clear_calls();
        bot.watch(600).await;
        let calls = bot.jules.calls().len();
        assert!(calls <= 30, "{calls} calls in ten minutes");
    }

    async fn work_that_goes_on_after_the_end_is_not_a_second_end(bot: Bot) {
        let session = working(&bot).await;
        bot.account().finish(&session);
        bot.account().set_state(&session, State::InProgress);
        bot.watch(900).await;
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn a_session_that_completes_with_a_plan_only_is_finished(bot: Bot) {
        let session = working(&bot).await;
        bot.account().set_state(&session, State::Completed);
        bot.watch(180).await;
        assert!(bot.said().contains("No pull request was opened"), "{}", bot.said());
    }

    async fn a_paused_session_calls_its_author_once_and_is_followed_when_it_continues(bot: Bot) {
        let session = working(&bot).await;
        bot.account().set_state(&session, State::Paused);
        bot.watch(30).await;
        assert!(bot.standing().contains("*Paused in Jules*"), "{}", bot.card());
        assert!(bot.said().contains("@ann\n:double_vertical_bar: *Jules paused"), "{}", bot.said());
        bot.watch(3 * 3600).await;
        assert_eq!(bot.said().matches("Jules paused this session").count(), 1, "{}", bot.said());
        bot.account().ask(&session, "Shall I go on?");
        bot.watch(900).await;
        assert!(bot.said().contains("@ann, Jules has a question."), "{}", bot.said());
    }

    async fn sessions_that_cannot_be_read_hold_up_nobody(bot: Bot) {
        let session = working(&bot).await;
        let now = bot.hands.now();
        let store = bot.engine().store();
        for n in 0..300 {
            let key = Key::new(format!("session/settings/7{n:017}"));
            let body = if n % 2 == 0 { &br#"{"v":9}"#[..] } else { b"not even JSON" };
            let doc = Doc { body: Bytes::from_static(body), wake_at: Some(now), expires_at: None };
            store.put(&key, &doc, Expect::Absent, now).await.expect("is stored");
        }
        bot.account().say(&session, "Nearly there.");
        bot.pass(20).await;
        assert!(bot.said().contains("Nearly there."), "{}", bot.said());
        bot.types("ben", "/jules repo=boba tidy up").await;
        assert_eq!(bot.cards("dev").len(), 2, "other documents are due as ever");
        let logged = bot.logged();
        let said = |words: &str| logged.lines().filter(|line| line.contains(words)).count();
        for n in (0..300).filter(|n| n % 2 == 1) {
            let key = format!("session/settings/7{n:017}");
            assert_eq!(said(&key), 1, "{key} is damaged, and that is said once");
        }
        assert_eq!(said("a newer version of this program uses the same store"), 1, "of all newer ones");
    }

    async fn a_session_of_another_workspace_is_left_alone(bot: Bot) {
        let session = working(&bot).await;
        let (key, now) = (Key::new(format!("session/settings/{session}")), bot.hands.now());
        let store = bot.engine().store();
        let (rev, live) = store.get(&key, now).await.expect("answers").expect("is followed");
        let mut body: serde_json::Value = serde_json::from_slice(&live.body).expect("is JSON");
        body["team"] = json!("T0OTHER");
        let doc = Doc { body: body.to_string().into(), ..live };
        store.put(&key, &doc, Expect::At(rev), now).await.expect("is stored");
        bot.account().say(&session, "Nearly there.");
        bot.jules.clear_calls();
        bot.pass(60).await;
        assert!(!bot.said().contains("Nearly there."), "{}", bot.said());
        assert!(bot.logged().contains("another installation"), "{}", bot.logged());
        assert!(bot.jules.calls().len() <= 2, "{:?}", bot.jules.calls());
    }

    async fn old_sessions_have_their_turn_however_many_there_are(bot: Bot) {
        bot.account().limits(1000, 1000);
        for n in 0..12 {
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
            bot.account().ask(&bot.session(), "Which folder?");
        }
        bot.pass(200).await;
        for n in 0..250 {
            bot.account().add_foreign_session(Origin::Web, &format!("by hand {n}"), "sources/github/AshikNesin/404less");
        }
        let ours: Vec<String> = bot.account().sessions().iter().take(12).map(|one| one.id.clone()).collect();
        for id in &ours {
            bot.account().say(id, "And which file?");
        }
        bot.pass(150).await;
        for card in bot.cards("dev") {
            let thread = bot.slack.thread("dev", &card.ts);
            assert!(thread.iter().any(|post| post.shown.contains("And which file?")), "{thread:#?}");
        }
    }

    async fn a_look_at_one_is_a_look_at_all_that_are_listed(bot: Bot) {
        bot.account().limits(1000, 1000);
        for n in 0..30 {
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
            bot.account().ask(&bot.session(), "Which folder?");
            bot.pass(1).await;
        }
        bot.pass(600).await;
        bot.jules.clear_calls();
        bot.pass(300).await;
        // One every 30 seconds is what each of them needs.
        // Whether one that is not on the first page is asked for by itself or listed depends on how many
        // are due with it.
        let calls = bot.jules_calls(Op::ListSessions) + bot.jules_calls(Op::GetSession);
        assert!(calls <= 22, "{calls} calls in five minutes for thirty sessions");
    }

    async fn a_turn_that_a_clock_put_out_of_reach_is_given_back(bot: Bot) {
        let session = working(&bot).await;
        let (key, now) = (Key::new(format!("session/settings/{session}")), bot.hands.now());
        let store = bot.engine().store();
        let (rev, live) = store.get(&key, now).await.expect("answers").expect("is followed");
        let mut body: serde_json::Value = serde_json::from_slice(&live.body).expect("is JSON");
        let hour_ahead = now + SignedDuration::from_hours(1);
        for field in ["next", "seen", "read", "moved", "touched"] {
            body[field] = json!(hour_ahead.to_string());
        }
        let doc = Doc { body: body.to_string().into(), wake_at: Some(hour_ahead), ..live };
        store.put(&key, &doc, Expect::At(rev), now).await.expect("is stored");
        bot.account().say(&session, "Nearly there.");
        bot.pass(5).await;
        let recovered = bot.running().run(|engine| async move { engine.recover_turns().await });
        recovered.await.expect("lives").expect("the store answers");
        bot.pass(20).await;
        assert!(bot.said().contains("Nearly there."), "{}", bot.said());
    }
}
