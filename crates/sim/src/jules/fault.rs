//! What can go wrong with a call, and when it does (reference §7.2).
//!
//! The question that matters for a write is whether it happened. So each fault says of itself
//! whether it strikes *before* the service looked at the request (nothing is done) or *after*
//! (it is done, and the client may not learn of it).

use super::call::{Call, Op};
use super::ids::mix;
use super::reply::{Refusal, Reply};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One way for a call to go wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This reply instead of the service's; nothing is done.
    Answer(Reply),
    /// No reply, ever; nothing is done.
    HangBefore,
    /// No reply, ever; it is done.
    HangAfter,
    /// The connection closes without a reply; nothing is done.
    DropBefore,
    /// The connection closes without a reply; it is done.
    DropAfter,
    /// This status with Google's envelope for it; it is done.
    ErrorAfter(u16),
    /// It is done, but the head of the reply comes only after this long.
    SlowHeaders(Duration),
    /// It is done; the body comes in pieces of so many bytes with a pause after each.
    DripBody {
        /// Bytes in one piece.
        bytes: usize,
        /// The pause after each.
        pause: Duration,
    },
    /// It is done; the reply is half of the JSON, well framed.
    TruncatedJson,
    /// It is done; the reply is a page of HTML with status 200.
    Html200,
    /// It is done; the reply has no body.
    EmptyBody,
    /// It is done; the JSON calls itself `text/plain`.
    WrongContentType,
    /// It is done; the JSON has bytes that are not UTF-8.
    InvalidUtf8,
    /// It is done; the reply is `null`.
    JsonNull,
    /// It is done; the connection is reset in the middle of the body.
    ResetMidBody,
    /// It is done; unless the call has a `fields` mask, the reply is a page of activities with
    /// a diff of so many bytes in it (F7: 874 MB were seen).
    Flood(u64),
    /// It is done; the JSON of a good reply is changed on its way out. [`odd`](super::odd) has
    /// ready-made ones.
    Rewrite(Rewrite),
}

/// A change to the JSON of a reply.
#[derive(Clone)]
pub struct Rewrite(pub Arc<dyn Fn(&mut Value) + Send + Sync>);

impl fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rewrite")
    }
}

/// The odd forms of `Retry-After` (F1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// No such header, as in every live 429 that was published.
    Absent,
    /// Seconds, however many.
    Seconds(u64),
    /// An HTTP date.
    At(Timestamp),
    /// Any text: garbage, a negative number, a fraction.
    Text(&'static str),
}

impl Fault {
    /// Google's envelope for a status; nothing is done.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Answer(Refusal::of_status(code).into())
    }

    /// 400 `INVALID_ARGUMENT` in these words, which may quote what was sent; nothing is done.
    #[must_use]
    pub fn invalid(words: &str) -> Self {
        Self::Answer(Refusal::invalid("prompt", words).into())
    }

    /// 429 `RESOURCE_EXHAUSTED`; nothing is done.
    #[must_use]
    pub fn too_many(retry_after: &RetryAfter) -> Self {
        let reply = Reply::from(Refusal::of_status(429));
        Self::Answer(match retry_after {
            RetryAfter::Absent => reply,
            RetryAfter::Seconds(n) => reply.header("retry-after", &n.to_string()),
            RetryAfter::At(at) => {
                let date = DateTimePrinter::new().timestamp_to_rfc9110_string(at);
                reply.header("retry-after", &date.unwrap_or_default())
            }
            RetryAfter::Text(text) => reply.header("retry-after", text),
        })
    }

    /// A gateway's HTML page, 502 for example; nothing is done.
    #[must_use]
    pub fn html(code: u16) -> Self {
        Self::Answer(Reply::html(code, "The server encountered a temporary error."))
    }

    /// 400 `FAILED_PRECONDITION`, as for used-up limits; nothing is done.
    #[must_use]
    pub fn failed_precondition() -> Self {
        Self::Answer(Refusal::precondition().into())
    }

    /// A change to the JSON of a good reply.
    pub fn rewrite(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Rewrite(Rewrite(Arc::new(change)))
    }

    /// Whether the service still does what it was asked.
    #[must_use]
    pub fn commits(&self) -> bool {
        !matches!(self, Self::Answer(_) | Self::HangBefore | Self::DropBefore)
    }
}

/// Asked on every call, before the armed faults: the place where crash tests stand.
pub type Gate = Arc<dyn Fn(&Call) -> Option<Fault> + Send + Sync>;

/// How long an armed fault stays armed.
enum Stays {
    Times(u32),
    ForEver,
    /// For ever, but striking only with this probability; the count makes each draw.
    Chance {
        probability: f64,
        seed: u64,
        drawn: u64,
    },
}

struct Armed {
    fault: Fault,
    ops: Vec<Op>,
    key: Option<String>,
    stays: Stays,
}

impl Armed {
    fn strikes(&mut self, call: &Call) -> bool {
        let meant = (self.ops.is_empty() || self.ops.contains(&call.op))
            && (self.key.is_none() || self.key == call.key);
        meant
            && match &mut self.stays {
                Stays::Times(0) => false,
                Stays::Times(left) => {
                    *left -= 1;
                    true
                }
                Stays::ForEver => true,
                Stays::Chance { probability, seed, drawn } => {
                    *drawn += 1;
                    let draw = mix(seed.wrapping_add(*drawn)) >> 11;
                    (draw as f64) < *probability * (1_u64 << 53) as f64
                }
            }
    }
}

/// The gate and the armed faults.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) gate: Option<Gate>,
    armed: Vec<Armed>,
}

impl Faults {
    /// The fault of the earliest one armed that strikes this call.
    pub(super) fn strike(&mut self, call: &Call) -> Option<Fault> {
        let armed =
            self.armed.iter_mut().map(|a| (a.strikes(call), a)).find(|(strikes, _)| *strikes);
        armed.map(|(_, a)| a.fault.clone())
    }

    pub(super) fn disarm(&mut self) {
        self.armed.clear();
    }
}

/// A fault being armed: name the calls, then say for how long.
#[must_use = "the fault is armed by once, times, for_ever or with_chance"]
pub struct Arming<'a> {
    pub(super) into: &'a std::sync::Mutex<Faults>,
    pub(super) fault: Fault,
    pub(super) ops: Vec<Op>,
    pub(super) key: Option<String>,
}

impl Arming<'_> {
    /// Only calls of this operation; said several times, of any of these. Otherwise every call.
    pub fn on(mut self, op: Op) -> Self {
        self.ops.push(op);
        self
    }

    /// Only calls with this key.
    pub fn only_for(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// The next call that fits.
    pub fn once(self) {
        self.times(1);
    }

    /// The next `n` calls that fit.
    pub fn times(self, n: u32) {
        self.arm(Stays::Times(n));
    }

    /// Every call that fits, until [`clear_faults`](super::SimJules::clear_faults).
    pub fn for_ever(self) {
        self.arm(Stays::ForEver);
    }

    /// Every call that fits, with this probability (0 to 1); the same seed gives the same calls.
    pub fn with_chance(self, probability: f64, seed: u64) {
        self.arm(Stays::Chance { probability, seed, drawn: 0 });
    }

    fn arm(self, stays: Stays) {
        let armed = Armed { fault: self.fault, ops: self.ops, key: self.key, stays };
        platform::lock::lock(self.into).armed.push(armed);
    }
}
