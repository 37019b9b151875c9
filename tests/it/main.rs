//! One binary for all tests from outside.

mod slack_client;
mod slack_inbound;
