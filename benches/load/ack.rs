//! The acknowledgement: how many a second at most, and how long one takes at a calm rate, side by
//! side with a bare handler and with the frameworks people would otherwise take.
//!
//! All figures of a table come from one run in which everybody takes turns, and what counts are their
//! ratios: the machine is shared, and what is slow today is slow for everybody.

use crate::forged::ForgedRequests;
use crate::generator::{Aim, Mix, Order, Volley, fire};
use crate::peers::{Running, Who};
use crate::report::{Table, mebibytes};
use crate::results::Results;
use crate::world::Kind;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Connections of a closed loop.
const CROWD: u32 = 64;

/// A calm rate, in commands a second: a large workspace at its busiest.
const CALM: u32 = 200;

/// A rate far beyond what Slack sends anybody.
pub(crate) const BUSY: u32 = 2_000;

/// Tasks that wait: more than a large team asks for in a year, all on the first day.
pub(crate) const BACKLOG: u64 = 35_000;

/// Forged requests a second that good ones must not suffer from.
const FORGED: u32 = 20_000;

const EVERYBODY: &[Who] = &[
    Who::Baseline(Kind::RedisEverysec),
    Who::Ours(Kind::RedisEverysec),
    Who::Ours(Kind::File),
    Who::SlackGo,
    Who::BoltJs,
    Who::BoltPython,
];

const AT_EASE: &[Who] = &[
    Who::Baseline(Kind::RedisEverysec),
    Who::Ours(Kind::RedisEverysec),
    Who::Ours(Kind::File),
    Who::Baseline(Kind::RedisAlways),
    Who::Ours(Kind::RedisAlways),
];

/// How long things are measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) rounds: usize,
    pub(crate) step: Duration,
}

/// What one of them did over all rounds.
struct Score {
    who: Who,
    /// Of each round.
    rates: Vec<f64>,
    /// Microseconds of processor time for each acknowledgement, of each round.
    costs: Vec<f64>,
    /// The share of its processor that it used, of each round.
    shares: Vec<f64>,
    all: Volley,
    resident: Option<u64>,
}

impl Score {
    fn note(&mut self, running: &Running, aim: &Aim, order: Order) {
        let (before, begun) = (running.program().worked(), Instant::now());
        let volley = fire(aim, order);
        let worked = running.program().worked().saturating_sub(before).as_secs_f64();
        let took = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let count = (volley.good.len() + volley.forged.len()).max(1) as f64;
        self.rates.push(volley.rate());
        self.costs.push(worked * 1e6 / count);
        self.shares.push(worked / took);
        self.resident = self.resident.max(running.program().resident());
        self.all.add(&volley);
    }
}

/// Everybody who is there takes turns, each time on a fresh store.
fn compete(whos: &[Who], lengths: Lengths, order: Order, runtime: &Runtime) -> Vec<Score> {
    let mut scores: Vec<Score> =
        whos.iter().filter(|who| who.is_there()).map(|who| score(*who)).collect();
    for _ in 0..lengths.rounds {
        for score in &mut scores {
            let running = Running::start(score.who, runtime);
            // Compilers warm up, connections are made, caches fill.
            fire(&running.aim, Order::closed(8, lengths.step / 3));
            score.note(&running, &running.aim, order);
        }
    }
    scores
}

fn score(who: Who) -> Score {
    let all = Volley::new();
    Score { who, rates: vec![], costs: vec![], shares: vec![], all, resident: None }
}

/// How many a second, at most.
pub(crate) fn most(lengths: Lengths, runtime: &Runtime) {
    println!("\n## Acknowledgements a second, at most\n");
    let scores = compete(EVERYBODY, lengths, Order::closed(CROWD, lengths.step), runtime);
    let (bare, ours) = (&scores[0], &scores[1]);
    let mut results = Results::default();
    let mut table = Table::new(&[
        "who",
        "a second",
        "of the bare handler",
        "jules-slack, Redis, is",
        "µs of processor each",
        "of its core",
        "MiB",
        "wrong",
    ]);
    for score in &scores {
        let (rate, name) = (median(&score.rates), score.who.words());
        table.row([
            name.to_owned(),
            format!("{rate:.0}"),
            format!("{:.2}", rate / median(&bare.rates)),
            format!("{:.1} ×", median(&ours.rates) / rate),
            format!("{:.0}", median(&score.costs)),
            format!("{:.2}", median(&score.shares)),
            mebibytes(score.resident),
            score.all.wrong.to_string(),
        ]);
        results.note(format!("{name}: a second"), rate);
        results.note(format!("{name}: microseconds each"), median(&score.costs));
        results.note(format!("{name}: bytes resident"), score.resident);
    }
    table.print();
    for who in EVERYBODY.iter().filter(|who| !who.is_there()) {
        println!("{} is not installed here, and left out.", who.words());
    }
    results.write("most");
}

