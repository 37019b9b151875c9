//! What comes over a connection, and what goes back.

use super::{FIRST_REST, bot, later, logged, socket};
use crate::harness::bot::{Bot, Place, Transport};
use crate::harness::fate::Fate;
use crate::stories::operate::page;
use jules_slack::socket::{LARGEST_FRAME, LARGEST_READ};
use serde_json::{Value, json};
use sim::slack::Failure;
use std::time::Duration;

/// Far longer than an acknowledgement takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_command_is_answered_inside_its_acknowledgement_before_any_work() {
    let bot = bot().await;
    let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
    let ack = ack.expect("can type there");
    assert!(ack.ok(), "{ack:?}");
    assert!(ack.shown.is_some_and(|shown| shown.contains("On it")));
    assert_eq!(bot.slack_calls("chat.postMessage"), 0, "the work comes after");
    bot.settle().await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn an_event_is_acknowledged_without_an_answer() {
    let bot = bot().await;
    let ack = bot.slack.sends_event(json!({ "type": "moon_rose", "phase": [1, null] })).await;
    assert!(ack.ok(), "{ack:?}");
    assert_eq!(ack.body, "");
    assert!(bot.slack.socket_log().iter().any(|line| line.ends_with(" acknowledges")));
}

#[tokio::test]
async fn deliveries_are_spread_over_both_connections() {
    let bot = bot().await;
    for _ in 0..4 {
        bot.types("ann", "/jules help").await;
    }
    for connection in [1, 2] {
        let line = format!("{connection} acknowledges with an answer");
        let log = bot.slack.socket_log();
        assert_eq!(log.iter().filter(|logged| **logged == line).count(), 2, "{log:#?}");
    }
}

