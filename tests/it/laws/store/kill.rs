//! Law 9: what was acknowledged is there after `kill -9`.

use super::{doc, got, key, noon, stored};
use kit::redis_server::{Server, namespace};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{self, Expect, PutResult, Store};

/// How many writers there are at a time, so that commits carry several writes.
const WRITERS: usize = 8;

#[tokio::test]
async fn embedded() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("file:{}", directory.path().join("store.redb").display());
    let mut acknowledged = Vec::new();
    // Each round begins with a file that was not closed.
    for (round, acknowledgements) in [1, 40, 150, 333].into_iter().enumerate() {
        acknowledged.extend(write_until_killed(&url, round, acknowledgements));
        let store = store::open(&url).expect("opens after a crash");
        assert_all_there(&*store, &acknowledged).await;
        stored(&*store, &format!("after/{round}"), &doc("x"), Expect::Absent, noon()).await;
    }
    assert!(acknowledged.len() >= 524);
}

/// Starts this test binary again as a program that only writes, and kills it after so many
/// acknowledgements. Returns those, and the ones that were on their way.
fn write_until_killed(url: &str, round: usize, acknowledgements: usize) -> Vec<String> {
    let (mut child, mut input, output) = spawn_writer();
    writeln!(input, "{url} {round}").expect("the child listens");
    let mut names = Vec::new();
    for queue in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let queue = String::from_utf8_lossy(&queue).into_owned();
        if let Some(name) = queue.strip_prefix("stored ").and_then(|rest| rest.strip_suffix('.')) {
            names.push(name.to_owned());
        }
        if names.len() == acknowledgements {
            child.kill().expect("kills");
        }
    }
    child.wait().expect("ends");
    assert!(names.len() >= acknowledgements, "the child ended by itself: {names:?}");
    names
}

fn spawn_writer() -> (Child, ChildStdin, ChildStdout) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "laws::store::kill::writer", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let (input, output) = (child.stdin.take(), child.stdout.take());
    (child, input.expect("is piped"), output.expect("is piped"))
}

/// The program that is killed. It takes the store's address from its input and writes for ever.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is no test but a program that another test starts"]
async fn writer() {
    let mut queue = String::new();
    std::io::stdin().read_line(&mut queue).expect("reads");
    let Some((url, round)) = queue.trim().rsplit_once(' ') else { return };
    let store = store::open(url).expect("opens");
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, round) = (Arc::clone(&store), round.to_owned());
        writers.spawn(async move {
            for n in 0.. {
                let name = format!("{round}/{writer}/{n}");
                stored(&*store, &name, &doc(&name), Expect::Absent, noon()).await;
                // One write each, so that no line is torn; the dot says that it is whole.
                std::io::stdout()
                    .write_all(format!("stored {name}.\n").as_bytes())
                    .expect("prints");
            }
        });
    }
    writers.join_all().await;
}

async fn assert_all_there(store: &dyn Store, names: &[String]) {
    for name in names {
        let (_, kept) = got(store, name, noon()).await.unwrap_or_else(|| panic!("{name} is lost"));
        assert_eq!(kept, doc(name));
    }
}

/// Here it is the server that is killed.
#[tokio::test(flavor = "multi_thread")]
async fn redis() {
    let mut server = Server::start(&[]);
    let url = server.url(&namespace());
    let count = Arc::new(AtomicUsize::new(0));
    let (enough, wait) = tokio::sync::oneshot::channel();
    let enough = Arc::new(std::sync::Mutex::new(Some(enough)));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store::open(&url).expect("a good address");
        let (count, enough) = (Arc::clone(&count), Arc::clone(&enough));
        writers.spawn(async move {
            let mut names = Vec::new();
            loop {
                let name = format!("{writer}/{}", names.len());
                match store.put(&key(&name), &doc(&name), Expect::Absent, noon()).await {
                    Ok(PutResult::Stored(_)) => names.push(name),
                    Ok(PutResult::Conflict) => panic!("{name} was never written"),
                    Err(_) => return names,
                }
                if count.fetch_add(1, Ordering::Relaxed) == 200 {
                    let _ = enough.lock().expect("unpoisoned").take().map(|enough| enough.send(()));
                }
            }
        });
    }
    wait.await.expect("writers get so far");
    server.kill();
    let acknowledged: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 200);
    server.start_again();
    assert_all_there(&*store::open(&url).expect("a good address"), &acknowledged).await;
}
