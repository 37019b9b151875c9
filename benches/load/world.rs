//! A world to measure in: both simulations without limits, a fresh store, and the program on it.

use crate::process::Program;
use crate::wire::{Author, Wire};
use clap::ValueEnum;
use kit::redis_server::Server;
use platform::clock::{self, Clock};
use sim::jules::{self, Op, SimJules};
use sim::slack::{Call, Fault, SimSlack};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{self, Store};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The key of the account that the program uses.
pub(crate) const KEY: &str = "AQ.key-of-the-load";

/// Commands come from as many channels, as they would; a single one would grow too long.
const CHANNELS: usize = 100;

/// Ours in a Redis.
const NAMESPACE: &str = "load";

/// Where documents are without one.
const FILE: &str = "jules.redb";

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where documents are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The embedded store; every commit waits for the disk.
    File,
    /// Redis that waits for the disk once a second: a crash of its machine may lose the last second.
    RedisEverysec,
    /// Redis that waits for the disk before it answers.
    RedisAlways,
}

impl Kind {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::File => "one file (redb)",
            Self::RedisEverysec => "Redis, appendonly yes, appendfsync everysec",
            Self::RedisAlways => "Redis, appendonly yes, appendfsync always",
        }
    }

    pub(crate) fn server(self) -> Option<Server> {
        match self {
            Self::File => None,
            Self::RedisEverysec => Some(Server::start(&["--appendfsync", "everysec"])),
            Self::RedisAlways => Some(Server::start(&["--appendfsync", "always"])),
        }
    }
}

/// Names and values of a program's environment.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// How long the slow upstreams take to answer.
const SLOW: Duration = Duration::from_secs(2);

/// A call of the program that a measurement waits for, when it came in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// The link, posted into the thread.
    Link(Instant),
    /// The card, drawn again: the last thing that a command leads to.
    Redraw,
}

/// What the program has posted. Counted as it comes in, so that looking costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    /// Messages in channels.
    pub(crate) cards: AtomicU64,
    /// Messages in threads; the first in each is the link.
    pub(crate) replies: AtomicU64,
}

/// All that takes part in a measurement.
pub(crate) struct World {
    pub(crate) slack: SimSlack,
    pub(crate) jules: SimJules,
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
    pub(crate) author: Arc<Author>,
    /// What the program called, from now on.
    pub(crate) moments: UnboundedReceiver<Moment>,
    /// How much was posted so far.
    pub(crate) posted: Arc<Posted>,
    pub(crate) server: Option<Server>,
    /// Where its store is, as `STORE` says it.
    store: String,
    settings: Settings,
    is_slow: Arc<AtomicBool>,
    directory: TempDir,
}

