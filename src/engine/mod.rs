//! The engine: load → decide → store → perform, for as many tasks as there are.
//!
//! [`Engine::receive`] answers what comes in, within three seconds. [`Engine::tick`] carries one
//! document on: it takes the lease by compare-and-set, does one thing outside, and stores how that
//! ended together with taking the next. Polling, retrying, resuming after a crash and sharing work
//! between replicas are all the same: a stored document whose wake-up time has come.

mod backlog;
mod binding_cache;
mod booking;
mod events;
mod fault;
mod follow;
mod follow_ups;
mod identity;
mod index;
mod intake;
mod perform;
mod queue;
mod resolve;
mod scheduler;
mod source_cache;
mod task_list;
mod tell;
mod tick;
mod typeahead;
mod update;
mod watcher;

pub use backlog::Backlog;
pub use events::EVENTS;
pub use identity::Identity;
pub use intake::Ack;
pub use scheduler::Scheduler;
pub use source_cache::SourceCache;

use crate::clock::Clock;
use crate::domain::ids::AccountId;
use crate::domain::message::Quota;
use crate::jules::JulesClient;
use crate::slack::client::SlackClient;
use crate::store::Store;
use crate::store::records::Records;
use binding_cache::BindingCache;
use booking::Bookings;
use follow::Stirs;
use identity::Colleagues;
use jiff::Timestamp;
use std::sync::{Arc, Once};
use tokio::sync::{Notify, OnceCell};
use tokio_util::task::TaskTracker;

/// Everything that a task's life needs, wired once.
pub struct Engine {
    store: Arc<dyn Store>,
    records: Records,
    slack: SlackClient,
    jules: JulesClient,
    account: AccountId,
    /// What the account may use, as the operator says.
    limits: Quota,
    source_cache: SourceCache,
    /// What channels are bound to.
    binding_cache: BindingCache,
    identity: OnceCell<Identity>,
    colleagues: Colleagues,
    clock: Clock,
    /// When this process began.
    started: Timestamp,
    /// Work without a promise (forms, lists); a stop waits for it.
    follow_ups: TaskTracker,
    /// Sessions that are to be watched.
    stirs: Stirs,
    /// Edits that are to be booked.
    bookings: Bookings,
    /// Requests from other workspaces are logged once, not once each.
    strangers: Once,
    /// Rung when a document was stored that is due at once.
    work: Notify,
}

impl Engine {
    /// Wires an engine. It does nothing until something comes in or a scheduler runs it.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        records: Records,
        slack: SlackClient,
        jules: JulesClient,
        account: AccountId,
        limits: Quota,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            records,
            slack,
            source_cache: SourceCache::new(jules.clone()),
            binding_cache: BindingCache::default(),
            jules,
            account,
            limits,
            identity: OnceCell::new(),
            colleagues: Colleagues::default(),
            started: clock(),
            clock,
            follow_ups: TaskTracker::new(),
            stirs: Stirs::default(),
            bookings: Bookings::default(),
            strangers: Once::new(),
            work: Notify::new(),
        })
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Has due documents looked for at once, if one was just stored.
    fn wake_scheduler(&self, due: bool) {
        if due {
            self.work.notify_one();
        }
    }

    /// The connected repositories, as last read.
    #[must_use]
    pub fn source_cache(&self) -> &SourceCache {
        &self.source_cache
    }

    /// Work that runs besides the stored kind; empty when everything that was begun has ended.
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
