//! All tasks as they are stored, for the operator. No key that opens secrets is needed.

use super::records::{RecordError, read_open};
use super::{Names, Result, Store};
use domain::task::Task;
use futures_util::future::try_join_all;
use jiff::Timestamp;

/// How many tasks are read at a time.
const PAGE: usize = 100;

/// Reads every task and shows each, or why it can't be read, in no order. Others that use the same thread get their
/// turn after each page.
///
/// # Errors
/// The store's.
pub async fn each(
    store: &dyn Store,
    now: Timestamp,
    mut show: impl FnMut(std::result::Result<Task, RecordError>) + Send,
) -> Result<()> {
    let mut names = Names::under("task/", None, PAGE);
    while let Some(keys) = names.next(store, now).await? {
        let found = try_join_all(keys.iter().map(|key| store.get(key, now))).await?;
        for (key, found) in keys.iter().zip(found) {
            if let Some((_, doc)) = found {
                show(read_open::<Task>(key, &doc.body));
            }
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}
