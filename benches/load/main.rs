//! The real program under load: `benches/run`, or one part of it: `cargo bench --bench load -- most`.
//!
//! The program runs as a process of its own, on a fresh store, with a simulated Slack and Jules in
//! this process, all on loopback and without TLS. Every step has a fixed length, so it ends without help
//! after some minutes. Nothing here fails because something was slow.
//!
//! This process shares the machine with the program. With `--pin`, and itself kept off that processor
//! (`taskset`, as `benches/run` does), the program has a processor for itself; this process, the
//! simulations and Redis share the others.

#![expect(clippy::expect_used, reason = "a measurement that cannot continue panics")]
#![expect(clippy::print_stdout, reason = "the figures are for the terminal")]

mod ack;
mod baseline;
mod cost;
mod dice;
mod environment;
mod faults;
mod first_command;
mod forged;
mod generator;
mod lab;
mod loss;
mod open;
mod pace;
mod peers;
mod process;
mod pulls;
mod replica;
mod report;
mod results;
mod resume;
mod scale;
mod stage;
mod watch;
mod weight;
mod wire;
mod workspaces;
mod world;

use ack::Lengths;
use clap::{Parser, Subcommand, ValueEnum};
use loss::Wanted;
use report::Table;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;
use watch::Mix;
use world::{Kind, World};

