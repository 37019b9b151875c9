//! The pure middle: types and decisions. No I/O, no clock, no randomness.

pub mod ids;
pub mod repo;
