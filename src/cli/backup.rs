//! `jules-slack backup`: all documents in a file, next to a running bot too. What was in the file before is there until
//! the new backup is whole.

use super::complain;
use super::data::{StorePlace, documents};
use anyhow::Context;
use clap::Args;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "Restore it with `import` into an empty store. The key that opens its\n\
                  secrets isn't in it: keep ENCRYPTION_KEY, or the key file, too.")]
pub(super) struct Wanted {
    /// The file; one that is there is replaced once the backup is whole
    file: PathBuf,
    #[command(flatten)]
    place: StorePlace,
}

/// Writes the backup.
pub(super) async fn write(wanted: &Wanted) -> anyhow::Result<()> {
    let path = &wanted.file;
    let draft = draft_of(path);
    let written = written(&draft, &wanted.place).await;
    let published = written.and_then(|count| Ok((count, publish(&draft, path)?)));
    match published {
        Ok((count, ())) => {
            complain(&format!(
                "wrote {count} documents to {}. Secrets in it can be opened only with the same \
                 ENCRYPTION_KEY or key file",
                path.display()
            ));
            Ok(())
        }
        Err(error) => {
            drop(fs::remove_file(&draft));
            let kept = if path.exists() { "; the earlier backup there is as it was" } else { "" };
            Err(error.context(format!("no backup was written to {}{kept}", path.display())))
        }
    }
}

async fn written(draft: &Path, place: &StorePlace) -> anyhow::Result<usize> {
    // One that was interrupted may have left it.
    drop(fs::remove_file(draft));
    let mut out = BufWriter::new(owner_only().open(draft)?);
    let count = documents(place, &mut out).await?;
    out.flush()?;
    out.get_ref().sync_all().context("the disk")?;
    Ok(count)
}

fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    fs::rename(draft, path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// The file that it is written to first.
fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".new");
    path.with_file_name(name)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
