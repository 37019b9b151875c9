//! Opening connections, and what can be in the way.

use super::{FIRST_REST, bot, later};
use crate::harness::bot::Bot;
use crate::harness::process::Replica;
use crate::stories::operate::page;
use jules_slack::socket::State;
use jules_slack::socket::supervisor::OPENING;
use sim::slack::Fault;
use std::time::Duration;

/// The first two openings fail like this; a process that starts meanwhile is told, and goes on.
async fn fails_first(bot: &mut Bot, fault: Fault) -> Replica {
    bot.kill().await;
    bot.slack.fault(fault).on("apps.connections.open").times(2);
    let replica = bot.unconnected_replica().await;
    replica.logs("rying again", 2).await;
    let socket = replica.socket.as_ref().expect("Socket Mode is on");
    later(bot, socket, FIRST_REST);
    socket.stands(State::Connected(2)).await;
    replica
}

#[tokio::test]
async fn it_is_ready_once_a_connection_stands() {
    let mut bot = bot().await;
    let ready = page(bot.url(), "/readyz").await;
    assert_eq!(ready, (200, "ready\n".to_owned()));
    bot.kill().await;
    bot.slack.hold_hellos(true);
    let replica = bot.unconnected_replica().await;
    let named = replica.run(|engine| async move { engine.learn_identity().await.map(|_| ()) });
    named.await.expect("lives").expect("Slack says who we are");
    let missing = "no Socket Mode connection to Slack is open yet\n".to_owned();
    assert_eq!(page(&replica.url, "/readyz").await, (503, missing));
    bot.until("both are open", |slack| slack.socket_log().contains(&"4 connects".to_owned())).await;
    bot.slack.hold_hellos(false);
    replica.connected().await;
    assert_eq!(page(&replica.url, "/readyz").await.0, 200);
}

#[tokio::test]
async fn a_token_without_its_scope_is_named_and_tried_again() {
    let mut bot = bot().await;
    bot.kill().await;
    bot.slack.grant_app_token(&["authorizations:read"]);
    let replica = bot.unconnected_replica().await;
    replica.logs("check SLACK_APP_TOKEN", 2).await;
    let log = replica.log.text();
    assert!(log.contains("missing_scope") && log.contains("connections:write"), "{log}");
    bot.slack.grant_app_token(&["connections:write"]);
    let socket = replica.socket.as_ref().expect("Socket Mode is on");
    later(&bot, socket, FIRST_REST);
    socket.stands(State::Connected(2)).await;
}

#[tokio::test]
async fn an_opening_that_is_refused_or_broken_is_tried_again() {
    let mut bot = bot().await;
    for fault in [
        Fault::Error("internal_error".to_owned()),
        Fault::Error("token_revoked".to_owned()),
        Fault::Status(502),
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::HangBefore,
    ] {
        let replica = fails_first(&mut bot, fault).await;
        replica.kill().await;
        bot.until("its connections are gone", |slack| slack.sockets().is_empty()).await;
    }
}

#[tokio::test]
async fn neither_tokens_nor_tickets_are_logged() {
    let mut bot = bot().await;
    bot.slack.cut_sockets();
    bot.running().logs("a Socket Mode connection ended", 2).await;
    let failed = fails_first(&mut bot, Fault::Status(502)).await;
    let log = failed.log.text();
    for secret in
        [bot.slack.app_token(), bot.slack.bot_token(), "ticket-", "ticket=", "ws://", "/link"]
    {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn a_hello_that_does_not_come_is_not_waited_for_for_ever() {
    let mut bot = bot().await;
    bot.kill().await;
    bot.slack.hold_hellos(true);
    let replica = bot.unconnected_replica().await;
    let connected = |slack: &sim::slack::SimSlack, number: u32| {
        slack.socket_log().contains(&format!("{number} connects"))
    };
    bot.until("both are open", |slack| connected(slack, 3) && connected(slack, 4)).await;
    let socket = replica.socket.as_ref().expect("Socket Mode is on");
    later(&bot, socket, OPENING);
    let gone = |number: u32| format!("{number} is gone");
    bot.until("both are given up", |slack| {
        let log = slack.socket_log();
        log.contains(&gone(3)) && log.contains(&gone(4))
    })
    .await;
    bot.slack.hold_hellos(false);
    later(&bot, socket, FIRST_REST);
    socket.stands(State::Connected(2)).await;
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_is_not_waited_for_for_ever() {
    let mut bot = bot().await;
    bot.kill().await;
    bot.slack.hold_handshakes(true);
    let replica = bot.unconnected_replica().await;
    bot.until("both were asked for", |slack| {
        slack.calls().iter().filter(|call| call.method == "apps.connections.open").count() == 4
    })
    .await;
    let socket = replica.socket.as_ref().expect("Socket Mode is on");
    later(&bot, socket, OPENING);
    replica.logs("does not answer and is let go", 2).await;
    bot.slack.hold_handshakes(false);
    later(&bot, socket, FIRST_REST);
    socket.stands(State::Connected(2)).await;
}

#[tokio::test]
async fn while_one_connection_is_down_the_other_takes_everything() {
    let bot = bot().await;
    bot.slack.wait_for_acks(Duration::from_secs(20));
    bot.slack.cut_socket(1);
    bot.until("it is gone", |slack| slack.sockets() == [2]).await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    assert_eq!(page(bot.url(), "/readyz").await.0, 200);
    bot.assert_once("dev");
}
