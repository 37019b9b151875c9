//! What managers have said about who may do what: the content of the access file.

use super::RepoPattern;
use crate::ids::{ChannelId, GroupId, TeamId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All rules there are. Without any, members may do everything but manage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What holds in every workspace.
    pub defaults: Rules,
    /// What holds in one workspace.
    pub workspaces: BTreeMap<TeamId, Rules>,
    /// What holds in one channel.
    pub channels: BTreeMap<ChannelId, Rules>,
    /// What holds for some repositories besides.
    pub repositories: Vec<RepoRules>,
}

/// The rules of one level. What one doesn't say is left to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Who starts tasks.
    pub start: Option<WhoMay>,
    /// Who approves plans and asks for changes of them.
    pub approve: Option<WhoMay>,
    /// Who answers and stops tasks.
    pub steer: Option<WhoMay>,
    /// Who binds channels.
    pub bind: Option<WhoMay>,
    /// Who changes what holds for the whole workspace.
    pub manage: Option<WhoMay>,
    /// How much guests may do.
    pub guests: Option<Guests>,
    /// Whether tasks are started in channels that other organisations are in.
    pub shared: Option<SharedChannels>,
    /// The apps that may start tasks, by their ids or those of their bots.
    pub apps: Option<Vec<String>>,
    /// Whose Jules account a task begins on.
    pub keys: Option<KeyUse>,
    /// Whether direct messages start tasks.
    pub dm: Option<bool>,
    /// Whether the messages of a thread go along with a task.
    pub context: Option<bool>,
    /// Which repositories can be used.
    pub repos: Option<Repos>,
    /// How many tasks may be open at a time.
    pub open_tasks: Option<Caps>,
    /// How many tasks may be started in 24 hours.
    pub tasks_a_day: Option<Caps>,
    /// The workspace's managers, in place of its owners and admins.
    pub admins: Option<Vec<Named>>,
}

/// The rules for the repositories that a pattern fits. They hold besides those of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoRules {
    /// The repositories.
    pub pattern: RepoPattern,
    /// Who starts tasks on them.
    pub start: Option<WhoMay>,
    /// Who approves plans for them.
    pub approve: Option<WhoMay>,
    /// Who answers and stops tasks on them.
    pub steer: Option<WhoMay>,
}

/// Who may do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoMay {
    /// Every full member of the workspace.
    Everyone,
    /// Who asked for the task.
    Requester,
    /// Everyone but who asked for the task: four eyes.
    Other,
    /// Who manages the workspace.
    Admins,
    /// These people, and the people of these groups.
    These(Vec<Named>),
}

/// Someone a rule names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// A person.
    Person(UserId),
    /// A user group of Slack.
    Group(GroupId),
}

/// How much guests may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guests {
    /// Only look.
    None,
    /// Also answer and stop tasks.
    Steer,
    /// Also start them.
    Start,
}

/// Whether tasks are started in channels that other organisations are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedChannels {
    /// By members of this workspace; the others never are heard.
    Members,
    /// By nobody.
    Off,
}

/// Whose Jules account a task begins on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// The person's own if it has the repository, else the workspace's.
    OwnFirst,
    /// The person's own, and no other.
    OwnOnly,
}

/// Which repositories can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repos {
    /// Those that these patterns let through.
    Matching(Vec<RepoPattern>),
    /// Only what the channel is bound to.
    Bound,
}

/// The most there may be; `None` sets no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// Of one person.
    pub person: Option<u32>,
    /// In one channel.
    pub channel: Option<u32>,
}

impl Policy {
    /// Whether everyone can use every repository.
    #[must_use]
    pub fn lists_all(&self) -> bool {
        self.levels().all(|rules| rules.repos.is_none())
            && self.repositories.iter().all(|one| one.start.is_none())
    }

    /// Every group that any rule names.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.named().filter_map(Named::group)
    }

    /// Whether any rule is about guests.
    #[must_use]
    pub fn mentions_guests(&self) -> bool {
        self.levels().any(|rules| rules.guests.is_some())
    }

    fn levels(&self) -> impl Iterator<Item = &Rules> {
        let others = self.workspaces.values().chain(self.channels.values());
        [&self.defaults].into_iter().chain(others)
    }

    /// Everyone whom any rule names.
    pub fn named(&self) -> impl Iterator<Item = &Named> {
        let of_levels = self.levels().flat_map(Rules::lists);
        let of_repos = self.repositories.iter().flat_map(|one| {
            [&one.start, &one.approve, &one.steer].into_iter().flatten().filter_map(WhoMay::list)
        });
        of_levels.chain(of_repos).flatten()
    }
}

impl Rules {
    fn lists(&self) -> impl Iterator<Item = &[Named]> {
        let rules = [&self.start, &self.approve, &self.steer, &self.bind, &self.manage];
        rules.into_iter().flatten().filter_map(WhoMay::list).chain(self.admins.as_deref())
    }
}

impl WhoMay {
    fn list(&self) -> Option<&[Named]> {
        match self {
            Self::These(list) => Some(list),
            Self::Everyone | Self::Requester | Self::Other | Self::Admins => None,
        }
    }
}

impl Named {
    fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Group(group) => Some(group),
            Self::Person(_) => None,
        }
    }
}

impl Repos {
    /// Whether a repository can be used where the channel is bound to `bound`.
    #[must_use]
    pub fn lets(&self, repo: &crate::repo::RepoRef, bound: Option<&crate::repo::RepoRef>) -> bool {
        match self {
            Self::Bound => bound.is_some_and(|bound| bound.same(repo)),
            Self::Matching(patterns) => {
                let fits = |excludes| {
                    patterns.iter().any(|one| one.excludes() == excludes && one.fits(repo))
                };
                let only_excludes = patterns.iter().all(RepoPattern::excludes);
                (only_excludes || fits(false)) && !fits(true)
            }
        }
    }
}
