//! `jules-slack demo`: the real app, end to end, with nothing real around it, and a page to use it.
//!
//! The app is built as `serve` builds it, in a process of its own as far as a thread can be one
//! (`bot`); only its settings differ: they point at a simulated Slack and a simulated Jules (`world`).
//! The page (`page`) shows that Slack as a person's client would, and lets one break things (`panel`).
//! Any client of the two APIs can be pointed at them, too.

mod bot;
mod offers;
mod page;
mod panel;
mod play;
mod scratch;
mod world;

pub(crate) use play::play_once;
pub use play::run;
