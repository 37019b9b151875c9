//! Is anything lost? Commands come at a fixed rate while the program is killed (`kill -9`) again and
//! again, and with it, every other time, a Redis that waits for the disk. Both upstreams take two seconds
//! all the time, so that whatever is killed is in the middle of many calls.
//!
//! Whatever was acknowledged must end as one session with one card: none lost, none twice. A hundred
//! channels take a hundred cards a second, so of a large run not everything has its turn; what has not
//! must still stand in the store, to be carried on.

use crate::first_command::is_taken;
use crate::generator::{Aim, Mix, Order, Pace, fire};
use crate::report::Table;
use crate::results::Results;
use crate::world::{KEY, Kind, World};
use futures_util::stream::{self, StreamExt};
use platform::clock;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};
use store::{Key, Store};
use tokio::runtime::Runtime;

/// What people type; the command's number comes behind it.
const TEXT: &str = "task";

/// How long nothing may move before the count is taken. Longer than any wait between two looks for a
/// session that may have been created.
const STILL: Duration = Duration::from_secs(100);

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) acknowledged: u32,
    pub(crate) kills: u32,
    pub(crate) rate: u32,
    pub(crate) kind: Kind,
}

/// How many documents are read at once.
const PAGE: usize = 1_000;

/// How long the count may be waited for, whatever moves.
const LONGEST: Duration = Duration::from_secs(300);

/// How often something was done for each command, by its number.
type Counts = HashMap<u64, u32>;

/// Whether nothing was lost and nothing was done twice.
pub(crate) fn measure(wanted: Wanted, runtime: &Runtime) -> bool {
    let Wanted { acknowledged, kills, rate, kind } = wanted;
    println!("\n## {kills} kills under {rate} commands a second, {}\n", kind.words());
    let mut world = runtime.block_on(World::start(kind));
    runtime.block_on(world.bind());
    world.slow_down();
    let aim = Aim {
        address: world.address,
        path: "/slack/commands",
        author: Arc::clone(&world.author),
        text: TEXT,
        is_taken,
    };
    let length = Duration::from_secs_f64(f64::from(acknowledged) / f64::from(rate));
    let order =
        Order { mix: Mix::Mixed, pace: Pace::Open(rate), connections: 64, length, numbered: true };
    let begun = Instant::now();
    let firing = thread::spawn(move || fire(&aim, order));
    for kill in 0..kills {
        thread::sleep((begun + length * (kill + 1) / (kills + 1)).duration_since(Instant::now()));
        if kind == Kind::RedisAlways && kill % 2 == 1 {
            world.server.as_mut().expect("there is one").start_again();
        }
        world.start_again();
        forget_calls(&world);
    }
    let volley = firing.join().expect("nobody panics");
    let mut taken = volley.acknowledged.clone();
    taken.sort_unstable();
    taken.dedup();
    world.speed_up();
    let begun = Instant::now();
    settle(&world, &taken);
    let settled = begun.elapsed();
    // A file is its program's alone.
    world.program.kill();
    let waiting = runtime.block_on(waiting(&*world.store()));
    let (sessions, cards) = (sessions(&world), cards(&world));
    let of = |counts: &Counts, number: &u64| counts.get(number).copied().unwrap_or(0);
    let gone = |number: &&u64| !waiting.contains(*number);
    let lost = taken.iter().filter(|number| of(&sessions, number) == 0).filter(gone).count();
    let silent = taken.iter().filter(|number| of(&cards, number) == 0).filter(gone).count();
    let turns = taken.iter().filter(|number| of(&sessions, number) > 0).count();
    let twice = sessions.values().filter(|count| **count > 1).count();
    let doubled = cards.values().filter(|count| **count > 1).count();

    let mut table = Table::new(&["what", "count"]);
    for (what, count) in [
        ("commands acknowledged", taken.len()),
        ("acknowledged, with a session by now", turns),
        ("acknowledged, neither with a session nor waiting in the store: lost", lost),
        ("acknowledged, neither with a card nor waiting in the store", silent),
        ("commands with two sessions: started twice", twice),
        ("commands with two cards", doubled),
        ("sessions", sessions.len()),
    ] {
        table.row([what.to_owned(), count.to_string()]);
    }
    table.print();
    println!("Counted {:.0} s after the last command.\n", settled.as_secs_f64());
    println!(
        "{} requests were not answered as they should be: what comes while nothing listens. Slack \
         shows that to the author. p50 {:.1} ms, p99 {:.0} ms, from when each was due.",
        volley.wrong,
        volley.ms(0.5),
        volley.ms(0.99)
    );
    let mut results = Results::default();
    results.note("acknowledged", taken.len());
    results.note("kills", kills);
    results.note("begun", turns);
    results.note("lost", lost);
    results.note("twice", twice);
    results.note("cards lost", silent);
    results.note("cards twice", doubled);
    results.write("loss");
    lost + silent + twice + doubled == 0
}

/// Waits until every command that was acknowledged is done, or nothing moves any more.
fn settle(world: &World, taken: &[u64]) {
    let begun = Instant::now();
    let (mut moved, mut last) = (begun, (0, 0, 0));
    while begun.elapsed() < LONGEST {
        thread::sleep(Duration::from_millis(500));
        forget_calls(world);
        let sessions = sessions(world);
        let posted = &world.posted;
        let cards = posted.cards.load(Ordering::Relaxed);
        let now = (sessions.len(), cards, posted.replies.load(Ordering::Relaxed));
        if now != last {
            (moved, last) = (Instant::now(), now);
        }
        // Commands that were stored and never acknowledged have sessions too, so a count is no end.
        let is_done = taken.iter().all(|number| sessions.contains_key(number));
        let rest = if is_done { STILL / 10 } else { STILL };
        if moved.elapsed() > rest {
            return;
        }
    }
}

fn sessions(world: &World) -> Counts {
    let mut counts = Counts::new();
    for session in world.jules.account(KEY).sessions() {
        if let Some(number) = number(&session.prompt) {
            *counts.entry(number).or_default() += 1;
        }
    }
    counts
}

/// The cards in the channels, from any replica.
fn cards(world: &World) -> Counts {
    let mut counts = Counts::new();
    for channel in &world.author.channels {
        for card in world.slack.channel_messages(channel) {
            if let Some(number) = card.text.split('”').next().and_then(number) {
                *counts.entry(number).or_default() += 1;
            }
        }
    }
    counts
}

/// The numbers of the tasks that have something to do yet.
async fn waiting(store: &dyn Store) -> HashSet<u64> {
    let now = (clock::system())();
    let (mut waiting, mut after) = (HashSet::new(), None::<Key>);
    loop {
        let keys = store.list("task/", after.as_ref(), PAGE, now).await.expect("the store answers");
        let Some(last) = keys.last() else { return waiting };
        after = Some(last.clone());
        let numbers = stream::iter(&keys)
            .map(|key| async move {
                let found = store.get(key, now).await.expect("the store answers");
                let (_, doc) = found.filter(|(_, doc)| doc.wake_at.is_some())?;
                let task: Value = serde_json::from_slice(&doc.body).expect("is JSON");
                task["ask"]["prompt"].as_str().and_then(number)
            })
            .buffered(64);
        waiting.extend(numbers.filter_map(std::future::ready).collect::<Vec<_>>().await);
    }
}

/// The simulations remember every call; here that would be millions.
fn forget_calls(world: &World) {
    world.slack.clear_calls();
    world.jules.clear_calls();
}

/// The number at the end of the words that were typed.
fn number(words: &str) -> Option<u64> {
    words.rsplit(' ').next()?.parse().ok()
}
