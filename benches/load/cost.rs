//! What the program costs as there is more of everything: open tasks, people with keys of their own, workspaces, watched
//! pull requests. Each row is a real program on a Redis of its own; all rows run side by side, since what is measured is
//! the processor time and the memory of each, and not how fast anything is.

use crate::ack::Lengths;
use crate::open::{Stretch, begin, stretch};
use crate::report::{Table, mebibytes};
use crate::results::Results;
use crate::workspaces;
use crate::world::{KEY, Kind, Settings, World};
use platform::clock;
use sim::github::{SimGitHub, TokenKind};
use sim::jules::Account;
use sim::slack::{Outcome, SimSlack};
use slack::inbound::EVENTS;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What people just did is followed closely for two minutes, and workspaces and keys are learned of within half a
/// minute; afterwards everything is at rest.
const AT_REST: Duration = Duration::from_secs(130);
const AT_REST_SHORT: Duration = Duration::from_secs(35);

/// How long is measured, in rounds of a step.
const STEPS: u32 = 12;

/// In each open task something moves this often.
const MOVES_EVERY: Duration = Duration::from_secs(30);

/// How often it is looked whether to stop.
const A_MOMENT: Duration = Duration::from_millis(200);

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token that sees every pull request.
const TOKEN: &str = "ghp_of_the_load";

/// What there is more and more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Tasks that run on one account; something moves in each.
    Tasks,
    /// People, each with a key of their own and one task that runs.
    Keys,
    /// Workspaces that installed the app, in which nothing happens.
    Workspaces,
    /// Pull requests of tasks that are done, in the half hour in which they are looked at most.
    Pulls,
}

impl Of {
    fn words(self) -> &'static str {
        match self {
            Self::Tasks => "open tasks",
            Self::Keys => "people's keys, a task each",
            Self::Workspaces => "workspaces",
            Self::Pulls => "watched pull requests",
        }
    }

    fn counts(self, is_short: bool) -> &'static [u32] {
        match (self, is_short) {
            (Self::Tasks | Self::Pulls, false) => &[0, 10, 100, 1_000],
            (Self::Tasks | Self::Pulls, true) => &[0, 10, 100],
            (Self::Keys, false) => &[1, 10, 50],
            (Self::Keys, true) => &[1, 10],
            (Self::Workspaces, _) => &[1, 20, 200],
        }
    }
}

/// A row, with what runs for it.
struct Row {
    of: Of,
    count: u32,
    world: World,
    github: SimGitHub,
    /// The accounts in whose sessions something moves.
    moving: Vec<Account>,
}

pub(crate) fn measure(is_short: bool, lengths: Lengths, runtime: &Runtime) {
    println!("\n## What more of everything costs, on Redis\n");
    let begun = Instant::now();
    let all = [Of::Tasks, Of::Keys, Of::Workspaces, Of::Pulls];
    let points = all.iter().flat_map(|of| of.counts(is_short).iter().map(|count| (*of, *count)));
    let rows: Vec<Row> = points.map(|(of, count)| prepared(of, count, runtime)).collect();
    thread::sleep(if is_short { AT_REST_SHORT } else { AT_REST });
    let stop = AtomicBool::new(false);
    let stretches: Vec<Stretch> = thread::scope(|scope| {
        for row in &rows {
            scope.spawn(|| moves(&row.moving, &stop));
        }
        let measured = rows.iter().map(|row| {
            row.github.clear_calls();
            scope.spawn(|| stretch(row.of.words(), &row.world, lengths.step * STEPS))
        });
        let measured: Vec<_> = measured.collect();
        let ended = measured.into_iter().map(|one| one.join().expect("is measured"));
        let stretches = ended.collect();
        stop.store(true, Ordering::Relaxed);
        stretches
    });
    print(&rows, &stretches, lengths.step * STEPS);
    println!("It took {:.0} s.", begun.elapsed().as_secs_f64());
}

fn print(rows: &[Row], stretches: &[Stretch], length: Duration) {
    let mut results = Results::default();
    let mut table = Table::new(&[
        "what",
        "how many",
        "of a core",
        "MiB",
        "Redis commands a second",
        "MB a second into Redis",
        "of a core, Redis",
        "calls a minute: Slack",
        "Jules",
        "GitHub",
    ]);
    for (row, stretch) in rows.iter().zip(stretches) {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let github = row.github.calls().len() as f64 * 60.0 / length.as_secs_f64();
        let jules = stretch.calls.values().fold(0.0, |sum, calls| sum + calls);
        table.row([
            row.of.words().to_owned(),
            row.count.to_string(),
            format!("{:.3}", stretch.ours),
            mebibytes(stretch.resident),
            format!("{:.1}", stretch.commands),
            format!("{:.3}", stretch.megabytes),
            format!("{:.3}", stretch.redis),
            format!("{:.0}", stretch.slack),
            format!("{jules:.0}"),
            format!("{github:.0}"),
        ]);
        let name = format!("{} {}", row.count, row.of.words());
        for (what, figure) in [
            ("of a core", stretch.ours),
            ("Redis commands a second", stretch.commands),
            ("MB a second into Redis", stretch.megabytes),
            ("of a core, Redis", stretch.redis),
            ("Slack calls a minute", stretch.slack),
            ("Jules calls a minute", jules),
            ("GitHub calls a minute", github),
        ] {
            results.note(format!("{name}: {what}"), figure);
        }
        results.note(format!("{name}: bytes"), stretch.resident);
    }
    table.print();
    results.write("cost");
}

