//! Simulated Slack and Jules: models served over HTTP. Tests and `jules-slack demo` use the same
//! ones, so that what a person sees in the demo is what the tests hold to.

mod cuttable;
pub mod jules;
mod port;
pub mod slack;

pub use crate::clock::Clock;
