//! How many instructions an acknowledgement takes, stage by stage, held against `benches/ratchet.json`:
//! `benches/count`. A stage that takes over 5 % more fails, and is named.
//!
//! Instructions are counted by valgrind (callgrind), so they hardly depend on the machine and not at
//! all on what else it does. They do depend on the compiler, and a little on the processor's vector
//! instructions; with another compiler than the one that is written in the file, or other
//! instructions, nothing is compared and a line says so. `benches/count --accept` writes the file
//! anew, for a rise that is worth it and for a new compiler.
//!
//! There are two builds: optimised, which is what the figures are quoted from, and that of the tests,
//! whose counts are several times as high and rise for the same reasons. CI has the latter built anyway
//! (`benches/count --quick`); to optimise would take it seven minutes.
//!
//! A stage runs in a process of its own, once with few rounds and once with many. The difference is
//! what the further rounds took, and nothing of the start.

#![expect(clippy::expect_used, reason = "a measurement that cannot continue panics")]
#![expect(clippy::print_stdout, reason = "the figures are for the terminal")]

mod stages;

use clap::Parser;
use serde::{Deserialize, Serialize};
use stages::Stage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// How much more a stage may take, in hundredths.
const ALLOWED: u64 = 5;

/// This build, as the file calls it.
const BUILD: &str = if cfg!(debug_assertions) { "tests" } else { "optimised" };

const FEW: u64 = if cfg!(debug_assertions) { 10 } else { 50 };
const MANY: u64 = 5 * FEW;

/// What is in the file, by build.
type Known = BTreeMap<String, Counts>;

/// Counts the instructions of an acknowledgement, and compares.
#[derive(Debug, Parser)]
struct Options {
    /// Write what is counted to the file
    #[arg(long)]
    accept: bool,
    /// Run a stage and nothing else: what is counted
    #[arg(long, hide = true)]
    stage: Option<Stage>,
    #[arg(long, hide = true, default_value_t = 0)]
    rounds: u64,
    /// What cargo says to a bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// What was counted, and what it depends on.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    /// `rustc --version` and the target.
    compiler: String,
    /// The widest vector instructions that the processor offers here.
    vectors: String,
    /// Instructions of one round, by stage.
    instructions: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(stage) = options.stage {
        stage.run(options.rounds);
        return ExitCode::SUCCESS;
    }
    if !options.bench {
        println!("This takes a minute: benches/count");
        return ExitCode::SUCCESS;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ratchet.json");
    let known = std::fs::read_to_string(&file).ok();
    let mut all: Known =
        known.map(|text| serde_json::from_str(&text).expect("is ours")).unwrap_or_default();
    let known = all.remove(BUILD);
    let (compiler, vectors) = (compiler(), vectors().to_owned());
    if let Some(known) = known.as_ref().filter(|_| !options.accept)
        && (&known.compiler, &known.vectors) != (&compiler, &vectors)
    {
        println!(
            "ratchet: nothing is compared. The counts were made by `{}` with {}, here are `{compiler}` \
             and {vectors}. `benches/count --accept` makes them anew.",
            known.compiler, known.vectors
        );
        return ExitCode::SUCCESS;
    }
    let instructions = Stage::all().iter().map(|stage| (stage.name(), count(*stage))).collect();
    let counts = Counts { compiler, vectors, instructions };
    match known.filter(|_| !options.accept) {
        Some(known) => compare(&known, &counts),
        None => {
            println!("ratchet: written, {counts:#?}");
            all.insert(BUILD.to_owned(), counts);
            let text = serde_json::to_string_pretty(&all).expect("is JSON");
            std::fs::write(file, text + "\n").expect("a file");
            ExitCode::SUCCESS
        }
    }
}

/// Prints every stage; fails when one takes too many, or is not in the file.
fn compare(known: &Counts, counts: &Counts) -> ExitCode {
    println!("| stage | instructions | before | change |\n| --- | --- | --- | --- |");
    let mut risen = Vec::new();
    for (stage, now) in &counts.instructions {
        let before = known.instructions.get(stage).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
        let change = (*now as f64 / before.max(1) as f64 - 1.0) * 100.0;
        println!("| {stage} | {now} | {before} | {change:+.1} % |");
        if now * 100 > before * (100 + ALLOWED) {
            risen.push(stage.as_str());
        }
    }
    if risen.is_empty() {
        println!("\nratchet: no stage takes more than {ALLOWED} % more.");
        return ExitCode::SUCCESS;
    }
    println!(
        "\nratchet: over {ALLOWED} % more instructions in: {}. Find out why; if it is worth it, \
         `benches/count --accept`.",
        risen.join(", ")
    );
    ExitCode::FAILURE
}

/// Instructions of one round.
fn count(stage: Stage) -> u64 {
    let [few, many] = [FEW, MANY].map(|rounds| instructions(stage, rounds));
    (many - few) / (MANY - FEW)
}

/// Instructions of a whole process.
fn instructions(stage: Stage, rounds: u64) -> u64 {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("counts");
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--error-exitcode=9"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().expect("has a path"))
        .args(["--stage", &stage.name(), "--rounds", &rounds.to_string()])
        .output()
        .expect("valgrind is installed: benches/count does that");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "the stage `{}` failed:\n{said}", stage.name());
    let counts = std::fs::read_to_string(out).expect("valgrind writes its counts");
    let total = counts
        .lines()
        .find_map(|line| line.strip_prefix("summary:").or_else(|| line.strip_prefix("totals:")));
    total.and_then(|total| total.trim().parse().ok()).expect("callgrind writes a summary")
}

fn compiler() -> String {
    let rustc = PathBuf::from(env!("CARGO")).with_file_name("rustc");
    let said = Command::new(rustc).arg("--version").output().expect("rustc is beside cargo");
    let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    format!("{version}, {}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx2") { "AVX2" } else { "SSE2" }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    std::env::consts::ARCH
}
