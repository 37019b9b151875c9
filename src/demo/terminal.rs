//! The terminal.

use std::io::{self, Write};

/// Prints these lines to standard output. If no one reads them, as in `demo | head`, that's no reason to
/// stop.
pub(super) fn show(lines: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}
