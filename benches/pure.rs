//! How much thinking a request costs, without any waiting: `cargo bench --bench pure`.
//!
//! Slack gives three seconds for an answer and sends a request for each key stroke in a type-ahead,
//! so what is measured here is everything between the bytes of a request and the write of its
//! answer that the processor has to do, on a workspace with thousands of repositories.

#![expect(clippy::expect_used, reason = "a measurement that cannot continue panics")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use data_encoding::HEXLOWER;
use domain::command::{PlanMode, PrMode, Request, parse};
use domain::ids::{AccountId, ChannelId, DeliveryId, MessageTs, SessionId, TaskId, TeamId, UserId};
use domain::inbound::{Access, Facts, Inbound, Origin, Place, ReplyRoute, UsableAccount, handle};
use domain::lease::Holders;
use domain::message::Post;
use domain::repo::{
    Branch, NEAREST, RepoQuery, RepoRef, Resolution, Source, SourceName, resolve, search,
};
use domain::repo::{Resolved, Target, TargetReason};
use domain::session::SessionState;
use domain::task::{Effect, Entrance, Input, Next, Outcome, SessionRef, Start, Task, decide};
use domain::tenant::{AccountRef, Actor, Role};
use domain::words::{Names, Words};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use slack::inbound::receive;
use slack::render;
use slack::verify::Verifier;
use std::hint::black_box;
use store::seal::Sealer;

/// A large organisation's list.
const SOURCES: usize = 5_000;

/// As many as Slack shows in a select (Slack: options load URL).
const OPTIONS: usize = 100;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const TIME: i64 = 1_531_420_618;
const FORM: &str = "application/x-www-form-urlencoded";
const COMMAND: &str = include_str!("../tests/fixtures/slack/command.form");
const CLICK: &str = include_str!("../tests/fixtures/slack/block_actions_button_in_thread.json");

/// What people type, from nothing to everything.
const TYPED: &[(&str, &str)] = &[
    ("start", "repo=web-404 rename frontend to website"),
    (
        "start with everything",
        r#"repo=acme/web-404 branch=feature/login title="Say it" plan=ask pr=none \
           make `a=b` in the page say \u{201c}hello\u{201d}, then tidy up"#,
    ),
    ("help", "help"),
    ("slip", "rep=web-404 rename frontend to website"),
];

fn sources() -> Vec<Source> {
    let words = ["api", "web", "docs", "worker", "mobile", "infra", "billing", "search"];
    (0..SOURCES)
        .map(|number| {
            let owner = format!("team-{}", number % 40);
            let repo = format!("{}-{number}", words[number % words.len()]);
            Source {
                name: SourceName(format!("sources/github/{owner}/{repo}")),
                repo: RepoRef { owner, repo },
                default_branch: Some(Branch("main".to_owned())),
                branches: None,
            }
        })
        .collect()
}

fn actor() -> Actor {
    Actor {
        team: TeamId::parse("T1").expect("an id"),
        user: UserId::parse("U1").expect("an id"),
        role: Role::Member,
    }
}

fn origin() -> Origin {
    Origin {
        delivery: DeliveryId::of(&["one"]),
        place: Some(Place { channel: ChannelId::parse("C1").expect("an id"), root: None }),
        reply: ReplyRoute::Command(None),
        trigger: None,
    }
}

fn target() -> Target {
    Target {
        source: SourceName("sources/github/team-1/web-1".to_owned()),
        repo: RepoRef { owner: "team-1".to_owned(), repo: "web-1".to_owned() },
        branch: Branch("main".to_owned()),
        why: TargetReason::Asked,
        plan: PlanMode::Auto,
        pr: PrMode::Auto,
        skipped: Vec::new(),
    }
}

/// A task that has to ask Jules which repository is meant.
fn task() -> Task {
    let (actor, origin) = (actor(), origin());
    Task::new(
        TaskId::for_delivery(&origin.delivery),
        actor.team,
        AccountRef { id: AccountId::of_settings(), owner: None },
        actor.user,
        origin.channel().cloned(),
        None,
        Request { prompt: "rename frontend to website".to_owned(), ..Request::default() },
        Entrance::default(),
        Start::Resolve(None),
        Timestamp::UNIX_EPOCH,
    )
}

/// Every attempt succeeds at once.
fn success(task: &Task, effect: &Effect) -> Outcome {
    match effect {
        Effect::Resolve => Outcome::Resolved(Resolved::Target(target()), task.account_ref()),
        Effect::PostCard | Effect::PostLink | Effect::Post { .. } => {
            Outcome::Posted(MessageTs::parse("1721609600.000100").expect("a time"))
        }
        Effect::Redraw => Outcome::Drawn(Box::new(task.card().expect("a card"))),
        Effect::CreateSession => {
            let session = SessionRef {
                id: SessionId::parse("31415926535897932384").expect("an id"),
                url: "https://jules.google.com/session/31415926535897932384".to_owned(),
            };
            Outcome::Created(session, SessionState::Queued)
        }
        Effect::FindSession
        | Effect::AdoptSession
        | Effect::LinkMoved
        | Effect::LeaveQueue
        | Effect::Index
        | Effect::Follow
        | Effect::RedrawPlan(_)
        | Effect::SharePlan(_)
        | Effect::PostDm(_)
        | Effect::RedrawDm(_)
        | Effect::Remind
        | Effect::React { .. }
        | Effect::Unreact { .. }
        | Effect::WatchPull
        | Effect::TakeBack(_)
        | Effect::LinkRetry
        | Effect::LinkBeside
        | Effect::Suggest
        | Effect::ReadMaterial
        | Effect::ReadIssue(_)
        | Effect::Expire
        | Effect::ForgetMaterial
        | Effect::Send(_)
        | Effect::Approve(_)
        | Effect::Archive
        | Effect::FetchResult
        | Effect::Ephemeral { .. }
        | Effect::RefreshElapsed => Outcome::Done,
    }
}

