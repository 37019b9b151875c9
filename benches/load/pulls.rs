//! What it costs to follow pull requests on GitHub, and how late a thread hears of a review and of a merge, in
//! simulated time.
//!
//! The whole engine runs here on a clock that is moved by hand, against the simulated Slack, Jules and GitHub, with a
//! token. Pull requests are opened for eight hours, at a hundred moments at most. Then it is measured for four hours,
//! in which every fourth of them, and ten at least, is approved and later merged. With webhooks GitHub says each time
//! that something happened.

use crate::lab::Lab;
use crate::report::{Table, percentile};
use crate::results::Results;
use domain::pull::PullRef;
use domain::repo::RepoRef;
use domain::secret::Secret;
use github::{GitHub, Hint, Timeouts};
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use serde_json::json;
use sim::github::{SimGitHub, TokenKind};
use sim::slack::{Call, SimSlack};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const OPENING: SignedDuration = SignedDuration::from_hours(8);
const MEASURED: SignedDuration = SignedDuration::from_hours(4);

/// How far the clock moves at a time while pull requests are opened, and while it is measured: nothing is measured
/// finer than this.
const LONG_STEP: SignedDuration = SignedDuration::from_secs(60);
const STEP: SignedDuration = SignedDuration::from_secs(10);

/// At so many moments at most pull requests are opened; several at once where there are more.
const MOMENTS: usize = 100;

/// Of so many one is reviewed and merged; ten at least.
const ONE_OF: usize = 4;
const FEWEST: usize = 10;

const TOKEN: &str = "ghp_of-the-load";

/// What is measured unless something else is asked for: how many are open, and whether webhooks come.
pub(crate) fn rows(is_short: bool) -> Vec<(usize, bool)> {
    let counts: &[usize] = if is_short { &[10] } else { &[10, 100, 1_000] };
    counts.iter().flat_map(|count| [(*count, false), (*count, true)]).collect()
}

pub(crate) fn measure(rows: &[(usize, bool)], runtime: &Runtime) {
    println!("\n## Following pull requests on GitHub, with a token of 5,000 calls an hour\n");
    let mut results = Results::default();
    let mut table = Table::new(&[
        "open pull requests",
        "calls an hour",
        "of them count",
        "a review late: median s",
        "worst s",
        "a merge late: median s",
        "worst s",
        "missing",
        "took s",
    ]);
    for (count, is_told) in rows {
        let begun = Instant::now();
        let seen = runtime.block_on(Run::of(*count, *is_told));
        let took = begun.elapsed().as_secs_f64();
        let hours = MEASURED.as_secs_f64() / 3_600.0;
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let hourly = |calls: usize| calls as f64 / hours;
        let late =
            |late: &[Duration]| [0.5, 1.0].map(|share| percentile(late, share).as_secs_f64());
        let (reviews, merges) = (late(&seen.reviews), late(&seen.merges));
        let name = format!("{count}, {}", if *is_told { "with webhooks" } else { "polling" });
        table.row([
            name.clone(),
            format!("{:.0}", hourly(seen.calls)),
            format!("{:.0}", hourly(seen.counted)),
            format!("{:.0}", reviews[0]),
            format!("{:.0}", reviews[1]),
            format!("{:.0}", merges[0]),
            format!("{:.0}", merges[1]),
            seen.missing.to_string(),
            format!("{took:.0}"),
        ]);
        results.note(format!("{name}: calls an hour"), hourly(seen.calls));
        results.note(format!("{name}: calls an hour that count"), hourly(seen.counted));
        results.note(format!("{name}: seconds a review is late, median worst"), reviews.to_vec());
        results.note(format!("{name}: seconds a merge is late, median worst"), merges.to_vec());
        // The table comes last, which may take long.
        println!("{name}: reviews {reviews:?}, merges {merges:?}, {} calls", seen.calls);
    }
    println!();
    table.print();
    results.write("pulls");
}

/// What a run showed.
struct Seen {
    calls: usize,
    /// Those that GitHub counts: not the ones that it answers with "the same as before".
    counted: usize,
    /// Sorted.
    reviews: Vec<Duration>,
    merges: Vec<Duration>,
    missing: usize,
}

/// What happens to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    Approved,
    Merged,
}

type Told = Arc<Mutex<HashMap<(u64, Event), Timestamp>>>;

struct Run {
    lab: Lab,
    github: SimGitHub,
    told: Told,
    is_told: bool,
    deliveries: u64,
}

impl Run {
    async fn of(count: usize, is_told: bool) -> Seen {
        let mut run = Self::start(is_told).await;
        run.open(count).await;
        let mut happened = HashMap::new();
        let mut due = plan(count, run.lab.now());
        let end = run.lab.now() + MEASURED;
        let (mut calls, mut counted) = (0, 0);
        run.github.clear_calls();
        while run.lab.now() < end {
            let now = run.lab.now();
            for (_, number, event) in
                due.extract_if(.., |(at, _, _)| *at <= now).collect::<Vec<_>>()
            {
                let pull = run.github.open(&address(number));
                match event {
                    Event::Approved => drop(pull.review("ben", "APPROVED", "", &[])),
                    Event::Merged => pull.merge("cy"),
                }
                happened.insert((number, event), now);
                run.deliver(number).await;
            }
            run.lab.pump().await;
            run.forget();
            for call in run.github.calls() {
                calls += 1;
                counted += usize::from(call.code != 304);
            }
            run.github.clear_calls();
            run.lab.forward(STEP);
        }
        let told = lock(&run.told);
        let late = |event| {
            let of_it = happened.iter().filter(|((_, one), _)| *one == event);
            let mut late: Vec<Duration> = of_it
                .filter_map(|(what, at)| Some(told.get(what)?.duration_since(*at).unsigned_abs()))
                .collect();
            late.sort_unstable();
            late
        };
        let (reviews, merges) = (late(Event::Approved), late(Event::Merged));
        let missing = happened.len() - reviews.len() - merges.len();
        Seen { calls, counted, reviews, merges, missing }
    }

