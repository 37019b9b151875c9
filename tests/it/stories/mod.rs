//! What people do with the bot, told from outside: typed, clicked, and seen on the screen.

mod bind;
mod form;
mod repos;
mod repositories;
mod start;
