//! The connected repositories as last read from Jules, kept in memory: lists for type-ahead and for
//! names typed without an owner. A miss is never taken for an answer; see `resolve`.

use crate::domain::repo::{RepoRef, Source, SourceName};
use crate::jules::{Error, JulesClient};
use crate::lock;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokio::sync::Mutex;

/// Branches are read anew after this: somebody pushes one and wants it at once.
const BRANCHES_LIVE: SignedDuration = SignedDuration::from_secs(30);

/// What is known of an account's repositories.
pub struct SourceCache {
    jules: JulesClient,
    known: RwLock<Known>,
    /// One reading at a time; whoever waits for it takes its result.
    reading: Mutex<()>,
}

#[derive(Default)]
struct Known {
    sources: Option<Arc<[Source]>>,
    read_at: Option<Timestamp>,
    /// Sources read one by one, with their branches.
    single: HashMap<SourceName, (Timestamp, Source)>,
}

impl SourceCache {
    pub(super) fn new(jules: JulesClient) -> Self {
        Self { jules, known: RwLock::default(), reading: Mutex::new(()) }
    }

    /// The list as last read, without asking anybody; `None` before the first reading. Sources
    /// that were read one by one since then carry their branches.
    #[must_use]
    pub fn sources(&self) -> Option<Arc<[Source]>> {
        lock::read(&self.known).sources.clone()
    }

    /// When the list was read last.
    #[must_use]
    pub fn read_at(&self) -> Option<Timestamp> {
        lock::read(&self.known).read_at
    }

    /// Reads the whole list, all pages, unless that was done after `not_before`.
    ///
    /// # Errors
    /// The client's; the list stays as it was.
    pub async fn refresh(&self, not_before: Timestamp, now: Timestamp) -> Result<(), Error> {
        let _one_at_a_time = self.reading.lock().await;
        if self.read_at().is_some_and(|read| read > not_before) {
            return Ok(());
        }
        let sources = self.jules.sources().await?;
        let mut known = lock::write(&self.known);
        known.sources = Some(sources.into());
        known.read_at = Some(now);
        Ok(())
    }

    /// One source with its branches, read now or in the last half minute.
    ///
    /// # Errors
    /// The client's.
    pub async fn with_branches(
        &self,
        name: &SourceName,
        now: Timestamp,
    ) -> Result<Option<Source>, Error> {
        let kept = {
            let known = lock::read(&self.known);
            known.fresh(name, now).cloned()
        };
        if kept.is_some() {
            return Ok(kept);
        }
        let found = match self.jules.source(name).await {
            Ok(source) => Some(source),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        self.keep(found.as_ref(), now);
        Ok(found)
    }

    /// One source asked for directly by its repository; for names that the list does not have.
    ///
    /// # Errors
    /// The client's.
    pub async fn by_repo(&self, repo: &RepoRef, now: Timestamp) -> Result<Option<Source>, Error> {
        let found = self.jules.source_by_repo(repo).await?;
        self.keep(found.as_ref(), now);
        Ok(found)
    }

    fn keep(&self, source: Option<&Source>, now: Timestamp) {
        let Some(source) = source else { return };
        let mut known = lock::write(&self.known);
        known.single.retain(|_, (read, _)| now.duration_since(*read) < BRANCHES_LIVE);
        known.single.insert(source.name.clone(), (now, source.clone()));
        if let Some(list) = &known.sources {
            let others = list.iter().filter(|listed| listed.name != source.name);
            let mut list: Vec<Source> = others.cloned().collect();
            list.push(source.clone());
            known.sources = Some(list.into());
        }
    }
}

impl Known {
    fn fresh(&self, name: &SourceName, now: Timestamp) -> Option<&Source> {
        let (read, source) = self.single.get(name)?;
        (now.duration_since(*read) < BRANCHES_LIVE).then_some(source)
    }
}
