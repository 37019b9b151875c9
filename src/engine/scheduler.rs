//! The loop that carries due documents on. The only part of the engine that waits for time.

use super::Engine;
use super::backlog::{self, Backlog};
use super::presence;
use super::set_aside::{Panicked, SetAside};
use domain::ids::AccountId;
use futures_util::FutureExt;
use jiff::SignedDuration;
use platform::lock::lock;
use platform::log_throttle::LogThrottle;
use platform::metrics;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Key, StoreError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often the store is asked for due documents. What this replica stores itself is rung for by its name;
/// this is for other replicas' documents, and for waits that have ended.
const LOOK: Duration = Duration::from_millis(500);
/// A look at the store is followed by a rest so many times as long: behind tens of thousands of documents that
/// wait for a slot it takes a while.
const REST_AFTER_LOOK: u32 = 10;
/// How long after a failure of the store it is asked again.
const STORE_REST: Duration = Duration::from_secs(2);
/// How often it's logged at most that the store doesn't answer.
const STORE_SAID_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How many documents are read and taken at a time. The work outside has its own slots.
const TURNS: usize = 64;
/// How many due documents are asked for at a time.
const PAGE: usize = 256;
/// How old the list of repositories may become before it is read again.
const SOURCES_LIVE: SignedDuration = SignedDuration::from_mins(10);
/// The same for an account that someone has brought.
const OWN_SOURCES_LIVE: SignedDuration = SignedDuration::from_mins(15);
/// How often it is looked which accounts people have brought.
const ACCOUNTS_REST: Duration = Duration::from_secs(30);
/// How long after a failed reading of the list the next is tried.
const SOURCES_REST: Duration = Duration::from_secs(30);

/// How often a token that Slack refuses is tried.
const TOKEN_REST: Duration = Duration::from_secs(5);

/// How often it is asked whether a scope that is lacking was granted.
const SCOPES_REST: Duration = Duration::from_secs(300);

/// Runs an engine until it is told to stop.
pub struct Scheduler {
    engine: Arc<Engine>,
    ticks: TaskTracker,
    running: Arc<Mutex<HashSet<Key>>>,
    /// Documents that this process cannot read, a newer one's or damaged, or that are another
    /// installation's. They stay due, so it is looked behind them.
    set_aside: Arc<SetAside>,
    /// Those whose steps panic, which stay due, too.
    panicked: Arc<Panicked>,
    turns: Arc<Semaphore>,
    /// Keeps a store that is away from filling the log.
    outage: LogThrottle,
    /// Keeps a store that refuses writes from filling the log, once for each document that is due.
    undone: Arc<LogThrottle>,
}

