//! An export of a store that goes on: of a file it is one moment, of others it lacks nothing that its tasks count on.

use crate::harness::bot::Place;
use jiff::Timestamp;
use kit::memory_store::MemoryStore;
use std::sync::Arc;
use store::transfer::Export;
use store::{self, Doc, Expect, Key, Store};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

async fn put(store: &dyn Store, name: &str, words: &str) {
    let key = Key::new(name);
    let expect = match store.get(&key, NOW).await.expect("reads") {
        Some((rev, _)) => Expect::At(rev),
        None => Expect::Absent,
    };
    let body = format!("{{\"v\":1,\"is\":\"{words}\"}}").into();
    let doc = Doc { body, wake_at: None, expires_at: None };
    store.put(&key, &doc, expect, NOW).await.expect("writes");
}

/// The lines of documents in an export during which more is written, each as its name and its words.
async fn exported(store: Arc<dyn Store>) -> Vec<String> {
    put(&*store, "session/a", "old").await;
    put(&*store, "task/a", "old").await;
    let mut export = Export::of(Arc::clone(&store), NOW).expect("begins");
    let mut text = Vec::new();
    for _ in 0..2 {
        text.extend(export.next().await.expect("reads").expect("goes on"));
    }
    for name in ["pointer/b", "session/a", "session/b", "task/a", "task/b"] {
        put(&*store, name, "new").await;
    }
    while let Some(page) = export.next().await.expect("reads") {
        text.extend(page);
    }
    let text = String::from_utf8(text).expect("is text");
    assert!(text.ends_with("{\"end\":true}\n"), "{text}");
    assert_eq!(export.documents(), text.lines().count() - 2);
    let said = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("is JSON");
        Some(format!("{} {}", line["key"].as_str()?, line["json"]["is"].as_str()?))
    };
    text.lines().filter_map(said).collect()
}

#[tokio::test]
async fn of_a_file_it_is_one_moment() {
    let place = Place::file();
    let store = store::open(place.url()).expect("opens");
    assert_eq!(exported(store).await, ["session/a old", "task/a old"]);
}

#[tokio::test]
async fn of_others_what_was_added_meanwhile_is_read_at_the_end_and_no_task() {
    let lines = exported(Arc::new(MemoryStore::default())).await;
    assert_eq!(lines, ["session/a old", "task/a old", "pointer/b new", "session/b new"]);
}

/// The maker of a backup may have let go of the store by then.
#[tokio::test]
async fn a_frozen_file_can_be_read_after_its_store_is_gone() {
    let place = crate::harness::bot::Place::file();
    let (key, now) = (store::Key::new("task/one"), jiff::Timestamp::UNIX_EPOCH);
    for _ in 0..20 {
        let store = store::open(place.url()).expect("the store opens");
        let frozen = store.frozen().expect("can be").expect("a file can");
        drop(store);
        tokio::task::yield_now().await;
        std::thread::yield_now();
        assert!(frozen.get(&key, now).await.is_ok());
    }
}
