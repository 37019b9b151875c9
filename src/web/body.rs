//! Reading bodies: each up to a limit, and all of them together up to another.
//!
//! A signature can be checked only when the body is here, so anyone can have bodies read. What they cost
//! is limited for all of them together, and the larger a body already is, the sooner it has to give way:
//! a flood of large ones leaves room for Slack's, which are small.

use super::AppState;
use super::connections::Slot;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use futures_util::StreamExt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::timeout;

/// The largest body that is read, in bytes. The longest message, 40,000 characters with each written as
/// two `\uXXXX` and all of it a second time in `blocks`, comes to 960,000.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// What all bodies may hold together, in bytes.
const ALL_BODIES: usize = 32 * 1024 * 1024;

/// How much of a refused body is read and dropped, in bytes: a connection that is closed before its bytes
/// are read is reset, and the answer is lost with it.
const MOST_DRAINED: usize = 8 * 1024 * 1024;

/// A body may grow to this part of what is free.
const SHARE: usize = 8;

/// What the bodies that are being read hold.
#[derive(Debug, Default)]
pub struct Bodies {
    held: AtomicUsize,
}

impl Bodies {
    /// Reads a body. 413 when it is too large, 503 when too much is being read already, 400 when it breaks
    /// off.
    pub(super) async fn read(self: &Arc<Self>, body: Body) -> Result<ReadBody, StatusCode> {
        let is_too_large = body.size_hint().lower() > LARGEST_BODY as u64;
        let mut refused = is_too_large.then_some(StatusCode::PAYLOAD_TOO_LARGE);
        let mut read = ReadBody { bytes: Vec::new(), held: 0, bodies: Arc::clone(self) };
        let mut left = MOST_DRAINED;
        let mut chunks = pin!(body.into_data_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| refused.unwrap_or(StatusCode::BAD_REQUEST))?;
            if let Some(status) = refused {
                left = left.checked_sub(chunk.len()).ok_or(status)?;
            } else if let Err(status) = read.push(&chunk) {
                read.forget();
                refused = Some(status);
            }
        }
        refused.map_or(Ok(read), Err)
    }

    /// Lets a body that holds `from` bytes hold `to`, if that leaves enough for the others.
    fn grow(&self, from: usize, to: usize) -> bool {
        let grown = |held: usize| {
            let free = ALL_BODIES.saturating_sub(held - from);
            (to <= free / SHARE).then_some(held - from + to)
        };
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown).is_ok()
    }
}

/// The whole body of a request whose head is fit: 408 when it doesn't come in time, else as [`Bodies::read`].
pub(super) async fn whole(site: &AppState, mut request: Request) -> Result<ReadBody, StatusCode> {
    let slot = request.extensions_mut().remove::<Arc<Slot>>();
    let read = timeout(site.limits.body, site.bodies.read(request.into_body())).await;
    let body = read.map_err(|_| StatusCode::REQUEST_TIMEOUT)??;
    if let Some(slot) = slot {
        slot.whole();
    }
    Ok(body)
}

/// A body that was read; what it holds is free again when it is dropped.
pub(super) struct ReadBody {
    bytes: Vec<u8>,
    held: usize,
    bodies: Arc<Bodies>,
}

impl ReadBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives back what it holds.
    fn forget(&mut self) {
        self.bytes = Vec::new();
        self.bodies.held.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
    }

    /// Copied, since a chunk keeps the whole buffer alive that it was received in.
    fn push(&mut self, chunk: &[u8]) -> Result<(), StatusCode> {
        let length = self.bytes.len() + chunk.len();
        if length > LARGEST_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if length > self.held {
            let room = length.max(self.held * 2).min(LARGEST_BODY);
            if !self.bodies.grow(self.held, room) {
                return Err(StatusCode::SERVICE_UNAVAILABLE);
            }
            self.held = room;
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

impl Drop for ReadBody {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(bodies: &Arc<Bodies>) -> ReadBody {
        ReadBody { bytes: Vec::new(), held: 0, bodies: Arc::clone(bodies) }
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let bodies = Arc::new(Bodies::default());
        let just = bodies.read(Body::from(vec![1; LARGEST_BODY])).await.ok().unwrap();
        assert_eq!(just.bytes().len(), LARGEST_BODY);
        let over = bodies.read(Body::from(vec![1; LARGEST_BODY + 1])).await;
        assert_eq!(over.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
        drop(just);
        assert_eq!(bodies.held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn however_many_large_bodies_there_are_small_ones_are_read() {
        let bodies = Arc::new(Bodies::default());
        let mut greedy: Vec<ReadBody> = (0..4_000).map(|_| empty(&bodies)).collect();
        for _ in 0..64 {
            for body in &mut greedy {
                let _full = body.push(&[0; 16 * 1024]);
            }
        }
        let held: usize = greedy.iter().map(|body| body.bytes.capacity()).sum();
        assert!(held <= ALL_BODIES, "{held}");
        let mut small = empty(&bodies);
        assert_eq!(small.push(&[0; 4 * 1024]), Ok(()));
        drop((greedy, small));
        assert_eq!(bodies.held.load(Ordering::Relaxed), 0);
    }
}
