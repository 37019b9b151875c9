//! `jules-slack backup`: all documents in a file, next to a running bot too. An earlier backup in the file is there until
//! the new one is whole, and a file that is no backup is never replaced.

use super::data::{StorePlace, documents};
use super::remark;
use crate::doctor::counted;
use crate::terminal::is_full;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use store::transfer::BEGINNING;

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "Restore it with `import` into an empty store. The key that opens its\n\
                  secrets isn't in it: keep ENCRYPTION_KEY, or the key file, too.\n\n\
                  Exit codes: 0, 1 when no backup was written, or 2 when an argument or\n\
                  a setting is wrong.")]
pub(super) struct Wanted {
    /// The file; an earlier backup is replaced once the new one is whole
    file: PathBuf,
    #[command(flatten)]
    place: StorePlace,
}

/// Writes the backup.
pub(super) async fn write(wanted: &Wanted) -> anyhow::Result<()> {
    let name = wanted.file.display();
    let path = &target(&wanted.file)?;
    // No other backup to the same file has this name: it would be published half written.
    let draft = store::draft_name(path)?;
    let written = written(&draft, &wanted.place).await;
    let published = written.and_then(|count| Ok((count, publish(&draft, path)?)));
    match published {
        Ok((count, ())) => {
            remark(&format!(
                "wrote {} to {name}. Secrets in it can be opened only with the same ENCRYPTION_KEY \
                 or key file",
                counted(count, "document"),
            ));
            Ok(())
        }
        Err(error) => {
            drop(fs::remove_file(&draft));
            let kept = if path.exists() { "; the earlier backup there is as it was" } else { "" };
            let words = format!("no backup was written to {name}{kept}");
            if has_no_room(&error) {
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

/// The file to write. One slip must not cost the running bot its store or its key, so what is replaced has to be an export,
/// or empty. A symbolic link stays, and what it leads to is replaced.
fn target(file: &Path) -> anyhow::Result<PathBuf> {
    let name = file.display();
    if file == Path::new("-") {
        bail!("`-` isn't a file; to write to standard output, use `jules-slack export`");
    }
    let path = match fs::canonicalize(file) {
        Ok(path) => path,
        // Nothing has this name yet.
        Err(_) if fs::symlink_metadata(file).is_err() => return Ok(file.to_owned()),
        Err(error) => return Err(error).context(format!("can't find what `{name}` leads to")),
    };
    let kind = fs::metadata(&path).with_context(|| format!("can't look at `{name}`"))?.file_type();
    if kind.is_dir() {
        bail!("`{name}` is a directory; name a file");
    }
    if !kind.is_file() {
        bail!("`{name}` isn't a regular file; name another, or use `jules-slack export`");
    }
    if !is_replaceable(&path).with_context(|| format!("can't read `{name}`"))? {
        bail!("`{name}` isn't a backup, so it stays as it is; name another file");
    }
    Ok(path)
}

/// Whether an export, or nothing, is in it.
fn is_replaceable(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNING.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || beginning == BEGINNING)
}

fn has_no_room(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.map(io::Error::kind).any(is_full)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
