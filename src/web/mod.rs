//! The HTTP side.

mod ops;
mod routes;
mod serve;
mod slack;

pub use routes::{AppState, LARGEST_BODY, router};
pub use serve::{Timeouts, serve};
