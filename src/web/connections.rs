//! How many connections are open, and which of them gives way when there are too many.
//!
//! A connection is an open file and some memory, and anyone can have them. When there are too many, a new
//! one takes the place of the one that has been waiting longest for its client to send something. So
//! a client that sends a request gets in, however many others only connect.

use platform::lock::lock;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// All that are open.
pub(super) struct Connections {
    most: usize,
    open: Mutex<Open>,
    ended: Notify,
}

#[derive(Default)]
struct Open {
    count: usize,
    /// The newest that was given to one that waits.
    turn: u64,
    /// Those that wait for their client, longest first, with what ends each.
    waiting: BTreeMap<u64, CancellationToken>,
}

impl Open {
    fn wait(&mut self, gives_way: &CancellationToken) -> u64 {
        self.turn += 1;
        self.waiting.insert(self.turn, gives_way.clone());
        self.turn
    }
}

impl Connections {
    /// At most so many at once.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default(), ended: Notify::new() })
    }

    /// Room for one more. While as many as allowed are open, the one that waits longest is ended; if all of
    /// them are being answered, this waits for an answer.
    pub(super) async fn admit(self: &Arc<Self>) -> Arc<Slot> {
        loop {
            if let Some(slot) = self.slot() {
                return Arc::new(slot);
            }
            self.ended.notified().await;
        }
    }

    fn slot(self: &Arc<Self>) -> Option<Slot> {
        let mut open = lock(&self.open);
        if open.count >= self.most {
            if let Some((_, longest)) = open.waiting.pop_first() {
                longest.cancel();
            }
            return None;
        }
        open.count += 1;
        let gives_way = CancellationToken::new();
        let turn = AtomicU64::new(open.wait(&gives_way));
        let connections = Arc::clone(self);
        Some(Slot { connections, turn, gives_way, first_head: CancellationToken::new() })
    }
}

/// One connection's place.
pub(super) struct Slot {
    connections: Arc<Connections>,
    /// Its place among those that wait; 0 while it is being answered.
    turn: AtomicU64,
    gives_way: CancellationToken,
    first_head: CancellationToken,
}

impl Slot {
    /// A request begins.
    pub(super) fn head(&self) {
        self.first_head.cancel();
    }

    /// A request is here as a whole, so the rest is for us to do.
    pub(super) fn whole(&self) {
        let turn = self.turn.swap(0, Ordering::Relaxed);
        if turn != 0 {
            lock(&self.connections.open).waiting.remove(&turn);
        }
    }

    /// The answer is ready, so the next request is for the client to send.
    pub(super) fn answered(&self) {
        let mut open = lock(&self.connections.open);
        let turn = self.turn.swap(open.wait(&self.gives_way), Ordering::Relaxed);
        // It is waiting still if the request was refused before it was here as a whole.
        open.waiting.remove(&turn);
    }

    /// Ends when the connection has to: another one needs its place, or no head came within `limit`.
    pub(super) async fn to_be_ended(&self, limit: Duration) {
        let silent = async {
            if timeout(limit, self.first_head.cancelled()).await.is_ok() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = silent => {}
            () = self.gives_way.cancelled() => {}
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.whole();
        lock(&self.connections.open).count -= 1;
        self.connections.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn gave_way(slot: &Slot) -> bool {
        slot.gives_way.is_cancelled()
    }

    #[tokio::test]
    async fn the_one_that_waits_longest_gives_way() {
        let connections = Connections::new(3);
        let [first, second, third] =
            [connections.admit().await, connections.admit().await, connections.admit().await];
        first.whole();
        second.whole();
        second.answered();
        let next = connections.admit();
        let mut next = std::pin::pin!(next);
        assert!(next.as_mut().now_or_never().is_none(), "not before there is room");
        assert_eq!([gave_way(&first), gave_way(&second), gave_way(&third)], [false, false, true]);
        drop(third);
        let next = next.await;
        assert!(connections.admit().now_or_never().is_none());
        assert!(gave_way(&second) && !gave_way(&next), "it has waited since its answer");
    }

    #[tokio::test]
    async fn while_all_are_answered_a_new_one_waits() {
        let connections = Connections::new(1);
        let only = connections.admit().await;
        only.whole();
        assert!(connections.admit().now_or_never().is_none());
        assert!(!gave_way(&only));
        drop(only);
        assert!(connections.admit().now_or_never().is_some());
        assert!(lock(&connections.open).waiting.is_empty());
    }

    #[tokio::test]
    async fn a_first_head_in_time_is_enough() {
        let connections = Connections::new(2);
        let (silent, heard) = (connections.admit().await, connections.admit().await);
        heard.head();
        silent.to_be_ended(Duration::ZERO).await;
        assert!(heard.to_be_ended(Duration::ZERO).now_or_never().is_none());
    }
}
