//! The whole app in this process, on a store in memory and a clock that is moved by hand: for what takes
//! minutes or hours. What is measured does not depend on the machine.

use crate::wire::{Author, Wire};
use crate::world::KEY;
use jiff::{SignedDuration, Timestamp};
use jules_slack::app::App;
use jules_slack::engine::Engine;
use kit::memory_store::{MemoryStore, app};
use platform::clock::Clock;
use sim::jules::{Account, SimJules};
use sim::slack::{Outcome, SimSlack};
use slack::inbound::EVENTS;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::Store;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How many documents are carried on at once, as in the program.
const AT_ONCE: usize = 64;

/// How far the clock moves at a time while tasks begin.
const STEP: SignedDuration = SignedDuration::from_millis(500);

/// The app, both simulations, and the clock that all of them have.
pub(crate) struct Lab {
    now: Arc<AtomicI64>,
    pub(crate) slack: SimSlack,
    pub(crate) jules: SimJules,
    pub(crate) account: Account,
    app: App,
    address: SocketAddr,
    _server: JoinSet<()>,
}

impl Lab {
    /// A working day's morning; nothing has happened yet.
    pub(crate) async fn start() -> Self {
        Self::start_on(Arc::new(MemoryStore::default())).await
    }

    /// The same on this store.
    pub(crate) async fn start_on(store: Arc<dyn Store>) -> Self {
        let nine: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let now = Arc::new(AtomicI64::new(nine.as_millisecond()));
        let clock = clock_of(&now);
        let slack = SimSlack::start(Arc::clone(&clock)).await.expect("a port");
        let jules = SimJules::start(Arc::clone(&clock)).await.expect("a port");
        let account = jules.default_sources(KEY);
        account.limits(usize::MAX, usize::MAX);
        slack.subscribe(EVENTS);
        let app = app(store, &slack, &jules, KEY, clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut server = JoinSet::new();
        server.spawn(app.serve(listener, CancellationToken::new()));
        slack.deliver_to(&format!("http://{address}/slack/events"));
        Self { now, slack, jules, account, app, address, _server: server }
    }

    /// The clock that all of them have.
    pub(crate) fn clock(&self) -> Clock {
        clock_of(&self.now)
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.app.engine
    }

    pub(crate) fn now(&self) -> Timestamp {
        time(self.now.load(Ordering::Relaxed))
    }

    pub(crate) fn forward(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(0);
        self.now.fetch_add(by, Ordering::Relaxed);
    }

    /// Someone connects an account of their own, which has the repository that tasks ask for.
    pub(crate) async fn connect(&self, name: &str, channel: &str) -> Account {
        let key = format!("AQ.key-of-{name}-alone");
        let account = self.jules.account(&key);
        account.add_source("AshikNesin", "404less").default_branch("main").branches(["main"]);
        account.limits(usize::MAX, usize::MAX);
        let person = self.slack.user(name);
        self.slack.channel(channel);
        self.slack.invite(channel, name);
        let ack = person.types(channel, "/jules key").await.expect("can type there");
        assert!(ack.ok(), "{ack:?}");
        self.follow_ups().await;
        let form = self.slack.open_view(name).expect("the form is open");
        form.fill("API key", &key).await.expect("is there");
        assert_eq!(form.submit().await.expect("is open"), Outcome::Closed);
        self.follow_ups().await;
        self.pump().await;
        account
    }

    /// What comes right after an answer.
    async fn follow_ups(&self) {
        let follow_ups = self.app.engine.follow_ups();
        follow_ups.close();
        follow_ups.wait().await;
        follow_ups.reopen();
    }

    /// Types so many commands, spread over these channels; nothing of them is carried on yet.
    pub(crate) async fn commands(&self, count: usize, channels: &[String]) {
        self.commands_of("ann", count, channels).await;
    }

    /// The same by someone.
    async fn commands_of(&self, name: &str, count: usize, channels: &[String]) {
        let author = Author {
            mac: Author::key(self.slack.signing_secret()),
            clock: clock_of(&self.now),
            team: self.slack.team_id(),
            app: self.slack.app_id(),
            user: self.slack.user(name).id().to_owned(),
            channels: channels.iter().map(|name| self.slack.channel(name)).collect(),
            slack: self.slack.url().trim_end_matches("/api").to_owned(),
            // A number of its own for each command, in every author.
            next: AtomicU64::new(u64::try_from(self.now().as_microsecond()).unwrap_or(0)),
        };
        let mut wire = Wire::to(self.address).await.expect("the program listens");
        for number in 0..count {
            let text = format!("repo=404less branch=main task {number}");
            let answer = wire.ask(&author.command(&text)).await.expect("the program answers");
            assert!(
                crate::first_command::is_taken(&answer),
                "{}",
                String::from_utf8_lossy(&answer.body)
            );
        }
    }

    /// Starts so many tasks in these channels, until each has its session.
    pub(crate) async fn begin(&self, count: usize, channels: &[String]) {
        let wanted = self.account.sessions().len() + count;
        self.commands(count, channels).await;
        // Slack takes one message a second and channel; a task may have to wait for its turn.
        for _ in 0..600 {
            self.pump().await;
            if self.account.sessions().len() == wanted {
                return;
            }
            self.forward(STEP);
        }
        panic!("{} of {wanted} sessions were started", self.account.sessions().len());
    }

    /// Each of these people starts a task on their own account, until each has its session.
    pub(crate) async fn begin_for_each(&self, people: &[(String, Account)], channels: &[String]) {
        for ((name, _), channel) in people.iter().zip(channels.iter().cycle()) {
            self.commands_of(name, 1, std::slice::from_ref(channel)).await;
        }
        for _ in 0..600 {
            self.pump().await;
            if people.iter().all(|(_, account)| !account.sessions().is_empty()) {
                return;
            }
            self.forward(STEP);
        }
        panic!("not everyone has a session on their own account");
    }

    /// Lets this much time pass in steps, carrying on what becomes due; `act` is told the time.
    pub(crate) async fn pass(
        &self,
        length: SignedDuration,
        step: SignedDuration,
        mut act: impl FnMut(Timestamp),
    ) {
        let end = self.now() + length;
        while self.now() < end {
            act(self.now());
            self.pump().await;
            self.forward(step);
        }
    }

    /// Does everything that is due now, and what follows from it.
    pub(crate) async fn pump(&self) {
        for _ in 0..100 {
            self.app.engine.beat().await.expect("the store answers");
            let due = self.app.engine.due(10_000).await.expect("the store answers");
            if due.is_empty() {
                return;
            }
            let mut ticks = JoinSet::new();
            for key in due {
                if ticks.len() >= AT_ONCE {
                    ticks.join_next().await;
                }
                let engine: Arc<Engine> = Arc::clone(&self.app.engine);
                ticks.spawn(async move { engine.tick(&key).await });
            }
            while let Some(ticked) = ticks.join_next().await {
                ticked.expect("nobody panics").expect("the store answers");
            }
        }
        panic!("something is always due");
    }
}

fn clock_of(now: &Arc<AtomicI64>) -> Clock {
    let hands = Arc::clone(now);
    Arc::new(move || time(hands.load(Ordering::Relaxed)))
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
