//! Logs and metrics: set up once, by `main`.
//!
//! Nothing secret is logged by the code; the writer here takes out what looks like a token all the
//! same, because a dependency's error message is not ours to choose.

use crate::config::LogConfig;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::borrow::Cow;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Logs to standard error from here on. A second call in the same process changes nothing.
pub fn start_logs(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Redacted);
    let started = if config.json { logs.json().try_init() } else { logs.try_init() };
    // A subscriber is there already: its choice stands.
    drop(started);
}

/// Measures from here on; the handle prints what was measured.
///
/// # Errors
/// When something in this process measures already.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    // Slack gives up after 3 s, so that is where the buckets are.
    const ACKNOWLEDGED: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 3.0];
    Ok(PrometheusBuilder::new().set_buckets(ACKNOWLEDGED)?.install_recorder()?)
}

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
];

/// `line` without what looks like a secret.
fn redacted(line: &str) -> Cow<'_, str> {
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
