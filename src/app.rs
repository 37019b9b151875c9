//! Wiring: settings → clients → engine → routes; run, drain, stop.

mod access_rules;
mod background;
mod opening;

use access_rules::AccessRules;
pub use background::Background;
pub(crate) use opening::open_store;

use crate::config::{Config, GitHubConfig};
use crate::engine::{Account, Engine, Installer, KeyRing, Scheduler, Workspace};
use crate::socket::{self, Socket};
use crate::telemetry;
use crate::web::{self, AppState, Bodies};
use crate::{local, manifest};
use anyhow::Context;
use domain::backoff::Backoff;
use domain::ids::AccountId;
use domain::lease::Holder;
use futures_util::future::join_all;
use github::{GitHub, Signer};
use jiff::SignedDuration;
use jules::{self, Http, JulesClient};
use metrics_exporter_prometheus::PrometheusHandle;
use platform::clock::Clock;
use platform::credential::Credential;
use platform::log_throttle::LogThrottle;
use platform::metrics::Api;
use platform::unreachable::Unreachable;
use slack::client::SlackClient;
use slack::connections_open::ConnectionsOpen;
use slack::connector::{Connector, Deadlines};
use slack::error::CallError;
use slack::oauth::Oauth;
use slack::verify::Verifier;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::records::Records;
use store::seal::Sealer;
use store::{self, Store};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// How often a request that Slack did not sign is logged at most.
const REFUSALS_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// Timeouts.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// With Slack.
    pub slack: Deadlines,
    /// With Jules.
    pub jules: jules::Timeouts,
    /// With GitHub.
    pub github: github::Timeouts,
    /// With a connection of Socket Mode.
    pub socket: socket::Timeouts,
    /// With clients that send us requests.
    pub web: web::ClientLimits,
    /// With what was begun, when it is told to stop; the store has the rest.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            slack: Deadlines::default(),
            jules: jules::Timeouts::default(),
            github: github::Timeouts::default(),
            socket: socket::Timeouts::default(),
            web: web::ClientLimits::default(),
            drain: Duration::from_secs(20),
        }
    }
}

/// The program, wired and not yet running.
pub struct App {
    /// The engine, for tests and the demo, which drive it themselves.
    pub engine: Arc<Engine>,
    /// Socket Mode, where it is on; [`App::run`] runs it.
    pub socket: Option<Socket>,
    site: AppState,
    rules: AccessRules,
    store_url: String,
    drain: Duration,
}

impl App {
    /// Wires everything. Opens the store; nothing is sent anywhere yet.
    ///
    /// # Errors
    /// When the store cannot be opened, and as [`App::on`].
    pub fn build(
        config: &Config,
        patience: &Timeouts,
        clock: Clock,
        metrics: Option<PrometheusHandle>,
    ) -> anyhow::Result<Self> {
        let store = store::open(config.store.url.expose())?;
        Self::on(store, config, patience, clock, metrics)
    }

    /// Wires everything over a store that is open already.
    ///
    /// # Errors
    /// When the encryption key cannot be read or made, or a client cannot be built.
    pub fn on(
        store: Arc<dyn Store>,
        config: &Config,
        patience: &Timeouts,
        clock: Clock,
        metrics: Option<PrometheusHandle>,
    ) -> anyhow::Result<Self> {
        let connector = connector(config, patience, &clock)?;
        let workspace = workspace_of_settings(config, patience, &connector, &clock)?;
        Self::serving(workspace.into_iter().collect(), store, config, patience, clock, metrics)
    }

