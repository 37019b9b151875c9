//! Everything that is measured: one table, and the only functions that measure.
//!
//! Code that has something to count calls a function here, so that the table, the help texts of
//! `/metrics`, `docs/OPERATIONS.md` and the dashboard in `deploy/grafana` can be held against each
//! other. Labels are words of this program, never an id: what grows with people, channels, tasks or
//! repositories is for the log.

use metrics::{
    SharedString, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use std::time::{Duration, Instant};

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only rises, from 0 at the start of the process.
    Counter,
    /// It is what it is now.
    Gauge,
    /// How often something was below each of these bounds, in seconds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Prometheus' word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, as Prometheus has it.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Its labels, all of which every value of it has.
    pub labels: &'static [&'static str],
    /// What it says, for people.
    pub help: &'static str,
}

/// Slack gives up after 3 s, so that is where the bounds are.
const ACKNOWLEDGED: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 3.0];

/// Slack is given 10 s, a list of Jules' up to 150 s.
const CALLED: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 150.0];

const DELIVERIES: Metric = Metric {
    name: "jules_slack_deliveries_total",
    kind: Kind::Counter,
    labels: &["kind", "answer"],
    help: "Deliveries from Slack, by kind and answer.",
};

const ACKNOWLEDGE: Metric = Metric {
    name: "jules_slack_acknowledge_seconds",
    kind: Kind::Histogram(ACKNOWLEDGED),
    labels: &["transport"],
    help: "From having read a delivery to its answer; Slack gives up after 3 seconds.",
};

const EFFECTS: Metric = Metric {
    name: "jules_slack_effects_total",
    kind: Kind::Counter,
    labels: &["kind", "outcome"],
    help: "Effects performed for tasks, by kind and outcome.",
};

const RETRIES: Metric = Metric {
    name: "jules_slack_retries_total",
    kind: Kind::Counter,
    labels: &["kind"],
    help: "Attempts after the first at the same effect, lookups included.",
};

const CALLS: Metric = Metric {
    name: "jules_slack_call_seconds",
    kind: Kind::Histogram(CALLED),
    labels: &["api", "method", "status"],
    help: "Calls to Slack, Jules and GitHub: how long each took and how it ended.",
};

const TASKS: Metric = Metric {
    name: "jules_slack_tasks",
    kind: Kind::Gauge,
    labels: &["state"],
    help: "Open tasks by state; counted every 30 seconds.",
};

const WAITING: Metric = Metric {
    name: "jules_slack_waiting_effects",
    kind: Kind::Gauge,
    labels: &["kind"],
    help: "Work still to be done at Slack or Jules, by kind; counted every 30 seconds.",
};

const OLDEST: Metric = Metric {
    name: "jules_slack_oldest_waiting_seconds",
    kind: Kind::Gauge,
    labels: &["kind"],
    help: "For how long the oldest of them has been due or tried.",
};

const WATCHED: Metric = Metric {
    name: "jules_slack_watched_sessions",
    kind: Kind::Gauge,
    labels: &[],
    help: "Jules sessions that are watched: running, or ended within half an hour; counted every 30 seconds.",
};

const LAG: Metric = Metric {
    name: "jules_slack_watch_lag_seconds",
    kind: Kind::Gauge,
    labels: &[],
    help: "How long something new in a session hasn't been read, or a look at one has been overdue; the longest counts.",
};

const READS_LEFT: Metric = Metric {
    name: "jules_slack_watch_reads_left",
    kind: Kind::Gauge,
    labels: &[],
    help: "How many lists of activities Jules may be asked for right now; 0 is the limit.",
};

const LEFT_BEHIND: Metric = Metric {
    name: "jules_slack_left_behind",
    kind: Kind::Gauge,
    labels: &[],
    help: "Documents that waited at the start, or that a dead process had, and that weren't looked at yet.",
};

const RESUME: Metric = Metric {
    name: "jules_slack_resume_seconds",
    kind: Kind::Gauge,
    labels: &[],
    help: "How long it took the last time until all of them were looked at.",
};

const FRAMES: Metric = Metric {
    name: "jules_slack_socket_frames_total",
    kind: Kind::Counter,
    labels: &["kind"],
    help: "Frames received over Socket Mode, by kind.",
};

const CONNECTIONS: Metric = Metric {
    name: "jules_slack_socket_connections",
    kind: Kind::Gauge,
    labels: &[],
    help: "Socket Mode connections that receive deliveries; two when it's on.",
};

const FOREIGN: Metric = Metric {
    name: "jules_slack_foreign_documents_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Documents of another installation that were found in the store and left alone: give each its own STORE.",
};

const UNREADABLE: Metric = Metric {
    name: "jules_slack_unreadable_documents_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Damaged documents, which this process leaves alone, each counted once; the log names them.",
};

const REFUSED: Metric = Metric {
    name: "jules_slack_refused_total",
    kind: Kind::Counter,
    labels: &["rule"],
    help: "What people asked for and may not do, by the access rule that says so.",
};

const STORE: Metric = Metric {
    name: "jules_slack_store_ok",
    kind: Kind::Gauge,
    labels: &[],
    help: "Whether the store answered when it was last asked what is due, and accepted the last write: 1 yes, 0 no.",
};

const CREDENTIAL: Metric = Metric {
    name: "jules_slack_credential_ok",
    kind: Kind::Gauge,
    labels: &["api"],
    help: "Whether the API accepted our credential in the last call: 1 yes, 0 no.",
};

const BUILD: Metric = Metric {
    name: "jules_slack_build_info",
    kind: Kind::Gauge,
    labels: &["version"],
    help: "1, with the version of the program.",
};

