//! The Jules accounts that this process works with. What belongs to one account (its sessions, its
//! repositories, its limits) is in none of the others.

use super::session_cache::SessionCache;
use super::source_cache::SourceCache;
use domain::ids::AccountId;
use domain::quota::Quota;
use jiff::Timestamp;
use jules::JulesClient;
use platform::clock::Clock;
use std::sync::Arc;

/// One account at Jules: the client with its key, and what is known of it.
pub struct Account {
    pub(super) id: AccountId,
    pub(super) jules: JulesClient,
    /// What it may use, as its owner says.
    pub(super) limits: Quota,
    pub(super) source_cache: SourceCache,
    /// What its sessions looked like last.
    pub(super) session_cache: SessionCache,
    clock: Clock,
}

impl Account {
    /// The account with this id, whose key the client has.
    #[must_use]
    pub fn new(id: AccountId, jules: JulesClient, limits: Quota, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            id,
            source_cache: SourceCache::new(jules.clone(), clock.clone()),
            session_cache: SessionCache::default(),
            jules,
            limits,
            clock,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The connected repositories, as last read.
    #[must_use]
    pub fn source_cache(&self) -> &SourceCache {
        &self.source_cache
    }

    /// Reads the connected repositories unless that was done after `not_before`. A failure is
    /// logged here; the list there is remains in use.
    pub async fn read_sources(&self, not_before: Timestamp) {
        if let Err(error) = self.source_cache.refresh(not_before).await {
            tracing::warn!(
                %error, account.id = %self.id,
                "the connected repositories could not be read from Jules"
            );
        }
    }
}