impl Scheduler {
    /// A scheduler for this engine; nothing runs yet.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            ticks: TaskTracker::new(),
            running: Arc::default(),
            set_aside: Arc::default(),
            panicked: Arc::default(),
            turns: Arc::new(Semaphore::new(TURNS)),
            outage: LogThrottle::new(STORE_SAID_EVERY),
            undone: Arc::new(LogThrottle::new(STORE_SAID_EVERY)),
        }
    }

    /// Counts the documents that are being carried on, at any time.
    pub(crate) fn under_way(&self) -> impl Fn() -> usize + use<> {
        let running = Arc::clone(&self.running);
        move || lock(&running).len()
    }

    /// Carries due documents on until `stop`, then waits for what was begun.
    pub async fn run(self, stop: CancellationToken) {
        let engine = || Arc::clone(&self.engine);
        // Until the last call has ended, too: nobody shall take over what is still being done.
        let (beats, silence) = (TaskTracker::new(), CancellationToken::new());
        let is_silent = silence.clone().drop_guard();
        beats.spawn(silence.run_until_cancelled_owned(keep_beating(engine())));
        self.besides(&stop, keep_accounts(engine()));
        self.besides(&stop, keep_counting(engine()));
        self.besides(&stop, keep_trying_writes(engine()));
        self.besides(&stop, keep_trying_token(engine()));
        self.besides(&stop, keep_trying_scopes(engine()));
        let mut next_look = Instant::now();
        loop {
            self.engine.refresh_homes();
            let calls = self.engine.bell.calls();
            self.begin(calls.names).await;
            self.begin(self.engine.slots.call(self.engine.now())).await;
            if calls.everything || Instant::now() >= next_look {
                next_look = self.look().await;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.engine.bell.rung() => {}
                () = tokio::time::sleep_until(next_look) => {}
            }
        }
        self.ticks.close();
        self.ticks.wait().await;
        drop(is_silent);
        self.engine.follow_ups.close();
        self.engine.follow_ups.wait().await;
    }

    /// Does something else until `stop`.
    fn besides(&self, stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
        let stop = stop.clone();
        self.ticks.spawn(async move {
            stop.run_until_cancelled(work).await;
        });
    }

    /// Looks for what is due and begins a page of it; gives when to look again.
    async fn look(&self) -> Instant {
        let begun = Instant::now();
        let due = self.due().await;
        let rest = LOOK.max(begun.elapsed() * REST_AFTER_LOOK);
        let rest = match due {
            Ok(due) => {
                // Before it's known whose documents are ours, the store isn't asked what is due.
                if self.engine.knows_a_home().await {
                    metrics::store(!self.engine.refuses_writes());
                }
                let is_all = due.len() < PAGE;
                self.begin(due).await;
                // There is more, and only the turns say how fast it goes.
                if is_all { rest } else { Duration::ZERO }
            }
            Err(error) => {
                metrics::store(false);
                if let Some(untold) = self.outage.tell(self.engine.now()) {
                    tracing::error!(%error, untold, "due work could not be read from the store");
                }
                STORE_REST
            }
        };
        Instant::now() + rest
    }

    /// A page of what is due. Documents that wait for a slot are passed over, and hold up nothing behind them.
    async fn due(&self) -> Result<Vec<Key>, StoreError> {
        let (now, looked) = (self.engine.now(), Instant::now());
        let is_wanted = |key: &Key| {
            let is_begun = lock(&self.running).contains(key);
            !is_begun
                && !self.engine.slots.is_waiting(key)
                && !self.set_aside.has(key, now)
                && !self.panicked.has(key, looked)
        };
        self.engine.due_where(PAGE, is_wanted).await
    }

    /// Begins these documents, as turns become free.
    async fn begin(&self, keys: Vec<Key>) {
        for key in keys {
            let Some(begun) = Begun::new(&self.running, &self.engine, key) else { continue };
            let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return };
            let engine = Arc::clone(&self.engine);
            let (set_aside, undone) = (Arc::clone(&self.set_aside), Arc::clone(&self.undone));
            let panicked = Arc::clone(&self.panicked);
            self.ticks.spawn(async move {
                let key = &begun.key;
                let tick = AssertUnwindSafe(engine.tick_in_turn(key, Some(turn)));
                let Ok(ended) = tick.catch_unwind().await else {
                    let again_in = panicked.put(key, Instant::now());
                    // Where it panicked is on standard error already.
                    tracing::error!(document = %key, ?again_in, "a step of a document panicked");
                    return;
                };
                panicked.forget(key);
                match ended {
                    Ok(()) => {}
                    Err(error) if error.is_foreign() => {
                        set_aside.put(key, &error, engine.now());
                    }
                    Err(error) if error.is_about_the_document() => {
                        engine.report_unreadable(&error);
                        if error.key() == Some(key) || error.is_newer() {
                            set_aside.put(key, &error, engine.now());
                        } else {
                            // Another one that it needs, and that may be made good.
                            tokio::time::sleep(STORE_REST).await;
                        }
                    }
                    Err(error) => {
                        if let Some(untold) = undone.tell(engine.now()) {
                            tracing::error!(%error, untold, document = %key, "a document could not be carried on");
                        }
                        // Still due, and still broken: not every half second.
                        tokio::time::sleep(STORE_REST).await;
                    }
                }
            });
        }
    }
}

/// A document that is being carried on. However that ends, by a panic too, it may be begun again.
struct Begun {
    running: Arc<Mutex<HashSet<Key>>>,
    engine: Arc<Engine>,
    key: Key,
}

