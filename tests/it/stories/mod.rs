//! What people do with the bot, told from outside: typed, clicked, and seen on the screen.

mod acknowledged;
mod bad_days;
mod bind;
mod bind_once;
mod config;
mod credentials;
mod deliveries;
mod ends;
mod form;
mod jules_errors;
mod line;
mod lists;
mod long_lists;
mod lost_key;
mod measured;
pub(crate) mod operate;
mod plan;
mod quiet;
mod replies;
mod repos;
mod repositories;
mod restart;
mod silent_store;
mod slack_errors;
mod start;
mod typed;
mod watch;
