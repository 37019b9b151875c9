//! Who we are in a workspace, and who belongs to it.

use super::Who;
use crate::ids::{TeamId, UserId};

/// Whom a token belongs to: the installation, and the bot in it. [Slack: auth.test]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The workspace; the organisation where the app is installed in all of its workspaces.
    pub team: TeamId,
    /// The organisation, if the workspace is in one.
    pub enterprise: Option<TeamId>,
    /// The bot, as a user: what mentions and messages name.
    pub user: UserId,
    /// The bot, as a bot: what its messages name too.
    pub bot_id: Option<String>,
    /// The workspace's address, such as `https://acme.slack.com/`.
    pub url: Option<String>,
    /// What the token may do; empty when Slack does not say.
    pub scopes: Vec<String>,
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

    /// Where a person belongs, as far as the delivery says it. Only facts about the person count: the
    /// team and organisation that a delivery names besides are those of the installation.
    #[must_use]
    pub fn home_of(&self, who: &Who) -> Home {
        match &who.user_team {
            None => Home::Unknown,
            Some(team) if *team == self.team || Some(team) == self.enterprise.as_ref() => {
                Home::Ours
            }
            Some(_) => Home::Elsewhere,
        }
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
