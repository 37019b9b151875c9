//! Writing all documents of a store.

use super::{EndLine, FORMAT, Head, Line, PROGRAM};
use crate::{Key, Names, Result, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

/// Names that are asked for at a time.
const PAGE: usize = 200;

/// Why an export ended early. What was written has no last line, so an import tells that it is not
/// whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output.
    #[error("the export can't be written")]
    Output(#[from] io::Error),
}

/// Writes every document that is live at `now`, in the order of keys, and says how many there were. See [`Export`].
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    store: Arc<dyn Store>,
    out: &mut (dyn Write + Send),
    now: Timestamp,
) -> std::result::Result<usize, ExportError> {
    let mut export = Export::of(store, now)?;
    while let Some(page) = export.next().await? {
        out.write_all(&page)?;
    }
    out.flush()?;
    Ok(export.documents())
}

/// All documents of a store, a page at a time.
///
/// A file is read as it was at one moment. A shared store goes on meanwhile: each document is whole, and as it was
/// when its turn came. What was added behind the reader's back is read at the end, tasks aside, so that every document
/// that a task of the export counts on is there: the session that it follows, the thread that leads to it.
pub struct Export {
    store: Live,
    now: Timestamp,
    /// What comes next.
    part: Part,
    names: Names<'static>,
    /// The names that were read, of a store that goes on.
    read: HashSet<Key>,
    documents: usize,
}

/// The store that is read.
enum Live {
    /// Nothing changes in it.
    Frozen(Box<dyn Store>),
    /// It goes on.
    GoesOn(Arc<dyn Store>),
}

impl Live {
    fn store(&self) -> &dyn Store {
        match self {
            Self::Frozen(store) => &**store,
            Self::GoesOn(store) => &**store,
        }
    }
}

/// The parts of an export.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Documents,
    Added,
    End,
    Over,
}

impl Export {
    /// Begins at `now`.
    ///
    /// # Errors
    /// The store's.
    pub fn of(store: Arc<dyn Store>, now: Timestamp) -> Result<Self> {
        let store = match store.frozen()? {
            Some(frozen) => Live::Frozen(frozen),
            None => Live::GoesOn(store),
        };
        let names = Names::under("", None, PAGE);
        Ok(Self { store, now, part: Part::Head, names, read: HashSet::new(), documents: 0 })
    }

    /// How many documents it had so far.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// The next lines; `None` after the last one.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut page = Vec::new();
        match self.part {
            Part::Head => {
                line(&mut page, &Head { export: PROGRAM.to_owned(), format: FORMAT });
                self.part = Part::Documents;
            }
            Part::Documents | Part::Added => {
                match self.names.next(self.store.store(), self.now).await? {
                    Some(keys) => self.write(keys, &mut page).await?,
                    None => self.turn(),
                }
            }
            Part::End => {
                line(&mut page, &EndLine { end: true });
                self.part = Part::Over;
            }
            Part::Over => return Ok(None),
        }
        Ok(Some(page))
    }

    /// Nothing is left of a part.
    fn turn(&mut self) {
        let goes_on = matches!(self.store, Live::GoesOn(_));
        self.part = match self.part {
            Part::Documents if goes_on => Part::Added,
            _ => Part::End,
        };
        self.names = Names::under("", None, PAGE);
    }

    async fn write(&mut self, keys: Vec<Key>, page: &mut Vec<u8>) -> Result<()> {
        let goes_on = matches!(self.store, Live::GoesOn(_));
        for key in keys {
            let is_late = self.part == Part::Added;
            if is_late && (self.read.contains(&key) || key.as_str().starts_with("task/")) {
                continue;
            }
            if let Some((_, doc)) = self.store.store().get(&key, self.now).await? {
                line(page, &Line::of(key.as_str(), &doc));
                self.documents += 1;
            }
            if goes_on {
                self.read.insert(key);
            }
        }
        Ok(())
    }
}

/// Writing to memory never fails, and every line is JSON.
fn line(page: &mut Vec<u8>, line: &impl Serialize) {
    if serde_json::to_writer(&mut *page, line).is_ok() {
        page.push(b'\n');
    }
}
