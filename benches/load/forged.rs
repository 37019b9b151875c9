//! Forged requests from elsewhere: from a process that gives way to everybody else on its processor. A
//! real flood comes from other machines, and takes no time of those who type, or of Redis.

use crate::generator::{Mix, Order, Pace, fire};
use crate::peers;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Connections that it comes over.
const CONNECTIONS: u32 = 64;

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ForgedOutcome {
    pub(crate) refused_a_second: f64,
    /// Answers other than a refusal.
    pub(crate) wrong: u64,
}

/// One that keeps running.
pub(crate) struct ForgedRequests(Child);

impl ForgedRequests {
    /// Begins: so many a second, for so long.
    pub(crate) fn begin(address: SocketAddr, rate: u32, length: Duration) -> Self {
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(std::env::current_exe().expect("has a path"));
        command.args(["forged-requests", &address.to_string()]);
        command.args([rate.to_string(), length.as_millis().to_string()]);
        Self(command.stdout(Stdio::piped()).spawn().expect("starts"))
    }

    /// Waits for its end.
    pub(crate) fn end(self) -> ForgedOutcome {
        let ended = self.0.wait_with_output().expect("was started");
        serde_json::from_slice(&ended.stdout).expect("says what came of it")
    }
}

/// The other process.
pub(crate) fn send(address: SocketAddr, rate: u32, length: Duration) {
    let aim = peers::aim(address, "/slack/events", Arc::new(peers::stranger()));
    let pace = Pace::Open(rate);
    let order = Order { mix: Mix::Forged, pace, connections: CONNECTIONS, length, numbered: false };
    let volley = fire(&aim, order);
    #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
    let refused = volley.forged.len() as f64;
    let refused_a_second = refused / volley.took.as_secs_f64();
    let outcome = ForgedOutcome { refused_a_second, wrong: volley.wrong };
    println!("{}", serde_json::to_string(&outcome).expect("is JSON"));
}
