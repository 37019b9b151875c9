//! What the client sends, byte for byte where it matters, and how it takes what comes back.

mod calls;
mod endings;
mod files;
mod stub;
mod waits;
