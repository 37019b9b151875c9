//! One binary for all tests from outside: stories, laws, the clients, the simulations, the house.

mod jules_client;
mod laws;
mod sim_jules;
mod slack_client;
mod slack_inbound;
mod tidy;
