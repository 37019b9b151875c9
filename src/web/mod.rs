//! The HTTP side.

mod body;
mod connections;
mod github;
mod install;
mod install_page;
mod ops;
mod routes;
mod serve;
mod slack;

pub use body::{Bodies, LARGEST_BODY};
pub(crate) use install::callback_url;
pub use routes::{AppState, router};
pub use serve::{ClientLimits, serve};
