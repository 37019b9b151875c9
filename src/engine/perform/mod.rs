//! The one way out: an effect becomes calls, a call becomes an outcome.
//!
//! Nothing is decided here. An attempt that has to look does only that: if it finds nothing, the
//! decision says whether to look again or to do it. What goes to Slack is in `slack`, what goes to
//! Jules in `jules`, and which session is a task's in `lost_session`; what stays at home is in `attempt`.

// A new input, effect or outcome must be decided about, never fall into an arm for the rest.
#![warn(clippy::wildcard_enum_match_arm)]

mod attempt;
mod direct;
mod guard;
mod issue;
mod jules;
mod lost_session;
mod material;
mod plan;
mod slack;

pub(super) use attempt::{kept, store_later};

pub(super) use jules::Patch;
