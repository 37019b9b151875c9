//! Who we are in Slack, learnt once from `auth.test`, and who is one of us. Until the first is known
//! nothing can be accepted: a request from a workspace that is not ours could not be told from one that
//! is.

use super::Engine;
use domain::message::Notice;
use domain::tenant::{Actor, Home, Identity, Role, Who};
use jiff::{SignedDuration, Timestamp};
use slack::error::CallError;
use std::time::Duration;

/// Why nobody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAdmitted {
    /// We do not know yet who we are, so neither whether it is ours.
    NotReady,
    /// It belongs to another workspace.
    NotOurs,
}

impl NotAdmitted {
    /// What the person is told.
    pub(super) fn notice(self) -> Notice {
        match self {
            Self::NotReady => Notice::NotReady,
            Self::NotOurs => Notice::NotOurs,
        }
    }
}

/// What Slack said about a person from another workspace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colleague {
    /// Their organisation is ours.
    is_one: bool,
    asked: Timestamp,
}

/// So long it is believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);

/// Slack waits three seconds for an answer, so this question must take less.
const PATIENCE: Duration = Duration::from_millis(1500);

impl Engine {
    /// Asks Slack who we are, once.
    ///
    /// # Errors
    /// What Slack said; asked again at the next call.
    pub async fn learn_identity(&self) -> Result<&Identity, CallError> {
        self.identity.get_or_try_init(|| self.slack.auth_test()).await
    }

    /// Why Slack refuses the token, if it does.
    #[must_use]
    pub fn slack_refusal(&self) -> Option<String> {
        self.slack.refusal()
    }

    /// Asks Slack whether it accepts the token again, if it refused it last. While `/readyz` says no,
    /// there may be nothing else that calls Slack and would notice.
    pub async fn try_refused_token(&self) {
        if self.slack_refusal().is_some() {
            // The client tells the credential what came of it.
            drop(self.slack.auth_test().await);
        }
    }

    /// Who we are, if Slack has told.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.get()
    }

    /// Who acts, if what came in is ours.
    pub(super) async fn actor(&self, who: &Who) -> Result<Actor, NotAdmitted> {
        let identity = self.authorize_workspace(who)?;
        let Some(user) = who.user.clone() else { return Err(NotAdmitted::NotOurs) };
        let is_app = who.by_app || user == identity.user;
        let role = if is_app {
            Role::App
        } else if self.is_stranger(identity, who).await {
            Role::External
        } else {
            Role::Member
        };
        Ok(Actor { team: identity.team.clone(), user, role })
    }

    /// Who we are, if what came in is ours, whoever it comes from.
    pub(super) fn authorize_workspace(&self, who: &Who) -> Result<&Identity, NotAdmitted> {
        let Some(identity) = self.identity() else { return Err(NotAdmitted::NotReady) };
        if identity.covers(who) {
            return Ok(identity);
        }
        let team = who.team.as_ref().or(who.enterprise.as_ref()).map(ToString::to_string);
        self.strangers.call_once(|| {
            tracing::warn!(
                team.id = team,
                "a workspace that this installation does not serve was refused; further ones are \
                 refused without a word"
            );
        });
        Err(NotAdmitted::NotOurs)
    }

    /// Whether a person belongs to another organisation. Where other organisations are in the
    /// channel, someone whose team Slack does not name counts as one of theirs.
    async fn is_stranger(&self, identity: &Identity, who: &Who) -> bool {
        match identity.home_of(who) {
            Home::Ours => false,
            Home::Unknown => who.shared,
            Home::Elsewhere => !self.is_colleague(identity, who).await,
        }
    }

    /// Whether a person of another workspace belongs to our organisation. What Slack does not say is
    /// a no.
    async fn is_colleague(&self, identity: &Identity, who: &Who) -> bool {
        let (Some(ours), Some(user)) = (&identity.enterprise, &who.user) else { return false };
        let now = self.now();
        let known = self.colleagues.get(user);
        if let Some(known) = known.filter(|known| now.duration_since(known.asked) < BELIEVED) {
            return known.is_one;
        }
        match tokio::time::timeout(PATIENCE, self.slack.user_info(user)).await {
            Ok(Ok(info)) => {
                let is_one = info.enterprise.as_ref() == Some(ours) && !info.is_stranger;
                self.colleagues.insert(user.clone(), Colleague { is_one, asked: now });
                is_one
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    %error,
                    "someone from another workspace was taken for a stranger: colleagues in the same \
                     organisation are told apart with the scope users:read"
                );
                false
            }
            Err(_) => false,
        }
    }
}
