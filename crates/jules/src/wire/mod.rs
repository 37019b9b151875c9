//! The shapes of `v1alpha` on the wire, and how they become the domain's types.
//!
//! Jules leaves out what is empty, false or zero, invents new words, and documents names that its
//! servers do not use (reference §1.8), so: every field is optional, an unknown word is kept, a union
//! is told by the key that is there, and one bad entry does not spoil its page.

pub(super) mod activity;
mod reply;
pub(super) mod session;
pub(super) mod source;

use reply::{Entries, ids, page_url, text, time};
pub(super) use reply::{nothing, object};
