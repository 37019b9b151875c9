//! Defaults: what counts for a person, and who said so.

use super::{code, name};
use crate::rich_text::{Line, Rich, say};
use domain::command::{Ping, PlanMode, PrMode};
use domain::policy::NotManager;
use domain::tenant::{Level, Settings, Whose};

/// Who said it.
fn origin(level: Level) -> &'static str {
    match level {
        Level::Channel => "this channel",
        Level::Mine => "yours",
        Level::Workspace => "workspace default",
        Level::BuiltIn => "built in",
    }
}

/// As it is typed.
pub(crate) fn plan_word(plan: PlanMode) -> &'static str {
    match plan {
        PlanMode::Ask => "ask",
        PlanMode::Auto => "auto",
    }
}

/// As it is typed.
pub(crate) fn pr_word(pr: PrMode) -> &'static str {
    match pr {
        PrMode::Auto => "auto",
        PrMode::None => "none",
    }
}

/// As it is typed.
pub(crate) fn ping_word(ping: Ping) -> &'static str {
    match ping {
        Ping::Thread => "thread",
        Ping::Dm => "dm",
        Ping::Off => "off",
    }
}

/// A value and who said it, where nothing can be marked up.
pub(crate) fn in_effect(value: &str, level: Level) -> String {
    format!("{value} ({})", origin(level))
}

/// The repository and who said it, where nothing can be marked up.
pub(crate) fn repo_in_effect(settings: &Settings) -> String {
    match &settings.repo {
        Some((repo, Level::BuiltIn)) => format!("{repo} (the only one connected)"),
        Some((repo, level)) => in_effect(&repo.to_string(), *level),
        None => "I ask each time".to_owned(),
    }
}

pub(super) fn settings(saved: Option<Whose>, settings: &Settings) -> Rich {
    let head = match saved {
        Some(Whose::Mine) => {
            say!("Saved. Your tasks now use these, unless the channel has its own settings.")
        }
        Some(Whose::Workspace) => {
            say!(
                "Saved. Tasks now use these, unless the person or the channel has their own settings."
            )
        }
        None => say!("Your tasks use:"),
    };
    let repo = match &settings.repo {
        Some((repo, Level::BuiltIn)) => say!("{} (the only one connected)", name(repo)),
        Some((repo, level)) => say!("{} ({})", name(repo), origin(*level)),
        None => say!("I ask each time"),
    };
    let mode = |word: &str, level| say!("{} ({})", code(word), origin(level));
    let (plan, pr, ping) = (settings.plan, settings.pr, settings.ping);
    Rich::from(head)
        .item(None, say!("Repository: {}", repo))
        .item(None, say!("Plan: {}", mode(plan_word(plan.0), plan.1)))
        .item(None, say!("Pull request: {}", mode(pr_word(pr.0), pr.1)))
        .item(None, say!("Notify me: {}", mode(ping_word(ping.0), ping.1)))
}

pub(super) fn not_manager(why: NotManager) -> Line {
    match why {
        NotManager::Member => say!(
            "Only owners and admins of this workspace can change its defaults. Ask one of them."
        ),
        NotManager::NoScope => say!(
            "I can't tell who manages this workspace without the scope `users:read`, so nobody can change \
             its defaults. Ask the person who runs this app to add it."
        ),
        NotManager::Unknown => say!(
            "I couldn't check whether you're an owner or admin, so nothing changed. Try again in a minute."
        ),
    }
}
