//! Making a file that is whole or not there, and that only its owner may read.
//!
//! The store's file and the key beside it are made on first start. A crash in the middle must not
//! leave half a file, which the next start could neither use nor dare to replace; and of two starts
//! at once, one must win and the other use the winner's file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes `path` with what `fill` writes to the path it is given. Leaves a file that is already there
/// as it is; `Ok` then, too.
///
/// # Errors
/// What `fill` says, or why the file or its directory could not be written.
pub(super) fn make<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let draft = draft_name(path)?;
    owner_only().open(&draft)?;
    let made = fill(&draft).and_then(|()| Ok(publish(&draft, path)?));
    // After a rename it is already gone; otherwise a leftover harms nobody.
    let _ = fs::remove_file(&draft);
    made
}

/// Gives the draft its name, unless the name is taken.
fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    match fs::hard_link(draft, path) {
        Ok(()) => {}
        Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        // Some file systems have no hard links. Two first starts at once are not guarded there.
        Err(_) => fs::rename(draft, path)?,
    }
    sync_directory(path)
}

/// A name beside `path` for a file that takes its place once it is whole. Nobody else uses it.
///
/// # Errors
/// The system has no random numbers.
pub fn draft_name(path: &Path) -> io::Result<PathBuf> {
    let random = getrandom::u64().map_err(io::Error::other)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{random:016x}.new"));
    Ok(path.with_file_name(name))
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the *name* durable; the file's own sync covers only its contents.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(directory)?.sync_all()
}