#[tokio::test]
async fn a_slow_delivery_delays_no_other() {
    let fate = Fate::open();
    let bot = Bot::set_up(Place::file(), fate.around(), Transport::Socket).await;
    bot.slack.wait_for_acks(LONG);
    fate.falls(Some(0));
    let ann = bot.slack.user("ann");
    let slow = ann.types("dev", "/jules repo=404less tidy up");
    let others = async {
        let point = fate.met().await;
        assert!(point.starts_with("before a write of task"), "{point}");
        // Of two in turn one takes the same connection.
        for _ in 0..2 {
            let ack = bot.slack.user("ben").types("dev", "/jules help").await;
            assert!(ack.expect("can type there").ok());
        }
        fate.lift();
    };
    let (slow, ()) = tokio::join!(slow, others);
    assert!(slow.expect("can type there").ok());
    let log = bot.slack.socket_log();
    assert_eq!(log.iter().filter(|line| line.contains("with an answer")).count(), 3, "{log:#?}");
    bot.settle().await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged_and_comes_again() {
    let bot = bot().await;
    bot.store.off();
    bot.slack.wait_for_acks(Duration::from_millis(200));
    let ack = bot.slack.sends_event(joined()).await;
    assert_eq!(ack.failure, Some(Failure::Timeout));
    bot.store.on();
    bot.slack.wait_for_acks(LONG);
    let acks = bot.slack.deliver_retries(bot.hands.now()).await;
    assert!(acks.len() == 1 && acks[0].ok(), "{acks:?}");
}

#[tokio::test]
async fn an_event_whose_acknowledgement_was_lost_is_handled_once() {
    let bot = bot().await;
    bot.slack.lose_acks(1);
    let ack = bot.slack.sends_event(joined()).await;
    assert_eq!(ack.failure, Some(Failure::Timeout));
    let stored = || async {
        let keys = bot.engine().store().list("", None, 100, bot.hands.now()).await;
        keys.expect("the store answers")
    };
    let before = stored().await;
    assert_eq!(before.len(), 1, "it is known");
    let again = bot.slack.deliver_retries(bot.hands.now()).await;
    assert!(again.len() == 1 && again[0].ok(), "{again:?}");
    assert_eq!(stored().await, before);
}

#[tokio::test]
async fn what_is_unknown_is_acknowledged_and_counted() {
    let bot = bot().await;
    bot.slack.push_frame(r#"{"type":"mind_read","envelope_id":"e1","payload":{"a":1}}"#);
    let acknowledged = "1 acknowledges what nobody waits for";
    bot.until("the acknowledgement", |_| logged(&bot, acknowledged)).await;
    let page = page(bot.url(), "/metrics").await.1;
    assert!(
        page.contains(r#"jules_slack_socket_frames_total{kind="unknown_envelope"} 1"#),
        "{page}"
    );
    assert!(page.contains(r#"jules_slack_socket_frames_total{kind="hello"} 2"#), "{page}");
    assert!(page.contains("jules_slack_socket_connections 2"), "{page}");
    assert!(!page.contains("mind_read"), "Slack's words are no labels:\n{page}");
}

#[tokio::test]
async fn what_makes_no_sense_does_no_harm() {
    let bot = bot().await;
    for text in ["", "{", "[]", "null", r#"{"type":5}"#, r#"{"type":"new"}"#] {
        bot.slack.push_frame(text);
    }
    for kind in ["slash_commands", "interactive", "events_api"] {
        for payload in [json!(null), json!(5), json!([]), json!({}), json!({ "type": 5 })] {
            let frame = json!({ "type": kind, "envelope_id": "e1", "payload": payload });
            bot.slack.push_frame(&frame.to_string());
        }
    }
    let all = |lines: &[String]| lines.iter().filter(|line| line.contains("nobody")).count();
    bot.until("all are acknowledged", |slack| all(&slack.socket_log()) == 15).await;
    assert_eq!(bot.slack.sockets(), [1, 2], "the connection stands");
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn other_installations_do_no_harm_over_a_socket_either() {
    let bot = bot().await;
    let fixtures = [
        include_str!("../../fixtures/slack/view_submission_org_wide.json"),
        include_str!("../../fixtures/slack/block_actions_button_org_wide.json"),
        include_str!("../../fixtures/slack/shortcut_org_wide.json"),
    ];
    for (number, fixture) in fixtures.iter().enumerate() {
        let payload: Value = serde_json::from_str(fixture).expect("JSON");
        let id = format!("e{number}");
        let frame = json!({ "type": "interactive", "envelope_id": id,
            "accepts_response_payload": true, "payload": payload });
        bot.slack.push_frame(&frame.to_string());
    }
    let all = |lines: &[String]| lines.iter().filter(|line| line.contains("nobody")).count();
    bot.until("all are acknowledged", |slack| all(&slack.socket_log()) == 3).await;
    bot.settle().await;
    bot.assert_nothing_started();
}

#[tokio::test]
async fn a_frame_that_is_too_large_is_refused_and_the_connection_renewed() {
    let bot = bot().await;
    bot.slack.push_frame(&"a".repeat(LARGEST_READ + 1));
    bot.running().logs("larger than", 1).await;
    bot.until("it is gone", |slack| slack.sockets() == [2]).await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    later(&bot, socket(&bot), FIRST_REST);
    bot.until("another stands", |slack| slack.sockets() == [2, 3]).await;
    bot.assert_once("dev");
}

#[tokio::test]
async fn a_delivery_that_is_too_large_is_acknowledged_and_its_author_told() {
    let bot = bot().await;
    bot.types("ann", "/jules repo=404less tidy up").await;
    let message = json!({
        "type": "message", "user": bot.slack.user("ann").id(), "ts": "1700000000.000100",
        "thread_ts": bot.root(), "channel": bot.slack.channel("dev"),
        "text": "a".repeat(LARGEST_FRAME),
    });
    let ack = bot.slack.sends_event(message).await;
    assert!(ack.ok(), "{ack:?}");
    bot.settle().await;
    assert_eq!(bot.told_jules(), Vec::<String>::new());
    assert!(bot.privately("ann").contains("Your message is too long"), "{}", bot.privately("ann"));
    assert_eq!(bot.slack.sockets(), [1, 2], "the connections stand");
}

#[tokio::test]
async fn half_a_character_in_a_frame_costs_no_delivery() {
    let bot = bot().await;
    bot.slack.push_frame(
        r#"{"type":"new","envelope_id":"e1","payload":{"preview":"x\ud83d","a\udc00":"\ud83d\ude00"}}"#,
    );
    let acknowledged = "1 acknowledges what nobody waits for";
    bot.until("the acknowledgement", |_| logged(&bot, acknowledged)).await;
}

#[tokio::test]
async fn a_frame_that_is_just_not_too_large_is_read() {
    let bot = bot().await;
    let empty = json!({ "type": "new", "envelope_id": "e1", "payload": "" }).to_string();
    let payload = "a".repeat(LARGEST_FRAME - empty.len());
    let frame = json!({ "type": "new", "envelope_id": "e1", "payload": payload }).to_string();
    assert_eq!(frame.len(), LARGEST_FRAME);
    bot.slack.push_frame(&frame);
    let acknowledged = "1 acknowledges what nobody waits for";
    bot.until("the acknowledgement", |_| logged(&bot, acknowledged)).await;
}

#[tokio::test]
async fn pings_are_answered() {
    let bot = bot().await;
    bot.slack.ping_socket();
    bot.until("the pong", |_| logged(&bot, "1 pongs")).await;
}

/// An event that is remembered: what is nobody's business is not.
fn joined() -> serde_json::Value {
    json!({ "type": "member_joined_channel", "user": "U0ANN", "channel": "C0DEV" })
}
