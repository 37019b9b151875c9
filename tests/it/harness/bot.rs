//! The real app on the simulated Slack and Jules, pumped by the test.
//!
//! Nothing runs by itself here: no scheduler, a clock that stands. A test says what a person does,
//! calls [`Bot::settle`], and looks at the screen.

use super::clock::Hands;
use super::fault_store::Switch;
use super::github::ReadOnly;
use super::look::without_names;
use super::process::Replica;
use domain::repo::Source;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use jules_slack::app::Timeouts;
use jules_slack::config::{Config, GitHubConfig, JulesConfig, JulesPlan, SlackConfig, StoreConfig};
use jules_slack::engine::Engine;
use jules_slack::socket;
use jules_slack::web;
use kit::redis_server::{Server, namespace};
use redb::{Database, TableDefinition};
use serde_json::Value;
use sim::github::SimGitHub;
use sim::jules::{Account, SimJules};
use sim::slack::{Ack, SimSlack};
use slack::connector::Deadlines;
use slack::inbound::EVENTS;
use std::sync::Arc;
use std::time::Duration;
use store::{self, Key, Store};
use tempfile::TempDir;

/// The key of the account that the bot uses.
pub(crate) const KEY: &str = "AQ.key-of-the-team";

/// The signing secret before Slack's own: it is being rolled, and both count.
pub(crate) const OLD_SECRET: &str = "0ld0000simulated0000signing0000";

/// A document in a file: revision, wake-up time, expiry, body.
pub(crate) type StoredDocument = (u64, Option<i64>, Option<i64>, &'static [u8]);

/// The documents in a file.
pub(crate) const DOCUMENTS: TableDefinition<'_, &str, StoredDocument> =
    TableDefinition::new("documents");

/// Where a test's documents are kept.
pub(crate) struct Place {
    url: String,
    _directory: TempDir,
    _server: Option<Arc<Server>>,
}

impl Place {
    /// A file of its own.
    pub(crate) fn file() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("file:{}", directory.path().join("jules.redb").display());
        Self { url, _directory: directory, _server: None }
    }

    /// A namespace of its own on a Redis that tests share.
    pub(crate) fn redis() -> Self {
        let server = Server::shared();
        let directory = tempfile::tempdir().expect("a directory");
        let url = server.url(&namespace());
        Self { url, _directory: directory, _server: Some(server) }
    }

    /// How many seconds it takes at most until a process that begins goes on with what one was at that
    /// died just before.
    pub(crate) fn heir_begins_within(&self) -> u32 {
        if self.url.starts_with("redis") { 10 } else { 2 }
    }

    /// As the setting `STORE` has it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Takes documents out of the store behind its back, so that their names stay due. Nobody may have a file open.
    pub(crate) fn loses(&self, keys: &[Key]) {
        if let Some((_, namespace)) = self.url.split_once("?namespace=") {
            let mut connection = Server::shared().connection();
            for key in keys {
                let document = format!("{{{namespace}}}:doc:{key}");
                redis::cmd("DEL").arg(document).exec(&mut connection).expect("is gone");
            }
            return;
        }
        let path = self.url.strip_prefix("file:").expect("a file");
        let database = Database::open(path).expect("nobody has it open");
        let writing = database.begin_write().expect("begins");
        {
            let mut documents = writing.open_table(DOCUMENTS).expect("a table");
            for key in keys {
                documents.remove(key.as_str()).expect("is gone");
            }
        }
        writing.commit().expect("commits");
    }
}

/// The bot and its world.
pub(crate) struct Bot {
    pub(crate) slack: SimSlack,
    pub(crate) jules: SimJules,
    /// GitHub, once the bot sees it.
    pub(crate) github: Option<ReadOnly>,
    github_token: Option<&'static str>,
    pub(crate) hands: Hands,
    pub(crate) place: Place,
    /// Switches the store off and on.
    pub(crate) store: Switch,
    /// The key that seals secrets, as the setting `ENCRYPTION_KEY` has it.
    pub(crate) sealing_key: &'static str,
    /// Puts something between the app and its store: a fault, a count.
    wrap: Wrap,
    transport: Transport,
    patience: Timeouts,
    replica: Option<Replica>,
}

/// How Slack delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Socket,
}

impl Transport {
    /// As the run was asked for: `TRANSPORT=socket`, or over HTTP.
    pub(crate) fn of_run() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a parameter of the run, not of the program")]
        match std::env::var("TRANSPORT").as_deref() {
            Ok("socket") => Self::Socket,
            Ok(other) => panic!("TRANSPORT={other}: it is `socket`, or not set"),
            Err(_) => Self::Http,
        }
    }
}

