//! On the real program, in real time, on a file.

use super::Figure;
use super::heard::Heard;
use crate::first_command;
use crate::stage::{Stage, Task, is_posted, says, until};
use crate::world::Kind;
use platform::lock::lock;
use sim::jules::{Fault, Op};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const HOW: &str = "the program, real time";

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The time between two replies elsewhere, in milliseconds.
const GAPS: [u64; 3] = [1_000, 1_500, 2_000];

/// Jules asks in one thread while someone writes in three others.
pub(super) async fn question(is_short: bool) -> Vec<Figure> {
    let (patience, questions) = if is_short { (seconds(20), 3) } else { (seconds(60), 10) };
    let stage = Arc::new(Stage::start(Kind::File).await);
    let tasks = stage.tasks(4).await;
    // What the start left to do is done.
    tokio::time::sleep(seconds(5)).await;
    let mut figures = Vec::new();
    for gap in GAPS {
        let mut writer = JoinSet::new();
        writer.spawn(write(Arc::clone(&stage), tasks[1..].to_vec(), Duration::from_millis(gap)));
        let mut heard = Heard::within(patience);
        for nth in 0..questions {
            // Not always at the same time after a reply.
            tokio::time::sleep(Duration::from_millis(3_000 + 370 * nth)).await;
            let (asked, words) = (stage.now(), format!("Which folder, {gap}, {nth}?"));
            stage.account.ask(&tasks[0].session, &words);
            heard.note(stage.heard(&words, asked, patience).await);
            stage.account.progress(&tasks[0].session, "Still working", "");
        }
        writer.shutdown().await;
        figures.push(Figure {
            what: format!("a question, while someone writes elsewhere every {gap} ms"),
            figure: heard.words(),
            aim: "≤ 5 s",
            how: HOW,
        });
    }
    figures
}

/// Replies in each of these threads in turn, without end.
async fn write(stage: Arc<Stage>, tasks: Vec<Task>, gap: Duration) {
    let ann = stage.slack.user("ann");
    let mut due = tokio::time::interval(gap);
    for (nth, task) in tasks.iter().cycle().enumerate() {
        due.tick().await;
        let words = format!("and this, number {nth}");
        ann.says(&task.channel, Some(&task.root), &words).await.expect("ann is in the channel");
    }
}

/// One session's page of activities never arrives; another session says a word again and again.
pub(super) async fn page(is_short: bool) -> Vec<Figure> {
    let (patience, words) = if is_short { (seconds(75), 2) } else { (seconds(400), 5) };
    let stage = Stage::start(Kind::File).await;
    let tasks = stage.tasks(2).await;
    tokio::time::sleep(seconds(5)).await;
    let silent = format!("/sessions/{}/", tasks[0].session);
    stage.jules.gate(Arc::new(move |call| {
        let is_silent = call.op == Op::ListActivities && call.path.contains(&silent);
        is_silent.then_some(Fault::HangBefore)
    }));
    stage.account.say(&tasks[0].session, "Nobody will read this.");
    tokio::time::sleep(seconds(1)).await;
    let mut heard = Heard::within(patience);
    for nth in 0..words {
        let (said, words) = (stage.now(), format!("Healthy word number {nth}."));
        stage.account.say(&tasks[1].session, &words);
        let wait = stage.heard(&words, said, patience).await;
        heard.note(wait);
        if wait.is_none() {
            break;
        }
        tokio::time::sleep(seconds(5)).await;
    }
    let what = "a healthy thread, while another session's page never arrives".to_owned();
    vec![Figure { what, figure: heard.words(), aim: "≤ 10 s", how: HOW }]
}

/// What a page of repositories takes.
const PAGE: Duration = Duration::from_millis(3_200);

/// How many repositories are on a page that the program asks for.
const ON_A_PAGE: usize = 100;

/// A name that no repository has.
const UNKNOWN: &str = "no-such-repository";

/// What the program says of a name that no repository has, and only then.
const REFUSAL: &str = "isn't connected to a repository called";

/// After so long nobody believes what is not in a list.
const OLD: Duration = seconds(15);

