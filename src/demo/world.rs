//! The demo's world: a workspace with the app in it, a Jules account with repositories, and the
//! app's process between them.

use super::bot::Bot;
use super::offers::Offers;
use super::panel::{JulesIs, OnGitHub, Panel};
use super::scratch::Scratch;
use crate::config::{Config, GitHubConfig, JulesConfig, SlackConfig, StoreConfig};
use jiff::{SignedDuration, Timestamp};
use platform::clock;
use platform::lock::lock;
use sim::github::SimGitHub;
use sim::jules::{Account, DEMO_KEY, Origin, SimJules, Story};
use sim::slack::{NotThere, SimSlack};
use slack::inbound::EVENTS;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{interval, timeout};

/// Who is in the workspace; the first one types when no one else is named.
pub(super) const PEOPLE: [&str; 3] = ["ann", "ben", GUEST];
/// What signs the demo's webhooks.
const WEBHOOK_SECRET: &str = "webhooks-of-the-demo";
/// Who manages the workspace.
const MANAGER: &str = "ben";
/// Who is a guest in it.
const GUEST: &str = "gus";
/// Its channels; the first one is where things happen when no other is named.
pub(super) const CHANNELS: [&str; 2] = ["dev", "ops"];

/// What someone is in the workspace, if not a member like others.
pub(super) fn role(who: &str) -> Option<&'static str> {
    match who {
        MANAGER => Some("admin"),
        GUEST => Some("guest"),
        _ => None,
    }
}

/// What people wrote before the demo began: who, where, how many minutes ago, and what.
const BEFORE: [(&str, &str, i64, &str); 3] = [
    (
        "ben",
        "dev",
        26 * 60,
        "I keep looking for the website in frontend. Can we rename the folder?",
    ),
    ("ann", "dev", 26 * 60 - 4, "Yes please. It's tedious, so I'll give it to Jules tomorrow."),
    ("ben", "ops", 25 * 60, "The old API had no calls for 90 days, apart from the nightly export."),
];

/// The last thing before the demo began.
const LAST: &str = "People keep asking for a dark mode, too.";
/// A bug report in the first channel and its answers: who, how many minutes ago, and what.
const REPORT: [(&str, i64, &str); 3] = [
    ("ben", 42, "The login page of boba-web stays blank in Safari 17. Chrome is fine."),
    ("ann", 40, "Same here. The console says `TypeError: session is undefined` in `login.ts`."),
    ("ben", 37, "It started with Friday's release, when we moved the session to a cookie. :eyes:"),
];
/// What someone gave Jules on its own page, on which source, and what Jules asks about it.
const ELSEWHERE: (&str, &str, &str) = (
    "Add a favicon to the start page",
    "sources/github/bobalover/boba-web",
    "There are two logos, a *cup* and a *straw*. Which one should be the favicon?",
);

/// How often Slack's retries of events are looked after.
const RETRIES: Duration = Duration::from_secs(1);
/// The screen is calm when nothing changed for this long.
const CALM: Duration = Duration::from_millis(400);
/// It is shown after this long even if it never is.
const LONGEST: Duration = Duration::from_secs(5);

/// Everything around the app, and the app. It stops when it is dropped, and leaves nothing.
pub(super) struct World {
    pub(super) slack: SimSlack,
    pub(super) jules: SimJules,
    github: SimGitHub,
    pub(super) account: Account,
    scratch: Scratch,
    /// One at a time is started or ended.
    pub(super) bot: tokio::sync::Mutex<Option<Bot>>,
    address: Mutex<SocketAddr>,
    panel: watch::Sender<Panel>,
    /// What the app has in Slack.
    pub(super) offers: Offers,
    /// The message of the bug report.
    report: Mutex<String>,
    /// A session that began in Jules itself.
    elsewhere: Mutex<Option<String>>,
}

