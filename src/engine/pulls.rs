//! Pull requests on GitHub: which are watched, when their turn comes, and what webhooks hurry.
//!
//! A pull request has a document of its own with a wake-up time. A look reads it on GitHub and tells its task, which
//! decides what is news; only then the document is stored. So a crash in between looks again, and that is no news.

use super::Engine;
use super::foreign::Belonging;
use super::update::Update;
use domain::ids::DeliveryId;
use domain::pull::{FIRST_LOOK, NoSight, PullRef, WatchedPull};
use domain::task::{Input, Task};
use github::{Error, GitHub, Hint, Urgency};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use store::documents::{
    ProcessedEvent, pull_key, pull_prefix, pulls_of_repository, seen_key, task_key,
};
use store::records::RecordError;
use store::{Expect, Key, Names, PutResult, Rev};
use tokio::sync::Semaphore;

/// How many pull requests are looked at at a time. [GitHub: best practices, avoid concurrent requests]
const AT_ONCE: usize = 4;
/// A look may take this long before another process takes over.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// A limit that ends so soon isn't worth a word.
const SHORT: SignedDuration = SignedDuration::from_mins(5);
/// How many documents of a repository a webhook is compared with.
const MOST_OF_REPOSITORY: usize = 1_000;
/// A delivery is remembered for so long. GitHub offers those of the last three days to be sent again.
const DELIVERY_LIVES: SignedDuration = SignedDuration::from_hours(24 * 4);

/// GitHub, and how much is asked of it at a time.
pub(super) struct Pulls {
    pub(super) github: GitHub,
    turns: Semaphore,
}

impl Pulls {
    pub(super) fn new(github: GitHub) -> Self {
        Self { github, turns: Semaphore::new(AT_ONCE) }
    }
}

impl Engine {
    /// Asks GitHub with this client from now on. Without one it isn't asked.
    pub fn ask_github(&self, github: GitHub) {
        // Wired once; a second client would be a mistake that changes nothing.
        let _first = self.pulls.set(Pulls::new(github));
    }

    /// Has a task's newest pull request watched, and looked at soon.
    pub(super) async fn watch_pull(&self, task: &Task) -> Result<(), RecordError> {
        let (Some(at), Some(_)) = (task.pull_ref(), self.pulls.get()) else { return Ok(()) };
        let key = pull_key(&at, &task.id);
        self.update(&key, |live: Option<WatchedPull>, now| {
            let first = now + FIRST_LOOK;
            let new = || WatchedPull::new(task.team.clone(), task.id.clone(), at.clone(), first);
            let mut record = live.unwrap_or_else(new);
            record.again(first);
            kept(record, now)
        })
        .await
    }

    /// Looks at a pull request whose turn has come.
    pub(super) async fn tick_pull(self: &Arc<Self>, key: &Key) -> Result<(), RecordError> {
        let Some(pulls) = self.pulls.get() else {
            // GitHub isn't asked by this process.
            return match self.own_pull(key).await? {
                Some(_) => self.put_off_pull(key).await,
                None => Ok(()),
            };
        };
        let Ok(_turn) = pulls.turns.acquire().await else { return Ok(()) };
        let Some((mut pull, task)) = self.claim_pull(key).await? else { return Ok(()) };
        let now = self.now();
        // The address under which the task knows it; a renamed one has another by now.
        let of = task.as_ref().and_then(Task::pull_ref);
        let of = of.filter(|of| pull_key(of, &pull.task) == *key);
        let watches = |task: &Task| of.as_ref().is_some_and(|of| task.watches_pull(of));
        let (Some(of), true) = (&of, task.as_ref().is_some_and(watches)) else {
            pull.next = None;
            return self.keep_pull(key, pull).await;
        };
        let looked = pulls.look(&mut pull, now).await;
        match looked {
            Ok(sight) => {
                let look = Box::new(sight.clone());
                let input = Input::Pull { of: of.clone(), look };
                self.apply(&pull.task, input).await?;
                pull.look(sight, self.now());
            }
            Err(Error::Limited { until }) => {
                if until > now + SHORT {
                    self.tell_of_limit(of, task.as_ref()).await?;
                }
                pull.next = Some(in_turn(&pull, until, now));
            }
            Err(error) => {
                tracing::info!(%error, document = %key, "a pull request could not be looked at");
                pull.record_failure(self.now());
            }
        }
        self.keep_pull(key, pull).await
    }

