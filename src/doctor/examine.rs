//! All areas at the same time, each within a limit.

use super::{Check, address, disk, jules, redis, sealing, settings, skew, slack, socket};
use crate::config::{Parts, Variables};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, future::join_all};
use platform::clock::Clock;
use platform::tls;
use std::sync::Arc;
use std::time::Duration;

/// How long is waited.
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
    /// A client that shows what is there, redirects included: Slack does not follow them.
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
        ("sealing key", sealing::look(Arc::clone(&case)).boxed()),
        ("jules", jules::look(Arc::clone(&case)).boxed()),
        ("clock", skew::look(Arc::clone(&case)).boxed()),
    ];
    let looks = areas.into_iter().map(|(name, look)| within(limits.area, name, look));
    checks.extend(join_all(looks).await.into_iter().flatten());
    checks
}

/// Whom this machine trusts; nothing is said unless it is nobody, and somebody has to be trusted.
fn trust(parts: &Parts) -> Option<Check> {
    let error = parts.is_over_tls().then(tls::authorities)?.err()?;
    Some(Check::failure(
        "certificates",
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
            format!("not done after {} s", limit.as_secs_f32()),
            "Run it again; if it stays so, something between here and there swallows packets.",
        )],
    }
}

async fn store(case: Arc<Environment>) -> Vec<Check> {
    let Some(config) = &case.parts.store else {
        return vec![Check::settings_first("store")];
    };
    let url = config.url.expose();
    match store::file_path(url) {
        Some(path) => disk::look(path.to_owned()).await,
        None => redis::look(url, (case.clock)()).await,
    }
}
