//! The real program between both simulations, in real time: for what a person in Slack waits for.

use crate::first_command::is_taken;
use crate::replica::Replica;
use crate::wire::{Author, Wire};
use crate::world::{self, KEY, Kind};
use jiff::Timestamp;
use kit::redis_server::Server;
use platform::clock::{self, Clock};
use sim::jules::{Account, Op, SimJules};
use sim::slack::{Call, SimSlack};
use slack::inbound::EVENTS;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How often the simulations are looked at.
const OFTEN: Duration = Duration::from_millis(25);

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// After the first page of repositories came, until the program knows them.
const READ: Duration = Duration::from_millis(300);

/// The simulations, the store, and the processes of the program that were started.
pub(crate) struct Stage {
    pub(crate) slack: SimSlack,
    pub(crate) jules: SimJules,
    pub(crate) account: Account,
    pub(crate) author: Arc<Author>,
    pub(crate) replicas: Vec<Replica>,
    clock: Clock,
    store: String,
    _server: Option<Server>,
    _directory: TempDir,
}

impl Stage {
    /// Both simulations and an empty store; no program yet.
    pub(crate) async fn set(kind: Kind) -> Self {
        let clock = clock::system();
        let slack = SimSlack::start(Arc::clone(&clock)).await.expect("a port");
        let jules = SimJules::start(Arc::clone(&clock)).await.expect("a port");
        let account = jules.default_sources(KEY);
        account.limits(usize::MAX, usize::MAX);
        slack.subscribe(EVENTS);
        let author = Arc::new(world::author(&slack, Arc::clone(&clock)));
        let directory = tempfile::tempdir().expect("a directory");
        let server = kind.server();
        let store = match &server {
            Some(server) => server.url("stage"),
            None => format!("file:{}", directory.path().join("jules.redb").display()),
        };
        Self {
            slack,
            jules,
            account,
            author,
            replicas: Vec::new(),
            clock,
            store,
            _server: server,
            _directory: directory,
        }
    }

    /// The same with one program that is ready and knows the repositories.
    pub(crate) async fn start(kind: Kind) -> Self {
        let mut stage = Self::set(kind).await;
        stage.enter().await;
        stage
    }

    /// Starts one more program, and waits until it is ready and knows the repositories. The first one
    /// gets what Slack delivers.
    pub(crate) async fn enter(&mut self) {
        let begun = self.now();
        let settings = world::settings(&self.slack, &self.jules, self.store.clone());
        let replica = Replica::start(settings).await;
        if self.replicas.is_empty() {
            self.slack.deliver_to(&format!("http://{}/slack/events", replica.address));
        }
        self.replicas.push(replica);
        self.until_read(begun).await;
    }

    /// Waits until repositories were read after this time.
    pub(crate) async fn until_read(&self, since: Timestamp) {
        let read = until(PATIENCE, || {
            let calls = self.jules.calls();
            calls.iter().any(|call| call.op == Op::ListSources && call.at >= since).then_some(())
        });
        read.await.expect("the program reads the repositories");
        tokio::time::sleep(READ).await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A command in a channel of its own, acknowledged by the first program; its number.
    pub(crate) async fn command(&self, text: &str) -> u64 {
        let number = self.author.number();
        let request = self.signed(number, text);
        let mut wire = Wire::to(self.replicas[0].address).await.expect("the program listens");
        let answer = wire.ask(&request).await.expect("the program answers");
        assert!(is_taken(&answer), "{}", String::from_utf8_lossy(&answer.body));
        number
    }

    fn signed(&self, number: u64, text: &str) -> Vec<u8> {
        let body = self.author.body(number, &format!("{text} {number}"));
        self.author.sign("/slack/commands", &body, &self.author.mac)
    }

    /// So many tasks, each in a channel of its own, until each has its link; their sessions, all of them
    /// at work.
    pub(crate) async fn tasks(&self, count: usize) -> Vec<Task> {
        for _ in 0..count {
            self.command("repo=AshikNesin/404less branch=main task").await;
        }
        let linked = || {
            let linked = self.slack.calls().into_iter().filter(is_link).count();
            (linked >= count).then(|| self.account.sessions())
        };
        let sessions = until(PATIENCE, linked).await.expect("every task has its link");
        let mut tasks = Vec::new();
        for session in sessions {
            let number = number(&session.prompt).expect("is one of ours");
            let channel = self.channel(number).to_owned();
            let root = self.slack.channel_messages(&channel)[0].ts.clone();
            self.account.progress(&session.id, "Looking around", "");
            tasks.push(Task { session: session.id, channel, root });
        }
        tasks
    }

    /// The channel of the command with this number.
    pub(crate) fn channel(&self, number: u64) -> &str {
        let number = usize::try_from(number).unwrap_or_default();
        &self.author.channels[number % self.author.channels.len()]
    }

    /// How long after `since` these words were posted; `None` when they were not in time.
    pub(crate) async fn heard(
        &self,
        words: &str,
        since: Timestamp,
        patience: Duration,
    ) -> Option<Duration> {
        let posted = || {
            let calls = self.slack.calls().into_iter();
            let mut posts = calls.filter(|call| call.at >= since && is_posted(call));
            posts.find(|call| says(call, words)).map(|call| call.at)
        };
        until(patience, posted).await.map(|at| at.duration_since(since).unsigned_abs())
    }
}

/// A task that runs.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) session: String,
    pub(crate) channel: String,
    pub(crate) root: String,
}

/// The number at the end of what was typed.
pub(crate) fn number(words: &str) -> Option<u64> {
    words.lines().next()?.trim().rsplit(' ').next()?.parse().ok()
}

/// A post that took effect.
pub(crate) fn is_posted(call: &Call) -> bool {
    call.method == "chat.postMessage" && call.did.as_deref() == Some("ok")
}

/// The first message of a thread, with the session's address.
pub(crate) fn is_link(call: &Call) -> bool {
    is_posted(call) && call.args["thread_ts"].is_string() && says(call, "/session/")
}

/// Whether a call carries these words.
pub(crate) fn says(call: &Call, words: &str) -> bool {
    format!("{} {}", call.args["text"], call.args["blocks"]).contains(words)
}

/// Looks again and again until there is something; `None` when there is nothing in time.
pub(crate) async fn until<T>(patience: Duration, look: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if begun.elapsed() > patience {
            return None;
        }
        tokio::time::sleep(OFTEN).await;
    }
}