    /// The card says once that nothing is seen for a while.
    async fn tell_of_limit(&self, of: &PullRef, task: Option<&Task>) -> Result<(), RecordError> {
        let Some(task) = task else { return Ok(()) };
        let face = task.progress.pull.face.as_ref();
        if face.is_none_or(|face| face.unseen.is_some()) {
            return Ok(());
        }
        let look = Box::new(Err(NoSight::Limited));
        self.apply(&task.id, Input::Pull { of: of.clone(), look }).await
    }

    /// A pull request of a workspace that is served. That of one that isn't waits until it is.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for one of another installation.
    async fn own_pull(&self, key: &Key) -> Result<Option<(Rev, WatchedPull)>, RecordError> {
        let found = self.records.get::<WatchedPull>(key, self.now()).await?;
        let Some((rev, pull)) = found else { return Ok(None) };
        match self.belonging(&pull.team).await? {
            Belonging::Served => Ok(Some((rev, pull))),
            Belonging::Waiting => {
                if self.workspace(&pull.team).is_none() {
                    self.leave_asleep(&pull.team, key.clone());
                }
                Ok(None)
            }
            Belonging::Foreign => Err(RecordError::Foreign { key: key.clone(), team: pull.team }),
        }
    }

    /// Takes a pull request's turn, with its task, unless it isn't due, or another process has it. Where this process
    /// can't read the task, another one may, so the turn isn't taken from it.
    async fn claim_pull(
        &self,
        key: &Key,
    ) -> Result<Option<(WatchedPull, Option<Task>)>, RecordError> {
        let Some((rev, mut pull)) = self.own_pull(key).await? else { return Ok(None) };
        let now = self.now();
        if !pull.is_due(now) {
            return Ok(None);
        }
        let task = match self.records.get::<Task>(&task_key(&pull.task), now).await {
            // Nobody can be told of it until someone has fixed that document.
            Err(error) if error.is_damage() => {
                self.report_unreadable(&error);
                self.put_off_pull(key).await?;
                return Ok(None);
            }
            found => found?,
        };
        pull.claim(now + CLAIM, now);
        let put = self.records.put(key, &pull, pull.next, None, Expect::At(rev), now).await?;
        Ok((put != PutResult::Conflict).then_some((pull, task.map(|(_, task)| task))))
    }

    /// Stores a look. What a webhook has hurried meanwhile stays hurried.
    async fn keep_pull(&self, key: &Key, looked: WatchedPull) -> Result<(), RecordError> {
        self.update(key, |live: Option<WatchedPull>, now| {
            let Some(live) = live else { return Update::Leave(()) };
            let mut record = looked.clone();
            if live.told != record.told {
                record.told = live.told;
                record.hurry(now);
            }
            kept(record, now)
        })
        .await
    }

    /// It's looked at again in an hour, if its turn has come.
    async fn put_off_pull(&self, key: &Key) -> Result<(), RecordError> {
        self.update(key, |live: Option<WatchedPull>, now| {
            let Some(mut record) = live.filter(|live| live.next.is_some_and(|at| at <= now)) else {
                return Update::Leave(());
            };
            record.next = Some(now + SignedDuration::from_hours(1));
            kept(record, now)
        })
        .await
    }

    /// GitHub says by a webhook that something happened: the pull requests that it may be about are looked at now. A
    /// delivery that came before is nothing.
    ///
    /// # Errors
    /// The store's.
    pub async fn github_event(
        &self,
        delivery: &str,
        event: &str,
        hint: Option<Hint>,
    ) -> Result<(), RecordError> {
        let Some(hint) = hint else { return Ok(()) };
        let delivery = DeliveryId::of(&["github", delivery]);
        let (key, now) = (seen_key(&delivery), self.now());
        if self.records.get::<ProcessedEvent>(&key, now).await?.is_some() {
            return Ok(());
        }
        for key in self.pulls_hinted(&hint).await? {
            if self.passing_over(self.own_pull(&key).await)?.flatten().is_none() {
                continue;
            }
            let hurried = self.update(&key, |live: Option<WatchedPull>, now| {
                let Some(mut record) = live.filter(|live| live.next.is_some()) else {
                    return Update::Leave(());
                };
                record.told = Some(now);
                record.hurry(now);
                kept(record, now)
            });
            self.passing_over(hurried.await)?;
        }
        // Last: one that is lost in between is sent by nobody again.
        let seen = ProcessedEvent { kind: event.chars().take(64).collect() };
        let until = Some(now + DELIVERY_LIVES);
        self.records.put(&key, &seen, None, until, Expect::Absent, now).await?;
        self.bell.ring();
        Ok(())
    }

