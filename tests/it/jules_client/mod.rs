//! The client of the Jules API against a server that says exactly what a test wants.
//!
//! The simulated Jules answers like the real one; here it is about answers that the real one should
//! never give, and about the bytes that we send.

#![expect(clippy::unwrap_used, reason = "what cannot go on in a test should stop it")]

mod activities;
mod deadlines;
mod depth;
mod errors;
mod lists;
mod requests;
mod sessions;
mod stub;
