//! The demo's world: a workspace with the app in it, a Jules account with repositories, and the
//! app's process between them.

use super::bot::Bot;
use super::panel::Panel;
use super::scratch::Scratch;
use crate::config::{Config, JulesConfig, JulesPlan, SlackConfig, StoreConfig};
use platform::clock;
use platform::lock::lock;
use sim::jules::{Account, DEMO_KEY, SimJules, Story};
use sim::slack::{NotThere, SimSlack};
use slack::inbound::EVENTS;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{interval, timeout};

/// Who is in the workspace; the first one types when nobody else is named.
pub(super) const PEOPLE: [&str; 2] = ["ann", "ben"];
/// Its channels; the first one is where things happen when no other is named.
pub(super) const CHANNELS: [&str; 2] = ["dev", "ops"];

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
    pub(super) account: Account,
    scratch: Scratch,
    /// One at a time is begun or ended.
    pub(super) bot: tokio::sync::Mutex<Option<Bot>>,
    address: Mutex<SocketAddr>,
    panel: watch::Sender<Panel>,
}

impl World {
    /// A workspace with its people and channels, an account with the default repositories, and the
    /// app running.
    ///
    /// # Errors
    /// When no loopback port can be had, no temporary directory be made, or the app not be started.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let slack = SimSlack::start(clock::system()).await?;
        for name in CHANNELS {
            slack.channel(name);
        }
        for name in PEOPLE {
            let _ = slack.user(name);
            slack.dm(name);
        }
        slack.subscribe(EVENTS);
        let jules = SimJules::start(clock::system()).await?;
        let account = jules.default_sources(DEMO_KEY);
        account.story(Story::ByPrompt);
        let world = Self {
            slack,
            jules,
            account,
            scratch: Scratch::make()?,
            bot: tokio::sync::Mutex::new(None),
            address: Mutex::new((Ipv4Addr::LOCALHOST, 0).into()),
            panel: watch::Sender::default(),
        };
        world.set_speed(world.panel().speed);
        world.start_bot().await?;
        Ok(world)
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
            *lock(&self.address) = started.address;
            *bot = Some(started);
        }
        drop(bot);
        self.turn(|panel| panel.bot_runs = true);
        Ok(())
    }

    /// Ends the app's process in the middle of whatever it does.
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
        Ok(Config {
            slack: SlackConfig {
                signing_secrets: vec![self.slack.signing_secret().to_owned().into()],
                app_token: None,
                bot_token: self.slack.bot_token().to_owned().into(),
                api_url: self.slack.url().parse()?,
            },
            jules: JulesConfig {
                api_key: DEMO_KEY.to_owned().into(),
                plan: JulesPlan::Free,
                api_url: self.jules.url().parse()?,
            },
            store: StoreConfig {
                key_file: store::key_file(&store),
                url: store.into(),
                encryption_key: None,
            },
            listen: self.address(),
            public_url: None,
        })
    }

    /// Where the app takes requests.
    pub(super) fn address(&self) -> SocketAddr {
        *lock(&self.address)
    }

    /// How the world is set.
    pub(super) fn panel(&self) -> Panel {
        *self.panel.borrow()
    }

    /// Sets something about the world, and lets everybody who looks at it know.
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
            format!("JULES_API_URL={}", self.jules.url()),
            format!("JULES_API_KEY={DEMO_KEY}"),
        ]
        .join("\n")
    }

    /// Somebody types a command.
    ///
    /// # Errors
    /// When Slack would not let them.
    pub(super) async fn types(&self, who: &str, channel: &str, line: &str) -> Result<(), NotThere> {
        self.slack.user(who).types(channel, line).await.map(drop)
    }

    /// Sends events again that the app did not take, when it is time for that. Never ends.
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
