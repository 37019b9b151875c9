//! One write for all who want the same document changed at the same time.
//!
//! A document that many tasks change would otherwise be written once by each: a thousand that edit their
//! cards together would read and write the workspace's meter a thousand times, and most of those writes
//! would meet a conflict with the others.

use platform::lock::lock;
use std::mem;
use std::sync::Mutex;
use tokio::sync::MutexGuard;
use tokio::sync::oneshot::{self, Sender};

/// Changes that wait to be written by this process: of documents named `K`, each answered with `R`.
pub(super) struct Coalescer<K, T, R> {
    waiting: Mutex<Vec<Wish<K, T, R>>>,
    /// Serialises writers. While it is held, what does not wait has been written.
    writing: tokio::sync::Mutex<()>,
}

/// A change that someone waits for.
struct Wish<K, T, R> {
    key: K,
    change: T,
    reply: Sender<R>,
}

/// What becomes of a change that was submitted.
pub(super) enum Turn<'c, K, T, R> {
    /// Another waiter wrote it.
    Written(R),
    /// The caller writes it, and those of others with it.
    Write(Batch<'c, K, T, R>),
}

/// The changes of others that the caller writes with its own. Unless it finishes, they wait again,
/// whatever became of the caller.
pub(super) struct Batch<'c, K, T, R> {
    coalescer: &'c Coalescer<K, T, R>,
    others: Vec<Wish<K, T, R>>,
    _writing: MutexGuard<'c, ()>,
}

impl<K, T, R> Default for Coalescer<K, T, R> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), writing: tokio::sync::Mutex::default() }
    }
}

impl<K: PartialEq, T, R> Coalescer<K, T, R> {
    /// Waits until a change of the document `key` was written by another waiter, or may be written by
    /// the caller. Who gives up waiting withdraws its change, unless it is being written already.
    pub(super) async fn submit(&self, key: K, change: T) -> Turn<'_, K, T, R>
    where
        K: Clone,
    {
        let (sender, mut reply) = oneshot::channel();
        lock(&self.waiting).push(Wish { key: key.clone(), change, reply: sender });
        let writing = self.writing.lock().await;
        if let Ok(reply) = reply.try_recv() {
            return Turn::Written(reply);
        }
        // From here on the caller is not one of those who wait.
        drop(reply);
        Turn::Write(Batch { coalescer: self, others: self.take(&key), _writing: writing })
    }

    /// The changes of this document that someone still waits for.
    fn take(&self, key: &K) -> Vec<Wish<K, T, R>> {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|wish| !wish.reply.is_closed());
        waiting.extract_if(.., |wish| wish.key == *key).collect()
    }
}

impl<K, T, R> Batch<'_, K, T, R> {
    /// The changes of others, in the order in which they came.
    pub(super) fn others(&self) -> impl Iterator<Item = &T> {
        self.others.iter().map(|wish| &wish.change)
    }

    /// All is written: tells the others, in the same order.
    pub(super) fn finish(mut self, replies: impl IntoIterator<Item = R>) {
        for (wish, reply) in mem::take(&mut self.others).into_iter().zip(replies) {
            // Nobody minds an answer when the one who asked has given up meanwhile.
            let _ = wish.reply.send(reply);
        }
    }
}

impl<K, T, R> Drop for Batch<'_, K, T, R> {
    fn drop(&mut self) {
        lock(&self.coalescer.waiting).append(&mut self.others);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use futures_util::poll;
    use std::cell::RefCell;
    use std::pin::pin;
    use tokio::task::yield_now;

    type Numbers = Coalescer<&'static str, u32, u32>;

    /// Submits a number, and gives ten times as much; what is written together is noted.
    async fn add(
        numbers: &Numbers,
        number: u32,
        written: &RefCell<Vec<Vec<u32>>>,
        fails: bool,
    ) -> Result<u32, ()> {
        let batch = match numbers.submit("document", number).await {
            Turn::Written(reply) => return Ok(reply),
            Turn::Write(batch) => batch,
        };
        yield_now().await;
        if fails {
            return Err(());
        }
        let others: Vec<u32> = batch.others().copied().collect();
        let mut together = vec![number];
        together.extend(&others);
        written.borrow_mut().push(together);
        batch.finish(others.into_iter().map(|number| number * 10));
        Ok(number * 10)
    }

    #[tokio::test]
    async fn who_waits_at_the_same_time_shares_one_write() {
        let (numbers, written) = (Numbers::default(), RefCell::default());
        let replies = join_all((1..=4).map(|number| add(&numbers, number, &written, false))).await;
        assert_eq!(replies, [Ok(10), Ok(20), Ok(30), Ok(40)]);
        assert_eq!(*written.borrow(), [vec![1], vec![2, 3, 4]]);
    }

    #[tokio::test]
    async fn when_a_writer_fails_the_others_are_written_all_the_same() {
        let (numbers, written) = (Numbers::default(), RefCell::default());
        let replies = join_all((1..=4).map(|number| add(&numbers, number, &written, number <= 2)));
        assert_eq!(replies.await, [Err(()), Err(()), Ok(30), Ok(40)]);
        assert_eq!(*written.borrow(), [vec![3, 4]]);
    }

    #[tokio::test]
    async fn a_writer_that_is_given_up_leaves_its_batch_to_the_next() {
        let (numbers, written) = (Numbers::default(), RefCell::default());
        let mut second = pin!(add(&numbers, 2, &written, false));
        {
            let mut first = pin!(add(&numbers, 1, &written, false));
            assert!(poll!(&mut first).is_pending());
            assert!(poll!(&mut second).is_pending());
        }
        assert_eq!(second.await, Ok(20));
        assert_eq!(*written.borrow(), [vec![2]]);
    }

    #[tokio::test]
    async fn each_document_is_written_by_itself() {
        let numbers = Numbers::default();
        let held = numbers.submit("document", 1).await;
        let mut other = pin!(numbers.submit("another", 2));
        assert!(poll!(&mut other).is_pending());
        drop(held);
        let Turn::Write(batch) = other.await else { panic!("nobody else wrote it") };
        assert_eq!(batch.others().count(), 0);
    }
}
