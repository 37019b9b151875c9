//! One binary for all tests from outside: stories, laws, the clients, the simulations, the house.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod commands;
mod doctor;
mod github_client;
mod harness;
mod jules_client;
mod laws;
mod operating;
mod sim_github;
mod sim_jules;
mod sim_slack;
mod slack_client;
mod slack_inbound;
mod socket;
mod stories;
mod tidy;
mod tidy_security;
