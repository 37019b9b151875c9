//! Lists that come in pages, and never for ever.
//!
//! A page may be short or even empty and still have another one after it; the end is where no token
//! is given (reference §1.3). A server that errs may give the same tokens again and again, so a walk
//! remembers them and ends in an error rather than as a list that only looks complete.

use crate::jules::Error;
use std::collections::HashSet;

/// Where the next page begins. Opaque, and of use only with the same question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageToken(pub String);

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in Jules' order.
    pub items: Vec<T>,
    /// The next page; `None` at the end of the list.
    pub next: Option<PageToken>,
    /// Entries that could not be read or are of a kind we do not know, and are not in `items`.
    pub passed_over: usize,
}

/// A walk over all pages of a list.
pub(super) struct Walk {
    seen: HashSet<PageToken>,
    pages_left: usize,
}

impl Walk {
    /// A walk of at most `pages` pages.
    pub(super) fn of(pages: usize) -> Self {
        Self { seen: HashSet::new(), pages_left: pages }
    }

    /// Goes on to the next page, if there is one.
    ///
    /// # Errors
    /// [`Error::Decode`] when the tokens go round in a circle or the list does not end.
    pub(super) fn step(&mut self, next: Option<PageToken>) -> Result<Option<PageToken>, Error> {
        let Some(token) = next else { return Ok(None) };
        if !self.seen.insert(token.clone()) {
            return Err(Error::Decode("the pages of the list go round in a circle"));
        }
        self.pages_left = self.pages_left.saturating_sub(1);
        if self.pages_left == 0 {
            return Err(Error::Decode("the list does not end"));
        }
        Ok(Some(token))
    }
}
