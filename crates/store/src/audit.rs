//! The whole audit trail as it is stored.

use super::documents::AUDIT;
use super::records::{RecordError, read_open};
use super::{Names, Result, Store};
use domain::audit::AuditRecord;
use jiff::Timestamp;

/// How many names are read at a time.
const PAGE: usize = 500;

/// Reads every record and shows each, or why it can't be read, in no order. No secret is in one, so no key is needed.
///
/// # Errors
/// The store's.
pub async fn each(
    store: &dyn Store,
    now: Timestamp,
    mut show: impl FnMut(std::result::Result<AuditRecord, RecordError>) + Send,
) -> Result<()> {
    let mut names = Names::under(AUDIT, None, PAGE);
    while let Some(keys) = names.next(store, now).await? {
        for key in keys {
            if let Some((_, doc)) = store.get(&key, now).await? {
                show(read_open::<AuditRecord>(&key, &doc.body));
            }
        }
    }
    Ok(())
}
