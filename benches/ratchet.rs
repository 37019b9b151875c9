//! How many instructions an acknowledgement takes, stage by stage: `benches/count`. A stage that takes
//! over 5 % more than its figure here fails, and is named; a rise that is worth it, or another
//! compiler, is a new figure.
//!
//! Instructions are counted by valgrind (callgrind), so they hardly depend on the machine and not at
//! all on what else it does. They do depend on the compiler, and a little on the processor's vector
//! instructions; where these aren't those that the figures were made with, nothing is held to them, and
//! a line says so.
//!
//! There are two builds: optimised, which is what the figures are quoted from, and that of the tests,
//! whose counts are several times as high and rise for the same reasons. CI has the latter built anyway
//! (`benches/count --quick`); to optimise would take it seven minutes.
//!
//! What a stage needs is made before, and has been used, so the counts have nothing of a start.

#![expect(clippy::expect_used, reason = "a measurement that cannot continue panics")]
#![expect(clippy::print_stdout, reason = "the line is for the terminal")]
#![expect(missing_docs, reason = "what the macros of gungraun write has none")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use domain::command::{Command as Asks, Request as Ask};
use domain::ids::{AccountId, ChannelId, DeliveryId, TaskId, TeamId, UserId};
use domain::secret::Secret;
use domain::task::{Entrance, ReplyTo, Start, Task};
use domain::tenant::AccountRef;
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use jiff::Timestamp;
use jules_slack::app::App;
use kit::memory_store::{MemoryStore, app};
use platform::clock::Clock;
use sim::jules::SimJules;
use sim::slack::SimSlack;
use slack::inbound::{Payload, receive};
use slack::verify::{Verifier, sign};
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use store::Expect;
use store::documents::task_key;
use store::records::Records;
use store::seal::Sealer;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const KEY: &str = "AQ.key-of-the-ratchet";
const TIME: i64 = 1_784_716_800;
const FORM: &str = "application/x-www-form-urlencoded";
const COMMAND: &str = include_str!("../tests/fixtures/slack/command.form");
const TYPED: &str = "repo=404less branch=main rename frontend to website";

/// What the figures were made with: `rustc --version`, and the processor's widest vector instructions.
const MADE_WITH: (&str, &str) = ("rustc 1.95.0 (59807616e 2026-04-14)", "x86-64 with AVX2");

/// How much more than its figure a stage may take, in hundredths.
const ALLOWED: u64 = 5;

/// How often a stage is gone through before it is counted.
const BEFORE: u64 = 10;

/// Holds a stage to its figures, of which each build has one.
fn held_to(optimised: u64, tests: u64) -> LibraryBenchmarkConfig {
    let figure = if cfg!(debug_assertions) { tests } else { optimised };
    let mut callgrind = Callgrind::with_args(["cache-sim=no"]);
    if *HOLDS {
        callgrind.hard_limits([(EventKind::Ir, figure * (100 + ALLOWED) / 100)]);
    }
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

/// Whether stages are held to their figures: where compiler and processor are those of the figures. Where
/// they aren't, says so.
static HOLDS: LazyLock<bool> = LazyLock::new(|| {
    let rustc = PathBuf::from(env!("CARGO")).with_file_name("rustc");
    let said = Command::new(rustc).arg("--version").output().expect("rustc is beside cargo");
    let compiler = String::from_utf8_lossy(&said.stdout);
    let here = (compiler.trim(), vectors());
    if here != MADE_WITH {
        println!(
            "No stage is held to its figure. They were made with {MADE_WITH:?}, and here is {here:?}."
        );
    }
    here == MADE_WITH
});

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx2") {
        "x86-64 with AVX2"
    } else {
        "x86-64 without AVX2"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    std::env::consts::ARCH
}

// The signature over the request.
#[library_benchmark(setup = signed, config = held_to(28_431, 41_445))]
fn verify(signed: Signed) -> Signed {
    signed.verify();
    signed
}

struct Signed {
    verifier: Verifier,
    time: String,
    signature: String,
}

impl Signed {
    fn verify(&self) {
        let body = black_box(COMMAND).as_bytes();
        self.verifier
            .verify(Some(&self.signature), Some(&self.time), body, now())
            .expect("is signed");
    }
}

fn signed() -> Signed {
    let secret = Secret::new(SECRET);
    let signature = sign(&secret, now(), COMMAND.as_bytes());
    let signed =
        Signed { verifier: Verifier::new(vec![secret]), time: TIME.to_string(), signature };
    (0..BEFORE).for_each(|_| signed.verify());
    signed
}

// From the request's bytes to what Slack sent.
#[library_benchmark(setup = body, config = held_to(22_578, 53_888))]
fn read(body: &'static str) -> Payload {
    receive(Some(FORM), body).expect("can be read")
}

fn body() -> &'static str {
    for _ in 0..BEFORE {
        receive(Some(FORM), COMMAND).expect("can be read");
    }
    COMMAND
}

// From what was typed to a command.
#[library_benchmark(setup = typed, config = held_to(37_847, 293_520))]
fn parse(typed: &'static str) -> Asks {
    domain::command::parse(typed).expect("is a command")
}

fn typed() -> &'static str {
    for _ in 0..BEFORE {
        domain::command::parse(TYPED).expect("is a command");
    }
    TYPED
}

