//! Many commands: how many a second are acknowledged in time.
//!
//! Two ways of asking. A *crowd* of people each send their next command when the last is answered
//! (closed loop): that finds what the program does at most. A *rate* sends at fixed times whether
//! anything was answered or not (open loop), and times each command from the moment when it was due,
//! so that a program that falls behind cannot hide it: that finds the limit. A rate is kept when no
//! command failed, 99 of 100 were acknowledged within a second (a third of what Slack allows), and
//! answers came about as fast as commands, so that it could have gone on.

use crate::first_command::{TASK, is_taken};
use crate::process::worked_ourselves;
use crate::report::{Table, milliseconds, percentile};
use crate::wire::{Answer, Author, Wire};
use crate::world::World;
use platform::lock::lock;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const CROWDS: &[usize] = &[1, 8, 64, 256];
const FIRST_RATE: u32 = 500;
/// How often the gap between the last rate that was kept and the first that was not is halved.
const HALVINGS: usize = 3;
/// What 99 of 100 commands must be acknowledged within.
const LIMIT: Duration = Duration::from_secs(1);
/// The share of a rate that must be answered while it lasts.
const KEEPING_UP: f64 = 0.85;
/// Connections of a rate; a command that finds none free waits, and its time runs.
const CONNECTIONS: usize = 256;
/// How long the tasks that were acknowledged may take to get their links, at the end.
const CATCH_UP: Duration = Duration::from_secs(15);

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Load {
    /// `/jules help`: one read of the store, no write.
    Help,
    /// A new task each: one write before the acknowledgement, and all its effects behind it.
    Tasks,
}

impl Load {
    fn words(self) -> &'static str {
        match self {
            Self::Help => "/jules help",
            Self::Tasks => "/jules repo=404less …, a new task each",
        }
    }

    pub(crate) fn after(self) -> &'static str {
        match self {
            Self::Help => "after the load of /jules help",
            Self::Tasks => "after the load of tasks",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Tasks => TASK,
        }
    }

    fn is_answer(self, answer: &Answer) -> bool {
        match self {
            Self::Help => answer.status == 200 && answer.body.len() > 100,
            Self::Tasks => is_taken(answer),
        }
    }
}

/// What a step found.
#[derive(Default)]
struct Step {
    /// Times of what was answered as it should.
    times: Vec<Duration>,
    errors: usize,
}

impl Step {
    /// Whether a rate of this length was kept; `took` is the time until the last answer.
    fn is_kept(&self, length: Duration, took: Duration) -> bool {
        self.errors == 0
            && percentile(&self.times, 0.99) < LIMIT
            && took.mul_f64(KEEPING_UP) < length
    }

    fn take(&mut self, other: Self) {
        self.times.extend(other.times);
        self.errors += other.errors;
    }
}

pub(crate) async fn measure(world: &mut World, load: Load, length: Duration, most: u32) {
    world.moments.close();
    let mut ledger = Ledger::new(load);
    for crowd in CROWDS {
        let step = crowd_of(*crowd, world, load, length);
        ledger.note(world, &format!("{crowd} at a time"), step, length).await;
    }
    let (mut kept, mut broken) = (0, None);
    let mut rate = FIRST_RATE;
    while broken.is_none() && rate <= most {
        if ledger.rate(world, load, rate, length).await {
            kept = rate;
        } else {
            broken = Some(rate);
        }
        rate *= 2;
    }
    if let Some(mut broken) = broken {
        for _ in 0..HALVINGS {
            let rate = kept.midpoint(broken);
            let end =
                if ledger.rate(world, load, rate, length).await { &mut kept } else { &mut broken };
            *end = rate;
        }
    }
    ledger.table.print();
    println!("Highest rate kept: **{kept} commands a second** ({}).", load.words());
    match load {
        Load::Help => {}
        Load::Tasks => catch_up(world, ledger.taken).await,
    }
    println!("Warnings and errors in the program's log: {}.\n", world.program.complaints());
}

/// The rows so far.
struct Ledger {
    table: Table,
    /// Commands that were answered as they should.
    taken: usize,
}

impl Ledger {
    fn new(load: Load) -> Self {
        let head = [
            load.words(),
            "answered/s",
            "median ms",
            "p99 ms",
            "max ms",
            "errors",
            "links/s",
            "processors: program",
            "driver and simulations",
            "Redis",
        ];
        Self { table: Table::new(&head), taken: 0 }
    }

    /// Runs a step and writes down what it was like.
    async fn note(
        &mut self,
        world: &World,
        name: &str,
        step: impl Future<Output = Step>,
        length: Duration,
    ) -> bool {
        let worked = || [world.program.worked(), worked_ourselves(), world.store_worked()];
        let (before, links, begun) =
            (worked(), world.posted.replies.load(Ordering::Relaxed), Instant::now());
        let mut step = step.await;
        let took = begun.elapsed();
        let links = world.posted.replies.load(Ordering::Relaxed) - links;
        step.times.sort_unstable();
        let kept = step.is_kept(length, took);
        self.taken += step.times.len();
        let times = [0.5, 0.99, 1.0].map(|share| milliseconds(percentile(&step.times, share)));
        let mut cells = vec![name.to_owned(), per_second(step.times.len(), took)];
        cells.extend(times);
        cells.push(step.errors.to_string());
        cells.push(per_second(usize::try_from(links).unwrap_or_default(), took));
        cells.extend(worked().into_iter().zip(before).map(|(after, before)| {
            format!("{:.2}", after.saturating_sub(before).as_secs_f64() / took.as_secs_f64())
        }));
        self.table.row(cells);
        kept
    }

