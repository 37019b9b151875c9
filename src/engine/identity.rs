//! Who we are in Slack, learnt once from `auth.test`. Until then nothing can be accepted: a request
//! from a workspace that is not ours could not be told from one that is.

use super::Engine;
use crate::domain::ids::{TeamId, UserId};
use crate::slack::error::CallError;
use crate::slack::inbound::Who;

/// The installation that the bot token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The workspace.
    pub team: TeamId,
    /// Its organisation, if it is part of one.
    pub enterprise: Option<TeamId>,
    /// The bot's own user.
    pub user: UserId,
    /// The workspace's address, such as `https://acme.slack.com/`.
    pub url: Option<String>,
}

impl Identity {
    /// Whether something that came in belongs to this installation. An organisation-wide request
    /// names no workspace.
    #[must_use]
    pub fn covers(&self, who: &Who) -> bool {
        match &who.team {
            Some(team) => *team == self.team || Some(team) == self.enterprise.as_ref(),
            None => who.enterprise.is_some() && who.enterprise == self.enterprise,
        }
    }

    /// Whether a person belongs to another organisation, as people in a shared channel may. Within
    /// one organisation all workspaces are at home.
    #[must_use]
    pub fn is_stranger(&self, who: &Who) -> bool {
        let own = |team: &TeamId| *team == self.team || Some(team) == self.enterprise.as_ref();
        let same = self.enterprise.is_some() && who.enterprise == self.enterprise;
        who.user_team.as_ref().is_some_and(|team| !own(team)) && !same
    }
}

impl Engine {
    /// Asks Slack who we are, once.
    ///
    /// # Errors
    /// What Slack said; asked again at the next call.
    pub async fn learn_identity(&self) -> Result<&Identity, CallError> {
        self.identity
            .get_or_try_init(|| async {
                let known = self.slack.auth_test().await?;
                let team = known
                    .team
                    .or_else(|| known.enterprise.clone())
                    .ok_or_else(CallError::unreadable)?;
                Ok(Identity {
                    team,
                    enterprise: known.enterprise,
                    user: known.bot_user,
                    url: known.url,
                })
            })
            .await
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
}
