//! The connected repositories as last read from Jules, kept in memory: lists for type-ahead and for
//! names typed without an owner. A miss is never taken for an answer; see `resolve`.
//!
//! A list of thousands comes in pages of seconds, for minutes on end. There is one reading at a time, for all
//! who wait: each of them may carry it on by a page, sees every page as it comes, and may leave. What was
//! read stays, so nobody starts over because someone's time was up.

use domain::repo::{RepoRef, Source, SourceName};
use jiff::{SignedDuration, Timestamp};
use jules::{Error, JulesClient, MOST_SOURCE_PAGES, PageToken};
use platform::clock::{Clock, is_younger};
use platform::lock;
use platform::walk::Walk;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokio::sync::{Mutex, watch};

/// Branches are read again after this: people push one and want it at once.
const BRANCHES_LIVE: SignedDuration = SignedDuration::from_secs(30);

/// A reading that nobody has carried on for so long starts over.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// What is known of an account's repositories.
pub struct SourceCache {
    jules: JulesClient,
    clock: Clock,
    known: RwLock<Known>,
    /// Locked while a page is read.
    reading: Mutex<Option<Reading>>,
    /// Counts the pages that were read, for those who wait for the next.
    pages: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    sources: Option<Arc<[Source]>>,
    /// When the last whole reading ended.
    read_at: Option<Timestamp>,
    /// How many whole readings there were.
    readings: u64,
    /// The pages of the reading that is under way.
    so_far: Vec<Source>,
    /// Sources read one by one, with their branches.
    single: HashMap<SourceName, (Timestamp, Source)>,
}

/// A reading that is under way.
struct Reading {
    walk: Walk<PageToken>,
    began: Timestamp,
    carried_on: Timestamp,
}

impl SourceCache {
    pub(super) fn new(jules: JulesClient, clock: Clock) -> Self {
        Self {
            jules,
            clock,
            known: RwLock::default(),
            reading: Mutex::new(None),
            pages: watch::Sender::default(),
        }
    }

    /// The list as last read, without asking anybody; `None` before the first reading. Sources
    /// that were read one by one since then carry their branches.
    #[must_use]
    pub fn sources(&self) -> Option<Arc<[Source]>> {
        lock::read(&self.known).sources.clone()
    }

    /// The same; before the first reading has ended, the part that was read by now.
    #[must_use]
    pub(crate) fn sources_so_far(&self) -> Arc<[Source]> {
        let known = lock::read(&self.known);
        known.sources.clone().unwrap_or_else(|| known.so_far.as_slice().into())
    }

    /// When the last whole reading of the list ended; `None` if the clock was set back since, for then nobody
    /// knows.
    #[must_use]
    pub(crate) fn read_at(&self) -> Option<Timestamp> {
        lock::read(&self.known).read_at.filter(|read| *read <= (self.clock)())
    }

    /// Reads the whole list, unless a reading has ended after `not_before`. One that is under way will do.
    ///
    /// # Errors
    /// The client's. What was read stays, and the next caller continues from there.
    pub async fn refresh(&self, not_before: Timestamp) -> Result<(), Error> {
        self.search(not_before, |_| None).await.map(|_| ())
    }

    /// Looks for a source in each page of the list as it comes, until a reading has ended after `not_before`
    /// or after this was asked; `None` then.
    ///
    /// # Errors
    /// As [`refresh`](Self::refresh).
    pub(super) async fn search(
        &self,
        not_before: Timestamp,
        fits: impl Fn(&[Source]) -> Option<Source>,
    ) -> Result<Option<Source>, Error> {
        if self.read_at().is_some_and(|read| read > not_before) {
            return Ok(None);
        }
        let before = lock::read(&self.known).readings;
        let mut pages = self.pages.subscribe();
        loop {
            {
                let known = lock::read(&self.known);
                if known.readings > before {
                    return Ok(None);
                }
                if let Some(found) = fits(&known.so_far) {
                    return Ok(Some(found));
                }
            }
            tokio::select! {
                biased;
                // The sender is ours: it does not go away.
                _ = pages.changed() => {}
                mut reading = self.reading.lock() => self.read_page(&mut reading).await?,
            }
        }
    }

    /// Reads the next page of the reading that is under way, or the first of a new one.
    async fn read_page(&self, reading: &mut Option<Reading>) -> Result<(), Error> {
        let now = (self.clock)();
        let is_old = |reading: &Reading| now.duration_since(reading.carried_on).abs() >= PAUSE;
        if reading.as_ref().is_none_or(is_old) {
            lock::write(&self.known).so_far.clear();
        }
        reading.take_if(|reading| is_old(reading));
        let current = reading.get_or_insert_with(|| Reading {
            walk: Walk::of(MOST_SOURCE_PAGES),
            began: now,
            carried_on: now,
        });
        let page = match self.jules.source_page(current.walk.at()).await {
            Ok(page) => page,
            // The place is not accepted any more: from the beginning, the next time.
            Err(error @ (Error::Invalid(_) | Error::NotFound)) => {
                *reading = None;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        current.walk.turn(page.next);
        current.carried_on = (self.clock)();
        lock::write(&self.known).so_far.extend(page.items);
        if !current.walk.goes_on() {
            let ended = reading.take();
            ended.map_or(Ok(()), |ended| self.end(ended))?;
        }
        self.pages.send_modify(|pages| *pages += 1);
        Ok(())
    }

    /// The list is whole, or its pages do not end.
    fn end(&self, reading: Reading) -> Result<(), Error> {
        let mut known = lock::write(&self.known);
        let mut sources = std::mem::take(&mut known.so_far);
        reading.walk.finish()?;
        // What was connected while the list was read may have come on no page.
        let since = known.single.values().filter(|(read, _)| *read >= reading.began);
        for (_, single) in since {
            if !sources.iter().any(|source| source.name == single.name) {
                sources.push(single.clone());
            }
        }
        known.sources = Some(sources.into());
        known.read_at = Some((self.clock)());
        known.readings += 1;
        Ok(())
    }

    /// One source with its branches, read now or in the last half minute.
    ///
    /// # Errors
    /// The client's.
    pub(crate) async fn with_branches(
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
    pub(crate) async fn by_repo(
        &self,
        repo: &RepoRef,
        now: Timestamp,
    ) -> Result<Option<Source>, Error> {
        let found = self.jules.source_by_repo(repo).await?;
        self.keep(found.as_ref(), now);
        Ok(found)
    }

    fn keep(&self, source: Option<&Source>, now: Timestamp) {
        let Some(source) = source else { return };
        let mut known = lock::write(&self.known);
        known.single.retain(|_, (read, _)| is_younger(*read, BRANCHES_LIVE, now));
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
        is_younger(*read, BRANCHES_LIVE, now).then_some(source)
    }
}
