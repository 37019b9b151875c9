//! The binary: parse, run, exit code. Everything else is in the library.

use clap::Parser;
use jules_slack::cli::{Cli, run};
use std::process::ExitCode;
use tokio::runtime::Builder;

#[expect(clippy::print_stderr, reason = "the last words of a command go to its terminal")]
fn main() -> ExitCode {
    let cli = Cli::parse();
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            eprintln!("jules-slack: failed to start the async runtime: {error}");
            ExitCode::FAILURE
        }
    }
}
