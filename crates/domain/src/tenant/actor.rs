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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// One of the workspace's own people, or of its organisation; a guest among them.
    Member,
    /// Someone of another organisation, in a channel that is shared with it.
    External,
    /// An app, or one that wrote in a person's name: by its ids, its own and its bot's.
    App(Vec<String>),
}
