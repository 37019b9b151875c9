//! Three replicas of the program on one Redis behind a front that deals in turn, while they are killed,
//! Redis is killed, and one of them is cut off from it.
//!
//! At the end it is counted, from the simulated Slack and Jules, what became of every command that was
//! acknowledged: one card, one session, one link, one finish, in that order. Sessions go through their
//! whole life, a step every few seconds. Nothing is looked up in the program.

mod cut;
mod front;
mod life;
mod redis;
mod storm;
mod tally;

use crate::replica::Replica;
use crate::report::Table;
use crate::results::Results;
use crate::world::{self, KEY};
use front::Taken;
use platform::clock;
use redis::Redis;
use sim::jules::SimJules;
use sim::slack::SimSlack;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use storm::Struck;
use tally::Tally;
use tokio::runtime::Runtime;

/// How many replicas there are; the last one is the one that is cut off.
const REPLICAS: usize = 3;

/// After everyone has everything, a replica that still holds something twice has this long to show it. Longer
/// than any lease that a replica left behind when it died.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// How often it is counted.
const EVERY: Duration = Duration::from_secs(5);

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) tasks: u32,
    /// Commands a second; `None` spreads them over the storm.
    pub(crate) rate: Option<u32>,
    /// How often something is killed.
    pub(crate) kills: u32,
    /// Whether Sentinel fails over from a master that is killed for good; else one Redis is restarted.
    pub(crate) sentinel: bool,
    pub(crate) seed: u64,
}

/// Whether every task has one of each, in order.
pub(crate) fn measure(wanted: Wanted, runtime: &Runtime) -> bool {
    let Wanted { tasks, rate, kills, sentinel, seed } = wanted;
    let spread = tasks.checked_div(kills * storm::BETWEEN_SECONDS).unwrap_or(tasks);
    let rate = rate.unwrap_or(spread).max(1);
    let mut redis = Redis::start(sentinel, runtime);
    println!("\n## {REPLICAS} replicas, {tasks} tasks, {}, seed {seed}\n", redis.words());
    let clock = clock::system();
    let slack = runtime.block_on(SimSlack::start(Arc::clone(&clock))).expect("a port");
    let jules = runtime.block_on(SimJules::start(Arc::clone(&clock))).expect("a port");
    jules.default_sources(KEY).limits(usize::MAX, usize::MAX);
    let author = Arc::new(world::author(&slack, clock));
    let start = |nth| Replica::start(world::settings(&slack, &jules, redis.url(nth)));
    let mut replicas: Vec<Replica> =
        (0..REPLICAS).map(|nth| runtime.block_on(start(nth))).collect();
    let front = front::Front::to(&replicas);
    let stop = life::begin(&jules, runtime);

    let begun = Instant::now();
    let (channels, typist) = (author.channels.clone(), Arc::clone(&author));
    let dealt = runtime.spawn(async move { front.deal(&typist, tasks, rate).await });
    let struck = storm::rage(&mut replicas, &mut redis, kills, seed);
    let taken = runtime.block_on(dealt).expect("nobody panics");
    let stormed = begun.elapsed();
    let tally = settle(&slack, &jules, &channels, &taken, tasks);
    stop.cancel();
    let times = [stormed, begun.elapsed()];
    let complaints = replicas.iter().map(Replica::complaints).sum();
    report(&Run { taken, struck, tally, times, complaints, sentinel })
}

/// Waits until every command that was acknowledged has everything, and a while longer; at most as long
/// as the account's budget of one list of activities a second needs, twice.
fn settle(
    slack: &SimSlack,
    jules: &SimJules,
    channels: &[String],
    taken: &Taken,
    tasks: u32,
) -> Tally {
    let begun = Instant::now();
    let longest = Duration::from_secs(600) + 2 * Duration::from_secs(tasks.into());
    loop {
        thread::sleep(EVERY);
        // The simulations remember every call; here that would be millions.
        slack.clear_calls();
        jules.clear_calls();
        let tally = Tally::take(slack, jules, channels);
        let missing = tally.missing(&taken.acknowledged).len();
        if missing == 0 {
            break;
        }
        if begun.elapsed() > longest {
            println!("{missing} tasks lack something after {} s.\n", longest.as_secs());
            break;
        }
    }
    thread::sleep(AFTERWARDS);
    Tally::take(slack, jules, channels)
}

/// What a run showed.
struct Run {
    taken: Taken,
    struck: Struck,
    tally: Tally,
    /// Until the storm was over, and all in all.
    times: [Duration; 2],
    complaints: usize,
    sentinel: bool,
}

fn report(run: &Run) -> bool {
    let Run { taken, struck, tally, times, complaints, sentinel } = run;
    let missing = tally.missing(&taken.acknowledged);
    let (doubled, disordered) = (tally.doubled(), tally.out_of_order());
    let [cards, sessions, links, finishes] = tally.sums();
    let mut table = Table::new(&["what", "count"]);
    let mut results = Results::default();
    let rows = [
        ("tasks: commands acknowledged", taken.acknowledged.len()),
        ("commands that were not, and their authors were told", taken.refused),
        (
            "tasks stored all the same, their answer cut off",
            tally.tasks() - taken.acknowledged.len(),
        ),
        ("cards", cards),
        ("sessions", sessions),
        ("links", links),
        ("finishes", finishes),
        ("tasks that have something twice", doubled.len()),
        ("tasks that lack something", missing.len()),
        ("tasks out of order", disordered.len()),
        ("kills of a replica", struck.replicas),
        ("kills of Redis", struck.redis),
        ("times a replica was cut off from Redis", struck.cuts),
        ("lines of log that complain", *complaints),
    ];
    for (what, count) in rows {
        table.row([what.to_owned(), count.to_string()]);
        results.note(what, count);
    }
    table.print();
    let [storm, all] = times.map(|time| time.as_secs());
    println!("The storm lasted {storm} s, all of it {all} s.");
    for number in missing.iter().chain(&doubled).chain(&disordered).take(20) {
        println!("{}", tally.tell(*number));
    }
    results.write(if *sentinel { "scale-sentinel" } else { "scale" });
    missing.len() + doubled.len() + disordered.len() == 0
}