/// From the request to the link, as the engine would: take, perform, decide, again.
fn live(mut task: Task) -> Task {
    let now = Timestamp::UNIX_EPOCH;
    while let Next::Attempt(attempt) = task.take(&Holders::default(), |_| true, now) {
        let outcome = success(&task, &attempt.effect);
        task = decide(task, Input::Done { entry: attempt.entry, outcome }, now);
        task.release();
    }
    task
}

fn requests(criterion: &mut Criterion) {
    let verifier = Verifier::new(vec![SECRET.to_owned().into()]);
    let now = Timestamp::from_second(TIME).expect("a time");
    let time = TIME.to_string();
    let click =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", CLICK).finish();
    let mut group = criterion.benchmark_group("verify and read");
    for (kind, body) in [("a command", COMMAND), ("a click", &click)] {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
        mac.update(format!("v0:{time}:{body}").as_bytes());
        let signature = format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                let body = black_box(body);
                verifier
                    .verify(Some(&signature), Some(&time), body.as_bytes(), now)
                    .expect("is signed");
                receive(Some(FORM), body).expect("can be read")
            });
        });
    }
    group.finish();
}

fn commands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for (kind, typed) in TYPED {
        group.bench_function(*kind, |bencher| bencher.iter(|| parse(black_box(typed))));
    }
    group.finish();
}

fn answers(criterion: &mut Criterion) {
    let (sources, account, names) = (sources(), AccountId::of_settings(), Names::new());
    let (actor, origin) = (actor(), origin());
    let accounts = [UsableAccount { id: &account, owner: None, sources: Some(&sources) }];
    let facts = Facts {
        accounts: &accounts,
        binding: None,
        is_binding_damaged: false,
        person: None,
        settings: None,
        access: Access::unruled(),
        applied: None,
        names: &names,
        seen: false,
        bot: None,
        sources: Some(&sources),
        task: None,
        successor: None,
        workspace: None,
    };
    let mut group = criterion.benchmark_group("answer among 5000 sources");
    for (kind, typed) in [
        ("a name that fits one", "repo=infra-4997 rename frontend to website"),
        ("a name that fits none", "repo=infra-9999 rename frontend to website"),
        ("help", "help"),
    ] {
        let inbound = Inbound::Command(Words::plain(typed));
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                handle(black_box(&inbound), &actor, &origin, &facts, Timestamp::UNIX_EPOCH)
            });
        });
    }
    group.finish();
}

fn names(criterion: &mut Criterion) {
    let sources = sources();
    let mut group = criterion.benchmark_group("names among 5000 sources");
    for (kind, query) in [
        ("type-ahead, first letter", "b"),
        ("type-ahead, two words", "bill 49"),
        ("no match", "zz"),
    ] {
        group.bench_function(kind, |bencher| {
            bencher.iter(|| search(black_box(query), &sources, OPTIONS).len());
        });
    }
    let slip = RepoQuery::parse("team-9/biling-4998").expect("a name");
    group.bench_function("refusal with the nearest", |bencher| {
        bencher.iter(|| match resolve(black_box(&slip), &sources) {
            Resolution::None { nearest } => assert_eq!(nearest.len(), NEAREST),
            Resolution::One(_) | Resolution::Several(_) => panic!("the name fits"),
        });
    });
    group.finish();
}

fn tasks(criterion: &mut Criterion) {
    criterion.bench_function("decide: the life of a task", |bencher| {
        bencher.iter_batched(task, live, BatchSize::SmallInput);
    });
    let done = live(task());
    assert!(done.session.is_some() && done.outbox.is_empty());
    let card = done.card().expect("a card");
    let link = Post::Link {
        url: done.session.expect("a session").url,
        repo: target().repo,
        branch: target().branch,
        quiet: false,
    };
    let mut group = criterion.benchmark_group("draw");
    group.bench_function("a card, as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(&render::card(black_box(&card), None).blocks));
    });
    group.bench_function("a message, as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(&render::post(black_box(&link)).blocks));
    });
    group.finish();
}

/// What a secret goes through on its way into the store and out of it.
fn secrets(criterion: &mut Criterion) {
    let sealer = Sealer::new(&[7; 32], &[]);
    let (secret, place) =
        (b"https://hooks.slack.com/commands/T0001/1234/5678", b"task/7f3k9x2q1m4n");
    let sealed = sealer.seal(secret, place).expect("is sealed");
    let mut group = criterion.benchmark_group("a response_url");
    group.bench_function("seal", |bencher| {
        bencher.iter(|| sealer.seal(black_box(secret), place).expect("is sealed"));
    });
    group.bench_function("open", |bencher| {
        bencher.iter(|| sealer.open(black_box(&sealed), place).expect("opens"));
    });
    group.finish();
}

criterion_group!(benches, requests, commands, answers, names, tasks, secrets);
criterion_main!(benches);
