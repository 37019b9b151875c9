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
        // Unguessable, so that nobody on a shared machine can have prepared it.
        let name = format!("jules-slack-demo-{:016x}", getrandom::u64()?);
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
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
