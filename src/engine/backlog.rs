//! A look at what waits in the store, for the metrics: how much, of what kind, and for how long.
//!
//! A store can tell what has a wake-up time and in which order, and nothing else without reading
//! every document. So that is what is counted: a page of what will be due within a day, earliest
//! first. It costs one `due` and at most [`MOST`] `get`s, whatever else is stored, and each
//! replica does it for itself. Where more waits, the counts stop there; the oldest is among them.

use super::Engine;
use super::update::passing_over;
use crate::domain::rate::READS;
use crate::domain::task::Task;
use crate::domain::watch::Watch;
use crate::metrics;
use crate::store::documents::{task_id, watch_key};
use crate::store::records::RecordError;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often it is taken.
pub(super) const EVERY: Duration = Duration::from_secs(30);
/// How many documents are read at most.
const MOST: usize = 200;
/// What waits longer than this waits for people.
const HORIZON: SignedDuration = SignedDuration::from_hours(24);

/// What was counted the last time, so that what is gone is told as none.
#[derive(Debug, Default)]
pub struct Backlog {
    states: BTreeMap<&'static str, u32>,
    effects: BTreeMap<&'static str, Waiting>,
}

/// Effects of one kind.
#[derive(Debug, Default)]
struct Waiting {
    count: u32,
    oldest: Duration,
}

impl Backlog {
    /// Counts, and measures what was counted.
    ///
    /// # Errors
    /// The store's; the counts stay as they were.
    pub async fn take(&mut self, engine: &Engine) -> Result<(), RecordError> {
        let now = engine.now();
        let mut tasks = Vec::new();
        for key in engine.store.due(now + HORIZON, MOST).await? {
            let Some(id) = task_id(&key) else { continue };
            tasks.extend(passing_over(engine.own_task(&id).await)?.flatten());
        }
        self.forget();
        for (_, task) in &tasks {
            self.count(task, now);
        }
        self.tell();
        self.watch(engine).await
    }

    /// The one document that says how the sessions at Jules are looked at.
    async fn watch(&self, engine: &Engine) -> Result<(), RecordError> {
        let now = engine.now();
        let key = watch_key(&engine.account);
        let found = engine.records.get::<Watch>(&key, now).await?;
        let watch = found.map(|(_, watch)| watch).unwrap_or_default();
        let late = watch.due_since(now).map(|due| now.duration_since(due)).unwrap_or_default();
        let sessions = u32::try_from(watch.active().count()).unwrap_or(u32::MAX);
        metrics::watch(sessions, late.try_into().unwrap_or_default(), watch.reads.left(READS, now));
        Ok(())
    }

    fn forget(&mut self) {
        self.states.values_mut().for_each(|count| *count = 0);
        self.effects.values_mut().for_each(|waiting| *waiting = Waiting::default());
    }

    fn count(&mut self, task: &Task, now: Timestamp) {
        *self.states.entry(task.phase.name()).or_default() += 1;
        for entry in &task.outbox {
            let waiting = self.effects.entry(entry.effect.spec().kind).or_default();
            waiting.count += 1;
            let age = now.duration_since(entry.since.unwrap_or(entry.at));
            waiting.oldest = waiting.oldest.max(age.try_into().unwrap_or_default());
        }
    }

    fn tell(&self) {
        for (state, count) in &self.states {
            metrics::tasks(state, *count);
        }
        for (kind, waiting) in &self.effects {
            metrics::waiting(kind, waiting.count, waiting.oldest);
        }
    }
}
