//! How connections end, and what becomes of what was begun.

use super::{FIRST_REST, at, bot, later, logged, socket};
use crate::harness::bot::{Bot, Place, Transport};
use crate::harness::fate::Fate;
use crate::stories::operate::page;
use jiff::SignedDuration;
use jules_slack::socket::State;
use jules_slack::socket::supervisor::{DEAD, PING, STEADY};
use std::time::Duration;

/// Far longer than an acknowledgement takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// A bot whose next write of a task stands still; it was told to Slack over connection 1 or 2.
async fn bot_that_stands_still(fate: &Fate) -> Bot {
    let bot = Bot::set_up(Place::file(), fate.around(), Transport::Socket).await;
    bot.slack.wait_for_acks(LONG);
    fate.falls(Some(0));
    bot
}

#[tokio::test]
async fn the_successor_stands_before_the_predecessor_goes_and_no_acknowledgement_is_lost() {
    for reason in ["warning", "refresh_requested"] {
        let fate = Fate::open();
        let bot = bot_that_stands_still(&fate).await;
        bot.hands.forward(STEADY);
        let ann = bot.slack.user("ann");
        let typing = ann.types("dev", "/jules repo=404less tidy up");
        let meanwhile = async {
            fate.met().await;
            bot.slack.disconnect_sockets(reason);
            // The idle one is closed, and the one that still owes an answer is not.
            bot.until("successors stand", |slack| {
                let sockets = slack.sockets();
                sockets.len() == 3 && sockets.ends_with(&[3, 4])
            })
            .await;
            fate.lift();
        };
        let (ack, ()) = tokio::join!(typing, meanwhile);
        let ack = ack.expect("can type there");
        assert!(ack.ok() && ack.shown.is_some(), "{reason}: {ack:?}");
        bot.until("both are closed", |slack| slack.sockets() == [3, 4]).await;
        let log = bot.slack.socket_log();
        // Which of the two succeeds which is not said: the first to come precedes any end, and
        // the second the second.
        let mut closed = [at(&log, "1 closes"), at(&log, "2 closes")];
        closed.sort_unstable();
        assert!(at(&log, "3 connects") < closed[0], "{reason}: {log:#?}");
        assert!(at(&log, "4 connects") < closed[1], "{reason}: {log:#?}");
        bot.settle().await;
        bot.assert_once("dev");
    }
}

#[tokio::test]
async fn a_predecessor_still_takes_what_comes_until_its_successor_stands() {
    let bot = bot().await;
    bot.slack.wait_for_acks(LONG);
    bot.hands.forward(STEADY);
    bot.slack.hold_hellos(true);
    bot.slack.disconnect_sockets("warning");
    let opened = |number: u32| format!("{number} connects");
    bot.until("successors are open", |_| logged(&bot, &opened(3)) && logged(&bot, &opened(4)))
        .await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.types("ann", "/jules help").await;
    let log = bot.slack.socket_log();
    let answered = |old: u32| at(&log, &format!("{old} acknowledges with an answer"));
    assert!(answered(1) > at(&log, "3 connects") && answered(2) > at(&log, "3 connects"));
    bot.slack.hold_hellos(false);
    bot.until("they take over", |slack| slack.sockets() == [3, 4]).await;
    assert!(logged(&bot, "1 closes") && logged(&bot, "2 closes"));
    bot.assert_once("dev");
}

#[tokio::test]
async fn a_silent_peer_is_noticed_within_75_seconds() {
    let bot = bot().await;
    bot.slack.silence_sockets();
    later(&bot, socket(&bot), DEAD);
    bot.running().logs("does not answer and is let go", 2).await;
    later(&bot, socket(&bot), FIRST_REST);
    assert!(DEAD + FIRST_REST < SignedDuration::from_secs(75), "and another is opened");
    let new = |slack: &sim::slack::SimSlack| slack.sockets().ends_with(&[3, 4]);
    bot.until("others stand", new).await;
    socket(&bot).stands(State::Connected(2)).await;
    bot.slack.cut_socket(1);
    bot.slack.cut_socket(2);
    bot.until("the silent ones are gone", |slack| slack.sockets() == [3, 4]).await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn a_peer_that_answers_pings_is_kept() {
    let bot = bot().await;
    later(&bot, socket(&bot), PING);
    bot.until("both ping", |_| logged(&bot, "1 pings") && logged(&bot, "2 pings")).await;
    // Each pong comes before the command that follows it on the same connection.
    bot.types("ann", "/jules help").await;
    bot.types("ann", "/jules help").await;
    later(&bot, socket(&bot), DEAD - SignedDuration::from_secs(1));
    bot.types("ann", "/jules repo=404less tidy up").await;
    assert_eq!(bot.slack.sockets(), [1, 2]);
    assert!(!logged(&bot, "3 connects"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_opened_again() {
    let bot = bot().await;
    bot.slack.cut_sockets();
    bot.running().logs("trying again", 2).await;
    later(&bot, socket(&bot), FIRST_REST);
    bot.until("others stand", |slack| slack.sockets() == [3, 4]).await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn switched_off_in_slack_it_ends_and_says_what_to_do() {
    let bot = bot().await;
    bot.slack.switch_socket_mode_off();
    socket(&bot).ends().await;
    assert!(logged(&bot, "1 closes") && logged(&bot, "2 closes"));
    let log = bot.logged();
    assert!(log.contains("Socket Mode is switched off in the app's settings"), "{log}");
    assert!(log.contains("https://api.slack.com/apps") && log.contains("SLACK_APP_TOKEN"), "{log}");
    assert_eq!(bot.slack_calls("apps.connections.open"), 2, "it does not come back");
    let off = "Socket Mode is switched off in the app's settings\n".to_owned();
    assert_eq!(page(bot.url(), "/readyz").await, (503, off));
    assert_eq!(page(bot.url(), "/healthz").await.0, 200);
}

#[tokio::test]
async fn when_there_are_too_many_the_operator_is_told() {
    let bot = bot().await;
    bot.slack.disconnect_sockets("too_many_websockets");
    bot.until("both go", |slack| slack.sockets().is_empty()).await;
    bot.running().logs("run fewer replicas", 2).await;
    later(&bot, socket(&bot), FIRST_REST);
    socket(&bot).stands(State::Connected(2)).await;
}

#[tokio::test]
async fn a_stop_acknowledges_what_was_begun_and_closes_in_order() {
    let fate = Fate::open();
    let bot = bot_that_stands_still(&fate).await;
    let ann = bot.slack.user("ann");
    let typing = ann.types("dev", "/jules repo=404less tidy up");
    let meanwhile = async {
        fate.met().await;
        socket(&bot).stop();
        bot.until("the idle one is closed", |slack| slack.sockets().len() == 1).await;
        fate.lift();
        socket(&bot).ends().await;
    };
    let (ack, ()) = tokio::join!(typing, meanwhile);
    assert!(ack.expect("can type there").ok());
    bot.until("both are gone", |slack| slack.sockets().is_empty()).await;
    assert!(logged(&bot, "1 closes") && logged(&bot, "2 closes"));
    bot.settle().await;
    bot.assert_once("dev");
}
