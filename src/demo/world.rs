//! The demo's world: a workspace with the app in it, a Jules account with repositories, and the app
//! between them.

use super::scratch::Scratch;
use crate::app::{App, Patience};
use crate::clock;
use crate::config::{Config, JulesConfig, SlackConfig, StoreConfig};
use crate::sim::jules::{DEMO_KEY, Pace, SimJules, Story};
use crate::sim::slack::{NotThere, SimSlack};
use crate::store;
use anyhow::Context;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// Who types when nobody else is named.
pub(super) const ANN: &str = "ann";
/// Where, when no other channel is named.
pub(super) const DEV: &str = "dev";

/// Each step of a simulated session takes this long.
const STEP: Duration = Duration::from_secs(2);
/// The screen is calm when nothing changed for this long.
const CALM: Duration = Duration::from_millis(400);
/// It is shown after this long even if it never is.
const LONGEST: Duration = Duration::from_secs(5);

/// Everything around the app. It stops when it is dropped, and leaves nothing.
pub(super) struct World {
    slack: SimSlack,
    jules: SimJules,
    scratch: Scratch,
}

impl World {
    /// A workspace with ann and ben in `#dev`, and an account with the default repositories.
    ///
    /// # Errors
    /// When no loopback port can be had, or no temporary directory be made.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let slack = SimSlack::start(clock::system()).await?;
        for name in [ANN, "ben"] {
            let _ = slack.user(name);
        }
        slack.channel(DEV);
        let jules = SimJules::start(clock::system()).await?;
        jules.default_sources(DEMO_KEY).pace(Pace::Every(STEP)).story(Story::ByPrompt);
        Ok(Self { slack, jules, scratch: Scratch::make()? })
    }

    /// The app, to be served at `address`; it knows Slack and has read the repositories, so that
    /// the first command is not the one that waits for that.
    ///
    /// # Errors
    /// As [`App::build`], and when the simulated Slack does not answer.
    pub(super) async fn app(&self, address: SocketAddr) -> anyhow::Result<App> {
        let clock = clock::system();
        let config = self.config(address)?;
        let app = App::build(&config, &Patience::default(), clock.clone(), None)?;
        app.engine.learn_identity().await.context(
            "the simulated Slack was not reached; where HTTP_PROXY is set, NO_PROXY has to name \
             127.0.0.1",
        )?;
        app.engine.read_sources(clock()).await;
        self.slack.deliver_to(&format!("http://{address}/slack/events"));
        Ok(app)
    }

    fn config(&self, listen: SocketAddr) -> anyhow::Result<Config> {
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
                api_url: self.jules.url().parse()?,
            },
            store: StoreConfig {
                key_file: store::key_file(&store),
                url: store.into(),
                encryption_key: None,
            },
            listen,
            public_url: None,
        })
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

    /// The id of a channel, which comes into being when it is named first.
    pub(super) fn channel(&self, name: &str) -> String {
        self.slack.channel(name)
    }

    /// Somebody types a line: a command if it begins with a slash, else a message.
    ///
    /// # Errors
    /// When Slack would not let them.
    pub(super) async fn types(&self, who: &str, channel: &str, line: &str) -> Result<(), NotThere> {
        let person = self.slack.user(who);
        // A form lies over the channel: it is closed before something is typed there.
        if let Ok(form) = person.view() {
            form.dismiss().await?;
        }
        if line.starts_with('/') {
            person.types(channel, line).await?;
        } else {
            person.says(channel, None, line).await?;
        }
        Ok(())
    }

    /// The channel and its threads, once what was begun has shown.
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
