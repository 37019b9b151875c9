//! `jules-slack` brings Google Jules, the coding agent, into Slack: a thread is a session.
//!
//! # The idea
//!
//! A task (one Slack thread, one Jules session) is **one document**. Whatever happens to it is an
//! [`Input`](domain::task::Input); a pure function [`decide`](domain::task::decide) returns the next
//! document, with an **outbox** of [`Effect`](domain::task::Effect)s still to be done. The
//! [`engine`] stores that document by compare-and-set and only then performs the effects, one by
//! one, feeding each [`Outcome`](domain::task::Outcome) back as an input. Retrying, resuming after a
//! crash and sharing work between replicas are all the same thing: a stored document whose wake-up
//! time has come. Around this there is one way in (parse → [`Inbound`](domain::inbound::Inbound)) and
//! one way out (`perform`), both thin.
//!
//! # The floors
//!
//! ```text
//! 4  main, cli, app, config, telemetry, demo,  wiring; the only floor that knows everything
//!    doctor, manifest, process
//! 3  web, socket, deliver, sim                 transports; the simulated Slack and Jules
//! 2  engine                                    load → decide → store → perform; scheduler
//! 1  slack   jules   store                     translators and clients; siblings apart
//! 0  domain, clock, lock, metrics, tls,        pure: types and decisions
//!    credential, log_throttle, walk
//! ```
//!
//! A file uses its own room and lower floors, never a higher one, never a sibling on floor 1; the
//! test `tidy` reads the imports and says so.
//!
//! # Where to start reading
//!
//! [`domain::task`] for what can happen, `engine/receive.rs` for what comes in, `engine/perform/`
//! for what goes out. `docs/ARCHITECTURE.md` walks through a command from Slack's request to the
//! link in the thread.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod deliver;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod domain;
pub mod engine;
pub mod healthcheck;
pub mod jules;
pub mod lock;
pub mod log_throttle;
pub mod manifest;
pub mod metrics;
pub mod process;
#[cfg(feature = "demo")]
pub mod sim;
pub mod slack;
pub mod socket;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod walk;
pub mod web;
