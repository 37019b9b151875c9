//! The two programs that a story needs: the demo, and the driver of the browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// How often the driver is started at most.
const TRIES: usize = 10;

/// A program that runs until it is dropped.
pub(crate) struct Program {
    child: Child,
    /// What was found in the line that was waited for.
    pub(crate) found: String,
}

impl Program {
    /// The demo, with the address of its page.
    pub(crate) fn demo() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jules-slack"));
        // Cargo's own directory for tests: no one puts a `.env` there, as others could in /tmp.
        let place = env!("CARGO_TARGET_TMPDIR");
        command.args(["demo", "--port", "0"]).env_clear().current_dir(place);
        let started =
            Self::start(command, |line| line.trim().strip_prefix("Open ").map(str::to_owned));
        started.unwrap_or_else(|| panic!("the demo ended before its page was there"))
    }

    /// The driver of Chromium, with its address. It asks the system for a port and ends when another program
    /// was quicker; then it is started again.
    pub(crate) fn driver() -> Self {
        let start = || {
            let mut command = Command::new("chromedriver");
            command.arg("--port=0");
            Self::start(command, |line| {
                let port = line.split("successfully on port ").nth(1)?.trim_end_matches('.');
                Some(format!("http://127.0.0.1:{port}"))
            })
        };
        let mut tries = (0..TRIES).filter_map(|_| start());
        tries.next().unwrap_or_else(|| panic!("chromedriver ended {TRIES} times"))
    }

    /// `None` when it ended before it said what was waited for.
    fn start(mut command: Command, wanted: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let name = command.get_program().to_owned();
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!("{} does not start ({error}); tests/run installs what is needed", name.display())
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let found = lines.find_map(|line| wanted(&line));
        // Read to the end, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let ended = found.is_none();
        let program = Self { child, found: found.unwrap_or_default() };
        (!ended).then_some(program)
    }
}

impl Drop for Program {
    /// By SIGTERM, so that the driver ends its browsers and the demo its files.
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}
