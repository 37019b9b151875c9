//! The engine itself: what everything in this room works with, wired once.

use super::binding_cache::BindingCache;
use super::bounded_map::BoundedMap;
use super::coalescer::Coalescer;
use super::identity::Colleague;
use super::names::NameCache;
use super::presence::Presence;
use super::session_cache::SessionCache;
use super::slots::Slots;
use super::source_cache::SourceCache;
use domain::ids::{AccountId, TaskId, UserId};
use domain::lease::Holder;
use domain::meter::{Claim, Reservation};
use domain::quota::Quota;
use domain::tenant::Identity;
use jiff::Timestamp;
use jules::JulesClient;
use platform::clock::Clock;
use slack::client::SlackClient;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, Once};
use store::documents::Installation;
use store::records::Records;
use store::{Key, Store};
use tokio::sync::{Notify, OnceCell};
use tokio_util::task::TaskTracker;

/// Everything that a task's life needs, wired once.
pub struct Engine {
    pub(super) store: Arc<dyn Store>,
    pub(super) records: Records,
    pub(super) slack: SlackClient,
    pub(super) jules: JulesClient,
    pub(super) account: AccountId,
    /// What the account may use, as the operator says.
    pub(super) limits: Quota,
    pub(super) source_cache: SourceCache,
    /// What channels are bound to.
    pub(super) binding_cache: BindingCache,
    /// Whose threads are whose.
    pub(super) threads: BoundedMap<Key, TaskId>,
    pub(super) identity: OnceCell<Identity>,
    pub(super) colleagues: BoundedMap<UserId, Colleague>,
    /// What people and channels are called.
    pub(super) names: NameCache,
    pub(super) clock: Clock,
    /// When this process began.
    pub(super) started: Timestamp,
    /// Work without a promise (forms, lists); a stop waits for it.
    pub(super) follow_ups: TaskTracker,
    /// What the sessions at Jules looked like last.
    pub(super) session_cache: SessionCache,
    /// Times under Slack's limits that are to be reserved.
    pub(super) bookings: Coalescer<Key, Claim, Reservation>,
    /// Requests from other workspaces are logged once, not once each.
    pub(super) strangers: Once,
    /// Whose documents are ours, once it is known.
    pub(super) home: OnceCell<Installation>,
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
    /// Wires an engine that holds leases under this number. It does nothing until something comes in or a scheduler runs it.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "everything is wired once, here")]
    pub fn new(
        store: Arc<dyn Store>,
        records: Records,
        slack: SlackClient,
        jules: JulesClient,
        account: AccountId,
        limits: Quota,
        holder: Holder,
        clock: Clock,
    ) -> Arc<Self> {
        let (now, work) = (clock(), Arc::new(Notify::new()));
        let presence = Presence::new(holder, store.is_for_one_process(), now);
        Arc::new(Self {
            store,
            records,
            slack,
            source_cache: SourceCache::new(jules.clone(), clock.clone()),
            binding_cache: BindingCache::default(),
            jules,
            account,
            limits,
            threads: BoundedMap::default(),
            identity: OnceCell::new(),
            colleagues: BoundedMap::default(),
            names: NameCache::default(),
            started: now,
            clock,
            follow_ups: TaskTracker::new(),
            session_cache: SessionCache::default(),
            bookings: Coalescer::default(),
            strangers: Once::new(),
            home: OnceCell::new(),
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

    /// The Web API.
    #[must_use]
    pub fn slack(&self) -> &SlackClient {
        &self.slack
    }

    /// The connected repositories, as last read.
    #[must_use]
    pub fn source_cache(&self) -> &SourceCache {
        &self.source_cache
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