/// A name that no repository has, while every page of repositories takes long. It is asked when the list was
/// read once, some time ago.
pub(super) async fn sources(is_short: bool) -> Vec<Figure> {
    let (count, patience) = if is_short { (600, seconds(60)) } else { (5_000, seconds(420)) };
    let mut stage = Stage::set(Kind::File).await;
    for nth in stage.account.repositories().len()..count {
        stage.account.add_source("Crowd", &format!("repo-{nth:05}")).default_branch("main");
    }
    let slow =
        |call: &sim::jules::Call| (call.op == Op::ListSources).then_some(Fault::SlowHeaders(PAGE));
    stage.jules.gate(Arc::new(slow));
    stage.enter().await;
    let pages = || {
        let calls = stage.jules.calls();
        calls.iter().filter(|call| call.op == Op::ListSources).count()
    };
    let lasts = |pages: usize| PAGE * u32::try_from(pages).unwrap_or(u32::MAX);
    let least = count.div_ceil(ON_A_PAGE);
    let read = || (pages() >= least).then_some(());
    until(lasts(least * 2), read).await.expect("the program reads all repositories");
    tokio::time::sleep(PAGE + OLD).await;
    let reading = lasts(pages());
    let asked = stage.now();
    let number = stage.author.number();
    let told = Arc::new(Mutex::new(None));
    let (tell, slack) = (Arc::clone(&told), stage.slack.clone());
    slack.gate(Arc::new(move |call| {
        // The first answer may only say that it is being looked up.
        if call.args.to_string().contains(REFUSAL) {
            lock(&tell).get_or_insert(call.at);
        }
        None
    }));
    let body = stage.author.body(number, &format!("repo={UNKNOWN} tidy up"));
    let request = stage.author.sign("/slack/commands", &body, &stage.author.mac);
    let mut wire = crate::wire::Wire::to(stage.replicas[0].address).await.expect("it listens");
    let answer = wire.ask(&request).await.expect("the program answers");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    // The answer itself is the refusal, unless Jules is asked first.
    let at_once = first_command::says(&answer, REFUSAL).then(|| stage.now());
    let wait = until(patience, || at_once.or(*lock(&told))).await;
    let mut heard = Heard::within(patience);
    heard.note(wait.map(|at| at.duration_since(asked).unsigned_abs()));
    vec![Figure {
        what: format!(
            "{count} sources at {} s a page: until an unknown name is refused (one reading takes {:.0} s)",
            PAGE.as_secs_f64(),
            reading.as_secs_f64()
        ),
        figure: heard.words(),
        aim: "≤ one reading",
        how: HOW,
    }]
}

/// Commands that are there when Jules falls silent, and the time between two that come after them.
const CAUGHT: usize = 200;
const EVERY: Duration = Duration::from_secs(5);

/// Jules accepts every request and answers none; people who type commands wait for their cards.
pub(super) async fn silent(is_short: bool) -> Vec<Figure> {
    let (patience, probes) = if is_short { (seconds(60), 3) } else { (seconds(200), 10) };
    let stage = Stage::start(Kind::File).await;
    stage.jules.gate(Arc::new(|_| Some(Fault::HangBefore)));
    for _ in 0..CAUGHT {
        stage.command("repo=AshikNesin/404less branch=main task").await;
    }
    tokio::time::sleep(EVERY).await;
    let mut typed = Vec::new();
    for _ in 0..probes {
        let at = stage.now();
        typed.push((stage.command("repo=AshikNesin/404less branch=main task").await, at));
        tokio::time::sleep(EVERY).await;
    }
    let mut heard = Heard::within(patience);
    for (number, at) in typed {
        let words = format!("task {number}");
        let card = || {
            let calls = stage.slack.calls().into_iter().filter(is_posted);
            let mut cards = calls.filter(|call| call.args["thread_ts"].is_null());
            cards.find(|call| says(call, &words)).map(|call| call.at)
        };
        let left = patience.saturating_sub(stage.now().duration_since(at).unsigned_abs());
        heard.note(until(left, card).await.map(|card| card.duration_since(at).unsigned_abs()));
    }
    vec![Figure {
        what: format!(
            "a new card, while Jules accepts requests and never answers ({CAUGHT} tasks wait)"
        ),
        figure: heard.words(),
        aim: "≤ 3 s",
        how: HOW,
    }]
}
