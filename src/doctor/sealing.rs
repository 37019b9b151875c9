//! The encryption key, and whether what is stored can be read with it by this version.

use super::print::counted;
use super::{Check, Environment};
use crate::config::{StoreConfig, is_open_to_others};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use store::scan::{Survey, scan};
use store::seal::Sealer;
use store::{self, Embedded, Redis, Store};

const NAME: &str = "encryption key";
const RECORDS: &str = "records";

/// Documents that are read; more would take long, and these tell enough.
const MOST: usize = 2_000;

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let Some(config) = case.parts.store.clone() else {
        return vec![Check::settings_first(NAME)];
    };
    let now = (case.clock)();
    // Reading a file blocks: it would delay the other areas, which share this thread.
    let runtime = tokio::runtime::Handle::current();
    let looked = tokio::task::spawn_blocking(move || runtime.block_on(both(&config, now)));
    looked.await.unwrap_or_else(|_| {
        vec![Check::failure(RECORDS, "the check of the store failed", "Report this as a bug.")]
    })
}

async fn both(config: &StoreConfig, now: Timestamp) -> Vec<Check> {
    let (key, sealer) = key(config);
    let mut checks = vec![key];
    checks.extend(records(config, sealer.as_ref(), now).await);
    checks
}

/// The key, if there is one that can be used.
fn key(config: &StoreConfig) -> (Check, Option<Sealer>) {
    match (&config.encryption_key, &config.key_file) {
        (Some(keys), _) => match Sealer::parse(keys.expose()) {
            Ok(sealer) => (Check::ok(NAME, "ENCRYPTION_KEY is set"), Some(sealer)),
            Err(error) => (Check::failure(NAME, error.to_string(), "Fix ENCRYPTION_KEY."), None),
        },
        (None, Some(file)) => key_file(file, config),
        (None, None) => (Check::settings_first(NAME), None),
    }
}

fn key_file(file: &Path, config: &StoreConfig) -> (Check, Option<Sealer>) {
    let shown = file.display();
    if let Some(check) = Check::unreadable(NAME, file) {
        return (check, None);
    }
    if !file.exists() {
        let has_store = store::file_path(config.url.expose()).is_some_and(Path::exists);
        let check = if has_store {
            Check::failure(
                NAME,
                format!("`{shown}` is missing, but the store that it belongs to exists"),
                "Restore it from a backup, or set ENCRYPTION_KEY to that key: without it, secrets in the \
                 store can't be opened.",
            )
        } else {
            Check::ok(NAME, format!("`{shown}` will be created at the first start"))
        };
        return (check, None);
    }
    match Sealer::load_or_create(file) {
        Err(error) => {
            let fix = "Restore it from a backup, or set ENCRYPTION_KEY to that key.";
            (Check::failure(NAME, error.to_string(), fix), None)
        }
        Ok(sealer) if is_open_to_others(file) => {
            let check = Check::warning(
                NAME,
                format!("other users of this machine can read `{shown}`"),
                format!("Run: chmod 600 {shown}"),
            );
            (check, Some(sealer))
        }
        Ok(sealer) => (Check::ok(NAME, format!("in `{shown}`")), Some(sealer)),
    }
}

/// `None` where there is nothing to read: the check of the store has said why.
async fn records(config: &StoreConfig, sealer: Option<&Sealer>, now: Timestamp) -> Option<Check> {
    let url = config.url.expose();
    let store: Box<dyn Store> = match store::file_path(url) {
        Some(path) if !path.exists() => return None,
        Some(path) if Embedded::is_in_use(path) => {
            return Some(Check::ok(
                RECORDS,
                "not checked, because the running bot has the file open",
            ));
        }
        Some(path) => Box::new(Embedded::open_to_read(path).ok()??),
        None => Box::new(Redis::open(url).ok()?),
    };
    let seen = scan(&*store, sealer, MOST, now).await.ok()?;
    Some(judged(&seen))
}

fn judged(seen: &Survey) -> Check {
    let wrong = |words: String, fix: &str| Check::failure(RECORDS, words, fix);
    let count = seen.documents;
    if let Some(newer) = &seen.newer {
        return wrong(newer.to_string(), "Use the newer version of this program again.");
    }
    if let Some(closed) = &seen.closed {
        return wrong(
            closed.to_string(),
            "Add the key that sealed it to ENCRYPTION_KEY, after the current one and a comma.",
        );
    }
    if let Some(unfit) = &seen.unfit {
        return wrong(unfit.to_string(), "Another program wrote it. Restore a backup.");
    }
    let first = if seen.has_more { "the first " } else { "" };
    let secrets = match seen.secrets {
        0 => "no secrets in them".to_owned(),
        some => format!("{} can be opened", counted(some, "secret")),
    };
    Check::ok(
        RECORDS,
        format!("{first}{} of known versions, {secrets}", counted(count, "document")),
    )
}