    /// Wires everything for these workspaces, and those in which someone installs the app. It has the signing secret
    /// or the app token of the settings.
    ///
    /// # Errors
    /// As [`App::on`].
    pub fn serving(
        workspaces: Vec<Arc<Workspace>>,
        store: Arc<dyn Store>,
        config: &Config,
        patience: &Timeouts,
        clock: Clock,
        metrics: Option<PrometheusHandle>,
    ) -> anyhow::Result<Self> {
        let sealer = match (&config.store.encryption_key, &config.store.key_file) {
            (Some(keys), _) => Sealer::parse(keys.expose())?,
            (None, Some(file)) => Sealer::load_or_create(file)?,
            (None, None) => anyhow::bail!("ENCRYPTION_KEY is not set"),
        };
        let records = Records::new(Arc::clone(&store), sealer);
        let holder = Holder(getrandom::u64().context("the system gives no random numbers")?);
        let key_ring = KeyRing {
            http: Http::new(patience.jules.clone())?,
            url: config.jules.api_url.clone(),
            clock: Arc::clone(&clock),
        };
        let installer = installer(config, connector(config, patience, &clock)?)?;
        let engine = Engine::new(store, records, workspaces, key_ring, installer, holder);
        if let Some(settings) = &config.github {
            engine.ask_github(github_of_settings(settings, patience, &clock)?);
        }
        let rules = AccessRules::new(config.access.clone(), Arc::clone(&engine));
        rules.load()?;
        engine.keep_audit_for(config.audit_days);
        let socket = match &config.slack.app_token {
            Some(token) => Some(Socket::new(
                Arc::clone(&engine),
                ConnectionsOpen::new(connector(config, patience, &clock)?, token),
                patience.socket.clone(),
                Arc::clone(&clock),
                socket::jitter(),
            )?),
            None => None,
        };
        let site = AppState {
            engine: Arc::clone(&engine),
            verifier: Arc::new(Verifier::new(config.slack.signing_secrets.clone())),
            webhooks: Arc::new(Signer::new(
                config.github.as_ref().map_or(&[], |github| &github.webhook_secrets),
            )),
            limits: patience.web.clone(),
            bodies: Arc::new(Bodies::default()),
            clock,
            metrics,
            socket: socket.as_ref().map(Socket::status),
            draining: Arc::new(AtomicBool::new(false)),
            refusals: Arc::new(LogThrottle::new(REFUSALS_EVERY)),
        };
        let store_url = config.store.url.expose().to_owned();
        Ok(Self { engine, socket, site, rules, store_url, drain: patience.drain })
    }

    /// The routes, for another server.
    pub fn router(&self) -> axum::Router {
        web::router(self.site.clone())
    }

    /// Answers requests on `listener` until `stop`, and does nothing else.
    pub fn serve(
        &self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        web::serve(listener, self.site.clone(), stop)
    }

    /// Answers requests on `listener` here and carries work on in the background until `stop`, then
    /// takes nothing new, finishes what was begun within a limit, and leaves the rest to the store.
    pub async fn run(self, listener: TcpListener, background: &Handle, stop: CancellationToken) {
        let draining = Arc::clone(&self.site.draining);
        let scheduler = Scheduler::new(Arc::clone(&self.engine));
        let under_way = scheduler.under_way();
        let scheduler = on(background, scheduler.run(stop.clone()));
        let identify = on(background, identify(Arc::clone(&self.engine), stop.clone()));
        let server = self.serve(listener, stop.clone());
        // What comes over a connection is answered by whom it is for, which is known only then.
        let known = Arc::clone(&self.engine);
        let socket = async {
            let Some(socket) = self.socket else { return };
            if stop.run_until_cancelled(known.identified()).await.is_some() {
                socket.run(socket::ticks(), stop.clone()).await;
            }
        };
        let drain = async {
            stop.cancelled().await;
            draining.store(true, Ordering::Relaxed);
            let follow_ups = self.engine.follow_ups().len();
            tracing::info!(documents = under_way(), follow_ups, "stopping");
        };
        let metrics = self.site.metrics.clone();
        let upkeep = async {
            match &metrics {
                Some(metrics) => telemetry::keep_metrics(metrics).await,
                None => std::future::pending().await,
            }
        };
        let rules = on(background, self.rules.follow(stop.clone()));
        let engine = Arc::clone(&self.engine);
        let local = on(background, local::serve(self.store_url, engine, stop.clone()));
        let everything =
            async { tokio::join!(drain, server, scheduler, identify, socket, rules, local) };
        tokio::select! {
            _ = everything => {}
            () = upkeep => {}
            () = async {
                stop.cancelled().await;
                tokio::time::sleep(self.drain).await;
            } => {
                tracing::warn!("stopped before everything was finished; the store has the rest");
            }
        }
        tracing::info!("stopped");
    }
}

