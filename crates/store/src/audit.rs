//! The audit trail as it is stored, for whoever reads all of it.

use super::documents::AUDIT;
use super::records::{RecordError, read_open};
use super::{Names, Store};
use domain::audit::AuditRecord;
use jiff::Timestamp;

/// How many names are read at a time.
const PAGE: usize = 500;

/// All records, in no order. No secret is in one, so no key is needed. One that can't be read is left out.
///
/// # Errors
/// The store's.
pub async fn read(store: &dyn Store, now: Timestamp) -> Result<Vec<AuditRecord>, RecordError> {
    let mut names = Names::under(AUDIT, None, PAGE);
    let mut records = Vec::new();
    while let Some(keys) = names.next(store, now).await? {
        for key in keys {
            if let Some((_, doc)) = store.get(&key, now).await? {
                records.extend(read_open::<AuditRecord>(&key, &doc.body).ok());
            }
        }
    }
    Ok(records)
}
