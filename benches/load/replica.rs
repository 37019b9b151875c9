//! A process of the program that can be killed and started again on the same address. Several of them on
//! one Redis are replicas.

use crate::process::Program;
use crate::wire::Wire;
use crate::world::{Settings, begin, listen_on};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often `/readyz` is asked.
const OFTEN: Duration = Duration::from_millis(10);

/// A running program with its address and settings. Dropping it ends it.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    program: Program,
    settings: Settings,
    directory: TempDir,
}

impl Replica {
    /// Starts one, and waits until it is ready.
    pub(crate) async fn start(mut settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut program = begin(directory.path(), &settings);
        let address = program.address().await;
        listen_on(&mut settings, address);
        let replica = Self { address, program, settings, directory };
        replica.until_ready().await;
        replica
    }

    /// Waits until `/readyz` says 200.
    pub(crate) async fn until_ready(&self) {
        let begun = Instant::now();
        while !self.is_ready().await {
            assert!(begun.elapsed() < PATIENCE, "a replica does not become ready");
            tokio::time::sleep(OFTEN).await;
        }
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut wire) = Wire::to(self.address).await else { return false };
        let ready = wire.ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await;
        ready.is_ok_and(|answer| answer.status == 200)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.program.kill();
    }

    /// `kill -9`, and the program again on the same address.
    pub(crate) fn start_again(&mut self) {
        self.program.kill();
        self.program = begin(self.directory.path(), &self.settings);
    }

    /// How many lines it has logged that tell of something wrong.
    pub(crate) fn complaints(&self) -> usize {
        self.program.complaints()
    }
}
