//! The commands: `serve` and `demo`.

use crate::app::{App, Patience};
use crate::config::{self, Config, LogConfig, SETTINGS};
use crate::{clock, demo, healthcheck, telemetry};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Wrong settings, like wrong arguments, end with this code.
const WRONG_SETTINGS: u8 = 2;

/// Where the demo's page is when nothing else is said.
const DEMO_PORT: u16 = 3004;

/// How many ports above a taken one are looked at for a free one.
const PORTS_TRIED: u16 = 20;

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
    #[command(after_help = settings_help())]
    Serve,
    /// Ask the app that serves on this machine, at LISTEN, whether it is alive; for containers
    Healthcheck,
    /// Show it at work in the browser, on a simulated Slack and a simulated Jules: no accounts, no
    /// network
    Demo {
        /// The port of the page
        #[arg(long, default_value_t = DEMO_PORT)]
        port: u16,
        /// The address of the page; whoever reaches it can use it
        #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
        listen: IpAddr,
        /// Play the first task, print it as text and end
        #[arg(long)]
        once: bool,
    },
}

/// The table of settings, as `--help` shows it.
fn settings_help() -> String {
    let mut lines = vec!["Settings, from the environment or a file named .env:".to_owned()];
    for setting in SETTINGS {
        lines.push(format!("  {:<20}  {} [{}]", setting.name, setting.meaning, setting.default));
    }
    lines.join("\n")
}

/// Runs the command to its end: 0 when it did what it is for or was told to stop, 1 when it could
/// not, 2 when the settings are wrong. What is the matter is said on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Serve => {
            let vars = config::environment();
            telemetry::start_logs(&config::log(&vars));
            match Config::read(&vars) {
                Ok(config) => serve(&config).await,
                Err(mistakes) => {
                    complain(&mistakes.to_string());
                    return ExitCode::from(WRONG_SETTINGS);
                }
            }
        }
        Command::Healthcheck => healthcheck::run(&config::environment()).await,
        Command::Demo { port, listen, once } => {
            // Only what is wrong goes between the lines that it prints.
            telemetry::start_logs(&LogConfig { filter: "error".to_owned(), json: false });
            play((listen, port).into(), once).await
        }
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
    let stop = stop_signal()?;
    let metrics = telemetry::start_metrics()?;
    let app = App::build(config, &Patience::default(), clock::system(), Some(metrics))?;
    let listener = listen(config.listen, "Set LISTEN to another address.").await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    app.run(listener, stop).await
}

async fn play(address: SocketAddr, once: bool) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    if once {
        return demo::play_once(stop).await;
    }
    let listener = match listen(address, "Take another one with --port.").await {
        Err(error) => return Err(with_a_free_port(error, address).await),
        listener => listener?,
    };
    demo::run(listener, stop).await
}

/// The same refusal, with a port that is free just now.
async fn with_a_free_port(error: anyhow::Error, address: SocketAddr) -> anyhow::Error {
    for port in address.port().saturating_add(1)..=address.port().saturating_add(PORTS_TRIED) {
        if TcpListener::bind((address.ip(), port)).await.is_ok() {
            return anyhow::anyhow!("{error} This one is free: jules-slack demo --port {port}");
        }
    }
    error
}

async fn listen(address: SocketAddr, advice: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let taken = error.kind() == io::ErrorKind::AddrInUse;
        let why = if taken { "another program does already".to_owned() } else { error.to_string() };
        anyhow::anyhow!("cannot listen on {address}: {why}. {advice}")
    })
}

/// Cancelled at Ctrl-C or SIGTERM, from when this returns.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let signalled = stopped_by_signal().context("waiting for signals")?;
    let guard = stop.clone().drop_guard();
    #[expect(clippy::disallowed_methods, reason = "waits for the signal that ends the process")]
    tokio::spawn(async move {
        signalled.await;
        drop(guard);
    });
    Ok(stop)
}

/// Ends at the first of the two signals. Both are caught from the moment this is called.
#[cfg(unix)]
fn stopped_by_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at Ctrl-C; there is no other signal here.
#[cfg(not(unix))]
fn stopped_by_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
