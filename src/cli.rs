//! The commands, and their exit codes.

mod audit;
mod backup;
mod data;
#[cfg(feature = "demo")]
mod demo;
mod forget;
mod manifest;
mod task;
mod tasks;

use crate::app::{App, Background, Timeouts, open_store};
use crate::config::{self, Config, Mistakes, SETTINGS, Variables, Warning};
use crate::terminal::{Style, Terminal, show};
use crate::{doctor, healthcheck, process, telemetry};
use anyhow::Context;
use clap::{Parser, Subcommand};
use domain::ids::TeamId;
use platform::{clock, tls};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Wrong settings, like wrong arguments, end with this code.
const WRONG_SETTINGS: u8 = 2;

/// A setting that isn't the program's own, and is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongSetting(String);

/// A self-hosted Slack app for Google Jules: a Slack thread is a coding session.
#[derive(Debug, Parser)]
#[command(version, about, after_help = settings_help())]
pub struct Cli {
    #[command(subcommand)]
    command: ProgramCommand,
}

#[derive(Debug, Subcommand)]
enum ProgramCommand {
    /// Run the bot
    #[command(after_help = settings_help())]
    Serve,
    /// Check that the bot on this machine is alive (for containers)
    Healthcheck,
    /// Try it in the browser: no accounts, no network
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Check tokens, scopes, store and connectivity
    #[command(after_help = doctor_help())]
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the manifest that creates the Slack app
    Manifest(manifest::Wanted),
    /// Show who asked for what, and what was refused
    Audit(audit::Wanted),
    /// Remove what a person or a workspace left behind
    Forget(forget::Wanted),
    /// List open tasks: their state and what they wait for
    Tasks(tasks::Wanted),
    /// Show one task, try it again, or give it up
    Task(task::Wanted),
    /// Write all stored documents to a file, next to a running bot too
    Backup(backup::Wanted),
    /// Write all stored documents to standard output
    #[command(after_help = data::EXPORT_HELP)]
    Export(data::StorePlace),
    /// Read an export from standard input into a store
    #[command(after_help = data::IMPORT_HELP)]
    Import(data::StorePlace),
}

/// The settings, as `--help` shows them.
fn settings_help() -> String {
    const INDENT: usize = 6;
    let terminal = Terminal::output().or_usual();
    let mut lines = vec!["Settings, from the environment or a file named .env:".to_owned()];
    for setting in SETTINGS {
        let about = format!("{} [{}]", setting.meaning, setting.default);
        lines.push(format!("  {}", terminal.styled(Style::Strong, setting.name)));
        lines.push(format!("{:INDENT$}{}", "", terminal.wrapped(INDENT, &about)));
    }
    let files = "A secret can be in a file instead: SLACK_BOT_TOKEN_FILE=/run/secrets/token, and so for every \
                 setting that holds one.";
    lines.push(terminal.wrapped(0, files));
    lines.join("\n")
}

fn doctor_help() -> String {
    let codes = "It says how to fix what's wrong, and changes nothing.\n\n\
                 Exit codes: 0 if all checks pass, 1 with warnings, 2 with failures.";
    format!("{codes}\n\n{}", settings_help())
}

/// Runs the command to its end: 0 when it succeeded or was told to stop, 1 when it failed, 2 when the
/// settings are wrong; `doctor` has codes of its own. Errors go to standard error.
pub async fn run(cli: Cli) -> ExitCode {
    // Before anything secret is read.
    let protected = process::protect();
    let ended = match cli.command {
        ProgramCommand::Serve => serve(protected).await,
        ProgramCommand::Healthcheck => healthcheck::run(&Variables::read()).await,
        #[cfg(feature = "demo")]
        ProgramCommand::Demo(wanted) => demo::play(&wanted).await,
        ProgramCommand::Doctor { json } => return examine(json).await,
        ProgramCommand::Manifest(wanted) => return manifest::print(&wanted),
        ProgramCommand::Audit(wanted) => audit::print(&wanted).await,
        ProgramCommand::Forget(wanted) => forget::run(&wanted).await,
        ProgramCommand::Tasks(wanted) => tasks::print(&wanted).await,
        ProgramCommand::Task(wanted) => task::run(&wanted).await,
        ProgramCommand::Backup(wanted) => backup::write(&wanted).await,
        ProgramCommand::Export(place) => data::export(&place).await,
        ProgramCommand::Import(place) => data::import(&place).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            let is_setting = error.is::<Mistakes>() || error.is::<WrongSetting>();
            if is_setting { ExitCode::from(WRONG_SETTINGS) } else { ExitCode::FAILURE }
        }
    }
}

/// Tells of an error.
fn complain(words: &str) {
    tell(&error_words(Terminal::errors(), words));
}

/// Tells what was done, or that there was nothing to do: next to standard output, which is for what is asked for.
fn remark(words: &str) {
    tell(&remark_words(Terminal::errors(), words));
}