fn connector(config: &Config, patience: &Timeouts, clock: &Clock) -> anyhow::Result<Connector> {
    Ok(Connector::new(&config.slack.api_url, patience.slack, Arc::clone(clock))?)
}

/// What it takes to install the app in other workspaces.
fn installer(config: &Config, connector: Connector) -> anyhow::Result<Installer> {
    let (mut oauth, mut teams) = (None, Vec::new());
    if let (Some(app), Some(address)) = (&config.slack.oauth, &config.public_url) {
        let client =
            Oauth::new(connector.clone(), app.client_id.clone(), app.client_secret.clone());
        oauth = Some((client, web::callback_url(address)?));
        teams.clone_from(&app.teams);
    }
    Ok(Installer { connector, oauth, teams, scopes: manifest::scopes()? })
}

/// The workspace whose token is in the settings, with the account whose key is.
fn workspace_of_settings(
    config: &Config,
    patience: &Timeouts,
    connector: &Connector,
    clock: &Clock,
) -> anyhow::Result<Option<Arc<Workspace>>> {
    let (Some(token), Some(key)) = (&config.slack.bot_token, &config.jules.api_key) else {
        return Ok(None);
    };
    let credential = |api, setting| Credential::new(api, setting, Arc::clone(clock));
    let slack = SlackClient::new(connector.clone(), token)
        .reporting_to(credential(Api::Slack, "SLACK_BOT_TOKEN"));
    let http = Http::new(patience.jules.clone())?;
    let jules = JulesClient::new(http, config.jules.api_url.clone(), key)?
        .reporting_to(credential(Api::Jules, "JULES_API_KEY"))
        .timed_by(Arc::clone(clock));
    let limits = config.jules.plan.limits();
    let account = Account::new(AccountId::of_settings(), jules, limits, Arc::clone(clock));
    Ok(Some(Workspace::new(slack, account)))
}

/// GitHub, with the token of the settings or none.
fn github_of_settings(
    settings: &GitHubConfig,
    patience: &Timeouts,
    clock: &Clock,
) -> anyhow::Result<GitHub> {
    let (url, token) = (settings.api_url.clone(), settings.token.as_ref());
    let github = GitHub::new(patience.github.clone(), url, token, Arc::clone(clock))?;
    Ok(match token {
        Some(_) => {
            let credential = Credential::new(Api::GitHub, "GITHUB_TOKEN", Arc::clone(clock));
            github.reporting_to(credential)
        }
        None => github,
    })
}

/// Runs work there for as long as its result is awaited here; a panic of it is one here.
async fn on(there: &Handle, work: impl Future<Output = ()> + Send + 'static) {
    let done = AbortOnDropHandle::new(there.spawn(work)).await;
    if let Err(error) = done
        && error.is_panic()
    {
        resume_unwind(error.into_panic());
    }
}

/// How long to wait before Slack is asked again who we are.
const IDENTIFY: Backoff = Backoff::new(SignedDuration::from_secs(1), SignedDuration::from_secs(30));

/// Asks Slack who we are in each workspace of the settings until it says so.
async fn identify(engine: Arc<Engine>, stop: CancellationToken) {
    let of_settings = engine.workspaces_of_settings().iter();
    join_all(of_settings.map(|one| identify_in(one, &engine, &stop))).await;
}

async fn identify_in(workspace: &Workspace, engine: &Engine, stop: &CancellationToken) {
    for failures in 1.. {
        match workspace.learn_identity().await {
            Ok(installation) => {
                tracing::info!(team.id = %installation.team, "ready: Slack knows this app");
                if let Err(error) = engine.is_back(installation).await {
                    tracing::warn!(%error, "that the app is installed again could not be stored");
                }
                return;
            }
            // The client has logged that, and not each time.
            Err(CallError::DeadInstallation(_)) => {}
            Err(error @ CallError::Unreachable(Unreachable::Untrusted(_))) => {
                tracing::error!(
                    %error,
                    "this machine doesn't trust the certificate; if a proxy intercepts TLS, set SSL_CERT_FILE to a PEM \
                     file with its authority and the public ones. Trying again"
                );
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "Slack hasn't identified this app yet; check SLACK_BOT_TOKEN and SLACK_API_URL. \
                     Trying again"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(IDENTIFY.wait(failures).unsigned_abs()) => {}
        }
    }
}