impl World {
    /// Starts everything, and waits until the program is ready and idle.
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::start_with(kind, Vec::new()).await
    }

    /// The same with more settings.
    pub(crate) async fn start_with(kind: Kind, more: Settings) -> Self {
        let clock = clock::system();
        let slack = SimSlack::start(Arc::clone(&clock)).await.expect("a port");
        let jules = SimJules::start(Arc::clone(&clock)).await.expect("a port");
        jules.default_sources(KEY).limits(usize::MAX, usize::MAX);
        let author = Arc::new(author(&slack, clock));
        let directory = tempfile::tempdir().expect("a directory");
        let server = kind.server();
        let store = match &server {
            Some(server) => server.url(NAMESPACE),
            None => format!("file:{}", directory.path().join(FILE).display()),
        };
        let mut settings = settings(&slack, &jules, store.clone());
        settings.extend(more);
        let mut program = begin(directory.path(), &settings);
        let address = program.address().await;
        let is_slow = Arc::new(AtomicBool::new(false));
        let (moments, posted) = watch(&slack, &is_slow);
        let world = Self {
            slack,
            jules,
            program,
            address,
            author,
            moments,
            posted,
            server,
            store,
            settings,
            is_slow,
            directory,
        };
        world.wait_until_ready().await;
        world
    }

    /// From here on both upstreams do what they are asked, and take two seconds to say so.
    pub(crate) fn slow_down(&self) {
        self.is_slow.store(true, Ordering::Relaxed);
        self.jules.fault(jules::Fault::SlowHeaders(SLOW)).for_ever();
    }

    /// From here on they answer at once.
    pub(crate) fn speed_up(&self) {
        self.is_slow.store(false, Ordering::Relaxed);
        self.jules.clear_faults();
    }

    /// Every channel is bound to a repository, by its own command.
    pub(crate) async fn bind(&self) {
        let mut wire = Wire::to(self.address).await.expect("the program listens");
        for _ in &self.author.channels {
            let answer = wire.ask(&self.author.command("bind repo=404less")).await;
            assert_eq!(answer.expect("the program answers").status, 200);
        }
    }

    /// The store, for a look at what is in it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        store::open(&self.store).expect("the store opens")
    }

    /// SIGTERM, and the program again on the same store and the same address.
    pub(crate) fn update(&mut self) {
        self.program.stop();
        self.begin_again();
    }

    /// The same after `kill -9`.
    pub(crate) fn start_again(&mut self) {
        self.program.kill();
        self.begin_again();
    }

    fn begin_again(&mut self) {
        listen_on(&mut self.settings, self.address);
        self.program = begin(self.directory.path(), &self.settings);
    }

    pub(crate) async fn wait_until_ready(&self) {
        let begun = Instant::now();
        let has_asked = || self.jules.calls().iter().any(|call| call.op == Op::ListSources);
        while !(self.knows_slack().await && has_asked()) {
            assert!(begun.elapsed() < PATIENCE, "the program does not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Until the list is read, and for the program to come to rest.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    async fn knows_slack(&self) -> bool {
        let mut wire = Wire::to(self.address).await.expect("the program listens");
        let ready = wire.ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await;
        ready.expect("the program answers").status == 200
    }

    /// Processor time that Redis has used, where there is one.
    pub(crate) fn store_worked(&self) -> Duration {
        let field = |name: &str| self.store_says("cpu", name).unwrap_or(0.0);
        Duration::from_secs_f64(field("used_cpu_sys:") + field("used_cpu_user:"))
    }

    /// A figure that Redis tells of itself, by the words before it; `None` where there is no Redis.
    pub(crate) fn store_says(&self, section: &str, name: &str) -> Option<f64> {
        let mut connection = self.server.as_ref()?.connection();
        let info: String =
            redis::cmd("INFO").arg(section).query(&mut connection).expect("Redis answers");
        let line = info.lines().find_map(|line| line.strip_prefix(name))?;
        line.split(',').next()?.trim().parse().ok()
    }
}

/// Someone who types in every channel.
pub(crate) fn author(slack: &SimSlack, clock: Clock) -> Author {
    let user = slack.user("ann").id().to_owned();
    let channels = (0..CHANNELS).map(|n| slack.channel(&format!("load-{n}"))).collect();
    Author {
        mac: Author::key(slack.signing_secret()),
        clock,
        team: slack.team_id(),
        app: slack.app_id(),
        user,
        channels,
        slack: slack.url().trim_end_matches("/api").to_owned(),
        next: AtomicU64::new(0),
    }
}

/// The settings of a program between these two, on this store.
pub(crate) fn settings(slack: &SimSlack, jules: &SimJules, store: String) -> Settings {
    vec![
        ("SLACK_SIGNING_SECRET", slack.signing_secret().to_owned()),
        ("SLACK_BOT_TOKEN", slack.bot_token().to_owned()),
        ("SLACK_API_URL", slack.url()),
        ("JULES_API_KEY", KEY.to_owned()),
        ("JULES_API_URL", jules.url()),
        // Nobody is there.
        ("GITHUB_API_URL", "http://127.0.0.1:9".to_owned()),
        ("STORE", store),
        ("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned()),
        ("LISTEN", "127.0.0.1:0".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        // As deploy/systemd has it.
        ("MALLOC_ARENA_MAX", "1".to_owned()),
    ]
}

/// From here on the program listens on this address.
pub(crate) fn listen_on(settings: &mut Settings, address: SocketAddr) {
    for (_, value) in settings.iter_mut().filter(|(name, _)| *name == "LISTEN") {
        *value = address.to_string();
    }
}

pub(crate) fn begin(directory: &Path, settings: &Settings) -> Program {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Program::start(directory, &settings)
}

/// Notes what the program calls, before the simulation does anything about it. The simulated Slack
/// has one gate: whatever is to be counted is counted here.
fn watch(slack: &SimSlack, is_slow: &Arc<AtomicBool>) -> (UnboundedReceiver<Moment>, Arc<Posted>) {
    let (sender, moments) = unbounded_channel();
    let posted = Arc::new(Posted::default());
    let (count, is_slow) = (Arc::clone(&posted), Arc::clone(is_slow));
    slack.gate(Arc::new(move |call: &Call| {
        // Who we are is asked once, at a start.
        let slow = is_slow.load(Ordering::Relaxed) && call.method != "auth.test";
        let fault = slow.then_some(Fault::Slow(SLOW));
        let moment = match call.method.as_str() {
            "chat.postMessage" if call.args["thread_ts"].is_string() => {
                count.replies.fetch_add(1, Ordering::Relaxed);
                Moment::Link(Instant::now())
            }
            "chat.postMessage" => {
                count.cards.fetch_add(1, Ordering::Relaxed);
                return fault;
            }
            "chat.update" => Moment::Redraw,
            _ => return fault,
        };
        // Nobody may be waiting.
        let _ = sender.send(moment);
        fault
    }));
    (moments, posted)
}
