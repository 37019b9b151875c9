//! The stages of an acknowledgement, each as it is in the program.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use clap::ValueEnum;
use data_encoding::HEXLOWER;
use domain::command::{Request as Ask, parse};
use domain::ids::{AccountId, ChannelId, DeliveryId, TaskId, TeamId, UserId};
use domain::secret::Secret;
use domain::task::{Entrance, ReplyTo, Start, Task};
use domain::tenant::AccountRef;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use kit::memory_store::{MemoryStore, app};
use platform::clock::Clock;
use sha2::Sha256;
use sim::jules::SimJules;
use sim::slack::SimSlack;
use slack::inbound::receive;
use slack::verify::Verifier;
use std::hint::black_box;
use std::sync::Arc;
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
const COMMAND: &str = include_str!("../../tests/fixtures/slack/command.form");
const TYPED: &str = "repo=404less branch=main rename frontend to website";

/// What is counted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Stage {
    /// The signature over the request.
    Verify,
    /// From the request's bytes to what Slack sent.
    Read,
    /// From what was typed to a command.
    Parse,
    /// A new task into its record, with its secret sealed, and into the store.
    Store,
    /// The same task out of the store.
    Load,
    /// All of it, from the routes on: request in, task stored, answer out.
    Whole,
    /// A forged request, from the routes on.
    Forged,
}

impl Stage {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    pub(crate) fn name(self) -> String {
        self.to_possible_value().expect("none is skipped").get_name().to_owned()
    }

    /// Goes through it so many times.
    pub(crate) fn run(self, rounds: u64) {
        match self {
            Self::Verify => verify(rounds),
            Self::Read => {
                for _ in 0..rounds {
                    black_box(receive(Some(FORM), black_box(COMMAND)).expect("can be read"));
                }
            }
            Self::Parse => {
                for _ in 0..rounds {
                    black_box(parse(black_box(TYPED))).expect("is a command");
                }
            }
            Self::Store => runtime().block_on(store(rounds)),
            Self::Load => runtime().block_on(load(rounds)),
            Self::Whole => runtime().block_on(whole(rounds, StatusCode::OK)),
            Self::Forged => runtime().block_on(whole(rounds, StatusCode::UNAUTHORIZED)),
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn verify(rounds: u64) {
    let verifier = Verifier::new(vec![Secret::new(SECRET)]);
    let now = Timestamp::from_second(TIME).expect("a time");
    let (time, signature) = sign(SECRET, COMMAND);
    for _ in 0..rounds {
        let body = black_box(COMMAND).as_bytes();
        verifier.verify(Some(&signature), Some(&time), body, now).expect("is signed");
    }
}

fn sign(secret: &str, body: &str) -> (String, String) {
    let time = TIME.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(format!("v0:{time}:{body}").as_bytes());
    (time, format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes())))
}

fn records() -> Records {
    Records::new(Arc::new(MemoryStore::default()), Sealer::new(&[7; 32], &[]))
}

fn task(number: u64) -> Task {
    let delivery = DeliveryId::of(&["a delivery", &number.to_string()]);
    let now = Timestamp::from_second(TIME).expect("a time");
    let reply = ReplyTo {
        url: Some(Secret::new(format!("https://hooks.slack.com/commands/T0001/{number}/x"))),
        until: now,
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
        now,
    )
}

async fn put(records: &Records, task: &Task) {
    let now = Timestamp::from_second(TIME).expect("a time");
    let key = task_key(&task.id);
    let written = records.put(&key, task, task.wake_at(), None, Expect::Absent, now).await;
    black_box(written.expect("is stored"));
}

async fn store(rounds: u64) {
    let records = records();
    for number in 0..rounds {
        put(&records, &task(number)).await;
    }
}

async fn load(rounds: u64) {
    let (records, task) = (records(), task(0));
    put(&records, &task).await;
    for _ in 0..rounds {
        let now = Timestamp::from_second(TIME).expect("a time");
        let found = records.get::<Task>(&task_key(&task.id), now).await.expect("is read");
        assert!(black_box(found).is_some());
    }
}

/// The real routes on a store in memory. Nothing carries the tasks on.
async fn whole(rounds: u64, expected: StatusCode) {
    let clock: Clock = Arc::new(|| Timestamp::from_second(TIME).unwrap_or_default());
    let slack = SimSlack::start(Arc::clone(&clock)).await.expect("a port");
    let jules = SimJules::start(Arc::clone(&clock)).await.expect("a port");
    jules.default_sources(KEY);
    let (user, channel) = (slack.user("ann").id().to_owned(), slack.channel("dev"));
    let app = app(Arc::new(MemoryStore::default()), &slack, &jules, KEY, clock).await;
    let router = app.router();
    let secret = if expected == StatusCode::OK { slack.signing_secret() } else { SECRET };
    for number in 0..rounds {
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
        let (time, signature) = sign(secret, &body);
        let request = Request::post("/slack/commands")
            .header("content-type", FORM)
            .header("x-slack-request-timestamp", time)
            .header("x-slack-signature", signature)
            .body(Body::from(body))
            .expect("is a request");
        let answer = router.clone().oneshot(request).await.expect("never fails");
        assert_eq!(answer.status(), expected);
    }
}
