//! What has to hold for every input, on every store, whatever else changes.

mod decide;
mod documents;
mod embedded;
mod grammar;
mod mrkdwn;
mod records;
mod redis;
mod redis_faults;
mod render;
mod repositories;
mod store;
