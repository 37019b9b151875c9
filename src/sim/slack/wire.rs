//! Connections that can be cut: a dropped answer, a refused port, a service that is gone.
//!
//! Tests need to see what a client does when a connection closes in the middle, and an ordinary
//! listener cannot do that. Here every connection has a token; cancelling it makes the next read or
//! write fail, which is what a reset looks like from the other side.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A listener whose connections are all cut when `closing` is cancelled.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) closing: CancellationToken,
}

/// One connection.
pub(super) struct Wire {
    stream: TcpStream,
    cut: CancellationToken,
    waiting: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// What a handler gets to cut its own connection with.
#[derive(Clone)]
pub(super) struct Cut(pub(super) CancellationToken);

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.listener).await;
        let cut = self.closing.child_token();
        let waiting = Box::pin(cut.clone().cancelled_owned());
        (Wire { stream, cut, waiting }, from)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(stream.io().cut.clone())
    }
}

impl Wire {
    fn check(&mut self, cx: &mut Context<'_>) -> Result<()> {
        match self.waiting.as_mut().poll(cx) {
            Poll::Ready(()) => Err(Error::from(ErrorKind::ConnectionReset)),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
