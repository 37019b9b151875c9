//! Logs and metrics: set up once, by `main`.
//!
//! Nothing secret is logged by the code; the writer here takes out what looks like a token all the
//! same, because a dependency's error message is not ours to choose.

use crate::config::LogConfig;
use domain::secret_text::GITHUB_TOKENS;
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use platform::metrics::{self, Kind, METRICS};
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;

/// Logs to standard error from here on. A second call in the same process changes nothing.
pub(crate) fn start_logs(config: &LogConfig) {
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter(&config.filter)).with_writer(Redacted);
    // Colours are for people; a terminal's owner may do without, too (`NO_COLOR`, which it reads itself).
    let logs = if io::stderr().is_terminal() { logs } else { logs.with_ansi(false) };
    let started = if config.json { logs.json().try_init() } else { logs.try_init() };
    // A subscriber is there already: its choice stands.
    drop(started);
}

/// Crates that log whole frames of Socket Mode at the level `trace`, and with them what people wrote.
const FRAMES: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// The filter that is set, without frames.
fn filter(set: &str) -> EnvFilter {
    let usual = || EnvFilter::new("info");
    let filter = EnvFilter::try_new(set).unwrap_or_else(|_| usual());
    // Below that it shows none, and would show more than was asked for.
    if filter.max_level_hint() != Some(LevelFilter::TRACE) {
        return filter;
    }
    let quiet = FRAMES.map(|name| format!("{name}=debug"));
    let rest = set.split(',').filter(|part| !shows_frames(part));
    let parts: Vec<&str> = quiet.iter().map(String::as_str).chain(rest).collect();
    EnvFilter::try_new(parts.join(",")).unwrap_or_else(|_| usual())
}

/// Whether a part of a filter asks for them by name. A name without a level means every level.
fn shows_frames(part: &str) -> bool {
    let is_trace = |level: &str| {
        level.trim().parse::<LevelFilter>().is_ok_and(|level| level == LevelFilter::TRACE)
    };
    FRAMES.iter().any(|name| part.trim_start().starts_with(name))
        && part.rsplit_once('=').is_none_or(|(_, level)| is_trace(level))
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

/// Beginnings of Slack's tokens (slack-platform.md §16), Jules' keys, and the addresses that are keys themselves.
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

/// How everything begins that is taken out.
fn secrets() -> impl Iterator<Item = &'static str> {
    SECRET.iter().chain(GITHUB_TOKENS).copied()
}

/// `line` without what looks like a secret.
pub(crate) fn redacted(line: &str) -> Cow<'_, str> {
    if !secrets().any(|beginning| line.contains(beginning)) {
        return Cow::Borrowed(line);
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ',' | '\\' | '&');
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((at, beginning)) = secrets()
        .filter_map(|beginning| Some((rest.find(beginning)?, beginning)))
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
    use super::{filter, redacted};

    #[test]
    fn no_filter_shows_frames() {
        for (set, shown) in [
            ("trace", "tokio_tungstenite=debug,tungstenite=debug,trace"),
            ("tungstenite::protocol=TRACE", "tokio_tungstenite=debug,tungstenite=debug"),
            ("trace,tungstenite", "tokio_tungstenite=debug,tungstenite=debug,trace"),
            ("trace,tungstenite=warn", "tokio_tungstenite=debug,tungstenite=warn,trace"),
            ("info", "info"),
            ("warn,jules_slack=debug", "jules_slack=debug,warn"),
        ] {
            assert_eq!(filter(set).to_string(), shown, "{set}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_taken_out_and_nothing_else() {
        assert_eq!(redacted("a plain line\n"), "a plain line\n");
        assert_eq!(
            redacted("token=xoxb-12-ab \"xapp-1\" url https://hooks.slack.com/T/1/x) end\n"),
            "token=xoxb-… \"xapp-…\" url https://hooks.slack.com/…) end\n"
        );
        for beginning in ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"] {
            let line = format!("token {beginning}11ABCDEFG0abcdefghij_KLMNOP, end\n");
            assert_eq!(redacted(&line), format!("token {beginning}…, end\n"));
        }
    }
}
