//! Clients that mean no good, or are broken: too large, too slow, too many. A client that behaves is
//! answered all the while.

use super::process::{Process, within};
use super::serve::{MAIN_JOB, World};
use jules_slack::app::Timeouts;
use jules_slack::web;
use platform::clock;
use std::io;
use std::process::Command;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_millis(100);

/// Never met in a test that goes well.
const NEVER: Duration = Duration::from_secs(600);

/// What is sent where 1 MiB is allowed.
const HUGE: usize = 64 << 20;

/// This long for a head, the first or another, and for a body.
fn allow(head: Duration, body: Duration) -> web::ClientLimits {
    web::ClientLimits { first_head: NEVER, head, body, ..web::ClientLimits::default() }
}

/// A client that behaves is answered.
async fn is_served(world: &World) {
    world.types("ann", "dev", "/jules help").await;
}

/// The app in this process, with these limits.
async fn serve(
    world: &World,
    limits: web::ClientLimits,
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

/// Headers that say it is signed; only the body would tell that it is not.
fn forged() -> String {
    let (now, zeros) = (clock::system()().as_second(), "0".repeat(64));
    format!("x-slack-signature: v0={zeros}\r\nx-slack-request-timestamp: {now}\r\n")
}

const HEAD: &str = "POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n";

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let world = World::new().await;
    let limits = allow(SOON, NEVER);
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
async fn the_first_head_has_less_time_than_the_next() {
    let world = World::new().await;
    let limits = web::ClientLimits { first_head: SOON, ..allow(NEVER, NEVER) };
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    // Both wait for the same time; this one has been answered before.
    let mut answered = TcpStream::connect(&address).await.unwrap();
    is_alive(&mut answered).await;
    assert_eq!(sends_only(&address, "").await, "", "nothing at all");
    assert_eq!(sends_only(&address, HEAD).await, "", "half of one");
    is_alive(&mut answered).await;
}

/// The process answers over this connection.
async fn is_alive(connection: &mut TcpStream) {
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"alive\n") {
        let read = within("an answer", connection.read_buf(&mut answer)).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

/// So many connections whose clients wait with a part of what they have to send.
async fn idle(address: &str, count: usize) -> Vec<TcpStream> {
    let begun = format!("{HEAD}{}\r\nhalf of it", forged());
    let mut idle = Vec::new();
    for number in 0..count {
        let mut stream = within("a connection", TcpStream::connect(&address)).await.unwrap();
        let part = ["", HEAD, &begun][number % 3];
        // It may have been ended already.
        let _ended = stream.write_all(part.as_bytes()).await;
        idle.push(stream);
    }
    idle
}

#[tokio::test]
async fn of_too_many_connections_the_one_that_waits_longest_gives_way() {
    let world = World::new().await;
    let limits = web::ClientLimits { connections: 9, ..allow(NEVER, NEVER) };
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    let mut streams = idle(&address, 60).await;
    is_served(&world).await;
    let mut honest = TcpStream::connect(&address).await.unwrap();
    is_alive(&mut honest).await;
    for stream in &mut streams[..45] {
        let read = within("its end", stream.read_to_end(&mut Vec::new())).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
    is_alive(&mut honest).await;
}

/// `serve`, with this limit of open files: `-n` for both, `-Sn` for the soft one.
fn with_files(world: &World, limit: &str) -> Command {
    world.in_shell(&format!("ulimit {limit} && exec \"$0\" serve"))
}

#[tokio::test]
async fn with_few_files_everyone_who_sends_something_is_answered() {
    let world = World::new().await;
    let (_served, address) = world.serve_as(&mut with_files(&world, "-n 128")).await;
    let streams = idle(&address, 400).await;
    for _ in 0..5 {
        is_served(&world).await;
        is_alive(&mut TcpStream::connect(&address).await.unwrap()).await;
    }
    world.types("ann", "dev", MAIN_JOB).await;
    assert!(world.link().await.contains("AshikNesin/404less"), "files are left for calls");
    drop(streams);
}

#[tokio::test]
async fn as_many_files_are_taken_as_the_system_allows_and_nothing_is_dumped() {
    let world = World::new().await;
    let (served, address) = world.serve_as(&mut with_files(&world, "-Sn 64")).await;
    let Ok(limits) = std::fs::read_to_string(format!("/proc/{}/limits", served.id())) else {
        return;
    };
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let files = limit("Max open files");
    assert!(files[0] == files[1] && files[0] != "64", "{files:?}");
    assert_eq!(limit("Max core file size")[..2], ["0", "0"]);
    let streams = idle(&address, 100).await;
    is_served(&world).await;
    drop(streams);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let world = World::new().await;
    let limits = allow(NEVER, SOON);
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    let head = format!("{HEAD}{}\r\n", forged());
    for answer in
        [sends_only(&address, &format!("{head}half of it")).await, drips(&address, &head).await]
    {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    is_served(&world).await;
}

#[tokio::test]
async fn a_head_that_does_not_end_is_refused() {
    let world = World::new().await;
    let limits = allow(NEVER, NEVER);
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
    let limits = allow(NEVER, SOON);
    let stop = CancellationToken::new();
    let (address, mut server) = serve(&world, limits, &stop).await;
    let idle = TcpStream::connect(&address).await.unwrap();
    let (mut from, mut to) = TcpStream::connect(&address).await.unwrap().into_split();
    let begun = format!("{HEAD}{}expect: 100-continue\r\n\r\n", forged());
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
    let head = format!("POST /slack/events HTTP/1.1\r\nhost: x\r\n{}", forged());
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

/// A request as large as Slack's largest, with these headers and all of its body.
async fn sends_254_kb(address: &str, headers: &str) -> String {
    let head = format!(
        "POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         {headers}content-length: 254000\r\n\r\n"
    );
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let send = async {
        to.write_all(head.as_bytes()).await?;
        to.write_all(&vec![b'a'; 253_999]).await
    };
    let mut answer = Vec::new();
    let read = async { while from.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {} };
    // The last byte never comes, so whatever is answered was answered without it.
    let (_refused, ()) = within("an answer", async { tokio::join!(send, read) }).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends that request so many times at once; the most that the process grew by, in KiB.
#[expect(clippy::print_stdout, reason = "the figure, for whoever asks with --no-capture")]
async fn grows_by(world: &World, headers: &str, count: usize, statuses: &[&str]) -> u64 {
    let (served, address) = world.serve_as(&mut world.command()).await;
    is_served(world).await;
    let before = most_memory(&served).unwrap_or_default();
    let mut requests = JoinSet::new();
    for _ in 0..count {
        let (address, headers) = (address.clone(), headers.to_owned());
        requests.spawn(async move { sends_254_kb(&address, &headers).await });
    }
    // A client that behaves is answered meanwhile.
    is_served(world).await;
    while let Some(answer) = requests.join_next().await {
        let answer = answer.unwrap();
        let is_one = statuses.iter().any(|status| answer.starts_with(status));
        assert!(answer.is_empty() || is_one, "{answer}");
    }
    is_served(world).await;
    let grown = most_memory(&served).unwrap_or_default() - before;
    println!("{count} bodies of 254 KB with {headers:?}: {grown} KiB");
    grown
}

/// Fewer where the test may have fewer files open.
fn many() -> usize {
    1_200.min(most_files() / 2)
}

#[tokio::test]
async fn unsigned_bodies_are_refused_before_they_come() {
    let world = World::new().await;
    let limits = allow(SOON, NEVER);
    let (address, _server) = serve(&world, limits, &CancellationToken::new()).await;
    let now = clock::system()().as_second();
    let signature = format!("x-slack-signature: v0={}\r\n", "0".repeat(64));
    for headers in [
        String::new(),
        format!("x-slack-request-timestamp: {now}\r\n"),
        signature.clone(),
        format!("{signature}x-slack-request-timestamp: {}\r\n", now - 301),
        format!("{signature}x-slack-request-timestamp: {}\r\n", now + 301),
        format!("{signature}x-slack-request-timestamp: soon\r\n"),
        format!("x-slack-signature: v0=abc\r\nx-slack-request-timestamp: {now}\r\n"),
        format!("x-slack-signature: v1=0\r\nx-slack-request-timestamp: {now}\r\n"),
    ] {
        let answer = sends_only(&address, &format!("{HEAD}{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{headers}: {answer}");
    }
    is_served(&world).await;
}

#[tokio::test]
async fn many_unsigned_bodies_cost_no_memory() {
    let world = World::new().await;
    let grown = grows_by(&world, "", many(), &["HTTP/1.1 401"]).await;
    assert!(grown < 48 * 1024, "{grown} KiB");
}

#[tokio::test]
async fn many_forged_bodies_share_a_limit() {
    let world = World::new().await;
    // Too many at once, or never whole.
    let statuses = ["HTTP/1.1 503", "HTTP/1.1 408"];
    let grown = grows_by(&world, &forged(), many(), &statuses).await;
    // The bodies share 32 MiB. Beside them each connection has its own buffers.
    let most = 32 * 1024 + 64 * many() as u64;
    assert!(grown < most, "{grown} KiB of {most}");
}

#[expect(clippy::print_stdout, reason = "the figure, for whoever asks with --no-capture")]
#[tokio::test]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let world = World::new().await;
    let (served, address) = world.serve_as(&mut world.command()).await;
    is_served(&world).await;
    let before = most_memory(&served).unwrap_or_default();
    // Each has an end here; other tests need some too.
    let count = 10_000.min(most_files() / 2);
    let idle = idle(&address, count).await;
    is_served(&world).await;
    is_alive(&mut TcpStream::connect(&address).await.unwrap()).await;
    let grown = most_memory(&served).unwrap_or_default() - before;
    println!("{count} idle connections: {grown} KiB");
    assert!(grown < 64 * 1024, "{grown} KiB");
    drop(idle);
}
