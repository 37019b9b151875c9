//! Going through many documents by their names.

use super::{Key, Result, Store};
use jiff::Timestamp;

/// A walk over the names that begin with `prefix`, in byte order, a page at a time.
pub struct Names<'p> {
    prefix: &'p str,
    after: Option<Key>,
    page: usize,
    is_last: bool,
}

impl<'p> Names<'p> {
    /// From behind `after` on, in pages of so many.
    pub fn under(prefix: &'p str, after: Option<Key>, page: usize) -> Self {
        Self { prefix, after, page, is_last: false }
    }

    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self, store: &dyn Store, now: Timestamp) -> Result<Option<Vec<Key>>> {
        if self.is_last {
            return Ok(None);
        }
        let names = store.list(self.prefix, self.after.as_ref(), self.page, now).await?;
        self.is_last = names.len() < self.page;
        self.after = names.last().cloned().or(self.after.take());
        Ok(Some(names))
    }
}
