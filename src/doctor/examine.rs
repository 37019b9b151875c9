//! All areas at the same time, each within a limit.

use super::{
    Check, access, address, disk, github, jules, redis, sealing, settings, skew, slack, socket,
};
use crate::config::{Parts, Variables};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, future::join_all};
use platform::clock::Clock;
use platform::tls;
use std::sync::Arc;
use std::time::Duration;

/// How long it waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one answer.
    pub answer: Duration,
    /// For all that belongs to one area. Jules is slow with lists, hence much longer.
    pub area: Duration,
}

impl Default for Limits {
    /// Ten seconds, and thirty.
    fn default() -> Self {
        Self { answer: Duration::from_secs(10), area: Duration::from_secs(30) }
    }
}

/// What is examined.
pub(super) struct Environment {
    pub(super) environment: Variables,
    pub(super) parts: Parts,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
}

impl Environment {
    /// Whether a setting has a value, right or wrong.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.environment.vars.get(name).is_some_and(|value| !value.trim().is_empty())
    }

    /// Whether Slack is to deliver over HTTP.
    pub(super) fn is_http(&self) -> bool {
        !self.is_set("SLACK_APP_TOKEN")
    }

    /// A client that follows no redirects, as Slack doesn't.
    pub(super) fn http(&self) -> reqwest::Result<reqwest::Client> {
        let answer = self.limits.answer;
        tls::client().connect_timeout(answer).timeout(answer).build()
    }
}

/// Examines the installation that these settings describe. The checks come in a fixed order.
pub async fn examine(environment: Variables, clock: Clock, limits: Limits) -> Vec<Check> {
    let (parts, mistakes) = Parts::read(&environment);
    let case = Arc::new(Environment { environment, parts, clock, limits });
    let mut checks = settings::look(&case, mistakes);
    checks.extend(trust(&case.parts));
    let areas: Vec<(&'static str, BoxFuture<'static, Vec<Check>>)> = vec![
        ("slack", slack::look(Arc::clone(&case)).boxed()),
        ("socket mode", socket::look(Arc::clone(&case)).boxed()),
        ("public address", address::look(Arc::clone(&case)).boxed()),
        ("store", store(Arc::clone(&case)).boxed()),
        ("encryption key", sealing::look(Arc::clone(&case)).boxed()),
        ("access", access::look(Arc::clone(&case)).boxed()),
        ("jules", jules::look(Arc::clone(&case)).boxed()),
        ("github", github::look(Arc::clone(&case)).boxed()),
        ("clock", skew::look(Arc::clone(&case)).boxed()),
    ];
    let looks = areas.into_iter().map(|(name, look)| within(limits.area, name, look));
    checks.extend(join_all(looks).await.into_iter().flatten());
    checks
}

/// Whether this machine has certificate authorities; nothing is said unless one is needed and there is none, or not those
/// that are set.
fn trust(parts: &Parts) -> Option<Check> {
    const NAME: &str = "certificates";
    if !parts.is_over_tls() {
        return None;
    }
    if let Err(unreadable) = tls::check_setting() {
        let fix = "Set it to a PEM file with every authority to trust, or leave it out.";
        return Some(Check::failure(NAME, unreadable, fix));
    }
    let error = tls::authorities().err()?;
    Some(Check::failure(
        NAME,
        format!("no certificate authority can be read, so no server can be trusted ({error})"),
        "Install ca-certificates, or set SSL_CERT_FILE.",
    ))
}

/// The area's checks, or that it took too long.
async fn within(
    limit: Duration,
    name: &'static str,
    look: BoxFuture<'static, Vec<Check>>,
) -> Vec<Check> {
    match tokio::time::timeout(limit, look).await {
        Ok(checks) => checks,
        Err(_) => vec![Check::failure(
            name,
            format!("no result after {} s", limit.as_secs_f32()),
            "Run it again. If it happens again, a firewall may be dropping packets.",
        )],
    }
}

async fn store(case: Arc<Environment>) -> Vec<Check> {
    let Some(config) = &case.parts.store else {
        return vec![Check::settings_first("store")];
    };
    let url = config.url.expose();
    match store::file_path(url) {
        Some(path) => disk::look(url, path).await,
        None => redis::look(url, (case.clock)()).await,
    }
}
