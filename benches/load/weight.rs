//! What it costs to have it: memory, time to start, size.

use crate::environment::program;
use crate::generator::{Order, fire, once};
use crate::peers::{Running, Who};
use crate::report::{Table, mebibytes, milliseconds, percentile};
use crate::results::Results;
use crate::world::{Kind, World};
use std::path::Path;
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;

const EVERYBODY: &[Who] = &[
    Who::Ours(Kind::RedisEverysec),
    Who::Ours(Kind::File),
    Who::Baseline(Kind::RedisEverysec),
    Who::SlackGo,
    Who::BoltJs,
    Who::BoltPython,
];

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn measure(starts: usize, runtime: &Runtime) {
    println!("\n## Weight\n");
    let mut results = Results::default();
    let mut table = Table::new(&[
        "who",
        "MiB idle",
        "MiB after its most",
        "ms from exec to the first acknowledgement",
        "after a crash",
        "MiB on disk",
    ]);
    for who in EVERYBODY.iter().filter(|who| who.is_there()) {
        let (mut times, mut after_crashes) = (Vec::new(), Vec::new());
        let (mut idle, mut most) = (None, None);
        for start in 0..starts {
            let mut running = Running::start(*who, runtime);
            if let Some(world) = &running.world {
                world.speed_up();
            }
            // What is measured is a start on a store that is there, as after any update. One before it
            // wakes the machine: the world has rested for seconds, the peers have not.
            again(&mut running, World::start_again);
            let updated = again(&mut running, World::update);
            times.push(updated.unwrap_or_else(|| first_acknowledgement(&running)));
            after_crashes.extend(again(&mut running, World::start_again));
            if start + 1 == starts {
                thread::sleep(Duration::from_secs(2));
                idle = running.program().resident();
                fire(&running.aim, Order::closed(64, Duration::from_secs(3)));
                most = running.program().resident();
            }
        }
        let (first, after_crash) = (median(times), median(after_crashes));
        let (name, disk) = (who.words(), on_disk(*who));
        table.row([
            name.to_owned(),
            mebibytes(idle),
            mebibytes(most),
            first.map_or_else(String::new, milliseconds),
            after_crash.map_or_else(String::new, milliseconds),
            mebibytes(disk),
        ]);
        results.note(format!("{name}: bytes idle"), idle);
        results.note(format!("{name}: bytes after its most"), most);
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        results.note(format!("{name}: seconds to the first acknowledgement"), seconds(first));
        results.note(format!("{name}: the same after a crash"), seconds(after_crash));
        results.note(format!("{name}: bytes on disk"), disk);
    }
    table.print();
    results.write("weight");
}

/// `None` of nothing.
fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    (!times.is_empty()).then(|| percentile(&times, 0.5))
}

/// Ours, ended and started again in such a way; `None` for the others.
fn again(running: &mut Running, restart: fn(&mut World)) -> Option<Duration> {
    restart(running.world.as_mut()?);
    Some(first_acknowledgement(running))
}

/// From exec until a command is durably acknowledged, asked again and again.
fn first_acknowledgement(running: &Running) -> Duration {
    let begun = running.program().begun;
    while !once(&running.aim) {
        assert!(begun.elapsed() < PATIENCE, "nothing is acknowledged");
        thread::sleep(Duration::from_micros(200));
    }
    begun.elapsed()
}

/// The program and what it needs beside the system's own interpreter.
fn on_disk(who: Who) -> Option<u64> {
    match who {
        Who::Ours(_) => size(&program()),
        Who::Baseline(_) => None,
        Who::BoltJs => size(&Who::installed("bolt-js/node_modules")),
        Who::BoltPython => size(&Who::installed("bolt-python/venv/lib")),
        Who::SlackGo => size(&Who::installed("slack-go/slack-go")),
    }
}

fn size(path: &Path) -> Option<u64> {
    let about = path.symlink_metadata().ok()?;
    if !about.is_dir() {
        return Some(about.len());
    }
    let entries = path.read_dir().ok()?.flatten();
    Some(entries.filter_map(|entry| size(&entry.path())).sum())
}
