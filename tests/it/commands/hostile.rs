//! Clients that mean no good, or are broken: too large, too slow, too many. Whoever behaves is
//! answered all the while.

use super::process::{Process, within};
use super::serve::World;
use jules_slack::app::Timeouts;
use jules_slack::web;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_millis(100);

/// Never met in a test that goes well.
const NEVER: Duration = Duration::from_secs(600);

/// What is sent where 256 KiB are allowed.
const HUGE: usize = 64 << 20;

/// Whoever behaves is answered.
async fn is_served(world: &World) {
    world.types("ann", "dev", "/jules help").await;
}

/// The app in this process, with these limits.
async fn serve(
    world: &World,
    limits: web::Timeouts,
    stop: &CancellationToken,
) -> (String, JoinSet<()>) {
    let app = world.app(&Timeouts { web: limits, ..Timeouts::default() });
    app.engine.learn_identity().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    world.slack.deliver_to(&format!("http://{address}/slack/events"));
    let mut server = JoinSet::new();
    server.spawn(app.serve(listener, stop.clone()));
    (address, server)
}

/// Sends this and nothing more; what the server says until it closes.
async fn sends_only(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("the server closes", stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Sends `text` one byte after the other, as fast as they are taken, until the server has enough.
async fn drips(address: &str, beginning: &str) -> String {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    to.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut beat = tokio::time::interval(SOON / 10);
    within("the server closes", async {
        loop {
            tokio::select! {
                read = from.read_buf(&mut answer) => if matches!(read, Ok(0) | Err(_)) { break },
                _ = beat.tick() => drop(to.write_all(b"a").await),
            }
        }
    })
    .await;
    String::from_utf8(answer).unwrap()
}

const HEAD: &str = "POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n";

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let world = World::new().await;
    let limits = web::Timeouts { head: SOON, body: NEVER };
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    assert_eq!(sends_only(&address, "").await, "", "nothing at all");
    assert_eq!(sends_only(&address, HEAD).await, "", "half of one");
    assert_eq!(drips(&address, &format!("{HEAD}x-slow: ")).await, "", "byte by byte");
    // Idle after an answer.
    let answer = sends_only(&address, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("alive\n"), "{answer}");
    is_served(&world).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let world = World::new().await;
    let limits = web::Timeouts { head: NEVER, body: SOON };
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    for answer in [
        sends_only(&address, &format!("{HEAD}\r\nhalf of it")).await,
        drips(&address, &format!("{HEAD}\r\n")).await,
    ] {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    is_served(&world).await;
}

#[tokio::test]
async fn a_head_that_does_not_end_is_refused() {
    let world = World::new().await;
    let limits = web::Timeouts { head: NEVER, body: NEVER };
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    let long = format!("{HEAD}x-long: {}", "a".repeat(100_000));
    let many = format!("{HEAD}{}\r\n", "x-many: a\r\n".repeat(1000));
    for head in [long, many] {
        let answer = sends_only(&address, &head).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    // HTTP/2 without TLS is not spoken.
    let answer = sends_only(&address, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    is_served(&world).await;
}

#[tokio::test]
async fn a_stop_waits_for_whoever_is_being_answered_and_for_nobody_else() {
    let world = World::new().await;
    let limits = web::Timeouts { head: NEVER, body: SOON };
    let stop = CancellationToken::new();
    let (address, mut server) = serve(&world, limits, &stop).await;
    let idle = TcpStream::connect(&address).await.unwrap();
    let (mut from, mut to) = TcpStream::connect(&address).await.unwrap().into_split();
    let begun = format!("{HEAD}expect: 100-continue\r\n\r\n");
    to.write_all(begun.as_bytes()).await.unwrap();
    let mut answer = vec![0; "HTTP/1.1 100".len()];
    within("the body is asked for", from.read_exact(&mut answer)).await.unwrap();
    stop.cancel();
    let mut answer = String::new();
    within("an answer", from.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("HTTP/1.1 408"), "{answer}");
    within("the end", server.join_next()).await.unwrap().unwrap();
    drop(idle);
    assert!(TcpStream::connect(&address).await.is_err(), "nobody listens any more");
}

/// Sends a body that is far too large, for as long as it is taken, while it listens for an answer.
async fn sends_too_much(address: &str, head: &str, chunked: bool) -> String {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let piece = vec![b'a'; 1 << 20];
    let send = async {
        to.write_all(head.as_bytes()).await?;
        for _ in 0..HUGE / piece.len() {
            if chunked {
                to.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
            }
            to.write_all(&piece).await?;
            if chunked {
                to.write_all(b"\r\n").await?;
            }
        }
        io::Result::Ok(())
    };
    let mut answer = Vec::new();
    let read = async {
        // A server that closes without reading the rest may be heard as a reset.
        while from.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {}
    };
    let (_refused, ()) = within("an answer", async { tokio::join!(send, read) }).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The most memory that the process had at any time, in KiB, where the system says so.
fn most_memory(served: &Process) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[tokio::test]
async fn bodies_of_64_mib_cost_no_memory() {
    let world = World::new().await;
    let (served, address) = world.serve_as(&mut world.command()).await;
    is_served(&world).await;
    let before = most_memory(&served);
    let head = "POST /slack/events HTTP/1.1\r\nhost: x\r\n";
    let announced = format!("{head}content-length: {HUGE}\r\n\r\n");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
    for _ in 0..4 {
        let answers = tokio::join!(
            sends_too_much(&address, &announced, false),
            sends_too_much(&address, &announced, false),
            sends_too_much(&address, &chunked, true),
            sends_too_much(&address, &chunked, true),
        );
        for answer in <[String; 4]>::from(answers) {
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        }
    }
    is_served(&world).await;
    if let (Some(before), Some(after)) = (before, most_memory(&served)) {
        assert!(after - before < 16 * 1024, "{before} KiB became {after}");
    }
}

/// How many files this process may have open, if it says so.
fn most_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let most = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    most.unwrap_or(1024)
}

#[tokio::test]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let world = World::new().await;
    let (_served, address) = world.serve_as(&mut world.command()).await;
    // Each has an end here; other tests need some too.
    let count = 10_000.min(most_files() / 2);
    let mut idle = Vec::new();
    for number in 0..count {
        let mut stream = within("a connection", TcpStream::connect(&address)).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(HEAD.as_bytes()).await.unwrap();
        }
        idle.push(stream);
    }
    is_served(&world).await;
    // They are still there.
    for stream in &idle[..2] {
        let closed = stream.try_read(&mut [0]);
        assert_eq!(closed.map_err(|error| error.kind()), Err(io::ErrorKind::WouldBlock));
    }
}
