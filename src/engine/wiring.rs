//! The engine itself: what everything in this room works with, wired once.

use super::account::Account;
use super::binding_cache::BindingCache;
use super::bounded_map::BoundedMap;
use super::coalescer::Coalescer;
use super::homes::Homes;
use super::presence::Presence;
use super::slots::Slots;
use super::workspace::{Workspace, Workspaces};
use domain::ids::{AccountId, TaskId, TeamId};
use domain::lease::Holder;
use domain::meter::{Claim, Reservation};
use domain::tenant::Who;
use futures_util::future::join_all;
use jiff::Timestamp;
use platform::clock::Clock;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, Once};
use store::records::Records;
use store::{Key, Store};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// Everything that a task's life needs, wired once.
pub struct Engine {
    pub(super) store: Arc<dyn Store>,
    pub(super) records: Records,
    pub(super) workspaces: Workspaces,
    /// Those of all workspaces.
    accounts: BTreeMap<AccountId, Arc<Account>>,
    /// What channels are bound to.
    pub(super) binding_cache: BindingCache,
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
    /// Documents that can't be read and were reported.
    pub(super) unreadable: Mutex<HashSet<Key>>,
    /// Rung when a document was stored that is due at once.
    pub(super) work: Arc<Notify>,
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
        holder: Holder,
        clock: Clock,
    ) -> Arc<Self> {
        let (now, work) = (clock(), Arc::new(Notify::new()));
        let presence = Presence::new(holder, store.is_for_one_process(), now);
        Arc::new(Self {
            store,
            records,
            accounts: workspaces
                .iter()
                .flat_map(|workspace| workspace.accounts())
                .map(|account| (account.id.clone(), Arc::clone(account)))
                .collect(),
            workspaces: Workspaces::new(workspaces),
            binding_cache: BindingCache::default(),
            threads: BoundedMap::default(),
            homes: Homes::default(),
            started: now,
            clock,
            follow_ups: TaskTracker::new(),
            bookings: Coalescer::default(),
            strangers: Once::new(),
            foreign: Once::new(),
            unreadable: Mutex::default(),
            slots: Slots::new(Arc::clone(&work)),
            work,
            presence,
            latest: Mutex::new(now),
        })
    }

    /// The time by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Has due documents looked for at once, if one was just stored.
    pub(super) fn wake_scheduler(&self, due: bool) {
        if due {
            self.work.notify_one();
        }
    }

    /// The workspaces that it serves.
    #[must_use]
    pub fn workspaces(&self) -> &[Arc<Workspace>] {
        self.workspaces.all()
    }

    /// The workspace whose documents these are, as far as it is known.
    pub(super) fn workspace(&self, team: &TeamId) -> Option<&Arc<Workspace>> {
        self.workspaces.of(team)
    }

    /// The workspace that something came from, if it is one of ours and that is known by now.
    #[must_use]
    pub fn workspace_of(&self, who: &Who) -> Option<Arc<Workspace>> {
        self.workspaces.covering(who).ok().map(Arc::clone)
    }

    /// The accounts of all workspaces.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.accounts.values()
    }

    /// Reads the connected repositories of every account, unless that was done after `not_before`.
    pub async fn read_sources(&self, not_before: Timestamp) {
        join_all(self.accounts().map(|account| account.read_sources(not_before))).await;
    }

    /// An account, if one of our workspaces has it.
    pub(super) fn account(&self, id: &AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(id)
    }

    /// Best-effort background tasks; drained on shutdown.
    #[must_use]
    pub fn follow_ups(&self) -> &TaskTracker {
        &self.follow_ups
    }

    /// The store, for whoever has to look whether it answers.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }
}
