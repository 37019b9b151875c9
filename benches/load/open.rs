//! What the real program costs while thousands of sessions are open: memory, processor, Redis, and calls
//! at Jules, first while nothing moves in them, then while something moves in each every half minute; and
//! how long an acknowledgement takes beside them, at a busy rate and with slow upstreams.

use crate::ack::BUSY;
use crate::generator::{Aim, Mix, Order, Pace, fire};
use crate::peers::aim;
use crate::report::{Table, mebibytes};
use crate::results::Results;
use crate::world::{KEY, Kind, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Sessions begin at this rate, so many a second.
const RATE: u32 = 100;

/// How long what people just did is followed closely; afterwards the account is at rest.
const CLOSELY: Duration = Duration::from_secs(130);

/// In a busy session something moves this often.
const MOVES_EVERY: Duration = Duration::from_secs(30);

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(900);

/// A stretch of time, as it was measured.
pub(crate) struct Stretch {
    what: &'static str,
    /// Shares of a core.
    pub(crate) ours: f64,
    pub(crate) redis: f64,
    /// A second.
    scripts: f64,
    pub(crate) commands: f64,
    pub(crate) megabytes: f64,
    /// A minute, at Jules.
    pub(crate) calls: BTreeMap<String, f64>,
    /// A minute.
    pub(crate) slack: f64,
    pub(crate) resident: Option<u64>,
}

pub(crate) fn measure(count: u32, minute: Duration, runtime: &Runtime) {
    println!("\n## {count} open sessions of one account, on Redis\n");
    let world = runtime.block_on(World::start(Kind::RedisEverysec));
    runtime.block_on(world.bind());
    let idle = world.program.resident();
    let begun = Instant::now();
    begin(&world, count);
    let (took, after) = (begun.elapsed(), world.program.resident());
    thread::sleep(CLOSELY);
    let quiet = stretch("nothing moves", &world, minute);
    let stop = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        scope.spawn(|| moves(&world, &stop));
        let busy = stretch("something moves in each every 30 s", &world, minute);
        stop.store(true, Ordering::Relaxed);
        busy
    });

    let mut results = Results::default();
    let mut table = Table::new(&[
        "while",
        "of a core",
        "of a core, Redis",
        "scripts a second",
        "MB a second into Redis",
        "Jules calls a minute",
        "MiB",
    ]);
    for stretch in [quiet, busy] {
        let calls = stretch.calls.iter().map(|(op, count)| format!("{op} {count:.0}"));
        table.row([
            stretch.what.to_owned(),
            format!("{:.2}", stretch.ours),
            format!("{:.2}", stretch.redis),
            format!("{:.1}", stretch.scripts),
            format!("{:.2}", stretch.megabytes),
            calls.collect::<Vec<_>>().join(", "),
            mebibytes(stretch.resident),
        ]);
        let mut note = |name: &str, figure: f64| {
            results.note(format!("{}: {name}", stretch.what), figure);
        };
        note("of a core", stretch.ours);
        note("of a core, Redis", stretch.redis);
        note("scripts a second", stretch.scripts);
        note("MB a second into Redis", stretch.megabytes);
        results.note(format!("{}: bytes", stretch.what), stretch.resident);
    }
    table.print();
    println!(
        "{} MiB before the first command, {} after the last; {count} tasks were begun, card and link \
         posted, in {:.0} s.",
        mebibytes(idle),
        mebibytes(after),
        took.as_secs_f64()
    );
    results.note("seconds to begin", took.as_secs_f64());
    acknowledge(&world, minute / 4, &mut results);
    results.write("open");
}

/// Commands come at a busy rate beside the open sessions, and both upstreams take two seconds.
fn acknowledge(world: &World, length: Duration, results: &mut Results) {
    world.slow_down();
    let volley = fire(&commands(world), Order { mix: Mix::Good, ..Order::open(BUSY, length) });
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| volley.ms(share));
    println!(
        "At {BUSY} commands a second beside them, upstreams taking 2 s, milliseconds until one is \
         acknowledged: p50 {p50:.2}, p99 {p99:.2}, p99.9 {p999:.2}; {} acknowledged, {} wrong.",
        volley.good.len(),
        volley.wrong
    );
    results.note("acknowledged beside them, milliseconds p50 p99 p99.9", vec![p50, p99, p999]);
}

fn commands(world: &World) -> Aim {
    aim(world.address, "/slack/commands", Arc::clone(&world.author))
}

/// So many tasks, until each has its link.
pub(crate) fn begin(world: &World, count: u32) {
    let length = Duration::from_secs(1) * count / RATE;
    let order =
        Order { mix: Mix::Good, pace: Pace::Open(RATE), connections: 16, length, numbered: false };
    let volley = fire(&commands(world), order);
    let begun = Instant::now();
    while world.posted.replies.load(Ordering::Relaxed) < volley.good.len() {
        world.slack.clear_calls();
        assert!(begun.elapsed() < PATIENCE, "the tasks are not begun");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Something moves in every session, in turn, until it is told to stop.
fn moves(world: &World, stop: &AtomicBool) {
    let account = world.jules.account(KEY);
    let sessions: Vec<String> = account.sessions().into_iter().map(|one| one.id).collect();
    let Ok(many) = u32::try_from(sessions.len().max(1)) else { return };
    let mut due = Instant::now();
    for (nth, session) in sessions.iter().cycle().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        account.progress(session, &format!("step {nth}"), "");
        due += MOVES_EVERY / many;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

pub(crate) fn stretch(what: &'static str, world: &World, length: Duration) -> Stretch {
    let counters = || {
        let says = |section, name| world.store_says(section, name).unwrap_or(0.0);
        [
            world.program.worked().as_secs_f64(),
            world.store_worked().as_secs_f64(),
            says("commandstats", "cmdstat_evalsha:calls="),
            says("stats", "total_net_input_bytes:") / 1e6,
            says("stats", "total_commands_processed:"),
        ]
    };
    world.jules.clear_calls();
    world.slack.clear_calls();
    let (begun, before) = (Instant::now(), counters());
    thread::sleep(length);
    let (after, seconds) = (counters(), begun.elapsed().as_secs_f64());
    let [ours, redis, scripts, megabytes, commands] =
        [0, 1, 2, 3, 4].map(|nth: usize| (after[nth] - before[nth]) / seconds);
    let mut calls = BTreeMap::new();
    for call in world.jules.calls() {
        *calls.entry(format!("{:?}", call.op)).or_default() += 60.0 / seconds;
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
    let slack = world.slack.calls().len() as f64 * 60.0 / seconds;
    world.slack.clear_calls();
    let resident = world.program.resident();
    Stretch { what, ours, redis, scripts, commands, megabytes, calls, slack, resident }
}
