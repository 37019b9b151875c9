//! The real program under load: `cargo bench --bench load`, or with options: `-- --help`.
//!
//! The program runs as a process of its own, on a fresh store, with a simulated Slack and Jules in
//! this process, all on loopback and without TLS. For each store it is asked three things: how long
//! one command takes until it is acknowledged and until its link is in the thread; how many commands
//! a second it acknowledges in time; and how much memory it holds. Every step has a fixed length, so
//! it ends by itself after a few minutes. Nothing here fails because something was slow.
//!
//! This process shares the machine with the program; what each of them used is in the table.

#![expect(clippy::expect_used, reason = "a measurement that cannot go on panics")]
#![expect(clippy::print_stdout, reason = "the figures are for the terminal")]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/it/harness/redis.rs"]
mod redis_server;

mod house;
mod pace;
mod process;
mod report;
mod single;
mod wire;
mod world;

use clap::Parser;
use report::Table;
use std::time::Duration;
use world::{Kind, World};

/// Runs the real program against a simulated Slack and Jules, and measures.
#[derive(Debug, Parser)]
struct Options {
    /// How many commands are timed one by one
    #[arg(long, default_value_t = 200)]
    commands: usize,
    /// How long each rate and each crowd is kept up, in seconds
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// The highest rate that is tried, in commands a second
    #[arg(long, default_value_t = 16_000)]
    most: u32,
    /// On which stores; all of them if none is named
    #[arg(long)]
    store: Vec<Kind>,
    /// What cargo says to a bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("This takes minutes: cargo bench --bench load");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    house::print();
    let stores = if options.store.is_empty() { Kind::all() } else { &options.store };
    for kind in stores {
        println!("\n## Store: {}\n", kind.words());
        runtime.block_on(measure(*kind, &options));
    }
}

/// Everything that is asked on one store; each part on a fresh one.
async fn measure(kind: Kind, options: &Options) {
    let mut world = World::start(kind).await;
    let idle = world.program.resident();
    single::measure(&mut world, options.commands).await;
    drop(world);

    let step = Duration::from_secs(options.seconds);
    for load in [pace::Load::Help, pace::Load::Tasks] {
        let mut world = World::start(kind).await;
        pace::measure(&mut world, load, step, options.most).await;
        let mut memory = Table::new(&["memory of the program", "MiB resident"]);
        memory.row(["two seconds after the start, idle".to_owned(), report::mebibytes(idle)]);
        memory.row([load.after().to_owned(), report::mebibytes(world.program.resident())]);
        memory.print();
    }
}