    async fn start(is_told: bool) -> Self {
        let lab = Lab::start().await;
        let github = SimGitHub::start(lab.clock()).await.expect("a port");
        let url = github.url().parse().expect("an address");
        let token = Secret::new(TOKEN);
        let client = GitHub::new(Timeouts::default(), url, Some(&token), lab.clock());
        lab.engine().ask_github(client.expect("a client"));
        github.token(TOKEN, TokenKind::Classic);
        let told = listen(&lab.slack);
        Self { lab, github, told, is_told, deliveries: 0 }
    }

    /// Tasks begin and end with a pull request each, spread over the hours before.
    async fn open(&mut self, count: usize) {
        let begun = self.lab.now();
        let at_once = (count / MOMENTS).max(1);
        let each = OPENING / i32::try_from(count / at_once).unwrap_or(i32::MAX);
        let (mut opened, mut known) = (0, HashSet::new());
        while self.lab.now() < begun + OPENING {
            let due = |opened: usize| begun + each * i32::try_from(opened / at_once).unwrap_or(0);
            if opened < count && due(opened) <= self.lab.now() {
                let channels: Vec<String> =
                    (0..at_once).map(|nth| format!("c-{}", (opened + nth) / 10)).collect();
                self.lab.begin(at_once, &channels).await;
                let sessions = self.lab.account.sessions().into_iter().map(|session| session.id);
                let new: Vec<String> = sessions.filter(|id| !known.contains(id)).collect();
                for session in new {
                    let url = address(number(opened));
                    self.github.open(&url);
                    let output = json!({ "pullRequest": { "url": url, "title": "A change" } });
                    self.lab.account.complete_with(&session, &[output]);
                    known.insert(session);
                    opened += 1;
                }
            }
            self.lab.pump().await;
            self.forget();
            self.lab.forward(LONG_STEP);
        }
        // Checks have run on each, of which webhooks tell.
        for nth in 0..count {
            self.deliver(number(nth)).await;
        }
        self.lab.pump().await;
    }

    /// A webhook about it, if there are webhooks.
    async fn deliver(&mut self, number: u64) {
        if !self.is_told {
            return;
        }
        self.deliveries += 1;
        let repo = repo(number);
        let pulls = vec![PullRef { repo: repo.clone(), number }];
        let hint = Hint { repo, pulls, commit: None };
        let delivery = self.deliveries.to_string();
        let stored = self.lab.engine().github_event(&delivery, "pull_request", Some(hint)).await;
        stored.expect("the store answers");
    }

    /// What is recorded and not asked for.
    fn forget(&self) {
        self.lab.jules.clear_calls();
        self.lab.slack.clear_calls();
    }
}

/// When what happens, by the numbers of the pull requests: spread evenly, a review before the merge.
fn plan(count: usize, begin: Timestamp) -> Vec<(Timestamp, u64, Event)> {
    let some = (count / ONE_OF).max(FEWEST.min(count));
    let every = count / some;
    let at = |nth: usize, share: f64| {
        // The golden ratio spreads them without a pattern.
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let place = (nth as f64 * 0.618_033_988_749_895 + share).fract();
        #[expect(clippy::cast_possible_truncation, reason = "hours, in milliseconds")]
        let ms = (place * MEASURED.as_secs_f64() * 0.4 * 1_000.0) as i64;
        SignedDuration::from_millis(ms)
    };
    let half = MEASURED / 2;
    (0..some)
        .flat_map(|nth| {
            let number = number(nth * every);
            [
                (begin + at(nth, 0.0), number, Event::Approved),
                (begin + half + at(nth, 0.3), number, Event::Merged),
            ]
        })
        .collect()
}

fn number(nth: usize) -> u64 {
    nth as u64 + 1
}

/// Ten to a repository.
fn repo(number: u64) -> RepoRef {
    RepoRef { owner: "acme".to_owned(), repo: format!("web-{}", number / 10) }
}

fn address(number: u64) -> String {
    format!("https://github.com/{}/pull/{number}", repo(number))
}

/// Notes when threads were told of what.
fn listen(slack: &SimSlack) -> Told {
    let told = Told::default();
    let kept = Arc::clone(&told);
    slack.gate(Arc::new(move |call: &Call| {
        let text = call.args["text"].as_str().unwrap_or_default();
        if call.method == "chat.postMessage"
            && let Some(what) = what(text)
        {
            lock(&kept).entry(what).or_insert(call.at);
        }
        None
    }));
    told
}

/// What a message tells of, by its words.
fn what(text: &str) -> Option<(u64, Event)> {
    let event = if text.contains("approved by") {
        Event::Approved
    } else if text.contains("merged") && !text.contains("reviewed or merged") {
        Event::Merged
    } else {
        return None;
    };
    let digits = text.split_once('#')?.1;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    Some((digits[..end].parse().ok()?, event))
}
