//! Documents with a revision, a wake-up time and an expiry: everything this program remembers.
//!
//! Four methods carry tasks, bindings, dedupe, leases, the queue and listings, so that a backend is
//! one small file and cannot drift from the other. What the methods promise is not said here but
//! in the laws (`tests/it/laws/store.rs`), which run on every backend.

mod atomic_file;
pub mod audit;
mod contract;
pub mod documents;
mod embedded;
pub mod forget;
mod names;
mod open;
pub mod records;
mod redis;
mod revision;
pub mod scan;
pub mod seal;
mod sealed_json;
pub mod tasks;
mod timestamp;
pub mod transfer;
mod untried;

pub use atomic_file::draft_name;
pub use contract::{
    Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError, drop_if_gone,
    read_once, write_once,
};
pub use embedded::Embedded;
pub use names::Names;
pub use open::{file_path, key_file, open, open_to_read};
pub use redis::{Health, Redis};
pub use untried::Untried;
