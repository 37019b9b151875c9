//! Connections: taken, timed, and finished when the program stops.
//!
//! axum's own `serve` waits for ever for a client that sends its headers byte by byte, or nothing at
//! all; enough of them use up the open files of the process, and then Slack gets in no more.

use super::connections::Connections;
use super::{AppState, router};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest head of a request, in bytes; what is larger is answered with 431. Slack's own have two
/// kilobytes, whatever a proxy adds. Every connection may hold as much.
const LARGEST_HEAD: usize = 16 * 1024;

/// How long to wait when no connection can be taken because the process has too many files open.
const REST: Duration = Duration::from_secs(1);

/// What clients may use.
#[derive(Debug, Clone)]
pub struct ClientLimits {
    /// From the connection until the head of its first request is here.
    pub first_head: Duration,
    /// From the last answer until the head of the next request is here. So this is also how long a
    /// connection may be idle, and should be longer than a proxy in front keeps one, which is a minute
    /// as a rule: else it may send a request just as we close.
    pub head: Duration,
    /// From then on, until the body is here. Slack itself gives up after three seconds.
    pub body: Duration,
    /// Connections at once. Each costs some 12 KiB, and up to 16 more while its head is read.
    pub connections: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            first_head: Duration::from_secs(10),
            head: Duration::from_secs(75),
            body: Duration::from_secs(10),
            connections: 2_048,
        }
    }
}

/// Answers requests until `stop`, then those that are here already. Ends when all connections have.
pub async fn serve(listener: TcpListener, site: AppState, stop: CancellationToken) {
    // HTTP/2 without TLS is spoken by nobody who calls us.
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(site.limits.head).max_buf_size(LARGEST_HEAD);
    let first_head = site.limits.first_head;
    let open = Connections::new(site.limits.connections);
    let service = Arc::new(TowerToHyperService::new(router(site)));
    let (connections, end) = (TaskTracker::new(), GracefulShutdown::new());
    loop {
        let next = async { (accept(&listener).await, open.admit().await) };
        let (stream, slot) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let (service, place) = (Arc::clone(&service), Arc::clone(&slot));
        let answer = move |mut request: Request<Incoming>| {
            place.head();
            if request.body().is_end_stream() {
                place.whole();
            }
            request.extensions_mut().insert(Arc::clone(&place));
            let (answer, place) = (service.call(request), Arc::clone(&place));
            async move {
                let answer = answer.await;
                place.answered();
                answer
            }
        };
        let connection = http.serve_connection(TokioIo::new(stream), service_fn(answer));
        let connection = end.watch(connection);
        connections.spawn(async move {
            tokio::select! {
                // How it ends is the client's doing: it went away, was too slow, or spoke no HTTP.
                ended = connection => drop(ended),
                () = slot.to_be_ended(first_head) => {}
            }
        });
    }
    drop(listener);
    end.shutdown().await;
}

/// The next connection, however long that takes.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // It was gone before it was taken.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(
                    %error,
                    "no connection can be taken; if too many files are open, raise their limit \
                     (`ulimit -n`, `LimitNOFILE`). Trying again"
                );
                tokio::time::sleep(REST).await;
            }
        }
    }
}
