//! Opening the store for `serve`: what only a person can fix is refused here, before anything listens; what
//! recovers automatically is waited for later.

use crate::config::StoreConfig;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use store::scan::scan;
use store::{self, Store, StoreError, Untried};

/// Opens the store that is set, and asks it once.
///
/// A Redis that does not answer is no error: the methods try again, and until it has answered, and granted the rights
/// that are needed, the app is alive and not ready, and accepts nothing.
///
/// # Errors
/// When the store is not ours, too new, taken, full, or refuses us; and when the key that sealed what
/// is in it is gone. Nothing in the store has changed then.
pub(crate) async fn open_store(
    config: &StoreConfig,
    now: Timestamp,
) -> anyhow::Result<Arc<dyn Store>> {
    let store = store::open(config.url.expose())?;
    match try_out(&*store, now).await {
        Ok(()) => {}
        Err(StoreError::Down(reason) | StoreError::Unanswered(reason)) => {
            tracing::error!(reason, "the store isn't responding yet; check STORE. Trying again");
            return Ok(Arc::new(Untried::new(store)));
        }
        Err(error @ (StoreError::Broken(_) | StoreError::Forbidden(_))) => return Err(error.into()),
    }
    // Replicas that share a Redis run two versions at a time while they are renewed: each leaves alone
    // what is too new for it. A file has one process, so there it means that someone went back.
    if let Some(path) = store::file_path(config.url.expose()) {
        check_file(&*store, path, config, now).await?;
    }
    Ok(store)
}

async fn try_out(store: &dyn Store, now: Timestamp) -> store::Result<()> {
    store.check_rights().await?;
    store::read_once(store, now).await
}

async fn check_file(
    store: &dyn Store,
    path: &Path,
    config: &StoreConfig,
    now: Timestamp,
) -> anyhow::Result<()> {
    let seen = scan(store, None, usize::MAX, now).await?;
    let file = path.display();
    if let Some(newer) = seen.newer {
        anyhow::bail!("STORE: `{file}` was written by a newer version of this program: {newer}");
    }
    if let (None, Some(key_file)) = (&config.encryption_key, &config.key_file)
        && seen.secrets > 0
        && !key_file.try_exists()?
    {
        anyhow::bail!(
            "the key file `{}` is gone, and without it {} secrets in `{file}` cannot be opened; put \
             its backup there, or set ENCRYPTION_KEY to that key",
            key_file.display(),
            seen.secrets,
        );
    }
    Ok(())
}