    /// Tries a rate, and waits until the program is calm again when it could not keep it.
    async fn rate(&mut self, world: &World, load: Load, rate: u32, length: Duration) -> bool {
        let step = rate_of(rate, world, load, length);
        let kept = self.note(world, &format!("{rate} a second"), step, length).await;
        if !kept {
            calm_down(world).await;
        }
        kept
    }
}

fn per_second(count: usize, time: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "no digit after the point is shown")]
    let rate = count as f64 / time.as_secs_f64();
    format!("{rate:.0}")
}

/// Everybody asks again as soon as they are answered.
async fn crowd_of(crowd: usize, world: &World, load: Load, length: Duration) -> Step {
    let mut people = JoinSet::new();
    let end = Instant::now() + length;
    for _ in 0..crowd {
        let (author, address) = (Arc::clone(&world.author), world.address);
        people.spawn(async move {
            let mut step = Step::default();
            let mut wire = Wire::to(address).await.expect("the program listens");
            while Instant::now() < end {
                let request = author.command(load.text());
                let begun = Instant::now();
                match wire.ask(&request).await {
                    Ok(answer) if load.is_answer(&answer) => step.times.push(begun.elapsed()),
                    Ok(_) => step.errors += 1,
                    Err(_) => {
                        step.errors += 1;
                        wire = Wire::to(address).await.expect("the program listens");
                    }
                }
            }
            step
        });
    }
    let mut all = Step::default();
    while let Some(step) = people.join_next().await {
        all.take(step.expect("nobody panics"));
    }
    all
}

/// Commands come at fixed times.
async fn rate_of(rate: u32, world: &World, load: Load, length: Duration) -> Step {
    let pool = Arc::new(Pool::new(world.address));
    let mut commands = JoinSet::new();
    let begun = tokio::time::Instant::now();
    let count = u64::from(rate) * length.as_secs();
    for number in 0..count {
        #[expect(clippy::cast_precision_loss, reason = "a number of some thousands")]
        let due = begun + Duration::from_secs_f64(number as f64 / f64::from(rate));
        tokio::time::sleep_until(due).await;
        let (author, pool) = (Arc::clone(&world.author), Arc::clone(&pool));
        commands.spawn(async move {
            let is_answered = pool.ask(&author, load).await;
            is_answered.then(|| due.elapsed())
        });
    }
    let mut step = Step::default();
    while let Some(ended) = commands.join_next().await {
        match ended.expect("nobody panics") {
            Some(time) => step.times.push(time),
            None => step.errors += 1,
        }
    }
    step
}

/// Connections that are kept open between commands.
struct Pool {
    address: SocketAddr,
    idle: Mutex<Vec<Wire>>,
    slots: Semaphore,
}

impl Pool {
    fn new(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::default(), slots: Semaphore::new(CONNECTIONS) }
    }

    /// Whether a command was answered as it should.
    async fn ask(&self, author: &Author, load: Load) -> bool {
        let Ok(_slot) = self.slots.acquire().await else { return false };
        let idle = lock(&self.idle).pop();
        let mut wire = match idle {
            Some(wire) => wire,
            None => match Wire::to(self.address).await {
                Ok(wire) => wire,
                Err(_) => return false,
            },
        };
        match wire.ask(&author.command(load.text())).await {
            Ok(answer) => {
                lock(&self.idle).push(wire);
                load.is_answer(&answer)
            }
            Err(_) => false,
        }
    }
}

/// Waits until a command is answered fast again, ten seconds at most.
async fn calm_down(world: &World) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        let asked = Instant::now();
        if let Ok(mut wire) = Wire::to(world.address).await
            && wire.ask(&world.author.command("help")).await.is_ok()
            && asked.elapsed() < Duration::from_millis(50)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// No more commands: how fast those that were acknowledged get their links.
async fn catch_up(world: &World, taken: usize) {
    let links =
        || usize::try_from(world.posted.replies.load(Ordering::Relaxed)).unwrap_or_default();
    let (begun, before) = (Instant::now(), links());
    let (program, ours) = (world.program.worked(), worked_ourselves());
    while links() < taken && begun.elapsed() < CATCH_UP {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (took, after) = (begun.elapsed(), links());
    let share =
        |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() / took.as_secs_f64();
    println!(
        "Effects behind them: of {taken} acknowledged tasks {before} had their links when the last \
         command was answered, {after} after {} ms more: **{} links a second** (processors: \
         program {:.2}, driver and simulations {:.2}).",
        milliseconds(took),
        per_second(after - before, took),
        share(world.program.worked(), program),
        share(worked_ourselves(), ours),
    );
}
