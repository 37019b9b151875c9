//! A channel's own repository: channel → source, with the branch and defaults used there.
//!
//! Anyone who can type in a channel may bind it: Slack already decides who that is, and the change
//! is said in the channel for everybody to see.

use super::command::{Options, PlanMode, PrMode};
use super::ids::{ChannelId, TeamId, UserId};
use super::repo::{Branch, RepoRef, SourceName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a channel is bound to, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The workspace that the channel belongs to for us.
    pub team: TeamId,
    /// The channel.
    pub channel: ChannelId,
    /// The source's resource name at Jules.
    pub source: SourceName,
    /// The repository's name for people.
    pub repo: RepoRef,
    /// The branch to start from; `None` is the repository's default, asked anew each time.
    pub branch: Option<Branch>,
    /// Whether plans are asked about; `None` leaves it to the task.
    #[serde(default)]
    pub plan: Option<PlanMode>,
    /// Whether pull requests are opened without asking; `None` leaves it to the task.
    #[serde(default)]
    pub pr: Option<PrMode>,
    /// Whether threads hear only what waits for somebody, and how it ended; `None` leaves it to the
    /// task.
    #[serde(default)]
    pub quiet: Option<bool>,
    /// Who bound it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Binding {
    /// What was not typed about plan and pull request is as the channel has it.
    pub fn complete(&self, options: &mut Options) {
        options.plan = options.plan.or(self.plan);
        options.pr = options.pr.or(self.pr);
    }
}