/// How long one takes, at a calm rate.
pub(crate) fn calm(lengths: Lengths, runtime: &Runtime) {
    println!("\n## Milliseconds until a command is acknowledged, at {CALM} a second\n");
    let order = Order::open(CALM, lengths.step * 2);
    let scores = compete(AT_EASE, lengths, order, runtime);
    let mut results = Results::default();
    let mut table =
        Table::new(&["who", "p50", "p99", "p99.9", "of the bare handler", "commands", "wrong"]);
    for score in &scores {
        let always =
            matches!(score.who, Who::Ours(Kind::RedisAlways) | Who::Baseline(Kind::RedisAlways));
        let bare = if always { &scores[3] } else { &scores[0] };
        let times = [0.5, 0.99, 0.999].map(|share| score.all.ms(share));
        let ratios = [0.5, 0.99, 0.999].map(|share| score.all.ms(share) / bare.all.ms(share));
        let name = score.who.words();
        table.row([
            name.to_owned(),
            format!("{:.3}", times[0]),
            format!("{:.3}", times[1]),
            format!("{:.3}", times[2]),
            format!("{:.2} / {:.2} / {:.2}", ratios[0], ratios[1], ratios[2]),
            score.all.good.len().to_string(),
            score.all.wrong.to_string(),
        ]);
        results.note(format!("{name}: milliseconds p50 p99 p99.9"), times.to_vec());
        results.note(format!("{name}: of the bare handler"), ratios.to_vec());
    }
    table.print();
    results.write("calm");
}

/// Good commands beside forged ones.
pub(crate) fn forged(lengths: Lengths, runtime: &Runtime) {
    println!("\n## {CALM} good commands a second beside {FORGED} forged ones\n");
    let mut results = Results::default();
    let mut table =
        Table::new(&["who", "good p50 ms", "p99 ms", "forged a second", "of its core", "wrong"]);
    for who in [Who::Baseline(Kind::RedisEverysec), Who::Ours(Kind::RedisEverysec)] {
        let running = Running::start(who, runtime);
        fire(&running.aim, Order::closed(8, lengths.step / 3));
        let forged = ForgedRequests::begin(running.aim.address, FORGED, lengths.step * 3 / 2);
        let good = Order { mix: Mix::Good, ..Order::open(CALM, lengths.step) };
        std::thread::sleep(lengths.step / 4);
        let mut score = score(who);
        score.note(&running, &running.aim, good);
        let outcome = forged.end();
        let refused = outcome.refused_a_second;
        let name = who.words();
        table.row([
            name.to_owned(),
            format!("{:.2}", score.all.ms(0.5)),
            format!("{:.2}", score.all.ms(0.99)),
            format!("{refused:.0}"),
            format!("{:.2}", median(&score.shares)),
            (score.all.wrong + outcome.wrong).to_string(),
        ]);
        results.note(format!("{name}: good milliseconds p99"), score.all.ms(0.99));
        results.note(format!("{name}: forged a second"), refused);
    }
    table.print();
    results.write("forged");
}

/// Many commands a second, with slow upstreams.
pub(crate) fn busy(lengths: Lengths, runtime: &Runtime) {
    println!(
        "\n## Milliseconds until a command is acknowledged, at {BUSY} a second, upstreams take 2 s\n"
    );
    let whos =
        [Who::Baseline(Kind::RedisEverysec), Who::Ours(Kind::RedisEverysec), Who::Ours(Kind::File)];
    let lengths = Lengths { rounds: 1, ..lengths };
    let scores = compete(&whos, lengths, Order::open(BUSY, lengths.step * 2), runtime);
    let mut results = Results::default();
    let mut table = Table::new(&["who", "p50", "p99", "p99.9", "of its core", "wrong"]);
    for score in &scores {
        let times = [0.5, 0.99, 0.999].map(|share| score.all.ms(share));
        table.row([
            score.who.words().to_owned(),
            format!("{:.2}", times[0]),
            format!("{:.2}", times[1]),
            format!("{:.2}", times[2]),
            format!("{:.2}", median(&score.shares)),
            score.all.wrong.to_string(),
        ]);
        results.note(format!("{}: milliseconds p50 p99 p99.9", score.who.words()), times.to_vec());
    }
    table.print();
    results.write("busy");
}

/// The calm rate again, while thousands of tasks wait for their turn.
pub(crate) fn backlog(waiting: u64, lengths: Lengths, runtime: &Runtime) {
    println!("\n## Milliseconds until a command is acknowledged, while {waiting} tasks wait\n");
    let mut results = Results::default();
    let mut table =
        Table::new(&["who", "tasks", "p50", "p99", "p99.9", "of its core", "MiB", "wrong"]);
    for who in [Who::Ours(Kind::RedisEverysec), Who::Ours(Kind::File)] {
        let running = Running::start(who, runtime);
        let mut tasks = 0_u64;
        while tasks < waiting {
            tasks +=
                fire(&running.aim, Order::closed(CROWD, Duration::from_millis(500))).good.len();
        }
        let mut score = score(who);
        score.note(&running, &running.aim, Order::open(CALM, lengths.step * 4));
        let times = [0.5, 0.99, 0.999].map(|share| score.all.ms(share));
        let name = who.words();
        table.row([
            name.to_owned(),
            tasks.to_string(),
            format!("{:.2}", times[0]),
            format!("{:.2}", times[1]),
            format!("{:.2}", times[2]),
            format!("{:.2}", median(&score.shares)),
            mebibytes(score.resident),
            score.all.wrong.to_string(),
        ]);
        results.note(format!("{name}: milliseconds p50 p99 p99.9"), times.to_vec());
    }
    table.print();
    results.write("backlog");
}

fn median(figures: &[f64]) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
