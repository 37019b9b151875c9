//! A channel's own repository: channel → source, with the branch and defaults used there.
//!
//! Anyone who can type in a channel may bind it: Slack already decides who that is, and the change
//! is said in the channel for everybody to see.

use super::change::{Applied, Change, ChangeLog};
use super::command::{ContextMode, Options, Ping, PlanMode, PrMode};
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
    /// The branch to start from; `None` is the repository's default, asked again each time.
    pub branch: Option<Branch>,
    /// Whether plans are asked about; `None` leaves it to the task.
    #[serde(default)]
    pub plan: Option<PlanMode>,
    /// Whether pull requests are opened without asking; `None` leaves it to the task.
    #[serde(default)]
    pub pr: Option<PrMode>,
    /// Whether threads hear only what waits for someone, and how it ended; `None` leaves it to the
    /// task.
    #[serde(default)]
    pub quiet: Option<bool>,
    /// How requesters are notified; `None` leaves it to the task.
    #[serde(default)]
    pub ping: Option<Ping>,
    /// Whether threads go along with the tasks that are asked for in them; `None` leaves it to the task.
    #[serde(default)]
    pub context: Option<ContextMode>,
    /// Who bound it.
    pub by: UserId,
    /// When they asked for it.
    pub at: Timestamp,
}

/// A channel's binding, if it has one, and the requests that made it so. Stored as one document, which
/// outlives an `unbind` by a day: the same request delivered again must not bind the channel again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelBinding {
    /// The binding; `None` after it was undone.
    pub binding: Option<Binding>,
    /// The requests that were applied in the last day.
    pub changes: ChangeLog,
}

impl ChannelBinding {
    /// Binds the channel, or with `None` unbinds it, as `change` asks: once, and not in place of what was
    /// asked for later.
    pub fn apply(&mut self, binding: Option<Binding>, change: Change, now: Timestamp) -> Applied {
        let applied = self.changes.apply(change, now);
        if applied == Applied::Now {
            self.binding = binding;
        }
        applied
    }

    /// When the document is forgotten; a binding never is.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.binding.is_none().then(|| self.changes.expires_at())
    }
}

impl Binding {
    /// What was not typed about plan and pull request is as the channel has it.
    pub fn complete(&self, options: &mut Options) {
        options.plan = options.plan.or(self.plan);
        options.pr = options.pr.or(self.pr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::IsLatest;
    use crate::ids::DeliveryId;
    use jiff::SignedDuration;

    /// As long as a request is remembered.
    const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(25);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).expect("a time")
    }

    fn change(name: &str, asked: i64) -> Change {
        Change { delivery: DeliveryId::of(&[name]), asked: at(asked) }
    }

    fn binding(repo: &str) -> Option<Binding> {
        Some(Binding {
            team: TeamId::parse("T0001").expect("an id"),
            channel: ChannelId::parse("C0DEV").expect("an id"),
            source: SourceName(format!("sources/github/acme/{repo}")),
            repo: RepoRef { owner: "acme".to_owned(), repo: repo.to_owned() },
            branch: None,
            plan: None,
            pr: None,
            quiet: None,
            ping: None,
            context: None,
            by: UserId::parse("U0ANN").expect("an id"),
            at: at(0),
        })
    }

    #[test]
    fn a_request_is_applied_once() {
        let mut channel = ChannelBinding::default();
        assert_eq!(channel.apply(binding("a"), change("a", 1), at(1)), Applied::Now);
        assert_eq!(channel.changes.applied(&change("a", 1).delivery), Some(IsLatest(true)));
        assert_eq!(channel.apply(binding("b"), change("b", 2), at(2)), Applied::Now);
        assert_eq!(channel.apply(binding("a"), change("a", 3), at(3)), Applied::Before);
        assert_eq!(channel.changes.applied(&change("a", 1).delivery), Some(IsLatest(false)));
        assert_eq!(channel.binding, binding("b"));
        assert_eq!(channel.apply(None, change("u", 4), at(4)), Applied::Now);
        assert_eq!(channel.apply(binding("b"), change("b", 5), at(5)), Applied::Before);
        assert_eq!(channel.binding, None);
        assert_eq!(channel.expires_at(), Some(at(4) + REMEMBERED_FOR));
    }

    #[test]
    fn what_was_asked_for_last_stands_whatever_took_longer() {
        let mut channel = ChannelBinding::default();
        assert_eq!(channel.apply(binding("b"), change("b", 2), at(3)), Applied::Now);
        assert_eq!(channel.apply(binding("a"), change("a", 1), at(9)), Applied::TooLate);
        assert_eq!(channel.apply(binding("c"), change("c", 4), at(9)), Applied::Now);
        assert_eq!(channel.binding, binding("c"));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_out() {
        let mut channel = ChannelBinding::default();
        channel.apply(binding("a"), change("a", 3600), at(3600));
        assert_eq!(channel.apply(binding("b"), change("b", 10), at(10)), Applied::Now);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut channel = ChannelBinding::default();
        for nth in 0..500 {
            channel.apply(binding("a"), change(&nth.to_string(), nth), at(nth));
        }
        assert_eq!(channel.changes.len(), 200);
        let day = 25 * 3600 + 600;
        channel.apply(binding("a"), change("late", day), at(day));
        assert_eq!(channel.changes.len(), 1);
    }
}
