//! Locks that outlive a panic. Whatever is guarded here is changed in one step, so a holder that
//! panicked has left nothing half done, and what it held may be used on.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Waits for a mutex.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a lock, to read.
pub fn read<T: ?Sized>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a lock, to write.
pub fn write<T: ?Sized>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_lock_whose_holder_panicked_is_still_good() {
        let mutex = Mutex::new(1);
        let died = catch_unwind(AssertUnwindSafe(|| {
            let _held = lock(&mutex);
            panic!("the holder");
        }));
        assert!(died.is_err() && mutex.is_poisoned());
        assert_eq!(*lock(&mutex), 1);
    }
}
