//! How long a person's request waits until it is stored, alone and in a crowd: `cargo bench --bench store`.
//!
//! The embedded store waits for the disk, so run it on the disk it will live on (set `TMPDIR`). A
//! crowd of 64 should take little longer than one writer, because it shares a commit.

#![expect(clippy::expect_used, reason = "a measurement that cannot continue panics")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use std::sync::Arc;
use store::{Doc, Expect, Key, PutResult, Store, open};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// The size of a task in the middle of its life.
const BODY: &[u8] = &[b'x'; 4096];

/// Writes one document for each writer, all at once.
async fn put_all(store: &Arc<dyn Store>, writers: usize, round: u64) {
    let mut puts = JoinSet::new();
    for writer in 0..writers {
        let store = Arc::clone(store);
        let key = Key::new(format!("task/{round}/{writer}"));
        let doc = Doc { body: BODY.into(), wake_at: Some(Timestamp::UNIX_EPOCH), expires_at: None };
        puts.spawn(async move {
            store.put(&key, &doc, Expect::Absent, Timestamp::UNIX_EPOCH).await.expect("answers")
        });
    }
    let written = puts.join_all().await;
    assert!(written.iter().all(|written| *written != PutResult::Conflict));
}

fn measure(criterion: &mut Criterion, backend: &str, url: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let store = open(url).expect("an empty store");
    let mut group = criterion.benchmark_group(backend);
    let mut round = 0;
    for writers in [1, 64] {
        group.throughput(Throughput::Elements(writers as u64));
        group.bench_function(BenchmarkId::new("put", writers), |bencher| {
            bencher.iter(|| {
                round += 1;
                runtime.block_on(put_all(&store, writers, round));
            });
        });
    }
    let key = Key::new("task/1/0");
    group.throughput(Throughput::Elements(1));
    group.bench_function("get", |bencher| {
        bencher.iter(|| runtime.block_on(store.get(&key, Timestamp::UNIX_EPOCH)).expect("answers"));
    });
    group.bench_function("due of 100", |bencher| {
        bencher.iter(|| {
            runtime.block_on(store.due(None, 100, Timestamp::UNIX_EPOCH)).expect("answers")
        });
    });
    group.finish();
}

fn embedded(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("file:{}", directory.path().join("bench.redb").display());
    measure(criterion, "embedded", &url);
}

fn redis(criterion: &mut Criterion) {
    let server = kit::redis_server::Server::start(&[]);
    measure(criterion, "redis", &server.url("bench"));
}

criterion_group!(benches, embedded, redis);
criterion_main!(benches);
