//! The pure middle: types and decisions. No I/O, no clock, no randomness.

pub mod activity;
pub mod backoff;
pub mod binding;
pub mod command;
pub mod diff;
pub mod digest;
pub mod fault;
pub mod form;
pub mod ids;
pub mod inbound;
pub mod invisible;
pub mod lease;
pub mod message;
pub mod meter;
pub mod queue;
pub mod quota;
pub mod rate;
pub mod repo;
pub mod same_session;
pub mod secret;
pub mod secret_text;
pub mod session;
pub mod task;
pub mod watch;
