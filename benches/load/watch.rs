//! What it costs to follow sessions, and how late people hear of them, in simulated time.
//!
//! The whole engine runs here on a clock that is moved by hand, against the simulated Slack and Jules,
//! so that half an hour takes seconds and each run gives the same figures. Every session is the
//! same: half an hour, 60 activities, one each half minute: a plan, progress, two messages, the end.
//! Sessions begin spread over half a minute. In the quiet rows nothing moves in any of them.
//!
//! The yardstick is what the official SDK does: it reads all pages of a session's activities again,
//! 50 to a page, every five seconds.

use crate::lab::Lab;
use crate::report::{Table, percentile};
use crate::results::Results;
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use sim::jules::{Account, Op};
use sim::slack::{Call, SimSlack};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How many activities a session has, and the time between two.
const ACTIVITIES: u32 = 60;
const EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Those among them that people hear of in the thread.
const PLAN: u32 = 1;
const MESSAGES: [u32; 2] = [20, 40];

/// How long after the last activity it is still looked.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(15);

/// Sessions begin within this.
const SPREAD_MS: i64 = 30_000;

/// How far the clock moves at a time: nothing is measured finer than this.
const STEP: SignedDuration = SignedDuration::from_millis(500);

/// What sessions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// An activity each half minute.
    Busy,
    /// Nothing.
    Quiet,
    /// As the busy ones, each on the account of another person.
    OwnKeys,
}

/// What is measured unless something else is asked for.
pub(crate) fn rows(is_short: bool) -> Vec<(usize, Mix)> {
    let busy: &[usize] = if is_short { &[1, 10] } else { &[1, 10, 100, 1_000, 10_000] };
    let quiet: &[usize] = if is_short { &[] } else { &[1_000, 10_000] };
    let busy = busy.iter().map(|count| (*count, Mix::Busy));
    let quiet = quiet.iter().map(|count| (*count, Mix::Quiet));
    let people = if is_short { 3 } else { 50 };
    busy.chain([(people, Mix::Busy), (people, Mix::OwnKeys)]).chain(quiet).collect()
}

pub(crate) fn measure(rows: &[(usize, Mix)], runtime: &Runtime) {
    println!("\n## Watching sessions of half an hour with {ACTIVITIES} activities each\n");
    let mut results = Results::default();
    let mut table = Table::new(&[
        "sessions of one account",
        "Jules calls a session",
        "calls a minute",
        "of them activity lists",
        "milestones late: median s",
        "p99 s",
        "worst s",
        "missing",
        "edits of cards a session",
        "took s",
    ]);
    for (count, mix) in rows {
        let begun = Instant::now();
        let seen = runtime.block_on(Run::of(*count, *mix));
        let took = begun.elapsed();
        let Seen { calls, lists, edits, late, missing, minutes } = &seen;
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let each = |figure: usize| figure as f64 / *count as f64;
        #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
        let minute = |figure: usize| figure as f64 / minutes;
        let all: usize = calls.values().sum();
        let [median, most, worst] =
            [0.5, 0.99, 1.0].map(|share| percentile(late, share).as_secs_f64());
        let name = match mix {
            Mix::Busy => count.to_string(),
            Mix::Quiet => format!("{count} quiet"),
            Mix::OwnKeys => format!("{count}, a key each"),
        };
        table.row([
            name.clone(),
            format!("{:.0}", each(all)),
            format!("{:.0}", minute(all)),
            format!("{:.0}", minute(*lists)),
            format!("{median:.1}"),
            format!("{most:.1}"),
            format!("{worst:.1}"),
            missing.to_string(),
            format!("{:.0}", each(*edits)),
            format!("{:.0}", took.as_secs_f64()),
        ]);
        results.note(format!("{name}: calls a session"), each(all));
        results.note(format!("{name}: calls a minute"), minute(all));
        results.note(format!("{name}: seconds late, median p99 worst"), vec![median, most, worst]);
        // The table comes last, which may take long.
        println!("{name}: late {median:.1}, {most:.1}, {worst:.1} s; {missing} missing; {calls:?}");
    }
    let (calls, mut late) = sdk();
    late.sort_unstable();
    let [median, most, worst] =
        [0.5, 0.99, 1.0].map(|share| percentile(&late, share).as_secs_f64());
    table.row([
        "the SDK's way, each".to_owned(),
        calls.to_string(),
        format!("{:.0} each", f64::from(calls) / 30.0),
        "all".to_owned(),
        format!("{median:.1}"),
        format!("{most:.1}"),
        format!("{worst:.1}"),
        "0".to_owned(),
        "-".to_owned(),
        "reckoned".to_owned(),
    ]);
    println!();
    table.print();
    results.note("the SDK's way: calls a session", calls);
    results.note("the SDK's way: seconds late, median p99 worst", vec![median, most, worst]);
    results.write("watch");
}

