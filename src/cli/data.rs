//! `jules-slack export` and `import`.

use super::remark;
use crate::config::{self, Mistakes, Variables};
use crate::doctor::counted;
use crate::local::{Running, STOPPED};
use crate::terminal::cut_off;
use anyhow::Context;
use clap::Args;
use platform::clock;
use std::io::{self, BufReader, BufWriter, Write};
use store::transfer::{self, ExportError, Import, Imported};

pub(super) const EXPORT_HELP: &str = "\
Other users of this machine can see a password in --store. Use STORE instead.

Exit codes: 0, 1 when the export is incomplete, or 2 when an argument or
a setting is wrong.";

pub(super) const IMPORT_HELP: &str = "\
Other users of this machine can see a password in --store. Use STORE instead.

Exit codes: 0, 1 when not everything is imported, or 2 when an argument
or a setting is wrong.";

/// Which store.
#[derive(Debug, Args)]
pub(super) struct StorePlace {
    /// The store, if not the one in STORE
    #[arg(long)]
    store: Option<String>,
}

impl StorePlace {
    pub(super) fn url(&self) -> Result<String, Mistakes> {
        let set = || config::store_address(&Variables::read());
        self.store.clone().map_or_else(set, Ok)
    }
}

/// Writes all documents to `out`, and says how many there were. The process that has a file store open is asked for
/// them.
pub(super) async fn documents(
    place: &StorePlace,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<usize> {
    let url = place.url()?;
    let Some(running) = Running::of(&url).await? else {
        let store = store::open_to_read(&url)?;
        return Ok(transfer::export(store, out, clock::system()()).await?);
    };
    let mut answer = running.export().await?;
    let mut end = transfer::Copied::default();
    while let Some(piece) = answer.next().await? {
        end.note(&piece);
        out.write_all(&piece).map_err(ExportError::Output)?;
    }
    out.flush().map_err(ExportError::Output)?;
    end.documents().context(STOPPED)
}

/// Writes all documents to standard output.
pub(super) async fn export(place: &StorePlace) -> anyhow::Result<()> {
    let exported = documents(place, &mut BufWriter::new(io::stdout())).await;
    // Also where no one reads on: half an export is none.
    let count = exported.map_err(|error| match error.downcast() {
        Ok(ExportError::Output(error)) => cut_off("export", &error),
        Ok(error @ ExportError::Store(_)) => error.into(),
        Err(error) => error,
    })?;
    remark(&format!(
        "exported {}. Secrets in them can be opened only with the same ENCRYPTION_KEY or key file",
        counted(count, "document")
    ));
    Ok(())
}

/// Reads an export from standard input.
pub(super) async fn import(place: &StorePlace) -> anyhow::Result<()> {
    let url = place.url()?;
    let mut input = BufReader::new(io::stdin());
    let export = Import::begin(&mut input).context("import")?;
    let store = store::open(&url)?;
    let done = export.into_store(&*store, clock::system()()).await.context("import")?;
    remark(&summary(&done));
    if done.refused > 0 {
        let named: Vec<&str> = done.named.iter().map(store::Key::as_str).collect();
        let (are, were) = if done.refused == 1 { ("is", "wasn't") } else { ("are", "weren't") };
        anyhow::bail!(
            "{} {are} already in the store with other content, and {were} overwritten: {}{}",
            counted(done.refused, "document"),
            named.join(", "),
            if named.len() < done.refused { ", …" } else { "" },
        );
    }
    Ok(())
}

fn summary(done: &Imported) -> String {
    let Imported { written, equal, expired, refused, .. } = done;
    let written = counted(*written, "document");
    format!("imported {written}; {equal} already there, {expired} expired, {refused} refused")
}