/// What a test puts around the store.
pub(crate) type Wrap = Arc<dyn Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync>;

impl Bot {
    /// A running bot: `#dev` has ann, ben and the bot in it, Jules has the default repositories.
    pub(crate) async fn new(place: Place) -> Self {
        Self::with_store(place, Arc::new(|store| store)).await
    }

    /// The same, delivered to like this.
    pub(crate) async fn delivered_to(place: Place, transport: Transport) -> Self {
        Self::set_up(place, Arc::new(|store| store), transport).await
    }

    /// The same, delivered to over Socket Mode; no request over HTTP would be believed.
    pub(crate) async fn over_a_socket(place: Place) -> Self {
        Self::set_up(place, Arc::new(|store| store), Transport::Socket).await
    }

    /// The same, with something around its store.
    pub(crate) async fn with_store(place: Place, wrap: Wrap) -> Self {
        Self::set_up(place, wrap, Transport::Http).await
    }

    /// The same, delivered to like this.
    pub(crate) async fn set_up(place: Place, wrap: Wrap, transport: Transport) -> Self {
        Self::with_patience(place, wrap, transport, impatient()).await
    }

    /// The same, as patient as `serve` is: a slow machine is not one more failure. Not for a test in
    /// which something hangs.
    pub(crate) async fn patient(place: Place) -> Self {
        let plain = Arc::new(|store| store);
        Self::with_patience(place, plain, Transport::Http, Timeouts::default()).await
    }

    /// The same, but one of several readings that's late isn't waited for long.
    pub(crate) async fn patient_but_with(place: Place, linger: Duration) -> Self {
        let jules = jules::Timeouts { linger, ..jules::Timeouts::default() };
        let patience = Timeouts { jules, ..Timeouts::default() };
        Self::with_patience(place, Arc::new(|store| store), Transport::Http, patience).await
    }

    async fn with_patience(
        place: Place,
        wrap: Wrap,
        transport: Transport,
        patience: Timeouts,
    ) -> Self {
        let hands = Hands::at_nine();
        let slack = SimSlack::start(hands.world()).await.expect("a port");
        let jules = SimJules::start(hands.world()).await.expect("a port");
        jules.default_sources(KEY);
        slack.channel("dev");
        slack.subscribe(EVENTS);
        for name in ["ann", "ben"] {
            slack.invite("dev", name);
        }
        let store = Switch::default();
        let mut bot = Self {
            slack,
            jules,
            github: None,
            github_token: None,
            hands,
            place,
            store,
            sealing_key: SEALING_KEY,
            wrap,
            transport,
            patience,
            replica: None,
        };
        bot.start().await;
        bot
    }

    /// From now on it asks the simulated GitHub, with this token or none.
    pub(crate) async fn sees_github(&mut self, token: Option<&'static str>) {
        self.kill().await;
        if self.github.is_none() {
            self.github = Some(ReadOnly::start(self.hands.world()).await);
        }
        self.github_token = token;
        self.start().await;
        let url = format!("{}/github/events", self.url());
        self.github().hook(&url, WEBHOOK_SECRET);
    }

    pub(crate) fn github(&self) -> &SimGitHub {
        self.github.as_ref().expect("the bot sees GitHub")
    }

    /// The account that the bot uses.
    pub(crate) fn account(&self) -> Account {
        self.jules.account(KEY)
    }

    /// Starts a process on what is stored; it knows Slack and has read the repositories.
    pub(crate) async fn start(&mut self) {
        let replica = self.young_replica().await;
        self.make_ready(&replica).await;
        self.slack.deliver_to(&format!("{}/slack/events", replica.url));
        self.replica = Some(replica);
    }

    /// One more process of the app that has only just started: it has asked nobody anything.
    pub(crate) async fn young_replica(&self) -> Replica {
        let replica = self.unconnected_replica().await;
        replica.connected().await;
        replica
    }

    /// The same, not waited for until Slack can deliver to it.
    pub(crate) async fn unconnected_replica(&self) -> Replica {
        self.launch(self.transport).await
    }

    async fn launch(&self, transport: Transport) -> Replica {
        let store = store::open(&self.place.url).expect("the store opens");
        let store = self.store.before((self.wrap)(store));
        let config = self.config(transport);
        Replica::launch(store, config, self.patience.clone(), self.hands.clock()).await
    }

