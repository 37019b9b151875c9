//! Connections: taken, timed, and finished when the program stops.
//!
//! axum's own `serve` waits for ever for a client that sends its headers byte by byte, or nothing at
//! all; enough of them use up the open files of the process, and then Slack gets in no more.

use super::{AppState, router};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest head of a request, in bytes; what is larger is answered with 431. Slack's own have two
/// kilobytes, whatever a proxy adds.
const LARGEST_HEAD: usize = 64 * 1024;

/// How long to wait when no connection can be taken because the process has too many files open.
const REST: Duration = Duration::from_secs(1);

/// How long a client may take.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// Until the head of a request is here, from the connection or the last answer on. So this is also
    /// how long a connection may be idle, and should be longer than a proxy in front keeps one, which
    /// is a minute as a rule: else it may send a request just as we close.
    pub head: Duration,
    /// From then on, until the body is here. Slack itself gives up after three seconds.
    pub body: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { head: Duration::from_secs(75), body: Duration::from_secs(10) }
    }
}

/// Answers requests until `stop`, then those that are here already. Ends when all connections have.
pub async fn serve(listener: TcpListener, site: AppState, stop: CancellationToken) {
    // HTTP/2 without TLS is spoken by nobody who calls us.
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(site.limits.head).max_buf_size(LARGEST_HEAD);
    let service = TowerToHyperService::new(router(site));
    let (connections, end) = (TaskTracker::new(), GracefulShutdown::new());
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = stop.cancelled() => break,
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = end.watch(connection);
        // How it ends is the client's doing: it went away, was too slow, or spoke no HTTP.
        connections.spawn(async move { drop(connection.await) });
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