/// Runs the real program against a simulated Slack and Jules, and measures.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    /// Less of everything: figures of a kind, in a tenth of the time
    #[arg(long, global = true)]
    short: bool,
    /// Run what is measured on this processor only
    #[arg(long, global = true)]
    pin: Option<usize>,
    /// What cargo says to a bench
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// What is measured without running anything: the machine, the binary, the crates
    Environment,
    /// Acknowledgements a second at most, next to a bare handler and the frameworks
    Most,
    /// How long an acknowledgement takes at 200 a second
    Calm,
    /// How long at 2,000 a second, while both upstreams take two seconds
    Busy,
    /// How long at 200 a second, while 35,000 tasks wait for their turn
    Backlog,
    /// How long next to 20,000 forged requests a second
    Forged,
    /// From the command to the link in the thread
    Link,
    /// Whether anything that was acknowledged is lost or started twice while everything is killed
    Loss {
        /// How many commands are sent
        #[arg(long)]
        acknowledged: Option<u32>,
        /// How often the program is killed
        #[arg(long)]
        kills: Option<u32>,
        /// Commands a second
        #[arg(long, default_value_t = 2_000)]
        rate: u32,
        /// On which store; one that waits for the disk is killed too
        #[arg(long, default_value = "redis-always")]
        store: Kind,
    },
    /// Three replicas on one Redis, while each of them and Redis is killed, and one is cut off
    Scale {
        /// How many commands are acknowledged
        #[arg(long)]
        tasks: Option<u32>,
        /// How often something is killed
        #[arg(long)]
        kills: Option<u32>,
        /// Commands a second; without it they last as long as the kills
        #[arg(long)]
        rate: Option<u32>,
        /// A master, its replica and a Sentinel; the master is killed once
        #[arg(long)]
        sentinel: bool,
        /// What chance is drawn from
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// How long tasks wait after `kill -9`, on a file and on Redis, alone and with a second replica
    Resume,
    /// One misbehaving thing next to healthy ones: what it costs them
    Faults {
        /// Which of them; all if none is named
        row: Vec<faults::Row>,
    },
    /// What it costs to follow sessions, and how late people hear of them, in simulated time
    Watch {
        /// So many sessions, and no other numbers of them
        #[arg(long)]
        sessions: Option<usize>,
        /// In those nothing happens
        #[arg(long, requires = "sessions")]
        quiet: bool,
        /// Each is on another person's own key
        #[arg(long, requires = "sessions", conflicts_with = "quiet")]
        keys: bool,
    },
    /// What it costs to follow pull requests on GitHub, and how late people hear of them, in simulated time
    Pulls {
        /// So many open ones, and no other numbers of them
        #[arg(long)]
        open: Option<usize>,
        /// With webhooks
        #[arg(long, requires = "open")]
        webhooks: bool,
    },
    /// What the program costs while thousands of sessions are open, on Redis, in real time
    Open {
        /// How many
        #[arg(long)]
        sessions: Option<u32>,
    },
    /// Memory, time to start, size, next to the frameworks
    Weight,
    /// What workspaces that installed the app cost one process: memory, and time until it's ready
    Workspaces,
    /// What more of everything costs: open tasks, people's keys, workspaces, watched pull requests
    Cost,
    /// Rates of commands with everything behind them, upstreams answering at once
    Rates {
        /// On which stores; all of them if none is named
        store: Vec<Kind>,
    },
    /// The bare handler itself
    #[command(hide = true)]
    Baseline,
    /// The forged requests themselves: to whom, how many a second, for how many milliseconds
    #[command(hide = true)]
    ForgedRequests { address: SocketAddr, rate: u32, length: u64 },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(part) = &options.part else {
        println!("This takes minutes: benches/run, or cargo bench --bench load -- --help");
        return ExitCode::SUCCESS;
    };
    if let Some(processor) = options.pin {
        process::pin(processor);
    }
    let runtime = Runtime::new().expect("a runtime");
    let lengths = if options.short {
        Lengths { rounds: 1, step: Duration::from_secs(2) }
    } else {
        Lengths { rounds: 5, step: Duration::from_secs(5) }
    };
    match part {
        Part::Environment => environment::print(),
        Part::Most => ack::most(lengths, &runtime),
        Part::Calm => ack::calm(lengths, &runtime),
        Part::Busy => ack::busy(lengths, &runtime),
        Part::Backlog => {
            let waiting = if options.short { 5_000 } else { ack::BACKLOG };
            ack::backlog(waiting, lengths, &runtime);
        }
        Part::Forged => ack::forged(lengths, &runtime),
        Part::Link => runtime.block_on(link(if options.short { 50 } else { 200 })),
        Part::Loss { acknowledged, kills, rate, store } => {
            let (all, some) = if options.short { (20_000, 5) } else { (100_000, 20) };
            let (acknowledged, kills) = (acknowledged.unwrap_or(all), kills.unwrap_or(some));
            let wanted = Wanted { acknowledged, kills, rate: *rate, kind: *store };
            if !loss::measure(wanted, &runtime) {
                return ExitCode::FAILURE;
            }
        }
        Part::Scale { tasks, kills, rate, sentinel, seed } => {
            let (all, some) = if options.short { (30, 5) } else { (2_000, 40) };
            let (tasks, kills) = (tasks.unwrap_or(all), kills.unwrap_or(some));
            let (rate, sentinel, seed) = (*rate, *sentinel, *seed);
            let wanted = scale::Wanted { tasks, rate, kills, sentinel, seed };
            if !scale::measure(wanted, &runtime) {
                return ExitCode::FAILURE;
            }
        }
        Part::Resume => {
            if !resume::measure(options.short, &runtime) {
                return ExitCode::FAILURE;
            }
        }
        Part::Faults { row } => {
            let rows = if row.is_empty() { faults::Row::value_variants() } else { row };
            faults::measure(rows, options.short, &runtime);
        }
        Part::Watch { sessions, quiet, keys } => {
            let mix = match (quiet, keys) {
                (true, _) => Mix::Quiet,
                (false, true) => Mix::OwnKeys,
                (false, false) => Mix::Busy,
            };
            let rows = match sessions {
                Some(count) => vec![(*count, mix)],
                None => watch::rows(options.short),
            };
            watch::measure(&rows, &runtime);
        }
        Part::Pulls { open, webhooks } => {
            let rows = match open {
                Some(count) => vec![(*count, *webhooks)],
                None => pulls::rows(options.short),
            };
            pulls::measure(&rows, &runtime);
        }
        Part::Open { sessions } => {
            let (all, length) = if options.short { (300, 15) } else { (10_000, 60) };
            let length = Duration::from_secs(length);
            open::measure(sessions.unwrap_or(all), length, &runtime);
        }
        Part::Weight => weight::measure(if options.short { 3 } else { 9 }, &runtime),
        Part::Workspaces => workspaces::measure(&runtime),
        Part::Cost => cost::measure(options.short, lengths, &runtime),
        Part::Rates { store } => {
            let stores = if store.is_empty() { Kind::all() } else { store };
            runtime.block_on(rates(stores, lengths));
        }
        Part::ForgedRequests { address, rate, length } => {
            forged::send(*address, *rate, Duration::from_millis(*length));
        }
        Part::Baseline => runtime.block_on(baseline::serve_as_told()),
    }
    ExitCode::SUCCESS
}

/// One command at a time, on each store.
async fn link(commands: usize) {
    for kind in Kind::all() {
        println!("\n## From the command to the link, {}\n", kind.words());
        let mut world = World::start(*kind).await;
        first_command::measure(&mut world, commands).await;
    }
}

/// How many commands a second with all that is behind them; each load on a fresh store.
async fn rates(stores: &[Kind], lengths: Lengths) {
    for kind in stores {
        println!("\n## Rates, {}\n", kind.words());
        for load in [pace::Load::Help, pace::Load::Tasks] {
            let mut world = World::start(*kind).await;
            let idle = world.program.resident();
            pace::measure(&mut world, load, lengths.step, MOST_TRIED).await;
            let mut memory = Table::new(&["memory of the program", "MiB resident"]);
            memory.row(["two seconds after the start, idle".to_owned(), report::mebibytes(idle)]);
            memory.row([load.after().to_owned(), report::mebibytes(world.program.resident())]);
            memory.print();
        }
    }
}

/// The highest rate that is tried, in commands a second.
const MOST_TRIED: u32 = 16_000;
