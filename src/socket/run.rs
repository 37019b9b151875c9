//! Holds the connections: tells the plan what happened, and does what it orders.

use super::connection::{Connection, ConnectionEnd, ConnectionEvent, Controls, Shared};
use super::dial::Dialer;
use super::frame::Reason;
use super::status::{State, Status};
use super::supervisor::{ConnectionCommand, Id, Supervisor, SupervisorEvent};
use crate::engine::Engine;
use futures_util::{Stream, StreamExt, stream};
use jiff::SignedDuration;
use platform::clock::Clock;
use platform::metrics;
use slack::connections_open::ConnectionsOpen;
use slack::error::CallError;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many connections stand at a time. Slack allows ten; with two, one is there while the other is
/// renewed. [Slack: using Socket Mode]
const CONNECTIONS: usize = 2;

/// How often the plan is told that time has passed.
const BEAT: Duration = Duration::from_secs(1);

/// Throws a number from 0 to 1, to spread what would otherwise happen all at once.
pub type Dice = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The system's dice.
#[must_use]
pub(crate) fn jitter() -> Dice {
    // Where there is no randomness the middle has to do.
    Arc::new(|| getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX)))
}

/// A beat every second, for [`Socket::run`].
pub fn ticks() -> impl Stream<Item = ()> + Unpin {
    let mut interval = tokio::time::interval(BEAT);
    stream::poll_fn(move |context| interval.poll_tick(context).map(|_| Some(())))
}

/// How patient a connection is. What takes longer than the plan's limits ends there.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// Until there is a TCP connection.
    pub connect: Duration,
    /// For one write.
    pub write: Duration,
    /// After which an answer is told of as late; Slack waits three seconds.
    pub answer: Duration,
    /// For the acknowledgements of what was begun, when the connection is to end.
    pub drain: Duration,
    /// For Slack's close frame, after ours.
    pub close: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            write: Duration::from_secs(10),
            answer: Duration::from_millis(2500),
            drain: Duration::from_secs(5),
            close: Duration::from_secs(1),
        }
    }
}

/// Socket Mode, wired and not yet running.
pub struct Socket {
    shared: Arc<Shared>,
    clock: Clock,
    jitter: Dice,
    status: Status,
}

impl Socket {
    /// Wires it; nothing is opened yet.
    ///
    /// # Errors
    /// When the system has no usable TLS roots.
    pub fn new(
        engine: Arc<Engine>,
        tickets: ConnectionsOpen,
        limits: Timeouts,
        clock: Clock,
        jitter: Dice,
    ) -> Result<Self, reqwest::Error> {
        let dialer = Dialer::new(limits.connect)?;
        let shared = Arc::new(Shared { engine, tickets, dialer, limits });
        Ok(Self { shared, clock, jitter, status: Status::default() })
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Holds connections until `stop`, or until Slack says that Socket Mode is switched off. `ticks`
    /// say that time has passed: [`ticks`], or a test's. When this returns, what was taken has been
    /// acknowledged and all connections are closed.
    pub async fn run(self, mut ticks: impl Stream<Item = ()> + Unpin, stop: CancellationToken) {
        let (sender, mut news) = channel(64);
        let mut lines = Pool {
            shared: Arc::clone(&self.shared),
            news: sender,
            controls: HashMap::new(),
            tasks: TaskTracker::new(),
        };
        let mut plan = Supervisor::new(CONNECTIONS);
        let mut stopping = false;
        let mut happened = SupervisorEvent::Start;
        loop {
            for order in plan.next(happened, (self.clock)(), &*self.jitter) {
                lines.carry_out(order);
            }
            self.tell(&plan);
            if plan.is_over() {
                break;
            }
            happened = tokio::select! {
                // What was heard counts before the time that has passed.
                biased;
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    SupervisorEvent::Stop
                }
                Some((id, news)) = news.recv() => lines.heard(id, &news),
                Some(()) = ticks.next() => SupervisorEvent::Beat,
            };
        }
        lines.tasks.close();
        lines.tasks.wait().await;
    }

    fn tell(&self, plan: &Supervisor) {
        let standing = u32::try_from(plan.standing()).unwrap_or(u32::MAX);
        metrics::connections(standing);
        self.status.set(if plan.is_switched_off() {
            State::SwitchedOff
        } else {
            State::Connected(plan.standing())
        });
    }
}

