//! The demo's page: the simulated Slack as a person sees it, drawn by the server.
//!
//! There is one page (`shell`), and each address is a place in it: who looks, at which conversation,
//! with which thread open (`place`). What people do comes in as ordinary forms (`doing`); the answer
//! is the page again. One small script replaces the old page by the new one, does so again when something
//! changed (`live`), and offers what a field can be filled with (`suggest`).
//!
//! The page loads nothing from elsewhere and runs nothing that is not in `script.js`; the headers say
//! so. Requests of other sites' pages are refused, since any site can send forms to loopback.

mod avatar;
mod blocks;
mod date;
mod doing;
mod elements;
mod elsewhere;
mod emoji;
mod fields;
mod home;
mod lines;
mod link;
mod live;
mod modal;
mod mrkdwn;
mod names;
mod panel;
mod place;
mod rich;
mod routes;
mod samples;
mod shell;
mod shortcuts;
mod site;
mod suggest;

pub(super) use routes::serve;
use site::{Site, Told};
