//! A network that can go away without a word: it stands between a program and its Redis, and can stop
//! forwarding without closing anything. What it holds back meanwhile arrives afterwards, as it does
//! over TCP, however late that is.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// The way to one server.
pub(super) struct Cut {
    pub(super) address: SocketAddr,
    passes: watch::Sender<bool>,
}

impl Cut {
    pub(super) fn before(server: String, runtime: &Runtime) -> Arc<Self> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (passes, open) = watch::channel(true);
        let ways = TaskTracker::new();
        runtime.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                // A server that is down refuses; so does this.
                if let Ok(far) = TcpStream::connect(&server).await {
                    join(near, far, &open, &ways);
                }
            }
        });
        Arc::new(Self { address, passes })
    }

    /// From here on nothing passes.
    pub(super) fn cut(&self) {
        self.passes.send_replace(false);
    }

    /// Everything passes again.
    pub(super) fn mend(&self) {
        self.passes.send_replace(true);
    }
}

fn join(near: TcpStream, far: TcpStream, open: &watch::Receiver<bool>, ways: &TaskTracker) {
    // Answers are small and awaited one by one.
    drop((near.set_nodelay(true), far.set_nodelay(true)));
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    ways.spawn(carry(from_near, to_far, open.clone()));
    ways.spawn(carry(from_far, to_near, open.clone()));
}

/// Until one side ends; dropping a half tells the other side.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut open: watch::Receiver<bool>) {
    let mut part = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut part).await {
        let passes = open.wait_for(|open| *open).await.is_ok();
        if length == 0 || !passes || to.write_all(&part[..length]).await.is_err() {
            return;
        }
    }
}
