//! A workspace that the app is installed in: who we are there, and who belongs to it.

use super::Who;
use crate::ids::{TeamId, UserId};
use serde::{Deserialize, Serialize};

/// What Slack says of a bot token: the installation it belongs to, and the bot in it. [Slack: auth.test]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The workspace; the organisation where the app is installed in all of its workspaces.
    pub team: TeamId,
    /// The organisation that the workspace is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<TeamId>,
    /// The app is installed once, in all of the organisation's workspaces.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub org_wide: bool,
    /// The bot, as a user: what mentions and messages name.
    pub bot: UserId,
    /// The bot, as a bot: what its messages name too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<String>,
    /// The workspace's address, such as `https://acme.slack.com/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the token may do; empty when Slack does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

impl Installation {
    /// Whether this workspace belongs to the installation, and so its documents do.
    #[must_use]
    pub fn serves(&self, team: &TeamId) -> bool {
        *team == self.team || Some(team) == self.enterprise.as_ref()
    }

    /// Whether something that came in belongs to this installation. An organisation-wide request may name any of
    /// the organisation's workspaces, or none.
    #[must_use]
    pub fn covers(&self, who: &Who) -> bool {
        if self.org_wide {
            return who.enterprise.as_ref() == Some(&self.team)
                || who.team.as_ref() == Some(&self.team);
        }
        match &who.team {
            Some(team) => self.serves(team),
            None => who.enterprise.is_some() && who.enterprise == self.enterprise,
        }
    }

    /// Where a person belongs, as far as the delivery says it. Only facts about the person count: the
    /// team and organisation that a delivery names besides are those of the installation.
    #[must_use]
    pub fn home_of(&self, who: &Who) -> Home {
        match &who.user_team {
            None => Home::Unknown,
            Some(team) if self.serves(team) => Home::Ours,
            Some(_) => Home::Elsewhere,
        }
    }

    /// Whether the token has one of these scopes, as far as Slack has said.
    #[must_use]
    pub fn may_use_any(&self, scopes: &[&str]) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| scopes.contains(&scope.as_str()))
    }
}

/// Where a person belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In this installation.
    Ours,
    /// In another workspace: a stranger, or a colleague in our organisation.
    Elsewhere,
    /// Slack does not say.
    Unknown,
}
