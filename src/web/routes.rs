//! Every route in one place, and what the routes need.

use super::{Bodies, ClientLimits, github, install, ops, slack};
use crate::engine::Engine;
use crate::socket::Status;
use ::github::Signer;
use ::slack::verify::Verifier;
use axum::Router;
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use platform::clock::Clock;
use platform::log_throttle::LogThrottle;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::task::{JoinError, JoinHandle};

/// What the routes need.
#[derive(Clone)]
pub struct AppState {
    /// Answers what comes in.
    pub engine: Arc<Engine>,
    /// Checks that it comes from Slack.
    pub verifier: Arc<Verifier>,
    /// Checks that webhooks come from GitHub; without a secret none does.
    pub webhooks: Arc<Signer>,
    /// What clients may use.
    pub limits: ClientLimits,
    /// What the bodies of requests hold.
    pub bodies: Arc<Bodies>,
    /// For the age of a signature.
    pub clock: Clock,
    /// What `/metrics` prints; `None` where nothing is measured.
    pub metrics: Option<PrometheusHandle>,
    /// How Socket Mode stands; `None` where it is off.
    pub socket: Option<Status>,
    /// Set while the program stops: nothing new shall be sent here.
    pub draining: Arc<AtomicBool>,
    /// Keeps forged requests from filling the log.
    pub refusals: Arc<LogThrottle>,
}

impl AppState {
    /// Begins `work`, which is finished even if the client disconnects.
    pub(super) fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.engine.follow_ups().spawn(work)
    }
}

/// What came of work that was begun. A panic in it continues here.
pub(super) async fn outcome<T>(work: JoinHandle<T>) -> Result<T, JoinError> {
    work.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(cancelled) => cancelled,
    })
}

/// All routes. Slack may send every kind of request to any of the first four: one URL in the app's
/// settings is enough.
pub fn router(site: AppState) -> Router {
    Router::new()
        .route("/slack/events", post(slack::receive))
        .route("/slack/commands", post(slack::receive))
        .route("/slack/interactions", post(slack::receive))
        .route("/slack/options", post(slack::receive))
        .route("/slack/install", get(install::begin))
        .route("/slack/oauth/callback", get(install::finish))
        .route("/github/events", post(github::receive))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        // axum clones it more than once for each request.
        .with_state(Arc::new(site))
}
