//! What happens to calls around a death: each takes a moment, and near a death one write in three never
//! arrives.

use crate::stage::Stage;
use platform::lock::lock;
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::Fault as SlackFault;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::dice::Dice;

/// Of so many writes near a death, one never arrives.
const ONE_IN: u64 = 3;

/// Clones are the same fate.
#[derive(Clone)]
pub(super) struct Fate {
    near: Arc<AtomicBool>,
    /// What a call takes, in milliseconds.
    call: Arc<AtomicU64>,
    dice: Arc<Mutex<Dice>>,
}

impl Fate {
    /// Puts itself between the program and the simulations.
    pub(super) fn over(stage: &Stage, call: Duration) -> Self {
        let fate =
            Self { near: Arc::default(), call: Arc::default(), dice: Arc::new(Dice::of(3).into()) };
        fate.passes(call);
        let slack = fate.clone();
        stage.slack.gate(Arc::new(move |call| match call.method.as_str() {
            // Not what is measured: who we are, and small signs.
            "auth.test" | "reactions.add" | "reactions.remove" | "response_url" => None,
            "chat.postMessage" if slack.swallows() => Some(SlackFault::HangBefore),
            _ => Some(SlackFault::Slow(slack.length())),
        }));
        let jules = fate.clone();
        stage.jules.gate(Arc::new(move |call| match call.op {
            Op::ListSources | Op::GetSource => None,
            Op::CreateSession if jules.swallows() => Some(JulesFault::HangBefore),
            _ => Some(JulesFault::SlowHeaders(jules.length())),
        }));
        fate
    }

    /// Whether a death is near.
    pub(super) fn is_near(&self, near: bool) {
        self.near.store(near, Ordering::Relaxed);
    }

    /// From here on a call takes this long.
    pub(super) fn passes(&self, call: Duration) {
        self.call.store(u64::try_from(call.as_millis()).unwrap_or(0), Ordering::Relaxed);
    }

    fn length(&self) -> Duration {
        Duration::from_millis(self.call.load(Ordering::Relaxed))
    }

    fn swallows(&self) -> bool {
        self.near.load(Ordering::Relaxed) && lock(&self.dice).below(ONE_IN) == 0
    }
}
