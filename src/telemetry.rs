//! Logs and metrics: set up once, by `main`.
//!
//! Nothing secret is logged by the code; the writer here takes out what looks like a token all the
//! same, because a dependency's error message is not ours to choose.

use crate::config::LogConfig;
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use platform::metrics::{self, Kind, METRICS};
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Logs to standard error from here on. A second call in the same process changes nothing.
pub(crate) fn start_logs(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Redacted);
    // Colours are for people; a terminal's owner may do without, too (`NO_COLOR`, which it reads itself).
    let logs = if io::stderr().is_terminal() { logs } else { logs.with_ansi(false) };
    let started = if config.json { logs.json().try_init() } else { logs.try_init() };
    // A subscriber is there already: its choice stands.
    drop(started);
}

/// Measures from here on; the handle prints what was measured.
///
/// # Errors
/// When something in this process measures already.
pub(crate) fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("measuring already"))?;
    Ok(handle)
}

/// What remembers the measurements of [`METRICS`], not yet in use.
///
/// # Errors
/// When a histogram of the table has no bounds.
pub fn recorder() -> anyhow::Result<PrometheusRecorder> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS {
        if let Kind::Histogram(bounds) = metric.kind {
            let this = Matcher::Full(metric.name.to_owned());
            builder = builder.set_buckets_for_metric(this, bounds)?;
        }
    }
    let recorder = builder.build_recorder();
    ::metrics::with_local_recorder(&recorder, metrics::describe);
    Ok(recorder)
}

/// Aggregates the measurements regularly: without a scrape they would pile up.
pub(crate) async fn keep_metrics(metrics: &PrometheusHandle) {
    let mut rounds = tokio::time::interval(UPKEEP);
    loop {
        rounds.tick().await;
        metrics.run_upkeep();
    }
}

/// Until then every single measurement of a time is kept in memory. The exporter's own choice is five seconds, which
/// under full load are a hundred thousand of them.
const UPKEEP: Duration = Duration::from_secs(1);

/// Beginnings of Slack's tokens (slack-platform.md §16), Jules' keys, and the addresses that are
/// keys themselves.
const SECRET: &[&str] = &[
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxe.",
    "xoxe-",
    "xapp-",
    "AIza",
    "AQ.",
    "https://hooks.slack.com/",
    "https://hooks.slack-gov.com/",
    "wss://",
];

/// `line` without what looks like a secret.
pub(crate) fn redacted(line: &str) -> Cow<'_, str> {
    if !SECRET.iter().any(|beginning| line.contains(beginning)) {
        return Cow::Borrowed(line);
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ',' | '\\' | '&');
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((at, beginning)) = SECRET
        .iter()
        .filter_map(|beginning| Some((rest.find(beginning)?, *beginning)))
        .min_by_key(|(at, _)| *at)
    {
        clean.push_str(&rest[..at]);
        clean.push_str(beginning);
        clean.push('…');
        let secret = &rest[at..];
        rest = secret.find(ends).map_or("", |end| &secret[end..]);
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// Standard error, one redacted line at a time.
struct Redacted;

impl<'a> MakeWriter<'a> for Redacted {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        Self
    }
}

impl Write for Redacted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        io::stderr().lock().write_all(redacted(&line).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn what_looks_like_a_secret_is_taken_out_and_nothing_else() {
        assert_eq!(redacted("a plain line\n"), "a plain line\n");
        assert_eq!(
            redacted("token=xoxb-12-ab \"xapp-1\" url https://hooks.slack.com/T/1/x) end\n"),
            "token=xoxb-… \"xapp-…\" url https://hooks.slack.com/…) end\n"
        );
    }
}
