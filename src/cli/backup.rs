//! `jules-slack backup`: all documents in a file, next to a running bot too. What was in the file before is there until
//! the new backup is whole.

use super::complain;
use super::data::{StorePlace, documents};
use crate::doctor::counted;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
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
    if path.is_dir() {
        bail!("`{}` is a directory; name a file", path.display());
    }
    // No other backup to the same file has this name: it would be published half written.
    let draft = store::draft_name(path)?;
    let written = written(&draft, &wanted.place).await;
    let published = written.and_then(|count| Ok((count, publish(&draft, path)?)));
    match published {
        Ok((count, ())) => {
            complain(&format!(
                "wrote {} to {}. Secrets in it can be opened only with the same ENCRYPTION_KEY or \
                 key file",
                counted(count, "document"),
                path.display()
            ));
            Ok(())
        }
        Err(error) => {
            drop(fs::remove_file(&draft));
            let kept = if path.exists() { "; the earlier backup there is as it was" } else { "" };
            let words = format!("no backup was written to {}{kept}", path.display());
            if is_full(&error) {
                let fix = "Free some space, or name a file on another disk.";
                return Err(anyhow!("{words}: {error:#}. {fix}"));
            }
            Err(error.context(words))
        }
    }
}

async fn written(draft: &Path, place: &StorePlace) -> anyhow::Result<usize> {
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

/// Whether the disk, or what this user may have of it, is used up.
fn is_full(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.map(io::Error::kind).any(|kind| {
        matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
    })
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
