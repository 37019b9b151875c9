//! What is measured without running anything: the machine, the binary, the crates.

use crate::report::{Table, mebibytes, milliseconds, percentile};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The program that is measured: `PROGRAM`, which `benches/run` sets to what ships. Cargo's own beside
/// this bench has what the tests' dependencies switch on in shared ones.
#[expect(clippy::disallowed_methods, reason = "a setting of the bench, not of the program")]
pub(crate) fn program() -> PathBuf {
    std::env::var_os("PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_jules-slack").into()).into()
}

pub(crate) fn print() {
    let mut table = Table::new(&["what", "figure", "how it was got"]);
    let mut row = |what: &str, figure: String, how: &str| {
        table.row([what.to_owned(), figure, how.to_owned()]);
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    row("processors", cores.to_string(), "shared with this bench and whatever else runs");
    row(
        "one wait for the disk",
        milliseconds(disk()) + " ms",
        "4 KiB and fdatasync, median of 100",
    );
    let size = std::fs::metadata(program()).ok().map(|file| file.len());
    row("the binary", mebibytes(size) + " MiB", "size of the file");
    row("crates in it", crates(), "`cargo tree -e normal`, each version once, ours counted");
    table.print();
}

/// How long it takes until this machine's disk has something, where the stores of this bench lie.
fn disk() -> Duration {
    let mut file: File = tempfile::tempfile().expect("a file");
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[0; 4096]).expect("writes");
            file.sync_data().expect("waits");
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    percentile(&times, 0.5)
}

fn crates() -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let Ok(tree) = tree else { return "-".to_owned() };
    let text = String::from_utf8_lossy(&tree.stdout);
    // Cargo marks what it has shown before.
    let names: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    names.len().to_string()
}
