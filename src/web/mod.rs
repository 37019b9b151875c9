//! The HTTP side.

mod body;
mod connections;
mod github;
mod ops;
mod routes;
mod serve;
mod slack;

pub use body::{Bodies, LARGEST_BODY};
pub use routes::{AppState, router};
pub use serve::{ClientLimits, serve};
