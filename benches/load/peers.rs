//! Those who are compared: our program, the bare handler, and the frameworks people would otherwise
//! take, each with the same job: verify, parse, read the channel's binding, store the job,
//! acknowledge.
//!
//! Ours does everything that it ships with. After its acknowledgements it works on the tasks; here
//! both upstreams take two seconds to answer, so that this runs at the pace of a real workspace
//! (Slack takes about one message a second and channel) and not at that of a simulation.

use crate::first_command::is_taken;
use crate::generator::Aim;
use crate::process::{self, Program};
use crate::wire::Author;
use crate::world::{Kind, World};
use kit::redis_server::Server;
use platform::clock;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// The secret that the peers are told.
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Someone who acknowledges commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Ours(Kind),
    /// With this durability of its Redis.
    Baseline(Kind),
    BoltJs,
    BoltPython,
    SlackGo,
}

impl Who {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Ours(Kind::RedisEverysec) => "jules-slack, Redis",
            Self::Ours(Kind::RedisAlways) => "jules-slack, Redis, fsync always",
            Self::Ours(Kind::File) => "jules-slack, one file",
            Self::Baseline(Kind::RedisAlways) => "bare handler, fsync always",
            Self::Baseline(_) => "bare handler",
            Self::BoltJs => "Bolt for JavaScript",
            Self::BoltPython => "Bolt for Python",
            Self::SlackGo => "slack-go",
        }
    }

    /// Whether what it needs is installed (`benches/run` does that).
    pub(crate) fn is_there(self) -> bool {
        match self {
            Self::Ours(_) | Self::Baseline(_) => true,
            Self::BoltJs => Self::installed("bolt-js/node_modules").exists(),
            Self::BoltPython => Self::installed("bolt-python/venv/bin/python").exists(),
            Self::SlackGo => Self::installed("slack-go/slack-go").exists(),
        }
    }

    /// Where `benches/run` installs the peers.
    pub(crate) fn installed(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/peers").join(path)
    }

    fn command(self) -> Command {
        match self {
            Self::Ours(_) | Self::Baseline(_) => {
                let mut command = process::command(std::env::current_exe().expect("has a path"));
                command.arg("baseline");
                command
            }
            Self::BoltJs => {
                let mut command = process::command("node");
                command.arg(Self::installed("bolt-js/app.js")).env("NODE_ENV", "production");
                command
            }
            Self::BoltPython => {
                let mut command = process::command(Self::installed("bolt-python/venv/bin/python"));
                command.arg(Self::installed("bolt-python/app.py"));
                command
            }
            Self::SlackGo => process::command(Self::installed("slack-go/slack-go")),
        }
    }
}

/// One who runs, on a fresh store. Dropping it ends it.
pub(crate) struct Running {
    pub(crate) aim: Aim,
    /// Our program's surroundings.
    pub(crate) world: Option<World>,
    peer: Option<Peer>,
}

struct Peer {
    program: Program,
    _server: Server,
    _directory: TempDir,
}

impl Running {
    pub(crate) fn start(who: Who, runtime: &Runtime) -> Self {
        match who {
            Who::Ours(kind) => runtime.block_on(Self::ours(kind)),
            Who::Baseline(kind) => {
                Self::peer(who, kind.server().expect("a bare handler has a Redis"))
            }
            Who::BoltJs | Who::BoltPython | Who::SlackGo => {
                Self::peer(who, Kind::RedisEverysec.server().expect("a Redis"))
            }
        }
    }

    async fn ours(kind: Kind) -> Self {
        let world = World::start(kind).await;
        world.bind().await;
        world.slow_down();
        let aim = aim(world.address, "/slack/commands", Arc::clone(&world.author));
        Self { aim, world: Some(world), peer: None }
    }

    fn peer(who: Who, server: Server) -> Self {
        let author = Arc::new(stranger());
        let mut redis = server.connection();
        for channel in &author.channels {
            let key = format!("binding:{}:{channel}", author.team);
            redis::cmd("SET").arg(key).arg("404less").exec(&mut redis).expect("Redis answers");
        }
        let address = free_address();
        let directory = tempfile::tempdir().expect("a directory");
        let mut command = who.command();
        command
            .env("PORT", address.port().to_string())
            .env("REDIS_ADDRESS", server.address())
            .env("REDIS_URL", format!("redis://{}", server.address()))
            .env("SLACK_SIGNING_SECRET", SECRET);
        let mut program = Program::run(command, directory.path());
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            program.check();
            assert!(begun.elapsed() < PATIENCE, "{} does not listen", who.words());
            thread::sleep(Duration::from_millis(1));
        }
        let aim = aim(address, "/slack/events", author);
        let peer = Peer { program, _server: server, _directory: directory };
        Self { aim, world: None, peer: Some(peer) }
    }

    pub(crate) fn program(&self) -> &Program {
        match (&self.world, &self.peer) {
            (Some(world), _) => &world.program,
            (None, Some(peer)) => &peer.program,
            (None, None) => unreachable!("one of them was started"),
        }
    }
}

pub(crate) fn aim(address: SocketAddr, path: &'static str, author: Arc<Author>) -> Aim {
    Aim { address, path, author, text: "rename frontend to website", is_taken }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address")
}

/// The person who types at the peers.
pub(crate) fn stranger() -> Author {
    Author {
        mac: Author::key(SECRET),
        clock: clock::system(),
        team: "T0001",
        app: "A0001",
        user: "U2147483697".to_owned(),
        channels: (0..100).map(|number| format!("C21474837{number:02}")).collect(),
        slack: "https://hooks.slack.example".to_owned(),
        next: AtomicU64::new(0),
    }
}