/// The connections that there are.
struct Pool {
    shared: Arc<Shared>,
    news: Sender<(Id, ConnectionEvent)>,
    controls: HashMap<Id, Arc<Controls>>,
    tasks: TaskTracker,
}

impl Pool {
    fn carry_out(&mut self, order: ConnectionCommand) {
        let (ConnectionCommand::Open(id)
        | ConnectionCommand::Ping(id)
        | ConnectionCommand::Retire(id)
        | ConnectionCommand::Close(id)
        | ConnectionCommand::Abandon(id)) = order;
        let controls = Arc::clone(self.controls.entry(id).or_default());
        match order {
            ConnectionCommand::Open(_) => {
                let (shared, news) = (Arc::clone(&self.shared), self.news.clone());
                self.tasks.spawn(Connection { id, shared, controls, news }.live());
            }
            ConnectionCommand::Ping(_) => controls.ping.notify_one(),
            ConnectionCommand::Retire(_) => controls.retire.cancel(),
            ConnectionCommand::Close(_) => controls.close.cancel(),
            ConnectionCommand::Abandon(_) => {
                tracing::warn!(
                    connection = id.0,
                    "a Socket Mode connection does not answer and is let go; trying again"
                );
                controls.abandon.cancel();
            }
        }
    }

    /// What a connection's news means to the plan; failures are logged here, once.
    fn heard(&mut self, id: Id, news: &ConnectionEvent) -> SupervisorEvent {
        match news {
            ConnectionEvent::Hello => {
                tracing::info!(connection = id.0, "a Socket Mode connection is open");
                SupervisorEvent::Hello(id)
            }
            ConnectionEvent::Heard => SupervisorEvent::Heard(id),
            ConnectionEvent::Disconnect(reason) => {
                log_disconnect(id, *reason);
                SupervisorEvent::Disconnect(id, *reason)
            }
            ConnectionEvent::Ended(end) => {
                self.controls.remove(&id);
                log_end(id, end);
                SupervisorEvent::Ended(id, asked_to_wait(end))
            }
        }
    }
}

fn asked_to_wait(end: &ConnectionEnd) -> Option<SignedDuration> {
    match end {
        ConnectionEnd::Ticket(CallError::RateLimited { after }) => {
            SignedDuration::try_from(*after).ok()
        }
        ConnectionEnd::Ticket(_)
        | ConnectionEnd::Told
        | ConnectionEnd::Dial(_)
        | ConnectionEnd::Closed
        | ConnectionEnd::Broken
        | ConnectionEnd::TooLarge
        | ConnectionEnd::SlowWrite => None,
    }
}

fn log_disconnect(id: Id, reason: Reason) {
    match reason {
        Reason::Refresh => {
            tracing::info!(connection = id.0, "Slack renews a Socket Mode connection");
        }
        Reason::TooMany => tracing::error!(
            connection = id.0,
            "Slack allows ten Socket Mode connections for an app, and there are more: run fewer \
             replicas, each opens two. Trying again"
        ),
        Reason::SwitchedOff => tracing::error!(
            "Socket Mode is switched off in the app's settings, so Slack delivers nothing here any \
             more. Switch it on at https://api.slack.com/apps: Socket Mode, and start this program \
             again; or remove SLACK_APP_TOKEN and set SLACK_SIGNING_SECRET, for HTTP"
        ),
    }
}

fn log_end(id: Id, end: &ConnectionEnd) {
    match end {
        ConnectionEnd::Told => {
            tracing::debug!(connection = id.0, "a Socket Mode connection is closed");
        }
        ConnectionEnd::Ticket(
            error @ (CallError::DeadInstallation(_)
            | CallError::MissingRights { .. }
            | CallError::State(_)
            | CallError::Place(_)
            | CallError::Content { .. }),
        ) => tracing::error!(
            %error,
            "Slack opens no Socket Mode connection; check SLACK_APP_TOKEN (xapp-…, with the scope \
             connections:write) and that Socket Mode is on in the app's settings. Trying again"
        ),
        ConnectionEnd::Ticket(_)
        | ConnectionEnd::Dial(_)
        | ConnectionEnd::Closed
        | ConnectionEnd::Broken
        | ConnectionEnd::TooLarge
        | ConnectionEnd::SlowWrite => {
            tracing::warn!(connection = id.0, %end, "a Socket Mode connection ended; trying again");
        }
    }
}
