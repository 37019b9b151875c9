//! An installation that someone made by OAuth: the token of a workspace, or of a whole organisation, as it is kept.

use super::Installation;
use crate::ids::{TeamId, UserId};
use crate::omitted::is_zero;
use crate::secret::{Kept, Secret};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long what a workspace left behind is kept once the app is removed from it.
pub(crate) const REMOVED_LIVES: SignedDuration = SignedDuration::from_hours(24 * 30);

/// So long one process has for renewing a token before another one may.
const RENEWAL_LEASE: SignedDuration = SignedDuration::from_secs(60);
/// No token is replaced later than this: one lives for twelve hours. [Slack: Using token rotation]
const FARTHEST: SignedDuration = SignedDuration::from_hours(12);

/// How the app is installed in a workspace, or in an organisation for all of its workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// Who we are there.
    pub us: Installation,
    /// What the workspace is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The bot token; none once it is revoked, and for the workspace of the settings.
    #[serde(default)]
    pub token: Kept,
    /// Where the token expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// Who installed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Since when the app is removed from the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Timestamp>,
}

/// How a token that expires is replaced. [Slack: token rotation]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Buys the next token, once.
    #[serde(default)]
    pub refresh: Kept,
    /// When the token is to be replaced: well before it expires.
    pub due: Timestamp,
    /// Until then one process is at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Timestamp>,
    /// How often it failed in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
}

impl Renewal {
    /// For a token that lives so long from now on. It is replaced after two thirds of that.
    #[must_use]
    pub fn of(refresh: Secret, lives: SignedDuration, now: Timestamp) -> Self {
        let due = now + lives * 2 / 3;
        Self { refresh: refresh.into(), due, lease: None, failures: 0 }
    }

    /// Whether a process may try to replace the token. A time that was set while the clock was ahead counts as
    /// over.
    fn is_due(&self, now: Timestamp) -> bool {
        let wait = self.wake_at().duration_since(now);
        wait <= SignedDuration::ZERO || wait > FARTHEST
    }

    /// When a process may try to replace the token.
    fn wake_at(&self) -> Timestamp {
        self.lease.map_or(self.due, |lease| lease.max(self.due))
    }
}

impl Install {
    /// The id that it is stored under: the organisation's where it is installed in all of its workspaces.
    #[must_use]
    pub fn id(&self) -> &TeamId {
        &self.us.team
    }

    /// Whether its workspace is served: it has a token, and the app was not removed.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.removed.is_none() && self.token.open().is_some()
    }

    /// The same once Slack has said that its token is revoked.
    #[must_use]
    pub fn revoked(self) -> Self {
        Self { token: Kept::None, renewal: None, ..self }
    }

    /// The same once Slack has said that the app was removed.
    #[must_use]
    pub fn removed(self, now: Timestamp) -> Self {
        Self { removed: self.removed.or(Some(now)), ..self.revoked() }
    }

    /// When everything that the workspace left behind is forgotten.
    #[must_use]
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.removed.map(|removed| removed + REMOVED_LIVES)
    }

    /// The same, forgotten no earlier than then if the app was removed.
    #[must_use]
    pub fn forgotten_later(self, then: Timestamp) -> Self {
        let removed = self.removed.map(|removed| removed.max(then - REMOVED_LIVES));
        Self { removed, ..self }
    }

    /// When there is something to do: the token is to be renewed, or everything to be forgotten.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.forgotten_at().or_else(|| self.renewal.as_ref().map(Renewal::wake_at))
    }

    /// What buys the next token, if it is time for it and no other process is at it; the same, to be stored
    /// before that is used.
    #[must_use]
    pub fn begin_renewal(self, now: Timestamp) -> Option<(Self, Secret)> {
        let renewal = self.renewal.clone().filter(|renewal| renewal.is_due(now))?;
        let refresh = renewal.refresh.open().cloned()?;
        let renewal = Some(Renewal { lease: Some(now + RENEWAL_LEASE), ..renewal });
        Some((Self { renewal, ..self }, refresh))
    }

    /// The same once that failed, to be tried again at this time.
    #[must_use]
    pub fn renewal_failed(self, again: Timestamp) -> Self {
        let renewal = self.renewal.map(|renewal| Renewal {
            due: again,
            lease: None,
            failures: renewal.failures.saturating_add(1),
            ..renewal
        });
        Self { renewal, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn install() -> Install {
        Install {
            us: Installation {
                team: TeamId::parse("T1").unwrap(),
                enterprise: None,
                org_wide: false,
                bot: UserId::parse("UBOT").unwrap(),
                bot_id: None,
                url: None,
                scopes: Vec::new(),
            },
            name: None,
            token: Secret::new("xoxb-1").into(),
            renewal: Some(Renewal::of(
                Secret::new("xoxe-1"),
                SignedDuration::from_hours(12),
                at(0),
            )),
            by: None,
            at: at(0),
            removed: None,
        }
    }

    #[test]
    fn a_token_is_renewed_after_two_thirds_of_its_life_by_one_process() {
        let hours = |hours: i64| at(hours * 3600);
        assert_eq!(install().wake_at(), Some(hours(8)));
        assert_eq!(install().begin_renewal(hours(8) - SignedDuration::from_secs(1)), None);
        let (begun, refresh) = install().begin_renewal(hours(8)).unwrap();
        assert_eq!(refresh, Secret::new("xoxe-1"));
        assert_eq!(begun.clone().begin_renewal(hours(8)), None, "another process is at it");
        assert!(begun.begin_renewal(hours(8) + RENEWAL_LEASE).is_some(), "unless that one died");
    }

    #[test]
    fn a_renewal_that_was_planned_while_the_clock_was_ahead_is_due() {
        let two_days = at(48 * 3600);
        let lives = SignedDuration::from_hours(12);
        let renewal = Some(Renewal::of(Secret::new("xoxe-2"), lives, two_days));
        assert!(Install { renewal, ..install() }.begin_renewal(at(60)).is_some());
    }

    #[test]
    fn a_removed_app_is_forgotten_after_thirty_days_and_its_token_at_once() {
        let removed = install().removed(at(100));
        assert!(!removed.is_served() && removed.token.is_absent() && removed.renewal.is_none());
        assert_eq!(removed.wake_at(), Some(at(100) + REMOVED_LIVES));
        assert_eq!(removed.clone().removed(at(200)), removed, "told twice is told once");
        let revoked = install().revoked();
        assert!(!revoked.is_served());
        assert_eq!(revoked.wake_at(), None, "what a revoked token leaves is kept");
    }
}
