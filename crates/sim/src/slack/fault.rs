//! Failures on request: what a test can make Slack do wrong, and the log of what the app asked.

use super::server::SimSlack;
use jiff::Timestamp;
use platform::lock::lock;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// One call of the app, in the order in which they came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The Web API method, or `response_url`.
    pub method: String,
    /// The arguments as the app sent them; what is secret in them is left out: a token, and a code and the app's
    /// secret for `oauth.v2.access`.
    pub args: Value,
    /// The bot token was there and right. Always true for a `response_url`, which needs none; for
    /// `oauth.v2.access`, the app's id and secret.
    pub token_ok: bool,
    /// When it came in, by the simulation's clock.
    pub at: Timestamp,
    /// What the simulation did about it: `ok`, an error code, or `None` when it did nothing.
    pub did: Option<String>,
    /// The failure that was played instead of, or on top of, a proper answer.
    pub fault: Option<Fault>,
}

/// A way to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Refuses with this code (`ok: false`, HTTP 200); nothing happens.
    Error(String),
    /// HTTP 429, with `Retry-After` in seconds when given; nothing happens.
    Limited(Option<u32>),
    /// This HTTP status with a page of HTML, as a proxy gives; nothing happens.
    Status(u16),
    /// Never answers; nothing happens.
    HangBefore,
    /// Closes the connection without an answer; nothing happens.
    DropBefore,
    /// Does it, and never answers.
    HangAfter,
    /// Does it, and closes the connection without an answer.
    DropAfter,
    /// Does it, and says `internal_error`.
    ErrorAfter,
    /// Does it, and takes this long in real time to answer.
    Slow(Duration),
}

/// Decides about each call whether it fails, and how. Called once per call, before anything happens.
pub type Gate = Arc<dyn Fn(&Call) -> Option<Fault> + Send + Sync>;

/// A fault that waits for its calls.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) fault: Fault,
    /// Any method when `None`.
    pub(super) method: Option<String>,
    /// Calls to let pass first.
    pub(super) skip: u32,
    pub(super) left: u32,
}

impl Plan {
    /// Whether this call is one of its own; counts it.
    fn takes(&mut self, method: &str) -> bool {
        if self.left == 0 || self.method.as_deref().is_some_and(|mine| mine != method) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.left -= 1;
        true
    }
}

/// The fault that the first fitting plan has for this call.
pub(super) fn planned(plans: &mut Vec<Plan>, method: &str) -> Option<Fault> {
    let fault = plans.iter_mut().find_map(|plan| plan.takes(method).then(|| plan.fault.clone()));
    plans.retain(|plan| plan.left > 0);
    fault
}

impl Fault {
    /// Whether the call takes effect all the same.
    #[must_use]
    pub fn commits(&self) -> bool {
        matches!(self, Self::HangAfter | Self::DropAfter | Self::ErrorAfter | Self::Slow(_))
    }
}

impl SimSlack {
    /// Plans a failure: `slack.fault(Fault::DropAfter).on("chat.postMessage").times(1)`.
    #[must_use = "a fault is planned by `times`"]
    pub fn fault(&self, fault: Fault) -> Faulty<'_> {
        Faulty { slack: self, plan: Plan { fault, method: None, skip: 0, left: 0 } }
    }

    /// Asks this about every call, `response_url` included, in place of an earlier gate. It comes
    /// before planned faults.
    pub fn gate(&self, gate: Gate) {
        *lock(&self.inner.gate) = Some(gate);
    }

    /// Removes the gate and all planned faults.
    pub fn heal(&self) {
        *lock(&self.inner.gate) = None;
        self.change(|world| world.plans.clear());
    }

    pub(super) fn gate_says(&self, call: &Call) -> Option<Fault> {
        let gate = lock(&self.inner.gate).clone();
        gate.and_then(|gate| gate(call))
    }
}

/// A fault that is being planned; see [`SimSlack::fault`].
pub struct Faulty<'a> {
    slack: &'a SimSlack,
    plan: Plan,
}

impl Faulty<'_> {
    /// Only calls of this method (or `response_url`); any call without it.
    #[must_use = "a fault is planned by `times`"]
    pub fn on(mut self, method: &str) -> Self {
        self.plan.method = Some(method.to_owned());
        self
    }

    /// Lets so many calls pass first.
    #[must_use = "a fault is planned by `times`"]
    pub fn after(mut self, calls: u32) -> Self {
        self.plan.skip = calls;
        self
    }

    /// Plans it for the next so many calls.
    pub fn times(mut self, times: u32) {
        self.plan.left = times;
        let plan = self.plan;
        self.slack.change(|world| world.plans.push(plan));
    }
}
