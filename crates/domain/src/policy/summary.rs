//! What holds in a place, with who set it, for people to read.

use super::{Guests, KeyUse, RepoPattern};
use super::{Here, Manages, Named, Repos, Right, SetBy, SharedChannels, WhoMay};
use serde::{Deserialize, Serialize};

/// All rules of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Who has each right that a rule can be about.
    pub rights: Vec<(Right, WhoMay, SetBy)>,
    /// How much guests may do.
    pub guests: (Guests, SetBy),
    /// Whether tasks are started in shared channels.
    pub shared: (SharedChannels, SetBy),
    /// Whether direct messages start tasks.
    pub dm: (bool, SetBy),
    /// Whether threads go along.
    pub context: (bool, SetBy),
    /// Whose Jules account a task begins on.
    pub keys: (KeyUse, SetBy),
    /// Which repositories can be used, if not all.
    pub repos: Option<(Repos, SetBy)>,
    /// How many tasks may be open: of a person, in a channel.
    pub open_tasks: (Option<u32>, Option<u32>, SetBy),
    /// How many may be started in 24 hours: by a person, in a channel.
    pub tasks_a_day: (Option<u32>, Option<u32>, SetBy),
    /// Who manages the workspace, if others than its owners and admins.
    pub admins: Option<(Vec<Named>, SetBy)>,
    /// What holds for some repositories besides.
    pub repositories: Vec<(RepoPattern, Right, WhoMay)>,
    /// What managers have said since can't be read.
    pub is_outdated: bool,
}

impl Here<'_> {
    /// What holds here, as far as someone may know it: what is kept from people isn't named to those who don't
    /// manage the workspace.
    #[must_use]
    pub fn summary(&self, manages: Manages) -> Summary {
        let rights = [Right::Start, Right::Approve, Right::Steer, Right::Bind, Right::Manage];
        let of = |right| self.who(right).map(|(who, set_by)| (right, who.clone(), set_by));
        let (open, open_by) = self.open_tasks();
        let (day, day_by) = self.tasks_a_day();
        let repos = self.repos().map(|(repos, set_by)| match repos {
            Repos::Matching(patterns) if manages != Manages::Yes => {
                let shown = patterns.iter().filter(|one| !one.excludes()).cloned().collect();
                (Repos::Matching(shown), set_by)
            }
            Repos::Matching(_) | Repos::Bound => (repos.clone(), set_by),
        });
        let of_repo = self.repositories().iter().flat_map(|one| {
            let each = [
                (Right::Start, &one.start),
                (Right::Approve, &one.approve),
                (Right::Steer, &one.steer),
            ];
            let said = |(right, who): (Right, &Option<WhoMay>)| {
                Some((one.pattern.clone(), right, who.clone()?))
            };
            each.into_iter().filter_map(said)
        });
        Summary {
            rights: rights.into_iter().filter_map(of).collect(),
            guests: self.guests(),
            shared: self.shared(),
            dm: self.dm(),
            context: self.context(),
            keys: self.keys(),
            repos,
            open_tasks: (open.person, open.channel, open_by),
            tasks_a_day: (day.person, day.channel, day_by),
            admins: self.admins().map(|(named, set_by)| (named.to_vec(), set_by)),
            repositories: of_repo.filter(|_| manages == Manages::Yes).collect(),
            is_outdated: false,
        }
    }
}
