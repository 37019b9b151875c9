//! The pure middle: types and decisions. No I/O, no clock, no randomness.

pub mod activity;
pub mod binding;
pub mod command;
pub mod credential;
pub mod diff;
pub mod digest;
pub mod fault;
pub mod form;
pub mod front;
pub mod ids;
pub mod line;
pub mod meter;
pub mod repo;
pub mod say;
pub mod secret;
pub mod session;
pub mod task;
pub mod unseen;
pub mod watch;
