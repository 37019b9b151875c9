//! How long people wait after `kill -9`: until each task has begun its next attempt or lookup, and until
//! its link is in the thread. And whether anything was done twice.
//!
//! Calls take a moment, and while a death is near one write in three never arrives, so that tasks die at every
//! step: nothing done yet, done and the answer lost, never arrived. What a task does next is seen from
//! outside, by the first call that belongs to it (`resume/trace.rs`).

mod fate;
mod trace;

use crate::dice::Dice;
use crate::report::Table;
use crate::results::Results;
use crate::stage::Stage;
use crate::world::Kind;
use fate::Fate;
use jiff::Timestamp;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use trace::Trace;

/// What people type; the command's number comes behind it.
const TEXT: &str = "repo=AshikNesin/404less branch=main task";

/// Commands that are each followed by a death, and the longest time between the two.
const COMMANDS: u64 = 12;
const WITHIN_MS: u64 = 300;

/// Tasks in whose middle one death comes, and the time between two commands.
const CROWD: u64 = 50;
const BETWEEN: Duration = Duration::from_millis(25);

/// What a call takes; in a crowd long enough that nobody has his link when death comes.
const CALL: Duration = Duration::from_millis(100);
const CROWDED_CALL: Duration = Duration::from_millis(500);

/// How often it is looked whether everybody has a link.
const OFTEN: Duration = Duration::from_millis(250);

/// What dies, and who takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// After each of twelve commands; the program is started again.
    AfterEach,
    /// Once, in the middle of fifty tasks; the program is started again.
    InACrowd,
    /// Once, in the middle of fifty tasks; a second replica is alive.
    OfOneOfTwo,
}

/// What is measured, one after the other.
const SCENES: [(Kind, Death); 5] = [
    (Kind::File, Death::AfterEach),
    (Kind::RedisAlways, Death::AfterEach),
    (Kind::File, Death::InACrowd),
    (Kind::RedisAlways, Death::InACrowd),
    (Kind::RedisAlways, Death::OfOneOfTwo),
];

/// How patient it is.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Until everybody has a link.
    all: Duration,
    /// After that, for a process that still holds something twice.
    afterwards: Duration,
}

/// A task at the moment of a death.
#[derive(Debug, Clone, Copy)]
pub(super) struct Struck {
    pub(super) number: u64,
    /// When nothing of the process was left.
    pub(super) died: Timestamp,
    /// From when on it counts: ready again on a file, the death on Redis.
    pub(super) from: Timestamp,
}

/// What a scene showed.
struct Seen {
    kind: Kind,
    death: Death,
    tasks: u64,
    /// Those that had no link when death came.
    struck: usize,
    /// Until each of those had begun its next attempt or lookup, sorted.
    begun: Vec<Duration>,
    /// Until so many of all tasks had their link, sorted.
    linked: Vec<Duration>,
    twice: usize,
    patience: Duration,
}

/// Whether nothing was done twice. In short, all scenes run at the same time: what they do is wait.
pub(crate) fn measure(is_short: bool, runtime: &Runtime) -> bool {
    println!("\n## After `kill -9`: until each task has moved on\n");
    let seconds = |all, afterwards| Patience {
        all: Duration::from_secs(all),
        afterwards: Duration::from_secs(afterwards),
    };
    let patience = if is_short { seconds(95, 5) } else { seconds(300, 60) };
    let mut seen = Vec::new();
    if is_short {
        let mut scenes = JoinSet::new();
        for (nth, (kind, death)) in SCENES.into_iter().enumerate() {
            let scene = async move { (nth, play(kind, death, patience).await) };
            scenes.spawn_on(scene, runtime.handle());
        }
        let mut played = runtime.block_on(scenes.join_all());
        played.sort_unstable_by_key(|(nth, _)| *nth);
        seen.extend(played.into_iter().map(|(_, seen)| seen));
    } else {
        for (kind, death) in SCENES {
            seen.push(runtime.block_on(play(kind, death, patience)));
        }
    }
    report(&seen)
}

async fn play(kind: Kind, death: Death, patience: Patience) -> Seen {
    let mut stage = Stage::start(kind).await;
    if death == Death::OfOneOfTwo {
        stage.enter().await;
    }
    let fate = Fate::over(&stage, if death == Death::AfterEach { CALL } else { CROWDED_CALL });
    let struck = match death {
        Death::AfterEach => one_by_one(&mut stage, kind, &fate).await,
        Death::InACrowd | Death::OfOneOfTwo => at_once(&mut stage, kind, death, &fate).await,
    };
    fate.passes(CALL);
    let tasks = if death == Death::AfterEach { COMMANDS } else { CROWD };
    let last = struck.iter().map(|one| one.from).max().unwrap_or_else(|| stage.now());
    loop {
        let waited = stage.now().duration_since(last).unsigned_abs();
        if waited > patience.all || Trace::of(&stage).linked(last).len() as u64 >= tasks {
            break;
        }
        tokio::time::sleep(OFTEN).await;
    }
    tokio::time::sleep(patience.afterwards).await;
    let trace = Trace::of(&stage);
    let unlinked: Vec<Struck> =
        struck.into_iter().filter(|one| !trace.had_a_link(one.number, one.died)).collect();
    Seen {
        kind,
        death,
        tasks,
        struck: unlinked.len(),
        begun: trace.begun(&unlinked),
        linked: trace.linked(last),
        twice: trace::twice(&stage, tasks),
        patience: patience.all,
    }
}

