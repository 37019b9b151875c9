//! A store in a file: is it ours, is it writable, is there space, and does the bot that has it answer.

use super::Check;
use super::check::AS_ITS_USER;
use crate::local::Running;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::Embedded;

const NAME: &str = "store";
const DISK: &str = "disk";

/// Less space than this is soon used up, in bytes.
const SCARCE: u64 = 200 * 1024 * 1024;

/// With less than this the file cannot grow by one of its steps, in bytes.
const NONE: u64 = 10 * 1024 * 1024;

/// What looking at the file tells.
enum FileState {
    Free(Check),
    InUse,
}

/// Looks at the file of the store with this address.
pub(super) async fn look(url: &str, path: &Path) -> Vec<Check> {
    let place = path.to_owned();
    // A disk that hangs must not delay the other areas, which share this thread.
    let looked = tokio::task::spawn_blocking(move || (file(&place), room(&directory(&place))));
    match looked.await {
        Ok((FileState::Free(file), room)) => vec![file, room],
        Ok((FileState::InUse, room)) => vec![holder(url, path).await, room],
        Err(_) => {
            vec![Check::failure(NAME, "the check of the file failed", "Report this as a bug.")]
        }
    }
}

/// The process that has the file open. It's asked as `tasks` asks it; one without a socket is a command, and ends soon.
async fn holder(url: &str, path: &Path) -> Check {
    let answered = match Running::of(url).await {
        Ok(Some(running)) => running.tasks().await.map(drop),
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    let Err(error) = answered else {
        let shown = path.display();
        return Check::ok(
            NAME,
            format!("`{shown}` is in use by another process, as it is while the bot runs"),
        );
    };
    let said = format!("{error:#}");
    match said.split_once(". ") {
        Some((wrong, fix)) => Check::failure(NAME, wrong, format!("{fix}.")),
        None => Check::failure(NAME, said, "Look at its log, and restart it with this version."),
    }
}

fn file(path: &Path) -> FileState {
    match Check::unreadable(NAME, path).or_else(|| unusable_place(path)) {
        Some(check) => FileState::Free(check),
        None if Embedded::is_in_use(path) => FileState::InUse,
        None => FileState::Free(unused(path)),
    }
}

/// That nothing can be written next to the file.
fn unusable_place(path: &Path) -> Option<Check> {
    let error = try_directory(&directory(path)).err()?;
    let words = format!("can't write next to `{}`: {error}", path.display());
    // The user that created the store could write there.
    if error.kind() == ErrorKind::PermissionDenied && path.exists() {
        let fix = format!("{AS_ITS_USER} If this is that user, let it write to the directory.");
        return Some(Check::failure(NAME, words, fix));
    }
    let fix = "Set STORE to a file in a directory that exists and that this user may write to.";
    Some(Check::failure(NAME, words, fix))
}

/// A file that no process has open.
fn unused(path: &Path) -> Check {
    let shown = path.display();
    if !path.exists() {
        return Check::ok(NAME, format!("`{shown}` will be created at the first start"));
    }
    let writable = OpenOptions::new().append(true).open(path);
    if writable.as_ref().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
        return Check::failure(
            NAME,
            format!("`{shown}` can't be written by this user"),
            format!("{AS_ITS_USER} If this is that user, make it the owner of the file."),
        );
    }
    match Embedded::open_to_read(path) {
        Err(error) => Check::failure(
            NAME,
            error.to_string(),
            "Nothing was changed. Move the file away, or set STORE to another one.",
        ),
        Ok(_) if let Err(error) = &writable => Check::failure(
            NAME,
            format!("`{shown}` isn't writable: {error}"),
            "Set STORE to a file that can be written.",
        ),
        Ok(Some(_)) => Check::ok(NAME, format!("`{shown}` is a store of this program")),
        Ok(None) => Check::ok(
            NAME,
            format!("`{shown}` was not closed properly, and is checked at the next start"),
        ),
    }
}

fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Creates a file there and removes it.
fn try_directory(directory: &Path) -> std::io::Result<()> {
    let random = getrandom::u64().map_err(std::io::Error::other)?;
    let probe = directory.join(format!(".jules-slack-doctor-{random:016x}"));
    OpenOptions::new().write(true).create_new(true).open(&probe)?;
    fs::remove_file(probe)
}

fn room(directory: &Path) -> Check {
    let shown = directory.display();
    let free = match fs4::available_space(directory) {
        Ok(free) => free,
        Err(error) => {
            return Check::warning(
                DISK,
                format!("can't tell how much space is free in `{shown}`: {error}"),
                "Check it with `df`.",
            );
        }
    };
    let words = format!("{} MB free in `{shown}`", free / (1024 * 1024));
    match free {
        ..NONE => Check::failure(DISK, words, "Free some space: nothing can be stored."),
        NONE..SCARCE => Check::warning(DISK, words, "Free some space soon."),
        SCARCE.. => Check::ok(DISK, words),
    }
}