/// Everything for a row, with so many of what it is about.
fn prepared(of: Of, count: u32, runtime: &Runtime) -> Row {
    let github = runtime.block_on(SimGitHub::start(clock::system())).expect("a port");
    github.has_every_pull_request();
    github.token(TOKEN, TokenKind::Classic);
    let mut more: Settings =
        vec![("GITHUB_API_URL", github.url()), ("GITHUB_TOKEN", TOKEN.to_owned())];
    if of == Of::Workspaces {
        more.extend([
            ("SLACK_CLIENT_ID", "1234567890.9876543210".to_owned()),
            ("SLACK_CLIENT_SECRET", "c11e0000simulated0000secret00000".to_owned()),
            ("PUBLIC_URL", "http://localhost:3000".to_owned()),
        ]);
    }
    let world = runtime.block_on(World::start_with(Kind::RedisEverysec, more));
    let mut moving = Vec::new();
    match of {
        Of::Tasks => {
            runtime.block_on(world.bind());
            begin(&world, count);
            moving.push(world.jules.account(KEY));
        }
        Of::Keys => moving = runtime.block_on(people(&world, count)),
        // The one of the settings is the first.
        Of::Workspaces => {
            let others = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
            runtime.block_on(workspaces::install(world.store(), others));
        }
        Of::Pulls => {
            runtime.block_on(world.bind());
            begin(&world, count);
            let account = world.jules.account(KEY);
            for session in account.sessions() {
                account.finish(&session.id);
            }
        }
    }
    Row { of, count, world, github, moving }
}

/// So many people connect accounts of their own, and start a task each.
async fn people(world: &World, count: u32) -> Vec<Account> {
    world.slack.subscribe(EVENTS);
    world.slack.deliver_to(&format!("http://{}/slack/events", world.address));
    let mut accounts = Vec::new();
    for nth in 0..count {
        let (name, channel) = (format!("person-{nth}"), format!("of-{nth}"));
        let key = format!("AQ.key-of-{name}-alone");
        let account = world.jules.account(&key);
        account.add_source("AshikNesin", "404less").default_branch("main").branches(["main"]);
        account.limits(usize::MAX, usize::MAX);
        connect(&world.slack, &name, &channel, &key).await;
        let typed = "/jules repo=404less branch=main look around";
        let ack = world.slack.user(&name).types(&channel, typed).await.expect("can type there");
        assert!(ack.ok(), "{ack:?}");
        let begun = Instant::now();
        while account.sessions().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "{name} has no session of their own");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        accounts.push(account);
    }
    accounts
}

async fn connect(slack: &SimSlack, name: &str, channel: &str, key: &str) {
    let person = slack.user(name);
    slack.channel(channel);
    slack.invite(channel, name);
    let ack = person.types(channel, "/jules key").await.expect("can type there");
    assert!(ack.ok(), "{ack:?}");
    let begun = Instant::now();
    let form = loop {
        if let Ok(form) = slack.open_view(name) {
            break form;
        }
        assert!(begun.elapsed() < PATIENCE, "the form does not open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    form.fill("API key", key).await.expect("is there");
    assert_eq!(form.submit().await.expect("is open"), Outcome::Closed);
}

/// Something moves in every session of these accounts, in turn, until it is told to stop.
fn moves(accounts: &[Account], stop: &AtomicBool) {
    let of = |account: &Account| {
        let sessions = account.sessions().into_iter();
        sessions.map(|one| (account.clone(), one.id)).collect::<Vec<_>>()
    };
    let sessions: Vec<(Account, String)> = accounts.iter().flat_map(of).collect();
    let Ok(many) = u32::try_from(sessions.len().max(1)) else { return };
    let mut due = Instant::now();
    for (nth, (account, session)) in sessions.iter().cycle().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        account.progress(session, &format!("step {nth}"), "");
        due += MOVES_EVERY / many;
        // With few of them a turn is long, and the end is not waited for.
        while Instant::now() < due && !stop.load(Ordering::Relaxed) {
            thread::sleep(due.saturating_duration_since(Instant::now()).min(A_MOMENT));
        }
    }
}
