//! The two programs that a story needs: the demo, and the driver of the browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

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
        // Where it finds no `.env` and leaves nothing in the repository.
        command.args(["demo", "--port", "0"]).env_clear().current_dir(std::env::temp_dir());
        Self::start(command, |line| line.trim().strip_prefix("Open ").map(str::to_owned))
    }

    /// The driver of Chromium, with its address.
    pub(crate) fn driver() -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        Self::start(command, |line| {
            let port = line.split("successfully on port ").nth(1)?.trim_end_matches('.');
            Some(format!("http://127.0.0.1:{port}"))
        })
    }

    fn start(mut command: Command, wanted: impl Fn(&str) -> Option<String>) -> Self {
        let name = command.get_program().to_owned();
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!("{} does not start ({error}); tests/run installs what is needed", name.display())
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let found = lines.find_map(|line| wanted(&line));
        // Read to the end, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let found = found.unwrap_or_else(|| panic!("{} ended", name.display()));
        Self { child, found }
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
