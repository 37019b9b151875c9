//! Slack's side of the house: what arrives from it, and what is called there.
//!
//! In: [`verify`] says whether bytes come from Slack, [`inbound`] what they say. Out: [`client`] has
//! the calls that this program makes, over [`connector`]; [`ticket`] opens Socket Mode; [`error`] has
//! the ways they end. Between:
//! [`render`] has every word we say, [`form`] the modals, [`action`] the buttons.

pub mod action;
mod blocks;
pub mod client;
pub mod connector;
pub mod error;
mod files;
pub mod form;
mod history;
pub mod inbound;
mod lanes;
pub mod mrkdwn;
pub mod render;
pub mod respond;
pub mod ticket;
mod trusted;
pub mod verify;
