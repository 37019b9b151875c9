//! Which rules hold in a place, and who set them: the channel's, else the workspace's, else those for every
//! workspace, else what is built in.

use super::{Caps, Guests, KeyUse, Named, Policy, Repos, Rules, SharedChannels, WhoMay};
use super::{RepoRules, Right};
use crate::ids::{ChannelId, TeamId};
use crate::repo::RepoRef;
use serde::{Deserialize, Serialize};

/// Who set a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// The part of the access file for this repository.
    Repository,
    /// The part for this channel.
    Channel,
    /// The part for this workspace.
    Workspace,
    /// The part for every workspace.
    Defaults,
    /// Nobody.
    BuiltIn,
}

/// The rules that hold in one place.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    levels: [(Option<&'a Rules>, Level); 3],
    repositories: &'a [RepoRules],
}

#[derive(Debug, Clone, Copy)]
enum Level {
    Channel,
    Workspace,
    Defaults,
}

impl Level {
    fn set_by(self) -> SetBy {
        match self {
            Self::Channel => SetBy::Channel,
            Self::Workspace => SetBy::Workspace,
            Self::Defaults => SetBy::Defaults,
        }
    }
}

static EVERYONE: WhoMay = WhoMay::Everyone;
static ADMINS: WhoMay = WhoMay::Admins;

impl Policy {
    /// The rules that hold in a channel of a workspace, or in the workspace where no channel is meant.
    #[must_use]
    pub fn here(&self, team: &TeamId, channel: Option<&ChannelId>) -> Here<'_> {
        Here {
            levels: [
                (channel.and_then(|channel| self.channels.get(channel)), Level::Channel),
                (self.workspaces.get(team), Level::Workspace),
                (Some(&self.defaults), Level::Defaults),
            ],
            repositories: &self.repositories,
        }
    }
}

impl<'a> Here<'a> {
    fn first<T>(&self, of: impl Fn(&'a Rules) -> Option<T>) -> Option<(T, SetBy)> {
        let said =
            |(rules, level): &(Option<&'a Rules>, Level)| Some((of((*rules)?)?, level.set_by()));
        self.levels.iter().find_map(said)
    }

    /// Who has a right in this place; `None` for looking, which no rule is about.
    #[must_use]
    pub fn who(&self, right: Right) -> Option<(&'a WhoMay, SetBy)> {
        let (of, built_in): (fn(&Rules) -> Option<&WhoMay>, _) = match right {
            Right::See => return None,
            Right::Start => (|rules| rules.start.as_ref(), &EVERYONE),
            Right::Approve => (|rules| rules.approve.as_ref(), &EVERYONE),
            Right::Steer => (|rules| rules.steer.as_ref(), &EVERYONE),
            Right::Bind => (|rules| rules.bind.as_ref(), &EVERYONE),
            Right::Manage => (|rules| rules.manage.as_ref(), &ADMINS),
        };
        Some(self.first(of).unwrap_or((built_in, SetBy::BuiltIn)))
    }

    /// Who else is asked for where a right concerns a repository: every rule that fits it.
    pub fn who_on(&self, right: Right, repo: &RepoRef) -> impl Iterator<Item = &'a WhoMay> {
        let fitting = self.repositories.iter().filter(|one| one.pattern.fits(repo));
        fitting.filter_map(move |one| match right {
            Right::Start => one.start.as_ref(),
            Right::Approve => one.approve.as_ref(),
            Right::Steer => one.steer.as_ref(),
            Right::See | Right::Bind | Right::Manage => None,
        })
    }

    /// The rules for repositories.
    #[must_use]
    pub fn repositories(&self) -> &'a [RepoRules] {
        self.repositories
    }

    /// How much guests may do, and who set it.
    #[must_use]
    pub fn guests(&self) -> (Guests, SetBy) {
        self.first(|rules| rules.guests).unwrap_or((Guests::None, SetBy::BuiltIn))
    }

    /// Whether tasks are started in channels that other organisations are in.
    #[must_use]
    pub fn shared(&self) -> (SharedChannels, SetBy) {
        self.first(|rules| rules.shared).unwrap_or((SharedChannels::Members, SetBy::BuiltIn))
    }

    /// The apps that may start tasks.
    #[must_use]
    pub fn apps(&self) -> (&'a [String], SetBy) {
        self.first(|rules| rules.apps.as_deref()).unwrap_or((&[], SetBy::BuiltIn))
    }

    /// Whose Jules account a task begins on.
    #[must_use]
    pub fn keys(&self) -> (KeyUse, SetBy) {
        self.first(|rules| rules.keys).unwrap_or((KeyUse::OwnFirst, SetBy::BuiltIn))
    }

    /// Whether direct messages start tasks.
    #[must_use]
    pub fn dm(&self) -> (bool, SetBy) {
        self.first(|rules| rules.dm).unwrap_or((true, SetBy::BuiltIn))
    }

    /// Whether the messages of a thread go along with a task.
    #[must_use]
    pub fn context(&self) -> (bool, SetBy) {
        self.first(|rules| rules.context).unwrap_or((true, SetBy::BuiltIn))
    }

    /// Which repositories can be used; all of them where nobody has said.
    #[must_use]
    pub fn repos(&self) -> Option<(&'a Repos, SetBy)> {
        self.first(|rules| rules.repos.as_ref())
    }

    /// How many tasks may be open.
    #[must_use]
    pub fn open_tasks(&self) -> (Caps, SetBy) {
        self.first(|rules| rules.open_tasks).unwrap_or((Caps::default(), SetBy::BuiltIn))
    }

    /// How many tasks may be started in 24 hours.
    #[must_use]
    pub fn tasks_a_day(&self) -> (Caps, SetBy) {
        self.first(|rules| rules.tasks_a_day).unwrap_or((Caps::default(), SetBy::BuiltIn))
    }

    /// Who manages the workspace, in place of its owners and admins.
    #[must_use]
    pub fn admins(&self) -> Option<(&'a [Named], SetBy)> {
        // A channel has no managers of its own.
        let [_, workspace, defaults] = self.levels;
        let of = |(rules, level): (Option<&'a Rules>, Level)| {
            Some((rules?.admins.as_deref()?, level.set_by()))
        };
        of(workspace).or_else(|| of(defaults))
    }
}
