//! What the tests are run in.

pub(crate) mod redis;
