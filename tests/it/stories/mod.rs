//! What people do with the bot, told from outside: typed, clicked, and seen on the screen.

mod bad_days;
mod bind;
mod config;
mod credentials;
mod crowd;
mod deliveries;
mod ends;
mod foreign;
mod form;
mod jules_errors;
mod line;
mod lists;
mod lost_posts;
mod measured;
pub(crate) mod operate;
mod plan;
mod quiet;
mod replies;
mod repos;
mod repositories;
mod restart;
mod slack_errors;
mod start;
mod typed;
mod watch;
