//! What has to hold for every input, on every store, whatever else changes.

pub(crate) mod crash;
mod crowd;
mod decide;
pub(crate) mod documents;
mod embedded;
mod english;
mod entrances;
mod export;
mod fuzz;
mod grammar;
mod observed;
mod one_of_each;
mod overwrite;
mod permission;
mod race;
mod records;
pub(crate) mod redis;
mod redis_faults;
mod render;
mod repositories;
mod rich_text;
pub(crate) mod rolling;
mod soak;
mod store;
mod touch;
mod variants;
mod words;