/// The table: every metric there is.
pub const METRICS: &[Metric] = &[
    DELIVERIES,
    ACKNOWLEDGE,
    EFFECTS,
    RETRIES,
    CALLS,
    TASKS,
    WAITING,
    OLDEST,
    WATCHED,
    LAG,
    READS_LEFT,
    LEFT_BEHIND,
    RESUME,
    FRAMES,
    CONNECTIONS,
    FOREIGN,
    UNREADABLE,
    REFUSED,
    STORE,
    CREDENTIAL,
    BUILD,
];

/// Tells the recorder of this thread, or the global one, what each metric says, and which program
/// this is. Once, before anything is measured.
pub fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => describe_histogram!(metric.name, metric.help),
        }
    }
    // It is to be seen that there are none.
    counter!(FOREIGN.name).increment(0);
    counter!(UNREADABLE.name).increment(0);
    left_behind(0);
    resumed(Duration::ZERO);
    gauge!(BUILD.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Slack delivered something of this kind, and was answered so.
pub fn delivery(kind: &'static str, answer: &'static str) {
    counter!(DELIVERIES.name, "kind" => kind, "answer" => answer).increment(1);
}

/// A delivery was answered over this transport, so long after it was read.
pub fn acknowledged(transport: &'static str, after: Duration) {
    histogram!(ACKNOWLEDGE.name, "transport" => transport).record(after);
}

/// A frame of this kind came over a connection of Socket Mode.
pub fn frame(kind: &'static str) {
    counter!(FRAMES.name, "kind" => kind).increment(1);
}

/// So many connections of Socket Mode take deliveries.
pub fn connections(count: u32) {
    gauge!(CONNECTIONS.name).set(count);
}

/// An attempt at something outside ended; `number` counts the attempts from 1.
pub fn effect(kind: &'static str, outcome: &'static str, number: u32) {
    counter!(EFFECTS.name, "kind" => kind, "outcome" => outcome).increment(1);
    if number > 1 {
        counter!(RETRIES.name, "kind" => kind).increment(1);
    }
}

/// So many tasks are in this state.
pub fn tasks(state: &'static str, count: u32) {
    gauge!(TASKS.name, "state" => state).set(count);
}

/// So much of this kind is still to be done, the oldest for so long.
pub fn waiting(kind: &'static str, count: u32, oldest: Duration) {
    gauge!(WAITING.name, "kind" => kind).set(count);
    gauge!(OLDEST.name, "kind" => kind).set(oldest);
}

/// How the watch over Jules' sessions stands.
pub fn watch(sessions: u32, lag: Duration, reads_left: u32) {
    gauge!(WATCHED.name).set(sessions);
    gauge!(LAG.name).set(lag);
    gauge!(READS_LEFT.name).set(reads_left);
}

/// So many documents were found that have to be looked at, whatever they wait for.
pub fn left_behind(count: u32) {
    gauge!(LEFT_BEHIND.name).set(count);
}

/// All of them were looked at, so long after they were found.
pub fn resumed(after: Duration) {
    gauge!(RESUME.name).set(after);
}

/// Whom a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Slack's Web API, or a `response_url`.
    Slack,
    /// Jules' API.
    Jules,
    /// GitHub's API.
    GitHub,
}

impl Api {
    const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Jules => "jules",
            Self::GitHub => "github",
        }
    }

    /// Its name, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Jules => "Jules",
            Self::GitHub => "GitHub",
        }
    }
}

/// Another installation's document was found in the store.
pub fn foreign_document() {
    counter!(FOREIGN.name).increment(1);
}

/// A document can't be read.
pub fn unreadable_document() {
    counter!(UNREADABLE.name).increment(1);
}

/// Someone may not do what they asked for.
pub fn refused(rule: &'static str) {
    counter!(REFUSED.name, "rule" => rule).increment(1);
}

/// Whether the store answers and accepts writes.
pub fn store(ok: bool) {
    gauge!(STORE.name).set(f64::from(u8::from(ok)));
}

/// Whether an API accepts our credential.
pub fn credential(api: Api, ok: bool) {
    gauge!(CREDENTIAL.name, "api" => api.name()).set(f64::from(u8::from(ok)));
}

/// How a call ended, in words that both APIs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// It was done.
    Ok,
    /// They said no: 4xx, or Slack's `"ok": false`.
    Refused,
    /// They asked to wait (429).
    Limited,
    /// They are in trouble (5xx), or their answer makes no sense.
    Failed,
    /// There was no whole answer in time.
    Lost,
}

impl CallEnd {
    /// What a status of HTTP says.
    #[must_use]
    pub const fn of_status(code: u16) -> Self {
        match code {
            200..300 => Self::Ok,
            429 => Self::Limited,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }
}

/// A call that is under way. One that is given up, dropped before its end is told, counts as lost.
#[derive(Debug)]
pub struct Call {
    api: Api,
    method: SharedString,
    begun: Instant,
    end: CallEnd,
}

impl Call {
    /// It is sent now.
    #[must_use]
    pub fn begin(api: Api, method: impl Into<SharedString>) -> Self {
        Self { api, method: method.into(), begun: Instant::now(), end: CallEnd::Lost }
    }

    /// It ended.
    pub fn ended(mut self, end: CallEnd) {
        self.end = end;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let (api, status) = (self.api.name(), self.end.name());
        let method = self.method.clone();
        histogram!(CALLS.name, "api" => api, "method" => method, "status" => status)
            .record(self.begun.elapsed());
    }
}