// A new task into its record, with its secret sealed, and into the store.
#[library_benchmark(setup = kept, config = held_to(41_633, 379_806))]
fn put(kept: Kept) -> Kept {
    kept.put(&kept.next);
    kept
}

// A task out of the store.
#[library_benchmark(setup = kept, config = held_to(51_900, 306_209))]
fn get(kept: Kept) -> (Option<Task>, Kept) {
    (kept.get(), kept)
}

/// Tasks in a store in memory.
struct Kept {
    runtime: Runtime,
    records: Records,
    key: store::Key,
    next: Task,
}

impl Kept {
    fn put(&self, task: &Task) {
        let key = task_key(&task.id);
        let put = self.records.put(&key, task, task.wake_at(), None, Expect::Absent, now());
        self.runtime.block_on(put).expect("is stored");
    }

    fn get(&self) -> Option<Task> {
        let read = self.records.get::<Task>(&self.key, now());
        self.runtime.block_on(read).expect("is read").map(|(_, task)| task)
    }
}

fn kept() -> Kept {
    let records = Records::new(Arc::new(MemoryStore::default()), Sealer::new(&[7; 32], &[]));
    let key = task_key(&task(0).id);
    let kept = Kept { runtime: runtime(), records, key, next: task(BEFORE) };
    for number in 0..BEFORE {
        kept.put(&task(number));
        assert!(kept.get().is_some());
    }
    kept
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn now() -> Timestamp {
    Timestamp::from_second(TIME).expect("a time")
}

fn task(number: u64) -> Task {
    let delivery = DeliveryId::of(&["a delivery", &number.to_string()]);
    let reply = ReplyTo {
        url: Secret::new(format!("https://hooks.slack.com/commands/T0001/{number}/x")).into(),
        until: now(),
    };
    Task::new(
        TaskId::for_delivery(&delivery),
        TeamId::parse("T0001").expect("an id"),
        AccountRef { id: AccountId::of_settings(), owner: None },
        UserId::parse("U2147483697").expect("an id"),
        Some(ChannelId::parse("C2147483705").expect("an id")),
        Some(reply),
        Ask { prompt: "rename frontend to website".to_owned(), ..Ask::default() },
        Entrance::default(),
        Start::Resolve(None),
        now(),
    )
}

// All of it, from the routes on: request in, task stored, answer out.
#[library_benchmark(config = held_to(249_192, 1_421_051))]
#[bench::one(args = (StatusCode::OK), setup = asked)]
fn whole(asked: Asked) -> (Response, Asked) {
    asked.answered()
}

// A forged request, from the routes on.
#[library_benchmark(config = held_to(29_870, 56_568))]
#[bench::one(args = (StatusCode::UNAUTHORIZED), setup = asked)]
fn forged(asked: Asked) -> (Response, Asked) {
    asked.answered()
}

/// The real routes on a store in memory, and what they are asked next. Nothing carries the tasks on.
struct Asked {
    runtime: Runtime,
    router: Router,
    next: Option<Request<Body>>,
    _world: (SimSlack, SimJules, App),
}

impl Asked {
    fn answered(mut self) -> (Response, Self) {
        let request = self.next.take().expect("is asked once");
        let answer = self.runtime.block_on(self.router.clone().oneshot(request));
        (answer.expect("never fails"), self)
    }
}

fn asked(expected: StatusCode) -> Asked {
    let runtime = runtime();
    let clock: Clock = Arc::new(now);
    let (slack, jules, app) = runtime.block_on(async {
        let slack = SimSlack::start(Arc::clone(&clock)).await.expect("a port");
        let jules = SimJules::start(Arc::clone(&clock)).await.expect("a port");
        jules.default_sources(KEY);
        let app = app(Arc::new(MemoryStore::default()), &slack, &jules, KEY, clock).await;
        (slack, jules, app)
    });
    let (user, channel) = (slack.user("ann").id().to_owned(), slack.channel("dev"));
    let is_forged = expected == StatusCode::UNAUTHORIZED;
    let secret = Secret::new(if is_forged { SECRET } else { slack.signing_secret() });
    let request = |number: u64| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("team_id", slack.team_id())
            .append_pair("channel_id", &channel)
            .append_pair("user_id", &user)
            .append_pair("command", "/jules")
            .append_pair("text", TYPED)
            .append_pair("api_app_id", slack.app_id())
            .append_pair("response_url", &format!("https://hooks.slack.com/commands/{number}"))
            .append_pair("trigger_id", &format!("{number}.1.x"))
            .finish();
        Request::post("/slack/commands")
            .header("content-type", FORM)
            .header("x-slack-request-timestamp", TIME.to_string())
            .header("x-slack-signature", sign(&secret, now(), body.as_bytes()))
            .body(Body::from(body))
            .expect("is a request")
    };
    let (router, next) = (app.router(), Some(request(BEFORE)));
    for number in 0..BEFORE {
        let answer =
            runtime.block_on(router.clone().oneshot(request(number))).expect("never fails");
        assert_eq!(answer.status(), expected);
    }
    Asked { runtime, router, next, _world: (slack, jules, app) }
}

library_benchmark_group!(
    name = acknowledgement,
    benchmarks = [verify, read, parse, put, get, whole, forged]
);

main!(library_benchmark_groups = acknowledgement);
