//! A create whose answer was lost: the session is found by what was asked for, and is one thread's only.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::jules::{Fault, Op, Origin};
use std::collections::BTreeSet;

/// Longer than all looks for a lost session together.
const ALL_LOOKS: u32 = 100;

/// The repository of these tasks.
const SOURCE: &str = "sources/github/AshikNesin/404less";

/// Changes every session of a reply.
fn each_session(change: fn(&mut Value)) -> Fault {
    Fault::rewrite(move |body| match body["sessions"].as_array_mut() {
        Some(sessions) => sessions.iter_mut().for_each(change),
        None => change(body),
    })
}

/// From now on Jules tells its sessions like this.
fn told(bot: &Bot, change: fn(&mut Value)) {
    for op in [Op::ListSessions, Op::GetSession] {
        bot.jules.fault(each_session(change)).on(op).for_ever();
    }
}

async fn loses(bot: &Bot, fault: Fault, times: u32) {
    bot.jules.fault(fault).on(Op::CreateSession).times(times);
}

/// The sessions that the threads in `#dev` link to, one for each thread.
#[track_caller]
fn one_session_each(bot: &Bot, threads: usize) {
    let cards = bot.cards("dev");
    assert_eq!(cards.len(), threads, "{cards:#?}");
    let sessions = bot.account().sessions();
    let linked: BTreeSet<String> = cards
        .iter()
        .map(|card| {
            let thread = bot.slack.thread("dev", &card.ts);
            assert_eq!(thread.len(), 2, "the card and one link, not {thread:#?}");
            let of = sessions.iter().find(|one| thread[1].shown.contains(&one.id));
            of.unwrap_or_else(|| panic!("no session: {}", thread[1].shown)).id.clone()
        })
        .collect();
    assert_eq!(linked.len(), threads, "two threads share a session");
}

