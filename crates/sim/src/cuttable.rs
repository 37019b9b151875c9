//! Connections that can be cut: a dropped answer, a refused port, a service that is gone. Tests need to
//! see what a client does then, and a web framework does not offer it.
//!
//! A handler that wants its connection gone takes the [`Cut`] of that connection and pulls it; the
//! next read or write of the server fails and the socket closes, with or without a reset.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Ends one connection from inside its handler.
#[derive(Clone)]
pub(super) struct Cut {
    token: CancellationToken,
    reset: Arc<AtomicBool>,
}

impl Cut {
    /// Closes the connection in the ordinary way, as a process that exits does.
    pub(super) fn close(&self) {
        self.token.cancel();
    }

    /// Cancelled when the connection is cut, no matter by whom.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Closes it with a TCP reset, as a proxy that dies does.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        self.token.cancel();
    }
}

impl Connected<IncomingStream<'_, Door>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().cut.clone()
    }
}

/// The listening socket; closing `open` closes it and every connection made through it.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) open: CancellationToken,
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        (Connection::new(stream, self.open.child_token()), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails as soon as it is cut.
pub(super) struct Connection {
    stream: TcpStream,
    cut: Cut,
    was_cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Connection {
    fn new(stream: TcpStream, token: CancellationToken) -> Self {
        let was_cut = Box::pin(token.clone().cancelled_owned());
        Self { stream, cut: Cut { token, reset: Arc::default() }, was_cut }
    }

    /// Fails once the connection is cut; otherwise sees to it that cutting wakes the connection.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.token.is_cancelled() || self.was_cut.as_mut().poll(cx).is_ready() {
            if self.cut.reset.load(Ordering::SeqCst) {
                // Without it the close is an orderly one; there is no one to tell.
                let _ = self.stream.set_zero_linger();
            }
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
