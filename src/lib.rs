//! `jules-slack` brings Google Jules, the coding agent, into Slack.
#![doc = ""]

pub mod domain;
pub mod jules;
pub mod sim;
pub mod slack;
pub mod store;