impl World {
    /// A workspace with its people and channels, an account with the default repositories, and the
    /// app running.
    ///
    /// # Errors
    /// When no loopback port can be had, no temporary directory be made, or the app not be started.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let slack = SimSlack::start(clock::system()).await?;
        let jules = SimJules::start(clock::system()).await?;
        let github = SimGitHub::start(clock::system()).await?;
        let account = jules.account(DEMO_KEY);
        let world = Self {
            slack,
            jules,
            github,
            account,
            scratch: Scratch::make()?,
            bot: tokio::sync::Mutex::new(None),
            address: Mutex::new((Ipv4Addr::LOCALHOST, 0).into()),
            panel: watch::Sender::default(),
            offers: Offers::of_the_app()?,
            report: Mutex::default(),
            elsewhere: Mutex::default(),
        };
        world.furnish();
        world.start_bot().await?;
        Ok(world)
    }

    /// People, channels, what was written before, and the account's repositories; all as the panel says.
    fn furnish(&self) {
        for name in CHANNELS {
            self.slack.channel(name);
        }
        for name in PEOPLE {
            let _ = self.slack.user(name);
            self.slack.dm(name);
        }
        self.slack.make_admin(MANAGER);
        self.slack.make_guest(GUEST);
        for (who, channel, minutes, words) in BEFORE {
            let at = before(clock::system()(), minutes);
            // Everyone is in every channel.
            let _ = self.slack.user(who).said_at(channel, None, words, at);
        }
        self.report_a_bug();
        let now = before(clock::system()(), 3);
        let _ = self.slack.user(PEOPLE[1]).said_at(CHANNELS[0], None, LAST, now);
        self.slack.subscribe(EVENTS);
        self.slack.home_tab(self.offers.home);
        self.slack.messages_tab(self.offers.messages);
        self.slack.leaves_socket_mode_with_the_last_connection();
        self.jules.default_sources(DEMO_KEY).story(Story::ByPrompt);
        self.github.has_every_pull_request();
        self.set_speed(self.panel().speed);
        self.limit();
        *lock(&self.elsewhere) = self.offers.follows.then(|| self.begin_elsewhere());
    }

    /// A session of Jules' own page, in which Jules has asked something.
    fn begin_elsewhere(&self) -> String {
        let (prompt, source, question) = ELSEWHERE;
        let session = self.account.add_foreign_session(Origin::Web, prompt, source);
        self.account.ask_then_finish(&session, question);
        session
    }

    /// The bug report and its answers.
    fn report_a_bug(&self) {
        let mut root: Option<String> = None;
        for (who, minutes, words) in REPORT {
            let at = before(clock::system()(), minutes);
            let said = self.slack.user(who).said_at(CHANNELS[0], root.as_deref(), words, at);
            root = root.or(said.ok());
        }
        *lock(&self.report) = root.unwrap_or_default();
    }

    /// The message of the bug report, by its `ts`.
    pub(super) fn report(&self) -> String {
        lock(&self.report).clone()
    }

    /// A session that began in Jules itself, where the app can follow one.
    pub(super) fn elsewhere(&self) -> Option<String> {
        lock(&self.elsewhere).clone()
    }

    /// Forgets everything that happened, on both sides and in the bot, and begins again.
    ///
    /// # Errors
    /// As [`World::start`], and when someone else took Jules' port while it was down.
    pub(super) async fn start_over(&self) -> anyhow::Result<()> {
        self.kill_bot().await;
        self.set_jules(JulesIs::Well).await?;
        self.slack.reset();
        self.jules.reset();
        self.github.reset();
        self.scratch.empty()?;
        self.turn(|panel| *panel = Panel::default());
        self.furnish();
        self.start_bot().await
    }

    /// Ends the app's process and starts another one, as for a changed setting.
    ///
    /// # Errors
    /// As [`Bot::start`].
    pub(super) async fn restart_bot(&self) -> anyhow::Result<()> {
        self.kill_bot().await;
        self.start_bot().await
    }

    /// Starts the app on what it stored before, unless it runs.
    ///
    /// # Errors
    /// As [`Bot::start`].
    pub(super) async fn start_bot(&self) -> anyhow::Result<()> {
        let mut bot = self.bot.lock().await;
        if bot.is_none() {
            let started = Bot::start(self.config()?).await?;
            self.slack.deliver_to(&format!("http://{}/slack/events", started.address));
            let hook = format!("http://{}/github/events", started.address);
            self.github.hook(&hook, WEBHOOK_SECRET);
            *lock(&self.address) = started.address;
            *bot = Some(started);
        }
        drop(bot);
        self.turn(|panel| panel.bot_runs = true);
        Ok(())
    }

    /// Ends the app's process in the middle of what it does.
    pub(super) async fn kill_bot(&self) {
        let mut bot = self.bot.lock().await;
        if let Some(running) = bot.take() {
            running.kill().await;
        }
        drop(bot);
        self.turn(|panel| panel.bot_runs = false);
    }

    fn config(&self) -> anyhow::Result<Config> {
        let store = format!("file:{}", self.scratch.path().join("jules.redb").display());
        let slack = SlackConfig {
            signing_secrets: vec![self.slack.signing_secret().to_owned().into()],
            app_token: None,
            bot_token: Some(self.slack.bot_token().to_owned().into()),
            oauth: None,
            api_url: self.slack.url().parse()?,
        };
        let jules = JulesConfig {
            api_key: Some(DEMO_KEY.to_owned().into()),
            plan: self.panel().plan,
            api_url: self.jules.url().parse()?,
        };
        let github = GitHubConfig {
            token: None,
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned().into()],
            api_url: self.github.url().parse()?,
        };
        let store = StoreConfig {
            key_file: store::key_file(&store),
            url: store.into(),
            encryption_key: None,
        };
        Ok(Config {
            github: Some(github),
            listen: self.address(),
            ..Config::of(slack, jules, store)
        })
    }

    /// Something happens to the newest pull request, and GitHub says so by a webhook.
    pub(super) async fn on_github(&self, what: OnGitHub) {
        let Some(pull) = self.github.newest() else { return };
        let event = match what {
            OnGitHub::Review => {
                let comment = ("README.md", 3, "Please mention the old name here.");
                pull.review(MANAGER, "CHANGES_REQUESTED", "Almost there, one thing.", &[comment]);
                "pull_request_review"
            }
            OnGitHub::Approval => {
                pull.review(MANAGER, "APPROVED", "", &[]);
                "pull_request_review"
            }
            OnGitHub::Push => {
                pull.push();
                "pull_request"
            }
            OnGitHub::Merge => {
                pull.merge(MANAGER);
                "pull_request"
            }
        };
        if let Some(delivery) = self.github.delivery(event, &pull) {
            // Nobody listens while the bot is killed, and GitHub sends it once.
            let _ = delivery.send().await;
        }
    }

    /// Where the app accepts requests.
    pub(super) fn address(&self) -> SocketAddr {
        *lock(&self.address)
    }

    /// How the world is set.
    pub(super) fn panel(&self) -> Panel {
        *self.panel.borrow()
    }

    /// Sets something about the world, and tells everyone who watches it.
    pub(super) fn turn(&self, turn: impl FnOnce(&mut Panel)) {
        self.panel.send_modify(turn);
    }

    /// Changes when the panel does.
    pub(super) fn turned(&self) -> watch::Receiver<Panel> {
        self.panel.subscribe()
    }

    /// The settings that point any client at the simulated APIs, one on each line, as a shell reads
    /// them.
    pub(super) fn settings(&self) -> String {
        let slack = &self.slack;
        [
            format!("SLACK_API_URL={}", slack.url()),
            format!("SLACK_BOT_TOKEN={}", slack.bot_token()),
            format!("SLACK_SIGNING_SECRET={}", slack.signing_secret()),
            format!("SLACK_APP_TOKEN={}", slack.app_token()),
            format!("JULES_API_URL={}", self.jules.url()),
            format!("JULES_API_KEY={DEMO_KEY}"),
        ]
        .join("\n")
    }

    /// Someone types a command.
    ///
    /// # Errors
    /// When Slack would not let them.
    pub(super) async fn types(&self, who: &str, channel: &str, line: &str) -> Result<(), NotThere> {
        self.slack.user(who).types(channel, line).await.map(drop)
    }

    /// Sends events again that the app didn't accept, when it's time for that. Never ends.
    pub(super) async fn carry_on(&self) {
        let now = clock::system();
        let mut rounds = interval(RETRIES);
        loop {
            rounds.tick().await;
            self.slack.deliver_events().await;
            self.slack.deliver_retries(now()).await;
        }
    }

    /// The channel and its threads as text, once what was begun has shown.
    pub(super) async fn screen(&self, channel: &str) -> String {
        let mut changes = self.slack.changes();
        let calm = async { while let Ok(Ok(())) = timeout(CALM, changes.changed()).await {} };
        let _ = timeout(LONGEST, calm).await;
        self.slack.screen(channel)
    }

    /// Waits until a session's link is in a thread.
    pub(super) async fn link_in_thread(&self) {
        let mut changes = self.slack.changes();
        while !self.has_link_in_thread() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn has_link_in_thread(&self) -> bool {
        self.slack.calls().iter().any(|call| {
            let posted = call.method == "chat.postMessage" && call.did.as_deref() == Some("ok");
            let text = call.args["text"].as_str().unwrap_or_default();
            posted && call.args["thread_ts"].is_string() && text.contains("/session/")
        })
    }
}

/// So many minutes earlier.
fn before(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now)
}
