//! Writing all documents of a store.

use super::{EndLine, FORMAT, Head, Line, PROGRAM};
use crate::{Names, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use std::io::{self, Write};

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
    #[error("the export cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Writes every document that is live at `now`, in the order of keys, and says how many there were.
///
/// A store that is written to meanwhile is not frozen: each document is whole, and as it was when its
/// turn came.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    store: &dyn Store,
    out: &mut (dyn Write + Send),
    now: Timestamp,
) -> Result<usize, ExportError> {
    write(out, &Head { export: PROGRAM.to_owned(), format: FORMAT })?;
    let (mut count, mut names) = (0, Names::under("", None, PAGE));
    while let Some(keys) = names.next(store, now).await? {
        for key in &keys {
            if let Some((_, doc)) = store.get(key, now).await? {
                write(out, &Line::of(key.as_str(), &doc))?;
                count += 1;
            }
        }
    }
    write(out, &EndLine { end: true })?;
    out.flush()?;
    Ok(count)
}

fn write(out: &mut (dyn Write + Send), line: &impl Serialize) -> Result<(), ExportError> {
    serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}
