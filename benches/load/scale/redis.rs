//! The Redis that all replicas share: one that keeps what it acknowledges, with a network before the
//! last replica that can be cut; or a master with a replica of its own and a Sentinel over both.

use super::REPLICAS;
use super::cut::Cut;
use kit::redis_server::Server;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a master that was killed stays away: long enough for a fail-over.
const AWAY: Duration = Duration::from_secs(8);

pub(super) enum Redis {
    One { server: Server, cut: Arc<Cut> },
    Watched { master: Server, _replica: Server, sentinel: Server },
}

impl Redis {
    pub(super) fn start(sentinel: bool, runtime: &Runtime) -> Self {
        if !sentinel {
            let server = Server::start(&["--appendfsync", "always"]);
            let cut = Cut::before(server.address(), runtime);
            return Self::One { server, cut };
        }
        let master = Server::start(&[]);
        let address = master.address();
        let (host, port) = address.split_once(':').expect("has a port");
        let replica = Server::start(&["--replicaof", &format!("{host} {port}")]);
        let mut sentinel = Server::start_sentinel(&master);
        sentinel.wait_for("+slave slave");
        Self::Watched { master, _replica: replica, sentinel }
    }

    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::One { .. } => "one Redis with appendfsync always",
            Self::Watched { .. } => "Redis with a replica, and Sentinel",
        }
    }

    /// The address that the replica of this number has.
    pub(super) fn url(&self, nth: usize) -> String {
        match self {
            Self::One { cut, .. } if nth == REPLICAS - 1 => {
                format!("redis://{}?namespace=load", cut.address)
            }
            Self::One { server, .. } => server.url("load"),
            Self::Watched { sentinel, .. } => {
                format!("redis-sentinel://{}/jules?namespace=load", sentinel.address())
            }
        }
    }

    /// `kill -9`, and again. Behind a Sentinel the other one leads meanwhile and from then on.
    pub(super) fn die(&mut self) {
        match self {
            Self::One { server, .. } => server.start_again(),
            Self::Watched { master, sentinel, .. } => {
                master.kill();
                sentinel.wait_for("+switch-master");
                thread::sleep(AWAY);
                master.start_again();
            }
        }
    }

    /// How often it may be killed.
    pub(super) fn lives(&self) -> usize {
        match self {
            Self::One { .. } => usize::MAX,
            Self::Watched { .. } => 1,
        }
    }

    /// The network that can be cut.
    pub(super) fn cut(&self) -> Option<&Cut> {
        match self {
            Self::One { cut, .. } => Some(cut),
            Self::Watched { .. } => None,
        }
    }
}