stories! {
    async fn nothing_that_jules_is_told_carries_a_mark(bot: Bot) {
        let long = "rename the frontend folder to website, and every mention of it in the docs and the scripts";
        bot.types("ann", &format!("/jules repo=404less {long}")).await;
        let asked = bot.asked_of_jules();
        assert_eq!(asked[0]["prompt"], long);
        let title = asked[0]["title"].as_str().expect("a title");
        assert!(long.starts_with(title) && title.chars().count() <= 80, "{title}");
    }

    async fn a_title_that_is_cut_makes_no_second_session(bot: Bot) {
        told(&bot, |session| session["title"] = json!("rename the f…"));
        loses(&bot, Fault::DropAfter, 1).await;
        bot.types("ann", "/jules repo=404less rename the frontend folder to website").await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn a_title_that_is_rewritten_makes_no_second_session(bot: Bot) {
        told(&bot, |session| session["title"] = json!("Frontend, renamed"));
        loses(&bot, Fault::HangAfter, 1).await;
        bot.types("ann", "/jules repo=404less title=\"Tidy up\" rename the frontend folder").await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn two_equal_tasks_whose_answers_are_lost_have_a_session_each(bot: Bot) {
        loses(&bot, Fault::DropAfter, 2).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.types("ben", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "each is made once");
        one_session_each(&bot, 2);
    }

    async fn three_equal_tasks_whose_sessions_are_listed_late_have_one_each(bot: Bot) {
        bot.account().listed_after(SignedDuration::from_secs(20));
        loses(&bot, Fault::DropAfter, 3).await;
        for name in ["ann", "ben", "ann"] {
            bot.types(name, "/jules repo=404less tidy up").await;
        }
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 3, "each is made once");
        one_session_each(&bot, 3);
    }

    async fn a_session_that_is_another_tasks_is_not_taken(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        loses(&bot, Fault::DropBefore, 1).await;
        bot.types("ben", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.account().sessions().len(), 2, "ben's was never made, and is made now");
        one_session_each(&bot, 2);
    }

    async fn the_session_of_the_same_words_elsewhere_is_not_taken(bot: Bot) {
        bot.account().add_foreign_session(Origin::Web, "tidy up", "sources/github/bobalover/boba");
        bot.account().add_foreign_session(Origin::Web, "tidy up, and more", SOURCE);
        loses(&bot, Fault::DropBefore, 1).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 2);
        one_session_each(&bot, 1);
    }

    async fn a_session_of_the_same_words_made_long_before_is_not_taken(bot: Bot) {
        bot.account().add_foreign_session(Origin::Web, "tidy up", SOURCE);
        bot.hands.forward(SignedDuration::from_mins(30));
        loses(&bot, Fault::DropBefore, 1).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn a_session_of_the_same_words_made_by_hand_just_before_is_not_taken(bot: Bot) {
        let by_hand = bot.account().add_foreign_session(Origin::Web, "tidy up", SOURCE);
        bot.hands.forward(SignedDuration::from_mins(2));
        bot.account().listed_after(SignedDuration::from_secs(20));
        loses(&bot, Fault::DropAfter, 1).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 1, "it's made once");
        let link = bot.slack.thread("dev", &bot.root())[1].shown.clone();
        assert!(link.contains(&bot.session()) && !link.contains(&by_hand), "{link}");
    }

    async fn a_prompt_that_jules_does_not_tell_is_made_up_for_by_the_title(bot: Bot) {
        told(&bot, |session| session["prompt"] = Value::Null);
        loses(&bot, Fault::DropAfter, 1).await;
        bot.types("ann", "/jules repo=404less rename the frontend folder to website").await;
        bot.pass(ALL_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn a_long_prompt_is_found_by_all_of_it(bot: Bot) {
        let log = "line of a log that everybody pastes\n".repeat(60);
        loses(&bot, Fault::DropAfter, 2).await;
        for (name, end) in [("ann", "why?"), ("ben", "mend it")] {
            bot.types(name, &format!("/jules repo=404less {log}{end}")).await;
        }
        bot.pass(ALL_LOOKS).await;
        one_session_each(&bot, 2);
        for (card, session) in bot.cards("dev").iter().zip(bot.account().sessions()) {
            let link = bot.slack.thread("dev", &card.ts)[1].shown.clone();
            assert!(link.contains(&session.id), "each has its own: {link}");
        }
    }

    async fn equal_tasks_have_a_session_each_when_one_answer_is_lost(bot: Bot) {
        loses(&bot, Fault::DropAfter, 1).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.types("ben", "/jules repo=404less tidy up").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "each is made once");
        one_session_each(&bot, 2);
    }

    async fn a_retry_does_not_take_the_first_ones_session(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let first = bot.session();
        bot.account().fail(&first, Some("out of memory"));
        bot.watch(60).await;
        loses(&bot, Fault::DropBefore, 1).await;
        bot.clicks("ann", "Retry").await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.account().sessions().len(), 2);
        assert_ne!(bot.session(), first);
    }

    async fn what_another_account_does_not_show_is_not_started_again(bot: Bot) {
        bot.account().limits(100, 100);
        for name in ["one", "two", "three"] {
            bot.types("ann", &format!("/jules repo=404less task {name}")).await;
        }
        bot.watch(150).await;
        loses(&bot, Fault::DropAfter, 1).await;
        bot.types("ann", "/jules repo=404less task four").await;
        assert_eq!(bot.account().sessions().len(), 4, "its answer is lost");
        bot.jules.fault(Fault::rewrite(|body| body["sessions"] = json!([]))).on(Op::ListSessions).for_ever();
        for op in [Op::GetSession, Op::ListActivities] {
            bot.jules.fault(Fault::status(404)).on(op).for_ever();
        }
        bot.watch(300).await;
        assert_eq!(bot.account().sessions().len(), 4, "{}", bot.screen("dev"));
        bot.jules.clear_faults();
        bot.watch(300).await;
        one_session_each(&bot, 4);
        assert_eq!(bot.account().sessions().len(), 4);
    }

    async fn what_another_account_does_not_have_is_waited_for(bot: Bot) {
        bot.account().limits(100, 100);
        for name in ["one", "two", "three"] {
            bot.types("ann", &format!("/jules repo=404less task {name}")).await;
        }
        bot.watch(150).await;
        bot.jules.fault(Fault::rewrite(|body| body["sessions"] = json!([]))).on(Op::ListSessions).for_ever();
        for op in [Op::GetSession, Op::ListActivities, Op::CreateSession] {
            bot.jules.fault(Fault::status(404)).on(op).for_ever();
        }
        bot.watch(300).await;
        bot.types("ann", "/jules repo=404less task four").await;
        bot.watch(60).await;
        assert!(!bot.screen("dev").contains("isn't connected"), "{}", bot.screen("dev"));
        bot.jules.clear_faults();
        bot.watch(600).await;
        one_session_each(&bot, 4);
    }
}