impl Begun {
    /// `None` while it is being carried on already.
    fn new(running: &Arc<Mutex<HashSet<Key>>>, engine: &Arc<Engine>, key: Key) -> Option<Self> {
        if lock(running).insert(key.clone()) {
            return Some(Self { running: Arc::clone(running), engine: Arc::clone(engine), key });
        }
        engine.slots.looked_at(&key);
        None
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.engine.slots.looked_at(&self.key);
        lock(&self.running).remove(&self.key);
    }
}

/// Tells the other processes that this one is alive, and watches them.
async fn keep_beating(engine: Arc<Engine>) {
    loop {
        if let Err(error) = engine.beat().await {
            tracing::debug!(%error, "no sign of life could be given or looked for");
        }
        tokio::time::sleep(presence::LOOK).await;
    }
}

/// Keeps the gauges of what waits young.
async fn keep_counting(engine: Arc<Engine>) {
    let mut backlog = Backlog::default();
    let mut rounds = tokio::time::interval(backlog::EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = backlog.take(&engine).await {
            tracing::debug!(%error, "what waits could not be counted");
        }
    }
}

/// Notices that the store accepts writes again.
async fn keep_trying_writes(engine: Arc<Engine>) {
    let refusals = LogThrottle::new(STORE_SAID_EVERY);
    loop {
        tokio::time::sleep(STORE_REST).await;
        if let Err(error) = engine.try_refused_write().await
            && engine.refuses_writes()
            && let Some(untold) = refusals.tell(engine.now())
        {
            tracing::error!(
                %error,
                untold,
                "the store refuses writes, so nothing is accepted; check STORE, and whether its disk or memory is full"
            );
        }
    }
}

/// Notices that Slack accepts the token again.
async fn keep_trying_token(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(TOKEN_REST).await;
        engine.try_refused_token().await;
    }
}

/// Notices that someone granted a scope that was lacking.
async fn keep_trying_scopes(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(SCOPES_REST).await;
        engine.try_lacking_scopes().await;
    }
}

/// Learns of workspaces in which someone installs the app and of accounts that people bring, and keeps each one's list of repositories young.
async fn keep_accounts(engine: Arc<Engine>) {
    let mut kept: HashSet<AccountId> = HashSet::new();
    // Aborted with this.
    let mut lists = JoinSet::new();
    let mut is_resealed = false;
    loop {
        if !is_resealed {
            let resealed = engine.reseal_keys().await;
            is_resealed = resealed.is_ok();
            if let Err(error) = resealed {
                tracing::warn!(%error, "tokens and keys could not be sealed with the first of ENCRYPTION_KEY; trying again");
            }
        }
        if let Err(error) = engine.load_workspaces().await {
            tracing::warn!(%error, "the workspaces in which the app is installed could not be read");
        }
        if let Err(error) = engine.load_accounts().await {
            tracing::warn!(%error, "the accounts that people have brought could not be read");
        }
        for account in engine.accounts() {
            if kept.insert(account.id.clone()) {
                lists.spawn(keep_sources(Arc::clone(&engine), account.id.clone()));
            }
        }
        while let Some(ended) = lists.try_join_next() {
            if let Ok(id) = ended {
                kept.remove(&id);
            }
        }
        tokio::time::sleep(ACCOUNTS_REST).await;
    }
}

/// Keeps the list of repositories young, so that the form and short names need not wait for it, for as long as
/// there is the account. That of a person's own account is read less often: they alone use it, and what they look
/// for is asked for anyway.
async fn keep_sources(engine: Arc<Engine>, id: AccountId) -> AccountId {
    while let Some(account) = engine.account(&id) {
        let lives = if account.owner().is_some() { OWN_SOURCES_LIVE } else { SOURCES_LIVE };
        account.read_sources(account.now() - lives).await;
        let rest = match account.source_cache.read_at() {
            Some(_) => lives.try_into().unwrap_or(SOURCES_REST),
            None => SOURCES_REST,
        };
        tokio::time::sleep(rest).await;
    }
    id
}