async fn one_by_one(stage: &mut Stage, kind: Kind, fate: &Fate) -> Vec<Struck> {
    let mut dice = Dice::of(12);
    let mut struck = Vec::new();
    for _ in 0..COMMANDS {
        fate.is_near(true);
        let number = stage.command(TEXT).await;
        tokio::time::sleep(Duration::from_millis(dice.below(WITHIN_MS))).await;
        let (died, ready) = start_again(stage, fate).await;
        struck.push(Struck { number, died, from: from(kind, died, ready) });
        // The next command is typed when the list of repositories is known again.
        stage.until_read(died).await;
    }
    struck
}

async fn at_once(stage: &mut Stage, kind: Kind, death: Death, fate: &Fate) -> Vec<Struck> {
    // What never arrived at the one that lives on would wait for its own time-out, not for a death.
    fate.is_near(death == Death::InACrowd);
    let mut numbers = Vec::new();
    let mut due = tokio::time::interval(BETWEEN);
    for _ in 0..CROWD {
        due.tick().await;
        numbers.push(stage.command(TEXT).await);
    }
    let (died, ready) = if death == Death::OfOneOfTwo {
        stage.replicas[0].kill();
        fate.is_near(false);
        let died = stage.now();
        (died, died)
    } else {
        start_again(stage, fate).await
    };
    let from = from(kind, died, ready);
    numbers.into_iter().map(|number| Struck { number, died, from }).collect()
}

/// `kill -9`, and the program again; when it was dead, and when it was ready.
async fn start_again(stage: &mut Stage, fate: &Fate) -> (Timestamp, Timestamp) {
    stage.replicas[0].kill();
    fate.is_near(false);
    let died = stage.now();
    stage.replicas[0].start_again();
    stage.replicas[0].until_ready().await;
    (died, stage.now())
}

/// On a file the program itself says who is dead; on Redis its silence does.
fn from(kind: Kind, died: Timestamp, ready: Timestamp) -> Timestamp {
    match kind {
        Kind::File => ready,
        Kind::RedisEverysec | Kind::RedisAlways => died,
    }
}

impl Seen {
    fn words(&self) -> String {
        let store = match self.kind {
            Kind::File => "file, from *ready*",
            Kind::RedisEverysec | Kind::RedisAlways => "Redis, from the death",
        };
        let death = match self.death {
            Death::AfterEach => {
                format!("{COMMANDS} commands, a death within {WITHIN_MS} ms of each")
            }
            Death::InACrowd => format!("a death in the middle of {CROWD} tasks"),
            Death::OfOneOfTwo => {
                format!("a death in the middle of {CROWD} tasks, a second replica alive")
            }
        };
        format!("{death}; {store}")
    }

    /// Seconds until this many of these were there.
    fn after(&self, times: &[Duration], nth: usize) -> String {
        match times.get(nth.saturating_sub(1)) {
            Some(time) => format!("{:.1}", time.as_secs_f64()),
            None => format!("> {}", self.patience.as_secs()),
        }
    }
}

fn report(seen: &[Seen]) -> bool {
    let mut results = Results::default();
    let mut table = Table::new(&[
        "what dies; the store",
        "tasks struck",
        "begun again: min s",
        "median s",
        "max s",
        "half linked s",
        "all linked s",
        "something twice",
    ]);
    for scene in seen {
        let (begun, linked) = (&scene.begun, &scene.linked);
        let tasks = usize::try_from(scene.tasks).unwrap_or(usize::MAX);
        table.row([
            scene.words(),
            scene.struck.to_string(),
            scene.after(begun, 1),
            scene.after(begun, scene.struck.div_ceil(2)),
            scene.after(begun, scene.struck),
            scene.after(linked, tasks.div_ceil(2)),
            scene.after(linked, tasks),
            scene.twice.to_string(),
        ]);
        let seconds =
            |times: &[Duration]| times.iter().map(Duration::as_secs_f64).collect::<Vec<_>>();
        results.note(format!("{}: seconds until begun", scene.words()), seconds(begun));
        results.note(format!("{}: seconds until linked", scene.words()), seconds(linked));
        results.note(format!("{}: twice", scene.words()), scene.twice);
    }
    table.print();
    println!(
        "Aims: begun within 2 s of ready on a file, within 10 s of the death on Redis; half linked within \
         10 and 20 s, all within 70 s."
    );
    results.write("resume");
    seen.iter().all(|scene| scene.twice == 0)
}
