//! Simulated Slack, Jules and GitHub: models served over HTTP. Tests and `jules-slack demo` use the same
//! ones, so that what a person sees in the demo is what the tests hold to.

mod cuttable;
pub mod github;
pub mod jules;
mod port;
pub mod slack;

pub use platform::clock::Clock;

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Writes the header `Date` of an answer: the service's own time, not the machine's.
fn stamp(headers: &mut HeaderMap, now: Timestamp) {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(date) = date.ok().and_then(|date| HeaderValue::try_from(date).ok()) {
        headers.insert(header::DATE, date);
    }
}
