//! A program as a process of its own: started, asked how it is, ended.

use crate::environment::program;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The processor that measured programs have for themselves, when `--pin` says so.
static PINNED: OnceLock<usize> = OnceLock::new();

/// From here on, measured programs run on this processor only (`taskset`, of util-linux).
pub(crate) fn pin(processor: usize) {
    PINNED.get_or_init(|| processor);
}

/// A command that runs where measured programs run.
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    match PINNED.get() {
        Some(processor) => {
            let mut command = Command::new("taskset");
            command.arg("--cpu-list").arg(processor.to_string()).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// A running program that is measured. Dropping it ends it.
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
    /// When it was started.
    pub(crate) begun: Instant,
}

impl Program {
    /// Starts `jules-slack serve` with these settings and no others, its log in a file in `directory`.
    pub(crate) fn start(directory: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command(program());
        command.arg("serve").env_clear().envs(settings.iter().copied());
        Self::run(command, directory)
    }

    /// Starts any program, its log in a file in `directory`.
    pub(crate) fn run(mut command: Command, directory: &Path) -> Self {
        let log = directory.join("log");
        let file = File::options().create(true).append(true).open(&log).expect("a file");
        let begun = Instant::now();
        let child = command
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        Self { child, log, begun }
    }

    /// Where `jules-slack` listens, once it says so.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        loop {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(address) = listening(&log) {
                return address;
            }
            self.check();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Panics, with its log, if it has ended by itself.
    pub(crate) fn check(&mut self) {
        let ended = self.child.try_wait().expect("can be looked at");
        let log = || fs::read_to_string(&self.log).unwrap_or_default();
        assert!(ended.is_none(), "the program has ended:\n{}", log());
    }

    /// Its memory that is not swapped out, in bytes, where the system tells (Linux: proc_pid_status).
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// Processor time it has used.
    pub(crate) fn worked(&self) -> Duration {
        worked(&self.child.id().to_string())
    }

    /// How many lines it has logged that tell of something wrong.
    pub(crate) fn complaints(&self) -> usize {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| line.contains(" WARN ") || line.contains(" ERROR ")).count()
    }

    /// SIGTERM, and until it has ended: as an update ends it.
    pub(crate) fn stop(&mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("there is a kill");
        assert!(sent.success(), "the program takes no signal");
        let _ = self.child.wait();
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Processor time that this process has used: the driver and both simulations.
pub(crate) fn worked_ourselves() -> Duration {
    worked("self")
}

/// User and system time of all threads, to the nanosecond where the kernel tells (proc_pid_schedstat),
/// else to the hundredth of a second (proc_pid_stat, fields 14 and 15).
fn worked(process: &str) -> Duration {
    threads(process).unwrap_or_else(|| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name before it may hold spaces; it ends with the last bracket.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        Duration::from_millis(ticks.sum::<u64>() * 10)
    })
}

/// What the threads that still run have used; a thread that has ended is not in it.
fn threads(process: &str) -> Option<Duration> {
    if process == "self" {
        return None;
    }
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten() {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanoseconds))
}

/// The address in the last line that says where the program listens.
fn listening(log: &str) -> Option<SocketAddr> {
    let line = log.lines().rev().find(|line| line.contains("listening"))?;
    let from = &line[line.find("127.0.0.1:")?..];
    let end = from.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    from[..end.unwrap_or(from.len())].parse().ok()
}
