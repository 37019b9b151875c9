//! The client of GitHub's REST API. It reads and nothing else: `GET` is the only method there is here.
//!
//! | file | its one story |
//! |---|---|
//! | `client` | the calls, in our words |
//! | `http` | one exchange of bytes: deadlines, a cap on the answer, redirects to the same server |
//! | `limits` | how much may still be asked, and who goes first |
//! | `pages` | lists that come in pages |
//! | `wire` | the shapes on the wire, turned into the domain's types |
//! | `error` | what a failed call means |
//! | `webhook` | whether GitHub signed a delivery, and what it is about |
//!
//! Every call is one request, or for a list one per page. Nothing is repeated here.

mod client;
mod error;
mod http;
mod limits;
mod pages;
mod webhook;
mod wire;

pub use client::{Access, Fresh, GitHub, PUBLIC_BASE};
pub use error::{Error, Trouble};
pub use http::{Setup, Timeouts};
pub use limits::Urgency;
pub use webhook::{Hint, Refused, Signer, hint, sign};
pub use wire::IssueComment;
