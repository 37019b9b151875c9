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
//! # The layers
//!
//! ```text
//! this package   main, cli, app, config, telemetry, demo,  wiring; knows everything
//!                doctor, local, manifest, process
//!                web, socket, deliver                      transports
//!                engine                                    load → decide → store → perform; scheduler
//! crates/        slack   jules   store   sim               translators and clients; siblings apart
//!                platform                                  clock, locks, TLS, metrics
//!                domain                                    pure: types and decisions
//! ```
//!
//! A crate uses what its manifest names, so Cargo keeps the layers; inside this package the test `tidy`
//! reads the imports.
//!
//! # Where to start reading
//!
//! [`domain::task`] for what can happen, `engine/receive.rs` for what comes in, `engine/perform/`
//! for what goes out. `docs/ARCHITECTURE.md` walks through a command from Slack's request to the
//! link in the thread.

pub mod app;
pub mod cli;
pub mod config;
pub mod deliver;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod healthcheck;
pub mod local;
pub mod manifest;
pub mod process;
pub mod socket;
pub mod telemetry;
pub mod terminal;
pub mod web;
