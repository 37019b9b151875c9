//! What comes in from Slack: real payloads, and laws for all others.

mod laws;
mod payloads;
mod reading;
