//! Who acts, in which workspace, and as what.

use crate::ids::{TeamId, UserId};

/// Someone who acts in a workspace that we serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The workspace.
    pub team: TeamId,
    /// The person.
    pub user: UserId,
    /// As what.
    pub role: Role,
}

/// What someone is in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One of the workspace's own people, or of its organisation.
    Member,
    /// Someone of another organisation, in a channel that is shared with it.
    External,
    /// An app that wrote in a person's name.
    App,
}
