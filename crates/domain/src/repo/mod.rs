//! Repositories as people type them and as Jules lists them ("sources"), and which one is meant.
//!
//! Four questions, one file each: what was typed ([`RepoQuery`]), which connected repository and
//! branch that is ([`resolve`], [`resolve_branch`]), which of all that could decide decides
//! ([`choose`]), and what to offer while someone is still typing ([`search`], [`search_branches`]). The
//! first three never guess: a name fits exactly or it doesn't, and what only comes near is offered.

mod address;
mod choose;
mod link;
mod query;
mod resolve;
mod search;
mod source;
mod target;

pub use address::BranchPath;
pub(crate) use choose::presumed;
pub use choose::{Choice, Known, Missing, Wish, choose, find, mentioned};
pub use link::{IssueLink, Links};
pub use query::{RepoQuery, RepoQueryError};
pub use resolve::{BranchFit, NEAREST, Resolution, fits_source, resolve, resolve_branch};
pub(crate) use search::search_within;
pub use search::{search, search_branches};
#[cfg(test)]
pub(crate) use source::listed;
pub use source::{Branch, RepoRef, Source, SourceName};
pub use target::{Candidate, FixedSource, Resolved, Skipped, Target, TargetReason};
