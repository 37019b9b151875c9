//! The commands: `serve` and `demo`.

use crate::app::{App, Patience};
use crate::config::{self, Config, SETTINGS};
use crate::{clock, demo, telemetry};
use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Wrong settings, like wrong arguments, end with this code.
const WRONG_SETTINGS: u8 = 2;

/// A self-hosted Slack app for Google Jules: a Slack thread is a coding session.
#[derive(Debug, Parser)]
#[command(version, about, after_help = settings_help())]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the app, as set in the environment and in .env
    Serve,
    /// Show it at work with a simulated Slack and a simulated Jules: no accounts, no network
    Demo {
        /// The port of the bot; the simulated APIs take free ones
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Play the first task, print it and end
        #[arg(long)]
        once: bool,
    },
}

/// The table of settings, as `--help` shows it.
fn settings_help() -> String {
    let mut lines = vec!["Settings (environment or .env):".to_owned()];
    for setting in SETTINGS {
        lines.push(format!("  {:<21} {} [{}]", setting.name, setting.meaning, setting.default));
    }
    lines.join("\n")
}

/// Runs the command to its end.
pub async fn run(cli: Cli) -> ExitCode {
    let vars = config::environment();
    telemetry::start_logs(&match cli.command {
        Command::Serve => config::log(&vars),
        // The demo's page is the terminal: only what is wrong goes between its lines.
        Command::Demo { .. } => config::LogConfig { filter: "error".to_owned(), json: false },
    });
    let ended = match cli.command {
        Command::Serve => match Config::read(&vars) {
            Ok(config) => serve(&config).await,
            Err(mistakes) => {
                complain(&mistakes.to_string());
                return ExitCode::from(WRONG_SETTINGS);
            }
        },
        Command::Demo { port, once } => demo::run(port, once, stop_signal()).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the last words of a command go to its terminal")]
fn complain(words: &str) {
    eprintln!("jules-slack: {words}");
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let metrics = telemetry::start_metrics()?;
    let app = App::build(config, &Patience::default(), clock::system(), Some(metrics))?;
    let listener = listen(config.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    app.run(listener, stop_signal()).await
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        anyhow::anyhow!("cannot listen on {address} ({error}). Set LISTEN to another address.")
    })
}

/// Cancelled at Ctrl-C or SIGTERM.
fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    #[expect(clippy::disallowed_methods, reason = "waits for the signal that ends the process")]
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                },
                Err(_) => drop(interrupt.await),
            }
        }
        #[cfg(not(unix))]
        drop(interrupt.await);
        signalled.cancel();
    });
    stop
}
