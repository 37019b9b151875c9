//! The handle: starting and stopping the service, and setting up what the workspace is like.

use super::fault::Gate;
use super::model::{Team, World, fixed};
use super::routes;
use super::socket::Hub;
use crate::cuttable::{Cut, Door};
use crate::{Clock, port};
use jiff::Timestamp;
use platform::lock::lock;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A simulated Slack workspace with the app installed in it. Clones are handles to the same one.
#[derive(Clone)]
pub struct SimSlack {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    team: Team,
    address: SocketAddr,
    clock: Clock,
    world: Mutex<World>,
    pub(super) gate: Mutex<Option<Gate>>,
    pub(super) app_url: Mutex<Option<String>>,
    pub(super) hub: Mutex<Hub>,
    pub(super) http: reqwest::Client,
    changes: watch::Sender<u64>,
    state: tokio::sync::Mutex<State>,
    tasks: TaskTracker,
}

enum State {
    Serving {
        closing: CancellationToken,
        task: JoinHandle<()>,
    },
    /// Bound and not listening: connections are refused, and no other program gets the port.
    Refusing(TcpSocket),
    Stopped,
}

/// Slack waits this long for an answer of the app (Slack: Handling user interaction).
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

impl SimSlack {
    /// Starts on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be bound, or the HTTP client for deliveries cannot be built.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), clock).await
    }

    /// Starts on this address. Meant for loopback: tokens and secrets here are well known.
    ///
    /// # Errors
    /// As [`SimSlack::start`].
    pub async fn start_on(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        Self::start_in(Team::ACME, address, clock).await
    }

    /// Starts another workspace that has the same app, on a loopback port that the system chooses.
    ///
    /// # Errors
    /// As [`SimSlack::start`].
    pub async fn start_as(team: Team, clock: Clock) -> io::Result<Self> {
        Self::start_in(team, SocketAddr::from(([127, 0, 0, 1], 0)), clock).await
    }

    async fn start_in(team: Team, address: SocketAddr, clock: Clock) -> io::Result<Self> {
        platform::tls::install();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::limited(2))
            .build()
            .map_err(io::Error::other)?;
        let listener = TcpListener::bind(address).await?;
        let slack = Self {
            inner: Arc::new(Inner {
                team,
                address: listener.local_addr()?,
                clock,
                world: Mutex::new(World::new(team)),
                gate: Mutex::new(None),
                app_url: Mutex::default(),
                hub: Mutex::default(),
                http,
                changes: watch::Sender::new(0),
                state: tokio::sync::Mutex::new(State::Stopped),
                tasks: TaskTracker::new(),
            }),
        };
        slack.change(|world| world.link = format!("ws://{}/link/", slack.inner.address));
        *slack.inner.state.lock().await = slack.serve(listener);
        Ok(slack)
    }

    fn serve(&self, listener: TcpListener) -> State {
        let closing = CancellationToken::new();
        let door = Door { listener, open: closing.clone() };
        let service = routes::router(self.clone()).into_make_service_with_connect_info::<Cut>();
        let server =
            axum::serve(door, service).with_graceful_shutdown(closing.clone().cancelled_owned());
        let task = self.inner.tasks.spawn(async move {
            // It ends only by `closing`.
            let _ = server.await;
        });
        State::Serving { closing, task }
    }

    /// Forgets everything that was set up, said and asked for. Port, connections and tokens stay.
    pub fn reset(&self) {
        *lock(&self.inner.gate) = None;
        lock(&self.inner.hub).is_off = false;
        self.change(|world| {
            let link = std::mem::take(&mut world.link);
            *world = World::new(world.team);
            world.link = link;
        });
    }

    /// Closes everything for good: port, connections, calls that hang.
    pub async fn stop(&self) {
        let mut state = self.inner.state.lock().await;
        close(std::mem::replace(&mut *state, State::Stopped)).await;
    }

    /// Cuts all connections and refuses new ones until [`SimSlack::resume`]; the port stays ours.
    ///
    /// # Errors
    /// When the port could not be taken again.
    pub async fn refuse(&self) -> io::Result<()> {
        let mut state = self.inner.state.lock().await;
        close(std::mem::replace(&mut *state, State::Stopped)).await;
        *state = State::Refusing(port::keep(self.inner.address).await?);
        Ok(())
    }

    /// Accepts connections again, on the same port.
    ///
    /// # Errors
    /// When the port cannot be listened on.
    pub async fn resume(&self) -> io::Result<()> {
        let mut state = self.inner.state.lock().await;
        match std::mem::replace(&mut *state, State::Stopped) {
            State::Refusing(socket) => *state = self.serve(socket.listen(1024)?),
            serving @ State::Serving { .. } => *state = serving,
            State::Stopped => {
                *state = self.serve(TcpListener::bind(self.inner.address).await?);
            }
        }
        Ok(())
    }

    /// The base address of the Web API, without a slash at its end; `SLACK_API_URL` for the app.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/api", self.host())
    }

    pub(super) fn host(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    pub(super) fn team(&self) -> Team {
        self.inner.team
    }

    /// The bot token, `xoxb-…`.
    #[must_use]
    pub fn bot_token(&self) -> &'static str {
        self.inner.team.token
    }

    /// The secret that deliveries are signed with.
    #[must_use]
    pub fn signing_secret(&self) -> &'static str {
        fixed::SECRET
    }

    /// The workspace, `T…`.
    #[must_use]
    pub fn team_id(&self) -> &'static str {
        self.inner.team.id
    }

    /// The app's user, `U…`.
    #[must_use]
    pub fn bot_user_id(&self) -> &'static str {
        fixed::BOT_USER
    }

    /// The app's bot, `B…`.
    #[must_use]
    pub fn bot_id(&self) -> &'static str {
        fixed::BOT
    }

    /// The app, `A…`.
    #[must_use]
    pub fn app_id(&self) -> &'static str {
        fixed::APP
    }

    /// A number that grows with every change, for those who wait for one (the demo's page).
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Slack's own time.
    pub(super) fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    pub(super) fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&lock(&self.inner.world))
    }

    pub(super) fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = change(&mut lock(&self.inner.world));
        self.inner.changes.send_modify(|count| *count += 1);
        result
    }
}

async fn close(state: State) {
    if let State::Serving { closing, task } = state {
        closing.cancel();
        // The port is free once the task has let go of its listener.
        let _ = task.await;
    }
}
