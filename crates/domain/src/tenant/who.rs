//! What a delivery says of its sender, before anyone has judged it.

use crate::ids::{TeamId, UserId};

/// The person and the installation that something came from, as the delivery names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The workspace of the installation; `None` where Slack does not say, as it does not for many
    /// organisation-wide ones. A form of an organisation-wide install has the `E…` id here.
    pub team: Option<TeamId>,
    /// The organisation (`E…`) that the workspace belongs to, if any.
    pub enterprise: Option<TeamId>,
    /// Installed once for the whole organisation rather than in one workspace.
    pub org_wide: bool,
    /// The person; `None` for events that nobody caused.
    pub user: Option<UserId>,
    /// The person's own workspace. In a channel shared with another organisation it is not the
    /// installation's: compare before letting them change anything.
    pub user_team: Option<TeamId>,
    /// It happened in a channel that other organisations are in too, as far as Slack says.
    pub shared: bool,
    /// The app that did it, itself or in the person's name: its id and its bot's. Empty for a person.
    pub by_app: Vec<String>,
}

impl Who {
    /// The workspace of the installation, or the organisation where Slack names no workspace.
    #[must_use]
    pub fn team_or_organisation(&self) -> Option<&TeamId> {
        self.team.as_ref().or(self.enterprise.as_ref())
    }

    /// The id that the installation is stored under: the organisation's when it is organisation-wide
    /// (its one token serves every workspace), the workspace's otherwise.
    #[must_use]
    pub fn installation(&self) -> Option<&TeamId> {
        if self.org_wide { self.enterprise.as_ref() } else { self.team.as_ref() }
    }
}
