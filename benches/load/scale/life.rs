//! Sessions live: every few seconds each of them takes the next step of its script, to its end.

use crate::world::KEY;
use sim::jules::{Account, SimJules};
use std::collections::HashMap;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// The time between two steps of a session.
const STEP: Duration = Duration::from_secs(3);

/// How many steps there are, and some more.
const STEPS: u32 = 10;

/// Lets the account's sessions live until it is told to stop.
pub(super) fn begin(jules: &SimJules, runtime: &Runtime) -> CancellationToken {
    let stop = CancellationToken::new();
    let (stopped, account) = (stop.clone(), jules.account(KEY));
    runtime.spawn(stopped.run_until_cancelled_owned(live(account)));
    stop
}

async fn live(account: Account) {
    let mut taken: HashMap<String, u32> = HashMap::new();
    let mut rounds = tokio::time::interval(STEP);
    loop {
        rounds.tick().await;
        for session in account.sessions() {
            let steps = taken.entry(session.id.clone()).or_default();
            if *steps < STEPS {
                account.step(&session.id);
                *steps += 1;
            }
        }
    }
}