    /// Sets the bot's own clock ahead of everybody else's, or right again.
    pub(crate) fn set_clock_ahead(&self, by: SignedDuration) {
        self.hands.set_ahead(by);
    }

    /// One more process of the app, ready, that nothing is delivered to yet.
    pub(crate) async fn replica(&self) -> Replica {
        let replica = self.launch(Transport::Http).await;
        self.make_ready(&replica).await;
        replica
    }

    async fn make_ready(&self, replica: &Replica) {
        let now = self.hands.now();
        let ready = replica.run(|engine| async move {
            // Asked again as `serve` does: a machine with much to do may let a time-out pass.
            let mut tries = 1..=3;
            while let Err(error) = engine.learn_identity().await {
                assert!(tries.next().is_some(), "Slack does not say who we are: {error}");
            }
            engine.read_sources(now).await;
        });
        ready.await.expect("lives");
    }

    fn config(&self, transport: Transport) -> Config {
        let (signing_secrets, app_token) = match transport {
            Transport::Http => {
                let secrets = [OLD_SECRET, self.slack.signing_secret()];
                (secrets.map(|secret| secret.to_owned().into()).to_vec(), None)
            }
            Transport::Socket => (Vec::new(), Some(self.slack.app_token().to_owned().into())),
        };
        let slack = SlackConfig {
            signing_secrets,
            app_token,
            bot_token: Some(self.slack.bot_token().to_owned().into()),
            oauth: None,
            api_url: self.slack.url().parse().expect("an address"),
        };
        let jules = JulesConfig {
            api_key: Some(KEY.to_owned().into()),
            plan: JulesPlan::Free,
            api_url: self.jules.url().parse().expect("an address"),
        };
        let store = StoreConfig {
            url: self.place.url.clone().into(),
            encryption_key: Some(self.sealing_key.to_owned().into()),
            key_file: None,
        };
        let github = self.github.as_ref().map(|github| GitHubConfig {
            token: self.github_token.map(|token| token.to_owned().into()),
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned().into()],
            api_url: github.url().parse().expect("an address"),
        });
        Config { github, ..Config::of(slack, jules, store) }
    }

    /// The process dies where it stands; what it has stored stays, and its file is free.
    pub(crate) async fn kill(&mut self) {
        if let Some(replica) = self.replica.take() {
            replica.kill().await;
        }
        if self.transport == Transport::Socket {
            self.until("its connections are gone", |slack| slack.sockets().is_empty()).await;
        }
    }

    /// Waits until Slack has seen something happen.
    pub(crate) async fn until(&self, what: &str, happened: impl Fn(&SimSlack) -> bool) {
        let mut changes = self.slack.changes();
        let seen = async {
            while !happened(&self.slack) {
                changes.changed().await.expect("Slack is there");
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        seen.unwrap_or_else(|_| panic!("never: {what}\n{:#?}", self.slack.socket_log()));
    }

    /// The process that is delivered to.
    pub(crate) fn running(&self) -> &Replica {
        self.replica.as_ref().expect("the bot runs")
    }

    /// The connected repositories, as last read; `None` before the first reading.
    pub(crate) fn sources(&self) -> Option<Arc<[Source]>> {
        self.engine().accounts().first().expect("it has an account").source_cache().sources()
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.running().engine
    }

    /// What the running process has logged.
    pub(crate) fn logged(&self) -> String {
        self.replica.as_ref().expect("the bot runs").log.text()
    }

    /// The address that the running process listens on.
    pub(crate) fn url(&self) -> &str {
        &self.running().url
    }

    /// Does everything that is due now, and everything that follows from it.
    pub(crate) async fn settle(&self) {
        self.running().settle().await;
    }

    /// Lets time pass, from each wake-up in the store to the next, until nothing waits any more.
    pub(crate) async fn rest(&self) {
        self.rest_on(&[self.running()]).await;
    }

    /// The same with these processes, all at once.
    pub(crate) async fn rest_on(&self, replicas: &[&Replica]) {
        for _ in 0..MOST_ROUNDS {
            join_all(replicas.iter().map(|replica| replica.settle())).await;
            match self.next_wake(replicas[0]).await {
                Some(at) => self.hands.forward_to(at),
                None => return,
            }
        }
        panic!("it does not come to rest:\n{}", self.screen("dev"));
    }

    /// When the next document wants to be looked at that has something to do. A session that goes on
    /// is looked at for ever, and so is the clock on its card: that is not waited for, and nobody is
    /// reminded.
    pub(crate) async fn next_wake(&self, replica: &Replica) -> Option<Timestamp> {
        self.wake_of(replica, |key, body| {
            let quiet = body["outbox"].as_array().is_some_and(|outbox| {
                outbox.iter().all(|entry| {
                    entry["effect"] == "refresh_elapsed" || entry["effect"] == "remind"
                })
            });
            key.starts_with("session/") || key.starts_with("pull/") || quiet
        })
        .await
    }

    /// When the first document of all wakes, but for those that are left out.
    async fn wake_of(
        &self,
        replica: &Replica,
        left_out: fn(&str, &Value) -> bool,
    ) -> Option<Timestamp> {
        let now = self.hands.now();
        let wake = replica.run(move |engine| async move {
            let store = engine.store();
            let (mut wakes, mut pass) = (Vec::new(), None);
            for key in store.list("", None, 10_000, now).await.expect("the store answers") {
                let live = store.get(&key, now).await.expect("the store answers");
                let Some((_, doc)) = live else { continue };
                // One that a test has spoilt is nothing in particular.
                let body = serde_json::from_slice(&doc.body).unwrap_or_default();
                pass = pass.max(no_pass_before(key.as_str(), &body));
                let wake = doc.wake_at.filter(|_| !left_out(key.as_str(), &body));
                wakes.extend(wake.map(|wake| (key.as_str().starts_with("session/"), wake)));
            }
            let when = |(is_session, wake): (bool, Timestamp)| {
                pass.filter(|_| is_session).map_or(wake, |pass| wake.max(pass))
            };
            wakes.into_iter().map(when).min()
        });
        wake.await.flatten()
    }

    /// Nobody holds a lease: what a process died over was taken up.
    pub(crate) async fn assert_nothing_is_held(&self) {
        let now = self.hands.now();
        let held = self.running().run(move |engine| async move {
            let store = engine.store();
            let mut held = Vec::new();
            for key in store.list("", None, 10_000, now).await.expect("the store answers") {
                let live = store.get(&key, now).await.expect("the store answers");
                let Some((_, doc)) = live else { continue };
                let body: Value = serde_json::from_slice(&doc.body).expect("is JSON");
                // A pass takes a dead process's lease when a session is due, which has a wake-up of its own.
                if body["lease"].is_object() && !key.as_str().starts_with("watch/") {
                    held.push(format!("{key}: {body}"));
                }
            }
            held
        });
        let held = held.await.expect("lives");
        assert!(held.is_empty(), "still held by a dead process at {now}: {held:#?}");
    }

    /// When the first document of all wakes.
    pub(crate) async fn any_wake(&self) -> Option<Timestamp> {
        self.wake_of(self.running(), |_, _| false).await
    }

    /// Lets Jules be looked at until nothing new is found in so many seconds.
    pub(crate) async fn watch(&self, seconds: i64) {
        let end = self.hands.now() + SignedDuration::from_secs(seconds);
        self.settle().await;
        while let Some(at) = self.any_wake().await {
            if at > end {
                break;
            }
            self.hands.forward_to(at);
            self.settle().await;
        }
        self.hands.forward_to(end);
        self.settle().await;
    }

    /// Lets so many seconds pass, one by one, doing what becomes due.
    pub(crate) async fn pass(&self, seconds: u32) {
        for _ in 0..seconds {
            self.hands.forward(SignedDuration::from_secs(1));
            self.settle().await;
        }
    }

    /// Someone types something in `#dev`; everything that follows at once is done.
    pub(crate) async fn types(&self, name: &str, text: &str) -> Ack {
        self.types_in(name, "dev", text).await
    }

    /// The same in another channel.
    pub(crate) async fn types_in(&self, name: &str, channel: &str, text: &str) -> Ack {
        let ack = self.slack.user(name).types(channel, text).await.expect("can type there");
        assert!(ack.ok(), "the command failed: {ack:?}");
        self.settle().await;
        ack
    }

    /// Someone presses a button on the newest message in `#dev` that has it.
    pub(crate) async fn clicks(&self, name: &str, label: &str) {
        self.clicks_in(name, "dev", label).await;
    }

    /// The same in another channel.
    pub(crate) async fn clicks_in(&self, name: &str, channel: &str, label: &str) {
        let ack = self.slack.user(name).clicks(channel, "", label).await.expect("is there");
        assert!(ack.ok(), "the click failed: {ack:?}");
        self.settle().await;
    }

    /// The channel as a person sees it, without the names of tasks.
    pub(crate) fn screen(&self, channel: &str) -> String {
        without_names(&self.slack.screen(channel))
    }

    /// From now on the access file says this.
    pub(crate) fn rules(&self, text: &str) {
        let policy = jules_slack::config::parse_access(text).expect("a file without mistakes");
        self.engine().set_policy(policy);
    }

    /// How often a method of Slack's was called.
    pub(crate) fn slack_calls(&self, method: &str) -> usize {
        self.slack.calls().iter().filter(|call| call.method == method).count()
    }
}

/// When the next pass over an account may begin, as its document says: no session is looked at before.
fn no_pass_before(key: &str, body: &Value) -> Option<Timestamp> {
    if !key.starts_with("watch/") {
        return None;
    }
    let times = [&body["rest"], &body["lease"]["until"]];
    times.iter().filter_map(|time| time.as_str()?.parse().ok()).max()
}

/// Far more rounds than anything takes; only there so that a broken test ends.
const MOST_ROUNDS: usize = 500;

/// Far longer than anything over a connection takes; only there so that a broken test ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// What signs GitHub's webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "hook-of-the-team";

/// 32 bytes.
const SEALING_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The clients give up soon, so that a test with a silent server takes no time to speak of.
fn impatient() -> Timeouts {
    let soon = Duration::from_millis(300);
    Timeouts {
        slack: Deadlines { connect: soon, total: soon },
        jules: jules::Timeouts {
            connect: soon,
            answer: soon,
            list_answer: soon,
            body_idle: soon,
            body: soon,
            list_body: soon,
            ..jules::Timeouts::default()
        },
        github: github::Timeouts {
            connect: soon,
            answer: soon,
            body: soon,
            ..github::Timeouts::default()
        },
        socket: socket::Timeouts::default(),
        web: web::ClientLimits::default(),
        drain: soon,
    }
}

/// Stamps stories for both stores, and the first of them once more with Slack delivering over Socket Mode:
/// `stories! { async fn name(mut bot: Bot) { … } }`. A run with `TRANSPORT=socket` delivers all of them so.
macro_rules! stories {
    (
        $(#[$doc:meta])* async fn $first:ident($($bot:ident)+: Bot) $story:block
        $($rest:tt)*
    ) => {
        $(#[$doc])*
        async fn $first($($bot)+: $crate::harness::bot::Bot) $story

        mod $first {
            use $crate::harness::bot::{Bot, Place, Transport};

            #[tokio::test]
            async fn on_a_file() {
                let transport = Transport::of_run();
                Box::pin(super::$first(Bot::delivered_to(Place::file(), transport).await)).await;
            }

            #[tokio::test]
            async fn on_redis() {
                let transport = Transport::of_run();
                Box::pin(super::$first(Bot::delivered_to(Place::redis(), transport).await)).await;
            }

            #[tokio::test]
            async fn over_a_socket() {
                Box::pin(super::$first(Bot::over_a_socket(Place::file()).await)).await;
            }
        }

        $crate::harness::bot::stories_on_stores! {
            $crate::harness::bot::Transport::of_run(), $($rest)*
        }
    };
}
pub(crate) use stories;

/// Stamps stories for both stores that are about requests: statuses, signatures, bodies.
macro_rules! stories_over_http {
    ($($stories:tt)*) => {
        $crate::harness::bot::stories_on_stores! {
            $crate::harness::bot::Transport::Http, $($stories)*
        }
    };
}
pub(crate) use stories_over_http;

/// Stamps stories for both stores, with Slack delivering like this.
macro_rules! stories_on_stores {
    (
        $transport:expr,
        $($(#[$doc:meta])* async fn $name:ident($($bot:ident)+: Bot) $story:block)*
    ) => {$(
        $(#[$doc])*
        async fn $name($($bot)+: $crate::harness::bot::Bot) $story

        mod $name {
            use $crate::harness::bot::{Bot, Place};

            #[tokio::test]
            async fn on_a_file() {
                Box::pin(super::$name(Bot::delivered_to(Place::file(), $transport).await)).await;
            }

            #[tokio::test]
            async fn on_redis() {
                Box::pin(super::$name(Bot::delivered_to(Place::redis(), $transport).await)).await;
            }
        }
    )*};
}
pub(crate) use stories_on_stores;
