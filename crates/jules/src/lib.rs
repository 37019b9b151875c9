//! The client of the Jules REST API, `v1alpha`.
//!
//! | file | its one story |
//! |---|---|
//! | `client` | the calls, in our words: what is sent and what comes back |
//! | `lookup` | the session that may have been made although no answer came |
//! | `elsewhere` | sessions that began elsewhere, to be followed |
//! | `paging` | one page of a list |
//! | `http` | one exchange of bytes, with a deadline for each part and a cap on the reply |
//! | `address` | names that become a path or a query |
//! | `error` | what a failed call means for its caller |
//! | `retry_after` | how long Jules asks us to wait |
//! | `wire` | the shapes on the wire, turned into the domain's types |
//!
//! It never repeats a call by itself. Jules has no request id, so repeating a creation would make a
//! second session and cost a second unit of a small quota; only the one who keeps the task knows
//! whether to repeat, to look first, or to give up, and [`Error`] tells it which.
//!
//! Jules is an alpha with pages that contradict each other, so replies are read tolerantly: anything
//! may be missing, and what is unknown is kept or passed over, never an error.

mod address;
mod client;
mod elsewhere;
mod error;
mod fields;
mod http;
mod lookup;
mod paging;
mod retry_after;
mod wire;

pub use client::{JulesClient, MOST_SOURCE_PAGES, PUBLIC_BASE};
pub use elsewhere::DescribedSession;
pub use error::{Error, Explanation, Trouble};
pub use http::{Http, Setup, Timeouts};
pub use paging::{Page, PageToken};
pub use retry_after::RetryAfter;
