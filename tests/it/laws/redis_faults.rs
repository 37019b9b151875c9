//! Redis on bad days: it is away, silent, cut off, replaced. What was answered must be true, and the
//! way back must need nobody.

use super::store::{doc, got, key, noon, put_given, stored};
use kit::redis_server::Server;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::records::Records;
use store::seal::Sealer;
use store::{Expect, PutResult, StoreError, open, read_once};

/// Every way of reaching a Redis, at this address.
fn ways(address: &str) -> [String; 4] {
    [
        format!("redis://{address}"),
        format!("rediss://{address}"),
        format!("redis-sentinel://{address}/jules"),
        format!("redis-cluster://{address}"),
    ]
}

#[tokio::test]
async fn it_recovers_by_itself() {
    let mut server = Server::start(&[]);
    let url = server.url("jules");
    server.kill();
    let store = open(&url).expect("down is no reason not to start");
    assert!(matches!(store.get(&key("a"), noon()).await, Err(StoreError::Down(_))));
    server.start_again();
    stored(&*store, "a", &doc("x"), Expect::Absent, noon()).await;
    server.start_again();
    assert!(got(&*store, "a", noon()).await.is_some(), "a restart in between is not noticed");
    server.kill();
    // It went out by the old connection, and whether it arrived cannot be known.
    let written = store.put(&key("b"), &doc("x"), Expect::Absent, noon()).await;
    assert!(matches!(written, Err(StoreError::Unanswered(_))), "{written:?}");
    let written = store.put(&key("b"), &doc("x"), Expect::Absent, noon()).await;
    assert!(matches!(written, Err(StoreError::Down(_))), "{written:?}");
    server.start_again();
    stored(&*store, "b", &doc("x"), Expect::Absent, noon()).await;
}

#[tokio::test]
async fn absence_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    for url in ways(&address) {
        let answer = open(&url).expect("a good address").get(&key("a"), noon()).await;
        assert!(matches!(answer, Err(StoreError::Down(_))), "{url}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_down_before_slack_gives_up() {
    // Connections are made, by the system, and nobody ever reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let mut asking = tokio::task::JoinSet::new();
    for url in ways(&address) {
        asking.spawn(async move {
            let store = open(&url).expect("a good address");
            for _ in 0..2 {
                let asked = Instant::now();
                let answer = store.get(&key("a"), noon()).await;
                let silent = matches!(answer, Err(StoreError::Unanswered(_) | StoreError::Down(_)));
                assert!(silent, "{url}: {answer:?}");
                assert!(asked.elapsed() < Duration::from_millis(2900), "{url}");
            }
        });
    }
    asking.join_all().await;
}

#[tokio::test]
async fn what_a_silent_redis_writes_later_is_not_said_to_be_refused() {
    let server = Server::start(&[]);
    let store = open(&server.url("jules")).expect("a good address");
    stored(&*store, "a", &doc("x"), Expect::Absent, noon()).await;
    server.freeze();
    let written = store.put(&key("b"), &doc("x"), Expect::Absent, noon()).await;
    assert!(matches!(written, Err(StoreError::Unanswered(_))), "{written:?}");
    server.thaw();
    let begun = Instant::now();
    while got(&*store, "b", noon()).await.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does what it had received");
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_is_not_noticed() {
    let server = Server::start(&[]);
    let store = open(&server.url("jules")).expect("a good address");
    let mut rev = stored(&*store, "a", &doc("0"), Expect::Absent, noon()).await;
    for n in 1..5 {
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("normal").exec(&mut server.connection()).expect("kills");
        rev = stored(&*store, "a", &doc(&n.to_string()), Expect::At(rev), noon()).await;
    }
}

/// The write is done, its answer never arrives, and the write is sent again: that must not look like
/// someone else's, or a delivery that was stored would be taken for one that was seen before.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_make_a_write_conflict_with_itself() {
    let server = Server::start(&[]);
    let proxy = LossyProxy::start(server.address());
    let store = open(&format!("redis://{}", proxy.address)).expect("a good address");
    assert!(got(&*store, "a", noon()).await.is_none());

    proxy.lose_next_answer();
    let rev = stored(&*store, "a", &doc("1"), Expect::Absent, noon()).await;
    assert_eq!(got(&*store, "a", noon()).await, Some((rev, doc("1"))), "written once");
    proxy.lose_next_answer();
    let next = stored(&*store, "a", &doc("2"), Expect::At(rev), noon()).await;
    assert_eq!(got(&*store, "a", noon()).await, Some((next, doc("2"))));
    assert_eq!(next.0, rev.0 + 1, "written once");
    assert!(!proxy.lose.load(Ordering::SeqCst), "an answer was lost");

    let same_again = store.put(&key("a"), &doc("2"), Expect::At(rev), noon()).await;
    assert_eq!(same_again.expect("an answer"), PutResult::Conflict, "equal is not the same");
}

#[tokio::test]
async fn forgotten_scripts_are_sent_again() {
    let server = Server::start(&[]);
    let store = open(&server.url("jules")).expect("a good address");
    let rev = stored(&*store, "a", &doc("x"), Expect::Absent, noon()).await;
    redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.connection()).expect("flushes");
    stored(&*store, "a", &doc("y"), Expect::At(rev), noon()).await;
}

