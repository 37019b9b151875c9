//! A directory that goes away: what the demo stores has no meaning after it.

use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// A new directory among the system's temporary ones, removed with all that is in it on drop.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// # Errors
    /// When the directory cannot be made.
    pub(super) fn make() -> anyhow::Result<Self> {
        // Unguessable, so that no one else on a shared machine can have made it before.
        let name = format!("jules-slack-demo-{:016x}", getrandom::u64()?);
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Removes what is in it.
    ///
    /// # Errors
    /// When it can't be removed, or made again.
    pub(super) fn empty(&self) -> anyhow::Result<()> {
        let again = fs::remove_dir_all(&self.0).and_then(|()| fs::create_dir(&self.0));
        again.with_context(|| format!("cannot empty {}", self.0.display()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The system clears what is left here.
        let _ = fs::remove_dir_all(&self.0);
    }
}
