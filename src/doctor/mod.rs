//! `jules-slack doctor`: everything that can be wrong with an installation, and how to fix it.
//!
//! A file for each area; each gives [`Check`]s, which are data. They run at the same time, each within a
//! limit, so that one that hangs delays no other; they are printed in a fixed order (`print`). Nothing is
//! changed anywhere: a store is opened to read, and the one write that a Redis is tried with has expired
//! when it's written.

mod access;
mod address;
mod check;
mod disk;
mod examine;
mod github;
mod jules;
mod print;
mod redis;
mod sealing;
mod settings;
mod skew;
mod slack;
mod socket;

pub use check::{Check, Verdict};
pub use examine::{Limits, examine};
pub(crate) use print::counted;
pub use print::{exit_code, json, text};

use examine::Environment;
