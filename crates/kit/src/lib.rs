//! What the tests and the benches share.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on panics"
)]

pub mod around;
pub mod memory_store;
pub mod redis_server;
