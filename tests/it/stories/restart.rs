//! The process dies at a bad moment and comes back: everything goes on, and nothing is done twice.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::{Fault, Outcome};
use store::Key;

/// Longer than any lease and all looks for what was lost.
const LEASE_AND_LOOKS: u32 = 300;

/// Someone types a task, and nothing is done about it yet.
async fn typed(bot: &Bot) {
    let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
    assert!(ack.expect("can type there").ok());
}

/// Carries work on until `reached`, and stops right there, in the middle of a call.
async fn work_until(bot: &Bot, reached: impl Fn() -> bool) {
    tokio::select! {
        () = bot.settle() => panic!("it was never reached"),
        () = async {
            while !reached() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
}

async fn kill_and_start(bot: &mut Bot) {
    bot.kill().await;
    bot.start().await;
    bot.pass(LEASE_AND_LOOKS).await;
}

/// Ann writes in the thread, and the process dies while Jules is being told.
async fn dies_over_a_reply(bot: &mut Bot, fault: JulesFault) -> String {
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.jules.fault(fault).on(Op::SendMessage).once();
    let root = bot.root();
    let said = bot.slack.user("ann").says("dev", Some(&root), "the tests too").await;
    work_until(bot, || bot.told_jules().len() == 1).await;
    bot.kill().await;
    bot.start().await;
    said.expect("can write there").ts
}

/// The documents of all tasks.
async fn tasks(bot: &Bot) -> Vec<Key> {
    let (store, now) = (bot.engine().store(), bot.hands.now());
    store.list("task/", None, 100, now).await.expect("the store answers")
}

/// How many seconds pass until something is so.
async fn seconds_until(bot: &Bot, is_so: impl Fn(&Bot) -> bool) -> u32 {
    for second in 0..LEASE_AND_LOOKS {
        if is_so(bot) {
            return second;
        }
        bot.pass(1).await;
    }
    panic!("never:\n{}", bot.screen("dev"));
}

stories! {
    async fn what_a_killed_process_was_at_is_looked_for_at_once(mut bot: Bot) {
        bot.jules.fault(JulesFault::HangAfter).on(Op::CreateSession).once();
        typed(&bot).await;
        work_until(&bot, || !bot.account().sessions().is_empty()).await;
        bot.kill().await;
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
        bot.assert_nothing_is_held().await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1, "found, not made again");
    }

    async fn what_had_not_arrived_is_done_after_about_a_minute(mut bot: Bot) {
        bot.jules.fault(JulesFault::HangBefore).on(Op::CreateSession).once();
        typed(&bot).await;
        work_until(&bot, || !bot.asked_of_jules().is_empty()).await;
        bot.kill().await;
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
        assert!(bot.searches() > 0, "it is looked for");
        let rest = seconds_until(&bot, |bot| bot.asked_of_jules().len() == 2).await;
        assert!((45..=75).contains(&rest), "after {rest} s");
        bot.assert_once("dev");
    }

    async fn what_a_killed_process_was_at_takes_turns_with_a_crowd(mut bot: Bot) {
        bot.jules.fault(JulesFault::HangAfter).on(Op::CreateSession).once();
        typed(&bot).await;
        work_until(&bot, || !bot.account().sessions().is_empty()).await;
        bot.kill().await;
        bot.start().await;
        let held = tasks(&bot).await;
        for _ in 0..20 {
            typed(&bot).await;
        }
        for _ in 0..bot.place.heir_begins_within() {
            bot.hands.forward(SignedDuration::from_secs(1));
            bot.engine().beat().await.expect("the store answers");
        }
        let due = bot.engine().due(10).await.expect("the store answers");
        let is_held = |key: &&Key| held.contains(key);
        assert_eq!(due.iter().filter(is_held).count(), 1, "{due:?} and not {held:?}");
        let crowd = due.iter().filter(|key| key.as_str().starts_with("task/"));
        assert!(crowd.count() >= 5, "nor does the crowd wait: {due:?}");
    }

    async fn a_reply_that_arrived_is_found_at_once(mut bot: Bot) {
        let ts = dies_over_a_reply(&mut bot, JulesFault::HangAfter).await;
        bot.pass(bot.place.heir_begins_within()).await;
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        bot.pass(LEASE_AND_LOOKS).await;
        assert_eq!(bot.told_jules().len(), 1);
    }

    async fn a_reply_is_not_said_again_while_it_may_still_be_on_its_way(mut bot: Bot) {
        let ts = dies_over_a_reply(&mut bot, JulesFault::HangBefore).await;
        let rest = seconds_until(&bot, |bot| bot.told_jules().len() == 2).await;
        // The call may take 90 seconds, and all looks are over long before.
        assert!((90..=105).contains(&rest), "after {rest} s");
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
    }

    async fn killed_while_jules_is_looked_at(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.watch(20).await;
        let before = bot.jules_calls(Op::ListSessions);
        bot.jules.fault(JulesFault::HangBefore).on(Op::ListSessions).once();
        bot.hands.forward(SignedDuration::from_secs(30));
        work_until(&bot, || bot.jules_calls(Op::ListSessions) > before).await;
        bot.kill().await;
        bot.start().await;
        bot.account().say(&bot.session(), "Looking around.");
        // A pass, and the rest between two.
        bot.pass(bot.place.heir_begins_within() + 3).await;
        assert!(bot.said().contains("Looking around."), "{}", bot.screen("dev"));
    }

    async fn killed_after_the_acknowledgement(mut bot: Bot) {
        typed(&bot).await;
        bot.kill().await;
        bot.assert_nothing_started();
        bot.start().await;
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn killed_while_the_card_is_being_posted(mut bot: Bot) {
        bot.slack.fault(Fault::HangAfter).on("chat.postMessage").times(1);
        typed(&bot).await;
        work_until(&bot, || bot.slack_calls("chat.postMessage") == 1).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }

    async fn killed_before_the_card_arrived(mut bot: Bot) {
        bot.slack.fault(Fault::HangBefore).on("chat.postMessage").times(1);
        typed(&bot).await;
        work_until(&bot, || bot.slack_calls("chat.postMessage") == 1).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }

    async fn killed_while_the_session_is_being_made(mut bot: Bot) {
        bot.jules.fault(JulesFault::HangAfter).on(Op::CreateSession).once();
        typed(&bot).await;
        work_until(&bot, || !bot.account().sessions().is_empty()).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 1, "found, not made again");
    }

    async fn killed_before_the_session_was_made(mut bot: Bot) {
        bot.jules.fault(JulesFault::HangBefore).on(Op::CreateSession).once();
        typed(&bot).await;
        work_until(&bot, || !bot.asked_of_jules().is_empty()).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules().len(), 2);
    }

    async fn killed_while_the_link_is_being_posted(mut bot: Bot) {
        bot.slack.fault(Fault::HangAfter).on("chat.postMessage").after(1).times(1);
        typed(&bot).await;
        work_until(&bot, || bot.slack_calls("chat.postMessage") == 2).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }

    async fn killed_while_a_repository_is_being_looked_up(mut bot: Bot) {
        bot.account().add_source("acme", "fresh").default_branch("main");
        bot.jules.fault(JulesFault::HangBefore).on(Op::GetSource).once();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=acme/fresh tidy up").await;
        assert!(ack.expect("can type there").ok());
        work_until(&bot, || bot.jules_calls(Op::GetSource) == 1).await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }

    async fn killed_while_jules_is_away(mut bot: Bot) {
        bot.jules.fault(JulesFault::status(503)).on(Op::CreateSession).once();
        typed(&bot).await;
        bot.settle().await;
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }

    async fn killed_while_a_form_is_open(mut bot: Bot) {
        bot.types("ann", "/jules tidy up").await;
        bot.kill().await;
        bot.start().await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn killed_while_a_choice_is_on_offer(mut bot: Bot) {
        bot.types("ann", "/jules repo=website tidy up").await;
        bot.kill().await;
        bot.start().await;
        bot.clicks("ann", "Acme-Corp/website").await;
        bot.assert_once("dev");
    }

    async fn killed_again_and_again(mut bot: Bot) {
        typed(&bot).await;
        for _ in 0..3 {
            bot.jules.fault(JulesFault::HangAfter).on(Op::CreateSession).once();
            bot.kill().await;
            bot.start().await;
            bot.pass(20).await;
        }
        bot.jules.clear_faults();
        bot.pass(LEASE_AND_LOOKS).await;
        bot.assert_once("dev");
    }

    async fn a_redelivery_after_the_restart_is_known(mut bot: Bot) {
        typed(&bot).await;
        bot.settle().await;
        bot.kill().await;
        bot.start().await;
        assert!(bot.slack.user("ann").redeliver_last().await.expect("was typed").ok());
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn bindings_outlive_the_process(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.kill().await;
        bot.start().await;
        bot.types("ben", "/jules tidy up").await;
        bot.assert_once("dev");
    }

    async fn a_night_without_network(mut bot: Bot) {
        typed(&bot).await;
        bot.slack.refuse().await.expect("the port stays ours");
        bot.jules.refuse().await;
        for _ in 0..10 {
            bot.hands.forward(SignedDuration::from_hours(1));
            bot.settle().await;
        }
        bot.slack.resume().await.expect("the port is ours");
        bot.jules.resume().await.expect("the port is ours");
        kill_and_start(&mut bot).await;
        bot.assert_once("dev");
    }
}
