//! Whom something is for and who asked for it: the values that travel with everything.

mod account;
mod actor;
mod install;
mod installation;
mod preferences;
mod who;

pub use account::{AccountRef, Holders, OwnKey};
pub use actor::{Actor, Role};
pub use install::{Install, Renewal};
pub use installation::{Home, Installation};
pub use preferences::{
    Defaults, Level, PersonSettings, Preferences, RepoChoice, Settings, Whose, WorkspaceSettings,
};
pub use who::Who;
