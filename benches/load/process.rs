//! The program as a process of its own: started, asked how it is, ended.

use crate::house::PROGRAM;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running `jules-slack serve`. Dropping it ends it.
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it with these settings and no others, its log in a file in `directory`.
    pub(crate) fn start(directory: &Path, settings: &[(&str, &str)]) -> Self {
        let log = directory.join("log");
        let child = Command::new(PROGRAM)
            .arg("serve")
            .current_dir(directory)
            .env_clear()
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file"))
            .spawn()
            .expect("the program starts");
        Self { child, log }
    }

    /// Where it listens, once it says so.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        loop {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(address) = listening(&log) {
                return address;
            }
            let ended = self.child.try_wait().expect("can be looked at");
            assert!(ended.is_none(), "the program has ended:\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
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
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time that this process has used: the driver and both simulations.
pub(crate) fn worked_ourselves() -> Duration {
    worked("self")
}

/// User and system time (Linux: proc_pid_stat, fields 14 and 15, in hundredths of a second).
fn worked(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name before it may hold spaces; it ends with the last bracket.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The address in the line that says where the program listens.
fn listening(log: &str) -> Option<SocketAddr> {
    let line = log.lines().find(|line| line.contains("listening"))?;
    let from = &line[line.find("127.0.0.1:")?..];
    let end = from.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    from[..end.unwrap_or(from.len())].parse().ok()
}
