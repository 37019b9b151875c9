//! A look at every stored document: is it of a version that we know, do its secrets open.

use super::records::{self, RecordError};
use super::seal::Sealer;
use super::{Names, Result, Store};
use jiff::Timestamp;

/// Names that are asked for at a time.
const PAGE: usize = 200;

/// What was seen. Of each kind of trouble the first one is kept.
#[derive(Debug, Default)]
pub struct Survey {
    /// Documents looked at.
    pub documents: usize,
    /// Sealed secrets in them.
    pub secrets: usize,
    /// Whether there are more documents.
    pub has_more: bool,
    /// One that a newer version of this program wrote.
    pub newer: Option<RecordError>,
    /// One with a secret that does not open.
    pub closed: Option<RecordError>,
    /// One that is not what its key says.
    pub unfit: Option<RecordError>,
}

/// Looks at up to `most` live documents; their secrets are opened, and forgotten, if there is a
/// `sealer`.
///
/// # Errors
/// The store's.
pub async fn scan(
    store: &dyn Store,
    sealer: Option<&Sealer>,
    most: usize,
    now: Timestamp,
) -> Result<Survey> {
    let (mut seen, mut names) = (Survey::default(), Names::under("", None, PAGE));
    while let Some(keys) = names.next(store, now).await? {
        for key in &keys {
            if seen.documents == most {
                seen.has_more = true;
                return Ok(seen);
            }
            let Some((_, doc)) = store.get(key, now).await? else { continue };
            seen.documents += 1;
            match records::inspect(key, &doc.body, sealer) {
                Ok(secrets) => seen.secrets += secrets,
                Err(error) => seen.note(error),
            }
        }
    }
    Ok(seen)
}

impl Survey {
    fn note(&mut self, error: RecordError) {
        let place = match &error {
            RecordError::Newer { .. } => &mut self.newer,
            RecordError::Secret { .. } => {
                self.secrets += 1;
                &mut self.closed
            }
            RecordError::Store(_) | RecordError::Foreign { .. } | RecordError::Unfit { .. } => {
                &mut self.unfit
            }
        };
        place.get_or_insert(error);
    }
}
