//! The engine itself: what everything in this room works with, wired once.

use super::accounts::{Accounts, KeyRing, read_all};
use super::bell::Bell;
use super::bounded_map::BoundedMap;
use super::coalescer::Coalescer;
use super::document_cache::DocumentCache;
use super::homes::Homes;
use super::installs::Installer;
use super::presence::Presence;
use super::pulls::Pulls;
use super::slots::Slots;
use super::workspace::{Workspace, Workspaces};
use domain::audit::AUDIT_DAYS;
use domain::binding::ChannelBinding;
use domain::ids::{TaskId, TeamId};
use domain::lease::Holder;
use domain::meter::{Claim, Reservation};
use domain::policy::Policy;
use domain::tenant::{PersonSettings, Who, WorkspaceSettings};
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use platform::log_throttle::LogThrottle;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex, Once, OnceLock};
use store::records::Records;
use store::{Due, Key, Store, StoreError};
use tokio_util::task::TaskTracker;

/// How often it's logged at most that a document is gone.
const GONE_SAID_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Everything that a task's life needs, wired once.
pub struct Engine {
    pub(super) store: Arc<dyn Store>,
    pub(super) records: Records,
    pub(super) workspaces: Workspaces,
    /// Those of all workspaces, and those that people have brought.
    pub(super) accounts: Accounts,
    /// GitHub, where it is asked.
    pub(super) pulls: OnceLock<Pulls>,
    /// Makes clients for keys that people bring.
    pub(super) key_ring: KeyRing,
    /// Makes clients for workspaces in which someone installs the app.
    pub(super) installer: Installer,
    /// Who may do what.
    pub(super) policy: Mutex<Arc<Policy>>,
    /// What managers have said since can't be read.
    pub(super) is_policy_outdated: AtomicBool,
    /// For how many days the audit trail is kept.
    pub(super) audit_days: AtomicU32,
    /// What channels are bound to.
    pub(super) binding_cache: DocumentCache<ChannelBinding>,
    /// What is kept of people.
    pub(super) person_cache: DocumentCache<PersonSettings>,
    /// What is kept of workspaces.
    pub(super) settings_cache: DocumentCache<WorkspaceSettings>,
    /// Whose threads are whose.
    pub(super) threads: BoundedMap<Key, TaskId>,
    /// Whose App Home was drawn lately.
    pub(super) homes: Homes,
    pub(super) clock: Clock,
    /// When this process began.
    pub(super) started: Timestamp,
    /// Work without a promise (forms, lists); a stop waits for it.
    pub(super) follow_ups: TaskTracker,
    /// Times under Slack's limits that are to be reserved.
    pub(super) bookings: Coalescer<Key, Claim, Reservation>,
    /// Requests from other workspaces are logged once, not once each.
    pub(super) strangers: Once,
    /// Documents of other installations are logged once, not once each.
    pub(super) foreign: Once,
    /// For the log: a newer version's documents were met.
    pub(super) newer: Once,
    /// Documents of workspaces that aren't served, which wait for that.
    pub(super) asleep: Mutex<BTreeMap<TeamId, HashSet<Key>>>,
    /// Documents that can't be read and were reported.
    pub(super) unreadable: Mutex<HashSet<Key>>,
    /// What was due at the last look, in order.
    pub(super) due_before: Mutex<Vec<Due>>,
    /// For the log: documents that the store has lost.
    pub(super) gone: LogThrottle,
    /// Rung when a document was stored that is due at once.
    pub(super) bell: Arc<Bell>,
    /// How much is done at a time.
    pub(super) slots: Arc<Slots>,
    /// Who holds leases.
    pub(super) presence: Presence,
    /// The latest time that its clock showed.
    pub(super) latest: Mutex<Timestamp>,
}

impl Engine {
    /// Wires an engine for these workspaces, which holds leases under this number. It does nothing until
    /// something comes in or a scheduler runs it.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        records: Records,
        workspaces: Vec<Arc<Workspace>>,
        key_ring: KeyRing,
        installer: Installer,
        holder: Holder,
    ) -> Arc<Self> {
        let clock = Arc::clone(&key_ring.clock);
        let (now, bell) = (clock(), Arc::<Bell>::default());
        let presence = Presence::new(holder, store.is_for_one_process(), now);
        Arc::new(Self {
            store,
            records,
            accounts: Accounts::new(
                workspaces.iter().filter_map(|one| one.account_of_settings().map(Arc::clone)),
            ),
            pulls: OnceLock::new(),
            key_ring,
            workspaces: Workspaces::new(workspaces, &installer.connector),
            installer,
            policy: Mutex::default(),
            is_policy_outdated: AtomicBool::new(false),
            audit_days: AtomicU32::new(AUDIT_DAYS),
            binding_cache: DocumentCache::default(),
            person_cache: DocumentCache::default(),
            settings_cache: DocumentCache::default(),
            threads: BoundedMap::default(),
            homes: Homes::default(),
            started: now,
            clock,
            follow_ups: TaskTracker::new(),
            bookings: Coalescer::default(),
            strangers: Once::new(),
            foreign: Once::new(),
            newer: Once::new(),
            asleep: Mutex::default(),
            unreadable: Mutex::default(),
            due_before: Mutex::default(),
            gone: LogThrottle::new(GONE_SAID_EVERY),
            slots: Slots::new(Arc::clone(&bell)),
            bell,
            presence,
            latest: Mutex::new(now),
        })
    }

    /// The time by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The workspaces that it serves, as far as this process knows.
    #[must_use]
    pub fn workspaces(&self) -> Vec<Arc<Workspace>> {
        self.workspaces.all()
    }

    /// Those whose tokens are in the settings.
    #[must_use]
    pub(crate) fn workspaces_of_settings(&self) -> &[Arc<Workspace>] {
        self.workspaces.of_settings()
    }

    /// The workspace whose documents these are, as far as it is known.
    pub(super) fn workspace(&self, team: &TeamId) -> Option<Arc<Workspace>> {
        self.workspaces.of(team)
    }

    /// The workspace that something came from, if it is one of ours and that is known by now.
    pub(crate) async fn workspace_of(&self, who: &Who) -> Option<Arc<Workspace>> {
        self.workspace_for(who).await.ok()
    }

    /// Reads the connected repositories of every account, unless that was done after `not_before`.
    pub async fn read_sources(&self, not_before: Timestamp) {
        read_all(&self.accounts(), not_before).await;
    }

    /// Best-effort background tasks; drained on shutdown.
    #[must_use]
    pub fn follow_ups(&self) -> &TaskTracker {
        &self.follow_ups
    }

    /// The store, to check whether it answers.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Whether the store refused the last write, or didn't answer the last two: then nothing can be acknowledged.
    #[must_use]
    pub fn refuses_writes(&self) -> bool {
        self.records.refuses_writes()
    }

    /// Asks a store in which the last write failed whether it accepts writes again. While `/readyz` says no, there may be
    /// nothing else to write.
    ///
    /// # Errors
    /// The store's, if it still refuses them.
    pub async fn try_refused_write(&self) -> Result<(), StoreError> {
        if !self.records.is_unsure_of_writes() {
            return Ok(());
        }
        self.records.try_write(self.now()).await
    }
}
