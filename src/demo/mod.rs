//! `jules-slack demo`: the real app, end to end, with nothing real around it.
//!
//! The app is built as `serve` builds it; only its settings differ: they point at a simulated Slack
//! and a simulated Jules (`world`). Somebody types the main job, and what then stands in the channel
//! is printed (`play`). After that it stays up: lines typed into the terminal (`terminal`) or sent
//! to a small door for `curl` (`door`) are typed into the simulated Slack, and any client of the two
//! APIs can be pointed at them.

mod door;
mod play;
mod scratch;
mod terminal;
mod world;

pub use play::run;
