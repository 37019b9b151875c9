//! The access rules while the program runs: the file is read again when it changes and on SIGHUP. A file with a
//! mistake changes nothing; the mistake is reported, once.

use crate::config::AccessConfig;
use crate::engine::Engine;
use anyhow::bail;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked at. It is small, so it is read rather than asked whether it changed: a mounted file
/// may be another one with an older date.
const EVERY: Duration = Duration::from_secs(20);

/// The rules of the settings, for one engine.
#[derive(Clone)]
pub(super) struct AccessRules {
    config: AccessConfig,
    engine: Arc<Engine>,
    /// What was wrong at the last look, so that it isn't said again each time.
    reported: Arc<Mutex<Vec<String>>>,
}

impl AccessRules {
    pub(super) fn new(config: AccessConfig, engine: Arc<Engine>) -> Self {
        Self { config, engine, reported: Arc::default() }
    }

    /// Reads the rules for the first time.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub(super) fn load(&self) -> anyhow::Result<()> {
        match self.config.policy() {
            Ok(policy) => self.engine.set_policy(policy),
            Err(mistakes) => bail!("{}", mistakes.join("\n")),
        }
        Ok(())
    }

    /// Reads them again. Whether other rules hold now.
    pub(super) fn reload(&self) -> bool {
        let mut reported = platform::lock::lock(&self.reported);
        match self.config.policy() {
            Ok(policy) => {
                let was_wrong = !std::mem::take(&mut *reported).is_empty();
                if was_wrong || policy != *self.engine.policy() {
                    self.engine.set_policy(policy);
                    tracing::info!("ACCESS_FILE was read again, and its rules hold from now on");
                    return true;
                }
            }
            Err(mistakes) => {
                if *reported != mistakes {
                    for mistake in &mistakes {
                        tracing::error!(
                            mistake,
                            "ACCESS_FILE has a mistake, so the rules stay as they were"
                        );
                    }
                    self.engine.keep_policy();
                    *reported = mistakes;
                }
            }
        }
        false
    }

    /// Follows the file until `stop`.
    pub(super) async fn follow(self, stop: CancellationToken) {
        // Without a file, too: a hangup that nobody listens for ends the process.
        let mut hangup = Hangup::listen();
        if self.config.file.is_none() {
            return stop.cancelled().await;
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
                () = hangup.received() => {}
            }
            let rules = self.clone();
            // The file may be on a disk that is slow.
            let changed = tokio::task::spawn_blocking(move || rules.reload()).await;
            if changed.unwrap_or(false) {
                self.engine.audit_rules().await;
            }
        }
    }
}

/// SIGHUP, where there is such a thing.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    #[cfg(unix)]
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self { signal: signal(SignalKind::hangup()).ok() }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    async fn received(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
