//! The terminal: lines out, lines in.

use std::io::{self, Write};
use tokio::sync::mpsc;

/// Prints these lines to standard output. That nobody reads them, as in `demo | head`, is no reason
/// to stop.
pub(super) fn show(lines: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}

/// The lines of standard input, as they come; ends when it is closed.
///
/// A thread reads them, because a read cannot be called off: one in the runtime would hold up the
/// end of the program until somebody presses Enter.
pub(super) fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
