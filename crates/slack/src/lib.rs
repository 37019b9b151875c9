//! Slack's side of the house: what arrives from it, and what is called there.
//!
//! In: [`verify`] says whether bytes come from Slack, [`inbound`] what they say. Out: [`client`] has
//! the calls that this program makes, over [`connector`]; [`connections_open`] opens Socket Mode, [`oauth`]
//! and [`install_state`] let others install the app; [`error`] has the ways they end. Between:
//! [`render`] has every word we say, [`form`] the modals, [`action`] the buttons.

pub mod ack;
pub mod action;
mod allowed_hosts;
mod blocks;
pub mod client;
pub mod connections_open;
pub mod connector;
pub mod error;
pub mod files;
pub mod form;
pub mod history;
pub mod inbound;
pub mod install_state;
pub mod json;
pub mod mrkdwn;
pub mod oauth;
mod rate_limits;
pub mod render;
pub mod response_url;
pub mod rich_text;
pub mod scopes;
pub mod thread;
pub mod verify;