    /// The documents of the pull requests that a webhook may be about: those that it names, or, if it's about a
    /// commit, those whose head that was.
    async fn pulls_hinted(&self, hint: &Hint) -> Result<Vec<Key>, RecordError> {
        let mut keys = Vec::new();
        for pull in &hint.pulls {
            keys.extend(self.names_under(&pull_prefix(pull)).await?);
        }
        let Some(commit) = hint.commit.as_ref().filter(|_| keys.is_empty()) else {
            return Ok(keys);
        };
        let now = self.now();
        for key in self.names_under(&pulls_of_repository(&hint.repo)).await? {
            let found = self.passing_over(self.records.get::<WatchedPull>(&key, now).await)?;
            let sight = found.flatten().and_then(|(_, pull)| pull.sight);
            if sight.is_some_and(|sight| sight.pull.head == *commit) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    async fn names_under(&self, prefix: &str) -> Result<Vec<Key>, RecordError> {
        let (mut all, now) = (Vec::new(), self.now());
        let mut names = Names::under(prefix, None, 256);
        while let Some(keys) = names.next(&*self.store, now).await? {
            all.extend(keys);
            if all.len() >= MOST_OF_REPOSITORY {
                break;
            }
        }
        Ok(all)
    }

    /// What a review, or the failed checks, would say to Jules; `None` when there is nothing to say any more.
    pub(super) async fn quote_for_jules(
        &self,
        task: &Task,
        review: Option<u64>,
    ) -> Result<Option<String>, RecordError> {
        let Some(at) = task.pull_ref() else { return Ok(None) };
        let found = self.records.get::<WatchedPull>(&pull_key(&at, &task.id), self.now()).await?;
        Ok(found.and_then(|(_, pull)| match review {
            Some(review) => pull.quotes.get(&review).cloned(),
            None => super::pull_look::failed_checks(&pull),
        }))
    }

    /// What GitHub shows of a task's pull request right now; `None` where there is none, or GitHub isn't asked.
    pub(super) async fn pull_now(
        &self,
        at: Option<PullRef>,
    ) -> Option<Result<domain::pull::PullFacts, Error>> {
        let (at, pulls) = (at?, self.pulls.get()?);
        let read = pulls.github.pull(&at, None, Urgency::Person).await;
        Some(match read {
            Ok(github::Fresh::New(facts, _)) => Ok(facts),
            Ok(github::Fresh::Same) => Err(Error::Unreadable),
            Err(error) => Err(error),
        })
    }
}

/// The document, with when it wakes and when it's forgotten.
fn kept(record: WatchedPull, now: Timestamp) -> Update<WatchedPull, ()> {
    let (wake_at, expires_at) = (record.next, record.expires_at(now));
    Update::Write { record, wake_at, expires_at, back: () }
}

/// When a pull request that the limit holds back is looked at: the one that has waited longest comes first.
fn in_turn(pull: &WatchedPull, until: Timestamp, now: Timestamp) -> Timestamp {
    const SPREAD: i64 = 60;
    const OLDEST: i64 = 24 * 60;
    let age = pull.looked.map_or(OLDEST, |looked| now.duration_since(looked).as_mins());
    let late = SPREAD - age.clamp(0, OLDEST) * SPREAD / OLDEST;
    until + SignedDuration::from_secs(late)
}

/// Why a pull request can't be seen; `None` for what passes.
pub(super) fn no_sight(error: &Error) -> Option<NoSight> {
    match error {
        Error::NotFound => Some(NoSight::NotFound),
        Error::Forbidden => Some(NoSight::Forbidden),
        Error::TokenRefused => Some(NoSight::TokenRefused),
        Error::Limited { .. } | Error::Down(_) | Error::Unreadable => None,
    }
}
