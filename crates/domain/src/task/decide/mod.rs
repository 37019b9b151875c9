//! The heart: what happens to a task next.
//!
//! `decide` changes the document and fills its outbox; it does nothing itself. Split by what happens: how a task begins
//! (`begin`), what Jules shows (`seen`), what people do (`people`), how plans are shown (`plans`), what becomes of pull
//! requests (`pulls`), what is kept back from Jules (`kept_back`), how sessions are followed that began elsewhere
//! (`followed`) and move (`moved`), who is notified (`notify`), what the operator does (`operator`), and how
//! attempts ended (`ends`, `faults`, `doubt`). What follows from any of them is done once, in `step`.

// A new input, effect or outcome must be decided about, never fall into an arm for the rest.
#![warn(clippy::wildcard_enum_match_arm)]

mod audit;
mod begin;
mod doubt;
mod elapsed;
mod ends;
mod entrance;
mod faults;
mod followed;
mod issues;
mod kept_back;
mod moved;
mod notify;
mod operator;
mod people;
mod plans;
mod pulls;
mod seen;
mod step;

pub use step::decide;
