//! The simulated Slack from outside: over HTTP as an app sees it, and through a person's hands.

mod api;
mod app;
mod commands;
mod events;
mod faults;
mod forms;
mod messages;
mod oauth;
mod organisations;
mod payloads;
mod screens;
mod socket;
mod threads;
mod ways_in;
mod where_people_are;
