//! A look at what waits in the store, for the metrics: how much, of what kind, and for how long.
//!
//! A store can tell what has a wake-up time and in which order, and nothing else without reading
//! every document. So that is what is counted: what will be due within a day, earliest first. It costs
//! one `due`, and at most [`MOST`] `get`s for the tasks and as many for the sessions of all accounts, whatever
//! else is stored, and each replica does it for itself. Where more waits, the counts stop there; the oldest is among
//! them.

use super::Engine;
use domain::ids::AccountId;
use domain::rate::READS;
use domain::task::Task;
use domain::watch::{Watch, WatchedSession};
use jiff::{SignedDuration, Timestamp};
use platform::metrics;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use store::documents::{task_id, watch_key};
use store::records::RecordError;
use store::{Due, Key};

/// How often it is taken.
pub(super) const EVERY: Duration = Duration::from_secs(30);
/// How many tasks are read at most, and how many sessions.
const MOST: usize = 200;
/// How many documents are counted by their names.
const MOST_KEYS: usize = 20_000;
/// What waits longer than this waits for people.
const HORIZON: SignedDuration = SignedDuration::from_hours(24);

/// The kind of a session that waits for Jules' limits. The alerts leave it out: it waits as long as a limit lasts.
const IN_LINE: &str = "in_line";
/// The kind of what waits for a key that someone brought, and that Jules refuses. The alerts leave it out: its owner is
/// told, and the operator can't replace it.
const OWN_KEY: &str = "own_key";

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
        let due = engine.store.due(None, MOST_KEYS, now + HORIZON).await;
        metrics::store(due.is_ok() && !engine.refuses_writes());
        let due = due?;
        let mut tasks = Vec::new();
        for id in due.iter().filter_map(|due| task_id(&due.key)).take(MOST) {
            tasks.extend(engine.passing_over(engine.own_task(&id).await)?.flatten());
        }
        self.forget();
        for (_, task) in &tasks {
            self.count(task, now);
        }
        self.tell();
        self.watch(engine, &due).await
    }

    /// How the sessions at Jules are looked at, on all accounts: how many, how late people hear of the latest one, and
    /// what is left of the smallest budget.
    async fn watch(&self, engine: &Engine, due: &[Due]) -> Result<(), RecordError> {
        let now = engine.now();
        let (mut count, mut latest, mut fewest_left) = (0, SignedDuration::ZERO, None);
        let accounts = engine.accounts();
        let mut followed: HashMap<AccountId, Vec<&Key>> = HashMap::new();
        for Due { key, .. } in due {
            if let Some(account) = engine.followed_on(key) {
                followed.entry(account.id.clone()).or_default().push(key);
            }
        }
        // As many of all accounts together as of tasks, but one of each.
        let each = (MOST / accounts.len().max(1)).max(1);
        for account in accounts {
            let read = engine.records.get::<Watch>(&watch_key(&account.id), now).await;
            let found = engine.passing_over(read)?.flatten();
            let watch = found.map(|(_, watch)| watch).unwrap_or_default();
            let its = followed.remove(&account.id).unwrap_or_default();
            // Those that are to be read wake within minutes, so they are among the first of a usual account.
            for key in its.iter().take(each) {
                let read = engine.records.get::<WatchedSession>(key, now).await;
                if let Some((_, session)) = engine.passing_over(read)?.flatten() {
                    latest = latest.max(watch.late(&session, now));
                }
            }
            count += its.len();
            let left = watch.reads.left(READS, now);
            fewest_left = Some(fewest_left.map_or(left, |fewest: u32| fewest.min(left)));
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::watch(count, latest.try_into().unwrap_or_default(), fewest_left.unwrap_or(0));
        Ok(())
    }

    fn forget(&mut self) {
        self.states.values_mut().for_each(|count| *count = 0);
        self.effects.values_mut().for_each(|waiting| *waiting = Waiting::default());
    }

    fn count(&mut self, task: &Task, now: Timestamp) {
        *self.states.entry(task.phase.name()).or_default() += 1;
        for entry in &task.outbox {
            let kind = if task.is_in_line(entry) {
                IN_LINE
            } else if task.waits_for_own_key(entry) {
                OWN_KEY
            } else {
                entry.effect.spec().kind
            };
            let waiting = self.effects.entry(kind).or_default();
            waiting.count += 1;
            waiting.oldest = waiting.oldest.max(entry.age(now).try_into().unwrap_or_default());
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
