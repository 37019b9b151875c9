//! A store that can be switched off: every call, or every write, fails as if the disk or Redis were away, or full.

use async_trait::async_trait;
use kit::around::{Around, Wrapped};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Key, PutResult, Result, Store, StoreError};
use tokio::sync::watch;

/// The switch, shared by every store that was wrapped with it.
#[derive(Clone, Default)]
pub(crate) struct Switch {
    off: Arc<AtomicBool>,
    full: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
    slow: Arc<watch::Sender<Slow>>,
}

/// Whether answers to writes are kept back, and whether there is one.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Slow {
    #[default]
    No,
    Yes,
    Written,
}

impl Switch {
    /// From now on nothing is read or written.
    pub(crate) fn off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// From now on it's read and refuses writes, as on a full disk.
    pub(crate) fn full(&self) {
        self.full.store(true, Ordering::SeqCst);
    }

    /// The store answers again.
    pub(crate) fn on(&self) {
        self.off.store(false, Ordering::SeqCst);
        self.full.store(false, Ordering::SeqCst);
        self.silent.store(false, Ordering::SeqCst);
        self.slow.send_replace(Slow::No);
    }

    /// From now on it writes, and says so only once it is on again.
    pub(crate) fn slow(&self) {
        self.slow.send_replace(Slow::Yes);
    }

    /// Waits until something was written that nobody was told of.
    pub(crate) async fn until_written(&self) {
        let mut slow = self.slow.subscribe();
        slow.wait_for(|slow| *slow == Slow::Written).await.expect("the switch lives");
    }

    /// From now on it writes, and does not say so: the answer comes too late, or is lost.
    pub(crate) fn silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// A store behind this switch.
    pub(crate) fn before(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(Wrapped { store, around: self.clone() })
    }
}

#[async_trait]
impl Around for Switch {
    fn opens(&self) -> Result<()> {
        if self.off.load(Ordering::SeqCst) {
            return Err(StoreError::Down("switched off by the test".to_owned()));
        }
        Ok(())
    }

    fn accepts_writes(&self) -> Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(StoreError::Down("made full by the test".to_owned()));
        }
        Ok(())
    }

    async fn after_write(&self, _: &Key, written: Result<PutResult>) -> Result<PutResult> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(StoreError::Unanswered("made silent by the test".to_owned()));
        }
        let is_slow = |slow: &mut Slow| {
            let is_slow = *slow != Slow::No;
            *slow = if is_slow { Slow::Written } else { Slow::No };
            is_slow
        };
        if self.slow.send_if_modified(is_slow) {
            let mut slow = self.slow.subscribe();
            slow.wait_for(|slow| *slow == Slow::No).await.expect("the switch lives");
        }
        written
    }
}
