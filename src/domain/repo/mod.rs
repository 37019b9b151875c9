//! Repositories as people type them and as Jules lists them ("sources"), and which one is meant.
//!
//! Three questions, one file each: what was typed ([`RepoQuery`]), which connected repository and
//! branch that is ([`resolve`], [`resolve_branch`]), and what to offer while somebody is still
//! typing ([`search`], [`search_branches`]). The first two never guess: a name fits exactly or it
//! does not, and what only comes near is offered, not taken.

mod address;
mod query;
mod resolve;
mod search;
mod source;

pub use address::BranchPath;
pub use query::{RepoQuery, RepoQueryError};
pub use resolve::{BranchFit, NEAREST, Resolution, fits_source, resolve, resolve_branch};
pub use search::{search, search_branches, search_within};
pub use source::{Branch, RepoRef, Source, SourceName};