/// There is no one to tell that standard error is closed, or full.
fn tell(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

fn error_words(terminal: Terminal, words: &str) -> String {
    named(terminal, Style::Bad, words)
}

fn remark_words(terminal: Terminal, words: &str) -> String {
    named(terminal, Style::Strong, words)
}

/// Words behind the program's name, which is in this style.
fn named(terminal: Terminal, style: Style, words: &str) -> String {
    let name = terminal.styled(style, "jules-slack:");
    let lines: Vec<String> = words.lines().map(|line| wrapped(terminal, line)).collect();
    format!("{name} {}", lines.join("\n"))
}

/// A line, wrapped below its own beginning.
fn wrapped(terminal: Terminal, line: &str) -> String {
    let words = line.trim_start();
    let indent = line.len() - words.len();
    let hanging = if words.starts_with("- ") { indent + 2 } else { indent };
    format!("{:indent$}{}", "", terminal.wrapped(hanging, words))
}

async fn examine(json: bool) -> ExitCode {
    let checks =
        doctor::examine(Variables::read(), clock::system(), doctor::Limits::default()).await;
    let found = doctor::exit_code(&checks);
    let shown = show(&if json {
        format!("{:#}", doctor::json(&checks))
    } else {
        doctor::text(&checks, Terminal::output())
    });
    match shown {
        Ok(()) => ExitCode::from(found),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(found.max(1))
        }
    }
}

async fn serve(protected: io::Result<()>) -> anyhow::Result<()> {
    let environment = Variables::read();
    telemetry::start_logs(&config::log(&environment));
    let config = &Config::read(&environment)?;
    if config.is_over_tls() {
        tls::check_setting().map_err(WrongSetting)?;
    }
    // A hangup is for the access rules.
    let stop = stop_signal(false)?;
    let background = Background::start().context("failed to start the background threads")?;
    // In the meantime, and not before anything else.
    let authorities = background.handle().spawn_blocking(tls::authorities);
    let clock = clock::system();
    let store = open_store(&config.store, clock()).await?;
    let metrics = telemetry::start_metrics()?;
    let mut timeouts = Timeouts::default();
    timeouts.web.connections = timeouts.web.connections.min(process::connections_allowed());
    let app = App::on(store, config, &timeouts, clock, Some(metrics))?;
    // A store that doesn't answer is reported where it is needed next.
    drop(app.engine.load_workspaces().await);
    let workspaces = app.engine.known_workspaces().await;
    let workspaces: Vec<&str> = workspaces.iter().take(10).map(TeamId::as_str).collect();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        transport = config.transport(),
        store = config.store.kind(),
        workspace =
            if workspaces.is_empty() { "not known yet".to_owned() } else { workspaces.join(", ") },
        "starting"
    );
    if let Err(error) = protected {
        tracing::warn!(%error, "secrets in this process's memory can't be protected from a core dump");
    }
    if let Some(file) = &environment.file {
        let settings = file.names.join(", ");
        tracing::info!(file = %file.path.display(), settings, "read .env");
    }
    for Warning { words, fix } in environment.warnings().into_iter().chain(config.warnings()) {
        tracing::warn!("{words}. {fix}");
    }
    let listener = listen(config.listen, "Set LISTEN to another address.").await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    tokio::select! {
        () = app.run(listener, background.handle(), stop) => Ok(()),
        Ok(Err(error)) = authorities, if config.is_over_tls() => anyhow::bail!(
            "no certificate authority can be read, so no server can be trusted ({error}). Install \
             ca-certificates, or set SSL_CERT_FILE"
        ),
    }
}

async fn listen(address: SocketAddr, advice: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let taken = error.kind() == io::ErrorKind::AddrInUse;
        let why = if taken { "another program does".to_owned() } else { error.to_string() };
        anyhow::anyhow!("can't listen on {address}: {why}. {advice}")
    })
}

/// Cancelled at Ctrl-C or SIGTERM, and where that is wanted at SIGHUP, from when this returns.
fn stop_signal(at_hangup: bool) -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let signalled = stopped_by_signal(at_hangup).context("waiting for signals")?;
    let guard = stop.clone().drop_guard();
    #[expect(clippy::disallowed_methods, reason = "waits for the signal that ends the process")]
    tokio::spawn(async move {
        signalled.await;
        drop(guard);
    });
    Ok(stop)
}

/// Ends at the first of the signals. They are caught from the moment this is called.
#[cfg(unix)]
fn stopped_by_signal(at_hangup: bool) -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = if at_hangup { Some(signal(SignalKind::hangup())?) } else { None };
    Ok(async move {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {}
        }
    })
}

/// Ends at Ctrl-C; there is no other signal here.
#[cfg(not(unix))]
fn stopped_by_signal(_: bool) -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_is_red() {
        const RED: &str = "\u{1b}[31m";
        assert!(error_words(Terminal::NARROW, "no such task").starts_with(RED));
        let done = remark_words(Terminal::NARROW, "wrote 2 documents");
        assert!(!done.contains(RED) && done.ends_with("wrote 2 documents"), "{done:?}");
        assert_eq!(remark_words(Terminal::NONE, "no open tasks"), "jules-slack: no open tasks");
    }
}