/// What someone remembers of a document that is lost never passes for the one that came after it: the
/// cached binding of a channel decides on which repository a task starts.
#[tokio::test]
async fn after_everything_was_lost_no_revision_comes_again() {
    let server = Server::start(&[]);
    let (one, other) = (open(&server.url("jules")), open(&server.url("jules")));
    let (one, other) = (one.expect("a good address"), other.expect("a good address"));
    let old = stored(&*one, "binding", &doc("A"), Expect::Absent, noon()).await;
    redis::cmd("FLUSHALL").exec(&mut server.connection()).expect("flushes");
    let new = stored(&*other, "binding", &doc("B"), Expect::Absent, noon()).await;
    assert_ne!(old, new);
    let late = one.put(&key("binding"), &doc("C"), Expect::At(old), noon()).await;
    assert!(matches!(late, Ok(PutResult::Conflict)), "{late:?}");
    let late = put_given(&*one, "task", "binding", Expect::At(old), noon()).await;
    assert_eq!(late, PutResult::Conflict, "nothing starts on A");
}

#[tokio::test]
async fn a_full_memory_passes_and_tears_nothing() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let store = open(&server.url("jules")).expect("a good address");
    let rev = stored(&*store, "a", &doc("x"), Expect::Absent, noon()).await;
    let set_memory = |bytes: u32| {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("maxmemory").arg(bytes).exec(&mut server.connection()).expect("sets");
    };
    set_memory(1);
    let full = store.put(&key("a"), &doc("y"), Expect::At(rev), noon()).await;
    assert!(matches!(full, Err(StoreError::Down(_))), "{full:?}");
    assert_eq!(got(&*store, "a", noon()).await, Some((rev, doc("x"))));
    set_memory(0);
    stored(&*store, "a", &doc("y"), Expect::At(rev), noon()).await;
}

#[tokio::test]
async fn a_redis_that_refuses_writes_is_noticed_although_it_can_be_read() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let store = open(&server.url("jules")).expect("a good address");
    let records = Records::new(Arc::clone(&store), Sealer::new(&[7; 32], &[]));
    let set = |words: &[&str]| {
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.exec(&mut server.connection()).expect("is set");
    };
    let ways: [(&[&str], &[&str]); 3] = [
        (&["CONFIG", "SET", "maxmemory", "1"], &["CONFIG", "SET", "maxmemory", "0"]),
        (
            &["CONFIG", "SET", "min-replicas-to-write", "1"],
            &["CONFIG", "SET", "min-replicas-to-write", "0"],
        ),
        (&["REPLICAOF", "127.0.0.1", "1"], &["REPLICAOF", "NO", "ONE"]),
    ];
    assert!(!records.refuses_writes(), "nothing was refused");
    for (refuse, accept) in ways {
        records.try_write(noon()).await.expect("is written");
        assert!(!records.refuses_writes(), "before {refuse:?}");
        set(refuse);
        assert!(records.try_write(noon()).await.is_err(), "{refuse:?}");
        read_once(&*store, noon()).await.expect("can be read");
        assert!(records.refuses_writes(), "{refuse:?}");
        set(accept);
    }
    assert!(records.refuses_writes(), "until a write says otherwise");
    records.try_write(noon()).await.expect("is written");
    assert!(!records.refuses_writes());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_takes_the_lead() {
    let mut first = Server::start(&["--repl-diskless-sync-delay", "0"]);
    let (host, port) = first.address().split_once(':').map(owned).expect("host and port");
    let mut second = Server::start(&["--replicaof", &format!("{host} {port}")]);
    second.wait_for("MASTER <-> REPLICA sync: Finished");
    let mut sentinel = Server::start_sentinel(&first);
    sentinel.wait_for("+slave slave");
    let url = format!("redis-sentinel://{}/jules", sentinel.address());
    let store = open(&url).expect("a good address");
    let rev = stored(&*store, "a", &doc("1"), Expect::Absent, noon()).await;
    // WAIT is about writes of its own connection; what came before them is copied before them.
    let (_, copies): ((), u8) = redis::pipe()
        .cmd("SET")
        .arg(&["unrelated", "x"])
        .cmd("WAIT")
        .arg(&[1, 5000])
        .query(&mut first.connection())
        .expect("answers");
    assert_eq!(copies, 1, "the replica has it");

    first.kill();
    // Until another leads the Sentinels name none, or one that is gone, and nothing of that may stick.
    let (begun, mut asked) = (Instant::now(), 0);
    while let Err(error) = store.get(&key("a"), noon()).await {
        assert!(begun.elapsed() < Duration::from_secs(60), "{error}");
        asked += 1;
    }
    assert!(asked > 0, "nobody led for a while");
    let next = stored(&*store, "a", &doc("2"), Expect::At(rev), noon()).await;
    assert_ne!(next, rev);
}

fn owned((host, port): (&str, &str)) -> (String, String) {
    (host.to_owned(), port.to_owned())
}

/// Stands between the store and the server, and can lose an answer on its way.
struct LossyProxy {
    address: String,
    lose: Arc<AtomicBool>,
}

impl LossyProxy {
    fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let lose = Arc::new(AtomicBool::new(false));
        let losing = Arc::clone(&lose);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = TcpStream::connect(&server).expect("the server is there");
                let (near_too, far_too) = (near.try_clone(), far.try_clone());
                let losing = Arc::clone(&losing);
                std::thread::spawn(move || carry(near, far, || false));
                std::thread::spawn(move || {
                    let (near, far) = (near_too.expect("clones"), far_too.expect("clones"));
                    carry(far, near, || losing.swap(false, Ordering::SeqCst));
                });
            }
        });
        Self { address, lose }
    }

    fn lose_next_answer(&self) {
        self.lose.store(true, Ordering::SeqCst);
    }
}

/// Carries bytes until the end, or until it is told to lose some; then both sides are cut.
fn carry(mut from: TcpStream, mut to: TcpStream, lose: impl Fn() -> bool) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if lose() || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
