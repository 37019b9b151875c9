//! The demo's page in a real browser: what a person does there, and what then is on the screen.
//!
//! The program is the real one, and so is the browser: headless Chromium, driven over WebDriver. Time
//! is real, so everything waits for what it wants to see, with a bound. Pictures of what was seen are
//! left in `target/screenshots`.
#![expect(clippy::unwrap_used, reason = "what helps a test stops it, as a test stops itself")]

mod access;
mod browser;
mod desk;
mod film;
mod habits;
mod pictures;
mod programs;
mod sessions;
mod tasks;
mod troubles;
mod ways_in;
