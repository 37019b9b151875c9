//! The binary: parse, run, exit code. Everything else is in the library.

use clap::Parser;
use jules_slack::cli::{Cli, run};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse()).await
}
