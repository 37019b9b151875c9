//! `jules-slack export` and `import`.

use super::complain;
use crate::config::{self, Mistakes, Variables};
use anyhow::Context;
use clap::Args;
use platform::clock;
use std::io::{self, BufReader, BufWriter};
use store::transfer::{self, Imported};

/// Which store.
#[derive(Debug, Args)]
pub(super) struct StorePlace {
    /// The store, written as the setting STORE is, which is taken when this is left out. A password
    /// in it can be seen by others on this machine: better set STORE
    #[arg(long)]
    store: Option<String>,
}

impl StorePlace {
    fn url(&self) -> Result<String, Mistakes> {
        let set = || config::store_address(&Variables::read());
        self.store.clone().map_or_else(set, Ok)
    }
}

/// Writes all documents to standard output.
pub(super) async fn export(place: &StorePlace) -> anyhow::Result<()> {
    let store = store::open_to_read(&place.url()?)?;
    let mut out = BufWriter::new(io::stdout());
    let count = transfer::export(&*store, &mut out, clock::system()()).await?;
    complain(&format!(
        "exported {count} documents. What is sealed in them opens only with the same ENCRYPTION_KEY \
         or key file"
    ));
    Ok(())
}

/// Reads an export from standard input.
pub(super) async fn import(place: &StorePlace) -> anyhow::Result<()> {
    let store = store::open(&place.url()?)?;
    let mut input = BufReader::new(io::stdin());
    let done = transfer::import(&*store, &mut input, clock::system()()).await.context("import")?;
    complain(&summary(&done));
    if done.refused > 0 {
        let named: Vec<&str> = done.named.iter().map(store::Key::as_str).collect();
        anyhow::bail!(
            "{} documents are in the store already with other content, and were left as they are: \
             {}{}",
            done.refused,
            named.join(", "),
            if named.len() < done.refused { ", …" } else { "" },
        );
    }
    Ok(())
}

fn summary(done: &Imported) -> String {
    let Imported { written, equal, expired, refused, .. } = done;
    format!(
        "imported {written} documents; {equal} were there already, {expired} have expired, {refused} \
         were refused"
    )
}
