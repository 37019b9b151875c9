//! The setting `STORE`: which store it names, and where its key is.

use super::{Embedded, Redis, Result, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Opens the store that the setting `STORE` names.
///
/// - `file:PATH`: one file on this machine, made when it is missing ([`Embedded`]).
/// - `redis://`, `rediss://`, `redis-sentinel://`, `redis-cluster://` and so on: a Redis that many
///   replicas share ([`Redis`]). It is not contacted yet: while it is down the methods answer
///   [`StoreError::Down`], and once it is up they work, whichever was started first.
///
/// # Errors
/// [`StoreError::Broken`], with words that begin with `STORE`, when the address makes no sense or the
/// file cannot be used. Trying again does not help before a person has mended it.
pub fn open(url: &str) -> Result<Arc<dyn Store>> {
    if let Some(path) = file_path(url) {
        return Ok(Arc::new(Embedded::open(path)?));
    }
    if url.split_once("://").is_some_and(|(scheme, _)| scheme.starts_with("redis")) {
        return Ok(Arc::new(Redis::open(url)?));
    }
    Err(StoreError::setting(format!(
        "accepts `file:PATH` or an address that begins with `redis://`, `rediss://`, `redis-sentinel://` or \
         `redis-cluster://`{}",
        as_file(url)
    )))
}

/// What someone meant who wrote a bare path. Anything else is not repeated: an address may hold a password.
fn as_file(text: &str) -> String {
    let is_path = !text.is_empty() && !text.contains([':', '@']);
    if is_path { format!(". For this file, write `file:{text}`") } else { String::new() }
}

/// Opens the store that the setting `STORE` names for someone who only reads. A file stays as it is,
/// byte for byte, if it was closed properly, and is never made.
///
/// # Errors
/// As [`open`], and when there is no such file.
pub fn open_to_read(url: &str) -> Result<Arc<dyn Store>> {
    match file_path(url) {
        Some(path) => match Embedded::open_to_read(path)? {
            Some(store) => Ok(Arc::new(store)),
            None => open(url),
        },
        None => open(url),
    }
}

/// Where the key that seals secrets is kept when `ENCRYPTION_KEY` is not set: beside the store's
/// file, with the ending `.key`. A shared store has no such place, and needs the setting.
#[must_use]
pub fn key_file(url: &str) -> Option<PathBuf> {
    file_path(url).map(|path| path.with_extension("key"))
}

/// The path in `file:PATH` or `file:///PATH`; `None` for a store that is no file.
#[must_use]
pub fn file_path(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("file:")?;
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        open(text).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_bare_path_is_refused_with_the_address_that_was_meant() {
        for path in ["new.redb", "redis.redb", "/var/lib/new.redb"] {
            let said = refusal(path);
            assert!(said.contains("STORE: accepts"), "{said}");
            assert!(said.contains("`redis-sentinel://` or `redis-cluster://`"), "{said}");
            assert!(said.ends_with(&format!("write `file:{path}`")), "{said}");
        }
    }

    #[test]
    fn an_address_of_another_kind_is_not_repeated() {
        for address in ["postgres://me:hush@there/db", "hush@there:6379", ""] {
            let said = refusal(address);
            assert!(said.contains("accepts `file:PATH`") && !said.contains("hush"), "{said}");
        }
    }
}