/// Calls and lateness of reading everything again every five seconds, over many beginnings.
fn sdk() -> (u32, Vec<Duration>) {
    const EACH_MS: u64 = 5_000;
    const PAGE: u32 = 50;
    let length = u64::from(ACTIVITIES) * 30_000;
    let mut calls = 0;
    for at in (0..=length).step_by(5_000) {
        let there = u32::try_from(at / 30_000).unwrap_or(u32::MAX);
        calls += there.div_ceil(PAGE).max(1);
    }
    let phases = (0..EACH_MS).step_by(100);
    (calls, phases.map(|phase| Duration::from_millis(EACH_MS - phase)).collect())
}

/// What a run showed.
struct Seen {
    calls: BTreeMap<String, usize>,
    lists: usize,
    edits: usize,
    /// Sorted.
    late: Vec<Duration>,
    /// Milestones that nobody heard of.
    missing: usize,
    minutes: f64,
}

/// A post in a thread.
struct Post {
    thread: String,
    text: String,
    at: Timestamp,
}

struct Run {
    lab: Lab,
    posts: Arc<Mutex<Vec<Post>>>,
    edits: Arc<AtomicU64>,
    calls: BTreeMap<String, usize>,
}

impl Run {
    async fn of(count: usize, mix: Mix) -> Seen {
        let mut run = Self::start().await;
        let sessions = run.begin(count, mix).await;
        run.count_calls();
        run.calls.clear();
        run.edits.store(0, Ordering::Relaxed);
        let begun = run.lab.now();
        let length = EVERY * i32::try_from(ACTIVITIES).unwrap_or(i32::MAX) + AFTERWARDS;
        let end = begun + length + SignedDuration::from_millis(SPREAD_MS);
        let mut milestones = Vec::new();
        let mut done = vec![0; sessions.len()];
        while run.lab.now() < end {
            let now = run.lab.now();
            for (nth, session) in sessions.iter().enumerate() {
                let spread = SignedDuration::from_millis(
                    i64::try_from(nth).unwrap_or(0) * 7_919 % SPREAD_MS,
                );
                let next = done[nth] + 1;
                let due = begun + spread + EVERY * i32::try_from(next).unwrap_or(i32::MAX);
                if mix != Mix::Quiet && next <= ACTIVITIES && due <= now {
                    done[nth] = next;
                    if session.act(nth, next) {
                        milestones.push((nth, next, now));
                    }
                }
            }
            run.lab.pump().await;
            run.count_calls();
            run.lab.forward(STEP);
        }
        let (late, missing) = run.lateness(&milestones);
        let lists = run.calls.get(&format!("{:?}", Op::ListActivities)).copied().unwrap_or(0);
        let edits = usize::try_from(run.edits.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        let minutes = length.as_secs_f64() / 60.0;
        Seen { calls: run.calls, lists, edits, late, missing, minutes }
    }

    async fn start() -> Self {
        let lab = Lab::start().await;
        let (posts, edits) = watch(&lab.slack);
        Self { lab, posts, edits, calls: BTreeMap::new() }
    }

    /// Starts the sessions.
    async fn begin(&self, count: usize, mix: Mix) -> Vec<Session> {
        let (lab, channels) = (&self.lab, channels(count));
        let mut accounts = vec![lab.account.clone()];
        if mix == Mix::OwnKeys {
            let mut people = Vec::new();
            for (nth, channel) in (0..count).zip(channels.iter().cycle()) {
                let name = format!("person-{nth}");
                let account = lab.connect(&name, channel).await;
                people.push((name, account));
            }
            lab.begin_for_each(&people, &channels).await;
            accounts = people.into_iter().map(|(_, account)| account).collect();
        } else {
            lab.begin(count, &channels).await;
        }
        let of = |account: Account| {
            account
                .sessions()
                .into_iter()
                .map(move |one| Session { account: account.clone(), id: one.id })
        };
        accounts.into_iter().flat_map(of).collect()
    }

    fn count_calls(&mut self) {
        for call in self.lab.jules.calls() {
            *self.calls.entry(format!("{:?}", call.op)).or_default() += 1;
        }
        self.lab.jules.clear_calls();
        self.lab.slack.clear_calls();
    }

    /// How late each milestone was heard of, sorted; and how many never were.
    fn lateness(&self, milestones: &[(usize, u32, Timestamp)]) -> (Vec<Duration>, usize) {
        let posts = lock(&self.posts);
        let mut threads = HashMap::new();
        let mut told = HashMap::new();
        for post in posts.iter() {
            if let Some(mark) = mark(&post.text) {
                threads.insert(mark.0, post.thread.as_str());
                told.entry(mark).or_insert(post.at);
            }
        }
        let mut late = Vec::new();
        for (nth, activity, at) in milestones {
            let heard = told.get(&(*nth, *activity)).copied().or_else(|| {
                // The end bears no mark: it is the last post of the thread.
                let thread = threads.get(nth).filter(|_| *activity == ACTIVITIES)?;
                let last = posts.iter().rfind(|post| post.thread == **thread && post.at >= *at);
                last.map(|post| post.at)
            });
            late.extend(heard.map(|heard| heard.duration_since(*at).unsigned_abs()));
        }
        late.sort_unstable();
        let missing = milestones.len() - late.len();
        (late, missing)
    }
}

/// A session, and the account that it is on.
struct Session {
    account: Account,
    id: String,
}

impl Session {
    /// Jules does the next thing in it; whether people shall hear of it in the thread.
    fn act(&self, nth: usize, activity: u32) -> bool {
        let Self { account, id } = self;
        if activity == PLAN {
            account.plan(id, &[(&format!("look at «{nth}.{activity}»"), ""), ("mend it", "")]);
        } else if MESSAGES.contains(&activity) {
            account.say(id, &format!("A word from «{nth}.{activity}»."));
        } else if activity == ACTIVITIES {
            account.finish(id);
        } else {
            account.progress(id, &format!("step {activity}"), "");
            return false;
        }
        true
    }
}

/// Ten tasks to a channel.
fn channels(count: usize) -> Vec<String> {
    (0..count.div_ceil(10)).map(|n| format!("c-{n}")).collect()
}

/// Session and activity in a post, where there is one.
fn mark(text: &str) -> Option<(usize, u32)> {
    let (nth, activity) = text.split_once('«')?.1.split_once('»')?.0.split_once('.')?;
    Some((nth.parse().ok()?, activity.parse().ok()?))
}

/// Collects what is posted into threads, and counts what is drawn again.
fn watch(slack: &SimSlack) -> (Arc<Mutex<Vec<Post>>>, Arc<AtomicU64>) {
    let (posts, edits) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
    let (kept, counted) = (Arc::clone(&posts), Arc::clone(&edits));
    slack.gate(Arc::new(move |call: &Call| {
        if call.method == "chat.update" {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        if call.method == "chat.postMessage"
            && let Some(thread) = call.args["thread_ts"].as_str()
        {
            let text = format!("{} {}", call.args["text"], call.args["blocks"]);
            let post = Post { thread: thread.to_owned(), text, at: call.at };
            lock(&kept).push(post);
        }
        None
    }));
    (posts, edits)
}
