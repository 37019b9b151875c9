//! What has to hold for every input, on every store, whatever else changes.

mod decide;
mod embedded;
mod grammar;
mod mrkdwn;
mod records;
mod redis;
mod redis_faults;
mod repositories;
mod store;
