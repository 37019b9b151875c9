//! Socket Mode: the machine that decides, and the connections that do as it says, against the
//! simulated Slack. Time passes when a test says so.

mod ends;
mod frames;
mod opens;
mod plan;

use crate::harness::bot::{Bot, Place};
use crate::harness::process::Socket;
use jiff::SignedDuration;

/// A bot that Slack delivers to over its connections 1 and 2.
async fn bot() -> Bot {
    Bot::over_a_socket(Place::file()).await
}

/// Longer than the longest rest after a first failure.
const FIRST_REST: SignedDuration = SignedDuration::from_secs(2);

/// Lets time pass and tells Socket Mode of it.
fn later(bot: &Bot, socket: &Socket, time: SignedDuration) {
    bot.hands.forward(time);
    socket.beat();
}

fn socket(bot: &Bot) -> &Socket {
    bot.running().socket.as_ref().expect("Socket Mode is on")
}

/// Where something first stands in Slack's log.
fn at(log: &[String], line: &str) -> usize {
    let at = log.iter().position(|logged| logged == line);
    at.unwrap_or_else(|| panic!("no {line:?} in {log:#?}"))
}

fn logged(bot: &Bot, line: &str) -> bool {
    bot.slack.socket_log().iter().any(|logged| logged == line)
}
