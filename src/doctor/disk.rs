//! A store in a file: is it ours, may we write there, is there room.

use super::Check;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use store::Embedded;

const NAME: &str = "store";
const DISK: &str = "disk";

/// Less room than this is soon used up, in bytes.
const SCARCE: u64 = 200 * 1024 * 1024;

/// With less than this the file cannot grow by one of its steps, in bytes.
const NONE: u64 = 10 * 1024 * 1024;

pub(super) async fn look(path: PathBuf) -> Vec<Check> {
    // A disk that hangs must not hold up the other areas, which share this thread.
    let looked = tokio::task::spawn_blocking(move || vec![file(&path), room(&directory(&path))]);
    looked.await.unwrap_or_else(|_| {
        vec![Check::failure(NAME, "the look at the file broke off", "Report this as a bug.")]
    })
}

fn file(path: &Path) -> Check {
    let shown = path.display();
    if let Err(error) = try_directory(&directory(path)) {
        return Check::failure(
            NAME,
            format!("nothing can be written beside `{shown}`: {error}"),
            "Set STORE to a file in a directory that exists and that this user may write to.",
        );
    }
    if !path.exists() {
        return Check::ok(NAME, format!("`{shown}` will be made at the first start"));
    }
    if Embedded::is_in_use(path) {
        return Check::ok(
            NAME,
            format!("`{shown}` is in use by another process, as it is while the bot runs"),
        );
    }
    match Embedded::open_to_read(path) {
        Err(error) => {
            Check::failure(NAME, error.to_string(), "Do what it says; nothing was changed.")
        }
        Ok(_) if let Err(error) = OpenOptions::new().append(true).open(path) => Check::failure(
            NAME,
            format!("`{shown}` may not be written: {error}"),
            "Give it to the user that the bot runs as.",
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

/// Makes a file there and takes it away again.
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
                format!("how much room is left in `{shown}` cannot be told: {error}"),
                "Look at it with `df`.",
            );
        }
    };
    let words = format!("{} MB are free in `{shown}`", free / (1024 * 1024));
    match free {
        ..NONE => Check::failure(DISK, words, "Free some space: nothing can be stored."),
        NONE..SCARCE => Check::warning(DISK, words, "Free some space soon."),
        SCARCE.. => Check::ok(DISK, words),
    }
}
