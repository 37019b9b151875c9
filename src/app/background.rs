//! The threads that carry work on, apart from the one that answers.
//!
//! Slack waits three seconds for an answer and a task takes minutes, so they share no thread: however
//! much there is to carry on, an answer stands behind other answers only. On a single processor the
//! system has to be told, too, which of them goes first.

use std::io;
use std::thread::available_parallelism;
use tokio::runtime::{Builder, Handle, Runtime};

/// How much the background gives way to what answers; nineteen is the most (Linux: sched(7)). Beside
/// other programs on a busy machine it still gets a third of a share.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Threads for the work behind the answers, until it is dropped.
pub struct Background {
    handle: Handle,
    /// Gone only while it is being ended.
    runtime: Option<Runtime>,
}

impl Background {
    /// Starts as many threads as the process has processors.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(available_parallelism().map_or(1, usize::from))
            .thread_name("background")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Where to have something carried on.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime may not be waited for inside another one.
            runtime.shutdown_background();
        }
    }
}

/// Lets other threads go before this one. Linux has a niceness for each thread, others only for
/// a whole process.
#[cfg(target_os = "linux")]
fn give_way() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "the background has the same priority as the answers");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}
