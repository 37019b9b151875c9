//! Reading them back, into a store where they are not yet.
//!
//! Nothing is overwritten. A document that is there already and equal is passed over, so an import
//! that stopped half-way is simply run again.

use super::{EndLine, FORMAT, Head, Line, PROGRAM};
use crate::{Doc, Expect, Key, PutResult, Store, StoreError, timestamp};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::io::{self, BufRead};

/// Documents that are written together: a store in one file waits for the disk once for all of them.
const BATCH: usize = 64;

/// Keys of refused documents that are named; the rest is counted.
const NAMED: usize = 10;

/// What became of the documents.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Imported {
    /// New there.
    pub written: usize,
    /// There already, and equal.
    pub equal: usize,
    /// Over by now: they would not be live.
    pub expired: usize,
    /// There already with other content, which was left as it is.
    pub refused: usize,
    /// The first ten of those.
    pub named: Vec<Key>,
}

/// Why an import ended early. The documents of the lines before are in the store, nothing after.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not a file of ours.
    #[error("this isn't an export of jules-slack: it doesn't begin with an export's first line")]
    NoExport,
    /// A newer program wrote it.
    #[error("a newer version of jules-slack wrote this export (format {0}): use that version")]
    Newer(u32),
    /// A line that cannot be read.
    #[error(
        "line {number} {reason}; the lines before it are imported, and nothing after it was read"
    )]
    Line {
        /// Counted from 1.
        number: usize,
        /// What is wrong, as the rest of a sentence.
        reason: &'static str,
    },
    /// No last line.
    #[error(
        "the export ends after line {0} without its last line: it was cut off. What it has is \
         imported; import the whole file too, and only what is missing is added"
    )]
    CutOff(usize),
    /// The store.
    #[error(
        "before line {number}: {cause}; run the import again, and it continues where it stopped"
    )]
    Store {
        /// The line that was to be read next.
        number: usize,
        /// What is the matter.
        cause: StoreError,
    },
    /// The input.
    #[error("the export cannot be read: {0}")]
    Input(#[from] io::Error),
}

/// An export that is one by its first line. That is known before there is a store to write to, so that a wrong file makes
/// none.
pub struct Import<'a> {
    lines: Lines<'a>,
}

impl<'a> Import<'a> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`ImportError::NoExport`] and [`ImportError::Newer`], and when there is nothing to read from.
    pub fn begin(input: &'a mut (dyn BufRead + Send)) -> Result<Self, ImportError> {
        let mut lines = Lines { input, number: 0, text: Vec::new() };
        head(&mut lines)?;
        Ok(Self { lines })
    }

    /// Writes every document that is not there yet.
    ///
    /// # Errors
    /// [`ImportError`]. A document that is there with other content is no error: it is counted.
    pub async fn into_store(
        mut self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Imported, ImportError> {
        let mut done = Imported::default();
        loop {
            let ImportBatch { documents, end } = batch(&mut self.lines);
            let written = documents.iter().map(|(key, doc)| put(store, key, doc, now));
            let written = join_all(written).await;
            for ((key, _), became) in documents.iter().zip(written) {
                let number = self.lines.number;
                let became = became.map_err(|cause| ImportError::Store { number, cause })?;
                done.count(key, became);
            }
            match end {
                None => {}
                Some(Ok(())) => return Ok(done),
                Some(Err(error)) => return Err(error),
            }
        }
    }
}

/// What became of one document.
#[derive(Clone, Copy)]
enum Became {
    PutResult,
    Equal,
    Expired,
    Refused,
}

impl Imported {
    fn count(&mut self, key: &Key, became: Became) {
        match became {
            Became::PutResult => self.written += 1,
            Became::Equal => self.equal += 1,
            Became::Expired => self.expired += 1,
            Became::Refused => {
                self.refused += 1;
                if self.named.len() < NAMED {
                    self.named.push(key.clone());
                }
            }
        }
    }
}

async fn put(
    store: &dyn Store,
    key: &Key,
    doc: &Doc,
    now: Timestamp,
) -> Result<Became, StoreError> {
    if doc.expires_at.is_some_and(|expires| timestamp::of(expires) <= timestamp::of(now)) {
        return Ok(Became::Expired);
    }
    // Even after a read first, the write could meet a conflict; so the write itself asks.
    match store.put(key, doc, Expect::Absent, now).await? {
        PutResult::Stored(_) => Ok(Became::PutResult),
        PutResult::Conflict => {
            let there = store.get(key, now).await?;
            let is_equal = there.is_some_and(|(_, there)| there == *doc);
            Ok(if is_equal { Became::Equal } else { Became::Refused })
        }
    }
}

fn head(lines: &mut Lines<'_>) -> Result<(), ImportError> {
    let line = lines.next()?.ok_or(ImportError::NoExport)?;
    let head: Head = serde_json::from_slice(line).map_err(|_| ImportError::NoExport)?;
    match head {
        Head { export, .. } if export != PROGRAM => Err(ImportError::NoExport),
        Head { format, .. } if format > FORMAT => Err(ImportError::Newer(format)),
        Head { format, .. } if format < FORMAT => Err(ImportError::NoExport),
        Head { .. } => Ok(()),
    }
}

/// The next documents.
#[derive(Default)]
struct ImportBatch {
    documents: Vec<(Key, Doc)>,
    /// How the file ended after them, if it did.
    end: Option<Result<(), ImportError>>,
}

fn batch(lines: &mut Lines<'_>) -> ImportBatch {
    let mut batch = ImportBatch::default();
    while batch.end.is_none() && batch.documents.len() < BATCH {
        match document(lines) {
            Ok(Some(document)) => batch.documents.push(document),
            Ok(None) => batch.end = Some(Ok(())),
            Err(error) => batch.end = Some(Err(error)),
        }
    }
    batch
}

/// The next document; `None` at the proper end.
fn document(lines: &mut Lines<'_>) -> Result<Option<(Key, Doc)>, ImportError> {
    let wrong = |number, reason| Err(ImportError::Line { number, reason });
    let number = lines.number + 1;
    let Some(line) = lines.next()? else { return Err(ImportError::CutOff(number - 1)) };
    if !line.ends_with(b"\n") && EndLine::read(line).is_none() {
        return wrong(number, "is cut off in the middle");
    }
    if EndLine::read(line).is_some() {
        let more = lines.next()?.is_some();
        return if more { wrong(number + 1, "comes after the end") } else { Ok(None) };
    }
    let Ok(line) = serde_json::from_slice::<Line<'_>>(line) else {
        return wrong(number, "isn't a document");
    };
    match line.doc() {
        Some(doc) => Ok(Some((Key::new(line.key.into_owned()), doc))),
        None => wrong(number, "is a document without a body"),
    }
}

impl EndLine {
    fn read(line: &[u8]) -> Option<()> {
        serde_json::from_slice::<Self>(line).is_ok_and(|end| end.end).then_some(())
    }
}

/// Lines, counted.
struct Lines<'a> {
    input: &'a mut (dyn BufRead + Send),
    number: usize,
    text: Vec<u8>,
}

impl Lines<'_> {
    /// The next line with its line feed, if it has one.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.text.clear();
        if self.input.read_until(b'\n', &mut self.text)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(&self.text))
    }
}
