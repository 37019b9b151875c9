//! The binary: parse, run, exit code. Everything else is in the library.

use clap::Parser;
use jules_slack::cli::{Cli, run};
use std::process::ExitCode;
use std::thread::available_parallelism;
use tokio::runtime::Builder;

/// At least so many threads, on one processor too: the watch over ten thousand sessions is megabytes of
/// JSON, and while one thread reads them the other acknowledges.
const THREADS: usize = 2;

#[expect(clippy::print_stderr, reason = "the last words of a command go to its terminal")]
fn main() -> ExitCode {
    let cli = Cli::parse();
    let threads = available_parallelism().map_or(THREADS, usize::from).max(THREADS);
    match Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            eprintln!("error: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
