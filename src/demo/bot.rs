//! The bot's process, as the demo has it: the real app on a runtime of its own.
//!
//! A runtime can be ended as a process is by `kill -9`: in the middle of anything, with its server,
//! its connections and whatever it was doing besides. What it had stored is all that is left, and the
//! next one goes on from that.

use crate::app::{App, Timeouts};
use crate::config::Config;
use anyhow::Context;
use platform::clock;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Far longer than a write to the disk takes: nothing else holds an ending up.
const DEATH: Duration = Duration::from_secs(10);

/// How long a start waits for Slack and Jules to be known. Where they are down, it goes on without.
const ACQUAINTANCE: Duration = Duration::from_secs(3);

/// A running app.
pub(super) struct Bot {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Gone only while it is being ended.
    runtime: Option<Runtime>,
}

impl Bot {
    /// Starts it. It takes requests when this returns, and knows Slack and the repositories if they
    /// could be asked, so that the first command is not the one that waits for that.
    ///
    /// # Errors
    /// When the port is taken, and as [`App::build`].
    pub(super) async fn start(config: Config) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("bot")
            .enable_all()
            .build()
            .context("no threads for the bot")?;
        let begun = clock::system()();
        let started = runtime.spawn(async move {
            let app = App::build(&config, &Timeouts::default(), clock::system(), None)?;
            let listener = listen(config.listen).await?;
            let address = listener.local_addr()?;
            let engine = app.engine.clone();
            #[expect(clippy::disallowed_methods, reason = "ends with its runtime")]
            tokio::spawn(async move {
                app.run(listener, &Handle::current(), CancellationToken::new()).await;
            });
            // The app reads the repositories at once, too: the second to ask takes the first one's list.
            let acquaint =
                async { tokio::join!(engine.learn_identity(), engine.read_sources(begun)) };
            // Whoever is down now is asked again by the app itself.
            let _ = timeout(ACQUAINTANCE, acquaint).await;
            anyhow::Ok(address)
        });
        let address = started.await.context("the bot did not start")??;
        Ok(Self { address, runtime: Some(runtime) })
    }

    /// Ends it where it stands. When this returns nothing of it is left, and its file is free.
    pub(super) async fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime may not be ended from inside another one.
            let _ = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(DEATH)).await;
        }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The port it had before, or another one when somebody has taken that meanwhile.
async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?),
    }
}
