//! Replicas of the program: the same settings, a process and a port each.

use crate::process::Program;
use crate::wire::Wire;
use crate::world::{Settings, begin, listen_on};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// One of several programs on one store. Dropping it ends it.
pub(super) struct Replica {
    pub(super) address: SocketAddr,
    program: Program,
    settings: Settings,
    directory: TempDir,
}

impl Replica {
    /// Starts one, and waits until it is ready.
    pub(super) async fn start(mut settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut program = begin(directory.path(), &settings);
        let address = program.address().await;
        listen_on(&mut settings, address);
        let replica = Self { address, program, settings, directory };
        let begun = Instant::now();
        while !replica.is_ready().await {
            assert!(begun.elapsed() < PATIENCE, "a replica does not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        replica
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut wire) = Wire::to(self.address).await else { return false };
        let ready = wire.ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await;
        ready.is_ok_and(|answer| answer.status == 200)
    }

    /// `kill -9`, and the program again on the same address.
    pub(super) fn start_again(&mut self) {
        self.program.kill();
        self.program = begin(self.directory.path(), &self.settings);
    }

    /// How many lines it has logged that tell of something wrong.
    pub(super) fn complaints(&self) -> usize {
        self.program.complaints()
    }
}
