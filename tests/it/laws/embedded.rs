//! What is promised of the store's file beyond the laws of every store.

use super::store::{self as laws, at, doc, expiring, got, key, list, noon, stored, waking};
use crate::harness::bot::DOCUMENTS;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use std::path::{Path, PathBuf};
use store::{Embedded, Expect, Store, StoreError, open};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("jules.redb");
    (directory, path)
}

/// Why the file is refused; it must be as it was.
fn refusal(path: &Path) -> String {
    let before = std::fs::read(path).ok();
    let Err(error) = Embedded::open(path) else { panic!("it was opened") };
    assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    assert_eq!(std::fs::read(path).ok(), before, "the file was touched");
    let reason = error.to_string();
    assert!(reason.contains("STORE") && reason.contains("jules.redb"), "{reason}");
    reason
}

#[tokio::test]
async fn it_is_there_after_a_restart() {
    let (_directory, path) = place();
    let url = format!("file:{}", path.display());
    let rev = {
        let store = open(&url).expect("a new store");
        stored(&*store, "a", &doc("kept"), Expect::Absent, noon()).await
    };
    let store = open(&url).expect("the same store, free again at once");
    assert_eq!(got(&*store, "a", noon()).await, Some((rev, doc("kept"))));
    let next = stored(&*store, "a", &doc("more"), Expect::At(rev), noon()).await;
    assert_ne!(next, rev);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = place();
    drop(Embedded::open(&path).expect("a new store"));
    assert_eq!(path.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(directory.path().read_dir().expect("lists").count(), 1, "no draft is left");
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let (_directory, path) = place();
    std::fs::write(&path, "Dear diary").expect("writes");
    assert!(refusal(&path).contains("is not a store of this program"));
    std::fs::write(&path, "").expect("writes");
    assert!(refusal(&path).contains("is not a store of this program"));
}

#[test]
fn another_programs_database_is_refused() {
    let (_directory, path) = place();
    let database = Database::create(&path).expect("a database");
    let writing = database.begin_write().expect("begins");
    let theirs: TableDefinition<'_, &str, u64> = TableDefinition::new("documents");
    writing.open_table(theirs).expect("a table").insert("format", 1).expect("inserts");
    writing.commit().expect("commits");
    drop(database);
    assert!(refusal(&path).contains("another program"));
}

#[test]
fn a_newer_format_is_refused() {
    let (_directory, path) = place();
    drop(Embedded::open(&path).expect("a new store"));
    let database = Database::open(&path).expect("a database");
    let writing = database.begin_write().expect("begins");
    let facts: TableDefinition<'_, &str, u64> = TableDefinition::new("jules-slack");
    writing.open_table(facts).expect("a table").insert("format", 2).expect("inserts");
    writing.commit().expect("commits");
    drop(database);
    assert!(refusal(&path).contains("newer version"));
}

#[tokio::test]
async fn a_file_in_use_is_refused() {
    let (_directory, path) = place();
    let first = Embedded::open(&path).expect("a new store");
    assert!(refusal(&path).contains("in use by another process"));
    stored(&first, "a", &doc("still works"), Expect::Absent, noon()).await;
}

#[test]
fn a_directory_and_a_missing_directory_are_refused() {
    let (_directory, path) = place();
    std::fs::create_dir(&path).expect("makes");
    assert!(refusal(&path).contains("is a directory"));
    assert!(refusal(&path.with_file_name("none").join("jules.redb")).contains("does not exist"));
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, path) = place();
    drop(Embedded::open(&path).expect("a new store"));
    let set =
        |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("sets");
    set(0o400);
    // Root may write whatever the mode says; then there is nothing to see here.
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        return;
    }
    assert!(refusal(&path).contains("may not be read and written"));
    set(0o000);
    assert!(refusal_to_read(&path).contains("can't be read by this user. Run this as the user"));
}

/// Why the file is refused to someone who only reads.
fn refusal_to_read(path: &Path) -> String {
    let Err(error) = Embedded::open_to_read(path) else { panic!("it was opened") };
    error.to_string()
}

#[test]
fn a_file_that_is_only_read_is_not_made() {
    let (directory, path) = place();
    let reason = refusal_to_read(&path);
    assert!(reason.contains("does not exist. Run this in the bot's working directory"), "{reason}");
    assert_eq!(directory.path().read_dir().expect("lists").count(), 0);
}

#[tokio::test]
async fn the_expired_are_forgotten_in_passing() {
    let (_directory, path) = place();
    let store = Embedded::open(&path).expect("a new store");
    for n in 0..50 {
        stored(&store, &format!("a/{n}"), &expiring("x", at(1)), Expect::Absent, noon()).await;
    }
    for n in 0..4 {
        stored(&store, &format!("b/{n}"), &doc("y"), Expect::Absent, at(1)).await;
    }
    assert_eq!(list(&store, "", None, 99, noon()).await.len(), 4);
    drop(store);
    let reading = Database::open(&path).expect("a database").begin_read().expect("begins");
    let wake: TableDefinition<'_, (i64, &str), Option<i64>> = TableDefinition::new("wake");
    let expiry: TableDefinition<'_, (i64, &str), ()> = TableDefinition::new("expiry");
    assert_eq!(reading.open_table(wake).expect("is there").len().expect("counts"), 0);
    assert_eq!(reading.open_table(expiry).expect("is there").len().expect("counts"), 0);
}

#[tokio::test]
async fn the_name_of_a_document_that_the_file_has_lost_is_due_no_more() {
    let (_directory, path) = place();
    let store = Embedded::open(&path).expect("a new store");
    for name in ["a", "b"] {
        stored(&store, name, &waking("x", at(1)), Expect::Absent, noon()).await;
    }
    drop(store);
    let database = Database::open(&path).expect("a database");
    let writing = database.begin_write().expect("begins");
    writing.open_table(DOCUMENTS).expect("a table").remove("a").expect("is gone");
    writing.commit().expect("commits");
    drop(database);
    let store = Embedded::open(&path).expect("the same store");
    laws::what_is_lost_is_due_no_more(&store).await;
    drop(store);
    let database = Database::open(&path).expect("a database");
    let reading = database.begin_read().expect("begins");
    let wake: TableDefinition<'_, (i64, &str), Option<i64>> = TableDefinition::new("wake");
    let expiry: TableDefinition<'_, (i64, &str), ()> = TableDefinition::new("expiry");
    assert_eq!(reading.open_table(wake).expect("is there").len().expect("counts"), 2);
    assert_eq!(reading.open_table(expiry).expect("is there").len().expect("counts"), 0);
}

#[test]
fn the_setting_must_be_one_that_is_known() {
    for url in ["postgres://u:hunter2@db", "jules.redb", ""] {
        let Err(error) = open(url) else { panic!("{url} was opened") };
        assert!(error.to_string().contains("STORE"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_write_goes_on_when_nobody_waits_for_it() {
    let (_directory, path) = place();
    let store = Embedded::open(&path).expect("a new store");
    {
        let (key, doc) = (key("a"), doc("x"));
        let write = store.put(&key, &doc, Expect::Absent, noon());
        // Polled once, which sends it, and then forgotten.
        tokio::select! { biased; _ = write => {}, () = std::future::ready(()) => {} }
    }
    stored(&store, "b", &doc("y"), Expect::Absent, noon()).await;
    assert!(got(&store, "a", noon()).await.is_some());
}
