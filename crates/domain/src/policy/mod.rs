//! Who may do what. [`may`] is the one question, [`Policy`] what managers have said about it, and a
//! [`Refusal`] is what someone is told who may not.
//!
//! Whether a click or a form is believed at all, and which right it takes, is `inbound/gate.rs`.

mod caps;
mod here;
mod may;
mod pattern;
mod refusal;
mod rules;
mod summary;

pub use caps::{CapReached, Started, Starts};
pub use here::{Here, SetBy};
pub use may::{
    Act, Asker, Denied, Groups, Manages, NotManager, Right, Scope, Standing, may, may_use,
};
pub use pattern::RepoPattern;
pub use refusal::Refusal;
pub use rules::{
    Caps, Guests, KeyUse, Named, Policy, RepoRules, Repos, Rules, SharedChannels, WhoMay,
};

pub use summary::Summary;

#[cfg(test)]
mod tests;
