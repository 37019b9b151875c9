//! The Jules accounts that this process works with. What belongs to one account (its sessions, its
//! repositories, its limits) is in none of the others.

use super::session_cache::SessionCache;
use super::source_cache::SourceCache;
use domain::ids::{AccountId, UserId};
use domain::quota::Quota;
use domain::secret::Secret;
use domain::tenant::OwnKey;
use jiff::Timestamp;
use jules::JulesClient;
use platform::clock::Clock;
use platform::credential::Credential;
use platform::metrics::Api;
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
    /// The key that it was brought with, and by whom if it is their own; `None` for that of the settings.
    brought: Option<(Option<UserId>, Secret)>,
}

impl Account {
    /// An account that someone has brought, for themselves or for their workspace, with its key.
    pub(super) fn brought(
        id: AccountId,
        jules: JulesClient,
        limits: Quota,
        clock: Clock,
        brought: (Option<UserId>, Secret),
    ) -> Arc<Self> {
        let credential = Credential::brought(Api::Jules, Arc::clone(&clock));
        let jules = jules.reporting_to(credential);
        Arc::new(Self { brought: Some(brought), ..Self::plain(id, jules, limits, clock) })
    }

    /// Whose own it is; `None` for a workspace's.
    #[must_use]
    pub fn owner(&self) -> Option<&UserId> {
        self.brought.as_ref().and_then(|(owner, _)| owner.as_ref())
    }

    /// Whether the settings have its key.
    pub(super) fn is_of_settings(&self) -> bool {
        self.brought.is_none()
    }

    /// Whether it is this key that it is opened with.
    pub(super) fn is_opened_by(&self, own: &OwnKey) -> bool {
        let brought = self.brought.as_ref().map(|(_, key)| key);
        brought.is_some() && brought == own.key.open()
    }

    /// Whether another one is opened with the same key.
    pub(super) fn has_key_of(&self, other: &Self) -> bool {
        match (&self.brought, &other.brought) {
            (Some((_, one)), Some((_, another))) => one == another,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// The account with this id, whose key the client has.
    #[must_use]
    pub fn new(id: AccountId, jules: JulesClient, limits: Quota, clock: Clock) -> Arc<Self> {
        Arc::new(Self::plain(id, jules, limits, clock))
    }

    fn plain(id: AccountId, jules: JulesClient, limits: Quota, clock: Clock) -> Self {
        Self {
            id,
            source_cache: SourceCache::new(jules.clone(), clock.clone()),
            session_cache: SessionCache::default(),
            jules,
            limits,
            clock,
            brought: None,
        }
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
