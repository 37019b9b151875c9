//! A running `jules-slack`: what it prints, how it ends.

use std::future::Future;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{interval, timeout};

/// Longer than anything here takes on a busy machine; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often something is looked at that cannot be waited for.
const LOOK: Duration = Duration::from_millis(20);

/// `future`, or a failed test that says what did not happen.
pub(super) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("it never happened: {what}"))
}

/// Looks until there is something.
pub(super) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    })
    .await
}

/// The program with these arguments, no settings from around it, and no terminal.
pub(super) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jules-slack"));
    // Cargo's own directory for tests: nobody puts a `.env` there, as others could in /tmp.
    let place = env!("CARGO_TARGET_TMPDIR");
    command.args(arguments).env_clear().current_dir(place).stdin(Stdio::null());
    command
}

/// The running program; killed when dropped.
pub(super) struct Process {
    child: Child,
    printed: UnboundedReceiver<String>,
    complaints: UnboundedReceiver<String>,
}

impl Process {
    pub(super) fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let printed = lines(child.stdout.take().expect("is piped"));
        let complaints = lines(child.stderr.take().expect("is piped"));
        Self { child, printed, complaints }
    }

    /// What it prints up to and with the first line that has these words.
    pub(super) async fn printed_until(&mut self, words: &str) -> String {
        read_until(&mut self.printed, words).await
    }

    /// What it says on standard error, up to and with the first line that has these words.
    pub(super) async fn complained_until(&mut self, words: &str) -> String {
        read_until(&mut self.complaints, words).await
    }

    /// Everything it still prints.
    pub(super) async fn all_printed(&mut self) -> String {
        read_all(&mut self.printed).await
    }

    /// Everything it still says on standard error.
    pub(super) async fn all_complaints(&mut self) -> String {
        read_all(&mut self.complaints).await
    }

    /// Its end; `None` when a signal ended it.
    pub(super) async fn exit_code(&mut self) -> Option<i32> {
        let child = &mut self.child;
        until("the program ends", async || child.try_wait().expect("is ours")).await.code()
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM.
    pub(super) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// SIGHUP.
    pub(super) fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// SIGSTOP: it is there and does nothing.
    pub(super) fn freeze(&self) {
        self.signal("-STOP");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("there is a kill");
        assert!(sent.success(), "the program has ended already");
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lines(output: impl Read + Send + 'static) -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    std::thread::spawn(move || {
        // Read to the end, so that the program never waits for us.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

async fn read_until(lines: &mut UnboundedReceiver<String>, words: &str) -> String {
    let mut read = String::new();
    within(words, async {
        while let Some(line) = lines.recv().await {
            read.push_str(&line);
            read.push('\n');
            if line.contains(words) {
                return;
            }
        }
        panic!("it ended without {words:?}");
    })
    .await;
    read
}

async fn read_all(lines: &mut UnboundedReceiver<String>) -> String {
    let mut read = String::new();
    within("the end of its output", async {
        while let Some(line) = lines.recv().await {
            read.push_str(&line);
            read.push('\n');
        }
    })
    .await;
    read
}
